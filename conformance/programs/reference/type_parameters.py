"""7.14 and 8.10: type parameters, type aliases, their scopes, and when their parts are evaluated."""
import typing


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


def first[T](items: list[T], default: T | None = None) -> T:
    return items[0] if items else default


class Box[T, *Ts, **P]:
    held: T

    def put[U: int](self, other: U) -> tuple[T, U]:
        return T, U

    def both(self):
        return T, Ts, P


type Pair[A, B = A] = tuple[A, B]
type Tree = int | list[Tree]
type Broken = undefined_name
print(first([1]), first.__type_params__, first.__annotations__, first.__type_params__[0].__name__)
print(Box.__type_params__, Box.__parameters__, Box.__orig_bases__, Box.__mro__, Box().both(), Box().put(1), Box.put.__type_params__, Box[int, str, bool, [int]])
print(Pair, Pair.__name__, Pair.__type_params__, Pair.__value__, Pair[int, str], Pair[int, str].__args__, Pair[int, str].__origin__, Tree.__value__, type(Tree), Tree.__module__, typing.get_args(Tree.__value__), isinstance(Tree, typing.TypeAliasType))
show("broken", lambda: Broken.__value__)
undefined_name = float
show("mended", lambda: Broken.__value__)
show("not generic", lambda: Tree[int])
show("assign", lambda: setattr(Pair, "__value__", 1))
show("call", lambda: Pair(1))
show("isinstance", lambda: isinstance(1, Tree))
print(Pair | int, int | Tree, Tree | None, Pair[int, int] | None)


def bounds[S: (int, str), B: "later", D = list[int], N: int = bool](): ...


S, B, D, N = bounds.__type_params__
print(S.__constraints__, D.__default__, N.__bound__, N.__default__, S.__bound__, S.has_default(), D.has_default(), S.__infer_variance__, S.__covariant__)
print(B.__bound__)


def lazy[T: print("bound evaluated") or int = print("default evaluated") or str]():
    return T


print("made", lazy())
print(lazy.__type_params__[0].__bound__, lazy.__type_params__[0].__bound__, lazy.__type_params__[0].__default__)
print(lazy.__type_params__[0].evaluate_bound(1), S.evaluate_constraints(1), Pair.evaluate_value(1))


def variadic[*Ts = *tuple[int, str], **P = [int]](*args: *Ts, **kwargs: P.kwargs): ...


print([p.__default__ for p in variadic.__type_params__], variadic.__annotations__, [type(p).__name__ for p in variadic.__type_params__])


class Outer[T]:
    class Inner[U]:
        def m[V](self) -> tuple[T, U, V]:
            return T, U, V, __class__.__qualname__

    type Alias = list[T]
    x = [T for _ in range(2)]
    comp = [lambda: T for _ in range(1)][0]()


print(Outer.Inner().m(), Outer.Inner.m.__annotations__, Outer.Alias.__value__, Outer.x, Outer.comp)
print(Outer.Inner.m.__qualname__, Outer.Inner.__qualname__)


class Shadow[T]:
    T = 5
    y = T

    def f(self):
        return T


print(Shadow.y, Shadow().f(), Shadow.T)


class Base[T]: ...


class Child[T](Base[T], metaclass=type): ...


print(Child.__bases__, Child[int], Child.__orig_bases__, typing.get_args(Child.__orig_bases__[0])[0] is Child.__type_params__[0])


def decorated(f):
    print("decorating", f.__name__, f.__type_params__)
    return f


@decorated
def g[T](x: T = "default"): ...


@decorated
class K[T](list[T]): ...


print(g.__defaults__, K([1]), K.__name__)


def private():
    class P:
        def __m[__T](self, x: __T) -> __T:
            return __T

        n = __m

    return P().n(1), P.n.__type_params__


show("mangled", private)


def frame_names():
    type X[T] = (T, locals_seen)
    locals_seen = 5
    return X.__value__


show("closure", frame_names)
async def agen[T](x: T):
    yield T


print(agen.__type_params__, agen(1).__name__)
type = 5
print(type + 1)
type, x = 1, 2
print(type)
del type
print(type(5))
for source in ("def f[T, T](): pass", "def f[](): pass", "class C[T=int, U]: pass", "def f[T: (yield)](): pass", "def f[T: (x := 1)](): pass", "type X = (yield)", "type X[T: await x] = 1", "def f[**P: int](): pass", "def f[*Ts: int](): pass", "class C[T](x := 1): pass", "type X.y = 1", "type (X) = 1", "type X[T", "def f[T](x: (yield)): pass", "class C[T]((yield)): pass", "type X = 1\ntype Y[T] = X", "def f[T](T): pass", "def f[T]():\n T = 1\n return T", "def f[T]():\n nonlocal T", "def f[T]():\n global T", "class C[T]: T = 1", "lambda[T]: 1", "def f[print](): pass", "def f[__debug__](): pass", "class C[__classdict__]: pass", "type X[T: int, *U, **V] = None", "def f[*T = int](): pass", "type __debug__ = int"):
    try:
        compile(source, "m", "exec")
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, repr(source))
