# What the ends of objects show: lines, reports of errors, callbacks, and who is tracked.
import gc
import io
import sys
import weakref

gc.disable()


class Tells:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print(self.name, "ends in line", sys._getframe(1).f_lineno - FIRST)


class Plain:
    pass


FIRST = Plain.__firstlineno__


def lines():
    one = Tells("deleted")
    len("a")

    del one
    one = Tells("overwritten")
    len("a")

    one = 3
    one = Plain()
    reference = weakref.ref(one, lambda _: print("told in line", sys._getframe(1).f_lineno - FIRST))
    len("a")

    one = None
    box = Plain()
    for _ in range(3):
        box.one = Tells("attribute")
        len("a")

        box.one = None
    cell = Tells("cell")
    len("a")

    cell = None
    (lambda: cell)()
    last = Tells("returned from")
    len("a")

    return 5


lines()


def show(told):
    trace, frames = told.exc_traceback, []
    while trace:
        frames.append((trace.tb_frame.f_code.co_name, trace.tb_lineno - FIRST))
        trace = trace.tb_next
    print(type(told), isinstance(told, tuple), told.n_fields, told.exc_type.__name__)
    print(" ", told.err_msg.split(" 0x")[0], told.object, frames)


sys.unraisablehook = show


def native_callbacks():
    one = Plain()
    reference = weakref.ref(one, len)
    del one
    one = Plain()
    one.me = one
    reference = weakref.ref(one, len)
    del one
    gc.collect()


class Stream(io.RawIOBase):
    def close(self):
        raise OSError("close")


class Owner:
    def __buffer__(self, flags):
        return memoryview(b"abc")

    def __release_buffer__(self, view):
        raise ValueError("release")


def streams_and_buffers():
    Stream()
    view = memoryview(Owner())
    view.release()
    print(repr(view).split(" at ")[0])


native_callbacks()
streams_and_buffers()
sys.unraisablehook = sys.__unraisablehook__


# References that finalizers make are cleared, and nobody is told.
class Refers:
    def __del__(self):
        global made
        made = weakref.ref(self, lambda _: print("told"))


one = Refers()
one.me = one
del one
gc.collect()
print(made())


# The list of callbacks may change while they are called.
def first(phase, info):
    print("first", phase)
    gc.callbacks.clear()


def second(phase, info):
    print("second", phase)


gc.callbacks[:] = [first, second]
gc.collect()
gc.callbacks[:] = [lambda phase, info: gc.callbacks.append(second)]
gc.collect()
gc.callbacks.clear()

# Who is tracked, and what a class refers to.
print([gc.is_tracked(x) for x in (object.__init__, str.join, Plain.__init__, dict.__dict__["fromkeys"], type.__dict__["__mro__"])])
print([x for x in gc.get_referents(Plain) if isinstance(x, str)])
