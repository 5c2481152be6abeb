"""Recursion without an end, and what is left of the program afterwards."""

import sys


def forever(n):
    return forever(n + 1) + 1


class Tree:
    def __init__(self, value, *children):
        self.value = value
        self.children = list(children)

    def depth(self):
        return 1 + max((child.depth() for child in self.children), default=0)

    def __repr__(self):
        inside = "".join(f" {child!r}" for child in self.children)
        return f"({self.value}{inside})"

    def __eq__(self, other):
        return self.value == other.value and self.children == other.children


class Mirror:
    def __getattr__(self, name):
        return getattr(self, name + "x")


class Echo:
    def __str__(self):
        return str(self)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def generator(n):
    yield n
    yield from generator(n + 1)


def attempt(name, function):
    try:
        print(name, function())
    except RecursionError as error:
        print(name, "->", type(error).__name__, str(error).startswith("maximum recursion depth exceeded"))


def cleanup_order(n, log):
    try:
        return cleanup_order(n + 1, log)
    finally:
        log.append(n)


def main():
    print("limit", sys.getrecursionlimit())
    attempt("function", lambda: forever(0))
    attempt("again", lambda: forever(0))
    attempt("fine", lambda: even(400))
    attempt("mutual", lambda: even(10**6))
    attempt("getattr", lambda: Mirror().x)
    attempt("str", lambda: str(Echo()))
    attempt("generator", lambda: sum(generator(0)))

    loop = Tree("root")
    loop.children.append(loop)
    attempt("repr", lambda: repr(loop))
    attempt("depth", lambda: loop.depth())
    small = Tree("a", Tree("b", Tree("c")), Tree("d"))
    attempt("small", lambda: (small, small.depth(), small == Tree("a")))

    log = []
    try:
        cleanup_order(0, log)
    except RecursionError:
        pass
    print("unwound in order:", log == list(range(log[0], -1, -1)), len(log) > 500)

    items = []
    items.append(items)
    table = {"self": None, "list": items}
    table["self"] = table
    print(items, table)

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        attempt("low", lambda: even(500))
    finally:
        sys.setrecursionlimit(before)
    attempt("back", lambda: even(500))
    for bad in (0, -5):
        try:
            sys.setrecursionlimit(bad)
        except ValueError as error:
            print(error)


main()
