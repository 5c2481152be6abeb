"""Syntax trees: from text to nodes, back to text, and from nodes to code."""

import ast

source = """
@cache
async def f(a, /, b: int = 1, *c, d=2, **e) -> str:
    "Documentation."
    async with x as y, z: await w
    for i, *j in k: continue
    else: pass
    return f'{a!r:>{b}} {c=}', [p async for p in q]
match m:
    case {1: a, **r} if e: del a[1:2, ...]
    case A(b, c=[1 | -2.5, *_]) | [b]: pass
try: raise X from y
except* (A, B) as e: x: int = -1 ** 2 if not a < b <= c else {**d, 'k': e}
finally: type T[U: int, *V] = lambda *a, k=b'1': g(i for i in j)
"""
tree = ast.parse(source)
print(ast.dump(tree, include_attributes=True))
print(ast.unparse(tree))
compile(tree, "<tree>", "exec")
print(repr(tree), tree.body[0].args.vararg.lineno, tree.body[0].args.vararg.col_offset)


class Doubler(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value * 2), node)


tree = Doubler().visit(ast.parse("total = 20 + 1\nprint(total, 'ab')\n1 / (total - 42)"))
try:
    exec(compile(tree, "<tree>", "exec"))
except ZeroDivisionError as error:
    print(error, error.__traceback__.tb_next.tb_lineno)
tree = ast.parse("total = 1\n\n(total /\n 0)")
try:
    exec(compile(tree, "<tree>", "exec"))
except ZeroDivisionError as error:
    print(error, error.__traceback__.tb_next.tb_lineno)

made = ast.Expression(ast.BinOp(ast.Constant(20), ast.Add(), ast.Name("x")))
print(eval(compile(ast.fix_missing_locations(made), "<tree>", "eval"), {"x": 22}))
print(ast.literal_eval("{'a': [1, 2.5, -3, (None, True, b'x', 1 + 2j)]}"))
print(ast.Name("a"), ast.Call._fields, ast.Call._field_types, ast.expr_context.__doc__)

here = dict(lineno=1, col_offset=0)
for root in (
    ast.Module([], []),
    ast.Expression(ast.Name("x")),
    ast.Expression(ast.Name("x", ast.Store(), **here)),
    ast.Expression(ast.Name("None", **here)),
    ast.Expression(ast.Constant([], **here)),
    ast.Expression(ast.Compare(ast.Name("x", **here), [], [], **here)),
    ast.Expression(ast.Name("x", lineno=2, col_offset=0, end_lineno=1)),
):
    try:
        compile(root, "<tree>", "eval")
    except Exception as error:
        print(type(error).__name__, error)
