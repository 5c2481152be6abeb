"""What `issuperset` and `isdisjoint` take from an iterable, and what they say of values that have no hash."""

from itertools import count


def t(f):
    try:
        print(f())
    except Exception as error:
        print(type(error).__name__, error)


def told(*values):
    for value in values:
        print("asked for", value)
        yield value


for kind in set, frozenset:
    some = kind([1, 2, frozenset()])
    t(lambda: some.issuperset(count()))
    t(lambda: some.isdisjoint(count()))
    t(lambda: some.issuperset(told(1, 2, 3, [])))
    t(lambda: some.isdisjoint(told(3, 1, [])))
    t(lambda: some.issuperset([1, []]))
    t(lambda: some.issuperset([set()]))
    t(lambda: some.isdisjoint([set()]))
    t(lambda: some.isdisjoint([{}]))
    t(lambda: some.issuperset([3, {}]))
    t(lambda: some.issuperset({1: 2, 2: 3}))
    t(lambda: some.issuperset({1, 2}))
    t(lambda: some.issuperset(""))
    t(lambda: some.issuperset(1))
    t(lambda: set() in some)


class S(set):
    pass


class F(frozenset):
    pass


class T(str):
    pass


for kind in set, frozenset, S, F:
    t(lambda: kind([], []))
for kind in str, T:
    t(lambda: kind(1, 2, 3, 4))
