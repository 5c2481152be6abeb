"""The functions of the gc module: thresholds, arguments, statistics, callbacks, debug flags."""

import gc
import sys


class Node:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"Node({self.name})"


def pair(name):
    first, second = Node(name + "1"), Node(name + "2")
    first.other, second.other = second, first


def attempt(function, *args, **keywords):
    try:
        result = function(*args, **keywords)
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
    print(function.__name__, args, keywords, result)


def thresholds():
    print(gc.get_threshold(), gc.isenabled(), gc.get_debug())
    for args in [(1,), (2, 3), (4, 5, 6), (), (1, 2, 3, 4), ("x",), (1, "x"), (1, 2, 1.5), (2**31,), (-(2**31) - 1,), (2**63,), (1, -(2**63) - 1), (-5,), (0,)]:
        attempt(gc.set_threshold, *args)
        print(gc.get_threshold())
    gc.set_threshold(2000, 10, 10)
    gc.disable()
    print(gc.isenabled())


def arguments():
    for args in [(3,), (-1,), ("x",), (None,), (2**70,), (1, 2)]:
        attempt(gc.collect, *args)
    attempt(gc.collect, generation=7)
    attempt(gc.collect, other=1)
    for args in [(), ("x",), (2**40,), (0,)]:
        attempt(gc.set_debug, *args)
    attempt(gc.set_threshold, x=1)
    for args in [("x",), (5,), (-2,), (1, 2), (2**63,)]:
        attempt(gc.get_objects, *args)
    for function in [gc.is_tracked, gc.is_finalized, gc.get_debug, gc.enable, gc.get_count, gc.freeze, gc.get_stats]:
        attempt(function, 1, 2)
    attempt(gc.get_referrers, x=1)
    attempt(gc.get_referents, x=1)


def values():
    # Whatever something refers to is named, numbers too.
    class Sized:
        pass

    node = Sized()
    node.size, node.next, node.number = 2.5, "end", 3
    cell = (lambda: node.size).__closure__[0]
    print([type(value).__name__ for value in gc.get_referents(slice(1, 2.5, None))])
    print([type(value).__name__ for value in gc.get_referents(cell)])
    print(sorted(type(value).__name__ for value in gc.get_referents(node)))
    number = 5
    print(gc.get_referents((lambda: number).__closure__[0]))


def wrong_callbacks():
    gc.callbacks.append(5)
    gc.collect()
    gc.callbacks.clear()


def difference(after, before):
    return [{key: new[key] - old[key] for key in new} for new, old in zip(after, before)]


def statistics():
    gc.collect()
    before = gc.get_stats()
    for generation in [2, 0, 1, 2]:
        pair("s")
        print(gc.collect(generation))
    print(difference(gc.get_stats(), before))


def callbacks():
    heard = []

    def listen(phase, info):
        heard.append((phase, dict(info)))

    gc.callbacks.append(listen)
    pair("c")
    gc.collect(1)
    gc.collect()
    gc.callbacks.remove(listen)
    for entry in heard:
        print(entry)
    heard.clear()
    # One that asks for a collection while one runs gets nothing.
    results = []
    gc.callbacks.append(lambda phase, info: results.append(gc.collect()))
    pair("d")
    print(gc.collect(), results)
    gc.callbacks.clear()
    ignored = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda args: ignored.append((args.err_msg, str(args.exc_value), args.object))

    def fail(phase, info):
        raise ValueError(phase)

    gc.callbacks.append(fail)
    gc.collect()
    gc.callbacks.clear()
    sys.unraisablehook = hook
    for message, error, culprit in ignored:
        print(message.partition(" <")[0], repr(fail) in message, error, culprit)


def automatic():
    heard = []
    gc.collect()
    before = gc.get_stats()

    def listen(phase, info):
        heard.append((phase, info["generation"]))

    gc.callbacks.append(listen)
    gc.enable()
    kept = []
    while not heard or heard[-1][0] == "start":
        kept.extend([n] for n in range(1000))
    gc.disable()
    gc.callbacks.clear()
    print(heard[:2])
    print(difference(gc.get_stats(), before)[0]["collections"] > 0)


def saved():
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    pair("kept")
    gc.collect()
    print(sorted(map(repr, (x for x in gc.garbage if isinstance(x, Node)))))
    node = next(x for x in gc.garbage if isinstance(x, Node))
    print(node.other.other is node)
    del node
    gc.set_debug(0)
    gc.garbage.clear()
    print(gc.collect() >= 2, gc.garbage)
    # Functions come back whole.
    def outer():
        def inner():
            return inner

        inner.mark = "still there"

    gc.set_debug(gc.DEBUG_SAVEALL)
    outer()
    gc.collect()
    gc.set_debug(0)
    functions = [x for x in gc.garbage if getattr(x, "__name__", None) == "inner"]
    print(len(functions), [(x() is x, x.mark) for x in functions])
    del outer
    functions.clear()
    gc.garbage.clear()
    print(gc.collect() >= 2)


def documented():
    for name in sorted(dir(gc)):
        value = getattr(gc, name)
        if callable(value) and not name.startswith("_"):
            print(name, bool(value.__doc__), value.__text_signature__)


thresholds()
arguments()
values()
wrong_callbacks()
statistics()
callbacks()
automatic()
saved()
documented()
