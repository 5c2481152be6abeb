"""Lets importlib describe and extend what the interpreter imports by itself.

Modules from files and from the library are found and loaded natively, in the order of sys.path, until a program puts something of
its own on sys.meta_path or sys.path_hooks. It is loaded when something asks for importlib, or for the specification of a module."""

import sys
import _imp
import _frozen_importlib as bootstrap

if "_io" not in sys.builtin_module_names:
    import io

    sys.modules.setdefault("_io", io)

import _frozen_importlib_external as external


class LibraryLoader(external.FileLoader, external.SourceLoader):
    """Loads what is part of the interpreter."""

    def get_data(self, path):
        return _imp._library_read(path)

    def get_code(self, fullname):
        """Compiled anew: what is part of the program is in no directory that compiled code could be kept in."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def path_stats(self, path):
        return {"mtime": 0, "size": len(self.get_data(path))}

    def get_resource_reader(self, name):
        return None


class LibraryFinder:
    """Finds modules in a directory of the library."""

    def __init__(self, path):
        root = _imp._library_root
        if path != root and not path.startswith(root + "/"):
            raise ImportError("only for the library", path=path)
        self.path = path

    def find_spec(self, fullname, target=None):
        base = self.path + "/" + fullname.rpartition(".")[2]
        package = base + "/__init__.py"
        if _imp._library_is_file(package):
            return _spec(fullname, package, base)
        if _imp._library_is_file(base + ".py"):
            return _spec(fullname, base + ".py", None)
        return None

    def iter_modules(self, prefix=""):
        for name in _imp._library_list(self.path):
            base = self.path + "/" + name
            if name.endswith(".py"):
                if name != "__init__.py":
                    yield prefix + name[:-3], False
            elif _imp._library_is_file(base + "/__init__.py"):
                yield prefix + name, True

    def __repr__(self):
        return f"LibraryFinder({self.path!r})"


def _spec(name, path, directory):
    """The specification of a module from a source file, of the library or not."""
    inside = path.startswith(_imp._library_root + "/")
    loader = (LibraryLoader if inside else external.SourceFileLoader)(name, path)
    spec = bootstrap.ModuleSpec(name, loader, origin=path, is_package=directory is not None)
    spec._set_fileattr = True
    if inside:
        spec.cached = None
    if directory is not None:
        spec.submodule_search_locations.append(directory)
    return spec


def describe(module, name, path, directory):
    """Gives a module that was loaded natively its specification and loader."""
    spec = _spec(name, path, directory)
    module.__spec__ = spec
    module.__loader__ = spec.loader


def describe_builtin(module):
    """The same for a module written in Rust."""
    module.__spec__ = bootstrap.ModuleSpec(module.__name__, builtin, origin="built-in")
    module.__loader__ = builtin


def load(spec):
    """Loads a module that a finder has found."""
    return bootstrap._load_unlocked(spec)


def find_on_path(name, path):
    """Finds and loads a module in the way of sys.path_hooks; None if there is none."""
    spec = external.PathFinder.find_spec(name, path)
    return None if spec is None else load(spec)


def _describe_all():
    for name, module in list(sys.modules.items()):
        if type(module) is not type(sys) or getattr(module, "__spec__", None) is not None:
            continue
        fields = module.__dict__
        path = fields.get("__file__")
        if path is None and name in _imp._frozen_module_names():
            module.__spec__ = bootstrap.ModuleSpec(name, frozen, origin="frozen")
            module.__loader__ = frozen
        if name != "__main__" and isinstance(path, str):
            package = fields.get("__path__")
            describe(module, name, path, package[0] if package else None)


def _lies_in_file(path):
    while path and not external._path_isfile(path):
        path = path.rpartition("/")[0]
    return bool(path)


def zip_importer(path):
    """The importer of a zip file, or of a directory in one."""
    if not _lies_in_file(path):
        raise ImportError("not a file", path=path)
    import zipimport

    try:
        return zipimport.zipimporter(path)
    except zipimport.ZipImportError as error:
        raise ImportError(str(error), path=path) from None


bootstrap._install(sys, _imp)
bootstrap._install_external_importers()
# From here on the frozen modules' code is asked for by name; until then they count as modules from elsewhere.
_imp.is_frozen = frozenset(_imp._frozen_module_names()).__contains__
sys.path_hooks[:0] = [LibraryFinder, zip_importer]
standard_hooks = tuple(sys.path_hooks)
builtin, frozen, path = bootstrap.BuiltinImporter, bootstrap.FrozenImporter, external.PathFinder
for _module in (bootstrap, external):
    _module.__spec__ = bootstrap.ModuleSpec(_module.__name__, bootstrap.FrozenImporter)
_describe_all()
