# What comments tell of types, where `ast.parse` is asked to look: PEP 484.
import ast


def told(source, **more):
    try:
        tree = ast.parse(source, type_comments=True, **more)
    except SyntaxError as error:
        print('SyntaxError', error.args[0], repr(source))
        return
    found = []
    for node in ast.walk(tree):
        if getattr(node, 'type_comment', None) is not None:
            found.append((type(node).__name__, node.type_comment))
        if isinstance(node, ast.TypeIgnore):
            found.append(('ignore', node.lineno, node.tag))
    print(found, repr(source))


for source in [
    'x = 1 # type: int',
    'x = 1 #type: int',
    'x = 1 #   type:   int  ',
    'x = 1 # type : int',
    'x = 1 # Type: int',
    'x = 1 # type:int',
    'x = 1\t#\ttype:\tint\t# more',
    'x = 1 # type: ignore',
    'x = 1 # type: ignore[a, b]',
    'x = 1 # type: ignored',
    'x = 1 # type: ignore2',
    'x = 1 # type: ignore é',
    'x=1 # type: ignoreé',
    'x = 1 # type: ignore # c',
    '# type: ignore\nx=1',
    '  # type: ignore\nx=1\n# type: ignore<1>',
    'x: int = 1 # type: int',
    'pass # type: int',
    'x # type: int',
    'x += 1 # type: int',
    'return_ # type: int',
    '# type: int\nx=1',
    'x=1\n# type: int',
    'x=1\n# type: int\ny=2',
    'x = (1, # type: int\n 2)',
    'x = [ # type: int\n]',
    'f(a, # type: int\n b)',
    'x = 1 # type: int # type: ignore',
    'x = y = z = 1 # type: int',
    'x = yield # type: int',
    'x = 1; y = 2 # type: int',
    'x = 1 # type: int\n\n',
    'for x in y: # type: int\n  pass',
    'for x in y: pass # type: int',
    'for x in y: # type: int\n  pass\nelse: # type: int\n  pass',
    'async def f():\n  async for x in y: # type: int\n    pass\n  async with a: # type: int\n    pass',
    'with a: # type: int\n  pass',
    'with (a as b): # type: int\n  pass',
    'with (a, b): # type: int\n  pass',
    'with a, b: # type: int\n  pass',
    'with (a, # type: int\n b): # type: int\n  pass',
    'while x: # type: int\n  pass',
    'if x: # type: int\n  pass',
    'class C: # type: int\n  pass',
    'try: # type: int\n  pass\nfinally:\n  pass',
    'def f(): # type: () -> int\n  pass',
    'def f():\n  # type: () -> int\n  pass',
    'def f(): # type: () -> int\n  # type: () -> str\n  pass',
    'def f():\n  # comment\n  # type: () -> int\n  pass',
    'def f():\n  # type: () -> int\n\n  pass',
    'def f():\n  pass\n  # type: () -> int',
    'def f():\n  # type: ignore\n  pass',
    'def f(): # type: ignore\n  # type: () -> int\n  pass',
    'def f(): pass # type: () -> int',
    'def f():\n  # type: () -> int\n  """doc"""',
    'def f(): pass # type: ignore',
    'def f():\n# type: () -> int\n  pass',
    'def f(a, # type: int\n  b # type: str\n ): pass',
    'def f(a, # type: int\n  *, # type: X\n  b, # type: str\n **k # type: K\n ): pass',
    'def f(a, /, # type: int\n b): pass',
    'def f(a=1, # type: int\n b=2 # type: str\n):\n pass',
    'def f(*a, # type: int\n b): pass',
    'def f(*, # type: int\n b): pass',
    'def f( # type: int\n b): pass',
    'def f(a # type: int\n , b): pass',
    'def f(a, b): # type: (int, str) -> None\n pass',
    'def f(a: # type: int\n int): pass',
    'def f(a): pass\nx = f(1) # type: int',
    'lambda a, # type: int\n b: 1',
    'x = lambda: 1 # type: int',
    'x = 1 \\\n # type: int',
    '@d # type: int\ndef f(): pass',
    'import a # type: int',
    'del x # type: int',
    'match x: # type: int\n  case 1: pass',
    'x = f"""\n # type: int\n"""',
    'x = """# type: int"""',
    'if 1:\n  x = 1 # type: int\n',
    'x = 1 # type: int\n# type: ignore',
    'def f(a, *args, # type: int\n **kw): # type: (...) -> None\n pass',
    'def f(a # type: int\n): pass',
    'def f(a, # type: int\n): pass',
    'async def f(): # type: () -> int\n  pass',
    'x = 1 # type: ',
    'x = 1 # type:',
    'x=1 # type: ignore[]  ',
    'for x in y: # type: ignore\n  pass',
    'type X = int # type: int',
    'x = 1 # type: int\r\ny = 2 # type: str\r\n',
]:
    told(source)

told('(int) -> str', mode='func_type')
told('x # type: int', mode='eval')
told('x = 1 # type: int', mode='single')
told('def f(): # type: () -> int\n  pass\n', mode='single')
told('for x in y: # type: ignore\n  pass\n', feature_version=(3, 5))
told('x = 1 # type: int', feature_version=(3, 7))
for source in 'x = 1 # type: int', 'pass # type: int':
    print(ast.dump(ast.parse(source)))
tree = ast.parse('x = 1 # type: ignore[a]\n# type: ignore\ndef f(a, # type: int\n b): # type: (...) -> int\n  for i in a: # type: str\n    with a: # type: bool\n      pass\n', type_comments=True)
print(ast.unparse(tree))
print(ast.dump(tree.type_ignores[0], include_attributes=True))
namespace = {}
exec(compile(tree, 'tree', 'exec'), namespace)
print(namespace['x'], namespace['f'].__code__.co_varnames)
print(ast.dump(compile('x = 1 # type: int', 'source', 'exec', ast.PyCF_TYPE_COMMENTS | ast.PyCF_ONLY_AST)))

# The comment of a function is a text of its own.
for source in [
    '() -> int', '(int, *str, **Any) -> list[str]', '(**k) -> x', '(\n a,\n b\n) -> (\n c)\n',
    "('a:=b', f'{x:>{y}}') -> 'yield'", '(lambda a, b: a, c) -> lambda *x: x', '(a if b else c) -> d if e else f',
    '(é, b) -> ü', '(int,) -> int', '(*str, int) -> x', '(**k, *a) -> x', '(a, **k,) -> x', '(*a, *b) -> x', '(a=1) -> x',
    '(a for a in b) -> x', '(a := 1) -> x', '() -> a, b', '() -> *x', '(yield) -> x', 'int -> x', '(a, -> b', '() -> x;',
    '() - > x',
]:
    try:
        print(ast.dump(ast.parse(source, mode='func_type'), include_attributes=True))
    except SyntaxError as error:
        print(error.args, repr(source))
