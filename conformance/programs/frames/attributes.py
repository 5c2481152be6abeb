"""The attributes of frame objects and tracebacks, and what may be done with them."""

import sys
import threading


def attempt(name, body):
    try:
        print(name, "->", body())
    except Exception as error:
        print(name, "!!", type(error).__name__, error)


frame = sys._getframe()
for name, value in [("f_lineno", 3), ("f_lineno", "x"), ("f_trace", 3), ("f_trace", None), ("f_trace_lines", 0), ("f_trace_lines", False),
                    ("f_trace_opcodes", True), ("f_trace_opcodes", 1), ("f_code", 1), ("f_locals", 1), ("f_back", 1), ("f_lasti", 1),
                    ("f_globals", 1), ("f_builtins", 1), ("f_generator", 1), ("f_new", 1)]:
    attempt(f"{name} = {value!r}", lambda: setattr(frame, name, value))
for name in ("f_lineno", "f_trace", "f_trace_lines", "f_trace_opcodes"):
    attempt(f"del {name}", lambda: delattr(frame, name))
print(frame.f_trace, frame.f_trace_lines, frame.f_trace_opcodes, frame.f_generator, frame.f_back)
print(frame.f_globals is globals(), frame.f_builtins["len"] is len, frame.f_locals is globals())
print([name for name in dir(frame) if not name.startswith("__")])
attempt("new", lambda: type(frame)())
print(type(frame).__name__, type(frame).__module__, hash(frame) == hash(sys._getframe()), frame == sys._getframe())


def described():
    frame = sys._getframe()
    first = frame.f_lineno
    second = frame.f_lineno
    text = repr(frame)
    start = text.index(" at ")
    return second - first, text[:start], text[text.index(", line"):].split(",")[2]


print(described())
attempt("deep", lambda: sys._getframe(1000))
attempt("text", lambda: sys._getframe("x"))
attempt("two", lambda: sys._getframe(1, 2))
print(sys._getframe(-1).f_code.co_name, sys._getframemodulename(), sys._getframemodulename(1000))

try:
    1 / 0
except ZeroDivisionError as error:
    entry = error.__traceback__
Traceback = type(entry)
print(entry.tb_frame is sys._getframe(), entry.tb_next)
attempt("traceback", lambda: Traceback(None, frame, 2, 7).tb_lineno)
attempt("lasti", lambda: Traceback(tb_next=None, tb_frame=frame, tb_lasti=2, tb_lineno=7).tb_lasti)
attempt("next", lambda: Traceback(3, frame, 0, 1))
attempt("frame", lambda: Traceback(None, 3, 0, 1))
attempt("lasti", lambda: Traceback(None, frame, "a", 1))
attempt("loop", lambda: setattr(entry, "tb_next", entry))
attempt("set int", lambda: setattr(entry, "tb_next", 3))
attempt("set None", lambda: setattr(entry, "tb_next", None))
attempt("delete", lambda: delattr(entry, "tb_next"))
attempt("tb_frame", lambda: setattr(entry, "tb_frame", frame))
first = Traceback(None, frame, 0, 1)
second = Traceback(first, frame, 0, 2)
attempt("long loop", lambda: setattr(first, "tb_next", second))
print(second.tb_next is first, dir(entry))
me = threading.get_ident()
print(list(sys._current_frames()) == [me], sys._current_frames()[me] is frame, list(sys._current_exceptions().values()))
