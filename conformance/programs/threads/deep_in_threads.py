# A hundred thousand calls deep, in threads with stacks of two sizes: calls of functions, methods, classes and generators take none of
# the system's stack. What is too deep for the limit is an exception.

import sys
import threading

DEPTH = 2_000
sys.setrecursionlimit(101_000)


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


class Walker:
    def step(self, n):
        return 0 if n == 0 else 1 + self.step(n - 1)


def keywords(*, n):
    return 0 if n == 0 else 1 + keywords(n=n - 1)


def starred(*args):
    return 0 if not args[0] else 1 + starred(args[0] - 1)


def run(size):
    threading.stack_size(size)
    results = []

    def body():
        results.append(down(100_000))
        results.append(Walker().step(DEPTH))
        results.append(keywords(n=DEPTH))
        results.append(starred(DEPTH))
        if size == 0:
            try:
                down(102_000)
            except RecursionError:
                results.append("too deep")
        results.append(down(1000))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    threading.stack_size(0)
    return results


for size in (0, 1024 * 1024):
    print(size, run(size))
