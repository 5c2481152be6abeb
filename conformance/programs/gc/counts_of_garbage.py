# What gc.collect() returns: what was in cycles, not functions and code that only waited.
import gc

gc.disable()


class Plain:
    pass


def calls():
    def inner(x=[1]):
        return x

    cell = Plain()
    inner.attribute = (cell,)
    sorted([2, 1], key=lambda y: (y, cell) and y)
    return inner()


def ring():
    one, two = Plain(), Plain()
    one.other, two.other = two, one
    return one


def function_in_a_ring():
    def inner():
        return inner


def both():
    calls()
    ring()
    calls()
    function_in_a_ring()


def returned(work):
    work()
    return gc.collect()


gc.collect()
for work in calls, ring, function_in_a_ring, both, lambda: exec("x = (lambda: 1)()", {}), lambda: [calls() for _ in range(10)]:
    print(returned(work))


class Finalized:
    def __del__(self):
        pass


def finalized():
    one = Finalized()
    one.me = one
    calls()


def told(phase, info):
    if phase == "stop":
        print("told", info["collected"])


print(returned(finalized), returned(calls))
before = gc.get_stats()[2]["collected"]
gc.callbacks.append(told)
returned(both)
gc.callbacks.remove(told)
print(gc.get_stats()[2]["collected"] - before)
