"""What a child finds of the frames and generators of threads that a fork leaves behind."""

import gc
import os
import sys
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
ready, over = threading.Event(), threading.Event()


def numbers(start):
    inside = start + 1
    yield inside
    ready.set()
    over.wait()
    yield inside + 1


def outer(number):
    text = "kept" * number
    for value in generator:
        last = value
    return text, last


generator = numbers(10)
thread = threading.Thread(target=outer, args=(3,))
thread.start()
ready.wait()


def find(name):
    """The frame of the other thread that runs the function `name`."""
    frame = sys._current_frames()[thread.ident]
    while frame.f_code.co_name != name:
        frame = frame.f_back
    return frame


def child(body):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            body()
            sys.stdout.flush()
        finally:
            os._exit(0)
    print(os.waitpid(pid, 0)[1])


def look():
    gc.collect()
    others = [threading.Thread(target=gc.collect) for _ in range(2)]
    for other in others:
        other.start()
        other.join()
    print(inner.f_code.co_name, inner.f_locals, inner.f_lineno - inner.f_code.co_firstlineno)
    print(inner.f_back.f_code.co_name, inner.f_back.f_locals)
    print(inner.f_back is below, generator.gi_frame is inner)
    try:
        next(generator)
    except ValueError as error:
        print(error)
    print(len(sys._current_frames()))


inner = find("numbers")
below = inner.f_back
child(look)
over.set()
thread.join()
print(inner.f_locals, below.f_locals)
