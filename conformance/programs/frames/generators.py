"""Frames of generators: asleep, awake, over."""

import sys


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone:", self.name)


def generator(n=1):
    value = n
    frame = sys._getframe()
    sent = yield frame
    value = sent
    yield value


def name(frame):
    return frame and frame.f_code.co_name


g = generator()
frame = g.gi_frame
print(frame is g.gi_frame, frame.f_back, frame.f_locals, frame.f_generator is g, frame.f_lineno - frame.f_code.co_firstlineno)
inside = next(g)
print(inside is frame, frame.f_back, sorted(frame.f_locals), frame.f_lineno - frame.f_code.co_firstlineno)
frame.f_locals["value"] = 99
print(frame.f_locals["value"], g.gi_frame.f_locals["value"])
try:
    frame.clear()
except RuntimeError as error:
    print(error)
print(g.send("sent"), frame.f_locals["value"], g.gi_frame is frame)
print(list(g), g.gi_frame, frame.f_back, frame.f_generator, frame.f_locals["value"], frame.f_lineno - frame.f_code.co_firstlineno)
frame.clear()
print(dict(frame.f_locals))

# Cleared before it began.
g = generator()
frame = g.gi_frame
frame.clear()
print(g.gi_frame, list(g), frame.f_generator, dict(frame.f_locals))

# The frame outlives the generator.


def loud():
    local = Loud("local of a generator")
    yield 1


g = loud()
next(g)
frame = g.gi_frame
del g
print("generator is gone", sorted(frame.f_locals), frame.f_generator, frame.f_back)
frame.clear()
print("cleared")

g = loud()
next(g)
frame = g.gi_frame
g.close()
print("closed", sorted(frame.f_locals), g.gi_frame)
del frame
print("dropped")

g = loud()
next(g)
g.gi_frame.f_locals["local"] = None
print("overwritten")
g.close()

# While it runs.


def running():
    me = yield
    frame = me.gi_frame
    print(frame is sys._getframe(), name(frame.f_back), me.gi_running, frame.f_generator is me)
    try:
        frame.clear()
    except RuntimeError as error:
        print(error)

    def inner():
        sys._getframe(1).f_locals["me"] = "changed"

    inner()
    yield me


def resumer():
    g = running()
    next(g)
    return g.send(g)


print(resumer())


def fails():
    local = Loud("local of a failing generator")
    yield 1
    raise KeyError("from a generator")


def consume():
    for item in fails():
        pass


try:
    consume()
except KeyError as error:
    entry = error.__traceback__
    while entry:
        local = entry.tb_frame.f_locals
        print(name(entry.tb_frame), name(entry.tb_frame.f_back), sorted(local) if local is not globals() else "globals")
        entry = entry.tb_next
    del local
print("handled")


def outer():
    yield from generator(5)


g = outer()
inner = next(g)
print(name(inner), inner.f_back, g.gi_yieldfrom.gi_frame is inner, name(g.gi_frame))


async def coroutine():
    waited = 1
    return sys._getframe()


c = coroutine()
frame = c.cr_frame
print(name(frame), frame.f_generator is c, c.cr_code is frame.f_code)
try:
    c.send(None)
except StopIteration as stop:
    print(stop.value is frame, c.cr_frame, frame.f_locals["waited"])


def throws():
    try:
        yield 1
    except ValueError as error:
        yield [name(error.__traceback__.tb_frame), error.__traceback__.tb_frame is sys._getframe()]


g = throws()
next(g)
print(g.throw(ValueError))

print([name(f) for f in (sys._getframe() for _ in range(2))])
