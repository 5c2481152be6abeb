"""Generators that functions written in C drain: sum, list, any, join and the like."""

import gc
import itertools
import sys


def numbers(n):
    for i in range(n):
        yield i


def depth(n):
    """Waits with more and with fewer values at hand."""
    for i in range(n):
        total = [i, (10, (20, (yield [i, "deep"][0]) if i % 2 else 0), [i]) if i % 3 else 0]
        yield total
        text = (str(i), (yield "mid"), (str(-i), (yield "in"), [(yield "end")]))
        yield len(text)


class Loud:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<{self.name}>"

    def __del__(self):
        print("gone:", self.name)


def keepers(n):
    for i in range(n):
        yield (Loud(f"temporary {i}"), (yield i), i)[1:]


# --- What drains

print(sum(numbers(1000)), sum(i * i for i in range(100)), sum((x / 2 for x in range(10)), 0.5))
print(list(numbers(5)), tuple(numbers(3)), set(numbers(3)), dict((i, str(i)) for i in range(3)))
print(any(i > 3 for i in numbers(10)), all(i < 3 for i in numbers(10)), max(numbers(7)), min(numbers(7)))
print("".join(str(i) for i in range(12)), ", ".join(c for c in "abc"), "-".join(x for x in ()))
print(sorted(numbers(4), reverse=True), list(map(str, numbers(3))), list(filter(None, numbers(3))))
print(list(zip(numbers(3), numbers(9))), list(enumerate(numbers(2))), [*numbers(3), *numbers(2)])
print(list(itertools.chain(numbers(2), numbers(2))), list(itertools.islice(numbers(100), 3)))
a, *b, c = numbers(5)
print(a, b, c, bytes(numbers(4)), 3 in numbers(10), 30 in numbers(10))

# --- With more and fewer values at hand

for _ in range(3):
    print(list(depth(4)))
g = depth(100)
print([g.send(None) for _ in range(8)], next(g), g.send("sent"))
gc.collect()
print([next(g) for _ in range(5)])
del g
gc.collect()
g = keepers(2)
print([next(g) for _ in range(3)])
gc.collect()
g.close()
print("closed")
g = keepers(2)
next(g)
del g

# --- Where an exception is handled, and where one is raised


def handles():
    for i in range(3):
        yield sys.exception()
        try:
            raise ValueError(i)
        except ValueError as error:
            yield error.args, sys.exception() is error, error.__context__
        yield sys.exception()


print(list(handles()))
try:
    raise KeyError("outside")
except KeyError:
    print(list(handles()), sum(numbers(5)))
g = handles()
print(next(g), next(g))
try:
    raise KeyError("outside")
except KeyError:
    print(next(g), next(g))
print(sys.exception(), list(g))


def fails(n):
    yield from range(n)
    raise IndexError("failed")


def stops(n):
    for i in range(n):
        yield i
    raise StopIteration("stopped")


for make in fails, stops:
    try:
        print(sum(make(3)))
    except (IndexError, RuntimeError) as error:
        names = []
        place = error.__traceback__
        while place:
            names.append(place.tb_frame.f_code.co_name)
            place = place.tb_next
        print(repr(error), names, repr(error.__cause__))


def returns():
    yield 1
    return Loud("returned")


print(sum(returns()), list(returns()))
g = returns()
next(g)
try:
    next(g)
except StopIteration as stop:
    print(stop.value)
    del stop

# --- One that asks for itself, and one in another


def itself():
    yield 1
    try:
        list(me)
    except ValueError as error:
        yield str(error)
    yield 3


me = itself()
print(list(me), list(me))
del me


def within(n):
    if n:
        yield sum(within(n - 1)) + n
    yield n


print(sum(within(12)))


def without_end():
    yield 1
    yield sum(without_end())


try:
    sum(without_end())
except RecursionError as error:
    print(type(error).__name__)
print(sum(numbers(10)))


# --- Looked at meanwhile


def looks():
    for i in range(3):
        frame = sys._getframe()
        yield frame.f_code.co_name, frame.f_back and frame.f_back.f_code.co_name, frame is looked.gi_frame, i
        yield looked.gi_running, looked.gi_suspended


looked = looks()
print(list(looked), looked.gi_frame)
looked = looks()
print(next(looked), looked.gi_running, looked.gi_suspended, looked.gi_frame.f_locals["i"])
print(sum(1 for _ in looked))
looked = numbers(5)
print(next(looked), next(looked))
frame = looked.gi_frame
print(frame.f_locals, sum(looked), frame.f_locals)


# --- Delegates


def delegates(n):
    got = yield from numbers(n)
    yield got
    got = yield from returns()
    yield got
    yield from (x for x in "xy")


print(list(delegates(4)), "".join(map(str, delegates(2))))
g = delegates(2)
print(next(g), sum(1 for _ in g))


class Awaited:
    def __await__(self):
        got = yield "asked"
        return got


async def waits(n):
    total = 0
    for i in range(n):
        total += (await Awaited()) or i
    return total


def drive(coroutine):
    steps = []
    try:
        while True:
            steps.append(coroutine.send(None))
    except StopIteration as stop:
        return steps, stop.value


print(drive(waits(3)))


async def asynchronous(n):
    for i in range(n):
        await Awaited()
        yield i


async def collects():
    return [i async for i in asynchronous(3)] + [sum([i async for i in asynchronous(4)])]


print(drive(collects()))
gc.collect()
print("end")
