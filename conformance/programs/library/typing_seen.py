"""typing: what its objects say of themselves, and what works at run time."""
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import (
    Annotated, Any, ClassVar, Final, ForwardRef, Generic, Literal, NamedTuple, Never, NewType, NotRequired, Optional, ParamSpec, Protocol, Required, TypedDict, TypeVar, TypeVarTuple, Union, Unpack, assert_never, cast, get_args, get_origin, get_type_hints, is_typeddict, no_type_check, overload, get_overloads, override, reveal_type, runtime_checkable,
)


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


T = TypeVar("T")
K = TypeVar("K", bound=int)
C = TypeVar("C", str, bytes)
P = ParamSpec("P")
Ts = TypeVarTuple("Ts")
for form in (Any, Optional[int], Union[int, str], Union[int, None], Union[int], list[T], dict[str, T], Callable[[int], str], Callable[..., T], Callable[P, int], Literal[1, "a", None], Annotated[int, "note"], ClassVar[int], Final[int], tuple[int, ...], type[int], Iterable[T], T, K, C, P, Ts, typing.List[int], typing.Dict[str, int], typing.Tuple[()], typing.Callable[[int], str], Never, Unpack[Ts], typing.Type[T], ForwardRef("X"), P.args, Generic[T], int | T):
    print(repr(form), "|", get_origin(form), get_args(form), getattr(form, "__parameters__", None))
print(list[T][int], dict[K, T][int, str], Callable[P, T][[int, str], bytes], Callable[[T], T][int], Union[T, str][int], tuple[*Ts][int, str], Optional[T][None], Annotated[T, 1][int], Union[int, Union[str, int]], Optional[Optional[int]], Literal[1, 1, True])
show("too many", lambda: list[T][int, str])
show("too few", lambda: dict[K, T][int])
show("not generic", lambda: list[int][str])
show("union of number", lambda: Union[5])
show("optional two", lambda: Optional[int, str])
show("callable", lambda: typing.Callable[int])
show("instantiate", lambda: Any())
show("instance of any", lambda: isinstance(1, Any))
show("instance of generic", lambda: isinstance([], typing.List[int]))
show("subclass of union", lambda: type("X", (Union[int, str],), {}))
show("type var", lambda: TypeVar("T", int))
show("type var bound", lambda: TypeVar("T", int, str, bound=int))
print(T.__name__, K.__bound__, C.__constraints__, T.__covariant__, TypeVar("D", default=int).__default__, TypeVar("N").__default__, TypeVar("I", infer_variance=True))


class Box(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item


class IntBox(Box[int]):
    pass


class Pair(Generic[K, T]):
    pass


print(Box[int], Box[int](5).item, Box[int](5).__orig_class__, IntBox.__orig_bases__, Box.__parameters__, Pair[int, T][str], Pair.__mro__, Box[T][int], IntBox.__mro__[1:])
show("bad params", lambda: Box[int, str])
show("bad generic", lambda: Generic[int])
show("twice", lambda: Generic[T, T])


class Named(NamedTuple):
    x: int
    y: str = "y"

    def both(self):
        return self.x, self.y


print(Named(1), Named(1).both(), Named._fields, Named._field_defaults, Named.__annotations__, Named(1)._replace(x=5), Named(1) == (1, "y"), NamedTuple("N", [("a", int)])(1))


class Movie(TypedDict, total=False):
    name: Required[str]
    year: int


class Sub(Movie):
    more: NotRequired[int]


print(Movie(name="x"), Movie.__required_keys__, Movie.__optional_keys__, Movie.__total__, is_typeddict(Movie), sorted(Sub.__annotations__), type(Movie(name="x")), Sub.__required_keys__)
show("isinstance", lambda: isinstance({}, Movie))


@runtime_checkable
class Closes(Protocol):
    def close(self): ...


class Attr(Protocol):
    x: int


class Has:
    def close(self):
        pass


print(isinstance(Has(), Closes), isinstance(5, Closes), issubclass(Has, Closes), typing.get_protocol_members(Closes), typing.is_protocol(Closes))
show("not checkable", lambda: isinstance(5, Attr))
show("protocol made", lambda: Closes())
UserId = NewType("UserId", int)
print(UserId(5), UserId, UserId.__supertype__, cast(str, 5))


def f(a: int, b: "str" = "x", *c: float, d: Optional[int] = None, **e: "list[int]") -> "Box[int]": ...


print(get_type_hints(f))
print(f.__annotations__)


class Hints:
    a: int
    b: "Hints"
    c: ClassVar["int"] = 5
    d: Annotated[int, "meta"]


print(get_type_hints(Hints), get_type_hints(Hints, include_extras=True)["d"])
show("undefined", lambda: get_type_hints(type("U", (), {"__annotations__": {"x": "Nope"}})))


@overload
def g(x: int) -> int: ...
@overload
def g(x: str) -> str: ...
def g(x):
    return x


@no_type_check
def h(x: "not valid"): ...


class O:
    @override
    def m(self): ...


print(len(get_overloads(g)), get_type_hints(h), O.m.__override__, g(3))
show("assert never", lambda: assert_never(5))
print(typing.TYPE_CHECKING, typing.get_type_hints(Named), typing.NoReturn, typing.LiteralString, typing.Self, typing.TypeAlias, typing.Concatenate[int, P], typing.TypeGuard[int], typing.ReadOnly[int])
