"""3.3.2 Attribute access: the four hooks, descriptors, slots, and where each is looked for."""


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


class Logged:
    def __getattribute__(self, name):
        if not name.startswith("__"):
            print("get", name, end="; ")
        return super().__getattribute__(name)

    def __getattr__(self, name):
        print("missing", name, end="; ")
        if name == "absent":
            raise AttributeError("no such thing")
        return name.upper()

    def __setattr__(self, name, value):
        print("set", name, value, end="; ")
        super().__setattr__(name, value)

    def __delattr__(self, name):
        print("delete", name, end="; ")
        super().__delattr__(name)

    def __dir__(self):
        return ["z", "a"]


it = Logged()
it.x = 1
show("x", lambda: it.x)
show("y", lambda: it.y)
show("absent", lambda: it.absent)
show("default", lambda: getattr(it, "absent", "none"))
show("has", lambda: (hasattr(it, "x"), hasattr(it, "absent")))
del it.x
show("x", lambda: it.x)


def remove():
    del it.x


show("twice", remove)
print(dir(it))


class Data:
    def __get__(self, instance, owner=None):
        return ("data", instance is None, owner.__name__)

    def __set__(self, instance, value):
        print("Data.__set__", value)

    def __delete__(self, instance):
        print("Data.__delete__")

    def __set_name__(self, owner, name):
        print("named", owner.__name__, name)


class NonData:
    def __get__(self, instance, owner=None):
        return ("nondata", instance is None)


class OnlySet:
    def __set__(self, instance, value):
        instance.__dict__["only"] = value * 2


class Holder:
    data = Data()
    other = NonData()
    only = OnlySet()


h = Holder()
print(h.data, Holder.data, h.other, Holder.other)
h.__dict__.update(data=1, other=2)
print(h.data, h.other, vars(h))
h.data = 5
del h.data
h.only = 21
print(h.only, type(Holder.only).__name__)
Holder.late = Data()
print(h.late)


class Slotted:
    __slots__ = ("a", "b", "__private")

    def __init__(self):
        self.a = 1
        self.__private = "p"

    def private(self):
        return self.__private


s = Slotted()
print(s.a, s.private(), Slotted.__slots__, s._Slotted__private)
show("unset slot", lambda: s.b)
show("no dict", lambda: s.__dict__)
show("new name", lambda: setattr(s, "c", 1))
show("weak", lambda: __import__("weakref").ref(s))
del s.a
show("deleted slot", lambda: s.a)
show("delete again", lambda: delattr(s, "a"))
show("member", lambda: Slotted.a)
show("member get", lambda: Slotted.b.__get__(3))


class WithDict(Slotted):
    pass


w = WithDict()
w.c = 3
print(w.__dict__, w.a)


class Both(Slotted):
    __slots__ = {"d": "what d is", "__dict__": "", "__weakref__": ""}


print(Both.d.__doc__, Both().__dict__)


def conflicting():
    class Other:
        __slots__ = ("z",)

    class Join(Slotted, Other):
        pass


def default_and_slot():
    class Default:
        __slots__ = ("x",)
        x = 1


def bad_slot(*slots):
    def make():
        class Bad:
            __slots__ = slots

    return make


class Int(int):
    __slots__ = ()


show("layouts", conflicting)
show("default", default_and_slot)
show("space", bad_slot("a b"))
show("number", bad_slot(1))
show("twice dict", bad_slot("__dict__", "__dict__"))
show("int", lambda: (Int(3) + 1, setattr(Int(3), "a", 1)))


def slots_of_int():
    class Worse(int):
        __slots__ = ("a",)

    return Worse(3)


show("slots of int", slots_of_int)


class Meta(type):
    def __getattr__(cls, name):
        return f"{cls.__name__}.{name}"

    def __getattribute__(cls, name):
        if name == "special":
            return "of the metaclass"
        return super().__getattribute__(name)


class Made(metaclass=Meta):
    def __len__(self):
        return 9


Made.__len__ = lambda self: 10
m = Made()
m.__len__ = lambda: 11
print(Made.anything, Made.special, len(m), m.__len__())
show("instances", lambda: m.anything)
show("no attribute", lambda: (1).nothing)
show("none", lambda: None.x)
show("read only", lambda: setattr(1, "real", 2))
show("class", lambda: setattr(int, "x", 2))
show("method", lambda: setattr(len, "x", 1))
show("name type", lambda: getattr(m, 5))
show("set name type", lambda: setattr(m, 5, 5))
