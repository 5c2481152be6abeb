"""`yield from` and `await` of generators and coroutines: what passes between the two frames, by any way."""

import sys


def leaf(n, log=None):
    try:
        for i in range(n):
            got = yield i
            if log is not None:
                log.append(got)
    except KeyError as e:
        yield "caught", e.args
    return "leaf", n


def chain(depth, n, log=None):
    if depth == 0:
        return (yield from leaf(n, log))
    result = yield from chain(depth - 1, n, log)
    return result + (depth,)


def result_of(generator):
    values = []
    while True:
        try:
            values.append(next(generator))
        except StopIteration as stop:
            return values, stop.value


def looped(generator):
    return [value for value in generator]


for depth in (0, 1, 3):
    print(looped(chain(depth, 3)), result_of(chain(depth, 2)), sum(chain(depth, 4)), list(chain(depth, 2)))

log = []
outer = chain(2, 4, log)
print(outer.send(None), outer.send("a"), next(outer), outer.send("b"), log)
print(outer.throw(KeyError(7)), result_of(outer))

outer = chain(2, 4)
for value in outer:
    inner = outer.gi_yieldfrom
    print(value, inner.__name__, inner.gi_yieldfrom.gi_yieldfrom.__name__, inner.gi_frame.f_locals["depth"], inner.gi_running)
    if value == 2:
        break
print(outer.close(), inner.gi_frame, outer.gi_frame)


# The exception that is handled: outside, and by one of the bodies.
def handling():
    try:
        raise ValueError("own")
    except ValueError:
        yield repr(sys.exception())
        yield repr(sys.exception())
    yield repr(sys.exception())


def around():
    yield repr(sys.exception())
    yield from handling()
    yield repr(sys.exception())
    try:
        raise TypeError("around")
    except TypeError:
        yield from handling()


def outside():
    try:
        raise OSError("outside")
    except OSError:
        for value in around():
            print(value, repr(sys.exception()))
    print(sys.exception())


outside()
for value in around():
    print(value, sys.exception())


# Exceptions on their way out.
def breaking(kind):
    yield 1
    raise kind("broken")


def passing(kind, seen):
    try:
        yield from breaking(kind)
    except kind as e:
        seen.append("passing")
        names, traceback = [], e.__traceback__
        while traceback:
            names.append(traceback.tb_frame.f_code.co_name)
            traceback = traceback.tb_next
        seen.append(names)
        raise
    finally:
        seen.append("finally")


for kind in (ValueError, StopIteration, GeneratorExit):
    seen = []
    try:
        for value in passing(kind, seen):
            seen.append(value)
    except BaseException as e:
        print(type(e).__name__, e, repr(e.__cause__), seen)


# Who runs already, and who is over.
def selfish():
    yield 1
    try:
        yield from me
    except ValueError as e:
        yield str(e)


me = selfish()
print(looped(me))
done = leaf(0)
looped(done)


def again():
    return (yield from done)


print(result_of(again()))
begun = leaf(3)
next(begun)
shared = [chain(1, 2), begun]


def both():
    for one in shared:
        yield from one


print(looped(both()), looped(begun))


def starts_with(value):
    generator = chain(1, 2)
    try:
        generator.send(value)
    except TypeError as e:
        return str(e)


print(starts_with(1))


class Own:
    def __init__(self):
        self.left = 3

    def __iter__(self):
        return self

    def __next__(self):
        self.left -= 1
        if self.left < 0:
            raise StopIteration("own")
        return self.left


def mixed():
    print((yield from Own()))
    print((yield from [1, 2]))
    print((yield from (i * i for i in range(3))))
    print((yield from chain(0, 1)))


print(looped(mixed()))


# A frame that somebody looks at, line by line and after it is left.
frames = []


def looked():
    x = 1
    frames.append(sys._getframe())
    yield x
    x = 2
    yield [frame.f_code.co_name for frame in (frames[0], frames[0].f_back, frames[0].f_back.f_back)]
    x = 3


def looking():
    yield from looked()


for value in looking():
    print(value, frames[0].f_locals["x"], frames[0].f_lineno - frames[0].f_code.co_firstlineno)
print(frames[0].f_locals, frames[0].f_back)


# Deep.
def tree(depth):
    if depth:
        yield from tree(depth - 1)
    yield depth


print(sum(tree(300)), len(looped(tree(300))))
try:
    looped(tree(5000))
except RecursionError as e:
    print(e)


def swapping(n):
    for i in range(n):
        shared[0] = leaf(i)
        yield from shared[0]


print(looped(swapping(4)))


# Coroutines.
class Wait:
    def __await__(self):
        return (yield "waits")


async def inner(n):
    if n == 0:
        return await Wait()
    return n, await inner(n - 1)


async def outer():
    first = await inner(2)
    try:
        await failing()
    except ZeroDivisionError as e:
        return first, str(e)


async def failing():
    await Wait()
    1 / 0


def drive(coroutine):
    sent, log = None, []
    while True:
        try:
            log.append(coroutine.send(sent))
            sent = len(log)
        except StopIteration as stop:
            return log, stop.value


print(drive(outer()), drive(inner(200))[1][0])
awaited = inner(0)


async def twice():
    await awaited
    await awaited


try:
    drive(twice())
except RuntimeError as e:
    print(e)


async def names():
    coroutine = inner(1)
    frames.append(coroutine)
    return await coroutine


outer = names()
outer.send(None)
print(outer.cr_await.__name__, frames[-1].cr_await.__name__, frames[-1].cr_running)
try:
    outer.throw(KeyError("thrown"))
except KeyError as e:
    print(repr(e), outer.cr_frame, frames[-1].cr_frame)


# What a tracer sees.
events = []


def tracer(frame, event, argument):
    if frame.f_code in (tree.__code__, looped.__code__):
        events.append((event, frame.f_locals.get("depth"), frame.f_lineno - frame.f_code.co_firstlineno, repr(argument)))
    return tracer


sys.settrace(tracer)
for value in tree(2):
    events.append(value)
sys.settrace(None)
print(*events, sep="\n")
