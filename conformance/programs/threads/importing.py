"""Threads that import the same modules: a body runs once, and nobody sees half of a module."""

import sys
import threading

sys.path.insert(0, sys.path[0] + "/imported")
import log


def run(*functions):
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# One thread is in the body when the others come.
values = []


def first():
    import slow

    values.append(slow.last)


def later():
    log.entered.wait()
    log.announce()
    import slow

    values.append(slow.last)


run(first, later, later, later)
print(values, log.count("slow"))

# From the package, and by name.
values.clear()


def by_name():
    log.together.wait()
    from box.inner import last
    from box import inner, whole

    values.append((last, inner.last, whole))


run(by_name, by_name, by_name, by_name)
print(values, log.count("box"), log.count("box.inner"))

# Two modules that import each other, begun by two threads at once.
results = []


def take(name):
    module = __import__(name)
    results.append((name, module.other.__name__))


run(lambda: take("left"), lambda: take("right"))
print(sorted(results), log.count("left"), log.count("right"))
print(sys.modules["left"].done, sys.modules["right"].done)

# A body that fails runs again for the next thread.
outcomes = []


def attempt():
    try:
        import flaky

        outcomes.append(flaky.tries)
    except ImportError as error:
        outcomes.append(str(error))


run(attempt, attempt, attempt)
print(sorted(map(str, outcomes)), log.count("flaky"))
