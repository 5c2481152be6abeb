# One thread turns tracing, profiling and monitoring on and off while others compute: what these come to does not change, and
# what tools are told of is code that runs.

import sys
import threading

ROUNDS = 40


class Point:
    def __init__(self, x):
        self.x = x

    def moved(self, by):
        return Point(self.x + by)


def numbers(n):
    for k in range(n):
        yield k


def compute():
    total = 0
    point = Point(0)
    for n in numbers(12):
        if n % 3:
            total += n
        else:
            total -= 1
        try:
            if n == 7:
                raise KeyError(n)
            point = point.moved(n)
        except KeyError as error:
            total += len(error.args)
        finally:
            total += 1
    return total, point.x, sum(k * k for k in range(5)), [k for k in (1, 2)]


EXPECTED = compute()
stop = threading.Event()
ready = threading.Barrier(4)
wrong, turns = [], []


def worker():
    ready.wait()
    mine = 0
    while not stop.is_set() or mine < 5:
        result = compute()
        if result != EXPECTED:
            wrong.append(result)
            break
        mine += 1
    turns.append(mine)


threads = [threading.Thread(target=worker) for _ in range(3)]
for thread in threads:
    thread.start()
ready.wait()
seen = set()
monitoring = sys.monitoring
events = monitoring.events
monitoring.use_tool_id(2, "toggled")


def told(code, *_):
    seen.add(type(code).__name__)


def told_once(code, *_):
    seen.add(type(code).__name__)
    return monitoring.DISABLE


ALL = ("PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", "CALL", "LINE", "INSTRUCTION", "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT",
       "STOP_ITERATION", "RAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "RERAISE", "C_RETURN", "C_RAISE")
for name in ALL:
    callback = told_once if ALL.index(name) < 11 and ALL.index(name) % 2 else told
    monitoring.register_callback(2, getattr(events, name), callback)


def trace(frame, event, argument):
    seen.add(event)
    return trace


for n in range(ROUNDS):
    which = n % 5
    if which == 0:
        monitoring.set_events(2, sum(getattr(events, name) for name in ALL))
    elif which == 1:
        monitoring.restart_events()
        monitoring.set_local_events(2, compute.__code__, events.LINE | events.PY_START)
        monitoring.set_local_events(2, Point.moved.__code__, events.CALL)
    elif which == 2:
        monitoring.set_events(2, 0)
        threading.settrace_all_threads(trace)
        compute()
        threading.settrace_all_threads(None)
    elif which == 3:
        threading.setprofile_all_threads(lambda frame, event, argument: seen.add(event))
        compute()
        threading.setprofile_all_threads(None)
    else:
        monitoring.set_local_events(2, compute.__code__, 0)
        monitoring.set_local_events(2, Point.moved.__code__, 0)
stop.set()
for thread in threads:
    thread.join()
monitoring.set_events(2, 0)
monitoring.free_tool_id(2)
print("wrong:", wrong, "threads:", len(turns), "computed:", min(turns) >= 5)
print(sorted(seen & {"code", "call", "line", "return", "exception", "c_call", "c_return"}))
print(compute() == EXPECTED, sys.gettrace(), sys.getprofile())
