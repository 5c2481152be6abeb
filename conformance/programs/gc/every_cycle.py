# Every kind of object that can refer to itself, directly or around a corner: one collection frees it all.
import collections
import functools
import gc
import itertools
import operator
import queue
import sys
import threading
import weakref


def context():
    a, b = ValueError("a"), ValueError("b")
    a.__context__, b.__context__ = b, a


def cause():
    a = KeyError("a")
    a.__cause__ = a


def arguments():
    a = OSError(1, "b")
    a.args = (a,)


def attribute():
    a = RuntimeError("a")
    a.me = a


def notes():
    a = RuntimeError("a")
    a.__notes__ = [a]


def field():
    a = StopIteration()
    a.value = a
    b = NameError("b")
    b.name = b
    c = SystemExit()
    c.code = c


def group():
    a = ValueError()
    a.args = (ExceptionGroup("g", [a]),)


def traceback():
    try:
        raise ValueError
    except ValueError as error:
        kept = error


def traceback_alone():
    try:
        raise ValueError
    except ValueError as error:
        kept = error.__traceback__


def frame():
    kept = sys._getframe()


def frame_of_generator():
    def numbers():
        kept = sys._getframe()
        yield kept

    for _ in numbers():
        pass


def generator():
    def numbers():
        yield me

    me = numbers()
    next(me)


def finished_generator():
    def numbers():
        yield 1

    me = numbers()
    list(me)
    box = [me]
    box.append(box)


def suspended_in_itself():
    def numbers():
        me = yield
        yield me

    me = numbers()
    next(me)
    me.send(me)


def function():
    def inner():
        return inner

    inner.me = inner
    inner.__defaults__ = (inner,)
    inner.__kwdefaults__ = {"x": inner}


def cell():
    def inner():
        return inner


def a_class():
    class A:
        pass

    A.me = A


def a_metaclass():
    class M(type):
        pass

    class A(metaclass=M):
        pass

    M.a = A


def instance():
    class A:
        __slots__ = ("x", "__dict__")

    a = A()
    a.x = a
    a.y = a


def containers():
    a = []
    a.append(a)
    b = {}
    b["b"] = b
    c = set()
    d = collections.deque([c])
    d.append(d)
    e = collections.OrderedDict()
    e["e"] = e
    f = collections.defaultdict(list)
    f["f"] = f
    g = collections.ChainMap()
    g.maps.append(g)
    h = collections.Counter()
    h["h"] = h
    i = collections.UserList()
    i.append(i)


def inside_a_tuple():
    a = []
    a.append((a, (a,)))


def static_method():
    a = staticmethod(None)
    a.__init__(a)
    b = classmethod(None)
    b.__init__(b)
    c = staticmethod(None)
    c.me = c


def a_property():
    a = property()
    a.__init__(a, a, a, a)


def bound_method():
    class A:
        def f(self):
            pass

    a = A()
    a.f = a.f


def partial():
    a = []
    a.append(functools.partial(print, a, x=a))
    b = functools.partial(print)
    b.me = b


def cache():
    @functools.lru_cache
    def f(x):
        return f, x

    f([].append)
    f(f)


def cached_property():
    class A:
        @functools.cached_property
        def me(self):
            return self

    A().me


def queues():
    for kind in queue.Queue, queue.LifoQueue, queue.SimpleQueue:
        a = kind()
        a.put(a)
    b = queue.PriorityQueue()
    b.put((1, b))


def iterators():
    a = []
    a += [iter(a), reversed(a), enumerate(a), zip(a, a), map(print, a), filter(None, a), iter(a.pop, 1)]
    a += [itertools.chain(a), itertools.cycle(a), itertools.repeat(a), itertools.islice(a, 1), itertools.count(1)]
    a += [itertools.groupby(a), itertools.starmap(print, a), itertools.accumulate(a), itertools.pairwise(a)]
    a += [itertools.tee(a), itertools.zip_longest(a, a), itertools.compress(a, a), itertools.batched(a, 2)]
    b = {}
    b[1] = [iter(b), b.keys(), b.values(), b.items(), iter(b.items()), reversed(b)]
    c = itertools.cycle([[]])
    next(c).append(c)


def groups():
    a = []
    a.append(a)
    pairs = itertools.groupby([a])
    a.append(next(pairs))
    a.append(pairs)


def tees():
    def numbers():
        yield pair

    pair = itertools.tee(numbers())
    next(pair[0])


def getters():
    a = []
    a += [operator.itemgetter(a), operator.methodcaller("x", a), functools.cmp_to_key(a.append)(a), slice(a), a.append]


def threads():
    a = threading.Thread(target=print)
    a.me = a
    b = threading.local()
    b.me = b


def a_thread_with_itself():
    box = []
    box.append(threading.Thread(target=print, args=(box,), kwargs={"box": box}))


def weak():
    class A:
        pass

    a = A()
    a.me = a
    a.ref = weakref.ref(a, lambda r: a)
    b = A()
    b.b = weakref.WeakValueDictionary(b=b)
    c = weakref.WeakKeyDictionary()
    d = A()
    c[d] = 1
    d.c = c


def views():
    class B(bytearray):
        pass

    b = B(3)
    b.view = memoryview(b)


def modules():
    a = type(sys)("a")
    a.me = a


def namespaces():
    a = type(sys.implementation)()
    a.me = a


def code_of_a_string():
    space = {}
    exec("def f(): return f\nclass A: f = f\nx = A()\nx.x = x", space)


CASES = [value for name, value in list(globals().items()) if callable(value) and value.__module__ == __name__]
for case in CASES:
    # The first time makes what stays: modules, caches.
    case()
    gc.collect()
    before = len(gc.get_objects())
    case()
    gc.collect()
    print(case.__name__, gc.collect(), len(gc.get_objects()) - before)
