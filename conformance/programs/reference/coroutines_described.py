"""Coroutines: awaitables, async iteration, async context managers, async generators, states, and misuse, driven by hand."""
import inspect
import types
import warnings

warnings.simplefilter("ignore", RuntimeWarning)


class Step:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return ("got", got)


def drive(coroutine, *sends):
    out = []
    try:
        value = None
        for send in (None, *sends, *["more"] * 5):
            if isinstance(send, BaseException):
                value = coroutine.throw(send)
            else:
                value = coroutine.send(send)
            out.append(value)
    except StopIteration as stop:
        out.append(("returned", stop.value))
    except BaseException as error:
        out.append(repr(error))
    return out


async def simple():
    return await Step(1), await Step(2)


async def nested():
    try:
        return await simple()
    finally:
        print("finally", await Step("cleanup"))


async def catches():
    try:
        await Step("waiting")
    except ValueError as error:
        return "caught", error.args, await Step("after")


print(drive(simple(), "a", "b"))
print(drive(nested()))
print(drive(nested(), ValueError("thrown")))
print(drive(catches(), ValueError("x")))
print(drive(catches(), KeyError("y")))


class Countdown:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return await Step(self.n)


async def iterates():
    seen = []
    async for x in Countdown(2):
        seen.append(x)
    else:
        seen.append("else")
    seen.append([x async for x in Countdown(1)])
    seen.append({x: y async for x, y in Countdown(1)})
    return seen


print(drive(iterates(), 1, 2, 3, 4))


class Manager:
    def __init__(self, quiet=False):
        self.quiet = quiet

    async def __aenter__(self):
        return await Step("enter")

    async def __aexit__(self, kind, value, trace):
        await Step("exit")
        return self.quiet


async def managed(quiet):
    async with Manager(quiet) as m, Manager():
        raise KeyError(m)
    return "after"


print(drive(managed(True)), drive(managed(False)))


async def agen(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                print("sent", got, end="; ")
    except GeneratorExit:
        print("closed", end="; ")
        raise
    finally:
        await Step("agen cleanup")


async def uses():
    g = agen(3)
    out = [await g.__anext__(), await g.asend("hello")]
    try:
        await g.athrow(ValueError("into"))
    except ValueError as error:
        out.append(repr(error))
    out.append([x async for x in agen(2) if x])
    h = agen(5)
    await anext(h)
    await h.aclose()
    out.append(await anext(h, "default"))
    return out


print(drive(uses()))


@types.coroutine
def old_style():
    got = yield "old"
    return got


async def awaits_old():
    return await old_style()


print(drive(awaits_old(), "value"))
c = simple()
print(inspect.getcoroutinestate(c), c.cr_running, c.cr_await, c.cr_frame is not None, inspect.isawaitable(c), inspect.iscoroutinefunction(simple))
c.send(None)
print(inspect.getcoroutinestate(c), type(c.cr_await).__name__)
c.close()
print(inspect.getcoroutinestate(c), c.cr_frame)
for misuse in (lambda: c.send(None), lambda: simple().send(1), lambda: iter(simple()), lambda: next(simple()), lambda: [x for x in agen(1)], lambda: agen(1).__anext__().send(5)):
    try:
        misuse()
    except BaseException as error:
        print(type(error).__name__, error)


async def bad(kind):
    if kind == "await":
        await 5
    elif kind == "for":
        async for x in [1]:
            pass
    elif kind == "with":
        async with open(__file__):
            pass
    elif kind == "anext":
        class A:
            def __aiter__(self):
                return self

            def __anext__(self):
                return 5
        async for x in A():
            pass
    elif kind == "aiter":
        class A:
            def __aiter__(self):
                return 5
        async for x in A():
            pass
    elif kind == "twice":
        s = simple()
        drive(s)
        await s
    elif kind == "stop":
        raise StopIteration(5)
    elif kind == "await returns":
        class A:
            def __await__(self):
                return [1]
        await A()


for kind in ("await", "for", "with", "anext", "aiter", "twice", "stop", "await returns"):
    print(kind, drive(bad(kind)))
for text in ("await x", "def f(): await x", "def f(): async with a: pass", "async def f(): yield 1; return 2", "async def f(): yield from x", "async def f(): [await x for x in y]", "lambda: await x", "async def f(): lambda: await x", "async lambda: 1", "async x = 1", "await = 1", "async = 1", "def f(): [x async for x in y]", "async def f(): return [x async for x in y]", "class C: await x", "async def f(x=await y): pass", "async def f():\n  def g(): await x", "async for x in y: pass", "async with a: pass"):
    try:
        compile(text, "<async>", "exec")
        print(text.replace("\n", "\\n"), "compiles")
    except SyntaxError as error:
        print(text.replace("\n", "\\n"), "|", error.msg)
