"""A counter of lines: each line is told of once, for its place is disabled then; all are told of again after restart_events()."""

import sys

mon = sys.monitoring
TOOL = mon.COVERAGE_ID


def collatz(n):
    steps = 0
    while n != 1:
        if n % 2:
            n = 3 * n + 1
        else:
            n //= 2
        steps += 1
    return steps


def unused():
    return 1


def guarded(values):
    total = 0
    for value in values:
        try:
            total += 10 // value
        except ZeroDivisionError:
            total -= 1
        finally:
            total += 0
    return total


seen = {}
told = 0


def line(code, number):
    global told
    told += 1
    if code.co_filename == __file__:
        seen.setdefault(code.co_name, set()).add(number - code.co_firstlineno)
    return mon.DISABLE


def show(title):
    print(title)
    for name in sorted(seen):
        print("  ", name, sorted(seen[name]))
    seen.clear()


mon.use_tool_id(TOOL, "coverage")
mon.register_callback(TOOL, mon.events.LINE, line)
mon.set_events(TOOL, mon.events.LINE)
collatz(27)
guarded([1, 0, 5])
mon.set_events(TOOL, 0)
show("first")

mon.set_events(TOOL, mon.events.LINE)
told = 0
for _ in range(50):
    collatz(27)
mon.set_events(TOOL, 0)
print("told again:", told < 10)
show("disabled")

mon.restart_events()
mon.set_events(TOOL, mon.events.LINE)
collatz(6)
mon.set_events(TOOL, 0)
show("restarted")

# In one code object only.
mon.restart_events()
mon.set_local_events(TOOL, guarded.__code__, mon.events.LINE)
print(mon.get_local_events(TOOL, guarded.__code__) == mon.events.LINE, mon.get_events(TOOL))
collatz(3)
guarded([2])
mon.set_local_events(TOOL, guarded.__code__, 0)
collatz(3)
guarded([0])
show("local")
mon.clear_tool_id(TOOL)
print(mon.register_callback(TOOL, mon.events.LINE, None))
mon.free_tool_id(TOOL)
print(mon.get_tool(TOOL))
