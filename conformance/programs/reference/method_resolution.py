"""The method resolution order: C3, super() through it, and mro() of a metaclass."""


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


def order(cls):
    return " ".join(base.__name__ for base in cls.__mro__)


class O:
    def who(self):
        return ["O"]


class A(O):
    def who(self):
        return ["A"] + super().who()


class B(O):
    def who(self):
        return ["B"] + super().who()


class C(O):
    def who(self):
        return ["C"] + super().who()


class D(O):
    def who(self):
        return ["D"] + super(D, self).who()


class E(O):
    def who(self):
        return ["E"] + super().who()


class K1(A, B, C):
    pass


class K2(D, B, E):
    def who(self):
        return ["K2"] + super().who()


class K3(D, A):
    pass


class Z(K1, K2, K3):
    pass


print(order(Z))
print(Z().who(), K3().who())
print([cls.__name__ for cls in Z.mro()])
show("inconsistent", lambda: type("X", (type("P", (A, B), {}), type("Q", (B, A), {})), {}))


class Reversed(type):
    def mro(cls):
        print("mro of", cls.__name__)
        return [cls, *reversed(super().mro()[1:-1]), object]


class R(A, B, metaclass=Reversed):
    pass


print(order(R), R().who())


class Wrong(type):
    def mro(cls):
        return [cls, 3]


class NoList(type):
    def mro(cls):
        return 5


class Foreign(type):
    def mro(cls):
        return [cls, int, object]


show("mro of a number", lambda: Wrong("X", (), {}))
show("mro not a list", lambda: NoList("X", (), {}))
show("foreign", lambda: Foreign("X", (), {}))

# What super() needs, and what it gives.
show("no arguments", lambda: super())


def outside(self):
    return super()


show("no class", lambda: outside(3))


class S(A):
    def plain(self):
        return super()

    @staticmethod
    def static():
        return super()

    @classmethod
    def of_class(cls):
        return super().__init_subclass__

    def deleted(self):
        del self
        return super()

    def rebound(self):
        self = 3
        return super()

    def nested(self):
        def inner(x):
            return super().who()

        return inner(self)

    def generated(self):
        return [super(S, self).who() for _ in range(1)]

    who_of_super = property(lambda self: super().who())


s = S()
print(repr(s.plain()).split(" object at ")[0], s.plain().who(), s.nested(), s.generated(), s.who_of_super)
for name in ("static", "deleted", "rebound"):
    show(name, getattr(s, name))
print(S.of_class().__qualname__)
show("wrong object", lambda: super(S, 3))
show("wrong type", lambda: super(3, s))
show("unbound", lambda: super(S).__get__(s).who())
show("unbound attribute", lambda: super(S).who)
show("missing", lambda: super(S, s).nothing)
show("class", lambda: super(S, S).who(s))
show("self", lambda: (super(S, s).__thisclass__, super(S, s).__self_class__, super(S, s).__self__ is s))
show("set", lambda: setattr(super(S, s), "x", 1))


class Sup(super):
    def __getattribute__(self, name):
        if name.startswith("who"):
            return lambda: "mine"
        return super().__getattribute__(name)


print(Sup(S, s).who(), isinstance(Sup(S, s), super))


class Proxy:
    @property
    def __class__(self):
        return S


print(isinstance(Proxy(), S), super(S, Proxy()).who.__func__ is A.who)

# A change of bases is seen at once, by subclasses too.
class L:
    v = "L"


class M:
    v = "M"


class N(L):
    pass


class P(N):
    pass


print(P.v, P().v, end=" ")
N.__bases__ = (M,)
print(P.v, P().v, end=" ")
M.v = "changed"
print(P.v, P().v, end=" ")
P.v = "own"
print(P.v, P().v, end=" ")
del P.v, M.v
show("gone", lambda: P().v)
