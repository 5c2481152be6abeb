"""While finalizers and callbacks run, nobody who looks around finds what is about to go."""

import gc
import weakref


class Node:
    pass


class Last:
    def __del__(self):
        seen = gc.get_objects()
        print("finalizer:", any(x is self for x in seen), sum(type(x) is Node for x in seen))
        print("referrers:", [type(x).__name__ for x in gc.get_referrers(self.other) if type(x) is not dict])
        print("referents:", sorted(type(x).__name__ for x in gc.get_referents(self.other.here)))


class Back:
    def __del__(self):
        print("on the way back:", sum(type(x) is Back for x in gc.get_objects()))
        kept.append(self)


def gone(reference):
    print("callback:", sum(type(x) is Node for x in gc.get_objects()))
    print("by age:", [sum(type(x) is Node for x in gc.get_objects(age)) for age in range(3)])


def cycle(kind):
    first, other = Node(), kind()
    first.me, first.here, other.other = first, [other], first
    return weakref.ref(first, gone)


gc.disable()
gc.collect()
for kind in Node, Last:
    reference = cycle(kind)
    print(kind.__name__, "before:", sum(type(x) is Node for x in gc.get_objects()))
    print("found:", gc.collect() > 0)
print("after:", sum(type(x) is Node for x in gc.get_objects()))

kept = []
back = Back()
back.me = back
del back
gc.collect()
print("back:", sum(type(x) is Back for x in gc.get_objects()))
kept.clear()
gc.collect()
print("gone:", sum(type(x) is Back for x in gc.get_objects()))
