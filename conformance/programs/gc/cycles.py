"""Cycles and finalizers: what is freed at once, what the collector frees, and in which state."""

import gc
import weakref

log = []


class Node:
    alive = 0

    def __init__(self, name, *links):
        self.name = name
        self.links = list(links)
        Node.alive += 1

    def __del__(self):
        Node.alive -= 1
        log.append(self.name)


class Plain:
    pass


class Phoenix:
    kept = []

    def __del__(self):
        log.append("phoenix")
        Phoenix.kept.append(self)


class Failing:
    def __del__(self):
        log.append("about to fail")


def logged():
    names = sorted(log)
    log.clear()
    return names


def ring(size, prefix):
    nodes = [Node(f"{prefix}{n}") for n in range(size)]
    for node, following in zip(nodes, nodes[1:] + nodes[:1]):
        node.links.append(following)
    return nodes[0]


def collected():
    gc.collect()
    return logged()


def without_cycles():
    a = Node("a")
    b = Node("b", a)
    a = None
    print("a is held by b:", logged())
    b.links.clear()
    print("released:", logged())
    b = Node("second b")
    print("replaced:", logged())
    del b
    print("deleted:", logged())
    chain = None
    for n in range(5):
        chain = Node(n, chain)
    chain = None
    print("a chain:", log, Node.alive)
    log.clear()
    Node("temporary")
    print("temporary:", logged())
    print([Node(n).name for n in "xyz"], log)
    log.clear()


def with_cycles():
    me = Node("self")
    me.links.append(me)
    del me
    print("before:", logged(), "after:", collected())
    start = ring(4, "r")
    watch = weakref.ref(start.links[0])
    print("reachable:", collected(), watch() is not None)
    del start
    print("ring:", collected(), watch(), Node.alive)
    outer = ring(3, "o")
    outer.links.append(Node("tail", Node("end")))
    keep = outer.links[1].links[0]
    del outer
    print("held from outside:", collected(), keep.name)
    del keep
    print("not held:", collected())

    closure = Plain()
    closure.function = lambda: closure
    closure.method = Plain.__repr__.__get__(closure)
    watch = weakref.ref(closure, lambda ref: log.append("closure is gone"))
    del closure
    print("function cycle:", collected(), watch())

    def generator():
        me = yield
        yield me

    g = generator()
    next(g)
    g.send(g)
    watch = weakref.ref(g)
    del g
    collected()
    print("generator cycle:", watch())

    class Local:
        pass

    Local.instance = Local()
    watch = weakref.ref(Local)
    del Local
    collected()
    print("class cycle:", watch())
    try:
        try:
            big = Node("in frame")
            raise ValueError
        except ValueError as error:
            saved = error
            del big
            raise
    except ValueError:
        pass
    print("traceback keeps:", Node.alive, logged())
    del saved
    print("now:", Node.alive, collected())


def resurrection():
    p = Phoenix()
    p.me = p
    watch = weakref.ref(p)
    del p
    print("phoenix:", collected(), len(Phoenix.kept), watch())
    Phoenix.kept[0].me is Phoenix.kept[0]
    Phoenix.kept.clear()
    print("finalizer runs once:", collected(), len(Phoenix.kept))
    quick = Phoenix()
    del quick
    print("without a cycle:", logged(), len(Phoenix.kept))
    Phoenix.kept.clear()
    print("again:", logged())
    f = Failing()
    f.f = f
    del f
    print(collected())


def controls():
    print(gc.isenabled(), gc.disable(), gc.isenabled(), gc.enable(), gc.isenabled())
    print(gc.is_tracked([]), gc.is_tracked(5), gc.is_tracked("x"), gc.is_tracked(Plain()))
    many = [ring(3, n) for n in range(100)]
    count = Node.alive
    del many
    gc.collect()
    print(count, Node.alive, len(logged()), gc.garbage)
    holder = [Node("h")]
    print(any(x is holder for x in gc.get_referrers(holder[0])), gc.get_referents([1, "a"]) in ([1, "a"], ["a", 1]))
    holder.clear()
    print(logged())


gc.collect()
without_cycles()
with_cycles()
resurrection()
controls()
