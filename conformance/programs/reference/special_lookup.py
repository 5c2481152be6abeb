"""Special method lookup: on the type and not the instance, past __getattribute__, through metaclasses, set to None, added later."""


def attempt(text, **names):
    try:
        print(text, "->", eval(text, {**globals(), **names}))
    except Exception as error:
        print(text, "|", type(error).__name__, error)


class Loud:
    def __getattribute__(self, name):
        print("asked", name, end="; ")
        return super().__getattribute__(name)

    def __len__(self):
        return 3

    def __iter__(self):
        return iter("ab")

    def __call__(self):
        return "called"

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None


x = Loud()
for text in ("len(x)", "list(x)", "x()", "x.__len__()", "bool(x)", "hash(x) != 0", "str(x)[:9]", "x == x", "isinstance(x, Loud)", "format(x)[:9]", "dir(x) != []"):
    attempt(text)
with x:
    print("entered")


class Plain:
    pass


p = Plain()
own = {"__len__": lambda: 5, "__iter__": lambda: iter([1]), "__call__": lambda: 1, "__bool__": lambda: False, "__str__": lambda: "own", "__add__": lambda o: o, "__getitem__": lambda i: i, "__contains__": lambda o: True, "__eq__": lambda o: True, "__hash__": lambda: 7, "__enter__": lambda: 1, "__index__": lambda: 2, "__getattr__": lambda n: n, "__del__": lambda: print("never")}
for name, value in own.items():
    setattr(p, name, value)
for text in ("len(p)", "list(p)", "p()", "bool(p)", "'own' in str(p)", "p + 1", "p[0]", "1 in p", "p == 5", "[1, 2, 3][p]", "p.missing", "p.__len__()", "p.__getattr__('x')"):
    attempt(text, p=p)
Plain.__len__ = lambda self: 9
Plain.__add__ = Plain.__radd__ = lambda self, other: ("added", other)
Plain.__getattr__ = lambda self, name: "late " + name
for text in ("len(p)", "p + 1", "1 + p", "p.missing", "bool(p)"):
    attempt(text, p=Plain())
del Plain.__len__, Plain.__add__
attempt("len(Plain())")
attempt("Plain() + 1")
attempt("1 + Plain()")


class Nones:
    __len__ = __iter__ = __add__ = __eq__ = __contains__ = __call__ = __hash__ = __bool__ = __getitem__ = __reversed__ = __lt__ = __enter__ = __index__ = __str__ = __setattr__ = None


for text in ("len(n)", "iter(n)", "n + 1", "n == 1", "1 in n", "n()", "hash(n)", "bool(n)", "n[0]", "reversed(n)", "n < 1", "1 > n", "[0][n]", "str(n)", "setattr(n, 'a', 1)", "list(n)", "{n: 1}", "n != 1"):
    attempt(text, n=Nones())


class Meta(type):
    def __len__(cls):
        return 100

    def __iter__(cls):
        return iter("meta")

    def __getitem__(cls, item):
        return ("meta item", item)

    def __add__(cls, other):
        return "meta add"

    def __contains__(cls, item):
        return True

    def __call__(cls, *args):
        return ("meta call", args)

    def __repr__(cls):
        return "<meta repr>"

    def __bool__(cls):
        return False

    def __instancecheck__(cls, instance):
        return "truthy"

    def __dir__(cls):
        return ["one"]

    def __getattr__(cls, name):
        return "meta " + name


class WithMeta(metaclass=Meta):
    def __len__(self):
        return 1

    def __class_getitem__(cls, item):
        return "class item"


for text in ("len(WithMeta)", "list(WithMeta)", "WithMeta[1]", "WithMeta + 1", "5 in WithMeta", "WithMeta(1)", "WithMeta", "bool(WithMeta)", "isinstance(5, WithMeta)", "dir(WithMeta)", "WithMeta.anything", "WithMeta.__len__", "WithMeta.__dict__['__len__'](1)", "type.__call__(WithMeta).__class__.__name__", "type.__call__(WithMeta).anything"):
    attempt(text.replace("WithMeta.__len__", "WithMeta.__len__.__name__") if text == "WithMeta.__len__" else text)


class Descriptor:
    def __get__(self, instance, owner):
        print("descriptor", instance is not None, end="; ")
        return lambda *args: 42


class Described:
    __len__ = __index__ = __getitem__ = Descriptor()
    __iter__ = property(lambda self: lambda: iter("property"))
    __call__ = staticmethod(lambda *args: ("static", args))
    __add__ = classmethod(lambda cls, other: (cls.__name__, other))


for text in ("len(d)", "[*range(50)][d]", "d[5]", "list(d)", "d(1)", "d + 2"):
    attempt(text, d=Described())


class Slots:
    __slots__ = ("__len__",)


s = Slots()
s.__len__ = lambda: 3
attempt("len(s)", s=s)
