"""`await` outside of functions, where `compile` is told to allow it: the code makes a coroutine when it runs."""

import ast
import asyncio
import inspect
import types

ALLOWED = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


async def number(n):
    await asyncio.sleep(0)
    return n


async def numbers(n):
    for i in range(n):
        yield i


class Manager:
    async def __aenter__(self):
        return "entered"

    async def __aexit__(self, *raised):
        print("left")


def run(text, mode="exec"):
    space = {"number": number, "numbers": numbers, "Manager": Manager, "asyncio": asyncio}
    code = compile(text, "<text>", mode, flags=ALLOWED)
    print(bool(code.co_flags & inspect.CO_COROUTINE), end=" ")
    result = eval(code, space)
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    del space["__builtins__"]
    names = {name: value for name, value in space.items() if type(value) in (int, str, list, set, dict)}
    print(result, names)


run("x = 1")
run("x = await number(3)\ny = x + await number(x)")
run("await number(4)", "eval")
run("[i async for i in numbers(3)]", "eval")
run("a = {i: await number(i) for i in range(3)}\nb = {i async for i in numbers(2)}")
run("async for i in numbers(3):\n    pass\nelse:\n    last = i")
run("async with Manager() as m:\n    inner = await number(1)")
run("def f():\n    return 5\nclass C:\n    v = 6\nr = f() + C.v + await number(1)")
run("async def f():\n    return await number(8)\nr = 1")
run("g = (await number(i) for i in range(3))\nr = 1")
run("try:\n    await number(1) / 0\nexcept ZeroDivisionError as e:\n    r = str(e)\nfinally:\n    s = await number(2)")
run("import types as t\nfrom types import *\nr = 1")
run("await number(7)", "single")
run("global q\nq = await number(2)\ndel q\nr = [x for x in range(await number(3))]")
run("@(await number(type))\ndef f(): pass\nr = f.__name__")
function = types.FunctionType(compile("z = await number(11)", "<text>", "exec", flags=ALLOWED), globals())
print(inspect.iscoroutinefunction(function), asyncio.run(function()), z)

for text in "await number(1)", "[i async for i in numbers(3)]", "async with Manager(): pass", "async for i in numbers(2): pass":
    try:
        compile(text, "<text>", "exec")
    except SyntaxError as error:
        print(error)
for text in "def f():\n    await number(1)", "lambda: await number(1)", "yield 1", "return 1":
    try:
        compile(text, "<text>", "exec", flags=ALLOWED)
    except SyntaxError as error:
        print(error)
