"""inspect, traceback, warnings, types: looking at functions, frames and errors."""
import functools
import inspect
import io
import sys
import traceback
import types
import warnings


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


def f(a, b: int = 2, /, c="x", *args: str, d, e=None, **kw) -> list:
    """Does things.

    More about it.
    """


class C:
    "A class."

    x = 1

    def method(self, y=1): ...

    @classmethod
    def made(cls, z): ...

    @staticmethod
    def static(): ...

    @property
    def prop(self):
        return 1

    async def co(self): ...

    def gen(self):
        yield

    async def agen(self):
        yield

    def __call__(self, q): ...


c = C()
for thing in (f, C, C.method, c.method, C.made, C.static, c, functools.partial(f, 1, d=5), lambda *, k: 1, len, int.__add__, functools.wraps(f)(lambda: 1), C.co, print, sorted, str.split):
    show(getattr(thing, "__qualname__", type(thing).__name__), lambda: inspect.signature(thing))
sig = inspect.signature(f)
print([(p.name, p.kind.name, p.default is p.empty, p.annotation is p.empty) for p in sig.parameters.values()], sig.return_annotation)
show("bind", lambda: sig.bind(1, 2, 3, 4, d=5, z=6).arguments)
show("bind fails", lambda: sig.bind(1))
show("bind unknown", lambda: inspect.signature(lambda a: 1).bind(1, b=2))
show("bind partial", lambda: sig.bind_partial(1).arguments)
bound = sig.bind(1, d=2)
bound.apply_defaults()
print(bound, bound.args, bound.kwargs)
print(sig.replace(return_annotation=int), sig.parameters["d"].replace(default=5), sig == inspect.signature(f), str(inspect.Parameter("p", inspect.Parameter.KEYWORD_ONLY, default=1)))
show("bad order", lambda: inspect.Signature([inspect.Parameter("a", inspect.Parameter.KEYWORD_ONLY), inspect.Parameter("b", inspect.Parameter.POSITIONAL_ONLY)]))
print(inspect.getfullargspec(f))
print([name for name, test in sorted(vars(inspect).items()) if name.startswith("is") and callable(test) and test is not inspect.isabstract and name not in ("iskeyword",) and test(C.gen)])
print(inspect.iscoroutinefunction(C.co), inspect.isasyncgenfunction(C.agen), inspect.isgeneratorfunction(C.gen), inspect.ismethod(c.method), inspect.isbuiltin(len), inspect.isclass(C), inspect.ismodule(sys), inspect.isroutine(len), inspect.isdatadescriptor(C.prop))
print(inspect.getdoc(f), "|", inspect.getdoc(C), "|", inspect.cleandoc("  a\n    b\n    c"), inspect.getmodule(f).__name__, inspect.getmro(C)[-1])
print(inspect.getsource(f).splitlines()[0], inspect.getsourcelines(C.method), inspect.getsource(C).count("\n"), inspect.getsourcefile(f) == __file__, inspect.getfile(C) == __file__)
show("source of len", lambda: inspect.getsource(len))
print([name for name, _ in inspect.getmembers(C, inspect.isfunction)], [a.name + ":" + a.kind for a in inspect.classify_class_attrs(C) if a.defining_class is C and not a.name.startswith("__")])
print(inspect.getattr_static(c, "prop"), inspect.unwrap(functools.wraps(f)(lambda: 1)) is f) if False else print(type(inspect.getattr_static(c, "prop")).__name__, inspect.unwrap(functools.wraps(f)(lambda: 1)) is f)


def outer():
    x = 5

    def inner():
        return x + len([])

    return inner


print(inspect.getclosurevars(outer()))
g = C.gen(c)
print(inspect.getgeneratorstate(g), next(g), inspect.getgeneratorstate(g), inspect.getgeneratorlocals(g).keys(), list(g), inspect.getgeneratorstate(g))


def caller():
    frame = inspect.currentframe()
    info = inspect.stack()
    return frame.f_code.co_name, info[0].function, info[1].code_context[0].strip(), inspect.getargvalues(frame).args, inspect.getframeinfo(frame).lineno - frame.f_code.co_firstlineno


print(caller())


def fail(n):
    if n:
        fail(n - 1)
    raise KeyError("deep")


def chained():
    try:
        fail(2)
    except KeyError as error:
        error.add_note("a note")
        raise ValueError("outer") from error


try:
    chained()
except ValueError as error:
    text = traceback.format_exc().replace(__file__, "<file>")
    print(text)
    print([(frame.name, frame.line) for frame in traceback.extract_tb(error.__traceback__)], traceback.format_exception_only(error), len(traceback.format_tb(error.__traceback__, limit=1)))
    te = traceback.TracebackException.from_exception(error, capture_locals=True)
    print(te.exc_type_str, str(te), [s.locals for s in te.__cause__.stack][1:], list(te.format(chain=False))[-1])
    out = io.StringIO()
    traceback.print_exception(error, limit=-1, file=out, chain=False)
    print(out.getvalue().replace(__file__, "<file>"))
try:
    raise ExceptionGroup("many", [ValueError(1), ExceptionGroup("inner", [TypeError("t")])])
except ExceptionGroup as error:
    print("".join(traceback.format_exception(error)).replace(__file__, "<file>"))
try:
    compile("a b", "there.py", "exec")
except SyntaxError as error:
    print("".join(traceback.format_exception_only(error)))


def recursive(n):
    recursive(n + 1)


sys.setrecursionlimit(120)
try:
    recursive(0)
except RecursionError:
    text = traceback.format_exc()
    print("Previous line repeated" in text, len(text.splitlines()) < 30)
sys.setrecursionlimit(1000)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("first")
    warnings.warn("second", DeprecationWarning, stacklevel=1)
    warnings.warn(UserWarning("third"))
print([(w.category.__name__, str(w.message), w.lineno > 0) for w in caught])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    show("error", lambda: warnings.warn("now", RuntimeWarning))
    warnings.filterwarnings("ignore", "skip.*")
    show("ignored", lambda: warnings.warn("skip this"))
show("category", lambda: warnings.warn("x", int))


@warnings.deprecated("use other")
def old():
    return 5


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(old(), caught[0].message, old.__deprecated__)
print(types.SimpleNamespace(a=1, b=[2]), types.SimpleNamespace(x=1) == types.SimpleNamespace(x=1), types.MappingProxyType({"a": 1}), types.new_class("N", (C,), {}, lambda ns: ns.update(z=5)).z, types.MethodType(lambda s: s, 5)(), types.FunctionType(f.__code__, {}).__name__, types.ModuleType("m", "doc").__doc__, types.CellType(5).cell_contents, types.resolve_bases((int,)), types.get_original_bases(C), types.coroutine(C.gen) is not None)
show("proxy", lambda: types.MappingProxyType({}).__setitem__("a", 1))
show("namespace", lambda: types.SimpleNamespace(1))
