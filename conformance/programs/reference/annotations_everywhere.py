"""Annotations: where they are kept, when they are evaluated, of modules, classes and functions, names that do not exist yet."""
import annotationlib

early: later = 1
later = int
print(early, __annotate__(annotationlib.Format.VALUE))


class Linked:
    next: Linked
    value: int = 5
    undefined: nowhere
    if value > 3:
        conditional: str
    else:
        other: bytes
    (parenthesized): int = 1
    value.real: float

    def method(self, other: Linked, *rest: tuple[Linked, ...]) -> list[Linked]:
        local: this_is_never_evaluated = 3
        return local


print(annotationlib.get_annotations(Linked, format=annotationlib.Format.STRING))
try:
    Linked.__annotations__
except NameError as error:
    print(error)
forward = annotationlib.get_annotations(Linked, format=annotationlib.Format.FORWARDREF)
print({key: value if isinstance(value, type) else type(value).__name__ for key, value in forward.items()})
nowhere = "now"
print(Linked.__annotations__)
print(Linked.method.__annotations__, Linked().method(None))
print(Linked.__annotate__(annotationlib.Format.VALUE).keys(), type(Linked.method.__annotate__).__name__)
try:
    Linked.__annotate__(annotationlib.Format.STRING)
except NotImplementedError as error:
    print("not implemented", error)


def f(a: print("evaluated once") or int, b: "text" = 1, *args: (lambda: 1)(), c: 1 + 1, **kw: {"k": []}) -> None:
    pass


print(f.__annotations__, f.__annotations__ is f.__annotations__)
f.__annotations__ = {"a": str}
print(f.__annotations__, f.__annotate__)
del f.__annotations__
print(f.__annotations__)
f.__annotate__ = lambda format: {"made": format}
print(f.__annotations__)
for value in (5, "x"):
    try:
        f.__annotate__ = value
    except TypeError as error:
        print(error)


def g[T: int](x: T) -> T:
    pass


print(g.__annotations__, g.__type_params__[0].__bound__)


class Parent:
    a: int


class Child(Parent):
    pass


class Grand(Child):
    b: str


print(Child.__annotations__, Grand.__annotations__, Parent.__annotations__)
try:
    (lambda: 1).__annotations__ = 5
except TypeError as error:
    print(error)
print((lambda x: 1).__annotations__, len.__class__.__name__, hasattr(len, "__annotations__"))

source = "from __future__ import annotations\nx: undefined[1] = 2\ndef f(a: 'quoted', b: x.y) -> lambda: 1: pass\nclass C:\n  y: {1: 2}\n"
space = {}
exec(source, space)
print(space["__annotations__"], space["f"].__annotations__, space["C"].__annotations__)
for text in ("def f(x: (yield)): 1", "x: (yield)", "class C: x: (y := 1)", "def f(x: (y := 1)): 1", "def f(x: await y): 1", "async def f():\n  x: await y", "x: [i async for i in y]", "def f():\n  x: (yield)"):
    try:
        compile(text, "<annotations>", "exec")
        print(text.replace("\n", "\\n"), "compiles")
    except SyntaxError as error:
        print(text.replace("\n", "\\n"), "|", error.msg)
