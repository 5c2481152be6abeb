# What coroutines and async generators answer when they are driven by hand, rightly and wrongly.
import sys
import warnings

warnings.simplefilter("ignore")


def attempt(f, *args):
    try:
        result = f(*args)
    except BaseException as error:
        cause = f" from {error.__cause__!r}" if error.__cause__ is not None else ""
        print(f"  {type(error).__name__}: {error}{cause}")
    else:
        print(" ", result)


def run(coroutine):
    """Drives a coroutine that waits for nobody; what it yields is sent back to it."""
    value = None
    try:
        while True:
            value = coroutine.send(value)
    except StopIteration as stop:
        return stop.value


class Pause:
    """Awaiting it yields a value to whoever drives, and results in what is sent."""

    def __init__(self, value):
        self.value = value

    def __await__(self):
        return (yield self.value)


async def nothing():
    pass


async def wait(x):
    return await x


print("awaiting")


class AwaitInt:
    def __await__(self):
        return 3


class AwaitCoroutine:
    def __await__(self):
        return begun


begun = nothing()
for value in 3, AwaitInt(), AwaitCoroutine(), Pause("back"), wait(wait(Pause(1))):
    attempt(run, wait(value))
begun.close()

print("for")


class Aiter:
    def __init__(self, result):
        self.result = result

    def __aiter__(self):
        return self.result


class AnextInt:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 3


async def loop(x):
    async for _ in x:
        pass


for value in 3, Aiter(3), Aiter(AnextInt()):
    attempt(run, loop(value))

print("with")


class OnlyEnter:
    async def __aenter__(self):
        pass


class OnlyExit:
    async def __aexit__(self, *_):
        pass


class EnterInt(OnlyExit):
    def __aenter__(self):
        return 3


class ExitInt(OnlyEnter):
    def __aexit__(self, *_):
        return 3


class Ordinary:
    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


async def enter(x):
    async with x:
        pass


def enter_ordinary(x):
    with x:
        pass


for value in 3, OnlyEnter(), OnlyExit(), EnterInt(), ExitInt(), Ordinary():
    attempt(run, enter(value))
attempt(enter_ordinary, EnterInt())

print("aiter, anext")
attempt(aiter, 3)
attempt(aiter, Aiter(3))
attempt(anext, 3)
attempt(anext)
attempt(anext, 1, 2, 3)
attempt(aiter)

print("coroutines")
coroutine = nothing()
run(coroutine)
attempt(coroutine.send, None)
attempt(coroutine.throw, ValueError)
attempt(coroutine.close)
attempt(run, wait(coroutine))
coroutine = nothing()
attempt(coroutine.send, 1)
attempt(next, coroutine)
attempt(iter, coroutine)
attempt(lambda: [*coroutine])
coroutine.close()
attempt(lambda: type(coroutine)())


async def twice():
    shared = wait(Pause("first"))
    shared.__await__().send(None)
    print(" ", shared.cr_suspended, shared.cr_running, type(shared.cr_await).__name__)
    try:
        await shared
    finally:
        shared.close()
        print(" ", shared.cr_suspended, shared.cr_await, shared.cr_frame)


attempt(run, twice())


async def itself():
    attempt(me.send, None)
    print(" ", me.cr_running, me.cr_await, me.cr_frame.f_code is me.cr_code)


me = itself()
run(me)


async def stops():
    raise StopIteration(1)


async def stops_async():
    raise StopAsyncIteration(1)


attempt(run, stops())
attempt(run, stops_async())


async def handles():
    try:
        await Pause("waiting")
    except KeyError as error:
        return ("caught", error.args)


coroutine = handles()
print(" ", coroutine.send(None), coroutine.cr_await.gi_code.co_name)
attempt(coroutine.throw, KeyError(7))
coroutine = handles()
coroutine.send(None)
attempt(coroutine.close)
wrapper = handles().__await__()
print(" ", type(wrapper).__name__, iter(wrapper) is wrapper, next(wrapper))
attempt(wrapper.throw, KeyError, 8)
attempt(wrapper.close)

print("async generators")


async def count(n):
    for k in range(n):
        got = yield k
        if got is not None:
            print("  got", got)


class Deaf:
    async def __aiter__(self):
        try:
            yield 1
        except GeneratorExit:
            yield 2


attempt(run, anext(count(2)))
attempt(run, anext(count(0)))
attempt(run, anext(count(0), "default"))
generator = count(3)
attempt(run, generator.asend(None))
attempt(run, generator.asend("hello"))
attempt(run, generator.athrow(ValueError("thrown")))
attempt(run, anext(generator))
attempt(run, generator.aclose())
attempt(run, generator.aclose())
attempt(count(1).asend(1).send, None)
generator = aiter(Deaf())
run(anext(generator))
attempt(run, generator.aclose())
attempt(next, count(1))
attempt(lambda: [*count(1)])


async def stops():
    raise StopIteration(1)
    yield


async def stops_async():
    raise StopAsyncIteration(1)
    yield


attempt(run, anext(stops()))
attempt(run, anext(stops_async()))

print("one at a time")


async def waits():
    try:
        await Pause("waiting")
        yield 1
    finally:
        print("  finally")


generator = waits()
first = generator.asend(None)
print(" ", first.send(None), generator.ag_running, generator.ag_suspended, type(generator.ag_await).__name__)
second = generator.asend(None)
attempt(second.send, None)
attempt(second.throw, ValueError)
attempt(generator.asend(1).throw, ValueError)
attempt(generator.aclose().send, None)
attempt(generator.athrow(KeyError).send, None)
attempt(generator.aclose().throw, KeyError)
attempt(first.throw, ValueError("into the wait"))
attempt(first.throw, ValueError("again"))
attempt(first.close)
print(" ", generator.ag_running, generator.ag_suspended, generator.ag_await, generator.ag_frame)

used = count(3).asend(None)
attempt(used.send, None)
attempt(used.send, None)
closing = count(3).aclose()
attempt(closing.send, 3)
attempt(closing.send, None)
attempt(closing.send, None)
closing = waits().aclose()
attempt(closing.close)
attempt(closing.send, None)
generator = waits()
awaitable = anext(generator, "default")
print(" ", type(awaitable).__name__, awaitable.send(None))
attempt(awaitable.throw, StopAsyncIteration)
awaitable = anext(waits(), "default")
awaitable.send(None)
attempt(awaitable.close)
for name in "asend", "athrow", "aclose":
    print(" ", type(getattr(count(1), name)(*[KeyError] * (name != "aclose"))).__name__)

print("hooks")
print(" ", sys.get_asyncgen_hooks() == (None, None), sys.get_asyncgen_hooks().firstiter)
attempt(sys.set_asyncgen_hooks, 3)
attempt(sys.set_asyncgen_hooks, None, 3)
attempt(sys.set_asyncgen_hooks, 1, 2, 3)
attempt(lambda: sys.set_asyncgen_hooks(other=1))
log, late = [], []
sys.set_asyncgen_hooks(lambda g: log.append(("first", g.__name__)), late.append)


async def partly():
    async for k in count(5):
        if k == 2:
            break


run(partly())
generator = count(1)
run(anext(generator))
attempt(run, anext(generator))
del generator
print(" ", log, [g.__name__ for g in late])
for generator in late:
    run(generator.aclose())
sys.set_asyncgen_hooks(firstiter=None, finalizer=None)


def failing(generator):
    raise LookupError("first")


sys.set_asyncgen_hooks(firstiter=failing)
attempt(count(1).asend, None)
sys.set_asyncgen_hooks(None)

print("origins")
attempt(sys.set_coroutine_origin_tracking_depth, -1)
attempt(sys.set_coroutine_origin_tracking_depth, "a")
print(" ", sys.get_coroutine_origin_tracking_depth(), nothing().cr_origin)
sys.set_coroutine_origin_tracking_depth(2)


def inner():
    return nothing()


def outer():
    return inner()


origin = outer().cr_origin
print(" ", [(line, name) for _, line, name in origin], all(f == __file__ for f, _, _ in origin))
sys.set_coroutine_origin_tracking_depth(0)
