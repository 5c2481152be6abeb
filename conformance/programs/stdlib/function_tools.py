"""functools: partial, caches, orderings, wrappers, dispatch."""

import functools


def t(f):
    """Prints what a call returns or raises."""
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)


partial,reduce,lru_cache,cache,cmp_to_key,cached_property,total_ordering,singledispatch,Placeholder,wraps,partialmethod = functools.partial,functools.reduce,functools.lru_cache,functools.cache,functools.cmp_to_key,functools.cached_property,functools.total_ordering,functools.singledispatch,functools.Placeholder,functools.wraps,functools.partialmethod
def mx(*a, **k): return a, k
mx.__qualname__ = 'mx'
def nr(x):
    s = repr(x)
    return s
t(lambda: reduce(1))
t(lambda: reduce(mx,[]))
t(lambda: reduce(mx,1))
t(lambda: reduce(mx,[1],initial=3))
t(lambda:reduce(function=mx, iterable=[1]))
t(lambda: reduce(lambda a,b:a*10+b,[1,2,3]))
t(lambda: reduce(lambda a,b:a*10+b,[1,2,3],7))
t(lambda: partial())
t(lambda: partial(1))
t(lambda: partial(len,1,key=2))
t(lambda: partial(mx, Placeholder))
t(lambda: partial(mx, Placeholder, 1)())
t(lambda: partial(len, Placeholder,2))
t(lambda: partial(mx,a=Placeholder))
t(lambda: partial(partial(len,1,a=1),2,b=3))
t(lambda: Placeholder)
t(lambda: type(Placeholder))
t(lambda: type(Placeholder)())
t(lambda: type(Placeholder)(1))
t(lambda: partial(partial(len, Placeholder, 2), Placeholder, 3))
t(lambda: partial(mx,1).__dict__)
t(lambda: partial(mx,1,a=2)(3,b=4))
t(lambda: partial(mx,1,a=2)(3,a=4))
t(lambda: partial(mx,Placeholder,2)(1,3))
t(lambda: partial(mx,1).args)
t(lambda: partial(mx,a=1).keywords)
t(lambda: partial(mx).func is mx)
P=type('P',(partial,),{})
t(lambda: P(len,1))
t(lambda: P(mx,1)(2))
def w():
    p=partial(mx,1); p.foo=5; return p.foo, p.__dict__, p.nope
t(w)
t(lambda: cmp_to_key())
t(lambda: cmp_to_key(mx)(1)<2)
t(lambda: hash(cmp_to_key(mx)(1)))
t(lambda: type(cmp_to_key(mx)))
t(lambda: cmp_to_key(mycmp=mx)(obj=1).obj)
def w():
    l=[3,1,2]; l.sort(key=cmp_to_key(lambda a,b:b-a)); return l
t(w)
calls=[]
def f(a,*b,**k):
    'doc of f'
    calls.append((a,b,k)); return a
f=lru_cache(f)
t(lambda: f.cache_info())
f(1)
f(1)
f(2.0)
f(1,z=1)
f(1,z=1)
t(f.cache_info)
t(f.cache_parameters)
t(lambda: f.__wrapped__(9))
t(lambda: f([]))
t(lambda: f.cache_clear())
t(f.cache_info)
t(lambda: lru_cache('a'))
t(lambda: lru_cache(None)(f).cache_info())
t(lambda: lru_cache(1,2,3))
t(lambda: lru_cache()(1))
t(lambda:f.__doc__)
t(lambda: f.__name__)
t(lambda: type(f))
t(lambda: cache(1))
t(lambda: calls)
t(lambda: f.__qualname__)
t(lambda: f.__module__)
def w():
    seen=[]
    @lru_cache(maxsize=2)
    def g(x): seen.append(x); return x*2
    r=[g(1),g(2),g(1),g(3),g(2),g(1),g(1)]
    return r,seen,g.cache_info()
t(w)
def w():
    @cache
    def fib(n): return n if n<2 else fib(n-1)+fib(n-2)
    return fib(100), fib.cache_info()
t(w)
def w():
    @lru_cache(maxsize=2,typed=True)
    def g(x): return x
    g(1); g(1.0); g(True); return g.cache_info(), g.cache_parameters()
t(w)
def w():
    @lru_cache(maxsize=8)
    def fib(n): return n if n<2 else fib(n-1)+fib(n-2)
    return fib(60), fib.cache_info().currsize
t(w)
def cpf(self):
    'doc'
    calls.append('cp'); return 5
A=type('A',(),{'cp':cached_property(cpf),'m':lru_cache(lambda self:1),'pm':partialmethod(lambda self,*a,**k:(a,k),1,k=2),'pl':partialmethod(mx,1)})
t(lambda: A().m())
t(lambda: A().pm(5,z=1))
t(lambda: A.pm(A(),6))
t(lambda: A.cp.__doc__)
a=A()
t(lambda: a.cp+a.cp)
t(lambda: a.__dict__)
t(lambda: calls[-2:])
t(lambda: partialmethod(1))
t(lambda: partialmethod())
t(lambda: A.cp.attrname)
t(lambda: partialmethod(len,1,k=2))
def w():
    del a.cp; x=a.cp; a.cp=9; return x,a.cp
t(w)
c=cached_property(len)
B=type('B',(),{'__slots__':(),'cp':cached_property(lambda s:1)})
t(lambda: B().cp)
t(lambda: type('D',(),{'d':c}).d.attrname)
t(lambda: c.__set_name__(A,'y'))
t(lambda: cached_property(len).__get__(a))
t(lambda: total_ordering(type('X',(),{})))
X=total_ordering(type('X',(),{'__lt__':lambda s,o:NotImplemented}))
t(lambda: X()<X())
t(lambda: X()>X())
t(lambda: X()>=1)
def mk(**m):
    m['__init__']=lambda s,v:setattr(s,'v',v); m['__eq__']=lambda s,o:s.v==o.v
    return total_ordering(type('Y',(),m))
for n,g in [('__lt__',lambda s,o:s.v<o.v),('__le__',lambda s,o:s.v<=o.v),('__gt__',lambda s,o:s.v>o.v),('__ge__',lambda s,o:s.v>=o.v)]:
    Y=mk(**{n:g})
    t(lambda: [(Y(a)<Y(b),Y(a)<=Y(b),Y(a)>Y(b),Y(a)>=Y(b)) for a in (1,2) for b in (1,2)])
@singledispatch
def g(x): return 'base'
@g.register(int)
def _(x): return 'int'
@g.register
def _(x: str): return 'str'
@g.register(list)
@g.register(tuple)
def _(x): return 'seq'
t(lambda: [g(1),g(True),g('a'),g([]),g(()),g(1.5)])
t(lambda: g())
t(lambda: g.register(1))
t(lambda: g.dispatch(bool)(1))
t(lambda: len(g.registry))
t(lambda: g.__wrapped__(1))
t(lambda: g.__name__)
def h(a: 5): pass
t(lambda: g.register(h))
t(lambda: g.register(1,2))
t(lambda: g(2.5))
sm=functools.singledispatchmethod(lambda self,x:'base'); sm.register(int)(lambda self,x:'int')
SM=type('SM',(),{'m':sm})
t(lambda: (SM().m('a'),SM().m(3)))
t(lambda: functools.singledispatchmethod(1))
t(lambda: functools.WRAPPER_ASSIGNMENTS)
t(lambda: functools.WRAPPER_UPDATES)
def w():
    def deco(fn):
        @wraps(fn)
        def inner(*a):
            'inner'
            return fn(*a)
        return inner
    @deco
    def target(x):
        'target doc'
        return x+1
    return target(1), target.__name__, target.__doc__, target.__wrapped__(5), target.__qualname__
t(w)
t(lambda: functools._CacheInfo(1,2,3,4))
t(lambda: f.cache_info().hits)
