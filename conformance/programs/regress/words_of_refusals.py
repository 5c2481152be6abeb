# What the errors of built-in types and of codecs say, and which operations refuse nothing.
import binascii
import collections
import operator


def attempt(*actions):
    for action in actions:
        try:
            print(repr(action()))
        except Exception as error:
            print(type(error).__name__, ascii(str(error)), *getattr(error, "__notes__", ()))


# What is not asked to be in a set is only hashed.
one = {1}
attempt(
    lambda: one.intersection([[]]), lambda: one.issubset([[]]), lambda: one.intersection_update(iter([[]])), lambda: one.union([[]]),
    lambda: one.isdisjoint([[]]), lambda: one.issubset(iter([1, 2])), lambda: one.issubset(iter([2])), lambda: frozenset().issubset([]),
    lambda: {1: []}.items() ^ {1: []}.items(), lambda: {1: [], 2: 3}.items() ^ {1: [], 2: 4}.items(), lambda: {1: []}.items() ^ {2: []}.items(),
    lambda: {1: []}.items() & {(1, 2), None}, lambda: {}.pop([]), lambda: {}.pop([], "nothing"), lambda: {1: 2}.pop([]), lambda: collections.Counter().update([[]]),
)
# Arguments that should be text.
attempt(
    lambda: str(b"a", None), lambda: str(b"a", "utf-8", None), lambda: str(b"a", encoding=None), lambda: str(b"a", 5),
    lambda: format(1, None), lambda: format(1, 2), lambda: b"".decode(None),
)


# A text that says itself how it is shown.
class Shown(str):
    def __repr__(self):
        return "<" + str(self) + ">"


class Silent(str):
    def __repr__(self):
        return 3


attempt(
    lambda: int(Shown("x")), lambda: float(Shown("x")), lambda: int(Shown("9"), 3), lambda: int(Silent("")), lambda: float(Silent("y")),
    lambda: int(Silent("5")), lambda: float(Silent("5")),
)
# Bytes that are not in a row.
steps = memoryview(b"aabbcc")[::2]
attempt(
    lambda: binascii.unhexlify(steps), lambda: binascii.a2b_base64(steps), lambda: binascii.hexlify(steps), lambda: bytes.fromhex(steps),
    lambda: bytearray(b"xabcy").partition(steps), lambda: bytearray(b"xabcy").rpartition(steps), lambda: b"xabcy".partition(steps),
    lambda: b"xabcy".partition(bytearray(b"abc")), lambda: b"abc".startswith(steps), lambda: bytearray(b"abc").endswith((steps,)),
)


# Concatenation asks the left one alone, if that has its own.
class Right:
    def __radd__(self, other):
        return "right"

    def __getitem__(self, index):
        return [5][index]


class Left:
    def __add__(self, other):
        return "left"

    def __getitem__(self, index):
        return [5][index]


attempt(
    lambda: operator.concat((), 1), lambda: operator.concat([], Right()), lambda: [] + Right(), lambda: operator.concat("", None),
    lambda: operator.concat(Left(), Right()), lambda: operator.concat(Left(), {}), lambda: operator.concat(Right(), []), lambda: operator.concat(1, 2),
    lambda: operator.concat({}, []), lambda: operator.iconcat([], Right()), lambda: operator.iconcat((), 1), lambda: operator.iconcat(Left(), "a"),
)


# A class that sets attributes itself.
class Sets:
    __slots__ = ("a",)

    def __setattr__(self, name, value):
        print("set", name)


class Plain:
    __slots__ = ("a",)


attempt(lambda: delattr(Sets(), "x"), lambda: delattr(Plain(), "x"), lambda: setattr(Plain(), "x", 1))
# Powers without an angle.
attempt(lambda: 1j ** float("inf"), lambda: (2 + 3j) ** -float("inf"), lambda: complex("inf") ** 1e300j, lambda: 0j ** 1.5)
# Codecs that are looked up say so in a note.
for name in "utf-32-be", "utf_16_le", "utf-16-be", "u8", "unicode_escape", "utf-8-sig", "l1", "utf-8", "UTF_8", "utf-16", "ascii", "latin-1":
    attempt(lambda: b"\\N{\xff".decode(name), lambda: "\ud800\u1234".encode(name))
