"""Where a traceback says that a generator is which has not begun: at its line, and nowhere in it."""

import traceback


def generator(argument=1):
    def inner():
        return argument

    yield inner


async def coroutine():
    pass


async def asynchronous():
    yield


waiting = coroutine()
steps = [
    generator().throw,
    (x for x in [1]).throw,
    (lambda: (yield 1))().throw,
    waiting.throw,
    lambda error: asynchronous().athrow(error).send(None),
]
for step in steps:
    try:
        step(ValueError("thrown"))
    except ValueError as error:
        traceback.print_exception(error)
        for line in traceback.format_exception(error):
            # Without the place of this file.
            print(line.partition(", line ")[2] or line, end="")
generator().throw(KeyError("the last"))
