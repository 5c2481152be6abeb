"""Tools: ids, names, sets of events, callbacks that disable, raise, change what there is to hear of."""

import sys

mon = sys.monitoring
E = mon.events


def attempt(function, *args):
    try:
        return function(*args)
    except (ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


def f(n):
    for i in range(n):
        g(i)
    return n


def g(i):
    return i


print(attempt(mon.use_tool_id, 6, "six"), attempt(mon.use_tool_id, 1, 1), attempt(mon.use_tool_id, "1", "one"))
print(mon.use_tool_id(1, "one"), mon.get_tool(1), attempt(mon.use_tool_id, 1, "other"))
print(attempt(mon.set_events, 2, E.LINE), attempt(mon.set_events, 1, 1 << 20), attempt(mon.set_events, 1, -1))
print(attempt(mon.set_events, 1, E.C_RETURN), attempt(mon.set_local_events, 1, f.__code__, E.RAISE))
print(attempt(mon.set_local_events, 1, f, E.LINE), attempt(mon.register_callback, 1, E.LINE | E.CALL, None))
print(attempt(mon.register_callback, 1, 0, None), mon.register_callback(1, E.LINE, print), mon.register_callback(1, E.LINE, None))
mon.set_events(1, E.BRANCH)
print(mon.get_events(1) == E.BRANCH_LEFT | E.BRANCH_RIGHT, mon._all_events())
mon.set_events(1, E.CALL | E.C_RETURN | E.C_RAISE)
print(mon.get_events(1) == E.CALL)
mon.set_events(1, 0)

# Two tools, each told in turn; one that disables is not told again.
mon.use_tool_id(3, "three")
log = []
for tool in (3, 1):
    def started(code, offset, tool=tool):
        log.append((tool, code.co_name))
        if tool == 1 and code is g.__code__:
            return mon.DISABLE

    mon.register_callback(tool, E.PY_START, started)
    mon.set_events(tool, E.PY_START)
f(3)
mon.set_events(1, 0)
g(1)
mon.set_events(3, 0)
print(log)

# Callbacks are not told of themselves, and may change what there is to hear of.
log.clear()


def once(code, offset):
    log.append(code.co_name)
    g(1)
    mon.set_events(1, 0)


mon.restart_events()
mon.register_callback(1, E.PY_START, once)
mon.set_events(1, E.PY_START)
f(2)
print(log)

# An exception of a callback is raised where the event was.
mon.restart_events()


def raising(*args):
    raise LookupError("from a tool")


def catches(n):
    try:
        x = n + 1
        return g(x)
    except LookupError as error:
        return error.args[0]


for event in (E.PY_START, E.CALL, E.PY_RETURN):
    mon.register_callback(1, event, raising)
    mon.set_local_events(1, (g if event != E.CALL else catches).__code__, event)
    print(catches(1), catches(2))
    mon.set_local_events(1, g.__code__, 0)
    mon.set_local_events(1, catches.__code__, 0)
    mon.register_callback(1, event, None)


# Events that belong to no instruction cannot be disabled.
def cannot(*args):
    return mon.DISABLE


mon.register_callback(1, E.RAISE, cannot)
mon.set_events(1, E.RAISE)
try:
    int("x")
except ValueError as error:
    print(error)
mon.set_events(1, 0)
print(mon.register_callback(1, E.RAISE, None))

# Branches: how often each way was gone.
ways = {}


def branch(way):
    def callback(code, source, destination):
        if code is f.__code__:
            ways[way] = ways.get(way, 0) + 1

    return callback


mon.register_callback(1, E.BRANCH_LEFT, branch("left"))
mon.register_callback(1, E.BRANCH_RIGHT, branch("right"))
mon.set_events(1, E.BRANCH_LEFT | E.BRANCH_RIGHT)
f(4)
mon.set_events(1, 0)
print(ways)

# A tool that is freed loses what it had.
mon.set_local_events(1, f.__code__, E.LINE)
mon.free_tool_id(1)
mon.use_tool_id(1, "another")
print(mon.register_callback(1, E.BRANCH_LEFT, None))
mon.free_tool_id(1)
mon.free_tool_id(3)
print(mon.get_tool(1), mon.get_tool(3))
