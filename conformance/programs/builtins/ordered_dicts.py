"""OrderedDict asks the methods of a derived class, and unpacks pairs in its own words."""
import collections
import copy


def show(action):
    try:
        print(ascii(action()))
    except Exception as error:
        print(type(error).__name__, ascii(str(error)))


class Spy(collections.OrderedDict):
    def __setitem__(self, key, value):
        print("set", key, value)
        super().__setitem__(key, value)

    def __getitem__(self, key):
        print("get", key)
        return super().__getitem__(key)

    def __delitem__(self, key):
        print("del", key)
        super().__delitem__(key)

    def __contains__(self, key):
        print("in", key)
        return super().__contains__(key)

    def __missing__(self, key):
        return "missing " + str(key)


class Deaf(collections.OrderedDict):
    def update(self, *args, **keywords):
        print("update", args, keywords)


class Keys:
    def keys(self):
        return ["x", "y"]

    def __getitem__(self, key):
        return key * 2


class Items:
    def items(self):
        return iter([("p", 1)])


class Wrong(dict):
    def keys(self):
        return ["z"]


# Filling.
sources = [{1: 2}, collections.OrderedDict({1: 2}), [(1, 2)], [iter("ab")], Keys(), Items(), Wrong(a=1), Spy(q=1)]
for source in sources:
    print(type(source).__name__)
    show(lambda: Spy(source, w=3))
    show(lambda: Deaf(source))
    show(lambda: Spy().update(source))
    show(lambda: collections.OrderedDict(source))

    def in_place():
        spy = Spy()
        spy |= source
        return spy

    show(in_place)
    show(lambda: Spy({9: 9}) | source)
    show(lambda: source | Spy({9: 9}))

# The rest of its methods.
spy = Spy(a=1, b=2)
show(lambda: spy.setdefault("a", 5))
show(lambda: spy.setdefault("c", 5))
show(lambda: spy["nothing"])
show(lambda: spy.copy())
show(lambda: copy.copy(spy))
show(lambda: dict(spy))
show(lambda: {**spy})
show(lambda: [*spy])
show(lambda: spy.pop("a"))
show(lambda: spy.pop("a"))
show(lambda: spy.pop("a", "default"))
show(lambda: spy.popitem())
show(lambda: list(spy.values()))
show(lambda: Spy.fromkeys("de", 0))
show(lambda: Spy(a=1) == Spy(a=1))

# What is wrong with pairs, and with the number of arguments.
Ordered = collections.OrderedDict
for pairs in ([1], [()], [(1,)], [(1, 2, 3)], ["ab", "c"], [(1, 2), 3], 5, None, "ab", [None], [([], 1)], iter([(1, 2)])):
    show(lambda: Ordered(pairs))
    show(lambda: Ordered(a=1).update(pairs))
    show(lambda: Ordered(a=1) | pairs)
    show(lambda: Ordered(a=1).__ior__(pairs))
show(lambda: Ordered({}, {}))
show(lambda: Ordered().update({}, {}))
show(lambda: Ordered().update(self=1))
show(lambda: Ordered(self=1, other=2))

# Keys that have no hash.
show(lambda: Ordered().pop([]))
show(lambda: Ordered().pop([], 1))
show(lambda: Ordered().get([]))
show(lambda: Ordered()[[]])
show(lambda: [] in Ordered())
show(lambda: Ordered().setdefault([]))
show(lambda: Ordered().__setitem__([], 1))
show(lambda: Ordered().__delitem__([]))
show(lambda: Ordered().__delitem__(1))
show(lambda: Ordered().move_to_end([]))
show(lambda: Ordered(a=1).move_to_end("b"))
show(lambda: Ordered.fromkeys([[]]))
