'Every operator through a proxy, while its object lives and after.'

import operator
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


class N:

    def __init__(self, v):
        self.v = v

    def __repr__(self):
        return f'N({self.v})'


for name in 'add sub mul truediv floordiv mod lshift rshift and or xor matmul divmod'.split():
    exec(f"def f(s, o): return ('{name}', type(o).__name__)")
    setattr(N, f'__{name}__', f)
    exec(f"def f(s, o): return ('r{name}', type(o).__name__)")
    setattr(N, f'__r{name}__', f)
    if name != 'divmod':
        exec(f"def f(s, o): return ('i{name}', type(o).__name__)")
        setattr(N, f'__i{name}__', f)
N.__pow__ = lambda s, o, m=None: ('pow', o, m)
N.__rpow__ = lambda s, o, m=None: ('rpow', o, m)
N.__ipow__ = lambda s, o: ('ipow', o)
N.__neg__ = lambda s: 'neg'
N.__pos__ = lambda s: 'pos'
N.__abs__ = lambda s: 'abs'
N.__invert__ = lambda s: 'invert'
N.__int__ = lambda s: 7
N.__float__ = lambda s: 7.5
N.__index__ = lambda s: 3
N.__bool__ = lambda s: False
N.__len__ = lambda s: 4
N.__getitem__ = lambda s, k: ('get', k)
N.__setitem__ = lambda s, k, v: print('set', k, v)
N.__delitem__ = lambda s, k: print('del', k)
N.__contains__ = lambda s, k: k == 1
N.__iter__ = lambda s: iter([1, 2])
N.__str__ = lambda s: 'str'
N.__bytes__ = lambda s: b'bytes'
N.__reversed__ = lambda s: iter([2, 1])
N.__lt__ = lambda s, o: ('lt', type(o).__name__)
N.__eq__ = lambda s, o: ('eq', type(o).__name__)
N.__hash__ = lambda s: 5
N.__complex__ = lambda s: 1j
N.__round__ = lambda s, n=None: ('round', n)
N.__enter__ = lambda s: 'entered'
N.__exit__ = lambda s, *a: print('exit')
N.__format__ = lambda s, spec: 'fmt' + spec
N.__next__ = lambda s: 11
n = N(1)
p = weakref.proxy(n)
tests = [lambda: p + 1, lambda: 1 + p, lambda: p - p, lambda: p * 2, lambda: 2 * p, lambda: p / 1, lambda: p // 1, lambda: p % 1, lambda: 1 % p, lambda: p << 1, lambda: p >> 1, lambda: p & 1, lambda: p | 1, lambda: p ^ 1, lambda: 1 ^ p, lambda: p @ 1, lambda: divmod(p, 1), lambda: divmod(1, p), lambda: p ** 2, lambda: 2 ** p, lambda: pow(p, 2, 3), lambda: -p, lambda: +p, lambda: abs(p), lambda: ~p, lambda: int(p), lambda: float(p), lambda: operator.index(p), lambda: bool(p), lambda: len(p), lambda: p[1], lambda: p[1:2], lambda: 1 in p, lambda: 2 in p, lambda: list(p), lambda: str(p), lambda: bytes(p), lambda: list(reversed(p)), lambda: p < 1, lambda: p == 1, lambda: p == p, lambda: hash(p), lambda: complex(p), lambda: round(p), lambda: format(p, 'x'), lambda: f'{p}', lambda: next(p), lambda: [0, 1, 2, 3, 4][p], lambda: p.v, lambda: setattr(p, 'v', 3), lambda: n.v, lambda: delattr(p, 'v'), lambda: n.__dict__, lambda: p.__class__ is N, lambda: isinstance(p, N), lambda: type(p), lambda: callable(p), lambda: p(), lambda: p > 1, lambda: p <= 1, lambda: p != 1]
for i, t in enumerate(tests):
    print(i, attempt(t))
q = p
for op in 'iadd isub imul itruediv ifloordiv imod ilshift irshift iand ior ixor imatmul ipow'.split():
    print(op, attempt(getattr(operator, op), p, p))
p[1] = 2
del p[1]


def enter():
    with p as entered:
        return entered


print(attempt(enter))


class It:

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


it = It()
print(list(weakref.proxy(it)))


class Bare:
    pass


b = Bare()
pb = weakref.proxy(b)
for i, t in enumerate([lambda: pb + 1, lambda: len(pb), lambda: pb[0], lambda: next(pb), lambda: iter(pb), lambda: int(pb), lambda: bytes(pb), lambda: reversed(pb), lambda: -pb, lambda: pb == b, lambda: bool(pb), lambda: pb < 1, lambda: float(pb), lambda: divmod(pb, 1), lambda: 1 in pb, lambda: pb ** 2, lambda: operator.index(pb), lambda: round(pb)]):
    print(i, attempt(t))


class Call:

    def __call__(self, *a, **k):
        return (a, k)


c = Call()
pc = weakref.proxy(c)
print(type(pc), pc(1, x=2), callable(pc), isinstance(pc, weakref.CallableProxyType))
f = lambda x: x * 2
print(weakref.proxy(f)(4))
del n, b, c
for i, t in enumerate(tests[:48]):
    print(i, attempt(t))
print(attempt(lambda: p.v), attempt(lambda: setattr(p, 'v', 1)), attempt(lambda: pc()), attempt(lambda: repr(p)[-6:]), attempt(lambda: str(p)), attempt(lambda: bool(p)))
print(attempt(weakref.proxy), attempt(weakref.proxy, 1), attempt(weakref.ProxyType), attempt(weakref.proxy, f, None, 3), attempt(weakref.ref, p))
print(attempt(lambda: type('X', (weakref.ProxyType,), {})))
