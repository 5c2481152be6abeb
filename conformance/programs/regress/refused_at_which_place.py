# Where a text is refused, and with which words: what a parser that remembers has looked at no mistake is looked for again.
import warnings

warnings.simplefilter("ignore")


def refuse(*texts):
    for text in texts:
        try:
            compile(text, "<text>", "exec")
        except SyntaxError as error:
            place = error.lineno, error.offset, error.end_lineno, error.end_offset
            print(repr(text), type(error).__name__, error.msg, *place)
        else:
            print(repr(text), "is fine")


# A lambda's colon begins the format of the field it stands in.
refuse(
    "f'{a, lambda:{3}}'", "f'{lambda:{3}}'", "f'{a, lambda x:{3}}'", "f'{1 if a else lambda:{3}}'", "t'{a, lambda:{3}}'",
    "f'{a,lambda x,y=2:{3}}'", "f'{lambda x:}'", "f'{lambda x:{y}}'", "f'{x:{lambda:{1}}}'", "f'{x:a{a, lambda:{1}}}'",
    "f'{a, lambda:{3}:x}'", "f'{(lambda x:{y})}'", "f'{[lambda x:{y}]}'", "f'{x:{y}}'", "f'{x:}'",
)
# Less indented, with more characters.
refuse("def f():\n \t  for i in x:\n        pass\n", "if x:\n\tif y:\n        z\n", "if x:\n  \ty\n\tz\n")
# Two characters that were an operator once.
refuse("x <> y", "x < > y", "x <>= y", "x <>> y", "x.<>", "x <>", "class A():(''.<>", "try:\n    x\n<> y:\n    z")
# What was read as a value behind a value already is not looked at for mistakes again.
refuse(
    'f(f"{c}" await c)', '["[" + "".join(f"{c}" await c) + "]" for x in y]', '["[" + "".join(c d) + "]" for x in y]',
    "for numbers win([1, 2if 2, 3]): pass", "numbers win([1, 2if 2, 3])", "f(a.b~(c=1, d=2), 5)", "f~(d=1)",
    "df f(b=1, c)", "x = (df f(b=1, c))", "f(b=1, c)", "df f(x for x in y, 1)", "match ('q' + (print * 0)):\n    b = {'a'['b':::-1]: 1}",
)
# Templates and other strings.
refuse(
    "print(b'a' + t'' '')", "print(type(b'a' + t'' '')", "x = b'a' t''", "b'a' + t'' ''", "t'' ''", "f('' '' t'' t'')", "f(t'' t'' '' '')",
    "f(t'' '' t'')", "f('' t'' '')", "f(f'' t'' '')", "f(b'' '' t'')", "f('\\N{' t'')", "f(b'\xe9' '')", "f(t'''{ + t'' '')",
)
# The end of what reaches over lines is measured in the first of them, in bytes.
refuse('f("\xe9\u20ac", 1\n             "abcdefgh" "i" [2])', "f(abc\n  def)", 'f("\xe9\xe9\xe9\xe9" if\n  1 2)')
# Names that are declared twice; arguments named twice.
refuse(
    "def f(a):\n    def g():\n        global a\n        nonlocal a\n    nonlocal a\n", "def f(a):\n    def g():\n        nonlocal a\n        global a\n",
    "def f(a):\n    def h():\n        nonlocal b\n    def g():\n        nonlocal a\n        global a\n",
    "def f(a):\n    def g():\n        nonlocal a\n        global a\n        x = 1\n        global x\n",
    "def f(others, *rest, **others): pass", "def f(others, * others: int): pass", "lambda others, ** others: 5", "def f(others, /, others=5): pass",
)
# A backslash in front of what is not ASCII is no escape.
for text in '"\\\xe9"', '"\\\u200b"', '"\\d"', 'f"\\\xe9"':
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        compile(text, "<text>", "exec")
    print(ascii(text), len(told))
