"""Classes that derive from the types of collections, and ChainMap."""



def t(f):
    """Prints what a call returns or raises."""
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)


import collections
from collections import ChainMap
class C(collections.Counter): pass
class P(collections.namedtuple('P','x y')):
    __slots__ = ()
    def norm(self): return self.x+self.y
t(lambda: P(1,2).norm())
t(lambda: P.__module__)
t(lambda: P(1,2))
class D(collections.defaultdict):
    def __missing__(self, k): return k*2
t(lambda: D()['ab'])
a=ChainMap({'a':1},{'a':2,'b':3})
t(lambda: a)
t(lambda: a['a'])
t(lambda: a['b'])
t(lambda: a['q'])
t(lambda: list(a))
t(lambda: len(a))
t(lambda: 'b' in a)
t(lambda: dict(a))
t(lambda: a.new_child({'z':1}))
t(lambda: a.parents)
t(lambda: a.maps)
def w(): a['n']=1; del a['n']; return a
t(w)
def w(): del a['b']
t(w)
t(lambda: a.pop('b'))
t(lambda: a.get('zz',5))
t(lambda: a==a.copy())
t(lambda: a=={'a':1,'b':3})
t(lambda: a|{'q':1})
t(lambda: {'q':1}|a)
t(lambda: ChainMap())
t(lambda: ChainMap().popitem())
t(lambda: bool(ChainMap()))
t(lambda: sorted(a.items()))
t(lambda: sorted(a.values()))
class CM(ChainMap):
    def __missing__(self,k): return 'missing '+k
t(lambda: CM({})['q'])
import sys, functools
@functools.total_ordering
class V:
    def __init__(s,v): s.v=v
    def __eq__(s,o): return s.v==o.v
    def __lt__(s,o): return s.v<o.v
t(lambda: sorted([V(3),V(1)])[0].v)
t(lambda: max(V(3),V(1)).v)
t(lambda: V(1)>=V(1))
class W:
    @functools.cached_property
    def p(self): print('computed'); return 3
    @functools.lru_cache
    def q(self): return 4
    @functools.singledispatchmethod
    def r(self, x): return 'base'
    @r.register
    def _(self, x: int): return 'int'
    @r.register(list)
    @classmethod
    def _(cls, x): return cls.__name__
x=W()
t(lambda: (x.p,x.p,x.q(),x.q(),x.r(1),x.r('a'),x.r([])))
t(lambda: collections.UserDict if 0 else 1)
t(lambda: isinstance(collections.OrderedDict(), dict))
t(lambda: collections.OrderedDict.__mro__)
t(lambda: collections.Counter.__mro__)
