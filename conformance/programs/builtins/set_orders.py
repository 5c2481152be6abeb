"""The order of sets that the operators of views make, and derived classes that are not iterable."""
import copy
import operator


def show(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


numbers = {33: 2, 65: 6, 97: 1}
for other in ({33, 1, 5}, [5, 1, 33], {5: 1, 33: 2, 2: 2}, range(30, 40), frozenset((2, 3, 4))):
    for a, b in ((numbers.keys(), other), (other, numbers.keys())):
        for combine in (operator.or_, operator.and_, operator.sub):
            show(lambda: [*combine(a, b)])
        show(lambda: sorted(operator.xor(a, b)))
small = {1: 2, 2: 3}
print([*(small.items() ^ {1, 2, 3})], [*(small.items() ^ {2, 3, 4})], [*({3, 4} | small.items())], [*(small.items() - [(1, 2)])])


class Closed(frozenset):
    __iter__ = None


closed = Closed([1, 2])
for action in (
    lambda: {1}.isdisjoint(closed), lambda: closed.isdisjoint({1}), lambda: closed.isdisjoint([3]), lambda: closed | {3} == {1, 2, 3}, lambda: {1} & closed,
    lambda: {1} <= closed, lambda: {1}.issubset(closed), lambda: list(closed), lambda: closed.__reduce__(), lambda: copy.copy(closed), lambda: copy.deepcopy(closed),
    lambda: len(closed), lambda: 1 in closed, lambda: hash(closed) == hash(frozenset([1, 2])),
):
    show(action)
