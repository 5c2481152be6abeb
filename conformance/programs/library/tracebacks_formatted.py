"""traceback: formatted exceptions, stacks and summaries, chains, groups, notes, limits, suggestions, frames walked."""
import io
import sys
import traceback


def fails(n):
    if n:
        return fails(n - 1)
    local = {"key": n}
    return local["missing"]


def chained():
    try:
        fails(1)
    except KeyError as error:
        raise ValueError("while handling") from error


def context():
    try:
        fails(0)
    except KeyError:
        [].nope


def clean(text):
    return text.replace(__file__, "<file>")


def caught(action):
    try:
        action()
    except BaseException as error:
        return error


for action in (chained, context):
    print(clean("".join(traceback.format_exception(caught(action)))))
error = caught(chained)
print(traceback.format_exception_only(error), clean("".join(traceback.format_tb(error.__traceback__, limit=1))), traceback.format_exception(error, chain=False)[-1])
summary = traceback.TracebackException.from_exception(error, capture_locals=True)
print(summary.exc_type_str, str(summary), [(f.name, f.line) for f in summary.stack], summary.__cause__.exc_type_str, summary.stack[0].locals is not None, [f.lineno - f.end_lineno for f in summary.stack], summary == traceback.TracebackException.from_exception(error, capture_locals=True))
print(clean("".join(traceback.TracebackException.from_exception(caught(lambda: fails(0)), capture_locals=True).stack.format()[1:])))
print([f.name for f in traceback.extract_stack()], traceback.extract_tb(error.__traceback__)[-1].name, [f.f_code.co_name for f, _ in traceback.walk_tb(error.__traceback__)], [f.f_code.co_name for f, _ in traceback.walk_stack(None)])
deep = caught(lambda: (f := lambda n: f(n - 1) if n else 1 / 0)(20))
print(clean("".join(traceback.format_exception(deep))), clean("".join(traceback.format_exception(deep, limit=-1))))
print(clean("".join(traceback.StackSummary.from_list([("f.py", 1, "g", "code()"), traceback.FrameSummary("h.py", 2, "k", lookup_line=False, line="x")]).format())))
group = ExceptionGroup("outer", [ValueError(1), ExceptionGroup("inner", [TypeError("t"), OSError(2, "gone")])])
group.add_note("a note\nof two lines")
group.exceptions[0].add_note("noted too")
print("".join(traceback.format_exception(group)), "".join(traceback.TracebackException.from_exception(ExceptionGroup("many", [ValueError(i) for i in range(20)]), max_group_width=2).format()))


class Bad(Exception):
    def __str__(self):
        raise RuntimeError


class Qualified:
    class Inner(Exception):
        pass


for value in (Bad(), Qualified.Inner("x"), ValueError(), ValueError("a\nb"), KeyError("k"), SystemExit(3), caught(lambda: exec("x ===")), caught(lambda: compile("a b", "f.py", "exec")), caught(lambda: pritn), caught(lambda: "".uper), caught(lambda: __import__("maths")), caught(lambda: exec("from math import sqroot")), caught(lambda: exec("class A:\n blech = 1\n def f(self): blech\nA().f()"))):
    print(traceback.format_exception_only(value))
out = io.StringIO()
traceback.print_exception(error, limit=0, file=out, chain=False)
try:
    raise LookupError("current")
except LookupError:
    print(clean(traceback.format_exc()).splitlines()[-1], traceback.print_exc(file=out), sys.exc_info()[0].__name__)
print(clean(out.getvalue()), traceback.format_exc(), traceback.clear_frames(error.__traceback__))
for call in (lambda: traceback.format_exception(5), lambda: traceback.format_exception(ValueError, 5), lambda: traceback.print_tb(5)):
    print(type(caught(call)).__name__)
