"""A debugger: breakpoints, steps, a watch on a variable, another line, another value."""

import sys
import warnings

warnings.simplefilter("ignore")
source = '''
def inner(n):
    total = 0
    for i in range(n):
        total += i
    return total

def outer(n):
    x = inner(n)
    y = x * 2
    while y > 10:
        y -= 7
    try:
        y = 1 // (y - y)
    except ZeroDivisionError as error:
        y = -1
    finally:
        x += y
    return [x, y]

def lines():
    a = 1
    b = 2
    c = 3
    return a, b, c

def produce():
    got = yield 1
    got = yield got
    return got
'''
space = {}
exec(compile(source, "watched", "exec"), space)
watched = {function.__code__ for function in space.values() if hasattr(function, "__code__")}


class Debugger:
    def __init__(self, breakpoints=(), jumps={}):
        self.breakpoints = set(breakpoints)
        self.jumps = dict(jumps)
        self.stepping = False

    def trace(self, frame, event, arg):
        if frame.f_code not in watched:
            return None
        where = frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno
        if event == "call":
            print("call", *where)
        elif event == "line":
            if frame.f_lineno in self.breakpoints:
                print("break", *where, {k: v for k, v in frame.f_locals.items() if k != "error"})
                self.stepping = True
            elif self.stepping:
                print("step", *where)
            if frame.f_lineno in self.jumps:
                to = self.jumps.pop(frame.f_lineno)
                try:
                    frame.f_lineno = to
                    print("jumped to", frame.f_lineno)
                except ValueError as error:
                    print("refused:", error)
        elif event == "return":
            print("return", *where, arg)
        elif event == "exception":
            print("exception", *where, arg[0].__name__, arg[1], arg[2] is not None)
        return self.trace

    def run(self, function, *args):
        sys.settrace(self.trace)
        try:
            result = function(*args)
        finally:
            sys.settrace(None)
        print("result", result)


Debugger([5]).run(space["outer"], 3)
Debugger().run(space["outer"], 5)
Debugger([], {22: 24}).run(space["lines"])
Debugger([], {24: 22}).run(space["lines"])
Debugger([], {22: 100}).run(space["lines"])
Debugger([], {22: 1}).run(space["lines"])
Debugger([], {9: 5}).run(space["inner"], 2)
Debugger([], {3: 5}).run(space["inner"], 2)
Debugger([], {5: 6}).run(space["inner"], 2)
Debugger([], {9: 16}).run(space["outer"], 2)
Debugger([], {16: 11}).run(space["outer"], 2)


def resumed():
    g = space["produce"]()
    out = [next(g), g.send("sent")]
    try:
        g.throw(KeyError("thrown"))
    except KeyError as error:
        out.append(error.args)
    g = space["produce"]()
    next(g)
    g.close()
    return out


Debugger().run(resumed)

# Outside of a trace function.
frame = sys._getframe()
for value in (1, "one"):
    try:
        frame.f_lineno = value
    except ValueError as error:
        print(error)


# A function that raises is told of nothing more.
def angry(frame, event, arg):
    if event == "line":
        raise RuntimeError("angry")
    return angry


sys.settrace(angry)
try:
    space["lines"]()
except RuntimeError as error:
    print("raised", error, sys.gettrace())
sys.settrace(None)


# No lines.
def quiet(frame, event, arg):
    if frame.f_code in watched:
        frame.f_trace_lines = False
        counts[event] = counts.get(event, 0) + 1
        return quiet


counts = {}
sys.settrace(quiet)
space["lines"]()
sys.settrace(None)
print("line" in counts, counts["call"], counts["return"])


# A frame that runs is traced when its f_trace is set.
def late():
    def local(frame, event, arg):
        found.append((event, frame.f_lineno - first))
        return local

    found = []
    first = sys._getframe().f_code.co_firstlineno
    sys.settrace(lambda *args: None)
    sys._getframe().f_trace = local
    x = 1
    y = 2
    sys.settrace(None)
    print(found)


late()
