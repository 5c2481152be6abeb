"""3.3.3 Customising class creation: metaclasses, __prepare__, __init_subclass__, __set_name__, __mro_entries__."""


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)
        for note in getattr(error, "__notes__", ()):
            print("   note:", note)


class Namespace(dict):
    def __setitem__(self, key, value):
        if not key.startswith("__"):
            print("  bind", key)
        super().__setitem__(key, value)


class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **options):
        print("prepare", name, [base.__name__ for base in bases], options)
        return Namespace(given=options)

    def __new__(mcs, name, bases, namespace, **options):
        print("new", name, sorted(key for key in namespace if not key.startswith("__")), options)
        return super().__new__(mcs, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **options):
        print("init", name, options)
        super().__init__(name, bases, namespace)

    def __call__(cls, *args):
        print("call", cls.__name__, args)
        return super().__call__(*args)


class First(metaclass=Meta, colour="red"):
    a = 1

    def f(self):
        return __class__.__name__


class Second(First):
    b = [a for a in range(2)]


print(First().f(), Second().f(), type(Second), Second.given)


class Registry:
    known = {}

    def __init_subclass__(cls, /, key=None, **rest):
        super().__init_subclass__(**rest)
        Registry.known[key or cls.__name__] = cls.__qualname__
        print("subclass", cls.__name__, key)


class One(Registry, key="first"):
    pass


class Two(One):
    class Inner(Registry):
        pass


print(Registry.known)


def wrong_option():
    class Three(Registry, size=3):
        pass


show("unknown option", wrong_option)
show("object", lambda: object.__init_subclass__(3))


class Field:
    def __set_name__(self, owner, name):
        print("set name", owner.__name__, name)
        self.name = name

    def __get__(self, instance, owner):
        return self.name


class Fields:
    x = Field()
    y = Field()


print(Fields.x, Fields().y)


class Broken:
    def __set_name__(self, owner, name):
        raise KeyError(name)


def breaks():
    class Holder:
        bad = Broken()


show("set name fails", breaks)


class Entry:
    def __init__(self, *bases):
        self.bases = bases

    def __mro_entries__(self, bases):
        print("entries of", len(bases), "bases")
        return self.bases


class Joined(Entry(list), Entry(), Entry(Registry)):
    pass


print(Joined.__bases__, Joined.__mro__, len(Joined.__orig_bases__))
show("entries not a tuple", lambda: type("T", (Entry(),), {}))


class M1(type):
    pass


class M2(type):
    pass


class M3(M1, M2):
    pass


class A(metaclass=M1):
    pass


class B(metaclass=M2):
    pass


def conflict():
    class C(A, B):
        pass


class D(A, B, metaclass=M3):
    pass


show("conflict", conflict)
print(type(D).__name__, type("E", (D,), {}).__class__.__name__)


def function(name, bases, namespace, **options):
    return name, bases, sorted(namespace), options


class F(int, metaclass=function, level=3):
    value = 1


print(F)


def cell_missing():
    class Keeper(type):
        def __new__(mcs, name, bases, namespace):
            namespace.pop("__classcell__", None)
            return super().__new__(mcs, name, bases, namespace)

    class Uses(metaclass=Keeper):
        def f(self):
            return __class__


show("class cell", cell_missing)


def bad_prepare():
    class P(type):
        @classmethod
        def __prepare__(mcs, name, bases):
            return 3

    class Uses(metaclass=P):
        pass


show("prepare", bad_prepare)
show("type of three", lambda: type("X", (), {"a": 1}).a)
show("type of two", lambda: type("X", ()))
show("name", lambda: type(3, (), {}))
show("bases", lambda: type("X", [], {}))
show("dict", lambda: type("X", (), []))
show("null", lambda: type("X\0Y", (), {}))
show("base twice", lambda: type("X", (int, int), {}))
show("final", lambda: type("X", (bool,), {}))
show("two layouts", lambda: type("X", (int, str), {}))
show("order", lambda: type("X", (object, int), {}))
show("not a class", lambda: type("X", (3,), {}))
show("function", lambda: type("X", (type(lambda: 0),), {}))


class G:
    pass


print(G.__name__, G.__qualname__, G.__module__, G.__doc__, G.__bases__, G.__subclasses__(), G.__basicsize__ > 0)
G.__name__ = "Renamed"
print(G, G.__name__)
show("bad name", lambda: setattr(G, "__name__", 3))
show("del name", lambda: delattr(G, "__name__"))
show("int name", lambda: setattr(int, "__name__", "x"))


class H:
    x = "H"


class I(G):
    pass


I.__bases__ = (H,)
print(I.__mro__, I().x, H.__subclasses__(), G.__subclasses__())
show("cycle", lambda: setattr(H, "__bases__", (I,)))
show("empty", lambda: setattr(I, "__bases__", ()))
