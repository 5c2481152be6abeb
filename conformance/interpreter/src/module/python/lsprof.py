"""Measures calls: how often, and how long with and without what they call.

A stack of running calls is kept beside the interpreter's own, by the events of sys.monitoring: each thread has its own, and its
own counts, which are added up when somebody asks."""

import types
from collections import namedtuple
from _thread import get_ident
from sys import monitoring
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

    def add(self, other):
        self.calls += other.calls
        self.again += other.again
        self.total += other.total
        self.inline += other.inline
        for code, part in list(other.called.items()):
            self.called.setdefault(code, _Count()).add(part)


class _Running:
    """A call that has not ended."""

    __slots__ = "count", "from_caller", "since", "inside"


class _Thread:
    """The running calls of a thread, and what it has counted."""

    __slots__ = "stack", "_counts"

    def __init__(self):
        self.stack, self._counts = [], {}


def _name(function):
    """What stands for a native function: the text that its row shows."""
    if type(function) is types.MethodDescriptorType:
        return repr(function)
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
        self._counts, self._threads, self._enabled = {}, {}, False

    def enable(self, subcalls=True, builtins=True):
        """Measures from here on, in all threads; if subcalls, also who calls whom, and if builtins, also native functions."""
        monitoring.use_tool_id(_TOOL, "cProfile")
        self._subcalls, self._builtins, self._enabled = subcalls, builtins, True
        events = 0
        for callback, *names in _EVENTS:
            for name in names:
                event = getattr(monitoring.events, name)
                monitoring.register_callback(_TOOL, event, getattr(self, callback))
                events |= event
        monitoring.set_events(_TOOL, events)

    def disable(self):
        """Measures no more: what still runs ends here."""
        if not self._enabled:
            return
        self._enabled = False
        monitoring.free_tool_id(_TOOL)
        threads, self._threads = self._threads, {}
        for thread in threads.values():
            while thread.stack:
                self._leave(thread)
            self._add(self._counts, thread)

    def clear(self):
        """Forgets what was measured."""
        self._counts, self._threads = {}, {}

    def getstats(self):
        """A list of a profiler_entry for each function."""
        unit = self._unit
        counts = {}
        self._add(counts, self)
        for thread in list(self._threads.values()):
            self._add(counts, thread)
        entries = []
        for code, count in counts.items():
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

    @staticmethod
    def _add(counts, thread):
        for code, count in list(thread._counts.items()):
            counts.setdefault(code, _Count()).add(count)

    def _thread(self):
        ident = get_ident()
        thread = self._threads.get(ident)
        if thread is None:
            thread = self._threads[ident] = _Thread()
        return thread

    def _begins(self, code, *_):
        if code not in _own:
            self._enter(self._thread(), code)

    def _ends(self, code, *_):
        if code not in _own:
            self._leave(self._thread())

    def _calls(self, code, offset, function, first):
        if self._builtins and type(function) in _NATIVE and code not in _own:
            self._enter(self._thread(), _name(function))

    def _returns(self, code, offset, function, first):
        if self._builtins and type(function) in _NATIVE and code not in _own:
            self._leave(self._thread())

    def _enter(self, thread, code):
        running = _Running()
        count = thread._counts.get(code)
        if count is None:
            count = thread._counts[code] = _Count()
        count.depth += 1
        part = None
        if self._subcalls and thread.stack:
            called = thread.stack[-1].count.called
            part = called.get(code)
            if part is None:
                part = called[code] = _Count()
            part.depth += 1
        running.count, running.from_caller, running.inside = count, part, 0
        thread.stack.append(running)
        running.since = self._now()

    def _leave(self, thread):
        now = self._now()
        try:
            running = thread.stack.pop()
        except IndexError:
            # It was entered before, or another thread has ended the measuring.
            return
        total = now - running.since
        inline = total - running.inside
        running.count.end(total, inline)
        if running.from_caller is not None:
            running.from_caller.end(total, inline)
        if thread.stack:
            thread.stack[-1].inside += total


_TOOL = monitoring.PROFILER_ID
_NATIVE = types.BuiltinFunctionType, types.MethodDescriptorType
_EVENTS = (
    ("_begins", "PY_START", "PY_RESUME", "PY_THROW"),
    ("_ends", "PY_RETURN", "PY_YIELD", "PY_UNWIND"),
    ("_calls", "CALL"),
    ("_returns", "C_RETURN", "C_RAISE"),
)
_own = {f.__code__ for f in vars(Profiler).values() if isinstance(f, types.FunctionType)}
