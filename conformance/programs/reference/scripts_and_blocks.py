"""What a program is made of: modules, scripts, blocks run by exec, eval and compile modes; flags; single input; __main__."""
import ast
import sys
import types


def attempt(action):
    try:
        print(action())
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.filename, error.lineno, error.offset, error.text)
    except Exception as error:
        print(type(error).__name__, error)


print(__name__, __doc__[:9], __file__.endswith("scripts_and_blocks.py"), __spec__, __package__, sys.argv[0] == __file__ or sys.argv[0].endswith("scripts_and_blocks.py"), sys.modules["__main__"].__dict__ is globals())
for mode, text in (("exec", "x = 1\ny = x"), ("eval", "1 +\\\n 2"), ("eval", "  \t 5  \n\n"), ("eval", "(x := 5)"), ("eval", "x = 1"), ("eval", ""), ("eval", "1\n2"), ("exec", ""), ("exec", "\n# nothing\n"), ("single", "1 + 1"), ("single", "x = 5; x"), ("single", "for i in (1, 2): i\n"), ("single", "if 1:\n  'in if'\n"), ("single", "None"), ("single", "1\n2"), ("single", ""), ("single", "def f(): pass\n"), ("single", "if 1:\n  2"), ("exec", "1 +"), ("exec", "if"), ("nope", "1")):
    attempt(lambda: (mode, eval(compile(text, "<block>", mode), {"__builtins__": __builtins__})))
code = compile("'doc'\nimport sys\ndef f(a): return a\nclass C: pass\nx: int = 1\n", "name.py", "exec")
print(code.co_name, code.co_filename, code.co_firstlineno, code.co_names, code.co_argcount, code.co_flags & 0x40, [type(c).__name__ for c in code.co_consts if isinstance(c, types.CodeType)], [c.co_name for c in code.co_consts if isinstance(c, types.CodeType)], code.co_varnames)
print([compile("assert x\n__debug__", "", "exec", optimize=o).co_names for o in (0, 1, 2)], eval(compile("__debug__", "", "eval", optimize=1)))
namespace = {}
exec(compile("def f():\n  'doc'\n  assert 0\n  return 1", "", "exec", optimize=2), namespace)
print(namespace["f"](), namespace["f"].__doc__)
attempt(lambda: compile("print 1", "", "exec"))
attempt(lambda: compile("x", "", "exec", flags=ast.PyCF_ONLY_AST).body[0].value.id)
attempt(lambda: compile("from __future__ import annotations\nx: a.b", "", "exec").co_flags >> 20 & 0xF)
attempt(lambda: compile(b"# coding: latin-1\nx = '\xe9'", "", "exec").co_consts[0])
attempt(lambda: compile(memoryview(b"1"), "", "eval").co_name)
attempt(lambda: compile("1", b"bytes.py", "eval").co_filename)
attempt(lambda: compile("1", 5, "eval"))
attempt(lambda: compile(5, "", "eval"))
attempt(lambda: compile("1", "", "eval", optimize=7))
attempt(lambda: compile("a\0b", "", "exec"))
attempt(lambda: exec("x = 1", 5))
attempt(lambda: exec("x = 1", {}, 5))
attempt(lambda: exec("y = 1", globals={}, locals={}))
attempt(lambda: exec(namespace["f"].__code__))
attempt(lambda: eval(namespace["f"].__code__))


def closing(a):
    return lambda: a


attempt(lambda: exec(closing(5).__code__))
attempt(lambda: exec(closing(5).__code__, closure=closing(6).__closure__))
attempt(lambda: eval(closing(5).__code__, {}, {}))
attempt(lambda: exec("x", closure=()))
scope = {"a": 1}
exec("global g\ng = a\nl = 2\ndel a", scope, scope)
print(sorted(k for k in scope if k != "__builtins__"))
separate_globals, separate_locals = {"shared": "g"}, {"shared": "l"}
exec("x = shared\ndef f(): return shared\ny = f()\nglobal z\nz = shared\nclass C: shared = shared", separate_globals, separate_locals)
print({k: v for k, v in separate_locals.items() if k in "xyz"}, separate_globals["z"], separate_locals["C"].shared)
hooked = []
before, sys.displayhook = sys.displayhook, hooked.append
exec(compile("1; None; 'two'", "", "single"))
sys.displayhook = before
print(hooked)
exec(compile("_ = 1\n", "", "single"))
if __name__ == "__main__":
    print("main block", sys.flags.interactive, sys.flags.optimize)
