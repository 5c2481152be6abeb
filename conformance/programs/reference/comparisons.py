"""Comparisons: values of all built-in types, identity, membership, reflection, what is not ordered."""
from fractions import Fraction

nan, inf = float("nan"), float("inf")
values = {"0": 0, "-0.0": -0.0, "False": False, "nan": nan, "inf": inf, "10**400": 10**400, "1.5": 1.5, "3/2": Fraction(3, 2), "1+0j": 1 + 0j, "1": 1, "2**53": 2**53, "2.0**53": 2.0**53, "2**53+1": 2**53 + 1}
for name, value in values.items():
    print(name, "==", [other for other, x in values.items() if value == x], "<", end=" ")
    found = []
    for other, x in values.items():
        try:
            if value < x:
                found.append(other)
        except TypeError:
            found.append("!" + other)
    print(found)

print("sequences")
pairs = [([1, 2], [1, 2, 0]), ([], [0]), ((1, "a"), (1, "b")), ("abc", "abd"), ("Z", "a"), (b"a", b"b"), (bytearray(b"a"), b"a"), ([nan], [nan]), ((1,), [1]), ("a", b"a"), (range(0), range(2, 2)), (range(0, 3, 2), range(0, 4, 2)), ([1, "a"], [2, 3]), ([1, "a"], [1, 3]), ({1: 2}, {1: 2.0}), ({1, 2}, {2, 1, 3}), (frozenset([1]), {1}), ({1}, {2}), (None, None), (..., ...), (slice(1), slice(1)), (int, float), ({}.keys(), set()), ([[]], [[]])]
for a, b in pairs:
    line = []
    for op, function in (("==", lambda: a == b), ("!=", lambda: a != b), ("<", lambda: a < b), ("<=", lambda: a <= b), (">", lambda: a > b), (">=", lambda: a >= b)):
        try:
            line.append(f"{op} {function()}")
        except TypeError as error:
            line.append(f"{op} {error}")
    print(repr(a), repr(b), "; ".join(line))
same = [nan]
print(same == same, nan == nan, nan in same, same.count(nan), same.index(nan), (nan,) == (nan,), {nan: 1} == {nan: 1})

print("identity and membership")
print(None is None, [] is [], "" in "abc", "bc" in "abc", b"b" in b"abc", 98 in b"abc", 1 in {1: 2}, 2 in {1: 2}.values(), (1, 2) in {1: 2}.items(), 1.0 in range(3), 1.5 in range(3), "a" in ["abc"])
for text in ("1 in 'a'", "1 in 5", "b'a' in 'abc'", "'a' in b'abc'", "[] in {}", "[] in {1}", "{1} in {frozenset({1})}", "1 in None", "1 in iter([2, 1])", "1 < 'a'", "None < None", "1j < 2j", "[] < ()", "{} < {}", "object() < object()", "'a' < b'a'", "type < type", "1 < None", "max('a', 1)", "sorted([1, None])", "slice(1) < slice(2)", "range(1) < range(2)"):
    try:
        print(text, eval(text))
    except TypeError as error:
        print(text, "|", error)

print("reflected")


class Left:
    def __init__(self, answer):
        self.answer = answer

    def __eq__(self, other):
        print("Left.eq", end=" ")
        return self.answer

    def __lt__(self, other):
        print("Left.lt", end=" ")
        return self.answer

    __hash__ = object.__hash__


class Right(Left):
    def __eq__(self, other):
        print("Right.eq", end=" ")
        return self.answer

    def __gt__(self, other):
        print("Right.gt", end=" ")
        return self.answer


print(Left(1) == Right(2), Right(2) == Left(1), Left(NotImplemented) == Right(NotImplemented), Left(1) < Right(3), Left(1) != Left(0))
print(Left(NotImplemented) == 5, 5 == Left("yes"), Left([]) in [1], [Left(1)] == [2], bool(Left([]) == 1), Left(NotImplemented) != 3)
try:
    Left(NotImplemented) < Left(NotImplemented)
except TypeError as error:
    print(error)


class Quiet:
    __lt__ = None
    __eq__ = None


for text in ("Quiet() < 1", "Quiet() == 1", "1 == Quiet()", "1 in [Quiet()]"):
    try:
        print(text, eval(text))
    except TypeError as error:
        print(text, "|", error)
