"""How long variables live that frame objects and tracebacks keep."""

import gc
import sys


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone:", self.name)


def returned():
    local = Loud("local of returned")
    return sys._getframe()


frame = returned()
print("still there:", list(frame.f_locals), frame.f_locals["local"].name)
print(frame.f_back is sys._getframe(), frame.f_code is returned.__code__, frame.f_lineno - frame.f_code.co_firstlineno)
frame.clear()
print("cleared:", dict(frame.f_locals), frame.f_back.f_code.co_name)
frame.f_locals["local"] = 5
print(dict(frame.f_locals))
del frame


def unobserved():
    local = Loud("local of unobserved")
    sys._getframe()


unobserved()
print("after unobserved")


def overwritten():
    local = Loud("first")
    frame = sys._getframe()
    frame.f_locals["local"] = Loud("second")
    print("overwritten", local.name)
    return frame


frame = overwritten()
print("returned", frame.f_locals["local"].name)
frame.clear()
print("after overwritten")
del frame


def fails():
    local = Loud("local of fails")
    raise ValueError("failed")


def passes_on():
    middle = Loud("local of passes_on")
    fails()


def catches():
    try:
        passes_on()
    except ValueError as error:
        print("handling")
        entry = error.__traceback__
        while entry:
            print(entry.tb_frame.f_code.co_name, sorted(entry.tb_frame.f_locals), entry.tb_lineno - entry.tb_frame.f_code.co_firstlineno)
            entry = entry.tb_next
    print("handled")


catches()

try:
    passes_on()
except ValueError as error:
    kept = error.__traceback__
print("kept")
inner = kept.tb_next.tb_next.tb_frame
print(inner.f_code.co_name, inner.f_back.f_code.co_name, inner.f_back is kept.tb_next.tb_frame, inner.f_back.f_back is kept.tb_frame)
inner.clear()
print("cleared")
kept.tb_next.tb_next = None
del inner
print("cut")
del kept
print("dropped")

# One object for each frame.


def identity():
    frame = sys._getframe()

    def called():
        return sys._getframe(1)

    try:
        raise KeyError
    except KeyError as error:
        entry = error.__traceback__
    return frame is sys._getframe(), frame is called(), frame is entry.tb_frame, frame.f_back is sys._getframe(1)


print(identity())


def up(n):
    if n:
        return up(n - 1)
    return sys._getframe()


frame = up(5)
names = []
while frame:
    names.append((frame.f_code.co_name, frame.f_locals.get("n") if frame.f_code.co_name == "up" else None))
    frame = frame.f_back
print(names)


class Watches:
    """A finalizer sees who called, not the frame that is being left."""

    def __del__(self):
        frame = sys._getframe()
        print("finalizer called from", frame.f_back.f_code.co_name)


def leaving():
    watched = Watches()
    other = 1


def leaving_by_error():
    watched = Watches()
    raise IndexError


def around():
    leaving()
    try:
        leaving_by_error()
    except IndexError:
        pass


around()

# Cycles through frames.


def cyclic():
    loud = Loud("in a cycle")
    frame = sys._getframe()
    return None


cyclic()
print("collecting")
gc.collect()
print("collected")


def cyclic_error():
    loud = Loud("in a cycle with an error")
    try:
        raise OSError
    except OSError as error:
        mine = error
    return None


cyclic_error()
print("collecting")
gc.collect()
print("collected")

for attempt in (
    lambda: sys._getframe().clear(),
    lambda: sys._getframe(1).clear(),
    lambda: sys._getframe().clear(1),
):
    try:
        attempt()
    except (RuntimeError, TypeError) as error:
        print(type(error).__name__, error)


class Resurrected:
    def __del__(self):
        global saved
        saved = sys._getframe()


def resurrect():
    thing = Resurrected()


resurrect()
print(saved.f_code.co_name, sorted(saved.f_locals), saved.f_back.f_code.co_name)
saved.clear()
print(dict(saved.f_locals))
