"""typing at run time: protocols, TypedDict, NamedTuple, Literal, overloads, hints resolved, casts, generics and their errors."""
import typing
from typing import *


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


@runtime_checkable
class Closes(Protocol):
    name: str

    def close(self) -> None: ...


class Plain(Protocol):
    def run(self): ...


class File:
    name = "f"

    def close(self):
        pass


class Movie(TypedDict, total=False):
    title: Required[str]
    year: NotRequired[int]
    tags: ReadOnly[list[str]]


class Point(NamedTuple):
    x: int
    y: int = 0

    def norm(self):
        return self.x + self.y


print(isinstance(File(), Closes), isinstance(5, Closes), get_protocol_members(Closes) == {"name", "close"}, is_protocol(Closes), is_protocol(File))
print(Movie(title="t", year=1), Movie.__required_keys__, sorted(Movie.__optional_keys__), Movie.__total__, Movie.__readonly_keys__, is_typeddict(Movie), type(Movie(title="x")).__name__)
print(Point(1), Point(1, 2).norm(), Point._fields, Point.__annotations__, NamedTuple("Q", [("a", int)])(5), Point(1)._replace(x=3))
for call in (lambda: isinstance(5, Plain), lambda: Plain(), lambda: issubclass(File, Closes), lambda: isinstance({}, Movie), lambda: NamedTuple("Q", a=int), lambda: TypedDict("T", 5), lambda: Optional[int, str], lambda: Union[()], lambda: Union[1], lambda: Literal[()], lambda: Callable[int], lambda: List[int, str], lambda: Any(), lambda: isinstance(1, List[int]), lambda: isinstance(1, Any), lambda: ClassVar[int, str], lambda: Final[1][2], lambda: TypeVar("T", int), lambda: Generic[int], lambda: Generic[()], lambda: type("X", (Any,), {}).__mro__[1], lambda: cast(int), lambda: NewType("N", int)("5"), lambda: Annotated[int], lambda: ParamSpec("P")[int], lambda: Self[int], lambda: Never(), lambda: assert_never(5), lambda: reveal_type, lambda: ForwardRef("x ="), lambda: get_type_hints(5), lambda: Protocol(), lambda: Unpack[int] if False else Unpack[()]):
    attempt(lambda: str(call()).split(" at 0x")[0])
print(Optional[int], Union[int, str, int], Union[int], Literal[1, "a", True, None], Literal[1] == Literal[True], Callable[[int], str], Callable[..., Any], Tuple[int, ...], Type[int], List[int], Dict[str, List[int]], Annotated[int, "meta"], ClassVar[int], Final[str], Concatenate[int, ...], TypeGuard[int], LiteralString, Self, Never, NoReturn, TypeAlias, Iterable[int], typing.Pattern[str], Required[int])
print(get_origin(List[int]), get_args(Callable[[int, str], bool]), get_args(Literal[1, 2]), get_origin(Union[int, str]), get_origin(Annotated[int, 1]), get_args(Annotated[int, 1, 2]), get_origin(list[int]), get_origin(5), get_args(Optional[str]))


class Node:
    next: "Node | None"
    items: list["Node"]
    limit: ClassVar[int] = 5

    def find(self, key: "str" = "k", *rest: int) -> Optional["Node"]:
        pass


print(get_type_hints(Node), get_type_hints(Node.find), get_type_hints(Movie, include_extras=True), get_type_hints(Movie))
T, K = TypeVar("T"), TypeVar("K", bound=int)


class Stack(Generic[T]):
    pass


class Both(Stack[T]):
    pass


print(Stack[int], Stack[T][str], Stack[int].__args__, Stack.__parameters__, Both[int], Both.__orig_bases__, Stack[int]().__class__.__name__, repr(T), repr(K), K.__bound__, Dict[K, T].__parameters__, Stack[int] == Stack[int], hash(Stack[int]) == hash(Stack[int]))
attempt(lambda: Stack[int, str])
attempt(lambda: Stack[int][str])


@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x):
    return x


@final
class Last:
    @override
    def m(self): pass


@no_type_check
def unchecked(x: 1): pass


UserId = NewType("UserId", int)
print(len(get_overloads(f)), f(5), clear_overloads(), len(get_overloads(f)), Last.__final__, Last.m.__override__, get_type_hints(unchecked), UserId(5), UserId.__supertype__, UserId, cast("int", "x"), TYPE_CHECKING, assert_type(5, str), dataclass_transform()(Last).__dataclass_transform__["eq_default"], Text is str, SupportsInt.__name__, isinstance(5, SupportsIndex), isinstance("", Sized), issubclass(dict, Mapping))
