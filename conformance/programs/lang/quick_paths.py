"""What the quick ways through calls, attributes and loops must notice: that something has changed since."""

import threading


class Point:
    def __init__(self, x, y=0):
        self.x = x
        self.y = y

    def show(self):
        return (self.x, self.y)


def make(n):
    return [Point(i, i).show() for i in range(n)][-1]


# Instances: __init__, its code, __new__ and the class itself change between calls of one instruction.
print(make(3))
first = Point.__init__
Point.__init__ = lambda self, x, y: first(self, -x, y)
print(make(3))


def other(self, x, y):
    self.y = self.x = "other"


Point.__init__ = first
print(make(2))
kept = first.__code__
first.__code__ = other.__code__
print(make(2))
first.__code__ = kept
Point.__new__ = lambda cls, *args: object.__new__(cls) if args[0] else 7
try:
    make(2)
except AttributeError as error:
    print(error)
Point.__new__ = staticmethod(lambda cls, *args: object.__new__(cls))
print(make(2))
del Point.__new__


class Wrong:
    def __init__(self, x):
        return x


def build(value):
    try:
        return Wrong(value).__class__.__name__
    except TypeError as error:
        return str(error)


print(build(None), "|", build(1), "|", build(None))


class Kept:
    def __init__(self, where):
        where.append(self)
        self.me = self
        where = None


found = []
for _ in range(3):
    Kept(found)
print(len(found), all(kept.me is kept for kept in found))


# Keywords: in any order, missing, doubled, defaults that change.
def f(a, b=2, *, c=3, d):
    return (a, b, c, d)


def g(a, /, b, c=5):
    return (a, b, c)


def attempt(call):
    try:
        return call()
    except TypeError as error:
        return str(error)


for _ in range(3):
    print(f(1, d=4), f(d=4, b=9, a=1), f(1, 2, d=0, c=8), g(1, c=2, b=3), g(1, 2))
    print(attempt(lambda: f(1)))
    print(attempt(lambda: f(1, a=2, d=1)))
    print(attempt(lambda: g(a=1, b=2)))
    print(attempt(lambda: g(1, 2, 3, c=4)))
    print(attempt(lambda: f(1, e=1, d=1)))
    f.__defaults__ = (f.__defaults__[0] + 1,)
    f.__kwdefaults__["c"] += 1
f.__kwdefaults__ = None
print(attempt(lambda: f(1, d=1)))
name = "".join(["d", ""])
print(f(1, c=1, **{name: 2}))


def star(*args, **kwargs):
    return args, sorted(kwargs)


print(star(), star(1, z=2, y=3))


# super(): methods that change, an instance whose class changes, a class method, a missing one.
class Base:
    def method(self, a):
        return ("base", a)

    @classmethod
    def make(cls):
        return cls.__name__


class Middle(Base):
    pass


class Derived(Middle):
    def method(self, a):
        return super().method(a)

    @classmethod
    def make(cls):
        return "made " + super().make()

    def missing(self):
        return super().missing()


derived = Derived()


def up():
    return derived.method(1)


print(up(), up())
Middle.method = lambda self, a: ("middle", a)
print(up())
del Middle.method
print(up())
Base.method = lambda self, a: ("changed", a)
print(up(), derived.make())
Base.method = 3
try:
    up()
except TypeError as error:
    print(error)
Base.method = staticmethod(lambda a: ("static", a))
print(up())
try:
    derived.missing()
except AttributeError as error:
    print(error)


# Generators that a `for` loop runs: values sent, exceptions, what is handled, depth, other loops over the same one.
def numbers(n):
    try:
        for i in range(n):
            got = yield i
            if got is not None:
                print("got", got)
        return "end"
    finally:
        print("done", n)


for i in numbers(2):
    print(i)
shared = numbers(5)
for i in shared:
    for j in shared:
        if j == 3:
            break
    print(i, j)


def failing():
    yield 1
    raise KeyError("inside")


def handling():
    try:
        raise ValueError("handled")
    except ValueError:
        for i in failing():
            yield i


try:
    for i in handling():
        print(i)
except KeyError as error:
    print(repr(error), repr(error.__context__))


def nested(n):
    if n:
        for x in nested(n - 1):
            yield x
    yield n


print(sum(nested(50)))


def endless():
    for x in endless():
        yield x


try:
    for x in endless():
        pass
except RecursionError as error:
    print(type(error).__name__)


def itself():
    for x in me:
        yield x


me = itself()
try:
    for x in me:
        pass
except ValueError as error:
    print(error)


def delegating():
    result = yield from numbers(2)
    yield result


print([x for x in delegating()])
for x in delegating():
    print(x)
try:
    for x in numbers(3):
        raise IndexError(x)
except IndexError as error:
    print(repr(error))


# Items and unpacking: keys that are equal and not the same, a target that is also the source.
table = {"key": 1, 2: "two"}
alike = "".join(["k", "ey"])
for key in ("key", alike, "key"):
    table[key] += 1
    print(table[key], len(table))
del table["key"]
table["key"] = [1]
print(table)


def swap(a):
    a, b = a
    return a, b


print(swap((1, (2, 3))), swap([4, 5]))
print([f"{n}" for n in (0, 9, 10, 99, 100, 12345, -1, -10, 2**61 - 1, -(2**61), 2**64)])
print([str(n) + "x" for n in (7, 1000000, -99)])


# Threads that change what others use.
class Counter:
    def __init__(self, start):
        self.value = start

    def step(self):
        return 1


def use(results):
    total = 0
    for i in range(3000):
        counter = Counter(i)
        counter.value = i
        total += counter.step() > 0 and counter.value == i
    results.append(total)


def change():
    for i in range(300):
        Counter.step = lambda self, i=i: i + 1
        Counter.__init__ = lambda self, start: setattr(self, "value", start)


results = []
threads = [threading.Thread(target=use, args=(results,)) for _ in range(3)]
threads.append(threading.Thread(target=change))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(results)
