"""dataclasses: fields, defaults, ordering, freezing, slots, inheritance, replacing, and what is refused."""
import copy
from dataclasses import KW_ONLY, FrozenInstanceError, InitVar, asdict, astuple, dataclass, field, fields, is_dataclass, make_dataclass, replace
from typing import ClassVar


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


@dataclass
class Point:
    """A place."""

    x: int
    y: int = 0
    names: list[str] = field(default_factory=list, repr=False)
    count: ClassVar[int] = 0


p = Point(1)
print(p, p == Point(1, 0), p != Point(1, 2), p == (1, 0), Point.__match_args__, Point.__doc__)
p.names.append("a")
print(Point(1).names, [f.name for f in fields(p)], [f.name for f in fields(Point)], is_dataclass(p), is_dataclass(Point), is_dataclass(3))
show("hash", lambda: hash(p))
show("few", lambda: Point())
show("unknown", lambda: Point(1, z=2))


@dataclass(order=True, frozen=True)
class Version:
    major: int
    minor: int = field(default=0)
    label: str = field(default="", compare=False)


print(sorted([Version(2), Version(1, 5), Version(1, 2, "z")]), Version(1) < Version(2), Version(1, 0, "a") == Version(1, 0, "b"), hash(Version(1)) == hash(Version(1, 0, "x")))
show("frozen", lambda: setattr(Version(1), "major", 2))
show("frozen del", lambda: delattr(Version(1), "major"))
show("compare others", lambda: Version(1) < (1, 0))
print(issubclass(FrozenInstanceError, AttributeError), replace(Version(1, 2), minor=9))


@dataclass
class Base:
    a: int
    b: str = "b"

    def __post_init__(self):
        print("  post", self.a, self.b)


@dataclass
class Child(Base):
    c: float = 1.5
    a: int = 7
    total: InitVar[int] = 3

    def __post_init__(self, total):
        super().__post_init__()
        self.sum = self.c + total


c = Child(b="z", total=10)
print(c, c.sum, [(f.name, f.type, f.init) for f in fields(Child)])
show("replace init var", lambda: replace(c, c=2.0))
print(replace(c, total=1).sum)


@dataclass(slots=True, kw_only=True)
class Slotted:
    x: int
    y: int = 2


s = Slotted(x=1)
print(s, Slotted.__slots__, hasattr(s, "__dict__"))
show("positional", lambda: Slotted(1))
show("new attribute", lambda: setattr(s, "z", 1))


@dataclass
class Mixed:
    a: int
    _: KW_ONLY
    b: int = 1
    c: int = field(default=2, kw_only=False) if False else 3


print(Mixed(1, b=5), Mixed.__match_args__)
show("keyword only", lambda: Mixed(1, 2))


@dataclass
class Tree:
    value: int
    children: list["Tree"] = field(default_factory=list)
    meta: dict = field(default_factory=dict)


t = Tree(1, [Tree(2), Tree(3, meta={"k": Tree(4)})])
print(asdict(t))
print(astuple(t))
print(asdict(t, dict_factory=lambda pairs: [k for k, _ in pairs]))
print(copy.deepcopy(t) == t, copy.copy(t).children is t.children)
t.children.append(t)
print(repr(t))


def mutable():
    @dataclass
    class M:
        x: list = []


def order():
    @dataclass
    class M:
        x: int = 1
        y: int


def both():
    return field(default=1, default_factory=list)


def unfrozen():
    @dataclass
    class M(Version):
        z: int = 1


def ordered_without_eq():
    @dataclass(order=True, eq=False)
    class M:
        x: int


def own_lt():
    @dataclass(order=True)
    class M:
        x: int

        def __lt__(self, other):
            return True


def slots_twice():
    @dataclass(slots=True)
    class M:
        __slots__ = ("x",)
        x: int


for action in (mutable, order, both, unfrozen, ordered_without_eq, own_lt, slots_twice):
    show(action.__name__, action)
show("fields", lambda: fields(3))
show("asdict", lambda: asdict(Point))
show("replace", lambda: replace(3))
M = make_dataclass("M", ["x", ("y", int), ("z", str, field(default="z"))], bases=(Base,), namespace={"twice": lambda self: self.x * 2}) if False else make_dataclass("M", ["x", ("y", int), ("z", str, field(default="z"))], namespace={"twice": lambda self: self.x * 2})
print(M(1, 2), M(5, 6).twice(), M.__name__)
show("make", lambda: make_dataclass("M", ["x", "x"]))
show("make keyword", lambda: make_dataclass("M", ["class"]))


@dataclass(repr=False, eq=False, init=False)
class Bare:
    x: int = 5


print(Bare().x, Bare() == Bare(), repr(Bare()).startswith("<"), Bare.__init__ is object.__init__)


@dataclass(unsafe_hash=True, match_args=False)
class Hashed:
    x: int
    y: list = field(default_factory=list, hash=False)


print(hash(Hashed(1)) == hash(Hashed(1, [2])), hasattr(Hashed, "__match_args__"))
match Point(3, 4):
    case Point(x, y):
        print("matched", x, y)
print(fields(Version)[2].name, fields(Version)[2].compare, field(default=3).default)
print(copy.replace(Version(1), label="new"))
