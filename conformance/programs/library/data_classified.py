"""dataclasses: fields, defaults, order, frozen, slots, keyword-only, inheritance, hooks, replace, conversion, refused ones."""
import copy
import dataclasses as dc
from dataclasses import InitVar, KW_ONLY, dataclass, field
from typing import ClassVar


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


@dataclass
class Item:
    name: str
    price: float = 1.5
    tags: list = field(default_factory=list, compare=False)
    count: ClassVar[int] = 0
    scale: InitVar[int] = 2
    total: float = field(init=False)
    secret: str = field(default="s", repr=False, metadata={"hidden": True})

    def __post_init__(self, scale):
        self.total = self.price * scale


@dataclass(order=True, frozen=True)
class Version:
    major: int
    minor: int = field(default=0, compare=True)
    label: str = field(default="", compare=False)


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class Slotted:
    a: int
    b: int = 2


@dataclass
class Base:
    x: int
    y: int = 1


@dataclass
class Child(Base):
    x: str = "child"
    _: KW_ONLY
    z: int
    w: int = 9


i = Item("n", 3.0, scale=5)
print(i, i.total, i == Item("n", 3.0, ["other"], 5), Item("n") == Item("m"), [(f.name, f.init, f.repr, f.metadata) for f in dc.fields(Item)], hash(Version(1)) == hash(Version(1)), Item.__match_args__)
print(Version(1, 2) < Version(1, 3), Version(2) >= Version(1, 9), Version(1, 0, "a") == Version(1, 0, "b"), sorted([Version(2), Version(1, 5)]), {Version(1): "v"}[Version(1)])
print(Slotted(a=1), Slotted.__slots__, hasattr(Slotted(a=1), "__dict__"), Child(z=3), Child("q", 2, z=1).__dict__, Child.__match_args__, [f.name for f in dc.fields(Child)])
print(dc.asdict(Item("n", tags=[Version(1)])), dc.astuple(Version(1, 2, "l")), dc.replace(Version(1), minor=7), dc.is_dataclass(Item), dc.is_dataclass(i), dc.is_dataclass(5), copy.replace(Version(1), major=3), dc.asdict(Base(1), dict_factory=lambda pairs: len(pairs)))
Made = dc.make_dataclass("Made", ["a", ("b", int), ("c", int, field(default=3))], bases=(Base,), namespace={"twice": lambda self: self.c * 2}) if False else dc.make_dataclass("Made", ["a", ("b", int), ("c", int, field(default=3))], namespace={"twice": lambda self: self.c * 2})
print(Made(1, 2), Made(1, 2).twice(), Made.__annotations__ if False else Made.__name__)
for call in (lambda: Item(), lambda: Item("a", nope=1), lambda: Version(1) < 5, lambda: setattr(Version(1), "major", 2), lambda: delattr(Version(1), "major"), lambda: hash(i), lambda: Slotted(1), lambda: setattr(Slotted(a=1), "new", 1), lambda: Child(), lambda: dc.replace(i, total=5), lambda: dc.replace(i), lambda: dc.replace(5), lambda: dc.fields(5), lambda: dc.asdict(Item), lambda: field(default=1, default_factory=list), lambda: dc.make_dataclass("X", ["1a"]), lambda: dc.make_dataclass("X", ["def"]), lambda: dc.make_dataclass("X", ["a", "a"]), lambda: dataclass(order=True, eq=False)(Base), lambda: Base(1) < Base(2), lambda: i.scale if False else Item.scale):
    attempt(call)
for text in ("a: int = 1\n b: int", "a: list = []", "a: list = {}", "a: int\n def __lt__(self, o): pass", "__slots__ = ('a',)\n a: int = 1", "a: int\n def __setattr__(self, *x): pass", "_: KW_ONLY\n a: int\n __: KW_ONLY", "a: int = field()\n b: int = field(default=2)", "a: InitVar[int] = field(default_factory=int)", "a: ClassVar[int] = field(default_factory=int)", "a = field()", "a: int = field(kw_only=True)\n b: int"):
    for options in ("", "order=True", "slots=True", "frozen=True", "unsafe_hash=True"):
        try:
            space = dict(dc.__dict__, ClassVar=ClassVar)
            exec(f"@dataclass({options})\nclass T:\n {text}", space)
            print(options, [f.name for f in dc.fields(space["T"])], end="; ")
        except Exception as error:
            print(options, type(error).__name__, error, end="; ")
    print()


@dataclass(frozen=True)
class Frozen(Version):
    extra: int = 1


attempt(lambda: dataclass(type("Thawed", (Version,), {"__annotations__": {"q": int}, "q": 1})))


@dataclass(repr=False, eq=False, init=False)
class Bare:
    a: int = 5


@dataclass
class Recursive:
    me: object = None


r = Recursive()
r.me = r
print(Frozen(1), Bare().a, Bare() == Bare(), "Bare object" in repr(Bare()), r, dc.field(default=3).default, repr(dc.MISSING).split(" ")[0], Frozen(1) == Version(1))
