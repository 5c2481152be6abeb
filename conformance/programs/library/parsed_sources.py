"""ast: parsing, dumping, walking, visiting, transforming, unparsing, literal_eval, compiling what was built, errors."""
import ast


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, getattr(error, "msg", error))


print(ast.dump(ast.parse("x = 1 + y"), indent=1))
print(ast.dump(ast.parse("f(a, *b, c=1)", mode="eval")), ast.dump(ast.parse("x: int"), annotate_fields=False), ast.dump(ast.parse("a.b[c]", mode="eval"), include_attributes=False))
tree = ast.parse("def f(a, /, b: int = 2, *c, d=3, **e) -> str:\n    'doc'\n    return lambda x: (yield)\n\nclass C[T](B, k=1):\n    @deco\n    async def g(self): await x\n")
print([type(node).__name__ for node in ast.walk(tree)])
print(ast.get_docstring(tree.body[0]), [arg.arg for arg in tree.body[0].args.kwonlyargs], tree.body[1].type_params[0].name, tree.body[0].lineno, tree.body[0].end_lineno, tree.body[0].col_offset)
for text in ("x = (1,)\ny, *z = a", "if a:\n    b\nelif c:\n    d\nelse:\n    e", "for i, j in x:\n    pass\nelse:\n    break", "with a as b, c:\n    pass", "try:\n    a\nexcept* B as c:\n    d\nfinally:\n    e", "match x:\n    case [1, *_] | {'a': b, **c} if d:\n        pass\n    case P(x, y=1) as q:\n        pass",
             "f'{a!r:>{b}} {{}} {c=}'", "t'{a}'", "lambda a, *b, c=1, **d: a if b else c", "[a for b in c if d async for e in f]", "-(a + b) * c ** -d", "not (a and b) or c", "x[1:2, ::3]", "global a, b", "from .. import a as b, c", "import a.b as c", "raise A from b", "del a[0], b.c", "assert a, b", "async def f():\n    async with a as b:\n        return await c", "type X[T: int, *Ts, **P] = list[T]", "a < b <= c is not d not in e", "(a := 1)", "print(*a, **b)", "b'x\\x00' 'y'" if 0 else "b'x\\x00'", "'it\\'s \"q\"'", "1_000 + 0x10 + 1e5 + 2j", "...", "x: int = 1", "{**a, 'b': {c}}", "a @ b\na @= b"):
    print(ast.unparse(ast.parse(text)).replace("\n", "\\n"), end=" | ")
print()


class Names(ast.NodeVisitor):
    def __init__(self):
        self.found = []

    def visit_Name(self, node):
        self.found.append((node.id, type(node.ctx).__name__))
        self.generic_visit(node)


names = Names()
names.visit(ast.parse("a = b.c(d) + e[f]\ndel g"))
print(names.found)


class Double(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.BinOp(node, ast.Mult(), ast.Constant(2)), node)

    def visit_Pass(self, node):
        return None


changed = ast.fix_missing_locations(Double().visit(ast.parse("x = 1 + 2\npass\ny = x")))
space = {}
exec(compile(changed, "<changed>", "exec"), space)
print(ast.unparse(changed).replace("\n", "; "), space["x"], space["y"])
built = ast.Expression(ast.Call(ast.Name("max", ast.Load()), [ast.Constant(n) for n in (3, 9, 4)], []))
print(eval(compile(ast.fix_missing_locations(built), "<built>", "eval")))
print(eval(compile(ast.parse("1 + 1", mode="eval"), "", "eval")), ast.literal_eval("{'a': [1, -2.5, (3+4j)], b'x': {None, True}, 'c': set()}"), ast.literal_eval(" -5"))
for call in (lambda: ast.literal_eval("a"), lambda: ast.literal_eval("1 + 1"), lambda: ast.literal_eval("f()"), lambda: ast.literal_eval("[1"), lambda: ast.literal_eval("'a' 'b' + 'c'"), lambda: compile(ast.Expression(ast.Name("x")), "", "eval"), lambda: compile(ast.Module([ast.Return(lineno=1, col_offset=0)], []), "", "exec"), lambda: compile(ast.Module([5], []), "", "exec"), lambda: compile(ast.parse("1"), "", "eval"), lambda: compile(ast.Expression(ast.Constant([1]), lineno=1), "", "eval"), lambda: ast.parse("x ="), lambda: ast.parse("x", mode="nope"), lambda: ast.Name(1, 2, 3, 4), lambda: ast.unparse(ast.BinOp(1, 2, 3)), lambda: ast.parse("match = 1", feature_version=(3, 8)), lambda: ast.get_docstring(ast.Constant(1))):
    attempt(call)
node = ast.parse("(a,\n b)").body[0].value
print(ast.get_source_segment("(a,\n b)", node), node._fields, node._attributes, ast.Name._field_types, ast.iter_fields(node).__next__()[0], [n.id for n in ast.iter_child_nodes(node) if isinstance(n, ast.Name)], isinstance(ast.Constant(1), ast.expr), ast.compare(ast.parse("a+b"), ast.parse("a + b")))
print(ast.PyCF_ONLY_AST, compile("1", "", "eval", ast.PyCF_ONLY_AST).__class__.__name__, repr(ast.Name("x", ast.Load())), ast.Add() == ast.Add(), ast.increment_lineno(ast.parse("x"), 5).body[0].lineno)
