"""tuple and range: methods, comparison, what does not fit."""

CASES = r'''
tuple(), tuple('ab'), tuple([1]), (1,), (), 1, (1, 2) + (3,), (1,) * 3, (1, 2)[::-1], (1, 2)[-1], (*'ab', 1)
tuple(5)
(1,) + [2]
(1, 2)[2]
(1, 2)['a']
(1, 2).count(1), (1, 2, 1).index(1, 1), (1, 2) < (1, 3), (1,) < (1, 0), (1, 2) == [1, 2], hash((1, 2)) == hash((1, 2)), hash(()) == hash(()), 2 in (1, 2), repr((1,)), repr(()), repr((1, (2,)))
(1, 2).index(3)
(1, 'a') < (1, 2)
hash(([],))
(1, 2).__add__(5)
() is (), tuple((1, 2)) == (1, 2), (1, 2).__getnewargs__(), len((1,) * 5), (None,) == (None,), (1, 2) != (2, 1)
type('T', (tuple,), {})((1, 2)), type('T', (tuple,), {}) ((1, 2)) == (1, 2), type(type('T', (tuple,), {})((1,)) + (2,)).__name__, type('T', (tuple,), {'__new__': lambda c, *a: tuple.__new__(c, a)})(1, 2)
(lambda t: (t[0].append(1), t))(([],))
(lambda a, *b: (a, b))(*(1, 2, 3)), max((1, 2), (1, 3)), sorted([(2, 'a'), (1, 'z')]), dict([(1, 2)]), sum(((1,), (2,)), ())
tuple.__new__(tuple, 5)
tuple.__new__(list)
tuple[int, ...], tuple[()].__args__, tuple[int].__origin__
range(5), range(1, 5), range(1, 5, 2), range(0), list(range(5, 0, -2)), range(10)[2:8:2], range(10)[::-1], range(10)[-1], len(range(0, 10, 3)), range(0, 5, 2) == range(0, 6, 2), range(0) == range(2, 2), hash(range(0)) == hash(range(5, 5))
range(1.5)
range(1, 2, 0)
range('a')
range(5)[5]
range(5)['a']
range(5).index(7)
range(5)[1:2:0]
3 in range(5), 3.0 in range(5), 'a' in range(5), 2 in range(1, 10, 2), range(10).count(3), range(10).count('a'), range(0, 10, 3).index(9), range(5, 0, -1).index(5), True in range(2), 2**70 in range(2**80), range(2**70)[2**69], range(-2**70, 2**70, 2**68)[::2]
len(range(2**70))
bool(range(0)), bool(range(1)), list(reversed(range(0, 10, 3))), range(3).start, range(1, 3).stop, range(1, 3, 5).step, iter(range(3)).__length_hint__(), list(range(-5, 5, 3)), sum(range(101)), list(range(2**63 - 2, 2**63 + 1)), max(range(5, 50, 7))
range(3).start.__class__, range(3) < range(4) if False else 0, range(True), repr(range(1, 2, 1)), list(map(range, [1, 2])), [*range(3)], range(5) == [0, 1, 2, 3, 4]
range(3) < range(4)
range(3) + range(2)
range.__new__(range, 1, 2, 3, 4)
(lambda r: (next(r), next(r), r.__reduce__()[1:] != 0, list(r)))(iter(range(4)))
type('R', (range,), {})
type('S', (slice,), {})
slice(5), slice(1, 2), slice(1, 2, 3), slice(None).indices(3), slice(1, 2).start, slice(3) == slice(0, 3), slice('a', [], {}), hash(slice(1, 2)) == hash(slice(1, 2)), slice(1, 2, 3).__reduce__()[1]
slice()
slice(1) < slice(2), slice(1, 2) < slice(1, 2, 'a') if False else 0
hash(slice([]))
slice(1, 2, 3).start.__class__, slice(0, 10, -1).indices(5), slice(10, 0, -1).indices(5), slice(-1, -10, -2).indices(5), slice(None, None, 2**70).indices(5)
enumerate('ab').__next__(), list(enumerate('ab', -1)), enumerate([]).__reduce__()[1][1:], reversed('abc').__next__(), list(reversed((1, 2))), zip('a', [1]).__next__(), map(str, [1]).__next__(), filter(None, [0, 5]).__next__()
enumerate(5)
reversed({1})
reversed(5)
zip(5)
map(5)
list(map(5, [1]))
filter(None, 5)
list(filter(5, [1]))
iter(5)
list(iter([1, 2, 3].pop, 1)), list(iter(iter([1, 2, 3]).__next__, 3)), next(iter([]), 'default'), next(iter([5]), 'default')
next(5)
next(iter([]))
iter(5, 6)
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
