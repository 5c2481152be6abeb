"""Dict views, mappingproxy and what they say of keys: set operations, changes seen, orders, mutation found during iteration."""
import types


def attempt(text):
    try:
        print(text, "->", eval(text))
    except Exception as error:
        print(text, "|", type(error).__name__, error)


d = {"a": 1, "b": 2, "c": [3]}
k, v, i = d.keys(), d.values(), d.items()
p = types.MappingProxyType(d)
e = {1: 1, 2: 4}
for text in ("k", "v", "i", "p", "len(k), len(v), len(i), len(p)", "'a' in k", "1 in v", "('a', 1) in i", "('a', 2) in i", "'a' in i", "('a',) in i", "list(k)", "list(reversed(k)), list(reversed(v)), list(reversed(i)), list(reversed(p))",
             "sorted(k & {'a', 'z'})", "sorted(k | ['z'])", "sorted(k - 'a')", "sorted(k ^ {'a', 'q'})", "sorted({'a', 'q'} & k)", "sorted({'a', 'q'} - k)", "sorted(['q'] | k)", "k & 5", "k == {'a', 'b', 'c'}", "k == ['a', 'b', 'c']", "k < {'a', 'b', 'c', 'd'}", "k >= {'a'}", "k > {'a'}", "k.isdisjoint('xyz')", "k.isdisjoint(5)", "k.mapping", "i.mapping == d",
             "e.items() & {(1, 1)}", "e.items() | {(9, 9)}", "sorted(e.items() ^ {(1, 1), (3, 9)})", "e.items() - e.items()", "e.items() == {(1, 1), (2, 4)}", "e.items() <= {(1, 1), (2, 4), (5, 5)}", "i & i", "i == d.items()", "i == [('a', 1)]", "v == v", "v == d.values()", "v & v", "k < 5", "hash(k)", "k[0]", "k.x", "repr({}.keys()), repr({}.values()), repr({}.items())",
             "p['a']", "p['z']", "p.get('z', 0)", "p | {'q': 1}", "{'q': 1} | p", "p == d", "p.copy() == d", "'a' in p", "p.__setitem__", "hash(p)", "dict(p) == d", "list(p.items())", "p | 5", "type(p)(5)", "type(p)([1])", "type(p)(p)", "iter(k).__length_hint__()", "iter(i).__reduce__()[1]"):
    attempt(text)
d["d"] = 4
del d["a"]
print(k, v, i, p)
try:
    p["x"] = 1
except TypeError as error:
    print(error)
try:
    del p["b"]
except TypeError as error:
    print(error)


def change(action):
    target = {1: 1, 2: 2, 3: 3}
    seen = []
    try:
        for x in target:
            seen.append(x)
            action(target)
            if len(seen) > 5:
                break
    except RuntimeError as error:
        seen.append(str(error))
    print(seen, target)


change(lambda t: t.update({9: 9}))
change(lambda t: t.pop(3, None))
change(lambda t: t.update({1: 5}))
change(lambda t: t.clear())
change(lambda t: t.setdefault(2, 0))
for kind in ("keys", "values", "items"):
    target = {1: 2}
    iterator = iter(getattr(target, kind)())
    target[2] = 3
    try:
        next(iterator)
    except RuntimeError as error:
        print(kind, error)
    try:
        next(iterator)
    except (RuntimeError, StopIteration) as error:
        print(type(error).__name__)
order = {}
for x in "hello world":
    order[x] = order.pop(x, 0) + 1
print(order)
same = {1: "int"}
same[1.0] = "float"
same[True] = "bool"
print(same, {**same, 2: 2}, dict([(1, 2)], a=3), dict(**{"x": 1}), dict.fromkeys("ab"), dict.fromkeys([1], []), {"b": 1, "a": 2} == {"a": 2, "b": 1}, list({"b": 1, "a": 2}), {1: 2}.popitem())
