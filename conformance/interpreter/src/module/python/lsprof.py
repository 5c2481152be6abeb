"""Measures calls: how often, and how long with and without what they call.

A stack of running calls is kept beside the interpreter's own, by the events of sys.setprofile in the thread that has enabled it."""

import sys
import types
from collections import namedtuple
from time import perf_counter

profiler_entry = namedtuple("profiler_entry", "code callcount reccallcount totaltime inlinetime calls")
profiler_subentry = namedtuple("profiler_subentry", "code callcount reccallcount totaltime inlinetime")


class _Count:
    """What is known of a function, or of the calls of one function by another."""

    __slots__ = "calls", "again", "total", "inline", "depth", "called"

    def __init__(self):
        self.calls = self.again = self.depth = 0
        self.total = self.inline = 0
        self.called = {}

    def end(self, total, inline):
        self.depth -= 1
        self.calls += 1
        self.inline += inline
        if self.depth:
            self.again += 1
        else:
            self.total += total


class _Running:
    """A call that has not ended."""

    __slots__ = "count", "from_caller", "since", "inside"


def _name(function):
    """What stands for a native function: the text that its row shows."""
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", None)
    if owner is None or isinstance(owner, types.ModuleType):
        module = getattr(function, "__module__", None)
        return f"<built-in method {module}.{name}>" if module else f"<built-in method {name}>"
    for base in type(owner).__mro__:
        if name in base.__dict__:
            return repr(base.__dict__[name])
    return f"<built-in method {name}>"


class Profiler:
    """Profiler(timer=None, timeunit=0.0, subcalls=True, builtins=True)"""

    def __init__(self, timer=None, timeunit=0.0, subcalls=True, builtins=True):
        self._now = timer or perf_counter
        self._unit = float(timeunit or (1 if isinstance(self._now(), float) else 0.001))
        self._subcalls, self._builtins = subcalls, builtins
        self._counts, self._stack = {}, []

    def enable(self, subcalls=True, builtins=True):
        """Measures from here on; if subcalls, also who calls whom, and if builtins, also native functions."""
        if sys.getprofile() is not None:
            raise ValueError("Another profiling tool is already active")
        self._subcalls, self._builtins = subcalls, builtins
        sys.setprofile(self._event)

    def disable(self):
        """Measures no more: what still runs ends here."""
        sys.setprofile(None)
        while self._stack:
            self._leave()

    def clear(self):
        """Forgets what was measured."""
        self._counts, self._stack = {}, []

    def getstats(self):
        """A list of a profiler_entry for each function."""
        unit = self._unit
        entries = []
        for code, count in self._counts.items():
            if not count.calls:
                continue
            called = [
                profiler_subentry(other, part.calls, part.again, part.total * unit, part.inline * unit)
                for other, part in count.called.items()
                if part.calls
            ]
            entries.append(
                profiler_entry(
                    code, count.calls, count.again, count.total * unit, count.inline * unit, called or None
                )
            )
        return entries

    def _event(self, frame, event, argument):
        if frame.f_code in _own:
            return
        if event == "call":
            self._enter(frame.f_code)
        elif event == "return":
            self._leave()
        elif self._builtins:
            if event == "c_call":
                self._enter(_name(argument))
            else:
                self._leave()

    def _enter(self, code):
        running = _Running()
        count = self._counts.get(code)
        if count is None:
            count = self._counts[code] = _Count()
        count.depth += 1
        part = None
        if self._subcalls and self._stack:
            called = self._stack[-1].count.called
            part = called.get(code)
            if part is None:
                part = called[code] = _Count()
            part.depth += 1
        running.count, running.from_caller, running.inside = count, part, 0
        self._stack.append(running)
        running.since = self._now()

    def _leave(self):
        now = self._now()
        if not self._stack:
            # It was entered before.
            return
        running = self._stack.pop()
        total = now - running.since
        inline = total - running.inside
        running.count.end(total, inline)
        if running.from_caller is not None:
            running.from_caller.end(total, inline)
        if self._stack:
            self._stack[-1].inside += total


_own = {f.__code__ for f in vars(Profiler).values() if isinstance(f, types.FunctionType)}
