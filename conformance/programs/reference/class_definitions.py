"""Class definitions: the body as a namespace, bases of all kinds, keywords, decorators, `super`, slots, annotations, what is refused."""


def show(action):
    try:
        print("=>", action())
    except Exception as error:
        print(type(error).__name__, error)


class Body:
    "doc"
    x = 1
    y = [i + i for i in (1, x)]
    for z in range(3):
        pass
    if z:
        conditional = True

    def method(self, default=x):
        return default

    x = 2
    here = sorted(name for name in locals() if not name.startswith("__"))
    del z
    print(__qualname__, __module__, end="; ")


print(Body.__doc__, Body.y, Body.conditional, Body().method(), Body.here, hasattr(Body, "z"), Body.__firstlineno__ > 0, Body.__static_attributes__)


def decorator(argument):
    print("decorator", argument, end=" ")

    def wrap(cls):
        print("wraps", cls.__name__, end="; ")
        return (cls.__name__, argument)

    return wrap


@decorator(1)
@lambda cls: cls
class Decorated:
    pass


print(Decorated)


class Base:
    def __init_subclass__(cls, tag="none", **rest):
        print("subclass", cls.__name__, tag, rest, end="; ")

    def hello(self):
        return "base"


class Child(Base, tag="t"):
    def hello(self):
        return "child " + super().hello()

    @classmethod
    def make(cls):
        return super().__new__(cls)

    @staticmethod
    def none():
        return super().hello()

    def nested(self):
        return [super(Child, self).hello() for _ in "ab"], (lambda: super().hello())() if 0 else None

    def generator(self):
        yield super().hello()

    attribute = property(lambda self: __class__.__name__)


c = Child.make()
print(c.hello(), c.nested(), list(c.generator()), c.attribute)
show(Child.none)
show(lambda: type("X", (Base,), {}, tag="dynamic", more=1).__name__)


class Entries:
    def __mro_entries__(self, bases):
        print("entries of", len(bases), end="; ")
        return (Base,)


class Through(Entries(), *[dict][:0], **{"tag": "stars"}):
    pass


print(Through.__bases__, Through.__orig_bases__ != Through.__bases__)
bases = {"int, str": (int, str), "bool": (bool,), "5": (5,), "object, Base": (object, Base), "Base, Base": (Base, Base), "len": (len,), "NoneType": (type(None),), "Ellipsis": (type(...),), "function": (type(show),), "list, dict": (list, dict), "range": (range,), "slice": (slice,), "Exception, int": (Exception, int), "type": (type,), "memoryview": (memoryview,), "generator": (type(x for x in ""),)}
for name, value in bases.items():
    print(name, end=" ")
    show(lambda: type("New", value, {}).__mro__[1].__name__)


class Slotted:
    __slots__ = ("a", "_b", "__c")

    def __init__(self):
        self.a = self._b = self.__c = 1


s = Slotted()
print(sorted(name for name in dir(s) if not name.endswith("__")), hasattr(s, "__dict__"))
show(lambda: setattr(s, "d", 1))
show(lambda: delattr(s, "a"))
show(lambda: s.a)
show(lambda: Slotted.a.__get__(s))
for slots in ("one", ["p", "q"], ("p", "p"), (1,), ("1a",), ("__dict__",), ("__dict__", "__dict__"), ("__weakref__",), {"k": "the doc"}, 5, ("x", "y", "__class__"), iter("ab")):
    print(slots if not hasattr(slots, "__next__") else "iterator", end=" ")
    show(lambda: sorted(n for n in vars(type("S", (), {"__slots__": slots})) if n not in ("__module__", "__doc__", "__static_attributes__", "__firstlineno__")))
show(lambda: type("S", (), {"__slots__": ("x",), "x": 1}))
show(lambda: type("S", (int,), {"__slots__": ("x",)}))
show(lambda: type("S", (Slotted, type("T", (), {"__slots__": ("t",)})), {}))

for text in ("class C(x for x in y): pass", "class C(a=1, b): pass", "class C(**a, *b): pass", "class C(a=1, a=2): pass", "class C: return", "class C: yield", "class C: await x", "class 1: pass", "class C()", "class C(: pass", "class C(*, a): pass", "class None: pass", "class C:\n  nonlocal x", "class C[T](T): pass", "class C[T]: T = 1", "class __debug__: pass", "class C: super()", "class C(yield): pass", "class C(a := b): pass", "class C(a.b, c[0], d()): pass", "class C:\n  global x\n  x = 1", "class C: x = __class__"):
    try:
        exec(compile(text, "<class>", "exec"), {"a": type("a", (), {"b": Base}), "b": 1, "c": [object], "d": lambda: Body})
        print(text.replace("\n", "\\n"), "runs")
    except Exception as error:
        print(text.replace("\n", "\\n"), "|", type(error).__name__, getattr(error, "msg", error))
