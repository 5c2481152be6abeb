"""cProfile: how often functions are called and by whom, and how long they take by a clock of one's own."""

import cProfile
import contextlib
import io
import os
import pstats
import runpy
import sys
import tempfile


class Clock:
    now = 0

    def __call__(self):
        return self.now


clock = Clock()


def leaf(n):
    clock.now += n
    return len("abc")


def middle():
    leaf(1)
    leaf(2)
    clock.now += 10


def factorial(n):
    clock.now += 1
    return 1 if n < 2 else n * factorial(n - 1)


def failing():
    clock.now += 5
    raise ValueError("no")


def generated():
    for i in range(3):
        clock.now += 1
        yield i


def work():
    middle()
    factorial(4)
    with contextlib.suppress(ValueError):
        failing()
    for _ in generated():
        clock.now += 100


def shown(profile):
    mine = {"leaf", "middle", "factorial", "failing", "generated", "work"}
    profile.create_stats()
    for (_, line, name), (first, calls, inline, total, callers) in sorted(profile.stats.items()):
        if name in mine or name == "<built-in method builtins.len>":
            by = {caller[2]: row for caller, row in callers.items() if caller[2] in mine}
            print(name, first, calls, inline, total, sorted(by.items()))


profile = cProfile.Profile(clock, 1)
print(profile.runcall(work))
shown(profile)

with cProfile.Profile(clock, 0.5, subcalls=False, builtins=False) as again:
    middle()
shown(again)
again.clear()
print(again.getstats())

output = io.StringIO()
with cProfile.Profile() as measured:
    sorted([3, 1, 2])
    [].append(1)
stats = pstats.Stats(measured, stream=output).sort_stats("cumulative", "name")
print(sorted(name for _, _, name in stats.stats if name.startswith(("<b", "<m")) and "__exit__" not in name and "disable" not in name))

with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "kept")
    cProfile.runctx("middle()", globals(), {}, file)
    print(sorted((name, row[:2]) for (_, _, name), row in pstats.Stats(file).stats.items() if name in ("middle", "leaf")))
    script = os.path.join(folder, "script.py")
    with open(script, "w") as out:
        out.write("import sys\ndef f(): pass\nfor _ in range(3): f()\nprint(__name__, sys.argv[1:])\n")
    sys.argv = ["cProfile", "-s", "name", script, "x"]
    with contextlib.redirect_stdout(io.StringIO()) as shown_there:
        runpy.run_module("cProfile", run_name="__main__", alter_sys=True)
    lines = shown_there.getvalue().splitlines()
    print(lines[0], [line.split()[0] for line in lines if line.endswith("(f)")], "   Ordered by: function name" in lines)
