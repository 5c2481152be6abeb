"""What names mean: comprehensions and namespaces, `global` in a function for the module, classes around annotations, private names."""

print(eval("[a for _ in range(2)]", {}, {"a": 5}))
print(eval("[[a, b] for b in {c: a for c in 'xy'}]", {}, {"a": 5}))
space = {}
exec("x = [a for a in range(3)]\ny = [z := a for a in range(3)]", {}, space)
print(space)


def run(source):
    names = {}
    exec(source, names)
    return names


def inside():
    names = {}
    exec("def f():\n global g\n g = 1\n return g\ng = 7\nprint(f(), g)", names)
    local = {}
    exec("if 1:\n x = 7\n def f():\n  x = 1\n  def g():\n   global x\n   return x\n  return g()\n print(f(), x)\n", names, local)
    print(sorted(local), names["x"])


inside()

x = "global"


def outer():
    x = "nonlocal"

    class Inner:
        type Alias = x
        value = Alias.__value__

        def meth[T: x](self, arg: x): ...

        bound = meth.__type_params__[0].__bound__
        annotation = meth.__annotations__["arg"]
        x = "class"

    class Declared:
        global x
        type Alias = x

    class Free:
        type Alias = x

    return Inner, Declared, Free


inner, declared, free = outer()
print(inner.value, inner.bound, inner.annotation, inner.Alias.__value__, declared.Alias.__value__, free.Alias.__value__)


class __Base:
    def __init_subclass__(cls, **keywords):
        print(cls.__name__, keywords)


class Derived[__T](__Base, __key=1):
    first = [__T for _ in (1,)]


print([base.__name__ for base in Derived.__bases__], Derived.__type_params__, Derived.first)


class Meta(type):
    def mro(cls):
        print("the class is known:", cls.__dict__["f"]())
        return super().mro()


class WithCell(metaclass=Meta):
    def f():
        return __class__.__name__


class Endless:
    """Longer than anyone wants to look at."""

    def __getitem__(self, index):
        print("item", index)
        return index

    def __len__(self):
        return 1000


import collections.abc

collections.abc.Sequence.register(Endless)
match Endless():
    case [1, *_, 2]:
        print("no")
    case [first, second, *_, last]:
        print(first, second, last)


class Parent: ...


class Child(Parent): ...


collections.abc.Mapping.register(Parent)
match Child():
    case {}:
        print("a mapping")


class Both(collections.UserDict, collections.abc.Sequence): ...


match Both(k=1):
    case [*_]:
        print("a sequence")
    case {"k": 1}:
        print("a mapping first")


class Decorated:
    @classmethod
    def c(cls, x: int) -> str: ...

    @staticmethod
    def s(x: int) -> str: ...


print(Decorated.__dict__["c"].__annotations__, Decorated.__dict__["s"].__annotations__)


class Documented(property):
    __slots__ = ("__doc__",)


def getter(self):
    """The getter's."""


print(Documented(getter).__doc__, Documented(getter, doc="own").__doc__)


class Undocumented(property):
    __slots__ = ()


try:
    Undocumented(getter)
except AttributeError as error:
    print("AttributeError")
print(f"{'x' * 3}" * 2, len(eval("f'" + "{x} " * 5000 + "'")))
