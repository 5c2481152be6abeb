# weakref.finalize and atexit: one order for both, the latest first.
import atexit
import weakref


class Thing:
    pass


atexit.register(print, "registered before")
kept, other, third = Thing(), Thing(), Thing()
first = weakref.finalize(kept, print, "first", 1, sep="-")
second = weakref.finalize(other, print, "second")
second.atexit = False
third_finalizer = weakref.finalize(third, print, "never: detached")
atexit.register(print, "registered after")


def makes_more():
    print("makes more")
    weakref.finalize(kept, print, "made at the end")


weakref.finalize(kept, makes_more)
print(first.alive, second.atexit, first.atexit)
print([part for part in first.peek()[1:]])
print(third_finalizer.detach()[1:], third_finalizer.alive, third_finalizer.peek(), third_finalizer())
del other
print(second.alive, second())
print(weakref.finalize(kept, sorted, "cab")())

values = weakref.WeakValueDictionary(a=kept)
keys = weakref.WeakKeyDictionary({kept: "k", third: "t"})
items = weakref.WeakSet([kept, third])
del third, third_finalizer
print(len(values), len(keys), len(items), list(values), list(keys.values()))
print(sorted(values | {"b": kept}))
print(type(values.copy()).__name__, type(keys | {}).__name__, items == {kept}, items <= {kept, Thing})
