# Whose attribute was asked for: an AttributeError that does not say so is told, where it leaves what looks attributes up.
import traceback

class S: __slots__ = "a",
def show(f):
    try: f()
    except AttributeError as e: print(type(e).__name__, e.args, e.name, type(e.obj).__name__)
    else: print("none")
class P:
    @property
    def bar(self): raise AttributeError("inner")
    def __getattr__(self, n): raise AttributeError("here " + n)
class PP:
    @property
    def bar(self): raise AttributeError("inner")
import threading
s = S()
l = threading.local()
show(lambda: s.a)
show(lambda: s.a())
show(lambda: S.a.__get__(s))
show(lambda: delattr(s, "a"))
show(lambda: P().bar)
show(lambda: P().bar())
show(lambda: PP().bar())
show(lambda: PP().nn())
show(lambda: getattr(PP(), "bar"))
show(lambda: l.x)
show(lambda: delattr(l, "x"))
show(lambda: delattr(P, "x"))
show(lambda: setattr(P(), "bar", 1))
show(lambda: delattr(threading, "x"))
show(lambda: threading.x)
show(lambda: threading.x())
def f():
    del threading.x
show(f)
def f():
    from threading import xx
try: f()
except ImportError as e: print(e.name, e.name_from)
import types
show(lambda: types.SimpleNamespace().x)
show(lambda: types.MappingProxyType({}).x)
show(lambda: int.x)
show(lambda: int.x())
show(lambda: (5).x())
show(lambda: (lambda: 1).x)
show(lambda: (lambda: 1).x())
show(lambda: list[int].x)
show(lambda: len.x)
show(lambda: super(P, P()).x)
show(lambda: super(P, P()).x())
class Q(P):
    def m(self): return super().bar
    def n(self): return super().bar()
    def o(self): return super().barr
    def p(self): return super().barr()
for n in "op": show(getattr(Q(), n))
show(lambda: setattr(PP(), "bar", 1))
show(lambda: delattr(PP(), "bar"))
def g():
    x = P()
    x.y += 1
show(g)
class W:
    def __setattr__(self, n, v): raise AttributeError("set")
    def __delattr__(self, n): raise AttributeError("del")
def h(): W().x = 1
show(h)
def h(): del W().x
show(h)
class C:
    def __get__(self, *a): raise AttributeError("desc")
    def __set__(self, *a): raise AttributeError("dset")
class D: c = C()
show(lambda: D().c); show(lambda: D().c()); show(lambda: D.c); show(lambda: D.c()); show(lambda: setattr(D(), "c", 1))
import functools
class E:
    @functools.cached_property
    def c(self): raise AttributeError("cp")
show(lambda: E().c)
match P():
    case object(zz=1): pass
    case _: print("no")
import weakref
p = P(); show(lambda: weakref.proxy(p).x); show(lambda: weakref.proxy(p).bar)
g = types.GenericAlias(P, (int,)); show(lambda: g.xx)
e = ValueError(); show(lambda: e.name)
import operator; show(lambda: operator.attrgetter("bar.x")(P()))
def imp():
    import types as t; t.__getattr__ = lambda n: (_ for _ in ()).throw(AttributeError("lazy"))
    t.zz
show(imp)
with_exc = AttributeError("kept")
class F:
    def __getattr__(self, n): raise with_exc
show(lambda: F().one); show(lambda: F().two)
class G2:
    def __getattr__(self, n): raise AttributeError(n, name=None, obj=None)
show(lambda: G2().one)

class Near:
    colour = 1
    def __getattr__(self, n): raise AttributeError(n)
try: Near().color
except AttributeError as e: print(traceback.format_exception_only(e))
class M(type):
    def __getattr__(c, n): raise AttributeError("meta")
class K(metaclass=M): pass
show(lambda: K.n)
class Own(AttributeError): pass
class V:
    def __getattr__(self, n): raise Own(n)
show(lambda: V().z)
class R:
    def __getattr__(self, n): raise AttributeError(n, name="other")
show(lambda: R().z)
show(lambda: R().__getattr__("u"))
print(hasattr(R(), "z"), getattr(R(), "z", 5))
