"""A profiler: who calls whom, with sys.setprofile and with sys.monitoring."""

import sys


class Shape:
    def __init__(self, sides):
        self.sides = sides

    def area(self):
        return sum(side * side for side in self.sides)

    @property
    def double(self):
        return helper(self.area())


def helper(value):
    return max(value, value + value)


def numbers(n):
    for i in range(n):
        yield abs(i)


def work():
    shapes = [Shape([1, 2]), Shape(list(numbers(3)))]
    total = sum(map(Shape.area, shapes))
    try:
        int("x")
    except ValueError:
        total += shapes[0].double
    return sorted([total, 3], key=lambda value: -value)


edges = {}
stack = []


def profile(frame, event, arg):
    name = frame.f_code.co_name
    if event == "call":
        if stack:
            edges[stack[-1], name] = edges.get((stack[-1], name), 0) + 1
        stack.append(name)
    elif event == "return":
        if stack:
            stack.pop()
    else:
        edges[name, event, arg.__name__] = edges.get((name, event, arg.__name__), 0) + 1


sys.setprofile(profile)
print(sys.getprofile() is profile)
work()
sys.setprofile(None)
for edge in sorted(edges):
    print(*edge, edges[edge])

mon = sys.monitoring
E = mon.events
TOOL = mon.PROFILER_ID
calls = {}


def called(event):
    def callback(code, offset, callable, first):
        name = getattr(callable, "__qualname__", None)
        what = "nothing" if first is mon.MISSING else type(first).__name__
        key = event, code.co_name, name, what
        calls[key] = calls.get(key, 0) + 1

    return callback


mon.use_tool_id(TOOL, "profiler")
for name in ("CALL", "C_RETURN", "C_RAISE"):
    mon.register_callback(TOOL, getattr(E, name), called(name))
for code in (work.__code__, numbers.__code__, Shape.double.fget.__code__, helper.__code__):
    mon.set_local_events(TOOL, code, E.CALL | E.C_RETURN | E.C_RAISE)
work()
for code in (work.__code__, numbers.__code__, Shape.double.fget.__code__, helper.__code__):
    mon.set_local_events(TOOL, code, 0)
work()
mon.free_tool_id(TOOL)
for key in sorted(calls):
    print(*key, calls[key])
