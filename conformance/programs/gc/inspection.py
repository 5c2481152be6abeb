"""What the collector tells about the heap: referrers, referents, frozen objects, calls before and after."""

import gc
import weakref


class Node:
    def __init__(self, *links):
        self.links = links


class Holder:
    __slots__ = ("what", "__weakref__")


def has(objects, wanted):
    return any(x is wanted for x in objects)


def attempt(call):
    try:
        print(call())
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


def main():
    leaf = Node()
    row, table, box = [leaf], {"leaf": leaf}, Holder()
    box.what = leaf
    pair = (leaf, row)
    found = gc.get_referrers(leaf)
    print([has(found, x) for x in (row, table, box, pair, leaf)], gc.get_referrers())
    del found
    print([has(gc.get_objects(), x) for x in (leaf, row, table, box, pair, main, Node)], len(gc.get_objects()) > 100)
    print(gc.get_referents([1, 2], (3, "x"), {1: "one"}, {"n": 5}, 7, "text", 2.5))
    print(has(gc.get_referents(leaf), Node), has(gc.get_referents(box), leaf), gc.get_referents())
    for generation in (0, 1, 2, None, -1):
        print(has(gc.get_objects(generation), row) in (True, False), end=" ")
    print()
    attempt(lambda: gc.get_objects(3))
    attempt(lambda: gc.get_objects(-2))
    attempt(lambda: gc.get_objects("old"))
    attempt(lambda: gc.collect(3))

    events = []
    gc.callbacks.append(lambda phase, info: events.append((phase, info["generation"], sorted(info))))
    gc.collect()
    gc.collect(0)
    gc.callbacks.clear()
    gc.collect(1)
    print(*events, sep="\n")

    cycle = Node()
    cycle.links = (cycle,)
    watch = weakref.ref(cycle)
    gc.freeze()
    print(gc.get_freeze_count() > 0, has(gc.get_objects(), cycle))
    del cycle
    gc.collect()
    print("frozen:", watch() is not None)
    gc.unfreeze()
    print(gc.get_freeze_count())
    gc.collect()
    print("thawed:", watch())

    order = []
    target = Node()
    plain = weakref.ref(target)
    first = weakref.ref(target, lambda ref: order.append("first"))
    proxy = weakref.proxy(target)
    second = weakref.ref(target, lambda ref: order.append("second"))
    names = {id(plain): "plain", id(first): "first", id(proxy): "proxy", id(second): "second"}
    print([names[id(ref)] for ref in weakref.getweakrefs(target)])
    del target
    print(order)


main()
