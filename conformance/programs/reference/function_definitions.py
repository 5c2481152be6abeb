"""Function definitions: parameters, defaults, annotations, decorators, attributes of functions, lambdas, what is refused."""
import types


def order(tag, value=None):
    print(tag, end=" ")
    return value


def decorate(tag):
    print("make", tag, end=" ")

    def apply(function):
        print("apply", tag, getattr(function, "__name__", function), end=" ")
        return function

    return apply


@decorate("outer")
@decorate("inner")
def f(a, b=order("default b", 1), /, c=order("default c", 2), *args, d, e=order("kw default e", 3), **kw) -> order("never", int):
    """The doc."""
    return a, b, c, args, d, e, kw


print()
print(f.__name__, f.__qualname__, f.__module__, f.__doc__, f.__defaults__, f.__kwdefaults__, f.__closure__, f.__dict__, f.__type_params__)
code = f.__code__
print(code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_varnames, code.co_flags & 0x0C, code.co_name, code.co_freevars)
print(f(1, d=0), f(1, 2, 3, 4, d=5, b=6), f.__call__(1, d=2) == f(1, d=2))
f.__defaults__ = (10,)
f.__kwdefaults__ = {"d": "D"}
try:
    f(1, 2)
except TypeError as error:
    print(error)
f.__kwdefaults__["e"] = "E"
print(f(1, 2), f(1, 2, 3))
f.__kwdefaults__ = None
f.__defaults__ = None
for call in (lambda: f(), lambda: f(1, 2, 3), lambda: f(1, 2, 3, d=1)):
    try:
        call()
    except TypeError as error:
        print(error)
f.extra = 1
f.__name__ = "renamed"
f.__qualname__ = "Some.renamed"
f.__doc__ = None
print(repr(f).split(" at ")[0], f.__dict__, f.__doc__)
for name, value in (("__name__", 5), ("__defaults__", [1]), ("__kwdefaults__", 1), ("__code__", 1), ("__dict__", 5), ("__closure__", ()), ("__globals__", {}), ("__qualname__", None), ("__annotations__", 3), ("__type_params__", 1)):
    try:
        setattr(f, name, value)
        print(name, "set", end="; ")
    except (TypeError, AttributeError) as error:
        print(name, error, end="; ")
print()


def shared(x, memo=[]):
    memo.append(x)
    return memo


print(shared(1), shared(2), shared(3, []), shared.__defaults__)


def outer():
    count = 0

    def increment():
        nonlocal count
        count += 1
        return count

    return increment


g, h = outer(), outer()
print(g(), g(), h(), g.__closure__[0].cell_contents, g.__code__.co_freevars, g.__qualname__)
g.__closure__[0].cell_contents = 40
print(g())
g.__code__ = h.__code__
try:
    g.__code__ = shared.__code__
except ValueError as error:
    print(error)
copy = types.FunctionType(shared.__code__, {"__builtins__": {}}, "copy", ([0],))
print(copy(5), copy.__name__, copy.__defaults__)
try:
    types.FunctionType(g.__code__, {})
except TypeError as error:
    print(error)
double = lambda x, *y, z=lambda: 2, **w: (x, y, z(), w)
print(double(1), double(1, 2, z=lambda: 3, k=4), (lambda: (yield))().__class__.__name__, (lambda *, a: a)(a=1), double.__name__)


class Holder:
    def method(self):
        return self

    function = lambda self: type(self).__name__
    builtin = len
    static = staticmethod(lambda: "static")


h = Holder()
print(h.method() is h, h.function(), h.method.__func__ is Holder.method, h.method.__self__ is h, h.method == h.method, h.method is h.method, h.static(), h.builtin([1]))
print(types.MethodType(lambda self, y: (self, y), 5)(6), types.MethodType(len, "abc")())

for text in ("def f(a, a): 1", "def f(a=1, b): 1", "def f(*): 1", "def f(*, **k): 1", "def f(*a, *b): 1", "def f(**k, a): 1", "def f(**k, **l): 1", "def f(/, a): 1", "def f(a, /, b, /): 1", "def f(*a, /): 1", "def f(a, *, /): 1", "def f(*a=1): 1", "def f(**k=1): 1", "def f(a, (b, c)): 1", "def f(1): 1", "def f(None): 1", "def f(a.b): 1", "def f(a:): 1", "def f(*a: *b): 1", "def f(a: *b): 1", "def f(**k: *b): 1", "def f() -> *a: 1", "def f(a, b:int=1, *, c): 1", "lambda a, a: 1", "lambda a=1, b: 1", "lambda *: 1", "lambda a: int: 1", "lambda (a): 1", "lambda *a, *b: 1", "lambda /: 1", "def f: 1", "def f()", "def f() 1", "def (): 1", "def f(a) -> : 1", "@1\ndef f(): 1", "@f x\ndef g(): 1", "@\ndef f(): 1", "@f\nx = 1", "@(yield)\ndef f(): 1", "@x := y\ndef f(): 1", "def f(__debug__): 1", "def f(a, *, a): 1", "def f[a](a): 1", "def f[T, T](): 1"):
    try:
        compile(text, "<def>", "exec")
        print(text.replace("\n", "\\n"), "compiles")
    except SyntaxError as error:
        print(text.replace("\n", "\\n"), "|", error.msg, error.lineno, error.offset)
