"""Measured, traced and profiled: which threads a profiler hears of, and which a function of `sys` or `threading`."""

import cProfile
import sys
import threading

heard = []


def leaf():
    return 1


def branch(depth):
    return leaf() if depth == 0 else branch(depth - 1)


def work(begun, go):
    begun.set()
    go.wait()
    branch(2)
    len([])


class Running:
    """A thread that has begun before what is in the block, and ends with it."""

    def __enter__(self):
        begun, self.go = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=work, args=(begun, self.go), name="other")
        self.thread.start()
        begun.wait()

    def __exit__(self, *error):
        self.go.set()
        self.thread.join()


def told(frame, event, argument):
    if frame.f_code in (leaf.__code__, branch.__code__):
        heard.append((threading.current_thread().name, frame.f_code.co_name, event))
    return told


def show(what):
    print(what, sorted(set(heard)), len(heard))
    heard.clear()


with Running():
    threading.setprofile_all_threads(told)
show("profile of all:")
threading.setprofile_all_threads(None)
with Running():
    threading.settrace_all_threads(told)
threading.settrace_all_threads(None)
show("trace of all:")
print(threading.getprofile(), threading.gettrace(), sys.getprofile(), sys.gettrace())

with Running():
    sys.setprofile(told)
    leaf()
    sys.setprofile(None)
show("own profile:")

threading.setprofile(told)
with Running():
    leaf()
threading.setprofile(None)
show("profile of new ones:")


def counts(profiler):
    functions = {leaf.__code__, branch.__code__}
    for entry in sorted(profiler.getstats(), key=lambda entry: str(entry.code)):
        if entry.code in functions:
            called = sorted((part.code.co_name, part.callcount, part.reccallcount) for part in entry.calls or () if part.code in functions)
            print("   ", entry.code.co_name, entry.callcount, entry.reccallcount, called)


profiler = cProfile.Profile()
with Running():
    profiler.enable()
    leaf()
profiler.disable()
print("begun before:")
counts(profiler)

profiler = cProfile.Profile()
with profiler, Running():
    branch(1)
print("begun inside:")
counts(profiler)
profiler.enable()
refused = []


def enable_another():
    try:
        cProfile.Profile().enable()
    except ValueError as error:
        refused.append(str(error))


enable_another()
thread = threading.Thread(target=enable_another)
thread.start()
thread.join()
profiler.disable()
profiler.disable()
print(refused, sys.monitoring.get_tool(sys.monitoring.PROFILER_ID))

profiler.clear()
thread = threading.Thread(target=profiler.enable)
thread.start()
thread.join()
leaf()
profiler.disable()
print("enabled by another:")
counts(profiler)
