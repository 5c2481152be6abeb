# How a text ends that is one statement, or one expression: without a newline a block that is not indented does not, and a line of spaces is
# an indentation.
starts = ("f(a\n b =", "{a b\n\nc", "(a b)", "f(a b", "[a 'b'", "def f(): pass", "def f():\n  pass", "class C:\n  x = 1\n", "if a: b", "if a:\n  b\nelse:\n  c", "x = 1", "x", "x; y", "# c", "", "\n", "try:\n", "with a:")
ends = ("", "\n", "\n\n", "\n  ", "\n\t", " ", "  # c", "\n# c", "\n  # c", "\n#\n", "\ny", "\n\n  ", "\\", ";")
for start in starts:
    for end in ends:
        for mode in ("single", "eval", "exec"):
            try:
                compile(start + end, "<text>", mode)
                print(ascii(start + end), mode, "compiles")
            except SyntaxError as error:
                print(ascii(start + end), mode, type(error).__name__, error.args)
import codeop

for start in starts[5:]:
    for end in ends:
        try:
            print(ascii(start + end), codeop.compile_command(start + end) is not None)
        except SyntaxError as error:
            print(ascii(start + end), type(error).__name__, error.args)
