"""Small things: what a sum loses, numbers refused by bytes, what counts as a text, and the places of what is turned round."""
import array
import math
import re
import warnings

warnings.simplefilter("ignore")


def show(action):
    try:
        print(repr(action()))
    except Exception as error:
        print(type(error).__name__, ascii(error.args))


class Loud(bytes):
    def __repr__(self):
        return "Loud!"


class LoudText(str):
    def __repr__(self):
        return "Loud!"


class Index:
    def __index__(self):
        return {}


class Real:
    def __float__(self):
        return 1 / 0


for value in Loud(b"x"), LoudText("x"):
    show(lambda: int(value))
    show(lambda: int(value, 5))
for value in Index(), Real(), "x":
    show(lambda: "%f" % value)
    show(lambda: b"%f" % value)
show(lambda: sum([1e22, 123456789.123, 10**20]))
show(lambda: sum([1e22j, 123456789.123, 1e22, 10**20]))
show(lambda: sum([0.5, 10**400]))



class Whole(int):
    def __float__(self):
        return 2.5


for spec in "f", ".1_e", "%", "d", "n":
    show(lambda: format(Whole(3), spec))
    show(lambda: f"{Whole(3):{spec}}")
show(lambda: math.sumprod([Whole(3)], [1.5]))

strided = memoryview(b"abcdef")[::2]
for pattern in "b", b"b":
    for text in "abc", b"abc", strided:
        show(lambda: re.search(pattern, text))
        show(lambda: re.sub(pattern, strided, text))
show(lambda: eval(strided))

for text in "\0", "a\0b", "\u1234\0", "-\0-", "~\\\x01":
    print(text.encode("utf-7"), repr(text.encode("utf-7").decode("utf-7")))

show(lambda: type(1, a=2))
show(lambda: type("a", x=1))
show(lambda: int(1, 2, 3))
show(lambda: int(1, 2, base=3))
show(lambda: int(base=1, x=2, y=3))
show(lambda: type("C", (int,), {})(1, 2, 3))
show(lambda: str(a=1, b=2, c=3, d=4))
show(lambda: complex(1, 2, 3))
show(lambda: complex(a=1, b=2, c=3))
show(lambda: str(ExceptionGroup("\ud800", [ValueError(1)])))

for text in "not (print in 8)", "not 1 in 8", "not (1 < 'a')", "not (1 in 8) or 2", "2 if not (1 in 8) else 3", "not (1 not in 8)":
    try:
        eval(text)
    except TypeError as error:
        frame = error.__traceback__.tb_next
        print(text, list(frame.tb_frame.f_code.co_positions())[frame.tb_lasti // 2])


def lines(body):
    code = compile("def f():\n  for q in w:\n    try:\n      a()\n    except E as e:\n" + body, "<text>", "exec")
    print(sorted({line for *_, line in code.co_consts[0].co_lines() if line}))


for body in "      return\n      c\n", "      b()\n      break\n      if x: y\n", "      if x:\n        return 1\n      c\n", "      raise\n      c\n":
    lines(body)



class Meta(type):
    def mro(cls):
        return super().mro()


class Generic[T](dict, metaclass=Meta):
    __slots__ = ("a",)


print(Generic.__mro__)
for code in "bBhHiIlLqQ":
    for number in -1, -129, 300, 40000, 1 << 31, 1 << 32, -(1 << 31) - 1, 1 << 63, 1 << 64, -(1 << 63) - 1:
        show(lambda: array.array(code, [number]))
show(lambda: array.array("u", [None]))

for text in ("try:\n x\nelse:\n y\nfinally:\n z", "def f():\n yield,", "t'{a:{b}c'", "t'a{x!r:>{b}{ x = }'", "f'{a:{b}c'", "f'a\\N{foo}b{x}'", "f'\\x{x!z}'", "f'\\x{x y}'", "f'{x}{{\\x'", "f'\\x{'", "f'{f\"\\x\"}'", "{a: * for b in c}", "{a: *b}", "{'a': 1, [n() 'x' $",
             "{'a': 'b', [n': '\\n'}", "{a: b, c}", "{a: b, c d}", "x\nnonlocal x", "global x\nnonlocal x", "nonlocal x\nx: int\ny z",
             "def f():\n global a\n [a := 3 for b in c]\n nonlocal a", "r'''\n''' \\ x", "(a \\\n b \\ c)", "re.searchr'\\A', 'b')", "f(1 '\\d')"):
    try:
        compile(text, "<text>", "exec")
    except SyntaxError as error:
        print(ascii(text), ascii(error.args), error.lineno, error.offset, error.end_offset)
