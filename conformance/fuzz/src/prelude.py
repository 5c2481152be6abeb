import abc, annotationlib, array, ast, base64, binascii, bisect, collections, collections.abc, contextlib, copy, dataclasses, difflib, enum, fnmatch
import fractions, functools, heapq, html, inspect, ipaddress, itertools, json, math, operator, pathlib, pickle, pprint, re, reprlib
import shlex, statistics, string, struct, textwrap, traceback, types, typing, unicodedata, urllib.parse

def shown(x):
    try:
        return repr(x)[:600]
    except BaseException as error:
        return 'repr: ' + type(error).__name__

def t(f):
    try:
        x = f()
    except BaseException as error:
        try:
            print(type(error).__name__, str(error)[:600], getattr(error, '__notes__', ''))
        except BaseException as second:
            print(type(error).__name__, type(second).__name__)
        return Pair
    print(shown(x))
    return x

def tb(f):
    try:
        print(shown(f()))
    except BaseException as error:
        print(''.join(traceback.format_exception(error))[:6000])

class Pair:
    __match_args__ = ('a', 'b')
    def __init__(self, a, b=0):
        self.a, self.b = a, b
    def __repr__(self):
        return f'Pair({self.a!r}, {self.b!r})'
    def __eq__(self, other):
        return isinstance(other, Pair) and (self.a, self.b) == (other.a, other.b)
    def __hash__(self):
        return 5
    def __lt__(self, other):
        return self.a < other.a

class Odd:
    def __init__(self, value=None, *rest):
        self.value = value
    def __repr__(self):
        return f'Odd({self.value!r})'
    def __index__(self):
        return self.value
    def __iter__(self):
        return iter(self.value)
    def __len__(self):
        return len(self.value)
    def __getitem__(self, key):
        return self.value, key
    def __eq__(self, other):
        return self.value == other
    __hash__ = None
    def __add__(self, other):
        return NotImplemented
    def __rsub__(self, other):
        return 'rsub', other

class Problem(Exception):
    def __str__(self):
        return 'a problem: ' + super().__str__()

class Color(enum.Enum):
    RED = 1
    GREEN = 'g'

class Meta(type):
    def __repr__(cls):
        return f'<Meta {cls.__name__}>'

class Guard:
    def __init__(self, name, quiet=False):
        self.name, self.quiet = name, quiet
    def __enter__(self):
        print('enter', self.name)
        return self.name
    def __exit__(self, kind, value, trace):
        print('exit', self.name, kind and kind.__name__, str(value))
        return self.quiet

def after(x, name, *args, **keywords):
    return getattr(x, name)(*args, **keywords), x
def set_attr(x, name, value):
    setattr(x, name, value)
    return getattr(x, name)
def del_attr(x, name):
    delattr(x, name)
    return getattr(x, name, 'gone')
def set_item(x, key, value):
    x[key] = value
    return x
def del_(x, key):
    del x[key]
    return x
def yield_(x):
    return 'not yielded', x
def few(f):
    return lambda *args: list(itertools.islice(f(*args), 20))
hash_ = lambda x: hash(x) == hash(x)
iter_ = lambda x: iter(x)
list_ = lambda x: list(itertools.islice(x, 20))
tuple_ = lambda x: tuple(itertools.islice(x, 20))
set_ = lambda x: len(set(itertools.islice(x, 20)))
frozenset_ = lambda x: frozenset(x) == set(x)
type_ = lambda x: type(x).__name__
reversed_, enumerate_, zip_, map_, filter_ = few(reversed), few(enumerate), few(zip), few(map), few(filter)
bytes_ = lambda x: bytes(x) if not hasattr(x, '__index__') else 'number'
bytearray_ = lambda x: bytearray(x) if not hasattr(x, '__index__') else 'number'
memoryview_ = lambda x: memoryview(x).tolist()
pow_ = lambda x, y, z=None: pow(x, y, z) if not hasattr(y, '__index__') or abs(operator.index(y)) < 50 else 'large'
property_ = lambda x: property(x).fget
staticmethod_ = lambda x: staticmethod(x).__func__
