"""enum: members, values, aliases, flags, functional API, and what is refused."""
import enum
from enum import CONFORM, EJECT, KEEP, STRICT, Enum, Flag, IntEnum, IntFlag, StrEnum, auto, member, nonmember, property, unique, verify


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


class Colour(Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1

    def shout(self):
        return self.name + "!"

    @classmethod
    def first(cls):
        return cls.RED

    @staticmethod
    def constant():
        return 5

    @property
    def pair(self):
        return self.name, self.value


print(Colour.RED, repr(Colour.RED), Colour(2), Colour["GREEN"], Colour.CRIMSON is Colour.RED, Colour.RED.shout(), Colour.first(), Colour.GREEN.pair)
print(list(Colour), len(Colour), Colour.__members__, Colour.RED in Colour, 1 in Colour, 9 in Colour, list(reversed(Colour)), bool(Colour.RED))
print(f"{Colour.RED} {Colour.RED!r} {Colour.RED:>12}", hash(Colour.RED) == hash(Colour.CRIMSON), Colour.RED == 1, Colour.RED != Colour.GREEN, {Colour.RED: "r"}[Colour(1)], type(Colour.RED), Colour, repr(Colour))
show("bad value", lambda: Colour(3))
show("bad name", lambda: Colour["BLUE"])
show("attribute", lambda: Colour.BLUE)
show("order", lambda: Colour.RED < Colour.GREEN)
show("set member", lambda: setattr(Colour, "RED", 5))
show("delete member", lambda: delattr(Colour, "RED"))
show("set value", lambda: setattr(Colour.RED, "value", 5))
show("call many", lambda: Colour(1, 2))


def extends():
    class More(Colour):
        BLUE = 3


def reuse():
    class Twice(Enum):
        A = 1
        A = 2


def not_unique():
    @unique
    class U(Enum):
        A = 1
        B = 1
        C = 2
        D = 2


def new_name():
    class Mro(Enum):
        mro = 1


def gap():
    @verify(enum.CONTINUOUS)
    class G(IntEnum):
        A = 1
        C = 3


for action in (extends, reuse, not_unique, new_name, gap):
    show(action.__name__, action)


class Auto(Enum):
    A = auto()
    B = auto()
    C = 10
    D = auto()


class Named(StrEnum):
    FIRST = auto()
    SECOND = "second!"


class Low(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last):
        return (name.lower(), start, count, last)

    X = auto()
    Y = auto()


print([m.value for m in Auto], [str(m) for m in Named], Named.FIRST == "first", Named.SECOND.upper(), [m.value for m in Low])


class Number(IntEnum):
    ONE = 1
    TWO = 2


print(Number.ONE + 1, Number.ONE < Number.TWO, Number(2), f"{Number.ONE}", "%d" % Number.TWO, sorted([Number.TWO, Number.ONE]), Number.ONE == 1, [10, 20][Number.ONE], repr(Number.ONE), int(Number.TWO), Number.ONE.bit_length())


class Perm(Flag):
    R = 4
    W = 2
    X = 1
    RW = R | W
    NONE = 0


print(Perm.R | Perm.X, repr(Perm.R | Perm.X), Perm.RW, ~Perm.R, Perm.RW & Perm.W, Perm.R ^ Perm.RW, bool(Perm.NONE), Perm(7), Perm(0), list(Perm.RW), len(Perm.RW), Perm.R in Perm.RW, list(Perm), Perm.RW.name, (Perm.R | Perm.X).name, (Perm.R | Perm.X).value)
show("flag bad", lambda: Perm(8))
show("flag or int", lambda: Perm.R | 1)
show("in", lambda: 5 in Perm)


class IPerm(IntFlag):
    R = 4
    W = 2


print(IPerm.R | 1, repr(IPerm.R | 1), IPerm(7), IPerm.R | IPerm.W == 6, ~IPerm.R, IPerm.R + 1, IPerm(-1), isinstance(IPerm.R | 8, IPerm))


class Strict(Flag, boundary=STRICT):
    A = 1


class Conform(Flag, boundary=CONFORM):
    A = 1


class Eject(Flag, boundary=EJECT):
    A = 1


class Keep(Flag, boundary=KEEP):
    A = 1


for cls in (Strict, Conform, Eject, Keep):
    show(cls.__name__, lambda: (cls(3), type(cls(3)).__name__))


class Planet(Enum):
    MERCURY = (3.303e23, 2.4397e6)
    EARTH = (5.976e24, 6.37814e6)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius

    @property
    def gravity(self):
        return round(6.67300e-11 * self.mass / self.radius**2, 3)


print([(p.name, p.gravity) for p in Planet], Planet((3.303e23, 2.4397e6)))


class Coord(bytes, Enum):
    def __new__(cls, value, label, unit):
        obj = bytes.__new__(cls, [value])
        obj._value_ = value
        obj.label, obj.unit = label, unit
        return obj

    PX = (0, "P.X", "km")
    PY = (1, "P.Y", "km")


print(Coord.PY, Coord(1).label, Coord.PX.unit, bytes(Coord.PY))


class Missing(Enum):
    OK = "ok"

    @classmethod
    def _missing_(cls, value):
        if value == "fine":
            return cls.OK
        if value == "odd":
            return 5


print(Missing("fine"))
show("missing", lambda: Missing("no"))
show("missing odd", lambda: Missing("odd"))


class Members(Enum):
    A = 1
    helper = nonmember(5)
    f = member(lambda: 1)
    _ignore_ = ["i", "ns"]
    ns = vars()
    for i in range(3):
        ns[f"G{i}"] = i + 10

    class Nested:
        x = 1


print(list(Members.__members__), Members.helper, Members.G1.value, type(Members.Nested).__name__)
Animal = Enum("Animal", "ANT BEE CAT")
print(list(Animal), Animal.BEE.value, list(Enum("N", ["a", "b"], start=5)), list(Enum("D", {"x": 1, "y": 2})), list(Enum("P", [("q", 9)], module="here", qualname="Q.P")), IntEnum("I", "A B").B + 1)
show("function", lambda: Enum("X", 5))
print(Colour.RED.__class__, isinstance(Colour.RED, Colour), Colour.__doc__, [n for n in dir(Colour) if not n.startswith("_")])
import copy
import pickle

print(copy.copy(Colour.RED) is Colour.RED, copy.deepcopy([Colour.RED])[0] is Colour.RED, pickle.loads(pickle.dumps(Colour.GREEN)) is Colour.GREEN, pickle.loads(pickle.dumps(Perm.R | Perm.X)))
match Colour.RED:
    case Colour.GREEN:
        print("green")
    case Colour.RED:
        print("red")
