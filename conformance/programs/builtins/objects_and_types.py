"""object, type, property, descriptors of functions, generators and the like."""

CASES = r'''
1 if object() == object() else 0
object().x
object().__class__, object().__dir__()[:0], object.__init__(5), object.__sizeof__(5) > 0
object().__setattr__('x', 1)
object.__new__(int)
object.__new__(5)
object.__new__()
object.__init__()
object.__getattribute__(5, 'real'), object.__format__(5, ''), object.__str__('a'), object.__hash__(5) == object.__hash__(5), object.__eq__(5, 5), object.__lt__(1, 2), object.__dir__(5)[:0]
object.__format__(5, 'x')
type(5), type(type), type(type(5)), type('X', (), {}).__name__, type(int) is type, isinstance(int, type), issubclass(type, object), type.__call__(int, '5'), type.mro(bool), type.__subclasses__(bool), int.__instancecheck__(True), int.__subclasscheck__(bool), type.__prepare__(), type('X', (), {'__slots__': 'a'}).__slots__
isinstance(1, 5)
isinstance(1, (int, 5)), isinstance(1, (5, int))
isinstance(1, int | str), isinstance('a', int | None), issubclass(bool, int | str), isinstance(1, ((int,), str)), issubclass(bool, (str, int)), isinstance(None, type(None))
isinstance([], list[int])
issubclass(5, int)
issubclass(int, 5)
isinstance(1, type('M', (type,), {'__instancecheck__': lambda c, o: o == 1})('C', (), {})), issubclass(int, type('M', (type,), {'__subclasscheck__': lambda c, o: o is int})('C', (), {}))
property(lambda s: 5).fget(1), property().fget, property(None, None, None, 'doc').__doc__, property(lambda s: 1).setter(lambda s, v: 2).fset(1, 2), property(lambda s: 1).getter(lambda s: 3).fget(0), property(lambda s: 1).deleter(len).fdel, property.__get__(property(lambda s: s + 1), 5)
type('P', (), {'x': property()})().x
type('P', (), {'x': property(lambda s: 1)})().__setattr__('x', 1)
type('P', (), {'x': property(lambda s: 1)})().__delattr__('x')
type('P', (), {'x': property(lambda s: 1 / 0)})().x
type('P', (), {'x': property(lambda s: s.missing)})().x
(lambda: 1).__name__, (lambda: 1).__defaults__, (lambda a=1: a).__defaults__, (lambda *, a=1: a).__kwdefaults__, (lambda: 1).__closure__, (lambda: 1).__module__, (lambda: 1).__dict__, (lambda: 1).__annotations__, (lambda: 1).__code__.co_name, (lambda a, *b, c, **d: 1).__code__.co_varnames, (lambda: 1).__qualname__
(lambda: 1).__setattr__('__code__', 5)
(lambda: 1).__setattr__('__name__', 5)
(lambda: 1).__setattr__('__defaults__', 5)
(lambda: 1).__setattr__('__closure__', None)
(lambda f: (f.__setattr__('x', 1), f.x, f.__dict__, f.__setattr__('__name__', 'renamed'), f.__name__))(lambda: 1)
[].append.__name__, len.__name__, len.__module__, len.__self__.__name__, str.upper.__objclass__, str.upper.__name__, 'a'.upper.__qualname__, str.upper('a'), int.__add__.__name__, (5).__add__.__self__, dict.fromkeys.__self__, str.__len__('abc'), list.__dict__['append'].__name__
str.upper(5)
str.upper()
str.__len__(5)
len.__call__([1]), (lambda: 5).__call__(), int.__call__('5') if False else 0, classmethod(len).__func__, staticmethod(len)([1]), staticmethod(len).__wrapped__, classmethod(lambda c: c).__get__(5)() , staticmethod(len).__get__(1), classmethod(lambda c: c).__get__(None, int)()
classmethod(5).__get__(1)()
classmethod()
(x for x in 'ab').__name__, (x for x in 'ab').gi_running, (x for x in 'ab').gi_frame.f_lineno, (x for x in 'ab').gi_yieldfrom, next(x for x in 'ab'), list(x for x in 'ab'), (lambda g: (g.close(), g.gi_frame))(x for x in 'a'), (x for x in 'a').send(None), type((x for x in 'a').gi_code).__name__
(x for x in 'a').send(5)
(x for x in 'a').throw(ValueError('thrown'))
(x for x in 'a').throw(ValueError, 'two')
(x for x in 'a').throw(5)
next(x for x in '')
(x for x in 5)
type(...), type(None), type(NotImplemented), ..., None, Ellipsis is ..., type(None)(), type(...)() is ..., type(NotImplemented)() is NotImplemented, None.__bool__(), repr(NotImplemented)
type(None)(1)
bool(NotImplemented)
NoneType
not NotImplemented
callable(len), callable(5), callable(int), callable(type('C', (), {'__call__': 1})()), callable(lambda: 1), id(5) == id(5), vars(type('V', (), {})()), dir(type('D', (), {'__dir__': lambda s: 'ba'})()), hash(None) == hash(None), hash(...) == hash(...), repr(int), repr(len), ascii('é')
vars(5)
dir(type('D', (), {'__dir__': lambda s: 5})())
getattr(5, 'real'), getattr(5, 'zz', 'd'), hasattr(5, 'zz'), setattr(type('S', (), {}), 'a', 1), delattr(type('S', (), {'a': 1}), 'a')
delattr(5, 'real')
delattr(type('S', (), {}), 'a')
int | str, int | None, (int | str).__args__, int | str == str | int, type(int | str).__name__, int | int, list[int] | None, (int | str) | bytes, None | int, hash(int | str) == hash(str | int), isinstance(5, int | str), type(None) | int
int | 5
5 | int
list[int] == list[int], hash(list[int]) == hash(list[int]), list[int].__parameters__, repr(list[list[int]]), dict[str, int].__args__, type(list[int]).__name__, list[int].append is list.append, tuple[int, ...]
list[int][str]
memoryview(b'abc')[0], memoryview(b'abc')[1:].tobytes(), memoryview(b'abc').tolist(), memoryview(b'abc').format, memoryview(b'abc').shape, memoryview(b'abc').readonly, memoryview(b'abc') == b'abc', len(memoryview(b'abc')), memoryview(b'abc').nbytes, memoryview(b'abcd').cast('H').shape, memoryview(b'abc').hex(), bytes(memoryview(b'abc')[::-1]), hash(memoryview(b'a')) == hash(b'a'), memoryview(b'ab').contiguous, memoryview(b'abc').count(97) if hasattr(memoryview, 'count') else 1
memoryview('a')
memoryview(b'a')[5]
memoryview(b'a').__setitem__(0, 1)
(lambda m: (m.release(), m[0]))(memoryview(b'a'))
(lambda m: (m.__setitem__(slice(0, 2), b'xy'), m.obj, m.__setitem__(0, 300)))(memoryview(bytearray(b'abc')))
(lambda m: m.__setitem__(slice(0, 2), b'xyz'))(memoryview(bytearray(b'abc')))
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
