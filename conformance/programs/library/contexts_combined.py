"""contextlib: managers from generators, stacks, suppression, redirection."""
import asyncio
import contextlib
import io
from contextlib import AbstractContextManager, AsyncExitStack, ContextDecorator, ExitStack, asynccontextmanager, chdir, closing, contextmanager, nullcontext, redirect_stdout, suppress


def show(what, action):
    try:
        print(what, "->", action())
    except BaseException as error:
        print(what, "!!", type(error).__name__, error, "|", repr(error.__context__))


@contextmanager
def tag(name):
    """Prints a tag."""
    print(f"<{name}>")
    try:
        yield name.upper()
    except KeyError as error:
        print("swallowed", error)
    finally:
        print(f"</{name}>")


with tag("a") as value:
    print(value)
with tag("b"):
    raise KeyError("x")


def raises():
    with tag("c"):
        raise ValueError("y")


show("raises", raises)


@tag("d")
def decorated(x):
    return x * 2


print(decorated(4), decorated(5), tag.__name__, tag.__doc__)


@contextmanager
def never():
    if False:
        yield


@contextmanager
def twice():
    yield 1
    yield 2


@contextmanager
def replaces():
    try:
        yield
    except ValueError as error:
        raise OSError("replaced") from error


@contextmanager
def stops():
    try:
        yield
    except StopIteration:
        print("stop seen")
        raise


def use(manager, error=None):
    def run():
        with manager():
            if error:
                raise error

    return run


show("never", use(never))
show("twice", use(twice))
show("twice raising", use(twice, ValueError(1)))
show("replaces", use(replaces, ValueError("v")))
show("stops", use(stops, StopIteration(5)))
with suppress(KeyError, IndexError):
    [][1]
with suppress(ValueError):
    raise ExceptionGroup("g", [ValueError(1)])
show("suppress rest", lambda: exec("with suppress(ValueError):\n raise ExceptionGroup('g', [ValueError(1), KeyError(2)])"))
out = io.StringIO()
with redirect_stdout(out):
    print("hidden")
print(repr(out.getvalue()))


class Closes:
    def close(self):
        print("closed")


with closing(Closes()) as c, nullcontext(5) as n:
    print(type(c).__name__, n)


class Decorates(ContextDecorator):
    def __enter__(self):
        print("in")
        return self

    def __exit__(self, *exc):
        print("out", exc[0])
        return exc[0] is KeyError


@Decorates()
def f():
    raise KeyError


print(f())
with ExitStack() as stack:
    print([stack.enter_context(tag(str(i))) for i in range(3)])
    stack.callback(print, "callback", sep="-")
    stack.push(lambda *exc: print("pushed", exc[0]))

    @stack.callback
    def named():
        print("named")

    raise_later = stack.pop_all()
print("moved")
raise_later.close()


def stack_errors():
    with ExitStack() as stack:
        stack.push(lambda *exc: print("outer sees", repr(exc[1])) or True)
        stack.callback(lambda: 1 / 0)
        raise ValueError("body")
    return "swallowed"


show("stack errors", stack_errors)


def chain():
    with ExitStack() as stack:
        stack.callback(lambda: {}["k"])
        stack.callback(lambda: 1 / 0)


show("chain", chain)
show("not a manager", lambda: ExitStack().enter_context(5))
print(issubclass(Decorates, AbstractContextManager), isinstance(stack, AbstractContextManager), isinstance(5, AbstractContextManager))


@asynccontextmanager
async def aopen(name):
    print("open", name)
    try:
        yield name
    finally:
        print("shut", name)


async def main():
    async with aopen("x") as x, contextlib.nullcontext("n") as n:
        print(x, n)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(aopen("y"))
        stack.push_async_callback(asyncio.sleep, 0)
    try:
        async with aopen("z"):
            raise ValueError("z")
    except ValueError as error:
        print("caught", error)


asyncio.run(main())
