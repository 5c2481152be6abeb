"""Tokens of strings with fields, symbols of blocks, and the names of what evaluates annotations."""

import io
import symtable
import tokenize

for source in (
    'f"{x:>{w}}|{y}"\n',
    'f"{{{i}}})"\n',
    'f"{{}}{{a}}}}"\n',
    "t'{a!r:{b}{c}}'\n",
    'f"{x:a{{b}}c}"\n',
    'f"\\N{DIGIT ONE}{{"\n',
    'f"{x=!r:^{10}.{3}}" + f"{ {1: 2}[1] }"\n',
    'f"{f"{x:{y}}":{z}}"\n',
):
    print(source, end="")
    for token in tokenize.tokenize(io.BytesIO(source.encode()).readline):
        print("   ", token.type, repr(token.string), token.start, token.end)


def shown(table, depth=0):
    print("  " * depth, table.get_type(), table.get_name())
    for symbol in sorted(table.get_symbols(), key=lambda symbol: symbol.get_name()):
        flags = [name for name in dir(symbol) if name.startswith("is_") and getattr(symbol, name)()]
        print("  " * depth, "-", symbol.get_name(), *flags)
    for child in table.get_children():
        shown(child, depth + 1)


SOURCE = '''
import types
[types.x for x in "12"]
def f(n):
    x = n
    any((x := i) for i in n)
    return [n for _ in n], [types for _ in n]
def outer():
    x = 1
    class Inner:
        type Alias = x
        def method[T: x](self, argument: x): ...
        x = 2
    class Declared:
        global x
        type Alias = x
class Derived[__T](__Base): pass
'''
shown(symtable.symtable(SOURCE, "source", "exec"))


class Class:
    field: int

    def method(self, argument: (lambda: int)) -> str: ...


def function(argument: int): ...


for what in Class, Class.method, function:
    print(what.__annotate__.__qualname__, what.__annotate__.__code__.co_flags, what.__annotate__.__code__.co_varnames)
print(Class.method.__annotations__["argument"].__qualname__)
