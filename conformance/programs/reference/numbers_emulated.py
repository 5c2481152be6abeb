"""3.3.8 Emulating numeric types: binary, reflected, in-place, unary operators and conversions."""
import math
import operator

NAMES = "add sub mul matmul truediv floordiv mod pow lshift rshift and xor or divmod".split()


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


class Left:
    pass


class Right:
    pass


class Child(Left):
    pass


class Declines:
    pass


def install(cls, prefix, label, answer=True):
    for name in NAMES:

        def method(self, *others, name=name):
            return f"{label}.{prefix}{name}{len(others)}" if answer else NotImplemented

        setattr(cls, f"__{prefix}{name}__", method)


install(Left, "", "left")
install(Right, "r", "right")
install(Child, "r", "child")
install(Declines, "", "never", False)
install(Declines, "r", "never", False)
OPERATORS = [getattr(operator, {"and": "and_", "or": "or_"}.get(name, name), None) or divmod for name in NAMES]
for name, apply in zip(NAMES, OPERATORS):
    print(name, apply(Left(), 1), apply(1, Right()), apply(Left(), Right()), apply(Left(), Child()), apply(Child(), Left()))
    show("  neither", lambda: apply(Declines(), 1))
    show("  same", lambda: apply(Declines(), Declines()))
    show("  none", lambda: apply(None, "s"))
show("pow3", lambda: pow(Left(), 1, 2))
show("pow3 right", lambda: pow(1, Right(), 2))
show("pow3 numbers", lambda: (pow(3, 4, 5), pow(3, -1, 7)))
show("pow3 float", lambda: pow(2.0, 3, 4))
show("pow3 zero", lambda: pow(2, 3, 0))
show("no inverse", lambda: pow(2, -1, 4))


class InPlace:
    def __init__(self):
        self.log = []

    def __iadd__(self, other):
        self.log.append(other)
        return self

    def __isub__(self, other):
        return NotImplemented

    def __sub__(self, other):
        return f"sub {other}"

    def __imul__(self, other):
        return "replaced"


v = w = InPlace()
v += 1
v += 2
print(v is w, v.log)
v -= 3
print(v)
w *= 2
print(w)
pair = ([], 1)
try:
    pair[0] += [1]
except TypeError as error:
    print(error, pair)
n = "text"
try:
    n -= 1
except TypeError as error:
    print(error)
try:
    n **= 2
except TypeError as error:
    print(error)


class Unary:
    def __neg__(self):
        return "neg"

    def __pos__(self):
        return "pos"

    def __invert__(self):
        return "inv"

    def __abs__(self):
        return "abs"


u = Unary()
print(-u, +u, ~u, abs(u))
for apply in (operator.neg, operator.pos, operator.invert, abs):
    show(apply.__name__, lambda: apply("x"))
show("invert float", lambda: ~1.5)


class Converts:
    def __init__(self, value):
        self.value = value

    def __int__(self):
        return self.value

    def __float__(self):
        return self.value

    def __complex__(self):
        return self.value

    def __round__(self, digits="none"):
        return ("round", digits)

    def __trunc__(self):
        return "trunc"

    def __floor__(self):
        return "floor"

    def __ceil__(self):
        return "ceil"


for value in (3, 2.5, 1j, "x", True):
    for convert in (int, float, complex):
        show(f"{convert.__name__} {value!r}", lambda: convert(Converts(value)))
c = Converts(0)
print(round(c), round(c, 2), round(c, None), math.trunc(c), math.floor(c), math.ceil(c))


class Indexed:
    def __index__(self):
        return 7


print(int(Indexed()), float(Indexed()), complex(Indexed()), bin(Indexed()), chr(Indexed()), "%d" % Indexed(), math.sqrt(Indexed()))
show("index add", lambda: Indexed() + 1)
show("round str", lambda: round("x"))
show("trunc str", lambda: math.trunc("x"))
show("floor str", lambda: math.floor("x"))


class Sequence:
    """`+` and `*` of sequences come after the reflected methods of numbers."""

    def __mul__(self, n):
        return f"times {n}"

    __rmul__ = __mul__


print(Sequence() * 3, 3 * Sequence(), [1] * 2, 2 * (1,), "ab" * -1, b"x" * True)
show("sequence times float", lambda: [1] * 1.5)
show("sequences", lambda: [1] * [2])
show("list plus tuple", lambda: [1] + (2,))
show("str plus int", lambda: "a" + 1)
show("int plus str", lambda: 1 + "a")
show("bytes plus str", lambda: b"a" + "a")


class IntChild(int):
    def __radd__(self, other):
        return f"child of {other}"

    def __eq__(self, other):
        return "equal?"


print(1 + IntChild(2), IntChild(2) + 1, 1 == IntChild(1), 1.5 + IntChild(1))
