"""yield as an expression: values sent, thrown and returned, delegation, where it stands in other expressions."""


def echo():
    received = []
    while len(received) < 3:
        try:
            received.append((yield len(received)))
        except ValueError as error:
            received.append(error)
    return received


def drive(g, *steps):
    out = []
    try:
        out.append(next(g))
        for step in steps:
            out.append(g.throw(step) if isinstance(step, BaseException) else g.send(step))
    except StopIteration as stop:
        out.append(("returned", stop.value))
    except BaseException as error:
        out.append(repr(error))
    return out


def delegating():
    first = yield from echo()
    second = yield from "ab"
    third = yield from (x for x in [1])
    return first, second, third


def inside():
    x = [(yield 1), (yield 2)]
    y = {"k": (yield 3)}
    z = f"{(yield 4)}"
    print(x, y, z, (yield 5) or (yield 6))
    a = b = yield 7
    return (yield), (yield a), lambda: (yield b)


def arguments(*args, **kwargs):
    return args, kwargs


def in_call():
    return arguments((yield 1), *(yield 2), k=(yield 3), **(yield 4))


def conditional(flag):
    while (value := (yield flag)) != "stop":
        flag = yield value if value else "falsy"
    return "stopped"


print(drive(echo(), "a", "b", "c"))
print(drive(echo(), "a", ValueError("thrown"), "c", "d"))
print(drive(echo(), KeyError("out")))
print(drive(delegating(), 1, 2, 3, None, None, None))
print(drive(inside(), "a", "b", "c", "d", "", "f", "g", "h", "i")[:-1])
print(drive(in_call(), "x", [1, 2], "kw", {"z": 0}))
print(drive(conditional("start"), 1, "flag", 0, "f", "stop"))


class Iterator:
    def __init__(self):
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n > 3:
            raise StopIteration("its value")
        return self.n

    def send(self, value):
        print("send", value, end="; ")
        return next(self)

    def close(self):
        print("close", end="; ")


def to_iterator():
    return (yield from Iterator())


print(drive(to_iterator(), None, None, None), drive(to_iterator(), "sent"), drive(to_iterator(), KeyError("no throw method")))
g = to_iterator()
next(g)
g.close()


def stubborn():
    while True:
        try:
            yield
        except GeneratorExit:
            print("refuses", end="; ")


def returning():
    try:
        yield 1
    except GeneratorExit:
        return "closed with a value"


g = stubborn()
next(g)
try:
    g.close()
except RuntimeError as error:
    print(error)
try:
    g.throw(KeyError("ends it"))
except KeyError as error:
    print(error)
g = returning()
next(g)
print(g.close(), g.close(), drive(returning(), GeneratorExit()))
for wrong in (lambda: echo().send(1), lambda: next(g), lambda: echo().throw(5), lambda: echo().throw(ValueError, "v", 5), lambda: list(x for x in 5), lambda: drive((lambda: (yield from 5))())):
    try:
        print(wrong())
    except BaseException as error:
        print(type(error).__name__, error)


def recursive():
    yield 1
    yield next(me)


me = recursive()
next(me)
try:
    next(me)
except ValueError as error:
    print(error)


def stops():
    yield 1
    raise StopIteration("inside")


print(drive(stops(), None))
try:
    list(stops())
except RuntimeError as error:
    print(error, repr(error.__cause__))


def tree(node):
    if node:
        left, value, right = node
        yield from tree(left)
        yield value
        yield from tree(right)


print(list(tree(((None, 1, None), 2, ((None, 3, None), 4, None)))))
del g, me
