"""A hundred thousand calls deep: walking up, raising through them, keeping them."""

import sys

DEPTH = 100_000
sys.setrecursionlimit(DEPTH + 1000)


def down(n):
    if n:
        return down(n - 1)
    return sys._getframe()


frame = down(DEPTH)
count = 0
first = frame
while frame is not None:
    if frame.f_code is down.__code__:
        assert frame.f_locals["n"] == count
        count += 1
    frame = frame.f_back
print(count)
del first, frame


def walk(n):
    if n:
        return walk(n - 1)
    frame, steps = sys._getframe(), 0
    while frame is not None:
        frame, steps = frame.f_back, steps + 1
    return steps


print(walk(DEPTH) - DEPTH)


def fails(n):
    keep = [n]
    if n:
        fails(n - 1)
    raise ValueError


try:
    fails(DEPTH)
except ValueError as error:
    entry, entries = error.__traceback__, 0
    while entry:
        frame = entry.tb_frame
        entry, entries = entry.tb_next, entries + 1
    print(entries - DEPTH, frame.f_locals["keep"])
del frame


def calls_at_every_depth(n):
    """Calls and returns on both sides of every edge of the stack."""
    total = 0
    for _ in range(3):
        total += small(n)
    if n:
        return total + calls_at_every_depth(n - 1)
    return total


def small(n):
    return n & 1


print(calls_at_every_depth(20_000))
