'Weak mappings and sets: all methods, and iteration while members die.'

import collections.abc
import gc
import weakref


def clean(text):
    """Without addresses."""
    first, *rest = text.split(' at 0x')
    return first + ''.join((' at ...' + part.lstrip('0123456789abcdef') for part in rest))


def attempt(call, *args, **kw):
    try:
        return clean(repr(call(*args, **kw)))
    except BaseException as error:
        return clean(f'{type(error).__name__}: {error}')


class C:

    def __init__(self, v=0):
        self.v = v

    def __repr__(self):
        return f'<C {self.v}>'

    def __hash__(self):
        return hash(self.v)

    def __eq__(self, o):
        return isinstance(o, C) and self.v == o.v


objs = [C(i) for i in range(5)]
W, K, S = (weakref.WeakValueDictionary, weakref.WeakKeyDictionary, weakref.WeakSet)
wv = W()
wk = K()
ws = S()
for i, o in enumerate(objs):
    wv[i] = o
    wk[o] = i
    ws.add(o)
print(type(iter(wv)).__name__, type(wv.keys()).__name__, type(wv.values()).__name__, type(wv.items()).__name__, type(iter(ws)).__name__, type(wk.items()).__name__)
print(isinstance(wv, collections.abc.MutableMapping), isinstance(wk, collections.abc.MutableMapping), isinstance(ws, collections.abc.MutableSet))
print([len(x) for x in (wv, wk, ws)], list(wv.items()), list(wk.items()), sorted(ws, key=lambda c: c.v))
print(repr(wv).startswith('<WeakValueDictionary at 0x'), repr(wk).startswith('<WeakKeyDictionary at 0x'), repr(S()))
it = iter(wv.items())
print(next(it))
del objs[2], o
gc.collect()
print(list(it), len(wv))
objs.insert(2, C(2))
wv[2] = objs[2]
wk[objs[2]] = 2
ws.add(objs[2])
it = iter(wk)
a = next(it)
del a
objs.pop(1)
print(sorted((x.v for x in it)), len(wk), len(ws))
it = iter(ws)
first = next(it).v
objs.clear()
gc.collect()
print(first, list(it), len(ws), len(wv), len(wk))
objs = [C(i) for i in range(4)]
wv = W(zip('abcd', objs))
print(sorted(wv.keys()), [v.v for v in wv.values()], attempt(W, 1), attempt(W, {}, {}), attempt(W), attempt(K, 1), attempt(lambda: W(a=objs[0]).data), attempt(lambda: K(a=1)))
print(attempt(lambda: wv['zz']), attempt(wv.pop, 'zz'), attempt(wv.pop, 'zz', None), attempt(wv.pop, 'zz', 5), attempt(wv.get, 'zz'), attempt(wv.get, 'zz', 4), attempt(wv.setdefault, 'q', 1), attempt(wv.__setitem__, 'x', 1), attempt(wv.__delitem__, 'nope'))
print(attempt(wv.pop, 'a'), attempt(wv.popitem), len(wv), attempt(wv.setdefault, 'n', objs[0]), attempt(wv.__contains__, 'n'), 'zz' in wv)
print(attempt(lambda: [r() for r in wv.valuerefs()]), attempt(lambda: sorted((r.key for r in wv.valuerefs()))), attempt(lambda: [r() for r in wv.itervaluerefs()]))
print(type(wv.valuerefs()[0]).__name__, isinstance(wv.valuerefs()[0], weakref.ref))
cp = wv.copy()
cc = wv.__copy__()
print(cp == wv, cc == wv, dict(wv) == wv, wv == dict(wv), wv != {}, wv == 5)
print(attempt(lambda: wv < {}), attempt(hash, wv), attempt(hash, ws), attempt(lambda: wv | {'z': objs[1]}), attempt(lambda: wv | [('z', objs[1])]), attempt(lambda: {'z': objs[1]} | wv), attempt(lambda: 5 | wv))
wv |= {'m': objs[2]}
wv.update([('u', objs[3])])
wv.update(k=objs[0])
print(sorted(wv.keys()), attempt(wv.update, 1, 2), attempt(wv.update, None))
wv.clear()
print(len(wv), attempt(wv.popitem), list(wv), bool(wv))
other = C(77)
wk = K({objs[0]: 0, objs[1]: 1})
print(attempt(lambda: wk[5]), attempt(lambda: wk[other]), 5 in wk, C(0) in wk, wk[C(0)], attempt(wk.__setitem__, 5, 5), attempt(wk.__delitem__, 5), attempt(wk.get, 5), attempt(wk.pop, 5), attempt(wk.setdefault, C(1), 9))
print(attempt(wk.pop, other), attempt(wk.pop, other, None), attempt(wk.pop, objs[0]), attempt(wk.popitem), attempt(wk.popitem), len(wk), [r() for r in wk.keyrefs()])
wk.update({objs[0]: 5})
print(list(wk.items()), attempt(wk.update, x=1), attempt(wk.update, [(objs[1], 6)]), type(wk.__copy__()).__name__, wk | {objs[2]: 1} == {objs[0]: 5, objs[2]: 1}, attempt(lambda: wk | 4))


class Bad:

    def __hash__(self):
        raise RuntimeError('no hash')


b = Bad()
print(attempt(wk.__setitem__, b, 1), attempt(lambda: b in wk), attempt(ws.add, b))
ws = S(objs[:3])
print(attempt(S, 1), len(S(None)), attempt(S, [1]), 1 in ws, objs[0] in ws, attempt(ws.add, 1), attempt(ws.remove, objs[3])[:8], attempt(ws.discard, objs[3]), attempt(ws.discard, 1), attempt(ws.remove, 1))
t = S(objs[1:])
k = lambda s: sorted((x.v for x in s))
print(k(ws | t), k(ws & t), k(ws - t), k(ws ^ t), k(ws.union(t)), k(ws.union(objs)), attempt(lambda: set(objs) | ws), type(ws | t).__name__)
print(ws <= t, ws < t, ws >= t, ws > t, ws == S(objs[:3]), ws != t, ws == set(objs[:3]), ws == 5, attempt(lambda: ws < 5), attempt(lambda: ws <= set(objs)), ws.issubset(objs), ws.issuperset([]), ws.isdisjoint(t), ws.isdisjoint([]))
ws &= t
print(k(ws))
ws |= objs[:1]
print(k(ws))
ws ^= t
print(k(ws))
ws -= objs[:1]
print(k(ws))
ws -= ws
print(k(ws))
t ^= t
print(len(t))
ws.update(objs)
ws.difference_update(objs[:1])
ws.intersection_update(objs[:3])
ws.symmetric_difference_update(objs[:2])
print(k(ws), k(ws.copy()), k(ws.difference(objs[:1])), k(ws.symmetric_difference(objs)), k(ws.intersection(objs)))
print(attempt(lambda: ws.union(5)), attempt(lambda: S().pop()), S([objs[0]]).pop().v, attempt(lambda: S[int]), weakref.WeakSet.__module__, weakref.WeakSet.__name__, weakref.WeakValueDictionary.__module__)
print(clean(repr(S([objs[0]]))))


class SubW(W):

    def __init__(self, *a, **k):
        self.tag = 't'
        super().__init__(*a, **k)


class SubS(S):
    x = 1


sw = SubW({'a': objs[0]})
print(sw.tag, type(sw.copy()).__name__, type(SubS(objs) | t).__name__, sw['a'].v, len(sw))
s1 = SubS()
s1.attr = 4
print(s1.__dict__.get('attr'))
print(weakref.ref(ws)() is ws, weakref.ref(wk)() is wk)
d = W()
o = C(1)
d[1] = o
d[2] = o
del o
print(len(d), list(d), 1 in d, d.get(1, 'x'))


class Cy:
    pass


d = K()
cy = Cy()
d[cy] = cy
del cy
gc.collect()
print(len(d))
cy = Cy()
cy.d = d
d[cy] = 1
del cy
gc.collect()
print(len(d))
d = K()
x, y = (C(5), C(5))
d[x] = 1
d[y] = 2
print(len(d), list(d)[0] is x, d[x])
del x
print(len(d))
d = W()
x, y = (C(5), C(6))
d['k'] = x
d['k'] = y
del x
print(d['k'].v)
del y
print(len(d))
objs = [C(i) for i in range(6)]
d = W(enumerate(objs))
it = iter(d.values())
next(it)
del objs[3:]
print(len(d), len(list(d)), d.get(4), 4 in d)
d[9] = objs[0]
print(attempt(list, it))
objs = [C(i) for i in range(6)]
d = K({o: 1 for o in objs})
it = iter(d.keys())
next(it)
d[C(99)] = 1
print(len(d))
s = S(objs)
it = iter(s)
next(it)
s.add(objs[0])
print(len(list(it)))
print(attempt(lambda: [ref for ref in d.keyrefs()] != []), attempt(d.__reversed__) if hasattr(d, '__reversed__') else 'no reversed', hasattr(W, '__reversed__'), hasattr(W, 'fromkeys'))
