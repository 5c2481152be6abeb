# Which lines a function has, which cells the scopes in a class share, and which tokens are empty.
import io
import tokenize
import types


def tell(code):
    lines = sorted({line for *_, line in code.co_lines() if line})
    if code.co_flags & 2 and "." not in code.co_name:
        print(code.co_name, lines, code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            tell(constant)


for text in (
    "def f():\n    try:\n        a\n    except ValueError:\n        b\n    except:\n        c\n",
    "def f(x):\n    try:\n        a\n    except ValueError:\n        b\n    except:\n        if y:\n            raise\n    else:\n        d\n    finally:\n        e\n",
    "def f():\n    try:\n        a: int\n    except E as e:\n        b\n",
    "def f():\n    try:\n        global x\n    except E:\n        b\n    else:\n        x\n",
    "def f():\n    try:\n        a: int\n    except* E:\n        b\n",
    "class C:\n    x: 5\n    def f(self) -> None: ...\n",
    "from __future__ import annotations\nclass C:\n    x: 5\n    def f(self, x: 5): ...\n",
    "class C:\n    def f(self, x: int): ...\n    def g[T](self): pass\n    type X = 5\n",
):
    tell(compile(text, "<text>", "exec"))
    print()


class Named:
    kind = "a class's own"

    def plain(self) -> None: ...
    def own(self) -> kind: ...


print(Named.plain.__annotations__, Named.own.__annotations__)

for text in "f'{a:}{b:{c}}{d:{e}x}{f}'", "f'{a:{{b}}}'", "t'{a!r:}'":
    for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
        if token.type in (tokenize.FSTRING_MIDDLE, tokenize.TSTRING_MIDDLE):
            print(text, repr(token.string), token.start, token.end)
