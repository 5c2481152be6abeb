"""What becomes of a warning: filters, registries, errors; whose line it is."""

import _warnings
import sys
import threading
import warnings


def attempt(call, *args, **keywords):
    try:
        print(call(*args, **keywords))
    except Exception as error:
        print(type(error).__name__, error)


# Arguments that make no sense.
attempt(warnings.warn)
attempt(warnings.warn, "a", int)
attempt(warnings.warn, "a", 5)
attempt(warnings.warn, "a", None, "x")
attempt(warnings.warn, "a", skip_file_prefixes=[])
attempt(warnings.warn, "a", skip_file_prefixes=(1,))
attempt(warnings.warn_explicit, "a", UserWarning, 5, 3)
attempt(warnings.warn_explicit, "a", UserWarning, "f", "3")
attempt(warnings.warn_explicit, "a", UserWarning, "f", 3, "m", 5)
attempt(warnings.warn_explicit, "a", UserWarning, "f", 3, "m", {}, 5)
attempt(warnings.warn_explicit, 1, 2, 3)
attempt(_warnings._release_lock)
attempt(_warnings._filters_mutated_lock_held)


def shown(warning):
    return f"{warning.category.__name__} {warning.message} {warning.lineno - start}"


def times(action, **keywords):
    global start
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        warnings.simplefilter(action, **keywords)
        registry = {}
        start = sys._getframe().f_lineno
        for text in "one", "two", "one":
            warnings.warn_explicit(text, UserWarning, "f.py", start + 1, "f", registry)
            warnings.warn_explicit(text, UserWarning, "f.py", start + 2, "f", registry)
        warnings.warn_explicit("one", UserWarning, "g.py", start + 1, "g", {})
    return [shown(warning) for warning in caught]


for action in "default", "always", "all", "module", "once", "ignore":
    print(action, times(action))
print(times("always", lineno=10_000))


class Loud(UserWarning):
    pass


def inner(level, **keywords):
    warnings.warn("from inside", Loud, level, **keywords)


def outer(level, **keywords):
    inner(level, **keywords)


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    start = 0
    for level in range(5):
        outer(level)
    outer(1, skip_file_prefixes=(__file__,))
    warnings.warn(Loud("itself"))
for warning in caught:
    print(warning.category.__name__, warning.message, warning.lineno)

with warnings.catch_warnings():
    warnings.filterwarnings("error", message="bad.*", category=Loud, module="__ma")
    attempt(warnings.warn, "bad luck", Loud)
    attempt(warnings.warn, Loud("bad idea"))
    for bad in "never", "":
        attempt(warnings.simplefilter, bad)
    attempt(warnings.filterwarnings, "error", 5)
    attempt(warnings.filterwarnings, "error", category=int)
    attempt(warnings.filterwarnings, "error", lineno=-1)

saved = warnings.filters[:]
for broken in [(5, None, Warning, None, 0)], [("x", None, Warning, None, 0)], [5]:
    warnings.filters[:] = broken
    warnings._filters_mutated()
    attempt(warnings.warn, "whatever")
warnings.filters[:] = saved
warnings._filters_mutated()
print(len(_warnings.filters), _warnings.filters is warnings.filters, _warnings._defaultaction)

print(warnings.catch_warnings(record=True), warnings.WarningMessage("m", Loud, "f", 1))
attempt(warnings._setoption, "error::NoSuchWarning")
attempt(warnings._setoption, "error:a:b:c:d:e")
attempt(warnings._setoption, "often")
