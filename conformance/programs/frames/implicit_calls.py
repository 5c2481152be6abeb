"""Getters, __getitem__ and __enter__ that are functions of Python, and calls with * and **: what happens around them."""

import sys


class Point:
    made = 0

    def __init__(self, x):
        self._x = x

    @property
    def x(self):
        return self._x

    @property
    def failing(self):
        raise KeyError("failing")

    @property
    def steps(self):
        for i in range(self._x):
            yield i

    @property
    def missing(self):
        return self.nothing

    @property
    def deep(self):
        self._x -= 1
        return self.deep + 1 if self._x > 0 else 0

    def __getitem__(self, key):
        if key == "again":
            return self["x"], self[1:2], self[1, 2]
        return key

    def __enter__(self):
        return self.x

    def __exit__(self, *exception):
        print("exit", exception[0] and exception[0].__name__, self.x)
        return exception[0] is KeyError


def read(point):
    return point.x


p = Point(3)
print([read(p) for _ in range(5)], list(p.steps), [Point(i).x for i in range(3)])

# The class changes under the instruction.
Point.x = property(lambda self: -self._x)
print(read(p), read(p))
former = Point.x
former.__init__(lambda self: self._x * 10)
print(read(p), read(p))
former.__init__(abs)
try:
    read(p)
except TypeError as e:
    print(e)
former.__init__()
try:
    read(p)
except AttributeError as e:
    print(e)
former.__init__(lambda self, more=7: (self._x, more))
print(read(p), read(p))
p.__dict__["x"] = "shadowed"
print(read(p))
Point.x = 5
print(read(p))
del p.__dict__["x"]
print(read(p))
Point.x = property(lambda self: self._x)
print(read(p), read(p))


class Other(Point):
    @property
    def x(self):
        return "other", super().x


for point in (p, Other(4), p, Other(5), p):
    print(read(point))


# Exceptions pass the instruction, and are caught around it.
def guarded(point, name):
    try:
        return point.failing if name == "failing" else point.missing
    except (KeyError, AttributeError) as e:
        lines = []
        traceback = e.__traceback__
        while traceback:
            lines.append((traceback.tb_frame.f_code.co_name, traceback.tb_lineno - traceback.tb_frame.f_code.co_firstlineno))
            traceback = traceback.tb_next
        return type(e).__name__, lines


for name in ("failing", "missing", "failing", "missing"):
    print(guarded(p, name))

p._x = 200
print(p.deep, p._x)
p._x = 10**6
try:
    p.deep
except RecursionError as e:
    print("RecursionError", e)
p._x = 3

# What is asked is a temporary, and dies in the getter.


class Dying:
    def __del__(self):
        print("gone")

    @property
    def answer(self):
        del self
        return 42

    def __getitem__(self, key):
        del self
        return key


def ask():
    print(Dying().answer)
    print(Dying()["key"])


ask()
ask()


# Items.
def item(container, key):
    return container[key]


class Listed(list):
    def __getitem__(self, key):
        return "listed", super().__getitem__(key)


class Mapped(dict):
    def __missing__(self, key):
        return "missing", key


print(item(p, 1), item(p, "again"), item([1, 2], 1), item(Listed([1, 2]), 1), item(Mapped(a=1), "b"), item(Mapped(a=1), "a"))
Point.__getitem__ = lambda self, key, more=1: (key, more)
print(item(p, 2))
Point.__getitem__ = len
try:
    item(p, 2)
except TypeError as e:
    print(e)
Point.__getitem__ = staticmethod(lambda key: ("static", key))
print(item(p, 2))
del Point.__getitem__
try:
    item(p, 2)
except TypeError as e:
    print(e)


def generating():
    class Seen:
        def __getitem__(self, key):
            return sys._getframe().f_back.f_code.co_name, key

        @property
        def caller(self):
            return sys._getframe().f_back.f_code.co_name

    seen = Seen()
    for i in range(2):
        yield seen[i], seen.caller


for _ in range(2):
    print(list(generating()))
for pair in generating():
    print(pair)


# With.
def entering(point, error=None):
    with point as entered:
        if error:
            raise error
        return entered


for error in (None, KeyError(1), ValueError(2), None):
    try:
        print(entering(p, error))
    except ValueError as e:
        print("ValueError", e)


class Refusing(Point):
    def __enter__(self):
        raise OSError("refused")


try:
    entering(Refusing(1))
except OSError as e:
    print(e)
try:
    with p as x, Refusing(2) as y:
        print("never")
except OSError as e:
    print(e)


class Static:
    @staticmethod
    def __enter__():
        return "static"

    @classmethod
    def __exit__(cls, *exception):
        print(cls.__name__, exception)


print(entering(Static()))


def nested(depth):
    with p as x:
        return nested(depth - 1) if depth else x


print(nested(2))


# Stars.
def f(a, b=2, *rest, c=3, **others):
    return a, b, rest, c, others


def g(a, b=2, c=3):
    return a, b, c


def stars(function, *args, **kwargs):
    return function(*args, **kwargs)


for function in (f, g, Point(1).__init__, print, Point, Point.__init__, lambda *args, **kwargs: (args, kwargs)):
    for args, kwargs in (((), {}), ((1,), {}), ((1, 2), {"c": 4}), ((1,), {"b": 5, "c": 6}), ((1, 2, 3, 4), {}), ((1,), {"a": 2}), ((1,), {"z": 2})):
        try:
            result = stars(function, *args, **kwargs)
            print(result if isinstance(result, tuple) else type(result).__name__)
        except TypeError as e:
            print(e)

print(g(*[1, 2]), g(*iter((1, 2, 3))), g(*"ab", **{"c": 1}), f(*range(20)), len(f(*range(3000))[2]))
for bad in (lambda: g(*5), lambda: g(**5), lambda: g(**{1: 2}), lambda: g(1, **{"a": 1}), lambda: g(*(1,), **{"b": 1}, **{"b": 2})):
    try:
        bad()
    except TypeError as e:
        print(e)


class Last:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("last of", self.name)


def forget(a, *rest):
    del a
    return len(rest)


def forgetting():
    print(forget(*(Last("tuple"), 1, 2)))
    print(forget(*[Last("list"), 1]))
    print((lambda *, key: 1)(**{"key": Last("dict")}))
    print(Last.__init__(*(Last("method"), "renamed")))


forgetting()


def endless(*args):
    return endless(*args)


try:
    endless(1, 2, 3)
except RecursionError as e:
    print(e)


def counting(*args):
    for arg in args:
        yield arg


print(list(counting(*range(5))), [*counting(*(1, 2))])

# What a tracer sees.
events = []


def tracer(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        events.append((event, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def traced(point):
    x = point.x
    with point as y:
        z = g(*(x, y))
    return point["key"], z


class Traced:
    @property
    def x(self):
        return 1

    def __getitem__(self, key):
        return key

    def __enter__(self):
        return 2

    def __exit__(self, *exception):
        pass


for _ in range(2):
    traced(Traced())
    events.clear()
    sys.settrace(tracer)
    traced(Traced())
    sys.settrace(None)
    print(*events, sep="\n")
