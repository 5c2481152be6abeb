"""contextlib: contextmanager, closing, suppress, redirects, ExitStack, nullcontext, chdir, decorators, async ones."""
import asyncio
import contextlib
import io
import os


def attempt(action):
    try:
        print("=>", action())
    except BaseException as error:
        print(type(error).__name__, error, repr(error.__context__))


@contextlib.contextmanager
def managed(name, quiet=False):
    print("enter", name, end="; ")
    try:
        yield name
    except Exception as error:
        print("caught", repr(error), end="; ")
        if not quiet:
            raise
    finally:
        print("exit", name, end="; ")


def use(manager, error=None):
    with manager as value:
        if error:
            raise error
        return value


attempt(lambda: use(managed("a")))
attempt(lambda: use(managed("b", quiet=True), ValueError("v")))
attempt(lambda: use(managed("c"), StopIteration("s")))
attempt(lambda: use(managed("d"), KeyboardInterrupt()))


@managed("decorator")
def decorated(x):
    return x * 2


attempt(lambda: decorated(4))
attempt(lambda: decorated(5))


@contextlib.contextmanager
def never():
    return
    yield


@contextlib.contextmanager
def twice():
    yield 1
    yield 2


@contextlib.contextmanager
def replaces():
    try:
        yield
    except ValueError as error:
        raise KeyError("replaced") from error


@contextlib.contextmanager
def swallows_twice():
    try:
        yield
    except ValueError:
        yield


for manager in (never, twice, replaces, swallows_twice):
    attempt(lambda: use(manager()))
    attempt(lambda: use(manager(), ValueError("x")))


class Closes:
    def close(self):
        print("closed", end="; ")


attempt(lambda: use(contextlib.closing(Closes()), ValueError("in closing")))
attempt(lambda: use(contextlib.nullcontext("null")))
with contextlib.suppress(ValueError, KeyError):
    raise KeyError
with contextlib.suppress(ValueError):
    raise ExceptionGroup("g", [ValueError(1)])
attempt(lambda: use(contextlib.suppress(ValueError), ExceptionGroup("g", [ValueError(1), TypeError(2)])))
out = io.StringIO()
with contextlib.redirect_stdout(out) as target:
    print("hidden")
    help_text = target is out
print(repr(out.getvalue()), help_text)
before = os.getcwd()
with contextlib.chdir("/"):
    print(os.getcwd())
print(os.getcwd() == before)

print("stacks")


def stacked(error=None, leave=None):
    with contextlib.ExitStack() as stack:
        values = [stack.enter_context(managed(n)) for n in "xy"]
        stack.callback(print, "callback", end="; ")
        stack.push(lambda kind, value, trace: print("pushed", kind and kind.__name__, end="; "))
        stack.push(managed("pushed manager")) if 0 else None
        if leave:
            moved = stack.pop_all()
            return values, moved
        if error:
            raise error
    return values


attempt(stacked)
attempt(lambda: stacked(ValueError("in stack")))
values, moved = stacked(leave=True)
print(values)
moved.close()
print()


def failing_callbacks():
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: {}["first"])
        stack.callback(lambda: 1 / 0)
        raise ValueError("body")


attempt(failing_callbacks)
attempt(lambda: contextlib.ExitStack().enter_context(5))
attempt(lambda: contextlib.ExitStack().push(5))


class Base(contextlib.ContextDecorator, contextlib.AbstractContextManager):
    def __exit__(self, *args):
        print("base exit", args[0], end="; ")


@Base()
def function():
    return "function"


attempt(function)
print(isinstance(managed("q"), contextlib.AbstractContextManager), issubclass(Closes, contextlib.AbstractContextManager))


@contextlib.asynccontextmanager
async def amanaged(name):
    print("aenter", name, end="; ")
    try:
        yield name
    finally:
        print("aexit", name, end="; ")


class AClose:
    async def aclose(self):
        print("aclosed", end="; ")


async def main():
    async with amanaged("one") as one, contextlib.aclosing(AClose()), contextlib.nullcontext():
        print(one, end="; ")
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(amanaged("two"))
        stack.enter_context(managed("three"))
        stack.push_async_callback(asyncio.sleep, 0)
    try:
        async with amanaged("four"):
            raise ValueError("async body")
    except ValueError as error:
        print(error)


asyncio.run(main())
