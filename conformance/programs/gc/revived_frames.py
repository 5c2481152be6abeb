# Generators, coroutines and async generators that die in cycles: their frames are closed, and some bring themselves, or what they
# hold, back to life.
import gc
import sys
import warnings

warnings.simplefilter("ignore")
gc.disable()


class Node:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


def collect():
    gc.collect()
    gc.collect()


# --- A frame that lets itself and what it holds escape while it is closed

escaped = []


def make_body():
    """A function, and globals, that only the generator refers to."""
    space = {"escaped": escaped, "Node": Node, "sys": sys}
    source = '''
def helper(x):
    return "helped " + x.name

class Local(Node):
    def tell(self):
        return "local " + self.name

def body(ring):
    mine, local = Node("mine"), Local("theirs")
    def closure():
        return helper(mine), local.tell()
    try:
        while True:
            yield closure
    finally:
        escaped.append((ring, mine, local, closure, sys._getframe()))
'''
    exec(source, space)
    return space["body"]


def revive(count):
    for _ in range(count):
        ring = []
        generator = make_body()(ring)
        ring.append(generator)
        next(generator)
        del ring, generator
    collect()
    print(len(escaped))
    for ring, mine, local, closure, frame in escaped:
        generator = ring[0]
        assert closure() == ("helped mine", "local theirs"), closure()
        assert (generator.gi_frame, generator.gi_suspended) == (None, False)
        assert generator.gi_code.co_name == "body" == frame.f_code.co_name
        assert frame.f_locals["mine"] is mine and frame.f_locals["ring"] is ring
        assert type(local).__name__ == "Local" and list(generator) == []
    del ring, mine, local, closure, frame, generator
    escaped.clear()
    collect()


revive(1)
revive(20)


# --- An object in a frame that brings the whole generator back: suspended still, and to be run again

class Reviver:
    def __init__(self, box):
        self.box = box

    def __del__(self):
        escaped.append(self.box)


def sleeper(box, n):
    total = 0
    try:
        while True:
            total += yield total
    except GeneratorExit:
        escaped.append(("closed", total))
        yielded = [total]
        raise
    finally:
        n.append("finally")


def revive_suspended():
    box, log = [], []
    box.append(sleeper(box, log))
    box.append(Reviver(box))
    next(box[0])
    box[0].send(5)
    del box
    collect()
    kinds = sorted(type(item).__name__ for item in escaped)
    # The generator was closed by the same collection, or by the one after: once, and its frame ran to the end.
    print(kinds, log)
    [box] = [item for item in escaped if type(item) is list]
    print(box[0].gi_frame, list(box[0]))
    escaped.clear()
    del box
    collect()
    print(escaped, log)
    escaped.clear()


revive_suspended()


# --- Frames that wait for each other

class Pause:
    def __await__(self):
        yield


def inner(log, ring):
    try:
        yield 1
    finally:
        log.append("inner")


def outer(log, ring):
    try:
        yield from inner(log, ring)
    finally:
        log.append("outer")


async def waiting(log, ring):
    try:
        await Pause()
    finally:
        log.append("coroutine")


async def sequence(log, ring):
    try:
        yield 1
    finally:
        log.append("async generator")


def drop_ring(make, begin):
    log, ring = [], []
    ring.append(make(log, ring))
    begin(ring[0])
    del ring
    collect()
    return log


def begin_async(generator):
    try:
        generator.asend(None).send(None)
    except StopIteration as stop:
        assert stop.value == 1


print(drop_ring(outer, next))
print(drop_ring(waiting, lambda c: c.send(None)))
print(drop_ring(sequence, begin_async))
print(drop_ring(outer, lambda g: None))

# --- The finalizer hook gets async generators that die, and may keep them

kept = []
sys.set_asyncgen_hooks(finalizer=kept.append)
log = drop_ring(sequence, begin_async)
print(log, [g.__name__ for g in kept])
generator = kept.pop()
print(generator.ag_frame.f_locals["log"] is log, generator.ag_suspended)
try:
    generator.aclose().send(None)
except StopIteration:
    print(log, generator.ag_frame)
del generator
sys.set_asyncgen_hooks(finalizer=None)
collect()

# --- Frame objects that outlive the generator, in both orders

def framed(log, ring):
    value = Node("value")
    yield sys._getframe()


def keep_frame():
    ring = []
    generator = framed([], ring)
    frame = next(generator)
    ring.append((generator, frame))
    del generator, ring
    return frame


frame = keep_frame()
collect()
print(frame.f_locals["value"], frame.f_generator is frame.f_locals["ring"][0][0])
frame.f_locals["ring"].clear()
collect()
print(frame.f_locals["value"], frame.f_generator)
del frame
collect()
print(gc.garbage)
