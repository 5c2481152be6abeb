"""pickle: every protocol, what travels beside, who hooks in, and pickles that nobody should have made."""
import _pickle
import collections
import copyreg
import io
import pickle


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return vars(self) == vars(other)


class Slots:
    __slots__ = ("a", "b")


Pair = collections.namedtuple("Pair", "left right")
values = [
    None, True, 0, -1, 255, 65536, 2**31, -(2**70), 1.5, 2j, "", "é\ud800", "a" * 300, b"", b"x" * 300, bytearray(b"q"), (), (1,), (1, 2, 3, 4), [], [1, [2]],
    {}, {1: {2: 3}}, {1, 2}, frozenset([3]), range(3), slice(1, None), Point(1, [2]), Pair(1, 2), collections.OrderedDict(a=1), collections.deque([1], 3), int,
    type(None), ..., NotImplemented, len, [].append, list(range(2500)), dict.fromkeys(range(2500)),
]
for protocol in range(6):
    for value in values:
        data = pickle.dumps(value, protocol)
        if not callable(value):
            assert data == pickle._dumps(value, protocol), (protocol, value)
        back = pickle.loads(data)
        assert type(back) is type(value), (protocol, value)
        assert back == value or callable(value), (protocol, value)
    slots = Slots()
    slots.a = slots
    if protocol > 1:
        assert pickle.loads(pickle.dumps(slots, protocol)).a.a.a is not None
    ring = []
    ring.append((ring,))
    assert (again := pickle.loads(pickle.dumps(ring, protocol)))[0][0] is again
print("all protocols")

out = []
data = pickle.dumps([pickle.PickleBuffer(bytearray(b"beside")), b"inside"], 5, buffer_callback=out.append)
print(len(out), pickle.loads(data, buffers=[b"given"]))
buffer = pickle.PickleBuffer(b"abc")
print(bytes(buffer.raw()), memoryview(buffer).readonly)
buffer.release()
for action in (buffer.raw, lambda: pickle.dumps(buffer, 4), lambda: pickle.loads(data), lambda: pickle.loads(data, buffers=[])):
    try:
        action()
    except Exception as error:
        print(type(error).__name__, error)


class Named(pickle.Pickler):
    def persistent_id(self, value):
        return "the list" if value is shared else None

    def reducer_override(self, value):
        return (int, ("7",)) if value is Point else NotImplemented


class Finder(pickle.Unpickler):
    def persistent_load(self, name):
        return [name]

    def find_class(self, module, name):
        if name == "eval":
            raise pickle.UnpicklingError("not that one")
        return super().find_class(module, name)


shared = [1]
stream = io.BytesIO()
Named(stream).dump((shared, Point, Pair(1, 2)))
stream.seek(0)
print(Finder(stream).load())
try:
    Finder(io.BytesIO(pickle.dumps(eval))).load()
except pickle.UnpicklingError as error:
    print(error)
stream = io.BytesIO()
pickler = pickle.Pickler(stream)
pickler.dispatch_table = copyreg.dispatch_table | {Point: lambda p: (Pair, (p.x, p.y))}
pickler.dump(Point(3, 4))
pickler.dump(pickler.memo.copy() and "twice")
stream.seek(0)
unpickler = pickle.Unpickler(stream)
print(unpickler.load(), unpickler.load(), len(unpickler.memo.copy()) > 0)


def attempt(action):
    try:
        return action()
    except Exception as error:
        return f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())


print(attempt(lambda: pickle.dumps({"key": [1, lambda: 0]}))[1:])
for data in (b"", b".", b"0.", b"N", b"(.", b"t.", b"\x80\x09.", b"\xff.", b"K", b"X\xff\xff\xff\xffab.", b"h\x05.", b"jabcd.", b"(K\x01s.", b"cmath\nnothing\n.",
             b"S'a.", b"]K\x01e.", b"\x82\x00.", b"NNR.", b"Q."):
    print(data, attempt(lambda: _pickle.loads(data)))
