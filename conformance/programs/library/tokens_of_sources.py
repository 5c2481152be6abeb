"""tokenize, token, keyword and linecache: tokens of texts, round trips, errors, encodings."""
import io
import keyword
import linecache
import os
import tempfile
import token
import tokenize


def tokens(text):
    try:
        for t in tokenize.generate_tokens(io.StringIO(text).readline):
            yield t
    except (tokenize.TokenError, SyntaxError) as error:
        yield f"{type(error).__name__} {error.args[0]}"


def show(text):
    print(repr(text))
    print("  ", [f"{token.tok_name[t.type]}/{token.tok_name[t.exact_type]} {t.string!r} {t.start}-{t.end}" if not isinstance(t, str) else t for t in tokens(text)])


for text in ("x = 1", "def f(a):\n    return a  # note\n", "if x:\n  y\n  z\nw", "'''a\nb''' 'c'", "f'{a!r:>3} b'", "t'{x}'", "a := b ** -c // d @ e", "...", "x = (1,\n     2)\n\n\n# end\n", "a \\\n b", "0x1F 1_0 1.5e-3 2j", "é = 名", "$ ?", "\t x", "", "\n\n", "a;b", "rb'x' Rb\"y\"", "1if 2else 3", "->:=!=<<=...@=", "async def await_(): pass", "a\r\nb"):
    show(text)
source = "def f(a, *b):\n    if a:   # why\n        return [x for x in b]\n    return 'é'\n"
listed = list(tokens(source))
print(tokenize.untokenize(listed) == source, repr(tokenize.untokenize([(t.type, t.string) for t in listed])))
print(tokenize.detect_encoding(io.BytesIO(b"# coding: latin-1\nx").readline), tokenize.detect_encoding(io.BytesIO(b"\xef\xbb\xbfx").readline), tokenize.detect_encoding(io.BytesIO(b"x\n# coding: utf-8\n").readline), tokenize.detect_encoding(io.BytesIO(b"").readline))
for data in (b"# coding: nope\n", b"\xef\xbb\xbf# coding: latin-1\n", b"\xff\n"):
    try:
        tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        print(error)
print([t.string for t in tokenize.tokenize(io.BytesIO("x = 'é'".encode()).readline)], tokenize.untokenize(tokenize.tokenize(io.BytesIO(b"a  +  b\n").readline)))
try:
    tokenize.untokenize([(token.NAME, "a", (2, 0), (2, 1), ""), (token.NAME, "b", (1, 0), (1, 1), "")])
except ValueError as error:
    print(error)
print(token.ISEOF(token.ENDMARKER), token.ISTERMINAL(token.NAME), token.ISNONTERMINAL(300), token.EXACT_TOKEN_TYPES["->"] == token.RARROW, tokenize.tok_name[tokenize.COMMENT], len(keyword.kwlist))
path = os.path.join(tempfile.mkdtemp(), "lines.py")
with open(path, "w") as file:
    file.write("one\ntwo\nthree")
print(linecache.getline(path, 2), linecache.getlines(path), repr(linecache.getline(path, 99)), repr(linecache.getline("nothing.py", 1)), linecache.getline(path, 3), end="")
with open(path, "w") as file:
    file.write("changed, and longer\n")
linecache.checkcache(path)
print(linecache.getline(path, 1), end="")
linecache.cache["<made>"] = (5, None, ["made\n"], "<made>")
print(linecache.getline("<made>", 1), end="")
linecache.clearcache()
print(linecache.getlines("<made>"))
with tokenize.open(path) as file:
    print(file.encoding, file.read(), end="")
