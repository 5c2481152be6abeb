"""Simple statements: assignment of all kinds, augmented and annotated, assert, del, pass, return, break, continue, and their errors."""


def said(source):
    space = {}
    try:
        exec(compile(source, "<text>", "exec"), space)
    except SyntaxError as error:
        print(source.replace("\n", "\\n"), "|", error.msg, "|", error.lineno, error.offset)
    except BaseException as error:
        print(source.replace("\n", "\\n"), "|", type(error).__name__, error)
    else:
        for name in [name for name, value in space.items() if name.startswith("__") or callable(value)]:
            del space[name]
        print(source.replace("\n", "\\n"), "->", space)


print("assignment")
for text in ("a = b = 1", "a, b = 1, 2", "(a, b), c = 'xy', 3", "[a, *b] = 'xyz'", "*a, = ()", "a, *b, c = 1, 2", "a, (b, *c), *d = 1, 'xyz', 4", "a, b = 1", "a, b = ()", "a, b = 'xyz'", "a, *b = ()", "*a, *b = 1", "*a = 1", "(*a) = 1", "a, b, *c = 1,",
             "() = []", "[] = ''", "() = 1", "() = [1]", "a = *[1], 2", "a = *1,", "a = yield_ = 1", "a = (b := 2)", "a := 1", "(a := 1)", "1 = a", "a + 1 = 2", "f() = 1", "None = 1", "a.None = 1", "'a' = 1", "f'{a}' = 1", "[a, 1] = 1, 2", "(a, b) += 1", "[a] += 1", "a = b += 1", "a if b else c = 1", "lambda: a = 1", "a == b = 1", "a < b = 1", "not a = 1", "-a = 1", "(a for a in b) = 1", "{a} = 1", "{a: b} = 1", "... = 1", "__debug__ = 1", "a, __debug__ = 1, 2", "True, a = 1, 2", "(a, b) = c, d = 'xy'", "x = x"):
    said(text)

print("augmented")
for text in ("a = 1\na += 1", "a = [1]\nb = a\na += 'x'\n", "a = (1,)\na += [2]", "a = ([],)\na[0] += [1]", "a = 'x'\na *= 3", "a += 1", "a = 5\na **= 2\na //= 3\na <<= 2\na |= 1\na ^= 3\na &= 14\na %= 5\na -= 1\na >>= 1\na /= 2", "a = 1\na @= 2", "1 += 1", "f() += 1", "a = b = {1}\na |= {2}", "a = {}\na |= [(1, 2)]", "a = []\na -= []", "def f():\n  x += 1\nf()", "a = 1\na += yes", "a+ =1", "a =+ 1", "a++"):
    said(text)

print("annotated")
for text in ("a: int = 1", "a: int", "(a): int = 1", "a.b: int", "a = {}\na['k']: int = 2", "a, b: int = 1", "[a]: int", "(a, b): int", "a: int += 1", "f(): int", "1: int", "a: undefined = 3", "a: int = *[1], 2", "a: int = yield_ = 2", "a: (yield)", "def f(): x: int; return x\nf()", "def f(): global a; a: int = 1", "a: b: int", "lambda: x: int", "a: int = b: int = 1"):
    said(text.replace("; return x", "\n  return x").replace("def f(): x: int\n", "def f():\n  x: int\n") if "return x" in text else text)

print("assert")
for text in ("assert 1", "assert 0", "assert 0, 'why'", "assert [], [1]", "assert 0, (1, 2)", "assert 0, None", "assert (0, 'always')", "assert", "assert 1,", "assert x := 1", "assert (x := 1)", "assert 0, 1, 2", "assert 1 if 0 else 0, 'c'", "import builtins\nAssertionError = ValueError\nassert 0, 'x'\n"):
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        said(text)

print("del")
for text in ("a = 1\ndel a", "del a", "a = b = 1\ndel a, b", "a = [1, 2, 3]\ndel a[0], a[0:1]", "a = b = 1\ndel (a, b)", "a = b = 1\ndel [a, (b)]", "del ()", "del", "del 1", "del a + b", "del f()", "del *a", "a = {}\ndel a['x']", "a = 1\ndel a.x", "a = 'x'\ndel a[0]", "del a,", "del (a for a in b)", "del None", "del a := 1", "del (a), [b", "del print", "del __debug__", "def f():\n  del x\nf()", "def f():\n  x = 1\n  del x\n  return x\nf()"):
    said(text)

print("where they may stand")
for text in ("return", "return 1", "class C: return 1", "break", "continue", "if 1: break", "while 0: break", "for i in (1, 2):\n  def f(): break", "while 1:\n  class C: break", "for i in (1,): continue\nelse: continue", "for i in (1,): pass\nelse: x = 1", "yield 1", "class C: yield 1", "class C:\n  x = [(yield) for _ in 'a']", "await x", "pass pass", "pass; pass", "global x", "nonlocal x", "def f():\n  nonlocal zz", "def f():\n  x = 1\n  global x", "def f(x):\n  global x", "def f(x):\n  nonlocal x", "def f():\n  print(x)\n  global x", "global x\nx = 1", "x = 1\nglobal x", "def f():\n  global x, x\n  x = 2\nf()", "from __future__ import nothing", "x = 1\nfrom __future__ import annotations", "'doc'\nfrom __future__ import annotations", "from __future__ import braces", "from x import *, y", "import a.b as c.d", "def f():\n  from os import *", "import", "from x import", "from x import ()", "from x import (a,)", "from x import a,", "import a as 1", "raise", "raise 1", "raise ValueError from 1", "raise ValueError, 1", "exec 'x'", "print 1", "print 'a', b"):
    said(text)
