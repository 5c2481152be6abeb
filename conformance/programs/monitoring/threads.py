"""Tools and threads: turned on by one while others run, threads that start later, places disabled by many at once."""

import sys
import threading

mon = sys.monitoring
E = mon.events
TOOL = 4


def leaf(x):
    return x + 1


def work(n):
    total = 0
    for i in range(n):
        total = leaf(total)
    return total


class Watch:
    """Threads that are told of, by their names."""

    def __init__(self):
        self.told = set()
        self.grown = threading.Condition()

    def note(self, code, *_):
        if code is leaf.__code__:
            name = threading.current_thread().name
            if name not in self.told:
                with self.grown:
                    self.told.add(name)
                    self.grown.notify_all()

    def wait_for(self, names):
        with self.grown:
            self.grown.wait_for(lambda: self.told >= set(names))


mon.use_tool_id(TOOL, "threads")
stop = False


def run():
    while not stop:
        work(5)


# Turned on while they run; off; on again.
names = [f"runner {i}" for i in range(4)]
runners = [threading.Thread(target=run, name=name) for name in names]
for runner in runners:
    runner.start()
for _ in range(3):
    watch = Watch()
    mon.register_callback(TOOL, E.PY_START, watch.note)
    mon.set_events(TOOL, E.PY_START)
    watch.wait_for(names)
    mon.set_events(TOOL, 0)
    print(sorted(watch.told) == names)

# The same in one code object; and a thread that starts after it was turned on.
watch = Watch()
mon.register_callback(TOOL, E.PY_START, watch.note)
mon.set_local_events(TOOL, leaf.__code__, E.PY_START)
watch.wait_for(names)
late = threading.Thread(target=work, args=(1,), name="late")
late.start()
late.join()
print("late" in watch.told)
mon.set_local_events(TOOL, leaf.__code__, 0)
stop = True
for runner in runners:
    runner.join()

# Turned off, then a thread that starts is told of nothing; it may take over the code of one that has ended.
watch.told.clear()
later = threading.Thread(target=work, args=(3,), name="later")
later.start()
later.join()
print(sorted(watch.told))

# Places disabled by many at once, and enabled again: nobody is told of a place twice after he has disabled it himself.
counts = threading.local()
wrong = []


def disable(code, line):
    if code is work.__code__ or code is leaf.__code__:
        seen = counts.__dict__.setdefault("seen", {})
        key = code, line
        seen[key] = seen.get(key, 0) + 1
    return mon.DISABLE


def storm():
    for _ in range(10):
        work(3)
    seen = counts.__dict__.get("seen", {})
    if any(count > restarts + 2 for count in seen.values()):
        wrong.append(seen)


restarts = 20
mon.register_callback(TOOL, E.LINE, disable)
mon.set_events(TOOL, E.LINE)
storms = [threading.Thread(target=storm) for _ in range(4)]
for thread in storms:
    thread.start()
for _ in range(restarts):
    mon.restart_events()
for thread in storms:
    thread.join()
mon.set_events(TOOL, 0)
mon.free_tool_id(TOOL)
print("told too often:", wrong)

# Functions of threading.settrace and setprofile, for threads that start; and for all of them.
events = {}


def tracer(kind):
    def function(frame, event, arg):
        if frame.f_code is leaf.__code__:
            events.setdefault((kind, threading.current_thread().name), set()).add(event)
        return function

    return function


trace, profile = tracer("trace"), tracer("profile")
threading.settrace(trace)
threading.setprofile(profile)
print(threading.gettrace() is trace, threading.getprofile() is profile, sys.gettrace())
thread = threading.Thread(target=work, args=(2,), name="traced")
thread.start()
thread.join()
threading.settrace(None)
threading.setprofile(None)
work(1)
for key in sorted(events):
    print(*key, sorted(events[key]))

stop = False
told = threading.Event()


def everywhere(frame, event, arg):
    if threading.current_thread().name == "running":
        told.set()


runner = threading.Thread(target=run, name="running")
runner.start()
threading.settrace_all_threads(everywhere)
told.wait()
print(sys.gettrace() is everywhere, threading.gettrace() is everywhere)
threading.settrace_all_threads(None)
told.clear()
threading.setprofile_all_threads(everywhere)
told.wait()
threading.setprofile_all_threads(None)
stop = True
runner.join()
print(sys.gettrace(), sys.getprofile(), threading.gettrace(), threading.getprofile())
