"""The iterators and the views that have types of their own: how they are called, what they are made of, what they have."""
import array
import collections
import copy

Ordered = collections.OrderedDict


def show(action):
    try:
        print(ascii(action()))
    except Exception as error:
        print(type(error).__name__, ascii(str(error)), error.args)


def own(kind):
    return [name for name in sorted(set(dir(kind)) - set(dir(object))) if name != "__module__"]


ordered = Ordered(a=1, b=2)
for thing in (
    iter(memoryview(b"ab")),
    iter(array.array("i", [1, 2])),
    ordered.keys(),
    ordered.values(),
    ordered.items(),
    iter(ordered),
    reversed(ordered),
    iter(ordered.keys()),
    iter(ordered.values()),
    iter(ordered.items()),
    reversed(ordered.keys()),
    reversed(ordered.values()),
    reversed(ordered.items()),
):
    kind = type(thing)
    print(kind, kind.__module__, kind.__qualname__, kind.__mro__)
    print(own(kind))
    print(list(thing), list(thing))
    show(lambda: thing.__reduce__())
    show(lambda: kind())
    show(lambda: type("Derived", (kind,), {}))

# Part of the way.
for thing in (iter(ordered), reversed(ordered), iter(ordered.values()), iter(ordered.items()), iter(array.array("i", [7, 8, 9]))):
    print(next(thing), thing.__reduce__(), list(copy.copy(thing)), list(thing), thing.__reduce__())
places = array.array("i", [7, 8, 9])
for place in (1, 5, -1, True):
    thing = iter(places)
    thing.__setstate__(place)
    print(place, list(thing))
for place in (None, "a", 1.5, 1 << 70):
    show(lambda: iter(places).__setstate__(place))

# The views are still those of a dict.
print(ordered.keys(), ordered.values(), ordered.items(), Ordered().items())
print(ordered.keys() & {"a"}, ordered.keys() - {"a"}, ordered.items() & {("a", 1)}, ordered.items() ^ Ordered(b=2, a=1).items())
print(ordered.keys() == {"a", "b"}, ordered.keys() == dict(a=1, b=2).keys(), ordered.items() == dict(b=2, a=1).items(), ordered.values() == ordered.values())
print("a" in ordered.keys(), ("a", 1) in ordered.items(), 2 in ordered.values(), len(ordered.items()), ordered.keys().isdisjoint("xy"))
print(ordered.keys().mapping, isinstance(ordered.keys(), type({}.keys())), isinstance(ordered.items(), collections.abc.ItemsView))
match ordered:
    case {"a": first, **rest}:
        print(first, rest)
grown = Ordered(a=1, b=2)
for walk in (grown, grown.keys(), grown.items()):
    thing = iter(walk)
    next(thing)
    grown[len(grown)] = 0
    show(lambda: next(thing))


class Derived(Ordered):
    def keys(self):
        print("keys")
        return super().keys()


print(list(Derived(x=1)), Derived(x=1).keys(), dict(Derived(x=1)), list(reversed(Derived(x=1, y=2).items())))

# Keys that are not there: a tuple becomes what the error is made of.
for key in ("x", (), (1, 2), None):
    show(lambda: Ordered(a=1).move_to_end(key))
    show(lambda: Ordered().move_to_end(key))
    show(lambda: Ordered(a=1).pop(key))
    show(lambda: {}.pop(key))
show(lambda: Ordered().move_to_end([]))
show(lambda: Ordered(a=1).move_to_end([]))
show(lambda: Ordered(a=1).pop([]))
show(lambda: Ordered.fromkeys(iterable="ab", value=3))
show(lambda: Ordered.fromkeys("ab", value=[]))
show(lambda: Ordered.fromkeys())
show(lambda: Ordered.fromkeys("a", 1, 2))
show(lambda: Ordered.fromkeys("a", wrong=2))
show(lambda: Derived.fromkeys("ab"))

# A factory that is deleted is None.
made = collections.defaultdict(list)
made["a"].append(1)
del made.default_factory
print(made, made.default_factory)
show(lambda: made["b"])
del made.default_factory
made.default_factory = int
print(made["b"], made, type(collections.defaultdict.default_factory))
