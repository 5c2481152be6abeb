"""What literals are warned of, in order, also in front of an error; and the error, with its text, where warnings are errors."""
import io
import tokenize
import warnings

BODIES = [r"\d", r"a\d", "a\n\\d", "\\\n\\d", r"\\\d", r"\}", r"\}}", r"\{{", r"\{x}", r"{x}\}}", r"{x}\w", r"{x:\d}", r"{x:\}", r"{x:\}}",
          r"{x:\{y}\}", r"{x:\{y}\}}", r"{x!r:\d\}}", r"{x:{y:\d}}", r"\d{x}\}}\w", r"\}} \{x} \}}", "\xe9\\d", r"\400", r"\777\}}", "\\\xe9",
          "a\\}}\n\\}}\\{y}"]
OTHERS = ["f'{f\"\\w\"}'", "f'\\d' '\\w'", "'\\d' f'\\w'", "f'{x}' '\\w' f'\\}}'", "(\n 'a'\n f'\\w'\n)", "\xe9 = f'\\d' + 'some more'",
          "b'''\n\\d'''", "u'\\d'", "'\\d' 1 2", "f'\\d' 1 2", "f'\\{x}' 1 2", "x = '\\d'\nx = 1 2", "x = 1 2\nx = '\\d'", "f('\\d' x)",
          "f(x '\\d')", "def f('\\d'): pass", "'\\d' = 1", "for '\\d' in x: pass", "print '\\d'", "1if x else 2 3", "0xfor x",
          "1jif x else 2", "[1for x in y]", "class A:\n  x = '\\d'\n y", "1 is 1\nreturn", "return\n1 is 1", "assert (1, 2)\n1 2",
          "x = '\\d'\nnonlocal x", "'\\d'\nx = (", "try: pass\nfinally:\n  def f(): break",
          "try: pass\nfinally:\n  for x in y:\n    def f(): break", "try: pass\nfinally:\n  class A: break",
          "for x in y:\n  try: pass\n  finally:\n    def f(): return 1\n    break", "def f():\n  try: pass\n  finally: return 1",
          "(a b <> c)", "a <> b", "a b <> c", "print a <> b", "(a\n b c\n)", "x = [1,\n2", "(a +\n 1) = 2"]


def show(text):
    print(ascii(text))
    for action in "always", "error":
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter(action)
            try:
                compile(text, "<text>", "exec")
            except SyntaxError as error:
                print(" ", type(error).__name__, ascii(error.args))
        for warning in caught:
            print(" ", warning.category.__name__, ascii(str(warning.message)), warning.lineno)


for body in BODIES:
    for prefix in "", "b", "f", "t":
        show(f"{prefix}'''{body}'''")
for body in BODIES:
    if "\n" not in body:
        show(f"f'{body}' + 1000000")
for text in OTHERS:
    show(text)

# The tokens of a text: those that mean nothing come with a warning of the braces, but not of numbers.
for text in "f'\\}}'", "f'\\{x}' 1if x else 2", "'\\d'":
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    print([token.string for token in tokens], [str(warning.message)[:4] for warning in caught])

# A carriage return alone belongs to the token behind it.
for text in "a\rb\n", "(a\r,1)\n", "x = '\r'\n", "if x:\r  a\n", "f(\r)\n", "a\r'b'\n":
    tokens = tokenize.generate_tokens(iter([text, ""]).__next__)
    print([(token.type, token.string, token.end) for token in tokens])
