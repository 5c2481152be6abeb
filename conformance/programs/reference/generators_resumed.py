"""6.2.9 Yield expressions: sending, throwing, closing, delegation, and where generators are refused."""


def show(what, action):
    try:
        print(what, "->", action())
    except BaseException as error:
        print(what, "!!", type(error).__name__, error, "| context:", repr(error.__context__), "| cause:", repr(error.__cause__))


def echo():
    received = []
    while True:
        try:
            value = yield len(received)
        except ValueError as error:
            received.append(f"caught {error}")
        except GeneratorExit:
            print("  closing with", received)
            raise
        else:
            received.append(value)
            if value == "stop":
                return received


g = echo()
show("send to new", lambda: g.send(1))
print(next(g), g.send("a"), g.throw(ValueError("b")), g.gi_suspended, g.gi_running)
show("stop", lambda: g.send("stop"))
show("after", lambda: next(g))
show("send after", lambda: g.send(1))
show("throw after", lambda: g.throw(KeyError("k")))
g = echo()
next(g)
print(g.close(), g.close(), g.gi_frame)


def refuses():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def returns_on_close():
    try:
        yield 1
    except GeneratorExit:
        return "value of close"


def raises_on_close():
    try:
        yield 1
    finally:
        raise OSError("on close")


for make in (refuses, returns_on_close, raises_on_close):
    g = make()
    next(g)
    show(make.__name__, g.close)
show("close new", refuses().close)


def stop_inside():
    yield 1
    raise StopIteration("inside")


show("stop inside", lambda: list(stop_inside()))
show("stop in expression", lambda: list(next(iter([])) for _ in range(2)))


def self_running():
    yield next(me)


me = self_running()
show("already", lambda: next(me))


def inner(log):
    try:
        x = yield "inner 1"
        log.append(x)
        y = yield "inner 2"
        log.append(y)
    except KeyError as error:
        log.append(repr(error))
        yield "recovered"
    finally:
        log.append("inner done")
    return "result"


def outer(log):
    value = yield from inner(log)
    log.append(value)
    yield from (10, 20)
    yield from {"k": 1}
    return (yield from iter("z"))


log = []
g = outer(log)
print(next(g), g.send("x"), g.gi_yieldfrom.__name__, g.throw(KeyError("thrown")), next(g), list(g), log)


class Delegate:
    def __init__(self):
        self.log = []

    def __iter__(self):
        return self

    def __next__(self):
        self.log.append("next")
        return len(self.log)

    def send(self, value):
        self.log.append(f"send {value}")
        if value == "end":
            raise StopIteration("ended")
        return value

    def throw(self, error):
        self.log.append(f"throw {error!r}")
        raise error

    def close(self):
        self.log.append("close")


def delegates(to):
    return (yield from to)


d = Delegate()
g = delegates(d)
print(next(g), g.send(None), g.send("v"))
show("throw", lambda: g.throw(ValueError("t")))
g = delegates(d)
next(g)
g.close()
g = delegates(d)
next(g)
show("end", lambda: g.send("end"))
print(d.log)
show("send to list", lambda: (lambda g: (next(g), g.send(5)))(delegates([1, 2])))
show("from number", lambda: next(delegates(5)))
show("three arguments", lambda: (lambda g: (next(g), g.throw(ValueError, ValueError("v"), None)))(echo()))


def tree(node):
    if node:
        left, value, right = node
        yield from tree(left)
        yield value
        yield from tree(right)


print(list(tree((((), 1, ()), 2, ((), 3, ((), 4, ()))))))


def context():
    try:
        raise ValueError("outer")
    except ValueError:
        yield 1
        try:
            yield 2
        except KeyError:
            raise TypeError("inner")


g = context()
next(g), next(g)
show("context", lambda: g.throw(KeyError("k")))


def nested_finally():
    for i in range(3):
        try:
            yield i
        finally:
            print("  finally", i)


for i in nested_finally():
    if i == 1:
        break
print("after break")
del i
g = nested_finally()
next(g)
del g
print("after del")
first, *rest = (x * 2 for x in range(4))
print(first, rest, sum(x for x in range(5)), max((len(s), s) for s in ("a", "bbb")), "".join(c for c in "abc"), dict((i, i * i) for i in range(3)), any(x > 2 for x in range(5)))
values = [1, 2, 3]
late = (x + len(values) for x in values)
values.append(4)
values = []
print(list(late))
show("expression iterates now", lambda: (x for x in 5))
print((lambda: (yield))().send(None), [*(lambda: (yield 1))()])
for source in ("yield 1", "class C:\n yield 1", "def f():\n return [(yield x) for x in y]", "def f(x=(yield)): pass", "async def f():\n yield from x", "async def f():\n yield 1\n return 2", "lambda: (yield)", "def f(): x = yield = 1", "def f(): yield x = 1", "def f(): print(yield)", "def f(): print((yield))", "def f(): x += yield", "def f(): assert (yield)", "def f():\n yield 1, 2\n x = yield 3, *y\n return (yield)", "(yield)", "def f(): (yield) = 1", "await x", "def f(): await x", "async def f(): await", "def f(): yield from", "def f(): yield *a, b", "def f(): (yield from a) + 1"):
    try:
        compile(source, "m", "exec")
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, repr(source))
