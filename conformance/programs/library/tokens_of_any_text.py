# The tokens of texts that may be anything: what is in them is chosen by a generator of numbers of its own.
import _tokenize
import io
import tokenize
import warnings

warnings.simplefilter("always")
warnings.showwarning = lambda message, category, filename, line, *rest: print("    warned:", category.__name__, line, message)


class Numbers:
    def __init__(self, seed):
        self.state = seed * 2654435761 % 2**32 or 1

    def below(self, limit):
        self.state ^= self.state << 13 & 0xFFFFFFFF
        self.state ^= self.state >> 17
        self.state ^= self.state << 5 & 0xFFFFFFFF
        return self.state % limit


PIECES = (
    "a", "b c", "(", ")", "[", "]", "{", "}", "\n", "\n", "\n", "\r\n", " ", "  ", "\t", "\x0c", "#", "# c", "# é", "\\", "\\\n", "'", '"', "'''",
    "f'", 'f"', "t'", "f'''", 'rf"', "{{", "}}", "\\N{", "\\{", "!", "!r", "$", "?", "`", "=", "==", ":", "::", ":=", "->", "...", "..", "0", "1",
    "12", "0x1", "1e5", "1_0", "0b1", "1j", "if", "1if", "1a", "é", "ñb", "€", "\u200b", "\x01", "\x7f", "try:\n", "if x:\n", "  y\n", " z\n",
    "\tq\n", "lambda", "async", "b'x'", "u'x'", "rb''", "ub'", "\\x", "<>", "!=", "**=", "//", "@", ";", ",", ".", "x.y", "\xa0", "𝒳", "007",
)


def show(text, extra):
    try:
        for token in _tokenize.TokenizerIter(io.StringIO(text).readline, extra_tokens=extra):
            print("   ", token)
    except SyntaxError as error:
        print("   ", type(error).__name__, error.args, error.filename, error.lineno, error.offset, error.end_lineno, error.end_offset, ascii(error.text))


for seed in range(1, 220):
    numbers = Numbers(seed)
    text = "".join(PIECES[numbers.below(len(PIECES))] for _ in range(1 + numbers.below(12)))
    print(ascii(text))
    show(text, extra=True)
    if seed % 4 == 0:
        print("  as the parser has them")
        show(text, extra=False)

# Lines without an end, lone carriage returns, and lines that fail.
for text in ("a\rb\n", "(a\r,1)\r\n", "#c\rb\r\n", "x = '\r'\n", "a\r(\n)", "a\\\r\nb", "'a\\\r\nb'", "f'a\\\r\n{b}'", "if a:\r\n  b\r\n\r\n#c\r\nd"):
    print(ascii(text))
    show(text, extra=True)
for chunks in (["a = 1", "b\n"], ["if x:", " y", "z"], ["(", ")"], ["'''a", "b'''"], [], [""], ["\n", "", "never"]):
    print(chunks, list(_tokenize.TokenizerIter(iter(chunks).__next__, extra_tokens=True)))


def lines(failing):
    yield "if a:\n"
    yield "  (b\n"
    yield "  )\n"
    raise failing


for failing in (ValueError("no line"), KeyError("none"), StopIteration()):
    tokens = tokenize.generate_tokens(lines(failing).__next__)
    try:
        for token in tokens:
            print(token.string.__repr__(), end=" ")
    except Exception as error:
        print(type(error).__name__, error)
data = io.BytesIO(b"# coding: utf-8\na = 'b'\nc = '\xff'\nd\n")
try:
    for token in tokenize.tokenize(data.readline):
        print(token.string.__repr__(), end=" ")
except Exception as error:
    print(type(error).__name__, error)
for wrong in ((b"a\n",), ("a\n", 5), (None,)):
    try:
        print(list(_tokenize.TokenizerIter(iter(wrong).__next__, extra_tokens=True)))
    except Exception as error:
        print(type(error).__name__, error)
for source in ("'\\{'", "f'\\{a}'", "1if x else y", "0x1for x in y"):
    for extra in (True, False):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            show(source, extra)
