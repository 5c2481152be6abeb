"""The import system: packages, namespace packages, relative imports, what modules know of themselves, failures, finders and hooks."""
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import tempfile

root = tempfile.mkdtemp()
files = {
    "pack/__init__.py": "print('pack starts', __name__, __package__, __path__ == list(__path__))\nfrom . import first\nvalue = first.value\n__all__ = ['first', 'lazy']\n_hidden = 1",
    "pack/first.py": "from .sub import deep\nvalue = 'first'\nfrom pack.sub.deep import number as renamed",
    "pack/lazy.py": "print('lazy starts')",
    "pack/sub/__init__.py": "",
    "pack/sub/deep.py": "from ... import nothing" if 0 else "from .. import sub\nfrom ..sub import deep as me\nnumber = 42\nimport pack",
    "pack/up.py": "from ... import beyond",
    "pack/broken.py": "1 / 0",
    "pack/syntax.py": "def f(:\n",
    "pack/circle.py": "from .circle2 import b\na = 1",
    "pack/circle2.py": "from .circle import a\nb = 1",
    "pack/getter.py": "def __getattr__(name):\n    if name == 'made':\n        return 'made ' + name\n    raise AttributeError(f'no {name} here')\ndef __dir__(): return ['made']",
    "space/part/one.py": "x = 1",
    "script.py": "print(__name__, __spec__ is not None, __file__.endswith('script.py'))",
}
for name, text in files.items():
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
sys.path.insert(0, root)
sys.dont_write_bytecode = True


def attempt(text):
    space = {"__name__": "__main__"}
    try:
        exec(text, space)
        print(text, "->", sorted(name for name in space if not name.startswith("__")))
    except Exception as error:
        print(text, "|", type(error).__name__, str(error).replace(root, "<root>"), getattr(error, "name", None))


attempt("import pack")
attempt("import pack.sub.deep")
attempt("import pack.sub.deep as d; print(d.number, d.me is d)")
attempt("from pack import *")
attempt("from pack import value, nothing")
attempt("from pack.sub import nothing")
attempt("import pack.nothing")
attempt("import nothing_at_all.deep")
attempt("import pack.first.value")
attempt("import pack.up")
attempt("import pack.broken")
attempt("import pack.broken")
attempt("import pack.syntax")
attempt("import pack.circle")
attempt("from pack.getter import made")
attempt("from pack.getter import other")
attempt("import pack.getter as g; print(g.made, dir(g))")
attempt("import space.part.one as o; import space; print(o.x, len(space.__path__), space.__file__ if hasattr(space, '__file__') else 'no file', space.__spec__.origin)")
attempt("import script")
attempt("from . import x")
attempt("from .. import x")
attempt("import sys as s; s.modules['fake'] = 5; import fake; print(fake)")
attempt("import sys as s; s.modules['gone'] = None; import gone")
attempt("__import__('')")
attempt("__import__('pack.sub').__name__; print(__import__('pack.sub').__name__, __import__('pack.sub', fromlist=['deep']).__name__)")
attempt("__import__('x', level=-1)")
attempt("__import__('sub', {'__package__': 'pack', '__name__': 'pack.first'}, None, ['deep'], 1)")

pack = sys.modules["pack"]
print(pack.__spec__.name, pack.__spec__.parent, pack.__spec__.submodule_search_locations == pack.__path__, type(pack.__loader__).__name__, pack.__file__.replace(root, "<root>"), pack.first.__package__)
print(importlib.util.find_spec("pack.lazy").name, importlib.util.find_spec("nothing_there"), importlib.util.resolve_name("..x", "a.b.c"))
pack.value = "changed"
print(importlib.reload(pack) is pack, pack.value)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.startswith("virtual"):
            return importlib.machinery.ModuleSpec(name, self, is_package=name == "virtual")

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.loaded_by = type(self).__name__
        if module.__name__.endswith("bad"):
            raise ImportError("cannot load", name=module.__name__)


sys.meta_path.insert(0, Finder())
attempt("import virtual.child as v; print(v.loaded_by, v.__package__)")
attempt("import virtual.bad")
print("virtual.bad" in sys.modules, "virtual.child" in sys.modules)
print(sorted(n for n in sys.modules if n.startswith(("pack", "space", "script"))))
