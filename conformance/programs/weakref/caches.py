"""Weak references: a cache, observers, parents in a tree, finalizers."""

import gc
import weakref


class Picture:
    loads = 0

    def __init__(self, name):
        self.name = name
        Picture.loads += 1

    def __repr__(self):
        return f"Picture({self.name})"


class Gallery:
    def __init__(self):
        self.cache = weakref.WeakValueDictionary()

    def get(self, name):
        picture = self.cache.get(name)
        if picture is None:
            picture = self.cache[name] = Picture(name)
        return picture


class Signal:
    def __init__(self):
        self.methods = []
        self.objects = weakref.WeakSet()

    def connect(self, method):
        self.methods.append(weakref.WeakMethod(method, self.methods.remove))
        self.objects.add(method.__self__)

    def send(self, value):
        return [method()(value) for method in self.methods]


class Listener:
    def __init__(self, name):
        self.name = name

    def hear(self, value):
        return f"{self.name} heard {value}"


class Tree:
    __slots__ = ("name", "children", "_parent", "__weakref__")

    def __init__(self, name, parent=None):
        self.name, self.children = name, []
        self._parent = weakref.ref(parent) if parent else None
        if parent:
            parent.children.append(self)

    @property
    def parent(self):
        return self._parent and self._parent()

    def path(self):
        return (self.parent.path() if self.parent else "") + "/" + self.name


class NoWeak:
    __slots__ = ("x",)


class Equal:
    def __init__(self, key):
        self.key = key

    def __eq__(self, other):
        return self.key == other.key

    def __hash__(self):
        return hash(self.key)


def main():
    gallery = Gallery()
    sun, again = gallery.get("sun"), gallery.get("sun")
    moon = gallery.get("moon")
    gallery.get("nobody keeps this")
    print(sun is again, Picture.loads, sorted(gallery.cache), len(gallery.cache))
    del sun
    print(sorted(gallery.cache.keys()), end=" ")
    del again
    print(sorted(gallery.cache.items(), key=str), "sun" in gallery.cache, gallery.cache.get("sun", "gone"))

    signal, a, b = Signal(), Listener("a"), Listener("b")
    signal.connect(a.hear), signal.connect(b.hear)
    print(signal.send(1), len(signal.objects), a in signal.objects)
    del a
    print(signal.send(2), len(signal.objects), [o.name for o in signal.objects])

    root = Tree("root")
    leaf = Tree("leaf", Tree("branch", root))
    print(leaf.path(), leaf.parent.name, root.parent)
    del root
    print(leaf.path(), leaf.parent)

    events = []
    target = Picture("target")
    first = weakref.ref(target, lambda ref: events.append(("first", ref() is None)))
    second = weakref.ref(target, lambda ref: events.append(("second", ref is second)))
    plain = weakref.ref(target)
    print(plain is weakref.ref(target), first is not second, first == second, weakref.getweakrefcount(target), plain().name, hash(plain) == hash(target))
    proxy = weakref.proxy(target)
    proxy.size = 3
    print(proxy.name, target.size, isinstance(proxy, Picture), type(proxy).__name__, proxy)
    del target
    print(events, first(), plain() is None, first == second)
    try:
        print(proxy.name)
    except ReferenceError as error:
        print("ReferenceError:", error)

    thing = Picture("thing")
    finalizer = weakref.finalize(thing, events.append, "finalized")
    other = weakref.finalize(thing, print, "never printed, detached")
    print(finalizer.alive, other.detach() is not None, other.alive)
    del thing
    print(events[-1], finalizer.alive, finalizer())

    keys = weakref.WeakKeyDictionary()
    k1, k2 = Equal(1), Equal(2)
    keys[k1], keys[k2] = "one", "two"
    keys[Equal(1)] = "uno"
    print(len(keys), keys[k1], Equal(2) in keys, sorted(keys.values()))
    del k1
    print(len(keys), list(keys.values()), keys.pop(k2), len(keys))

    cycle = Picture("cycle")
    cycle.me = cycle
    watch = weakref.ref(cycle, lambda ref: events.append("cycle collected"))
    del cycle
    gc.collect()
    print(events[-1], watch())

    for value in (5, "text", (1,), None, NoWeak(), [], {}, object()):
        try:
            weakref.ref(value)
        except TypeError as error:
            print(error)
    for value in ({1}, len, Picture, lambda: 0, frozenset(), (n for n in [])):
        print(type(weakref.ref(value)).__name__, end=" ")
    print()


main()
