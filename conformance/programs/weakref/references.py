'What weak references are: their type, equality, hash, callbacks, which objects have them.'

import gc
import sys
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

    def __eq__(self, o):
        return isinstance(o, C) and self.v == o.v

    def __hash__(self):
        return hash(self.v)

    def method(self):
        return self.v


c = C(1)
print([n for n in sorted(weakref.__all__)])
print(weakref.ref is weakref.ReferenceType, weakref.ProxyTypes == (weakref.ProxyType, weakref.CallableProxyType))
print(weakref.ref.__name__, weakref.ref.__module__, weakref.ProxyType.__name__, weakref.ProxyType.__module__, weakref.CallableProxyType)
print(attempt(weakref.ref), attempt(weakref.ref, c, None, None), attempt(weakref.ref, c, callback=None), attempt(weakref.ref, 1))
print(attempt(weakref.ref.__init__, weakref.ref(c)), attempt(weakref.ref.__new__, weakref.ref))
r = weakref.ref(c)
r2 = weakref.ref(c)
cb = weakref.ref(c, print)
print(r is r2, r is cb, r == cb, r != cb, hash(r) == hash(c), r.__callback__, cb.__callback__ is print)
print(attempt(setattr, r, '__callback__', 1), attempt(setattr, r, 'x', 1), attempt(lambda: r(1)), attempt(lambda: r(x=1)))
print(attempt(lambda: r < cb), attempt(lambda: r == 1), attempt(lambda: r != 1))
print(weakref.getweakrefcount(c), weakref.getweakrefs(c) == [r, cb], weakref.getweakrefcount(1), weakref.getweakrefs(1))
p = weakref.proxy(c)
p2 = weakref.proxy(c)
p3 = weakref.proxy(c, print)
print(p is p2, p is p3, weakref.getweakrefcount(c), [type(x).__name__ for x in weakref.getweakrefs(c)], c.__weakref__ is r)


class D(weakref.ref):
    __slots__ = ('key',)

    def __new__(cls, o, callback=None, key=None):
        self = super().__new__(cls, o, callback)
        self.key = key
        return self

    def __init__(self, o, callback=None, key=None):
        super().__init__(o, callback)


class E(weakref.ref):
    pass


d = D(c, key=5)
d2 = D(c, key=5)
e = E(c)
e.extra = 3
print(d is d2, d == d2, d.key, d == r, e.extra, e.__dict__, isinstance(d, weakref.ref), d() is c, attempt(setattr, d, 'other', 1))
print([type(x).__name__ for x in weakref.getweakrefs(c)])
ee = weakref.ref(e)
print(ee() is e)
print(attempt(weakref.ref, r), attempt(weakref.ref, p), attempt(weakref.ref, d))
print(weakref.ref[int], weakref.ref[int].__origin__ is weakref.ref)


class M:
    __slots__ = ('a', '__weakref__')


class N(M):
    __slots__ = ()


class O:
    __slots__ = ('a',)


class P(O):
    pass


print(attempt(weakref.ref, O()), M().__weakref__, attempt(lambda: weakref.ref(N())() is None), attempt(lambda: weakref.ref(P())()))
print(attempt(setattr, c, '__weakref__', 1), attempt(delattr, c, '__weakref__'), C.__dict__['__weakref__'].__name__)
print(attempt(lambda: type('X', (C,), {'__slots__': ('__weakref__',)})), attempt(lambda: type('X', (O,), {'__slots__': ('__weakref__',)})().__weakref__))
for v in (1, 's', b'x', (), [], {}, {1}, frozenset(), None, 1.5, 1j, range(3), slice(1), object(), int, len, lambda: 0, C.method, c.method, (x for x in ()), sys, type, map(len, []), zip(), enumerate([]), iter([]), iter({}), memoryview(b''), bytearray(), Exception(), property(), classmethod(len), staticmethod(len), super(C, c), NotImplemented, ..., C.__dict__, C.method.__code__, weakref, [].append, reversed([]), filter(None, []), iter(set()), dict().keys(), weakref.WeakSet(), weakref.finalize):
    print(type(v).__name__, attempt(lambda: weakref.ref(v)() is v))


class A(int):
    pass


class T(tuple):
    pass


class B(bytes):
    pass


class L(list):
    pass


class S(str):
    pass


for v in (A(), T(), B(), L(), S()):
    print(type(v).__name__, attempt(lambda: weakref.ref(v)() is v))
hr = weakref.ref(c)
hash(hr)
h0 = hash(hr)
unh = weakref.ref(c, lambda _: None)
f = C(2)
fr = weakref.ref(f)
gr = weakref.ref(f, lambda _: None)
hash(fr)
del f
print(hash(fr) == hash(2), attempt(hash, gr), fr == gr, fr == fr, fr != gr, repr(fr).split(' at ')[0], repr(fr)[-6:])
print(repr(r).split(' at ')[0], repr(r)[1:].split('; ')[1].split(' at ')[0], repr(d).split(' at ')[0])


def named():
    pass


print(repr(weakref.ref(named)).split('; ')[1].split(' at ')[0], repr(weakref.ref(named)).endswith('(named)>'))
order = []
o = C(9)
keep = [weakref.ref(o, lambda w, i=i: order.append((i, w() is None))) for i in range(4)]
del o
print(order)


def boom(w):
    raise ValueError('boom')


class Hook:

    def __call__(self, a):
        print(a.exc_type.__name__, a.exc_value, clean(a.err_msg), a.object)


sys.unraisablehook = Hook()
o = C(9)
w1 = weakref.ref(o, boom)
w2 = weakref.ref(o, lambda w: print('second'))
del o
sys.unraisablehook = sys.__unraisablehook__


def die_during():
    o = C(1)
    rs = []

    def first(w):
        rs.append([weakref.getweakrefcount(o2) for o2 in [C(3)]])
        rs.append(x())
    x = weakref.ref(o)
    y = weakref.ref(o, first)
    del o
    return rs


print(die_during())
o = C(1)
box = []
box.append(weakref.ref(o, lambda w: box.clear()))
box.append(weakref.ref(o, lambda w: print('other called')))
del o
print(box)


class Z:

    def __del__(self):
        global saved
        saved = self
        print('in del', zr() is self)


z = Z()
zr = weakref.ref(z)
del z
print(zr() is saved)
del saved
print(zr())
a = C(1)
a.me = a
wa = weakref.ref(a, lambda w: print('collected', w() is None))
del a
gc.collect()
print(wa())
a = C(1)
a.w = weakref.ref(a, lambda w: print('never'))
a.me = a
del a
gc.collect()
print('done')


class Last:

    def __del__(self):
        print('garbage refers to nothing', self.weak() is None, weakref.getweakrefcount(living))


living = C(1)
last = Last()
last.me = last
last.weak = weakref.ref(living, lambda w: print('never'))
del last
gc.collect()
