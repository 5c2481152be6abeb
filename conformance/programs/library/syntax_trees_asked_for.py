"""Trees as `compile` is asked for them: optimized, of an older grammar, from other trees; and texts typed at a prompt."""
import ast

FORMATS = ["'%s' % (a,)", "'%-5s|%5r|%05s|%.3a|%+s' % (a, b, c, d, e)", "'%d' % (a,)", "'%s' % (a, b)", "'a%%b%s' % (a,)", "'%%' % ()",
           "'' % ()", "'%s%s' % (*a,)", "'%10.20s' % (a,)", "'%100s' % (a,)", "'%(a)s' % (a,)", "'%' % (a,)", "'%s' % a",
           "b'%s' % (a,)", "'%.s' % (a,)", "'%s' % (f'{x}',)", "'x' 'y%s' % (a,)", "'%5%' % ()", "'%*s' % (a, b)"]
BODIES = ["'doc'", "'doc'\nx", "def f():\n 'doc'", "def f():\n 'doc'\n 'two'", "class A:\n 'doc'", "async def f(): 'doc'",
          "def f():\n f'doc'", "x = 1\n'doc'", "def f():\n 'a' 'b'\n 1", "__debug__", "x.__debug__", "f'{__debug__}'", "1 + 2", "-1"]
PATTERNS = ["-0", "-1", "1+2j", "-1-2j", "1.5-2j", "-1.5", "a.b", "'a' 'b'", "{-1: x, 1+2j: y}", "[-1, *_]", "-1 | -2", "A(-1, x=-2)", "None"]

print("--- optimized")
for text in FORMATS:
    print(text, "=>", ast.dump(ast.parse(text, optimize=1).body[0].value))
print(ast.dump(ast.parse("'x%5sy' % (abc,)", optimize=1), include_attributes=True))
for text in BODIES:
    for level in 1, 2:
        print(level, ascii(text), ast.dump(ast.parse(text, optimize=level)))
print(ast.dump(ast.parse("def f():\n 'doc'", optimize=2), include_attributes=True))
for pattern in PATTERNS:
    tree = ast.parse(f"match a:\n case {pattern}: pass", optimize=1)
    print(pattern, "=>", ast.dump(tree.body[0].cases[0].pattern))
print(ast.dump(compile("__debug__", "f", "eval", ast.PyCF_OPTIMIZED_AST, optimize=0)))
tree = ast.parse("'doc'\n__debug__")
print(ast.dump(ast.parse(tree, optimize=1)), ast.dump(tree))

print("--- of older grammars")
TEXTS = ["x: int = 1", "a @ b", "async def f(): pass", "def f(a, /): pass", "lambda a, /: 1", "async def f():\n async for x in y: pass",
         "async def f():\n async with x: pass", "async def f():\n await x", "async def f():\n return [x async for x in y]",
         "try: pass\nexcept* A: pass", "try: pass\nexcept A, B: pass", "try: pass\nexcept (A, B): pass", "match a:\n case 1: pass",
         "type A = int", "def f[T](): pass", "class A[T]: pass", "def f[T=int](): pass", "(a := 1)", "f(a:=1)", "1_000", "f'{x}'",
         "t'{x}'", "a[*b]", "with (a, b): pass"]
for text in TEXTS:
    said = "always there"
    for version in range(3, 15):
        try:
            compile(text, "f", "exec", ast.PyCF_ONLY_AST, _feature_version=version)
            break
        except SyntaxError as error:
            said = f"{error.msg}, line {error.lineno}"
    print(ascii(text), version, said)
compile("(a := 1)", "f", "exec", _feature_version=3)

print("--- from nodes")


def tried(tree, mode="exec"):
    try:
        compile(ast.fix_missing_locations(tree), "f", mode)
        return "compiled"
    except (TypeError, ValueError, SyntaxError) as error:
        return f"{type(error).__name__}: {error}"


def matched(pattern):
    case = ast.match_case(pattern=pattern, body=[ast.Pass()])
    return tried(ast.Module([ast.Match(ast.Name("x"), [case])], []))


def attribute(first, second):
    return ast.Attribute(ast.Attribute(ast.Name("x", first), "y", second), "z")


load, store = ast.Load(), ast.Store()
print(matched(ast.MatchValue(attribute(store, load))), matched(ast.MatchValue(attribute(load, store))))
print(matched(ast.MatchValue(ast.Constant(True))), matched(ast.MatchMapping([ast.Constant(True)], [ast.MatchAs()])))
print(matched(ast.MatchMapping([], [], rest="_")), matched(ast.MatchClass(attribute(store, load), [], [], [])))
for kind in ast.ListComp, ast.SetComp, ast.GeneratorExp:
    print(tried(ast.Expression(kind(ast.Name("x", store), [])), "eval"))
stored = [ast.arg("x", ast.Name("x", store))]
for given in dict(kwonlyargs=stored), dict(args=stored, defaults=[ast.Constant(1)] * 2), dict(kwonlyargs=[ast.arg("x")]):
    print(tried(ast.Expression(ast.Lambda(ast.arguments(**given), ast.Constant(1))), "eval"))
for value in ast.Constant(1), ast.Expression(ast.Constant(1)):
    for optimize in -1, 1:
        try:
            ast.parse(value, optimize=optimize)
        except TypeError as error:
            print(error)
kind = ast.parse("(int) -> str", mode="func_type")
print(ast.dump(ast.parse(kind, mode="func_type")))

print("--- typed at a prompt")
TYPED = ["def f(): pass", "class C: pass", "if 1: pass", "if 1:\n pass", "if 1:\n pass\n", "if 1: pass\n", "for x in y: pass",
         "try: pass\nexcept: pass", "match a:\n case 1: pass", "@a\ndef f(): pass", "x = 1", "pass;", "def f(): pass # said",
         "def f(): pass\n# said", "if 1: pass\nelse: pass", "if 1: pass\nelse: pass\n", "if 1:\n if 2: pass", "def f():\n  '''a\n'''",
         "while 1: pass", "with a: pass", "async def f(): pass", "class C: pass;"]
for text in TYPED:
    said = []
    for flags in 0, 0x200, 0x4000, 0x4200:
        try:
            compile(text, "f", "single", flags)
            said.append("fine")
        except SyntaxError as error:
            said.append(f"{error.msg} {error.lineno} {error.offset}")
    print(ascii(text), said)

print("--- what compiling nodes warns of")
import warnings  # noqa: E402

TEXT = "def f():\n try: pass\n finally: return 1\n1 is 1\nassert (1, 2)\n[1]()\n'\\d'"
for optimize in -1, 1:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tree = ast.parse(TEXT, optimize=optimize)
    print([(str(warning.message), warning.lineno) for warning in caught])
    for action in "always", "error":
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter(action)
            try:
                compile(tree, "f", "exec")
            except SyntaxError as error:
                print(error.args)
        print([(str(warning.message), warning.lineno, warning.filename) for warning in caught])
