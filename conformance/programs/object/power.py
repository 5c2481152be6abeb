"""pow() with a modulus asks both operands; special methods that are None say no."""


class Left:
    def __pow__(self, other, modulus=None):
        return "left", modulus


class Right:
    def __rpow__(self, other, modulus=None):
        return "right", other, modulus


class Derived(Left):
    def __rpow__(self, other, modulus=None):
        return "derived", modulus


class Two:
    def __pow__(self, other):
        return "two"


def attempt(action):
    try:
        print(action())
    except (TypeError, AttributeError) as error:
        print(type(error).__name__, error)


attempt(lambda: pow(2, Right(), 5))
attempt(lambda: pow(Left(), 2, 5))
attempt(lambda: pow(Left(), Derived(), 5))
attempt(lambda: pow(Right(), 2, 5))
attempt(lambda: pow(Two(), 2, 5))
attempt(lambda: pow(2, 3, Left()))
attempt(lambda: 2 ** Right())


class Nothing:
    __bool__ = None
    __iter__ = None
    __contains__ = None
    __hash__ = None
    __len__ = None
    __call__ = None
    __add__ = None


nothing = Nothing()
attempt(lambda: bool(nothing))
attempt(lambda: iter(nothing))
attempt(lambda: 1 in nothing)
attempt(lambda: hash(nothing))
attempt(lambda: len(nothing))
attempt(lambda: nothing())
attempt(lambda: nothing + 1)


def delete(container, key):
    del container[key]


attempt(lambda: delete((1, 2), 0))
attempt(lambda: delete("text", 0))
attempt(lambda: delete(5, 0))
attempt(lambda: delete(nothing, 0))
attempt(lambda: delete(nothing, "key"))
attempt(lambda: delete({1}, 0))
