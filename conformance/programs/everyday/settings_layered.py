"""Settings from layers: defaults, INI, TOML, JSON, the environment and arguments; CSV reports; changes told to listeners."""
import collections
import configparser
import contextlib
import csv
import io
import json
import os
import pathlib
import string
import sys
import tempfile
import tomllib
import types
import typing
import warnings
import weakref

DEFAULTS = {'server.host': 'localhost', 'server.port': 80, 'server.tls': False, 'log.level': 'info', 'log.tags': [], 'paths.root': '/srv', 'paths.data': '${paths.root}/data', 'limits.ratio': 0.5}

INI = '''
[server]
host = example.org
port: 8080
; a comment
tls = yes
[log]
tags = a, b,
  c
level
'''
TOML = '''
title = "café"
[server]
port = 0x1F90
[limits]
ratio = 1e-2
when = 2024-02-29T12:00:00Z
[[limits.rules]]
name = 'one'
[[limits.rules]]
name = "two"
[paths]
root = "/var/${USER}"
'''


def flat(tree, prefix=''):
    for key, value in tree.items():
        if isinstance(value, collections.abc.Mapping):
            yield from flat(value, f'{prefix}{key}.')
        else:
            yield prefix + key, value


class Template(string.Template):
    braceidpattern = r'[a-zA-Z][\w.]*'


class Settings(collections.ChainMap):
    def __init__(self, *maps):
        super().__init__(*maps)
        self.listeners = []

    def listen(self, method):
        self.listeners.append(weakref.WeakMethod(method))

    def __getitem__(self, key):
        value = super().__getitem__(key)
        if isinstance(value, str) and '$' in value:
            return Template(value).substitute(self)
        return value

    def __missing__(self, key):
        raise KeyError(f'no setting {key!r}')

    def __setitem__(self, key, value):
        kind = type(DEFAULTS.get(key, value))
        if not isinstance(value, kind):
            value = convert(value, kind)
        before = self.get(key)
        super().__setitem__(key, value)
        self.listeners = [one for one in self.listeners if one() is not None]
        for listener in self.listeners:
            listener()(key, before, value)

    def layer(self, pairs):
        child = self.new_child()
        child.listeners = self.listeners
        for key, value in pairs:
            child[key] = value
        return child

    def where(self, key):
        return next(len(self.maps) - n for n, one in enumerate(self.maps) if key in one)

    @property
    def tree(self):
        result = {}
        for key in sorted(self):
            *groups, name = key.split('.')
            inner = result
            for group in groups:
                inner = inner.setdefault(group, {})
            inner[name] = self[key]
        return result


def convert(value, kind):
    match kind, value:
        case _ if kind is bool and isinstance(value, str):
            try:
                return configparser.ConfigParser.BOOLEAN_STATES[value.lower()]
            except KeyError:
                raise ValueError(f'{value!r} is neither yes nor no') from None
        case _ if kind is list and isinstance(value, str):
            return [one for one in map(str.strip, value.replace('\n', ',').split(',')) if one]
        case _:
            return kind(value)


class Watcher:
    def __init__(self):
        self.seen = []

    def changed(self, key, before, after):
        self.seen.append(f'{key}: {before} -> {after}')


with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
    pathlib.Path('app.ini').write_text(INI)
    pathlib.Path('app.toml').write_bytes(TOML.encode())
    parser = configparser.ConfigParser(allow_no_value=True, interpolation=None)
    print(parser.read(['app.ini', 'missing.ini']), parser.sections(), parser['server'].getboolean('tls'), parser.getint('server', 'port'), parser['log']['level'])
    settings, watcher = Settings(DEFAULTS), Watcher()
    settings.listen(watcher.changed)
    ini = ((f'{name}.{key}', value) for name in parser.sections() for key, value in parser[name].items() if value is not None)
    settings = settings.layer(ini)
    with open('app.toml', 'rb') as file:
        document = tomllib.load(file)
    settings = settings.layer(flat(document))
    os.environ['APP_LOG__LEVEL'] = 'debug'
    os.environ['APP_SERVER__TLS'] = 'off'
    environment = {name[4:].lower().replace('__', '.'): value for name, value in sorted(os.environ.items()) if name.startswith('APP_')}
    settings = settings.layer(environment.items())
    settings['USER'] = 'ann'
    print(*watcher.seen, sep='\n')
    print(json.dumps(settings.tree, default=str, indent=1, ensure_ascii=False))
    print([(key, settings.where(key)) for key in ('server.host', 'server.port', 'log.level', 'paths.data')])
    print(settings['paths.data'], len(settings), settings.parents['log.level'], 'nope' in settings, settings.get('nope', 0))
    del watcher
    settings['server.port'] = '99'
    print(settings['server.port'], settings.listeners)
    for act in (lambda: settings['nope'], lambda: settings.update({'server.tls': 'maybe'}), lambda: settings.update({'server.port': 'x'}), lambda: tomllib.loads('a = 1\na = 2'),
                lambda: tomllib.loads('a = '), lambda: configparser.ConfigParser().read_string('[a]\n[a]'), lambda: configparser.ConfigParser().read_string('x = 1'),
                lambda: settings.layer([('a', '${b}'), ('b', '${zz}')])['a'], lambda: parser.get('log', 'nope'), lambda: parser['none']):
        try:
            print(act())
        except (KeyError, ValueError, configparser.Error) as error:
            print(f'{type(error).__name__}: {str(error).splitlines()[0]}')
    basic = configparser.ConfigParser({'home': '/home'})
    basic.read_dict({'a': {'path': '%(home)s/x', 'loop': '%(loop)s'}, 'b': {'n': 5}})
    print(basic['a']['path'], basic['b'].getint('n'), basic.has_option('b', 'home'))
    try:
        basic['a']['loop']
    except configparser.InterpolationError as error:
        print(type(error).__name__)
    out = io.StringIO()
    basic.remove_option('a', 'loop')
    basic.write(out)
    print(out.getvalue().strip())
    with open('report.csv', 'w', newline='') as file:
        report = csv.DictWriter(file, ['key', 'value', 'layer'], quoting=csv.QUOTE_NONNUMERIC, restval='-', extrasaction='ignore')
        report.writeheader()
        for key in sorted(settings):
            report.writerow({'key': key, 'value': settings[key] if key != 'title' else 'a "quoted", café', 'layer': settings.where(key), 'more': 1})
    text = pathlib.Path('report.csv').read_text()
    print(text.replace('\r\n', '\n'), end='')
    with open('report.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    print(len(rows), rows[-1], csv.Sniffer().sniff(text.splitlines()[1]).delimiter)
    totals = collections.Counter(row['layer'] for row in rows)
    print(sorted(totals.items()))
view = types.MappingProxyType(DEFAULTS)
try:
    view['x'] = 1
except TypeError as error:
    print(error)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    warnings.warn('old setting', DeprecationWarning, stacklevel=1)
print(caught[0].category.__name__, caught[0].message, typing.get_type_hints(Settings.where), sys.exc_info())
