"""A generator that a loop resumes: what its body handles, who looks at its frame and how it is resumed change on the way."""

import gc
import sys


class Loud:
    alive = 0

    def __init__(self, name):
        self.name = name
        Loud.alive += 1

    def __del__(self):
        Loud.alive -= 1

    def __repr__(self):
        return f"<{self.name}>"


def handled():
    return repr(sys.exception())


def changing(n):
    kept = [Loud("kept")]
    for i in range(n):
        match i % 6:
            case 0:
                yield i, handled()
            case 1:
                try:
                    raise ValueError(i)
                except ValueError:
                    yield i, handled()
                    yield i, handled()
            case 2:
                frame = sys._getframe()
                yield i, sorted(frame.f_locals), frame.f_lineno - frame.f_code.co_firstlineno
                del frame
            case 3:
                a, b, c, d, e, f, g = map(Loud, "abcdefg")
                got = yield i, [a, b, (yield "inner"), c, d, e, f, g]
                del a, b, c, d, e, f, g
                assert got is None
            case 4:
                yield from ((i, x, handled()) for x in kept)
            case 5:
                try:
                    got = yield i, "sent"
                except KeyError as error:
                    got = error
                yield i, got, handled()
    return "over"


print("a loop")
for item in changing(13):
    print(item)

print("where an exception is handled")
running = changing(13)
for count, item in enumerate(running):
    print(item, handled())
    if count == 3:
        break
try:
    raise LookupError("outside")
except LookupError:
    for count, item in enumerate(running):
        print(item, handled())
        if count == 4:
            break
for item in running:
    print(item, handled())

print("resumed in turns")
running = changing(30)
for item in running:
    print(item)
    if item[1] == "sent":
        print(running.throw(KeyError("thrown")))
    elif item[0] == 12:
        print(running.gi_frame.f_lineno - running.gi_code.co_firstlineno)
    elif item[0] == 24:
        print(running.send("something"))
    else:
        print(next(running, "nothing"))
try:
    next(running)
except StopIteration as stop:
    print(repr(stop))


def delegating(depth, n):
    if depth == 0:
        return (yield from changing(n))
    result = yield from delegating(depth - 1, n)
    return depth, result


print("delegated")
for item in delegating(3, 8):
    print(item, handled())

print("itself")


def itself():
    yield 1
    try:
        for item in me:
            yield item
    except ValueError as error:
        yield str(error)
    yield 2
    try:
        yield from me
    except ValueError as error:
        yield str(error)


me = itself()
print(list(me))
for item in (me := itself()):
    print(item)

print("dropped on the way")
for count in range(12):
    running = changing(13)
    for number, item in enumerate(running):
        if number == count:
            break
    del running, item
del me
gc.collect()
print(Loud.alive)
