"""f-strings: fields, conversions, specs, nesting, quotes inside, debugging, and what they refuse."""
import datetime


class Shown:
    def __init__(self, name):
        self.name = name

    def __str__(self):
        return f"str-{self.name}"

    def __repr__(self):
        return f"repr-{self.name}"

    def __format__(self, spec):
        return f"format-{self.name}-{spec}"


x, width, name, o = 3.14159, 10, "né", Shown("o")
print(f"{x:.2f}|{x:{width}.3f}|{x:>{width}}|{x:{'>'}{width}}|{x!r:>12}|{name!a}|{name!s:^8}|")
print(f"{o}{o!s}{o!r}{o!a}{o:spec}{o!s:>8}{o:}")
print(f"{{}}{{{x}}}{{{{", f"{'{'}", f"{'}'}")
print(f"{x = }|{x=!r}|{x=:.1f}|{ x  =  !s:>9}|{o=}|{o=!s}|{1 + 1 = }|{(lambda a: a)(2)=}")
print(f"{'a' 'b'}{"same quotes"}{f"{f'{f"{1}"}'}"}")
print(f"""{
    x  # a comment
    :.1f}""")
print(f"{'\n'.join(['a', 'b'])}", f'{"\\"}', f"{'\u00e9'}")
print(f"{x if x > 3 else 'small'}{[i for i in range(3)]}{ {'a': 1}['a'] }{(y := 5)}{y:3}{*[1, 2],}")
print(f"{lambda_:=^9}" if (lambda_ := "L") else "", f"{3:=+5}", f"{x!r:{'^'}{12}}")
print(rf"\d{x:.0f}\n", fr"\{x:.1f}")
print(f"{datetime.date(2024, 2, 29):%d.%m.%Y %%}", f"{10:#{'x'}}", f"{1e3:{',' }}")
print(f"{'a'!r}" f"{'b'}" "{c}" '{{d}}', f'{"é"!a}')
print(f"{x:{{}}}" if 0 else "", f"{'x':{'{'}>3}")
print(f"{None!s:>6}{True:5}{...}", f"{b'x'}", f"{'':5}|")


def order(tag, value):
    print("evaluate", tag)
    return value


print(f"{order('value', 1):{order('fill', '*')}>{order('width', 4)}}{order('second', 2)}")


def said(text):
    try:
        print(text, "->", eval(text))
    except SyntaxError as error:
        print(text.replace("\n", "\\n"), "->", error.msg, "|", error.lineno, error.offset)
    except Exception as error:
        print(text, "->", type(error).__name__, error)


for text in ("f'{}'", "f'{ }'", "f'{!r}'", "f'{x!}'", "f'{x!z}'", "f'{x!rr}'", "f'{x! r}'", "f'{x !r}'", "f'{x'", "f'x}'", "f'{x:{y:{z}}}'", "f'{x:'", "f'{x:{'", "f'{x)}'", "f'{(x}'", "f'{x=y}'", "f'{x==3}'", "f'{x!=3}'",
             "f'{x:=5}'", "f'{(x:=5)}'", "f'{lambda x: 1}'", "f'{(lambda: 1)()}'", "f'{yield}'", "f'{*x}'", "f'{**x}'", "f'{x;y}'", "f'{#}'", "f'{x #}'", "f'{a b}'", "f'{1:{1}.{2}f}'", "f'{x:d}'", "f'{name:.2f}'", "f'{name:5.}'",
             "f'{undefined}'", "f'{x:{undefined}}'", "f'{x!s:{width!r}}'", "f'{\\'a\\'}'", "f'{x,}'", "f'{,}'", "f'{x:\n}'", "f'{import os}'", "f'{x.}'", "f'{1 +}'", "f'{\"a\"\"b\"}'", "f'{{x}'", "f'{x}}'", "f'\\N{BULLET}{1}'", "f'\\N{x}'", "f'{x:\\x41<5}'", "f'\\{1}'"):
    said(text)
