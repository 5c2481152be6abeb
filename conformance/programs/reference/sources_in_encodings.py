"""Sources as bytes: which encoding they declare, and what is wrong with them."""
import codecs


def tried(what, source, filename="<bytes>"):
    space = {}
    try:
        exec(compile(source, filename, "exec"), space)
        print(what, "->", ascii(space.get("x")))
    except (SyntaxError, ValueError, TypeError) as error:
        print(what, "!!", type(error).__name__, ascii(getattr(error, "msg", str(error))), getattr(error, "lineno", None))


WORD = "na\u00efve \u20ac"
for encoding in ("utf-8", "iso-8859-15", "latin9", "cp1252", "iso8859-15", "ISO_8859-15"):
    tried(encoding, f"# -*- coding: {encoding} -*-\nx = '{WORD}'\n".encode(encoding))
for encoding, text in (("koi8-r", "\u044f\u0437\u044b\u043a"), ("cp437", "\u251c\u00f6"), ("mac-roman", "\u2020"), ("cp1251", "\u0436"),
                       ("latin-1", "\u00e9"), ("ascii", "plain")):
    tried(encoding, f"# coding: {encoding}\nx = '{text}'\n".encode(encoding))
tried("second line", "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\u20ac'".encode("cp1252"))
tried("third line", "#\n#\n# coding: cp1252\nx = '\u20ac'".encode("cp1252"))
tried("after code", "x = 1\n# coding: no-such-codec\n".encode())
tried("unknown", b"# coding: no-such-codec\nx = 1")
tried("no text", b"# coding: hex_codec\nx = 1")
tried("mark", codecs.BOM_UTF8 + "x = '\u00e9'".encode())
tried("mark and utf-8", codecs.BOM_UTF8 + "# coding: utf-8\nx = '\u00e9'".encode())
tried("mark and another", codecs.BOM_UTF8 + b"# coding: cp1252\nx = 1")
tried("ascii is not", "# coding: ascii\nx = '\u00e9'".encode())
tried("cp1252 is not", b"# coding: cp1252\nx = '\x81'")
tried("not declared", b"x = 1\ny = '\xe9'")
tried("declared, and is not", b"# coding: utf-8\nx = '\xe9'")
tried("cut short", b"x = '\xe2\x82'")
tried("null", b"x = 1\0")
tried("null in a codec", b"# coding: cp1252\nx = 1\0")
tried("bytearray", bytearray(b"x = 3"))
tried("memoryview", memoryview(b"x = 4"))
tried("carriage returns", b"# coding: cp1252\r\nx = '''\r\n'''\r\n")
tried("outside a function", "return '\u00e9'")
try:
    compile("return '\u00e9'", "<text>", "exec")
except SyntaxError as error:
    print(error.offset, error.end_offset, error.text)
print(eval("'\u00e9'".encode()), eval(b"# coding: latin-1\n'\xe9'"))
try:
    "\u1234".encode("cp1252")
except UnicodeEncodeError as error:
    print(error, error.__notes__)
try:
    codecs.decode(b"\xff", "utf-8")
except UnicodeDecodeError as error:
    print(error, error.__notes__)
