"""inspect: signatures bound and replaced, sources, members, kinds of things, frames, closures, states."""
import functools
import inspect
import sys


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


def f(a, b: int = 1, /, c="x", *args, d, e: str = "y", **kwargs) -> list:
    """Doc
    indented."""
    return [a]


class C:
    "C's doc"
    attr = 1

    def __init__(self, x, *, y=2):
        pass

    def method(self, z): pass

    @classmethod
    def cm(cls, q): pass

    @staticmethod
    def sm(r): pass

    @property
    def prop(self): return 1

    def __call__(self, called): pass


class M(type):
    def __call__(cls, meta_arg): pass


class WithMeta(metaclass=M): pass


class New:
    def __new__(cls, only): pass


s = inspect.signature(f)
print(s, s.return_annotation, [(p.name, str(p.kind), p.default is p.empty, p.annotation is p.empty) for p in s.parameters.values()])
for x in (C, C.method, C(1).method, C.cm, C.sm, C(1), WithMeta, New, functools.partial(f, 1, d=2), functools.partialmethod, lambda *a: 1, len, print, int.__add__, str.join, functools.wraps(f)(lambda: 1), dict.get, [].append):
    attempt(lambda: inspect.signature(x))
b = s.bind(1, 2, 3, 4, d=5, z=6)
print(b, b.args, b.kwargs, b.arguments)
b = s.bind_partial(1)
b.apply_defaults()
print(b.arguments, s.replace(return_annotation=s.empty), s.replace(parameters=list(s.parameters.values())[:2]), s == inspect.signature(f), hash(s) == hash(inspect.signature(f)), inspect.Signature.from_callable(f) == s, s.format(max_width=20))
P = inspect.Parameter
for call in (lambda: s.bind(), lambda: s.bind(1, 2), lambda: s.bind(1, d=1, a=2), lambda: s.bind(1, d=1, c=2, **{"c2": 3}).kwargs, lambda: inspect.signature(5), lambda: inspect.Signature([P("a", P.KEYWORD_ONLY), P("b", P.POSITIONAL_ONLY)]), lambda: inspect.Signature([P("a", P.POSITIONAL_ONLY)] * 2), lambda: P("1", P.POSITIONAL_ONLY), lambda: P("a", P.VAR_POSITIONAL, default=1), lambda: P("def", P.POSITIONAL_ONLY), lambda: P("a", 9), lambda: inspect.getsource(5), lambda: inspect.getsource(len), lambda: inspect.getfile(int), lambda: inspect.getcallargs(f, 1), lambda: inspect.getclosurevars(5)):
    attempt(call)
print(inspect.getdoc(f), inspect.getdoc(C), inspect.cleandoc("  a\n    b\n   c"), inspect.getsource(New), inspect.getsourcelines(C.sm)[0], inspect.getsourcefile(f) == __file__, inspect.getmodule(f).__name__, inspect.getcomments(f))
print([name for name, _ in inspect.getmembers(C(1)) if not name.startswith("__")], [n for n, _ in inspect.getmembers(C, inspect.isfunction)], [a[:2] for a in inspect.classify_class_attrs(C) if not a.name.startswith("__")], inspect.getmro(WithMeta), inspect.getattr_static(C(1), "prop").__class__.__name__, inspect.getcallargs(f, 1, d=2))
def gen(): yield
async def co(): pass
async def agen(): yield
things = {"function": f, "lambda": lambda: 1, "class": C, "method": C(1).method, "builtin": len, "generator function": gen, "generator": gen(), "coroutine function": co, "async generator function": agen, "module": sys, "property": C.prop, "descriptor": int.__add__, "code": f.__code__, "frame": sys._getframe(), "partial": functools.partial(gen), "abstract": __import__("collections.abc").abc.Sized, "getset": type(f).__dict__["__code__"], "routine": str.join}
checks = [n for n in dir(inspect) if n.startswith("is") and n not in ("iskeyword", "isawaitable")]
for name, value in things.items():
    print(name, [c for c in checks if c not in ("ispackage",) and getattr(inspect, c)(value)])
g = gen()
print(inspect.getgeneratorstate(g), next(g), inspect.getgeneratorstate(g), inspect.getgeneratorlocals(g), g.close(), inspect.getgeneratorstate(g))
outer = 5
def closing(free):
    def inner(): return free, outer, len, nothing
    return inner
print(inspect.unwrap(functools.wraps(f)(lambda: 1)) is f, inspect.indentsize("\t x"), inspect.formatannotation(list[int]), inspect.get_annotations(f), inspect.currentframe().f_code.co_name, [i.function for i in inspect.stack()], inspect.getargspec.__name__ if hasattr(inspect, "getargspec") else "", inspect.getfullargspec(f))
