# sys.unraisablehook: what it is told of exceptions that nobody can catch.
import gc
import sys
import weakref


class Raises:
    def __del__(self):
        raise ValueError("in a finalizer")


class Plain:
    pass


def generator():
    try:
        yield
    finally:
        raise RuntimeError("in a generator")


def show(told):
    print(len(told), told[0] is told.exc_type)
    print(" ", told.exc_type.__name__, told.exc_value, told.exc_traceback.tb_frame.f_code.co_name)
    print(" ", told.err_msg.split("<")[0].strip(), told.object)


print(sys.unraisablehook is sys.__unraisablehook__, sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__)
sys.unraisablehook = show

one = Raises()
del one
one = Raises()
one.me = one
del one
gc.collect()

one = Plain()
reference = weakref.ref(one, lambda _: 1 / 0)
del one

one = generator()
next(one)
del one


def callback(phase, info):
    raise OSError(phase)


gc.callbacks.append(callback)
gc.collect()
gc.callbacks.remove(callback)


# A hook that fails is reported itself, once.
class Sink:
    def write(self, text):
        written.append(text)

    def flush(self):
        pass


def fails(told):
    raise KeyError("hook")


written = []
sys.unraisablehook, sys.stderr = fails, Sink()
one = Raises()
del one
sys.unraisablehook = None
one = Raises()
del one
sys.unraisablehook, sys.stderr = sys.__unraisablehook__, sys.__stderr__
text = "".join(written)
print([line.split(" <")[0] for line in text.splitlines() if not line.startswith(" ")])
