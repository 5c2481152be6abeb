"""copy and pickle: protocols, hooks, cycles, shared parts, and what is refused."""
import copy
import copyreg
import functools
import io
import pickle
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, str(error).split(" at 0x")[0])


class Plain:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self):
        return f"Plain({self.x!r})"


class Slotted:
    __slots__ = ("a", "b")


class State(Plain):
    def __getstate__(self):
        return {"saved": self.x}

    def __setstate__(self, state):
        print("  state", state)
        self.x = state["saved"] + 1


class Reduced:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return Reduced, self.args, None, iter([]), iter([])

    def __repr__(self):
        return f"Reduced{self.args}"


class Args(int):
    def __new__(cls, value, label):
        self = super().__new__(cls, value)
        self.label = label
        return self

    def __getnewargs__(self):
        return int(self), self.label


class Copies:
    def __copy__(self):
        return "shallow"

    def __deepcopy__(self, memo):
        return "deep", type(memo).__name__


class ListChild(list):
    pass


Point = namedtuple("Point", "x y")
s = Slotted()
s.a = 1
values = [None, True, 5, 10**30, -1, 1.5, float("inf"), 1 + 2j, "é\n", b"x\xff", bytearray(b"q"), (), (1,), (1, 2, 3, 4), [], [1, [2]], {}, {"a": {1}}, {1, 2}, frozenset([3]), range(3), slice(1, 2), ..., NotImplemented, int, len, Plain(3), Point(1, 2), Counter("aab"), OrderedDict(a=1), deque([1], 3), Args(5, "l"), ListChild([1]), ValueError("v", 1), functools.partial(int, base=2), Reduced(1, 2), "a" * 300, list(range(300)), {i: i for i in range(300)}]
for value in values:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            back = pickle.loads(pickle.dumps(value, protocol))
            same = type(back) is type(value) and (repr(back) == repr(value))
        except Exception as error:
            same = f"{type(error).__name__} {error}"
        if same is not True:
            print(repr(value)[:30], protocol, same)
print(len(values), pickle.HIGHEST_PROTOCOL, pickle.DEFAULT_PROTOCOL)
print(pickle.dumps([1, "a", None], 0), pickle.dumps((1, 2.5), 2), pickle.dumps({"k": True}, 4), pickle.dumps("x", 5))
t = pickle.loads(pickle.dumps(s))
print(t.a, hasattr(t, "b"), pickle.loads(pickle.dumps(State(1))).x, pickle.loads(pickle.dumps(Args(7, "lab"))).label)
loop = []
loop.append(loop)
back = pickle.loads(pickle.dumps(loop))
print(back[0] is back, (lambda c: c[0] is c)(copy.deepcopy(loop)))
d = {}
d["self"] = d
p = Plain(d)
d["p"] = p
q = copy.deepcopy(p)
print(q.x["self"] is q.x, q.x["p"] is q, q is not p)
shared = [1]
a, b = pickle.loads(pickle.dumps([shared, shared]))
print(a is b, (lambda c: c[0] is c[1])(copy.deepcopy([shared, shared])), copy.copy([shared])[0] is shared)
for value in (5, "s", (1, 2), frozenset([1]), None, int, len, range(3), b"x"):
    if copy.copy(value) is not value or copy.deepcopy(value) is not value:
        print("copied", repr(value))
print(copy.copy(Copies()), copy.deepcopy(Copies()), copy.deepcopy(([1],)), copy.deepcopy((1, (2,))), copy.copy(Plain(1)), copy.deepcopy({"k": Plain([1])}), copy.copy(deque([1])), copy.deepcopy(defaultdict(list, a=[1])), copy.copy(ListChild([1, 2])), type(copy.copy(ListChild())).__name__, copy.replace(Point(1, 2), y=9))
show("lambda", lambda: pickle.dumps(lambda: 1))


def local():
    class Local:
        pass

    return pickle.dumps(Local())


show("local", local)
show("module", lambda: pickle.dumps(io))
show("generator", lambda: pickle.dumps(x for x in ()))
show("copy generator", lambda: copy.copy(x for x in ()))
show("deepcopy module", lambda: copy.deepcopy([io]))
show("slots 0", lambda: pickle.dumps(s, 1))
for bad in (b"", b"x", b"\x80\x09.", pickle.dumps([1, 2])[:-1], b"cos\nnothing\n.", b"cnope\nx\n.", b"(", b"I5", b"."):
    show(repr(bad), lambda: pickle.loads(bad))
show("text", lambda: pickle.loads("text"))
show("protocol", lambda: pickle.dumps(1, 99))
show("copy replace", lambda: copy.replace(5))


class P(pickle.Pickler):
    def persistent_id(self, obj):
        return ("kept", obj.x) if isinstance(obj, Plain) else None


class U(pickle.Unpickler):
    def persistent_load(self, pid):
        return pid

    def find_class(self, module, name):
        print("  find", module, name)
        return super().find_class(module, name)


out = io.BytesIO()
P(out).dump([Plain(1), Point(1, 2)])
print(U(io.BytesIO(out.getvalue())).load())
out = io.BytesIO()
w = pickle.Pickler(out)
w.dump(shared)
w.dump(shared)
r = pickle.Unpickler(io.BytesIO(out.getvalue()))
print(r.load() is r.load())


class Dispatch:
    pass


copyreg.pickle(Dispatch, lambda obj: (Dispatch, ()))
print(type(pickle.loads(pickle.dumps(Dispatch()))).__name__)
buffers = []
data = pickle.dumps(pickle.PickleBuffer(b"big"), 5, buffer_callback=buffers.append)
print(bytes(pickle.loads(data, buffers=buffers)), Plain(1).__reduce_ex__(2)[0].__name__, object().__reduce_ex__(4)[1:], Plain(2).__getstate__(), s.__getstate__(), object().__getstate__())
deep = []
for _ in range(100000):
    deep = [deep]
try:
    copy.deepcopy(deep)
    print("fine")
except RecursionError as error:
    print("RecursionError")
while deep:
    deep = deep.pop()
