"""list: methods, slices assigned and deleted, comparison, sorting."""

CASES = r'''
list(), list('abc'), list({1: 2}), list(range(3)), [*'ab', *[1]], [] + [1], [1] * 3, 2 * [1, 2], [1] * 0, [1] * -1
list(5)
[1] + (2,)
[1] * 'a'
[1, 2] == [1, 2], [1, 2] < [1, 3], [1] < [1, 0], [] < [0], [1, 'a'] == [1, 'a'], [1, 2] != (1, 2), [[1]] < [[2]], [1, 2] >= [1, 2]
[1, 'a'] < [1, 2]
[1] < (1,)
(lambda a: (a.append(1), a.extend('xy'), a.insert(0, 'i'), a.insert(-1, 'm'), a.insert(100, 'e'), a.insert(-100, 's'), a))([9])
(lambda a: (a.pop(), a.pop(0), a.pop(-2), a))([1, 2, 3, 4, 5])
[].pop()
[1].pop(1)
[1].pop('a')
[1].remove(2)
[1].index(2)
[1, 2, 1, 3].index(1, 1), [1, 2, 1].index(1, -1), [1, 2, 1].count(1), [1, True, 1.0].count(1), [1, 2].index(2, -10, 10), [float('nan')].count(float('nan'))
[1, 2].index(2, 0, 1)
[1, 2].index('a', 1)
[].extend(5)
[].insert('a', 1)
[].append()
(lambda a: (a.remove(2), a.reverse(), a.copy() is a, a.copy() == a, a.clear(), a))([1, 2, 3])
(lambda a: (a.__setitem__(slice(1, 3), 'abc'), a.__setitem__(slice(0, 0), [9]), a.__setitem__(slice(5, None), []), a.__delitem__(slice(0, 2)), a))([1, 2, 3, 4, 5])
(lambda a: (a.__setitem__(slice(None, None, 2), 'xyz'), a.__delitem__(slice(None, None, -2)), a))([1, 2, 3, 4, 5])
(lambda a: (a.__setitem__(slice(3, 1), 'xy'), a.__setitem__(slice(None), a), a))([1, 2, 3, 4])
(lambda a: (a.__setitem__(slice(1, 2), a), a))([1, 2, 3])
(lambda a: (a.__setitem__(slice(None, None, -1), a), a))([1, 2, 3])
(lambda a: (a.extend(a), a))([1, 2])
(lambda a: (a.__iadd__(a), a.__iadd__('z'), a.__imul__(2), a))([1])
[1, 2, 3].__setitem__(slice(None, None, 2), [1])
[1, 2, 3].__setitem__(slice(None, None, 0), [1])
[1, 2, 3].__setitem__(slice(0, 1), 5)
[1].__setitem__(5, 1)
[1].__delitem__(5)
[1].__setitem__('a', 1)
[1].__delitem__('a')
[1, 2, 3, 4, 5][1:4], [1, 2, 3][::-1], [1, 2, 3][-2:], [1, 2, 3][5:], [1, 2, 3][::2], [1, 2, 3][-1:0:-1], [1, 2, 3][None:2], [1, 2, 3][True]
[1, 2][::0]
[1, 2]['x':]
sorted([3, 1, 2]), sorted('bca', reverse=True), sorted(['b', 'A', 'c'], key=str.lower), sorted([(1, 'b'), (1, 'a'), (0, 'z')]), sorted([3, 1, 2], key=lambda x: -x), sorted({3: 1, 1: 2}), sorted([1.5, 1, True]), sorted([])
sorted([(1, 'b'), (0, 'a'), (1, 'a')], key=lambda t: t[0]), sorted([(1, 'b'), (0, 'a'), (1, 'a')], key=lambda t: t[0], reverse=True)
sorted([1, 'a'])
sorted([1, None, 2])
sorted([1j, 2j])
sorted([3, 1], key=5)
sorted([3, 1], key=lambda x: 1 / 0)
sorted(5)
[3, 1].sort(None)
(lambda a: (a.sort(), a, a.sort(reverse=True), a, a.sort(key=str), a))([10, 9, 1])
(lambda a: a.sort(key=lambda x: a.append(1)))([3, 1, 2])
(lambda a: (a.sort(key=lambda x: (len(a), x)[1]), a))([3, 1, 2])
[x for x in sorted(range(200), key=lambda n: n * 7919 % 211)][:10], sorted(range(100), key=lambda n: n % 3)[:8], sorted(list(range(50)) + list(range(50)))[:6]
repr([1, [2, ['x']]]), str([]), repr([None, ...]), (lambda a: (a.append(a), repr(a)))([1]), (lambda a: (a.append({'k': a}), repr(a)))([])
(lambda a, b: (a.append(b), b.append(a), repr(a)))([], [])
(lambda a: (a.append(a), a == a))([])
hash([1])
list(reversed([1, 2, 3])), [1, 2, 3].__reversed__().__length_hint__(), iter([1, 2]).__length_hint__(), (lambda i: (next(i), i.__reduce__()[1:], list(i)))(iter([1, 2, 3])), 3 in [1, 2, 3], 'a' not in ['b']
(lambda a: [(a.append(x + 3), x)[1] for x in a if x < 6])([1, 2, 3])
(lambda a: [(a.remove(x), x)[1] for x in a])([1, 2, 3, 4])
[].__class_getitem__(int), list[int].__origin__, list[int].__args__, [].__sizeof__() < [1, 2, 3].__sizeof__(), [1, 2, 3].__len__()
next(iter([]))
[1, 2, 3].__contains__(2), [1].__eq__(5), [1].__lt__(5), [1].__add__([2]), [1].__mul__(2), [1].__rmul__(2), [1].__getitem__(0)
[1].__add__(5)
list.append([], 1), list.append
list.append(5, 1)
list.append()
type('L', (list,), {'x': 5})([1, 2]), type('L', (list,), {'__getitem__': lambda s, i: 'own'})([1])[0], list(type('L', (list,), {'__iter__': lambda s: iter('own')})([1])), type('L', (list,), {})([1]) == [1], type(type('L', (list,), {})([1]) + [2]).__name__, type(type('L', (list,), {})([1])[:]).__name__
any([]), all([]), any([0, 'a']), all([1, '']), sum([1, 2], 3), max([1, 3, 2]), min('cab'), len([1, 2]), list(map(lambda a, b: a + b, [1, 2], [3, 4, 5])), list(zip([1, 2], 'ab')), list(filter(None, [0, 1, '', 'a'])), list(enumerate('ab', 5)), list(zip()), list(zip('ab', 'cd', strict=True))
list(zip('ab', 'c', strict=True))
list(zip('a', 'cd', strict=True))
list(map(lambda a: a, [1], [2]))
list(map(lambda a, b: (a, b), [1, 2], 'ab', strict=True)), list(enumerate([], start=2**70))
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
