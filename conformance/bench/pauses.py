"""How long collections keep a program waiting. Prints a name and milliseconds, a line each.

Usage: pauses.py [NAME]...
"""

import gc
import sys
from statistics import median
from time import perf_counter

MILLION = 1_000_000


class Instance:
    pass


def milliseconds(function, *arguments):
    begin = perf_counter()
    function(*arguments)
    return (perf_counter() - begin) * 1e3


def pause(kept):
    """The median of seven collections with a million objects alive, of which `kept` gets at all."""
    gc.collect()
    return median(milliseconds(gc.collect) for _ in range(7))


def alive_tuples_and_lists():
    return pause([([],) for _ in range(MILLION // 2)])


def alive_instances():
    return pause([Instance() for _ in range(MILLION)])


def alive_dicts():
    return pause([{i: i} for i in range(MILLION)])


def freed_lists():
    for _ in range(MILLION):
        cycle = []
        cycle.append(cycle)
    del cycle
    return milliseconds(gc.collect)


def freed_instances():
    for _ in range(MILLION // 2):
        one, two = Instance(), Instance()
        one.other, two.other = two, one
    del one, two
    return milliseconds(gc.collect)


def young_pass():
    kept = [Instance() for _ in range(MILLION)]
    gc.collect()
    gc.collect(0)
    return median(milliseconds(gc.collect, 0) for _ in range(7))


def tuples(count):
    return [(i,) for i in range(count)]


def growing_tuples():
    gc.enable()
    try:
        return milliseconds(tuples, 10 * MILLION)
    finally:
        gc.disable()


def without_collections():
    return milliseconds(tuples, 10 * MILLION)


MEASURES = [
    alive_tuples_and_lists, alive_instances, alive_dicts, freed_lists, freed_instances, young_pass, growing_tuples,
    without_collections,
]

gc.disable()
wanted = sys.argv[1:]
for measure in MEASURES:
    if not wanted or measure.__name__ in wanted:
        print(measure.__name__, measure())
