# `await` and its relatives in every place where they may stand.
import sys


class Pause:
    def __init__(self, value=None):
        self.value = value

    def __await__(self):
        got = yield self.value
        return self.value if got is None else got


class Manager:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    async def __aenter__(self):
        await Pause()
        log.append(f"enter {self.name}")
        return self

    async def __aexit__(self, kind, error, traceback):
        await Pause()
        log.append(f"exit {self.name} {kind and kind.__name__}")
        return self.swallow


class Numbers:
    """An async iterator by hand."""

    def __init__(self, limit):
        self.limit, self.at = limit, 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        await Pause()
        self.at += 1
        if self.at > self.limit:
            raise StopAsyncIteration
        return self.at


log = []
steps = 0


def run(coroutine):
    global steps
    try:
        while True:
            coroutine.send(None)
            steps += 1
    except StopIteration as stop:
        return stop.value


async def value(x):
    await Pause()
    return x


async def numbers(limit):
    for n in range(limit):
        await Pause()
        yield n


def call(*args, **kwargs):
    return args, sorted(kwargs.items())


async def expressions():
    a = [await value(1), *await value([2, 3])]
    b = {await value("k"): await value("v"), **await value({"x": 1})}
    c = call(await value(1), *await value((2,)), k=await value(3), **await value({"z": 4}))
    d = f"{await value(5):>{await value(4)}}|{await value('r')!r}"
    e = (await value(1)) < (await value(2)) < (await value(3))
    f = await value(0) or await value("") or await value("last")
    g = (await value("yes")) if await value(True) else (await value("no"))
    h = (await value([10, 20, 30]))[await value(1) : await value(3)]
    i = lambda x=await value(7): x
    j = (k := await value(8)) + k
    l = not await value(False), -(await value(3)), await value(2) ** 3
    m = await (await value(value(9)))
    n = (await value({"deep": [0]}))["deep"]
    n[0] += await value(11)
    n.append((await value(n))[0])
    return a, b, c, d, e, f, g, h, i(), j, l, m, n


async def statements():
    out = []
    async with Manager("a"), Manager("b") as b:
        out.append(b.name)
    async with Manager("swallows", True):
        raise KeyError(await value("gone"))
    for _ in range(3):
        async with Manager("loop"):
            if _ == 1:
                break
            continue
    while await value(len(out) < 3):
        out.append(await value("while"))
    if await value(None):
        pass
    elif await value(1):
        out.append("elif")
    match await value(("point", 1)):
        case ("point", x) if await value(x):
            out.append(x)
    try:
        assert await value(0), await value("message")
    except AssertionError as error:
        out.append(str(error))
    try:
        try:
            raise await value(ValueError("raised")) from await value(OSError("cause"))
        finally:
            out.append(await value("finally"))
    except ValueError as error:
        out.append((str(error), repr(error.__cause__), await value("in except")))
    try:
        raise ExceptionGroup("group", [ValueError(1), TypeError(2)])
    except* ValueError as group:
        out.append((await value("star"), len(group.exceptions)))
    except* TypeError:
        out.append(await value("other star"))
    del (await value(out))[0]

    @(await value(lambda function: function))
    def decorated(x: await_name = 3):
        return x

    class Local(*await value((dict,))):
        pass

    out += [decorated(), Local.__mro__[1].__name__]
    return out


await_name = int


async def leave(how):
    async with Manager("outer"):
        try:
            async with Manager("inner"):
                async for n in Numbers(5):
                    if how == "return" and n == 2:
                        return "returned"
                    if how == "break" and n == 3:
                        break
                    if how == "raise":
                        raise LookupError(n)
                else:
                    return "else"
        finally:
            log.append(await value("leaving"))
    return "after"


async def comprehensions():
    a = [x async for x in Numbers(3)]
    b = {x: y async for x in numbers(3) for y in range(x) if await value(y % 2 == 0)}
    c = {await value(x) for x in range(3)}
    d = [y for x in [await value([1, 2])] for y in x]
    e = (x * 2 async for x in numbers(4) if x)
    f = [x async for x in e]
    g = [[x async for x in numbers(n)] async for n in numbers(3)]
    h = (await value(x) for x in range(3))
    i = [x async for x in h]
    j = sum([x async for x in (y async for y in (z async for z in numbers(5)))])
    k = [x for x in range(3) if await value(x)]
    return a, b, c, d, f, g, i, j, k, type(e).__name__


async def loops():
    out = []
    async for x in Numbers(3):
        if x == 2:
            continue
        async for y in numbers(x):
            out.append((x, y))
        else:
            out.append("inner else")
    else:
        out.append("outer else")
    async for (a, *b), out2 in pairs():
        out.append((a, b, out2))
    return out


async def pairs():
    yield (1, 2, 3), await value(4)
    yield "ab", [await value(5)]


async def delegation():
    """What is thrown and sent goes to whom the innermost await waits for."""
    try:
        got = await Pause("first")
        got = got, await Pause("second")
    except KeyError as error:
        got = "caught", error.args, await Pause("third")
    return got


async def handled():
    """What is handled here is not handled outside, and the other way round."""
    assert sys.exception() is None
    try:
        raise KeyError("own")
    except KeyError:
        await Pause()
        assert isinstance(sys.exception(), KeyError)
        async for _ in numbers(1):
            assert isinstance(sys.exception(), KeyError)
    return sys.exception()


async def two_way():
    total, got = 0, []
    try:
        while True:
            sent = yield total
            got.append(sent)
            total += await value(sent or 0)
    except ArithmeticError as error:
        yield await value(("caught", str(error), got))
    finally:
        log.append(await value("two-way over"))


async def talk():
    generator = two_way()
    out = [await anext(generator)]
    for n in 5, None, 7:
        out.append(await generator.asend(n))
    out.append(await generator.athrow(ZeroDivisionError("thrown")))
    try:
        await anext(generator)
    except StopAsyncIteration:
        out.append("over")
    out.append(await anext(generator, "default"))
    generator = two_way()
    await anext(generator)
    await generator.aclose()
    out.append(generator.ag_frame)
    return out


async def recursive(n):
    return 0 if n == 0 else 1 + await recursive(n - 1)


async def tree(depth):
    if depth:
        async for x in tree(depth - 1):
            yield x
        yield depth
        async for x in tree(depth - 1):
            yield x


for program in expressions, statements, comprehensions, loops, talk, handled:
    result = run(program())
    for item in result if isinstance(result, (list, tuple)) else [result]:
        print(item)
    print("  ", log)
    log.clear()
for how in "return", "break", "raise", "else":
    try:
        print(run(leave(how)), log)
    except LookupError as error:
        print(repr(error), log)
    log.clear()
d = delegation()
print(d.send(None), d.send("one"), d.throw(KeyError("k")))
try:
    d.send("three")
except StopIteration as stop:
    print(stop.value)
print(run(recursive(200)), [x for x in run(value([]))], steps)


async def walk():
    return [x async for x in tree(4)]


print(run(walk()))
try:
    raise OSError("outside")
except OSError:
    c = value(1)
    c.send(None)

    async def look():
        seen = sys.exception()
        await Pause()
        return repr(seen), repr(sys.exception())

    l = look()
    l.send(None)
try:
    l.send(None)
except StopIteration as stop:
    print(stop.value)
c.close()


# Tracebacks name every await on the way.
async def fails():
    await Pause()
    raise ValueError("here")


async def through():
    async with Manager("through"):
        async for x in numbers(1):
            await fails()


try:
    run(through())
except ValueError as error:
    traceback, names = error.__traceback__, []
    while traceback is not None:
        names.append((traceback.tb_frame.f_code.co_name, traceback.tb_lineno))
        traceback = traceback.tb_next
    print(names)
