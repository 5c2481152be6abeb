"""Type parameters of functions, classes and aliases: scopes, bounds, defaults, variance, laziness, subscription, errors."""
import typing


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


def first[T](items: list[T]) -> T:
    return items[0]


class Box[T, *Ts, **P]:
    def __init__(self, value: T):
        self.value = value

    def map[U](self, f: typing.Callable[[T], U]) -> "Box[U]":
        return Box(f(self.value))

    params = (T, Ts, P)


type Pair[A, B = int] = tuple[A, B]
type Tree = int | list[Tree]
type Bounded[N: (int, str), M: undefined_bound] = dict[N, M]
type Broken = undefined_name
print(first([5]), first.__type_params__, first.__annotations__, Box.__type_params__, Box.params, Box(2).map(str).value, Box.map.__type_params__)
print(Box.__bases__, Box.__orig_bases__, Box.__parameters__, Box[int, str, bytes, [float]], Box[int, str, [bytes]].__args__, Box[int, ...].__origin__ is Box if False else "")
print(Pair, Pair.__value__, Pair[int], Pair[int, str], Pair[int, str].__args__, Pair.__type_params__, Tree.__value__, Tree.__name__, Pair.__parameters__, Pair.__module__)
T, N = first.__type_params__[0], Bounded.__type_params__[0]
print(T.__name__, T.__bound__, T.__constraints__, T.__infer_variance__, T.__covariant__, N.__constraints__, Pair.__type_params__[1].__default__, T.__default__ is typing.NoDefault, T.has_default(), Pair.__type_params__[1].has_default())
attempt(lambda: Broken.__value__)
attempt(lambda: Bounded.__type_params__[1].__bound__)
undefined_name = "now defined"
attempt(lambda: Broken.__value__)
attempt(lambda: Box[()])
attempt(lambda: Pair[1, 2, 3])
attempt(lambda: isinstance(1, Pair))
attempt(lambda: Pair())
attempt(lambda: Box[int](5))
attempt(lambda: setattr(Pair, "__value__", 1))
attempt(lambda: first[int])
attempt(lambda: type("X", (T,), {}))
attempt(lambda: typing.TypeVar("Q", int))
attempt(lambda: typing.TypeVar("Q", bound=int, covariant=True, contravariant=True))
attempt(lambda: typing.TypeVar("Q", default=int).__default__)
attempt(lambda: T | None)
attempt(lambda: list[T][int])
attempt(lambda: dict[T, list[N]].__parameters__)
attempt(lambda: (Pair | None, Pair | int))


class Child[K](Box[K, int], dict[K, str]):
    class Inner[J]:
        both = lambda self: (K, J)

    K2 = K


print(Child.__orig_bases__, [c.__name__ for c in Child.__mro__], Child.Inner().both(), Child.K2)


def outer[T]():
    def inner[S](x: T, y: S) -> (T, S):
        return T, S
    return inner


print(outer()(1, 2), outer().__annotations__, outer.__qualname__, outer().__qualname__)


def shadow[T](T=5):
    return T if True else 0


def decorated_with[T](x: T, default=lambda: 1):
    def T_():
        return T
    return T_()


print(decorated_with(1).__name__, shadow.__type_params__ if False else "")
async def agen[T](x: T):
    yield x
print(agen.__type_params__, (lambda: [T for T in "ab"])(), [A for A in Pair.__type_params__])


class Meta(type):
    def __new__(m, name, bases, ns, **kw):
        print("namespace", [k for k in ns if k in ("__type_params__", "__orig_bases__")], kw, [b.__name__ for b in bases])
        return super().__new__(m, name, bases, ns)


class WithMeta[T](metaclass=Meta, k=T.__class__.__name__ if False else 1):
    pass


for text in ("def f[T, T](): 1", "def f[](): 1", "class C[T: (yield)]: 1", "type X[T] = (yield)", "type X[T] = (y := 1)", "def f[T=int, U](): 1", "class C[*Ts = int]: 1", "class C[*Ts: int]: 1", "class C[**P: int]: 1", "type X = await y", "type 1 = int", "type X.y = int", "type X[T]", "type = 1", "type X[T: int = str] = T", "def f[T: await x](): 1", "class C[T]:\n nonlocal T", "def f[T]():\n nonlocal T", "lambda[T]: 1", "def f[__debug__](): 1", "def f[T](x: (T := 1)): 1", "class C[T](x := T): 1", "type X[*Ts, *Us] = int", "def f[T]() -> (yield): 1"):
    try:
        compile(text, "<generic>", "exec")
        print(text.replace("\n", "\\n"), "compiles")
    except SyntaxError as error:
        print(text.replace("\n", "\\n"), "|", error.msg)
