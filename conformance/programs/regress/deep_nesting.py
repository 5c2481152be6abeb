"""Values and iterators nested deeper than any stack: an error, never a crash."""

import functools


def attempt(name, action):
    try:
        action()
        print(name, "worked")
    except RecursionError:
        print(name, "is too deep")


class Reaching:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __repr__(self):
        return repr(self)

    def __add__(self, other):
        return self + other

    def __lt__(self, other):
        return sorted([Reaching(), Reaching()]) == 1

    def __hash__(self):
        return hash(self)

    def __iter__(self):
        return iter(self)

    def __enter__(self):
        with self:
            pass

    def __exit__(self, *details):
        pass

    def __len__(self):
        return len(self)

    def __contains__(self, item):
        return item in self

    def __format__(self, spec):
        return format(self, spec)

    @property
    def value(self):
        return self.value


it = Reaching()
attempt("getattr", lambda: it.a)
attempt("repr", lambda: repr(it))
attempt("add", lambda: it + 1)
attempt("sort", lambda: sorted([it, it]))
attempt("hash", lambda: {it: 1})
attempt("iter", lambda: list(it))
attempt("enter", it.__enter__)
attempt("len", lambda: len(it))
attempt("in", lambda: 1 in it)
attempt("format", lambda: f"{it}")
attempt("property", lambda: it.value)
attempt("sort key", lambda: (f := lambda x: sorted([1], key=f)) and f(1))
attempt("reduce", lambda: (f := lambda x, y: functools.reduce(f, [1, 2])) and f(1, 2))
attempt("comprehension", lambda: (f := lambda: [f() for x in [1]]) and f())


def generators(depth):
    if depth:
        yield from generators(depth - 1)
    yield depth


attempt("yield from", lambda: list(generators(100_000)))

nested = []
for _ in range(200_000):
    nested = [nested]
attempt("list repr", lambda: repr(nested))

chain = None
for _ in range(200_000):
    chain = (chain,)
del chain, nested
print("gone")
