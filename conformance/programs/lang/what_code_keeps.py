"""What code objects keep of a text: no functions that are never made, no place for what is only annotated, lines and columns."""
import traceback
import types
import warnings


def codes(code):
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from codes(constant)


def tell(text):
    print("---", *text.splitlines(), sep="\n    ")
    for code in codes(compile(text, "<text>", "exec")):
        lines = sorted({line for *_, line in code.co_lines() if line})
        print(code.co_name, code.co_firstlineno, lines, sorted(code.co_varnames), sorted(code.co_cellvars), sorted(code.co_freevars))


# Functions that nothing comes to.
tell("def f():\n  x = 1\n  return x\n  def g(): pass\n  class A: pass\n  lambda: 0")
tell("def f(x):\n  if x:\n    return lambda: 1\n  else:\n    raise x\n  return lambda: 2")
tell("def f(x):\n  while True:\n    x()\n  return [lambda: y for y in x]")
tell("x = (lambda: 1) if 0 else (lambda: 2)\ny = 1 or (lambda: 3)\nz = False and (lambda: 4)")
tell("def f(x):\n  return x if 1 else (lambda: 2)\n")
tell("def f(x):\n  try:\n    return x\n  finally:\n    x()\n  return (lambda: 1), 'text', 1.5\n")
tell("def f():\n  'docstring'\n  return 5\n  return 'nothing comes here', (lambda: 1)")

# Variables.
tell("def f():\n  a: int\n  b: int = 1\n  c: int\n  c = 2\n  d: int\n  del d\n  e: int\n  return e")
tell("def f():\n  a: int\n  def g(): return a")
tell("def f():\n  return [lambda: k for k in range(2)]")
tell("def f(k):\n  [k for k in k]\n  return [lambda: (i, k) for k in range(2) for i in k]")
tell("def f():\n  k = 1\n  [lambda: k for k in range(2)]\n  return k")

# Where the function with the annotations begins.
tell("# a comment\nimport sys\nx: int = 1")
tell("\n\n'docstring'\n\nx: int")
tell("\n@decorator\ndef f(): pass\nx: int")
tell("\n\nclass A:\n  # a comment\n\n  y = 1\n  x: int")


def failing(text):
    print("---", text)
    try:
        exec(compile(text, "<text>", "exec"), {})
    except Exception as error:
        print(traceback.format_exception(error)[-1], end="")
        print(traceback.extract_tb(error.__traceback__)[-1].colno, traceback.extract_tb(error.__traceback__)[-1].end_colno)


failing("{[]: 1 for x in 'a'}")
failing("{  []  :  x + 1 for x in [1]}")
failing("{x: y for x in [{}] for y in 'a'}")
failing("{[] for x in 'a'}")


def refused(text):
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            compile(text, "<text>", "exec")
        print(ascii(text), [str(one.message) for one in caught])
    except SyntaxError as error:
        print(ascii(text), error.msg, error.lineno, error.offset, error.end_lineno, error.end_offset)


for text in ("class <>A: pass", "<> b", "x = <>", "def <>f(): pass", "(<>)", "a <> b", "(a <> b", "class !=A: pass"):
    refused(text)
for letter in "ft":
    for text in ("{(lambda: {3, 4})()}' == (True!r)", "{[lambda: {3}]}' a", "{lambda: 1}'", "{lambda x: {3}}'", "{(lambda: {a=})()}'", "{(lambda: {})}'; a b"):
        refused(letter + "'" + text)
for text in ("__debug__(1)", "__debug__[1]", "True(1)", "not_debug(1)"):
    refused(text)


# What is thrown where a generator waits for an iterator is raised there: a StopIteration ends that iterator.
def waits():
    print("first", (yield from [1, 2]))
    print("second", (yield from iter("ab")))
    return "done"


generator = waits()
print(next(generator), generator.throw(StopIteration("value")))
try:
    generator.throw(StopIteration)
except StopIteration as error:
    print(repr(error.value))
generator = waits()
next(generator)
try:
    generator.throw(KeyError("key"))
except KeyError as error:
    print(repr(error))


# A metaclass that answers for all attributes.
class Answers(type):
    def __getattribute__(cls, name):
        return ...


class Nothing(type):
    def __getattribute__(cls, name):
        return 0


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


def answering():
    class A(metaclass=Answers, keyword=1):
        pass


attempt(answering)
attempt(lambda: dir(Nothing("B", (), {})()))
attempt(lambda: dir(Nothing("B", (), {})))
attempt(lambda: dir(Answers("B", (), {})()))


# A block ends behind the semicolon of its last line.
import ast

for text in ("for x in y: a;\n", "def f():\n  a\n  b ;\nc", "if x: a;\nelif y: b ;", "try: a;\nexcept B: c;", "with a: b;", "if x:\n  if y:\n    z;\n# end", "a; b;", "match x:\n  case 1: a;"):
    print([(type(node).__name__, node.end_lineno, node.end_col_offset) for node in ast.walk(ast.parse(text)) if hasattr(node, "body") and hasattr(node, "end_lineno")])
for text in ("u'a'", "U'a'", "u'a' 'b'", "'a' u'b'", "U'a' u'b'"):
    print(ast.dump(ast.parse(text).body[0].value))
