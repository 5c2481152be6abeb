"""enum: members, aliases, auto, Flag operations, boundaries, functional API, mixins, hooks, refused classes."""
import enum
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto, member, nonmember, property as enum_property, unique, verify


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


class Color(Enum):
    RED = 1
    GREEN = 2
    ALIAS = 1
    _ignore_ = "scratch"
    scratch = 5
    BLUE = auto()

    def describe(self):
        return f"{self.name}={self.value}"

    @classmethod
    def default(cls):
        return cls.RED

    @enum_property
    def shout(self):
        return self.name + "!"


class Perm(Flag):
    R, W, X = 4, 2, 1
    RW = R | W
    NONE = 0


class Strict(Flag, boundary=enum.STRICT):
    A = auto()
    B = auto()


class Keep(IntFlag, boundary=enum.KEEP):
    A = 1


class Number(IntEnum):
    ONE = 1
    TWO = 2


class Word(StrEnum):
    HELLO = auto()
    BYE = "bye!"


class Planet(Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)

    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius

    @property
    def gravity(self):
        return round(self.mass / self.radius**2, 3)


print(list(Color), Color.RED, repr(Color.RED), Color(1), Color["GREEN"], Color.ALIAS is Color.RED, Color.BLUE.value, Color.__members__.keys(), len(Color), Color.RED in Color, 1 in Color, 99 in Color, Color.RED.describe(), Color.default(), Color.RED.shout, list(reversed(Color)))
print(Color.RED == 1, Color.RED < Color.GREEN if False else "", Number.ONE == 1, Number.ONE < Number.TWO, Number.ONE + 1, f"{Number.ONE} {Color.RED:>12} {Word.HELLO}", str(Number.TWO), repr(Number.TWO), Word.HELLO.upper(), Word.BYE == "bye!", hash(Color.RED) == hash("RED"), Planet.EARTH.gravity, Planet((0.64, 3.39)))
print(Perm.R | Perm.X, Perm.RW, ~Perm.R, Perm.R & Perm.W, Perm.RW ^ Perm.R, Perm.R in Perm.RW, list(Perm.RW), bool(Perm.NONE), Perm(7), Perm(0), len(Perm.RW), Perm.RW.value, repr(Perm(5)), str(Perm(6)), Perm["RW"], [m.name for m in Perm])
print(Keep(9), Keep.A | 8, Keep(8) & 1, IntFlag("F", "P Q").Q, Keep.A + 1, ~Keep.A, Flag("G", {"M": 1, "N": 2}).M | Flag("H", ["S"]).S if False else "", IntFlag("I", "A B C")(5))
Animal = Enum("Animal", "ANT BEE CAT", start=5, module="zoo", qualname="zoo.Animal")
print(list(Animal), Animal.__module__, Animal.__qualname__, Enum("Pairs", [("a", 1), ("b", 2)]).b, IntEnum("N", {"x": 5}).x + 1, type(Color.RED) is Color, isinstance(Color.RED, Enum), issubclass(Number, int), Color.RED.name, Color.RED._value_)


class Auto(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last):
        return f"{name.lower()}-{count}-{last}"

    @classmethod
    def _missing_(cls, value):
        return cls.FIRST if value == "any" else None

    FIRST = auto()
    SECOND = auto()
    func = member(lambda self: 1)
    plain = nonmember(7)

    class Nested:
        pass


print([m.value for m in Auto][:2], Auto("any"), Auto.plain, type(Auto.func).__name__)
for call in (lambda: Color(99), lambda: Color["NO"], lambda: Color.NO, lambda: setattr(Color, "RED", 5), lambda: delattr(Color, "RED"), lambda: setattr(Color.RED, "value", 5), lambda: Color.RED < Color.GREEN, lambda: type("Sub", (Color,), {}), lambda: Color(), lambda: Auto("none"), lambda: Strict(8), lambda: Perm(64), lambda: Perm.R | 1, lambda: Perm.R | Number.ONE, lambda: Enum("X", "a a"), lambda: Enum("X", "mro"), lambda: unique(Enum("X", {"a": 1, "b": 1})), lambda: verify(enum.CONTINUOUS)(IntEnum("X", {"a": 1, "b": 3})), lambda: verify(enum.NAMED_FLAGS)(Flag("X", {"a": 1, "b": 6})), lambda: Color.RED(), lambda: Number("x"), lambda: exec("class E(Enum):\n a = 1\n a = 2", {"Enum": Enum}), lambda: exec("class E(StrEnum):\n a = 1", {"StrEnum": StrEnum}), lambda: exec("class E(Enum):\n _bad_ = 1", {"Enum": Enum}), lambda: exec("class E(IntEnum):\n a = 'x'", {"IntEnum": IntEnum}), lambda: len(Color.RED), lambda: Color.__call__(1), lambda: 5 in Perm.R):
    attempt(call)
import copy
import pickle
print(pickle.loads(pickle.dumps(Color.RED)) is Color.RED, copy.deepcopy(Perm.RW) is Perm.RW, sorted(dir(Color))[:3], Color.__doc__, {Color.RED: 1}[Color(1)], enum.global_str(Number.ONE), enum.show_flag_values(7), enum.bin(10))
