"""warnings: filters, categories, places, catching, deprecation; atexit, contextlib's helpers around output."""
import atexit
import contextlib
import io
import warnings


def caught(action, *filters):
    with warnings.catch_warnings(record=True) as found:
        warnings.resetwarnings()
        for f in filters or (("always",),):
            warnings.filterwarnings(*f)
        try:
            action()
        except (Warning, SyntaxError) as error:
            return f"raised {type(error).__name__}: {error}"
    return [(w.category.__name__, str(w.message)) for w in found]


def warn(text="text", category=UserWarning):
    warnings.warn(text, category)


def twice():
    for _ in range(2):
        warn()


print(caught(warn), caught(twice), caught(twice, ("once",)), caught(twice, ("default",)), caught(twice, ("ignore",)), caught(twice, ("error",)), caught(twice, ("module",)))
print(caught(lambda: (warn("a"), warn("b")), ("always",), ("ignore", "a")), caught(lambda: (warn("x", DeprecationWarning), warn("y", FutureWarning)), ("error", "", FutureWarning), ("ignore", "", DeprecationWarning)))
print(caught(lambda: warnings.warn(UserWarning("instance"))), caught(lambda: warnings.warn("text", RuntimeWarning, 2)), caught(lambda: warnings.warn_explicit("explicit", ImportWarning, "file.py", 7, "mod")))
for call in (lambda: warnings.warn("x", int), lambda: warnings.warn("x", "UserWarning"), lambda: warnings.simplefilter("nope"), lambda: warnings.filterwarnings("error", 5), lambda: warnings.filterwarnings("error", category=int), lambda: warnings.filterwarnings("error", lineno=-1), lambda: warnings.warn_explicit("x", 5, "f", 1), lambda: warnings.filterwarnings("error", "(")):
    try:
        call()
        print("no error")
    except Exception as error:
        print(type(error).__name__, error)
with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter("always")
    warnings.warn("placed", stacklevel=1)
    w = log[0]
    print(w.category is UserWarning, w.filename == __file__, w.lineno, w.line, w.source, str(w).replace(__file__, "<file>"))
print(warnings.formatwarning("m", UserWarning, "f.py", 3, line="code"), end="")
with warnings.catch_warnings(action="error", category=BytesWarning), contextlib.suppress(BytesWarning):
    warn("b", BytesWarning)
    print("not reached")


@warnings.deprecated("use new()")
def old():
    return "old"


@warnings.deprecated("no class", category=FutureWarning)
class Old:
    pass


print(caught(old), caught(Old), old.__deprecated__, old.__name__, caught(lambda: type("Sub", (Old,), {})))
shown, usual = [], warnings.showwarning
with warnings.catch_warnings():
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, category, *rest: shown.append((str(message), category.__name__))
    warn("seen")
    warnings.showwarning = usual
print(shown)
for text in ("1 is 1", "()()", "(1, 2)[1.0]", "assert (1, 'x')", "x = 1 if 1 else 2", "0x1for x in ()", "'a' is x", "[1](2)", "try:\n pass\nfinally:\n while 1: break", "def f():\n try: pass\n finally: return", "f'{1}'()", "{}()", "1.0[0]"):
    print(repr(text), caught(lambda: compile(text, "<w>", "exec")), caught(lambda: compile(text, "<w>", "exec"), ("error",)))

out, err = io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    print("captured")
    warnings.warn_explicit("to stderr", UserWarning, "somewhere.py", 5)
print(out.getvalue(), err.getvalue(), end="")


def goodbye(*args, **kwargs):
    print("goodbye", args, kwargs)


atexit.register(goodbye, 1, k=2)
atexit.register(print, "registered last, called first")
atexit.register(goodbye, "removed")
atexit.unregister(goodbye)


@atexit.register
def decorated():
    print("decorated")


atexit.register(goodbye, "again")
