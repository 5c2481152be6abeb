"""Line structure: logical lines, joining, comments, encoding declarations, blank lines, indentation and its errors."""


def said(source, mode="exec"):
    try:
        code = compile(source, "<text>", mode)
    except SyntaxError as error:
        print(type(error).__name__, "|", error.msg, "|", error.lineno, error.offset)
    except ValueError as error:
        print(type(error).__name__, "|", error)
    else:
        space = {}
        exec(code, space)
        print({name: value for name, value in space.items() if name != "__builtins__"})


print("joined")
said("x = 1 + \\\n    2")
said("x = [1,\n\n  # a comment\n     2]\ny = (3\n+ 4)")
said("x = 1 + \\ \n 2")
said("x = 1 \\")
said("x = '''a\nb\\\nc'''")
said("x = 1; y = 2;")
said("x = 1;; y = 2")
said("# only a comment")
said("")
said("\n\n   \n\t\n")
said("x = 1 # c\\\ny = 2")

print("ends of lines")
said("x = 1\r\ny = 2\rz = 3\n")
said("x = '''a\r\nb\rc'''")
said("if 1:\r\n  x = 1\r\n")
said("x = 1\x0cy = 2")
said("\x0cx = 1")

print("indentation")
said("if 1:\nx = 1")
said("if 1:\n    x = 1\n  y = 2")
said("if 1:\n    x = 1\n      y = 2")
said("  x = 1")
said("if 1:\n\tx = 1\n        y = 2")
said("if 1:\n        x = 1\n\ty = 2")
said("if 1:\n  if 1:\n\tx = 2")
said("if 1: x = 1\nelse: x = 2")
said("if 1: if 2: x = 1")
said("def f():\n    '''doc'''\n\n# left\n    x = 1\n    return x\ny = f()\ndel f")
said("class C:\n    # nothing")
said("try:\n    pass\nx = 1")
said("while 0:\n    pass\n  # odd comment\nelse:\n    x = 'else'")
said("for i in ():\n")
said("with 1 as x:\n")
said("match 1:\n  case 1:\n  x = 1")
said("match 1:\nx = 1")

print("encodings")
said(b"# -*- coding: latin-1 -*-\nx = '\xe9'")
said(b"#!/bin/sh\n# vim: set fileencoding=iso-8859-1 :\nx = '\xa4'")
said(b"\n\n# coding: latin-1\nx = '\xe9'")
said(b"# coding: nothing-known\nx = 1")
said(b"\xef\xbb\xbfx = 'bom'")
said(b"\xef\xbb\xbf# coding: latin-1\nx = 1")
said(b"x = '\xff'")
said("# coding: latin-1\nx = 'é'")
said(b"# coding: utf-8\nx = '\xc3\xa9'")

print("brackets")
for text in ("(", "[1, 2", "{1: 2", ")", "(]", "f(1,\n2", "x = [\n1,\n", "((1)", "{'a': [}", "'abc", '"abc\n"', "'''abc", "f'{", "f'{a'", "b'é'", "x = $", "x = ?", "x = 1 ! 2", "a ` b"):
    said(text)

print("nothing but null")
said("x = 1\0")
said(b"x = '\0'")
said("pass\n" * 3 + "x = 1 +")
