"""runpy, pkgutil, zipimport, code and codeop, importlib.resources: programs and packages run and looked through."""
import code
import codeop
import contextlib
import importlib.resources
import io
import os
import pkgutil
import runpy
import sys
import tempfile
import zipfile

sys.dont_write_bytecode = True


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


root = tempfile.mkdtemp()
files = {"pk/__init__.py": "here = 1", "pk/__main__.py": "result = (__name__, __package__)", "pk/data.txt": "resource text", "pk/mod.py": "import sys\nresult = __name__, sys.argv[0].endswith('mod.py')", "pk/sub/__init__.py": "", "script.py": "result = __name__, __file__ is not None, init", "app/__main__.py": "result = __name__, __package__"}
for name, text in files.items():
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
sys.path.insert(0, root)
print(runpy.run_module("pk.mod", run_name="renamed", alter_sys=True)["result"], runpy.run_module("pk")["result"], runpy.run_path(os.path.join(root, "script.py"), {"init": 5}, "named")["result"], runpy.run_path(os.path.join(root, "app"))["result"])
for call in (lambda: runpy.run_module("nothing_there"), lambda: runpy.run_module("pk.sub"), lambda: runpy.run_path("/nothing.py"), lambda: runpy.run_module("pk.script.x")):
    attempt(call)
print([(m.name, m.ispkg) for m in pkgutil.iter_modules([os.path.join(root, "pk")], "pk.")], [m.name for m in pkgutil.walk_packages([root]) if m.name.startswith("pk")], pkgutil.get_data("pk", "data.txt"), pkgutil.resolve_name("pk:here"), pkgutil.resolve_name("os.path.join").__name__)
attempt(lambda: pkgutil.resolve_name("pk:nope"))
attempt(lambda: pkgutil.resolve_name("9x"))
files = importlib.resources.files("pk")
print(files.joinpath("data.txt").read_text(), sorted(f.name for f in files.iterdir() if "cache" not in f.name), (files / "none").is_file(), importlib.resources.read_text("pk", "data.txt"))
archive = os.path.join(root, "lib.zip")
with zipfile.ZipFile(archive, "w") as z:
    z.writestr("zipped.py", "import sys\nwhere = __file__, type(__loader__).__name__\ndef fail(): raise ValueError('zipped')")
    z.writestr("zpk/__init__.py", "from . import inner")
    z.writestr("zpk/inner.py", "x = 'inner'")
    z.writestr("__main__.py", "result = 'zip main', __name__")
sys.path.insert(0, archive)
import zipped
import zpk.inner
print(zipped.where[0].endswith("lib.zip/zipped.py"), zipped.where[1], zpk.inner.x, runpy.run_path(archive)["result"], zpk.__path__[0].endswith("lib.zip/zpk"))
attempt(zipped.fail)
for text in ("x = 1", "if x:", "if x:\n  y\n", "1 +", "(", "x = 1 2", "", "# c", "'''abc", "f'{", "@d", "class C:\n"):
    try:
        result = codeop.compile_command(text)
        print(repr(text), "complete" if result else "incomplete", end="; ")
    except SyntaxError as error:
        print(repr(text), error.msg, end="; ")
print()
interpreter = code.InteractiveInterpreter({"seed": 5})
err = io.StringIO()
with contextlib.redirect_stderr(err):
    print(interpreter.runsource("x = seed + 1"), interpreter.runsource("if x:"), interpreter.runsource("1 / 0"), interpreter.runsource("x ="), interpreter.locals["x"])
print(err.getvalue())
console = code.InteractiveConsole({})
lines = iter(["a = 2", "a * 21", "undefined", "f = 5", "f"])


def read(prompt):
    print(prompt, end="")
    try:
        return next(lines)
    except StopIteration:
        raise EOFError from None


console.raw_input = read
with contextlib.redirect_stderr(err := io.StringIO()):
    console.interact(banner="hello", exitmsg="bye")
print(err.getvalue())
