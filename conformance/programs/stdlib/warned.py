"""Warnings: filters, what is recorded, what is shown."""

import sys
import warnings


def old(level=1):
    warnings.warn("old is old", DeprecationWarning, stacklevel=level)


def outer():
    old(2)


warnings.warn("plain")
old()
outer()
for _ in range(3):
    warnings.warn("once per place")
    outer()
warnings.warn("imports", ImportWarning)
warnings.warn(FutureWarning("an instance"))


class OwnWarning(UserWarning):
    pass


warnings.warn("of my own", OwnWarning)

with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    for number in range(3):
        warnings.warn(f"number {number}", RuntimeWarning)
    warnings.simplefilter("ignore", OwnWarning)
    warnings.warn("unheard", OwnWarning)
    warnings.warn_explicit("elsewhere", UserWarning, "some/file.py", 17)
for warning in seen:
    print(warning.category.__name__, str(warning.message), warning.lineno)
print(warnings.formatwarning("text", UserWarning, "f.py", 3, "  x = 1  "), end="")

with warnings.catch_warnings():
    warnings.simplefilter("error", RuntimeWarning)
    try:
        warnings.warn("now an error", RuntimeWarning)
    except RuntimeWarning as error:
        print("raised", repr(error))
    try:
        warnings.warn("still only a warning", OwnWarning)
    except Warning as error:
        print("not reached", error)

with warnings.catch_warnings(action="error", category=SyntaxWarning):
    try:
        compile("1 is 1", "text", "exec")
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.lineno)

for action in ("once", "module", "default"):
    with warnings.catch_warnings(record=True) as seen:
        warnings.resetwarnings()
        warnings.simplefilter(action)
        for _ in range(2):
            warnings.warn("same text")
            warnings.warn("same text")
    print(action, len(seen))

with warnings.catch_warnings(record=True) as seen:
    warnings.filterwarnings("ignore", message="BORING", category=UserWarning)
    warnings.filterwarnings("error", module="__main__", lineno=1)
    warnings.filterwarnings("always", append=True)
    warnings.warn("Boring text")
    warnings.warn("interesting text")
print([str(warning.message) for warning in seen])


@warnings.deprecated("use new() instead")
def former():
    return "result"


@warnings.deprecated("a class of the past")
class Former:
    def __init__(self, value):
        self.value = value


print(former(), former.__deprecated__, former.__name__)
print(Former(3).value)


class Heir(Former):
    pass


print(Heir(4).value)

for call in (
    lambda: warnings.warn("x", 5),
    lambda: warnings.warn("x", int),
    lambda: warnings.simplefilter("loud"),
    lambda: warnings.simplefilter("error", lineno=-1),
    lambda: warnings.filterwarnings("error", message=5),
    lambda: warnings.filterwarnings("error", category=int),
):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error)

again = warnings.catch_warnings()
with again:
    try:
        again.__enter__()
    except RuntimeError as error:
        print(error)


def show(message, category, filename, lineno, file=None, line=None):
    print("shown:", category.__name__, message)


warnings.showwarning = show
warnings.warn("through a function of the program")
print(~True, file=sys.stdout)
