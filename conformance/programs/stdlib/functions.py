"""functools at work: memory, dispatch, partial application, cached attributes."""

import functools
import operator


@functools.lru_cache(maxsize=None)
def edit_distance(a, b):
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return edit_distance(a[1:], b[1:])
    return 1 + min(edit_distance(a[1:], b), edit_distance(a, b[1:]), edit_distance(a[1:], b[1:]))


@functools.lru_cache(maxsize=3)
def slow(n, *, scale=1):
    """Pretends to be slow."""
    slow_calls.append(n)
    return n * scale


slow_calls = []


@functools.cache
def change(amount, coins=(50, 20, 10, 5, 2, 1)):
    if amount == 0:
        return 1
    return sum(change(amount - coin, coins[i:]) for i, coin in enumerate(coins) if coin <= amount)


@functools.singledispatch
def describe(value):
    return f"something: {value!r}"


@describe.register
def _(value: int):
    return f"the number {value}"


@describe.register(list)
@describe.register(tuple)
def _(value):
    return f"{len(value)} things: " + "; ".join(map(describe, value))


@describe.register(dict)
def describe_dict(value):
    return "a mapping of " + describe(list(value))


class Grid:
    def __init__(self, cells):
        self.cells = cells
        self.computed = 0

    @functools.cached_property
    def total(self):
        self.computed += 1
        return sum(map(sum, self.cells))

    def cell(self, row, column, default=None):
        try:
            return self.cells[row][column]
        except IndexError:
            return default

    corner = functools.partialmethod(cell, 0, 0)
    safe = functools.partialmethod(cell, default=-1)


def log(prefix):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            result = function(*args, **kwargs)
            print(f"{prefix} {function.__name__}{args} {kwargs} -> {result}")
            return result

        return wrapper

    return decorate


@log("*")
def volume(a, b=2, /, *, c=3):
    """The volume of a box."""
    return a * b * c


def main():
    print(edit_distance("intention", "execution"), edit_distance("kitten", "sitting"), edit_distance.cache_info())
    edit_distance.cache_clear()
    print(edit_distance.cache_info(), change(100), change(200, (100, 50, 20, 10, 5, 2, 1)))
    print([slow(n) for n in (1, 2, 3, 1, 4, 2, 1)], slow_calls, slow.cache_info())
    print(slow(1, scale=2), slow(1, scale=2), slow_calls[-2:], slow.__name__, slow.__doc__, slow.cache_parameters(), slow.__wrapped__(5))
    try:
        slow([1])
    except TypeError as error:
        print(error)

    for value in (3, True, "x", [1, ("a", 2)], {"k": 0}, 2.5, None):
        print(describe(value))
    print(describe.dispatch(bool) is describe.dispatch(int), describe.dispatch(str)("y"), sorted(t.__name__ for t in describe.registry))

    grid = Grid([[1, 2], [3, 4]])
    print(grid.total, grid.total, grid.computed, grid.corner(), grid.safe(5, 5), grid.safe(1, 1))
    del grid.total
    grid.cells[0][0] = 100
    print(grid.total, grid.computed, "total" in vars(grid))

    volume(4), volume(4, 5, c=6)
    print(volume.__name__, volume.__doc__, volume.__wrapped__.__name__, volume.__qualname__)
    doubled = functools.partial(volume, 2, c=10)
    print(doubled(7), doubled(7, c=1), doubled.func is volume, doubled.args, doubled.keywords)
    base2 = functools.partial(int, base=2)
    print(base2("1011"), functools.partial(base2, "77", base=8)(), functools.partial(print, "a", sep="-")("b", "c"))
    print(functools.reduce(operator.mul, range(1, 11)), functools.reduce(lambda a, b: f"({a}{b})", "abcd", "*"))
    print(operator.itemgetter(1, -1)("abc"), operator.attrgetter("computed", "cells.append.__name__")(grid)[0], operator.methodcaller("split", ",")("a,b"), operator.contains([1], 1), operator.index(True), operator.truediv(1, 4), operator.countOf("banana", "a"))
    compare = functools.cmp_to_key(lambda a, b: len(a) - len(b))
    print(sorted(["ccc", "a", "bb", "d"], key=compare), compare("a") < compare("bb"), max("aa b cc".split(), key=compare))


main()
