# Small programs in which one request to the heap fails, or a few, or all from some point on; for many such points.
# Run with -X heap=failing; with the argument threads, those that start threads. Each must end with MemoryError, or well.
import _kit, sys
def sweep(program, stride, failures):
    n = 0
    while True:
        _kit.fail_after(n, failures)
        try:
            program()
        except MemoryError:
            pass
        failed = _kit.fail_after(0, 0)
        if not failed: return
        n += stride

def lists():
    x = [n for n in range(100)]
    x += x
    x.extend(map(str, range(50)))
    x.sort(key=str)
    x[5:20] = [1.5] * 30
    y = x[::2] + list(reversed(x))
    y.insert(3, [])
    return sorted(map(repr, y)), x * 3, tuple(y), [*x, *y], x.copy()

def dicts():
    d = {str(n): [n] for n in range(60)}
    d.update(a=1, b=2)
    d |= {n: -n for n in range(30)}
    e = {**d, 'x': dict(d)}
    for key in list(e): e.setdefault((key,), {})
    e.pop('x')
    del e['a']
    return list(d.items()), sorted(map(str, e)), dict.fromkeys(e), repr(d), d.copy()

def sets():
    s = {n for n in range(70)} | frozenset('abcdefgh')
    t = s & set(range(50, 100))
    t ^= {1, 2, 'x'}
    t.update(s - {3})
    t.add((1, 2))
    return frozenset(t), repr(t), t.copy(), {frozenset(t), frozenset(s)}

def strings():
    s = ''
    for n in range(40): s += chr(n + 60) + f'{n:>5}' + '%s|%r' % (n, 'x' * n)
    parts = s.split('|')
    t = '-'.join(parts).upper().replace('X', '\u20ac')
    b = t.encode() + bytes(range(256))
    a = bytearray(b)
    a.extend(b * 3)
    return t.encode('utf-16').decode('utf-16'), b.hex(), a.decode('latin-1'), '{} {a!r:>20}'.format(s, a=t), s.translate({65: 'bb'}), t.partition('\u20ac'), int('9' * 200) ** 3 // 7, memoryview(a)[3:9].tobytes()

class Base:
    limit = 3
    def __init__(self, x): self.x = x; self.child = None
    def __repr__(self): return f'{type(self).__name__}({self.x})'
    @property
    def double(self): return self.x * 2
    @classmethod
    def make(cls, *args, **kwargs): return cls(*args, **kwargs)

def classes():
    class Derived(Base):
        __slots__ = ('extra', 'more')
        def __init__(self, x, y=None):
            super().__init__(x)
            self.extra = y
            setattr(self, 'dyn' + str(x), y)
        def __eq__(self, other): return self.x == other.x
        def __hash__(self): return hash(self.x)
    class Meta(type):
        def __new__(cls, name, bases, space, **kw): return super().__new__(cls, name, bases, dict(space, kw=kw))
    class Third(Derived, metaclass=Meta, key=1):
        def __getattr__(self, name): return name
    objects = [Third.make(n, y=n) for n in range(20)]
    for o in objects: o.child = o; o.dict = {'a': o}
    return {o: o.double for o in objects}, repr(objects), objects[0].nothing, vars(objects[1]), dir(objects[2]), Third.__mro__, type('T', (Base,), {'a': 1})(1)

def generators():
    def count(n):
        try:
            for i in range(n):
                got = yield i, [i]
        finally:
            log.append(n)
    def chain(*many):
        for one in many: yield from one
    log = []
    g = chain(count(10), count(5), (x * x for x in range(10)))
    next(g)
    g.send(3)
    h = count(4); next(h)
    try: h.throw(ValueError('x'))
    except ValueError: pass
    return list(g), dict(enumerate(zip(g, log))), list(map(lambda a, b: (a, b), 'abc', [1, 2, 3]))

def exceptions():
    caught = []
    class Mine(Exception):
        def __init__(self, *a): super().__init__(*a); self.add_note('note')
    def deep(n):
        if n: return deep(n - 1)
        raise Mine('deep', n)
    for n in range(5):
        try:
            try: deep(n)
            except Mine as e: raise KeyError('k') from e
            finally: caught.append(n)
        except (KeyError, OSError) as e:
            caught.append(e)
            caught.append(repr(e) + str(e.__cause__))
    for bad in ('1/0', 'int("x")', '[][1]', '{}["x"]', 'undefined', 'None.attr', '"a" + 1', 'len(3)', 'f(', 'open("/nosuch")', 'b"\\xff".decode()', 'import nosuch'):
        try: exec(bad, {})
        except Exception as e:
            if isinstance(e, MemoryError): raise
            caught.append(str(e))
    try: raise ExceptionGroup('g', [ValueError(1), TypeError(2)])
    except* ValueError as g: caught.append(g)
    except* TypeError as g: caught.append(g)
    return caught

def modules():
    for name in NAMES: sys.modules.pop(name, None)
    for name in NAMES: __import__(name)
    import collections, functools, itertools, operator, io
    P = collections.namedtuple('P', 'x y z', defaults=[1])
    d = collections.OrderedDict(a=1); c = collections.Counter('hello'); dd = collections.defaultdict(list)
    dd['x'].append(1)
    q = collections.deque(range(100), 50); q.rotate(3)
    f = functools.lru_cache(10)(lambda x: x)
    for n in range(20): f(n)
    out = io.StringIO(); print(P(1, 2), d, c, dd, q, file=out)
    b = io.BytesIO(); b.write(out.getvalue().encode())
    return list(itertools.product('ab', repeat=3)), functools.reduce(operator.add, range(9)), functools.partial(print, 1, x=2), P(1, 2)._replace(x=3), list(itertools.permutations(range(4)))
NAMES = ['collections', 'functools', 'warnings', 'random', 'queue', 'time', 'math']

def threads():
    # Without the library's threading: its Thread.start waits for ever when the new thread has no memory to say that it runs.
    import _thread
    got = []
    def work(n):
        try: got.append([n, str(n), {n: n}])
        except MemoryError: got.append(None)
    started = []
    try:
        for n in range(3): started.append(_thread.start_joinable_thread(lambda: work(n)))
    finally:
        for t in started: t.join()

def cycles():
    import gc, weakref
    class Node:
        def __del__(self): dead.append(self.n)
    dead = []
    for n in range(10):
        node = Node(); node.n = n; node.me = node
        ref = weakref.ref(node, lambda r: dead.append('w'))
        del node
    gc.collect()
    return dead, gc.get_count()

def library():
    # Modules in Python: compiled when they are imported, and then run.
    keep = sys.modules.copy()
    for name in LIBRARY: sys.modules.pop(name, None)
    try:
        for name in LIBRARY: __import__(name)
    finally: sys.modules.update(keep)
    used()
LIBRARY = ['json', 'json.decoder', 'json.scanner', 'heapq', 'copy']

import re, json, dataclasses, io, enum
def used():
    re.purge()
    pattern = re.compile(r'(?P<a>\w+)[-_ ](?:x|y|[0-9]{2,4})+?\b|(?i:q)')
    pattern.findall('foo-12 bar_x baz 1234 ' * 10); pattern.sub(lambda m: m[0] * 2, 'foo-12 zoo_99')
    json.loads(json.dumps({'a': [1, 2.5, None, True, {'n': [[]] * 5}], 'b': 10 ** 40}, indent=2))
    @dataclasses.dataclass(order=True)
    class P:
        x: int
        y: list = dataclasses.field(default_factory=list)
    dataclasses.asdict(P(1, [P(2)])), repr(P(1)), P(1) < P(2)
    list(enum.Enum('E', ['A', 'B']))
    out = io.StringIO()
    for n in range(50): out.write(f'line {n}\n')
    out.seek(0)
    source = out.readlines(), compile('def f(a, *b, c=1):\n  try: return [x for x in a if x]\n  except* E: pass', 'x', 'exec')

programs = [used, lists, dicts, sets, strings, classes, generators, exceptions, modules, cycles]
if 'threads' in sys.argv[1:]: programs = [threads]
else:
    for stride, failures in (97, 1), (211, 4), (401, None):
        sweep(library, stride, failures)
for program in programs:
    for stride, failures in (31, 1), (37, 3), (41, None):
        sweep(program, stride, failures)
print('done')
