"""A metaclass's `mro` may name classes that are no bases: what changes in them is seen at once, however often it was looked up."""


class Stranger:
    kind = "stranger"

    def speak(self):
        return "one"


class Ordering(type):
    def mro(cls):
        if cls.__name__ == "Guest":
            return [cls, Stranger, object]
        return super().mro()


class Host:
    pass


class Guest(Host, metaclass=Ordering):
    pass


class Child(Guest):
    pass


def ask(x):
    return x.speak(), x.kind


def refused(x):
    try:
        return x.speak()
    except AttributeError as error:
        return str(error)


for x in Guest(), Child():
    for _ in range(200):
        ask(x)
print(ask(Guest()), ask(Child()))
Stranger.speak = lambda self: "two"
print(ask(Guest()), ask(Child()))
Stranger.kind = "changed"
print(ask(Guest()), ask(Child()))
del Stranger.speak
print(refused(Guest()), refused(Child()))
print(Stranger.__subclasses__(), [c.__name__ for c in Child.__mro__])


# Another order by an assignment to the bases.
orders = {}


class Chosen(type):
    def mro(cls):
        return [cls, *orders.get(cls.__name__, ()), object]


class First:
    def speak(self):
        return "first"


class Second:
    def speak(self):
        return "second"


class Nobody:
    pass


class Either(Nobody, metaclass=Chosen):
    pass


either = Either()
print(refused(either))
for order, bases in ((First,), (First,)), ((Second,), (First, Second)):
    orders["Either"] = order
    Either.__bases__ = bases
    for _ in range(200):
        refused(either)
    print(refused(either))
Second.speak = lambda self: "changed"
print(refused(either))
