"""marshal: values and code as bytes and back, and bytes that hold neither."""
import io
import marshal
import random
import sys

assert marshal.version == 5
values = [None, True, ..., 0, -1, 2**31, -(2**31) - 1, 2**200, -(2**75), 1.5, float("inf"), 2 - 1j, "", "abc", "é\ud800", "x" * 300, b"", b"y" * 300, (), (1,), tuple(range(300)),
          [], [1, [2]], {}, {1: {2: 3}}, set(), {1, 2}, frozenset("ab"), StopIteration]
for version in range(6):
    for value in values:
        back = marshal.loads(marshal.dumps(value, version))
        assert back == value and type(back) is type(value), (version, value, back)
print(marshal.dumps([1, "a", (2.5, None)], 2))
assert marshal.loads(marshal.dumps(slice(1, "a"))) == slice(1, "a")
ring = []
ring.append(ring)
assert (back := marshal.loads(marshal.dumps(ring)))[0] is back
assert marshal.dumps({3, 1, 2}) == marshal.dumps({1, 2, 3})


def function(a, *b, c=2**70, **d):
    """Doc."""
    try:
        total = sum(x for x in b if x in {1, 2}) + c
    except* ValueError as error:
        print(error)
    return [a, total, lambda: d, f"{a!r:>3}", b"bytes", "\ud800"]


code = marshal.loads(marshal.dumps(function.__code__))
assert code == function.__code__ and code.co_filename == __file__
again = type(function)(code, globals(), "again", None, None)
again.__kwdefaults__ = {"c": 5}
print(again(1, 1, 2, 3, x=4)[:2], again.__doc__)
source = "import sys\nclass A[T]:\n x: int = 1\n async def m(self):\n  async with self as y: yield y\ntype L = list\nr = A.m.__name__\n"
space = {}
exec(marshal.loads(marshal.dumps(compile(source, "<text>", "exec"))), space)
print(space["r"], space["L"].__value__)


def attempt(action):
    try:
        return action()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


print(attempt(lambda: marshal.dumps(object())), attempt(lambda: marshal.dumps(function.__code__, allow_code=False)))
for data in (b"", b"?", b"i", b"l\x01\x00\x00\x00", b"l\x01\x00\x00\x00\x00\x00", b"[\x01\x00\x00\x00", b"(\xff\xff\xff\xff", b"r\x00\x00\x00\x00", b"{N", b"0", b"[\x01\x00\x00\x000", b")\x01" * 5000 + b"N"):
    print(data[:12], attempt(lambda: marshal.loads(data)))
deep = None
for _ in range(3000):
    deep = [deep]
print(attempt(lambda: marshal.dumps(deep)))
while deep:
    deep = deep.pop()
stream = io.BytesIO()
marshal.dump("one", stream)
marshal.dump([2], stream)
stream.seek(0)
print(marshal.load(stream), marshal.load(stream), attempt(lambda: marshal.load(stream)))

random.seed(3)
if sys.implementation.name != "cpython":
    # Its own code is not checked there.
    whole = marshal.dumps((function.__code__, values[:-1]))
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(random.randrange(1, 4)):
            data[random.randrange(len(data))] = random.randrange(256)
        attempt(lambda: marshal.loads(data))
        attempt(lambda: marshal.loads(data[: random.randrange(len(data))]))
print("done")
