"""Plugins: modules written to a folder, loaded by importlib, found by metaclass, entry names and hooks."""
import importlib
import importlib.util
import inspect
import pathlib
import sys
import tempfile
import textwrap
import types


class Registry(type):
    known = {}

    def __new__(mcs, name, bases, namespace, /, key=None, **options):
        cls = super().__new__(mcs, name, bases, namespace)
        if bases:
            mcs.known[key or name.lower()] = cls
            cls.options = {**getattr(cls, 'options', {}), **options}
        return cls

    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)

    def __iter__(cls):
        return iter(sorted(cls.known))

    def __getitem__(cls, key):
        return cls.known[key]

    def __contains__(cls, key):
        return key in cls.known

    def __len__(cls):
        return len(cls.known)


class Plugin(metaclass=Registry):
    def run(self, text):
        raise NotImplementedError(f'{type(self).__qualname__}.run')


FILES = {
    'upper.py': '''
        from __main__ import Plugin
        class Upper(Plugin):
            "Makes it loud."
            def run(self, text): return text.upper()
    ''',
    'wrap/__init__.py': '''
        from __main__ import Plugin
        from .marks import pair
        class Wrap(Plugin, key='wrap', left='<', right='>'):
            """Puts it in brackets.

            As its options say."""
            def run(self, text): return pair(self.options, text)
        class Double(Wrap, key='double', right='>>'):
            def run(self, text): return super().run(super().run(text))
    ''',
    'wrap/marks.py': '''
        def pair(options, text): return options['left'] + text + options['right']
    ''',
    'lazy.py': '''
        from __main__ import Plugin
        class Lazy(Plugin): pass
        def __getattr__(name):
            if name == 'version': return (1, 2)
            raise AttributeError(f'lazy has no {name}')
    ''',
    'broken.py': 'def f(:\n    pass\n',
    'failing.py': 'ready = False\nraise RuntimeError("not today")\n',
    'wanting.py': 'import there_is_no_such_thing\n',
    'circular_a.py': 'import circular_b\nvalue = circular_b.value + 1\n',
    'circular_b.py': 'import circular_a\nvalue = getattr(circular_a, "value", 40)\n',
}


def load_all(folder):
    for path in sorted(folder.iterdir()):
        name = path.stem
        if name.startswith('_'):
            continue
        try:
            module = importlib.import_module(name)
        except SyntaxError as error:
            print(f'{name}: syntax error in line {error.lineno}: {error.msg}')
        except ImportError as error:
            print(f'{name}: needs {error.name}')
        except Exception as error:
            print(f'{name}: {type(error).__name__}: {error}; kept: {name in sys.modules}')
        else:
            print(f'{name}: {type(module).__name__}, package: {hasattr(module, "__path__")}')


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    load_all(folder)
    print(*Plugin, len(Plugin), 'upper' in Plugin, 'none' in Plugin)
    for name in Plugin:
        plugin = Plugin[name]()
        try:
            print(f'{name:>7}: {plugin.run("Text")} ({(inspect.getdoc(plugin) or "-").splitlines()[0]}) {plugin.options}')
        except NotImplementedError as error:
            print(f'{name:>7}: not implemented: {error}')
    import circular_a
    print(circular_a.value, sys.modules['circular_b'].value)
    import lazy
    print(lazy.version)
    try:
        from lazy import nothing
    except ImportError as error:
        print(str(error).split(' (')[0])
    (folder / 'upper.py').write_text('from __main__ import Plugin\nclass Upper(Plugin):\n    def run(self, text): return text[::-1]\n')
    importlib.invalidate_caches()
    sys.dont_write_bytecode = True
    upper = importlib.reload(sys.modules['upper'])
    print(Plugin['upper']().run('Text'), upper is sys.modules['upper'])
    spec = importlib.util.spec_from_file_location('elsewhere', folder / 'wrap' / 'marks.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    print(module.pair({'left': '(', 'right': ')'}, 'x'), 'elsewhere' in sys.modules, module.__spec__.origin == str(folder / 'wrap' / 'marks.py'))
    made = types.ModuleType('made', 'A module made here.')
    exec('def greet(): return __name__', made.__dict__)
    sys.modules['made'] = made
    from made import greet
    print(greet(), made.__doc__, inspect.ismodule(made))
    sys.path.pop(0)
