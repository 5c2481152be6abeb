# What literals that are compared, called and indexed are warned of, in the order in which code is made; and what is warned of in front of an
# error. The body of a finally block is warned of once for each way to reach it but that of an exception.
import ast
import warnings

warnings.simplefilter("always")
heard = []
warnings.showwarning = lambda message, category, filename, line, *rest: heard.append((line, str(message)[:52]))
texts = (
    "x[A] = B", "x[A] += B", "x[A]: B = C", "for x[A] in B: C\nelse: D", "with A as x[B], C as y[D]: pass", "[A for x in B if C]",
    "{A: B for x in C if D}", "{A: B, C: D}", "{A, B}", "f(A, *B, k=C, **D)", "A if B else C", "def f(a=A, *, b=B) -> C: D",
    "@A\n@B\nclass X(C, k=D): 1 is q", "lambda a=A: B", "del x[A], x[B]", "assert A, B", "raise A from B", "A; B", "while A: B\nelse: C",
    "if A: B\nelif C: D", "try: A\nexcept B: C\nelse: D\nfinally: 1 is z", "x = y[A] = B", "(x := A)", "f'{A:{B}} {C}'", "t'{A:{B}} {C}'",
    "match A:\n case x if B: C\n case 1: D", "x[A:B:C]", "A < B < C", "A and B or C", "not A", "type X[T: A = B] = C", "def f[T: A](x: B): C",
    "class X[T: A](B): C", "async def f():\n async for x[A] in B: C\n async with A as x[B]: await C", "[A for x[B] in C for y[D] in 1 is r]",
    "(A for x in B)", "print(A)(B)", "a.b(A).c(B)", "A()", "(A)[B]", "*x[A], y[B] = C", "x.y[A].z = B", "for *q in 3(): 4()", "*q, *r = 3()",
    "[3() for *x in 4()]", "with 3() as *x: 4()", "f(a=3(), a=4())", "class X(a=3(), a=4()): 5()", "def f(): return 3()\nreturn 4()\n5()",
    "x = 3(); break; 4()", "try: pass\nexcept: 3()\nexcept E: 4()", "def f():\n  3()\n  x: 1\n  nonlocal y", "while 0: 1 is a", "if 0: 1 is a",
    "0 and 1()", "1 or 2()", "def f():\n return\n 1()", "try: pass\nfinally: 1()", "while 1():\n  try: continue\n  finally: 2()",
    "def f():\n  for x in y:\n    try: return 1()\n    finally: 2()", "assert (A, B)", "assert ()", "if not A: pass", "if A and not B: pass",
    "x = not 1 is not 2", "while 1 is x is 2: pass", "'a' 'b' (1)", "[1](2)", "{1: 2}['a']", "{1}[2]", "None[0]", "...()", "b'a'['b']",
    "(x for x in y)[0]", "(lambda: 1)[0]", "(lambda: 1)()", "f'a'['b']", "'a'[1.5]", "[1]['a', 2]", "[1][1, 2]", "(1, 2)[(3)]", "t'a'()",
)
parts = {"A": "1 is a", "B": "2()", "C": "3[0]", "D": "4 is b"}
for text in texts:
    for name, part in parts.items():
        text = text.replace(name, part)
    heard.clear()
    try:
        compile(text, "<text>", "exec")
        said = "compiles"
    except SyntaxError as error:
        said = error.msg
    print(ascii(text), said, heard)
    heard.clear()
    try:
        tree = ast.parse(text)
        compile(tree, "<tree>", "exec")
    except SyntaxError as error:
        print("    as a tree:", error.msg, end=" ")
    print("    from its tree:", heard)
warnings.simplefilter("error")
for text in texts:
    for name, part in parts.items():
        text = text.replace(name, part)
    try:
        compile(text, "<text>", "exec")
    except SyntaxError as error:
        print(ascii(text), error.msg[:40], error.args[1:])
