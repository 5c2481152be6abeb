"""set and frozenset: algebra, methods, what does not fit."""

CASES = r'''
set(), frozenset(), set('aab') == {'a', 'b'}, frozenset([1]), {1}, {1, True, 1.0}, {*[1], *(2,)} == {1, 2}, set({1: 2}), {i % 2 for i in range(5)} == {0, 1}
set(5)
{[]}
{{1}}
{frozenset({1})}, {1} == frozenset({1}), hash(frozenset({1, 2})) == hash(frozenset({2, 1})), hash(frozenset()) == hash(frozenset()), frozenset({1}) == {1}, {frozenset({1}): 2}[frozenset({1})]
hash({1})
{1, 2} | {3}, {1, 2} & {2}, {1, 2} - {2}, {1, 2} ^ {2, 3}, {1} | frozenset({2}), type(frozenset({1}) | {2}).__name__, type({1} | frozenset({2})).__name__
{1} | [2]
{1} & 'a'
{1} - [1]
{1} ^ None
{1}.union([2], 'a') == {1, 2, 'a'}, {1, 2}.intersection([2], (2, 3)), {1, 2}.difference([1], [5]), {1, 2}.symmetric_difference([2, 3]), {1}.union(), {1}.intersection(), {1}.difference()
{1}.union(5)
{1}.symmetric_difference()
{1}.symmetric_difference([1], [2])
{1} < {1, 2}, {1} <= {1}, {1} > set(), {1} >= {2}, {1}.issubset([1, 2]), {1, 2}.issuperset('') , {1}.isdisjoint([2]), {1} < {1}, {1} != {2}, {1} == [1]
{1} < [1]
{1} <= 5
{1}.issubset(5)
(lambda s: (s.add(2), s.add(2), s.discard(9), s.remove(1), s.update([3], 'a') , len(s), s.clear(), s))({1})
{1}.remove(2)
{1}.remove([])
{1}.discard([])
{1}.add([])
[] in {1}
{1} in {1}, {1} in {frozenset({1})}, frozenset({1}) in {frozenset({1})}
(lambda s: (s.discard({1}), s))({frozenset({1})})
set().pop()
(lambda s: (s.pop(), s))({1})
(lambda s: (s.intersection_update([1, 2]), s.difference_update([2]), s.symmetric_difference_update([1, 5]), s))({1, 2, 3})
(lambda s: (s.__ior__({2}), s.__iand__({1, 2}), s.__isub__({1}), s.__ixor__({7, 2}), s))({1})
{1}.__ior__([1])
(lambda s: (s.__isub__(s), s))({1, 2})
(lambda s: (s.update(s), s.difference_update(s), s))({1, 2})
frozenset({1}).add(2)
frozenset({1}).copy() == {1}, frozenset({1}).union([2]) == {1, 2}, frozenset([1]) is frozenset([1]), (lambda f: frozenset(f) is f)(frozenset([1])), {1}.copy() == {1}
(lambda s: [s.add(x + 10) for x in s])({1, 2})
(lambda s: [s.remove(x) for x in s])({1, 2})
repr({1}), repr(set()), repr(frozenset({1})), repr(frozenset()), str({None}), repr(type('S', (set,), {})([1])), repr(type('F', (frozenset,), {})([1])), repr({'a'})
type('S', (set,), {})([1]) | {2}, type(type('S', (set,), {})([1]) | {2}).__name__, type(type('S', (set,), {})([1]).copy()).__name__, type(type('F', (frozenset,), {})([1]).union()).__name__
set[int], frozenset[int], {1}.__contains__(1), {1}.__len__(), {1}.__or__(5), {1}.__eq__(5), {1}.__lt__(5), iter({1}).__length_hint__()
set([1], [2])
set(a=1)
frozenset(1, 2)
set().union(*[[1], [2]]), sorted({3, 1, 2}), max({1, 5}), sum({1, 2}), list({1}), tuple({1}), {*()}, any({0}), all({1}), len({*range(1000)} - {*range(990)})
{1: 2}.keys() | {3}, {3} | {1: 2}.keys(), {1} == {1: 2}.keys(), {1} & {1: 2}.keys(), {1} < {1: 2, 2: 3}.keys(), {1}.issubset({1: 2})
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
