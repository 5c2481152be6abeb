"""functools: partial with placeholders, reduce, wraps, cached_property, singledispatch, total_ordering, cmp_to_key, lru_cache."""
import functools
from functools import Placeholder, cache, cached_property, cmp_to_key, lru_cache, partial, partialmethod, reduce, singledispatch, singledispatchmethod, total_ordering, wraps


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


def show(*args, **kwargs):
    return args, kwargs


p = partial(show, 1, k=2)
print(p(3, k=4, m=5), p.func is show, p.args, p.keywords, partial(p, 9)(8), partial(p).func is show)
q = partial(show, Placeholder, 2, Placeholder, 4)
print(q(1, 3), q(1, 3, 5), partial(q, "first")("third"))
attempt(lambda: q(1))
attempt(lambda: partial(show, 1, Placeholder))
attempt(lambda: partial(show, k=Placeholder))
attempt(lambda: partial())
attempt(lambda: partial(5))
print(repr(partial(int, base=2)), partial(int, base=2)("101"), repr(Placeholder))


class Cell:
    def set(self, state, extra=None):
        return state, extra

    alive = partialmethod(set, True)
    dead = partialmethod(set, False, extra="gone")


print(Cell().alive(), Cell().dead(), Cell().alive("x"))
print(reduce(lambda a, b: a * b, [1, 2, 3, 4]), reduce(lambda a, b: a + [b], "ab", []), reduce(max, [3]), reduce(lambda a, b: 1 / 0, [], "initial"))
attempt(lambda: reduce(max, []))
attempt(lambda: reduce(max, 5))


def decorate(f):
    @wraps(f)
    def wrapper(*args):
        "wrapper's"
        return f(*args)
    wrapper.extra = 1
    return wrapper


@decorate
def documented(a: int) -> str:
    "the doc"
    return str(a)


print(documented.__name__, documented.__doc__, documented.__wrapped__(3), documented.__annotations__, documented.__dict__.keys(), functools.WRAPPER_ASSIGNMENTS)


class Lazy:
    calls = 0

    @cached_property
    def value(self):
        self.calls += 1
        return self.calls


lazy = Lazy()
print(lazy.value, lazy.value, vars(lazy))
del lazy.value
print(lazy.value, Lazy.value.__class__.__name__)
attempt(lambda: type("S", (), {"__slots__": (), "v": cached_property(lambda s: 1)})().v)


@singledispatch
def fun(arg, verbose=False):
    return "object"


@fun.register
def _(arg: int, verbose=False):
    return "int"


@fun.register(list)
@fun.register(tuple)
def _(arg, verbose=False):
    return "sequence"


@fun.register
def _(arg: float | complex):
    return "number"


fun.register(type(None), lambda arg: "none")
print([fun(x) for x in (1, True, "a", [], (), None, 1.5, 2j, {})], fun.dispatch(bool)(1), len(fun.registry))
attempt(lambda: fun())
attempt(lambda: fun.register("text"))


class Negator:
    @singledispatchmethod
    def neg(self, arg):
        return "cannot"

    @neg.register
    def _(self, arg: int):
        return -arg

    @neg.register
    @classmethod
    def _(cls, arg: str):
        return cls.__name__ + arg


print(Negator().neg(5), Negator().neg("x"), Negator().neg([]))


@total_ordering
class Version:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n if isinstance(other, Version) else NotImplemented


print(Version(1) <= Version(1), Version(2) > Version(1), Version(1) >= Version(2))
attempt(lambda: Version(1) >= 5)
attempt(lambda: total_ordering(type("N", (), {})))
print(sorted([5, 2, 9], key=cmp_to_key(lambda a, b: b - a)), cmp_to_key(lambda a, b: 0)(1) == cmp_to_key(lambda a, b: 0)(1))
attempt(lambda: cmp_to_key(lambda a, b: "x")(1) < cmp_to_key(lambda a, b: 1)(2))


@lru_cache(maxsize=2)
def square(x, *, y=0):
    print("computed", x, end=" ")
    return x * x + y


print(square(1), square(1), square(1.0), square(2), square(3), square(1), square(1, y=2), square.cache_info(), square.cache_parameters())
square.cache_clear()
print(square.cache_info())
attempt(lambda: square([]))
typed = lru_cache(typed=True)(type)
print(typed(1), typed(1.0), typed.cache_info().currsize)


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())
