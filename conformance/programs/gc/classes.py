# Classes that only they themselves keep: with instances, with subclasses, with finalizers.
import gc
import weakref

gc.collect()
gone = []


def note(name):
    return lambda reference: gone.append(name)


class Watched:
    """Something to see a class die by."""


def with_instances():
    class Knot:
        pass

    Knot.first = Knot()
    Knot.others = [Knot() for _ in range(5)]
    Knot.first.itself = Knot.first
    Knot.watched = Watched()
    return weakref.ref(Knot.watched, note("instances"))


def with_subclass():
    class Base:
        pass

    class Derived(Base):
        pass

    Base.below = Derived()
    Derived.above = Base()
    Base.watched = Watched()
    return weakref.ref(Base.watched, note("subclass"))


def with_metaclass():
    class Meta(type):
        pass

    class Made(metaclass=Meta):
        pass

    Meta.made = Made
    Made.instance = Made()
    Meta.watched = Watched()
    return weakref.ref(Meta.watched, note("metaclass"))


for build in (with_instances, with_subclass, with_metaclass):
    for _ in range(3):
        reference = build()
        gc.collect()
        print(build.__name__, reference() is None, gone)
        gone.clear()

# Many at once, while collections come by themselves.
for _ in range(3000):
    with_instances()
gc.collect()
gone.clear()




def knots():
    # A class whose garbage instances make more of it while they are finalized.
    class Phoenix:
        born = 0

        def __del__(self):
            if Phoenix.born < 3:
                Phoenix.born += 1
                young = Phoenix()
                young.knot = [young, Phoenix]
                gone.append(Phoenix.born)

    first = Phoenix()
    first.itself = first


for _ in range(50):
    knots()
    for _ in range(6):
        gc.collect()
print(gone == [1, 2, 3] * 50)
print("done")
