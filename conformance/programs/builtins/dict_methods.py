"""dict: methods, views, order, and changes while iterating."""

CASES = r'''
dict(), dict(a=1), dict({'a': 1}, b=2), dict([('a', 1)], a=2), dict([[1, 2]]), dict(zip('ab', [1, 2])), {**{'a': 1}, 'a': 2, **{'b': 3}}, dict.fromkeys('ab'), dict.fromkeys([1], []), {1: 'a', True: 'b', 1.0: 'c'}
dict(5)
dict([1])
dict([(1, 2, 3)])
dict(['ab', 'cd']), dict(['abc'])
dict([(1,)])
dict([([], 1)])
{[]: 1}
{{}: 1}
{}['x']
{}[[]]
{(1, [2]): 3}
{'a': 1}['a'], {'a': 1}.get('b'), {'a': 1}.get('b', 5), 'a' in {'a': 1}, len({1: 2, 3: 4}), list({'b': 1, 'a': 2}), {1: 2} == {1.0: 2.0}, {1: 2} != {1: 3}, {'a': 1, 'b': 2} == {'b': 2, 'a': 1}, bool({})
{}.get([])
[] in {}
{1: 2} < {1: 3}
(lambda d: (d.setdefault('x', []).append(1), d.setdefault('x', 5), d.setdefault('n'), d))({})
(lambda d: (d.pop('a'), d.pop('z', 'default'), d.popitem(), d))({'a': 1, 'b': 2, 'c': 3})
{}.pop('a')
{}.popitem()
(lambda d: (d.update({'a': 2}, b=3), d.update([('c', 4)]), d.update(), d.update(d), d))({'a': 1})
{}.update(5)
{}.update([5])
{}.update([(1, 2, 3)])
{}.update(None)
{'a': 1} | {'b': 2, 'a': 3}, {} | {}, (lambda d: (d.__ior__([('x', 1)]), d))({'a': 1})
{} | []
{} | None
[] | {}
(lambda d: (d.keys(), d.values(), d.items(), len(d.keys()), 'a' in d.keys(), 1 in d.values(), ('a', 1) in d.items(), ('a', 2) in d.items()))({'a': 1, 'b': 2})
{'a': 1, 'b': 2}.keys() & {'b', 'c'}, {'a': 1}.keys() | ['z'] == {'a', 'z'}, {'a': 1, 'b': 2}.keys() - ['a'], {'a': 1}.keys() ^ {'a'}, {'a': 1}.items() & [('a', 1)], {'a': 1}.keys() == {'a'}, {'a': 1}.keys() < {'a', 'b'}, {'a': 1}.keys().isdisjoint('b'), {'a': 1}.values() == {'a': 1}.values(), ['a'] - {'b': 1}.keys() == {'a'}
{'a': []}.items() & [1], {'a': []}.items() == {'a': []}.items()
{'a': []}.items() | []
{}.keys() & 5
{}.keys() < 5
{'a': 1}.keys().mapping, type({'a': 1}.keys().mapping).__name__, list(reversed({'a': 1, 'b': 2})), list(reversed({'a': 1, 'b': 2}.items())), list(reversed({'a': 1, 'b': 2}.values()))
{}.keys()[0]
{}.keys().mapping.clear()
(lambda d: (d.__delitem__('a'), d.__setitem__('a', 9), d))({'a': 1, 'b': 2})
{}.__delitem__('a')
(lambda d: [d.__setitem__(k + 'x', 1) for k in d])({'a': 1})
(lambda d: [d.pop(k) for k in d])({'a': 1, 'b': 2})
(lambda d: [d.__setitem__(k, 5) for k in d] and d)({'a': 1, 'b': 2})
(lambda d, i: (next(i), d.clear(), next(i, 'none')))(*(lambda d: (d, iter(d)))({'a': 1, 'b': 2}))
(lambda d: (d.__setitem__('self', d), repr(d)))({})
(lambda d: (d.__setitem__('v', d.values()), repr(d)))({})
(lambda d: (d.__setitem__('self', d), d == d))({})
hash({})
{}.fromkeys(5)
{}.fromkeys([[]])
type('D', (dict,), {'__missing__': lambda s, k: k})()[5], type('D', (dict,), {'__missing__': lambda s, k: k})().get(5), type('D', (dict,), {})(a=1), type('D', (dict,), {})(a=1) == {'a': 1}, type(type('D', (dict,), {})(a=1).copy()).__name__, type(type('D', (dict,), {})() | {}).__name__, type(type('D', (dict,), {}).fromkeys('a')).__name__
dict[str, int], dict[str, int](a=1), {}.__class_getitem__(int), {1: 2}.__or__({3: 4}), {1: 2}.__or__(5), {1: 2}.__ror__({3: 4}), {1: 2}.__eq__(5), {1: 2}.__contains__(1), {1: 2}.__getitem__(1), {1: 2}.__len__()
{k: v for k, v in zip('abc', range(3)) if v}, {**{}}, {i: i for i in range(5)}, {len(s): s for s in ('a', 'bb', 'c')}
{**5}
{**[1]}
{i: 1 for i in [[]]}
(lambda **k: k)(**{'a': 1}), dict(**{'a': 1, 'b c': 2}), list({1: 'a', 2: 'b'}.items()), sorted({'b': 1, 'a': 2}.items(), key=lambda kv: kv[1]), max({'a': 3, 'b': 1}, key={'a': 3, 'b': 1}.get)
dict(**{1: 2})
(lambda d: ([d.__setitem__(i, i) for i in range(100)], [d.pop(i) for i in range(0, 100, 2)], len(d), list(d)[:3], [d.__setitem__(i, -i) for i in range(0, 10)], list(d)[-5:], d[4]))({})[2:4:1]
(lambda d: ([d.__setitem__(str(i), i) for i in range(1000)], [d.popitem() for _ in range(990)], d))({})[2]
iter({}).__length_hint__(), iter({1: 2}).__length_hint__(), (lambda i: (next(i), i.__length_hint__()))(iter({1: 2, 3: 4})), iter({1: 2}).__reduce__()[1]
next(iter({}))
{}.copy(), {1: [2]}.copy()[1] is not [2], dict({1: 2}.items()), {}.clear(), {1: 2}.__sizeof__() > 0, {1: 2}.__reversed__().__next__()
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
