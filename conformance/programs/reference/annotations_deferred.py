"""PEP 649 and 749: annotations are evaluated when they are asked for."""
import annotationlib
from annotationlib import Format, ForwardRef, call_annotate_function, get_annotate_from_class_namespace, get_annotations


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


def f(a: later, b: print("evaluated") or int = 1, *c: "text") -> list[later]: ...


show("before", lambda: f.__annotations__)
later = float
show("after", lambda: f.__annotations__)
show("again", lambda: f.__annotations__ is f.__annotations__)
print(f.__annotate__(1))
for format in (2, 3, 4, 9):
    show(f"format {format}", lambda: f.__annotate__(format))


class C:
    x: int
    y: undefined = 5
    z: "C"
    if False:
        never: int
    for _ in range(2):
        looped: str
    (paren): int
    __private: bytes

    def method(self, q: x) -> C: ...


show("class", lambda: C.__annotations__)
show("strings", lambda: get_annotations(C, format=Format.STRING))
show("forward", lambda: get_annotations(C, format=Format.FORWARDREF)["y"].__forward_arg__)
undefined = complex
show("class", lambda: C.__annotations__)
show("method", lambda: C.method.__annotations__)
print(sorted(C.__dict__.keys() & {"__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__"}))


class D(C):
    pass


class E(C):
    w: int = 0


print(D.__annotations__, E.__annotations__, get_annotations(D), D.__annotate__)
D.__annotations__ = {"set": 1}
print(D.__annotations__)
del D.__annotations__
show("deleted", lambda: D.__annotations__)
f.__annotations__ = {"own": 2}
print(f.__annotations__, f.__annotate__)
f.__annotations__["more"] = 3
print(f.__annotations__)
f.__annotate__ = lambda format: {"from annotate": format}
print(f.__annotations__)
show("bad annotate", lambda: setattr(f, "__annotate__", 5))
show("bad annotations", lambda: setattr(f, "__annotations__", 5))
f.__annotate__ = None
print(f.__annotations__)


def returns_bad():
    def g(): ...

    g.__annotate__ = lambda format: 5
    return g.__annotations__


show("returns 5", returns_bad)
module_level: int
with_value: str = "v"
show("module", lambda: __annotations__)
show("annotate", lambda: __annotate__(1))
print(with_value)


def local():
    x: undefined_here = 1
    y: print("not evaluated")
    return x, local.__code__.co_varnames


print(local())


def closure():
    T = int

    def inner(a: T): ...

    class K:
        b: T

    T = str
    return inner.__annotations__, K.__annotations__


print(closure())


def lambdas():
    def h(x: (lambda: 5)(), y: [i for i in range(2)], z: {k: v for k, v in {}.items()}): ...

    return h.__annotations__


print(lambdas())


class Meta(type):
    m: int


class WithMeta(metaclass=Meta):
    n: str


print(Meta.__annotations__, WithMeta.__annotations__)
print(get_annotations(f), call_annotate_function(C.__annotate__, Format.STRING), get_annotate_from_class_namespace({"__annotations__": 1}), annotationlib.annotations_to_string({"a": int, "b": "x"}), annotationlib.type_repr(list[int]), ForwardRef("x + 1").evaluate(globals={"x": 2}))
show("ref", lambda: ForwardRef("nope").evaluate())
show("get annotations", lambda: get_annotations(5))
print(get_annotations(type("T", (), {"__annotations__": {"a": "int"}}), eval_str=True))
for source in ("def f(x: (yield)): pass", "x: (y := 1)", "class C:\n x: (await y)", "def f() -> (yield): pass", "x: int: str", "(x, y): int", "[x]: int", "x, y: int", "x: int = y: int", "f(): int", "(x): int = 1", "x.y: int", "x[0]: int = 1", "def f():\n x: int\n global x", "lambda x: int: 1", "x: *y", "def f(*a: *b): pass", "def f(a: *b): pass", "x: yield", "print: int = 1"):
    try:
        compile(source, "m", "exec")
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, repr(source))
