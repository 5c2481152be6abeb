"""What built-in functions say of numbers that are too large, of text that is no Unicode, and of what is no number."""
import array
import collections
import itertools
import operator
import struct
import sys


def show(action):
    try:
        print(ascii(action()))
    except Exception as error:
        print(type(error).__name__, ascii(str(error)))


huge = 2**70

# An index that is too large for one, and a number that C has no room for.
for action in (
    lambda: [1][huge], lambda: "a"[huge], lambda: (1,)[-huge], lambda: b"a"[huge], lambda: range(5)[huge], lambda: collections.deque("a")[huge],
    lambda: memoryview(b"a")[huge], lambda: [1] * huge, lambda: huge * "a", lambda: collections.deque("a") * huge, lambda: bytes(huge),
    lambda: bytearray(huge), lambda: [].insert(huge, 1), lambda: [1].pop(huge), lambda: bytearray(b"a").pop(huge), lambda: bytearray().insert(huge, 1),
    lambda: bytearray().resize(huge), lambda: array.array("b").insert(huge, 1), lambda: array.array("b", b"a").pop(huge), lambda: "a".center(huge),
    lambda: b"a".center(huge), lambda: "a".split("b", huge), lambda: b"a".split(b"b", huge), lambda: b"a".replace(b"", b"", huge), lambda: b"a".hex("-", huge),
    lambda: (1).to_bytes(huge), lambda: collections.deque(maxlen=huge), lambda: collections.deque().rotate(huge), lambda: collections.deque().insert(huge, 1),
    lambda: itertools.repeat(1, huge), lambda: itertools.combinations("a", huge), lambda: itertools.permutations("a", huge), lambda: itertools.tee("a", huge),
    lambda: itertools.product("a", repeat=huge), lambda: itertools.batched("a", huge), lambda: operator.length_hint(1, huge), lambda: len(range(huge)),
    lambda: "%*d" % (huge, 1), lambda: "%.*f" % (huge, 1), lambda: sys.setrecursionlimit(huge), lambda: object().__reduce_ex__(huge),
    lambda: compile("1", "", "exec", optimize=huge), lambda: "a".expandtabs(huge), lambda: struct.unpack_from("b", b"a", huge), lambda: b"a".find(b"a", huge),
):
    show(action)

# islice: what is said depends on which argument it is.
for bounds in ((-1,), (-2,), (huge,), ("a",), (None,), (0, -1), (0, -2), (-1, 1), (huge, 1), ("a", 1), (0, huge), (1, "a"), (0, 1, 0), (0, 1, -1), (0, 1, huge), (0, 1, "a"), (0, -2, 0)):
    show(lambda: list(itertools.islice("abc", *bounds)))

# Format specs with lone surrogates.
for value in (1, 1.5, 1j, "a", True):
    for spec in ("\ud800", "d\ud800", "\ud800d", "\ud800>5q", "\ud800>3", "5\ud800"):
        show(lambda: format(value, spec))


class Odd:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value

    def __iter__(self):
        return iter(self.value)


# Bytes that are put in, and looked for.
values = (1, None, int, "a", [1], [300], ["a"], 1.5, Odd(int), Odd([1]), Odd(3), object(), b"ab", range(3), [], iter([]), memoryview(b"abcd")[::2])
for value in values:
    def at_slice():
        data = bytearray(b"xyz")
        data[0:1] = value
        return data

    def at_steps():
        data = bytearray(b"xyz")
        data[0:3:2] = value
        return data

    print(type(value).__name__)
    show(at_slice)
    show(at_steps)
    show(lambda: bytearray(b"x").extend(value))
    show(lambda: value in b"x")
    show(lambda: value in bytearray(b"x"))
    show(lambda: b"x".find(value))
    show(lambda: b"x".count(value))
    show(lambda: b"%c" % (value,))
    show(lambda: "%c" % (value,))
    show(lambda: complex(1, value))
    show(lambda: complex(Odd(None), value))

# Numbers that no float of this size holds.
for code in "efd":
    for value in (2**10, 2**17, 2**200, 2**2000, 1e300, "a", None):
        show(lambda: struct.pack("<" + code, value).hex() if code == "e" else len(struct.pack("<" + code, value)))

show(lambda: int(1, 2, 3))
show(lambda: int(1, 2, 3, base=4))
show(lambda: int(1, base=2, other=3))

# Types of modules are named with them.
for kind in (itertools.islice, collections.OrderedDict, collections.deque, int, struct.Struct):
    show(lambda: kind.nothing)
    show(lambda: setattr(kind, "nothing", 1))
    show(lambda: delattr(kind, "nothing"))
    show(lambda: kind.__init__())
show(lambda: collections.OrderedDict.update({}))
show(lambda: collections.deque.append(1))
show(lambda: collections.deque.__len__([]))
