# `__dict__` and `__weakref__`, which a class gives its instances.
import weakref


class A:
    pass


class Slots:
    __slots__ = ("__weakref__", "__dict__", "a")


for owner in (A, Slots):
    for name in ("__dict__", "__weakref__"):
        attribute = owner.__dict__[name]
        print(type(attribute).__name__, attribute)
        print("   ", attribute.__name__, attribute.__qualname__, attribute.__objclass__ is owner)
        print("   ", attribute.__get__(None, owner) is attribute)
print(type(Slots.__dict__["a"]).__name__, Slots.__dict__["a"])
print(A.__dict__["__dict__"].__doc__, "|", A.__dict__["__weakref__"].__doc__)

a = A()
print(a.__weakref__)
reference = weakref.ref(a)
print(a.__weakref__ is reference)
dict_of, weakref_of = A.__dict__["__dict__"], A.__dict__["__weakref__"]
dict_of.__set__(a, {"x": 1})
print(a.x, dict_of.__get__(a))
dict_of.__delete__(a)
print(a.__dict__)

for wrong in (
    lambda: dict_of.__get__(3),
    lambda: dict_of.__set__(3, {}),
    lambda: dict_of.__set__(a, 3),
    lambda: weakref_of.__get__(3),
    lambda: weakref_of.__set__(a, 3),
    lambda: weakref_of.__delete__(a),
    lambda: setattr(a, "__weakref__", 3),
):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)


# The attribute keeps its class.
def lonely():
    class Lonely:
        pass
    return Lonely.__dict__["__dict__"]


print(lonely(), lonely().__objclass__)
