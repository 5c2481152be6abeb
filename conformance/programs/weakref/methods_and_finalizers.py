'Weak references to bound methods, and finalizers until the end of the program.'

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

    def f(self, *a):
        return ('f', a)

    def g(self):
        return 'g'

    @classmethod
    def cm(cls):
        return cls.__name__

    @staticmethod
    def sm():
        pass


c = C()
M = weakref.WeakMethod
m = M(c.f)
m2 = M(c.f)
m3 = M(c.g)
print(isinstance(m, weakref.ref), issubclass(M, weakref.ref), M.__mro__[1] is weakref.ref, m() == c.f, m()(1), m == m2, m == m3, hash(m) == hash(m2), m != m3, m is m2)
print(attempt(M, c), attempt(M, C.f), attempt(M, len), attempt(M, C.sm), attempt(M, 5), attempt(M), attempt(lambda: m(1)), repr(m).split(' at ')[0], weakref.getweakrefcount(c))
print(m == weakref.ref(c), attempt(lambda: m < m2), M.__module__, m.__callback__ is not None)
calls = []
mc = M(c.f, calls.append)
del c
gc.collect()
print(m(), mc(), len(calls), calls[0] is mc, m == m2, m == m, m != m2, attempt(lambda: hash(m) == hash(m2)))
cc = C()
mm = M(cc.f)
del C.f
gc.collect()
print(attempt(mm))
k = M(C.cm)
print(attempt(k), attempt(lambda: k()()))


class SubM(M):

    def __init__(self, *a):
        self.extra = 1


s = SubM(cc.g)
print(s.extra, s()(), type(s).__name__)
d = {M(cc.g): 1}
print(M(cc.g) in d)
F = weakref.finalize
log = []
o = C()
f = F(o, lambda *a, **k: log.append((a, k)) or 'result', 1, 2, x=3)
print(f.alive, f.atexit, f.peek()[0] is o, f.peek()[2:], weakref.getweakrefcount(o))
print(f(), log, f.alive, f(), f.peek(), f.detach(), f.atexit)
f = F(o, log.append, 'dead')
f.atexit = False
print(f.atexit)
del o
gc.collect()
print(log, f.alive, f.atexit)
o = C()
f = F(o, log.append, 'no')
x = f.detach()
print(x[0] is o, x[2:], f.alive, f.detach())
del x, o
print(attempt(F), attempt(F, 1), attempt(F, 1, len), attempt(F, 5, len), attempt(lambda: F(func=len, obj=C())), attempt(F, C()))
o = C()
f = F(o, print, 'hi')
print(repr(f).split(' at ')[0], repr(f).split('; ')[1].split(' at ')[0])
f.detach()
print(repr(f).split('; ')[1:], repr(f)[-6:])
print(attempt(setattr, f, 'other', 1), attempt(setattr, f, 'alive', 1), F.__slots__ if hasattr(F, '__slots__') else None, F.__module__)
f.atexit = True
print(f.atexit)


class SubF(F):

    def __init__(self, *a):
        super().__init__(*a)
        self.z = 1


o = C()
sf = SubF(o, print, 'sub called')
print(sf.z, sf.alive)
del o
print(sf.alive)


def bad():
    raise ValueError('bad')


def hook(a):
    print('hook', a.exc_type.__name__, a.exc_value)


sys.unraisablehook = hook
o = C()
f = F(o, bad)
del o
print(f.alive)
o = C()
f = F(o, bad)
print(attempt(f), f.alive)
keep = C()


class P:
    pass


p = P()
fs = [F(p, print, 'exit', i) for i in range(4)]
fs[1].atexit = False
fs[2].detach()
del fs
other = P()
F(other, lambda: (F(p, print, 'made late'), print('making'))[1])


class L:
    pass


l = L()
lf = F(l, print, 'l')
atexit_f = F(keep, print, 'last made first run')
print('end')
