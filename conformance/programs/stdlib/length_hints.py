# Who asks an iterable how long it is, and what becomes of the answer.
from collections import deque
from operator import length_hint


class Told:
    def __init__(self, said):
        self.said = said

    def __len__(self):
        print("asked", end=" ")
        if isinstance(self.said, BaseException):
            raise self.said
        return self.said

    def __iter__(self):
        return iter([1, 2])


def report(name, action):
    try:
        print(name, action())
    except (TypeError, ValueError, MemoryError, OverflowError, ZeroDivisionError) as error:
        print(name, type(error).__name__, error)


ACTIONS = {
    "list": list,
    "star": lambda x: [*x],
    "starred tuple": lambda x: (*x,),
    "extend empty": lambda x: [].extend(x),
    "extend": lambda x: [0].extend(x),
    "sorted": sorted,
    "set": set,
    "frozenset": frozenset,
    "sum": sum,
    "max": max,
    "deque": deque,
    "map": lambda x: list(map(str, x)),
    "dict": dict.fromkeys,
}
for name, action in ACTIONS.items():
    report(name, lambda: action(Told(5)))

for said in 0, -1, 10**15, 10**20, "no", TypeError("ignored"), ZeroDivisionError("not ignored"):
    report(f"list of {said!r}", lambda: list(Told(said)))

report("a long range", lambda: list(range(10**15)))
report("too long a range", lambda: list(range(10**25)))
report("extend by a range", lambda: [0].extend(range(10**15)))
report("hint", lambda: length_hint(iter(range(7))))

for name in exit, quit:
    print(name, type(name).__name__)
    try:
        name(3)
    except SystemExit as error:
        print(error.code)
print(repr(license))
