"""Weak sets and mappings: their operators, their references, and what is left when members die."""

import weakref


class Item:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


def names(items):
    return "".join(sorted(map(repr, items)))


def attempt(call):
    try:
        print(call())
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


def sets():
    a, b, c, d = items = [Item(name) for name in "abcd"]
    one, two = weakref.WeakSet([a, b, c]), weakref.WeakSet([b, c, d])
    print(names(one | two), names(one & two), names(one - two), names(one ^ two), type(one | two).__name__)
    print(names(one.union([d])), names(one.intersection([a, d])), names(one.difference([a])), names(one.symmetric_difference({a, d})))
    print(one == weakref.WeakSet(items[:3]), one != two, one == {a, b, c}, one <= {a, b, c, d}, one < two, one >= [a], one > {a, b, c})
    print(one.issubset(items), one.issuperset([a]), one.isdisjoint([d]), a in one, 5 in one, len(one))
    one |= [d]
    one &= two
    one -= {b}
    one ^= weakref.WeakSet([a, d])
    print(names(one), names(one.copy()))
    one.update(items)
    one.intersection_update([a, b, c])
    one.difference_update([a])
    one.symmetric_difference_update([a, b])
    print(names(one))
    one.add(b), one.discard(d), one.remove(a)
    print(names(one), one.pop() in (b, c), len(one))
    try:
        one.remove(d)
    except KeyError as error:
        print("no", error.args[0]().name)
    attempt(lambda: one.add(5))
    attempt(lambda: one | 5)
    one.clear()
    attempt(one.pop)
    two.add(Item("temporary"))
    del items, d
    print(names(two), len(two))


def values():
    x, y, z = (Item(name) for name in "xyz")
    cache = weakref.WeakValueDictionary({"x": x}, y=y)
    cache.update([("z", z)], again=x)
    print(cache.keys().__class__ is not dict, sorted(cache), names(cache.values()), cache.get("no"), cache["again"])
    print(sorted(ref().name for ref in cache.valuerefs()), isinstance(cache.valuerefs()[0], weakref.ref))
    print(sorted((cache | {"new": z}).items()), type(cache | {}).__name__, sorted(({"old": x} | cache).keys()))
    cache |= {"more": y}
    print(cache == {"x": x, "y": y, "z": z, "again": x, "more": y}, cache == {}, cache != {})
    print(cache.popitem(), cache.pop("again"), cache.setdefault("z", x), cache.setdefault("new", x), len(cache))
    attempt(lambda: cache.pop("none"))
    attempt(lambda: cache | 5)
    attempt(lambda: cache["none"])
    del x
    print(sorted(cache))
    cache.clear()
    attempt(cache.popitem)


def keys():
    x, y = Item("x"), Item("y")
    notes = weakref.WeakKeyDictionary({x: 1})
    notes.update({y: 2})
    print(names(ref() for ref in notes.keyrefs()), sorted(notes.values()), notes == {x: 1, y: 2}, x in notes, 5 in notes)
    union = notes | {x: 9}
    print(union[x], notes[x], type(union).__name__, len({x: 5, y: 6} | notes))
    notes |= {x: 7}
    print(notes[x], notes.copy() == notes, notes.popitem(), len(notes))
    attempt(lambda: notes[5])
    attempt(lambda: notes.setdefault(5))
    del union, x
    print(len(notes), list(notes.items()))


sets()
values()
keys()
