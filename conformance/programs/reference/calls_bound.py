"""6.3.4 Calls: positional, keyword, starred arguments, defaults, and the messages when they don't fit."""


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


def plain(a, b, c=3):
    return a, b, c


def positional(a, b=2, /, c=3, *, d, e=5):
    return a, b, c, d, e


def collects(first, *args, key=None, **kwargs):
    return first, args, key, kwargs


def keyword_only(*, a, b=2):
    return a, b


def nothing():
    return ()


class C:
    def method(self, x, /, *, y=0):
        return x, y

    @classmethod
    def of_class(cls, x):
        return cls.__name__, x

    @staticmethod
    def static(x=1):
        return x

    def __call__(self, *args, **kwargs):
        return "called", args, kwargs

    def __init__(self, a=0, *, b=0):
        self.a = a


c = C()
calls = """
plain(1, 2) | plain(1, 2, 4) | plain(b=1, a=2) | plain(1, c=5, b=6) | plain(*[1, 2]) | plain(*(1,), **{'b': 2}) | plain(*'ab', *'c') | plain(1, *[2], c=7)
plain() | plain(1) | plain(1, 2, 3, 4) | plain(1, 2, 3, 4, 5) | plain(c=1) | plain(1, b=2, a=3) | plain(1, 2, d=4) | plain(1, 2, **{'c': 1, 'x': 2}) | plain(1, 2, 3, c=4) | plain(1, *[2, 3, 4, 5])
positional(1, d=4) | positional(1, 2, 3, d=4, e=6) | positional(1, c=9, d=8) | positional() | positional(1) | positional(a=1, d=4) | positional(1, b=2, d=4) | positional(1, 2, 3, 4, d=1) | positional(1, a=2, b=3, d=4) | positional(a=1, b=2, c=3, d=4)
collects(1) | collects(1, 2, 3, key=4, z=5) | collects(1, **{'key': 2, 'other key': 3}) | collects() | collects(first=1, x=2) | collects(1, first=2) | collects(*range(5)) | collects(1, **{'a': 1}, **{'b': 2}) | collects(1, **{'a': 1}, **{'a': 2}) | collects(1, a=1, **{'a': 2})
keyword_only(a=1) | keyword_only(1) | keyword_only() | keyword_only(a=1, c=2) | keyword_only(1, 2, a=1) | keyword_only(1, a=1) | nothing(1) | nothing(x=1) | nothing(*[], **{})
c.method(1) | c.method(1, y=2) | c.method() | c.method(x=1) | c.method(1, 2) | C.method(c, 5) | C.method(5) | c.of_class(1) | C.of_class() | c.static() | c.static(1, 2) | c(1, k=2) | C(1, b=2).a | C(1, 2) | C(z=1)
plain(*5) | plain(**5) | plain(1, *None) | plain(**{1: 2}) | plain(1, 2, **{'c': 3}, **[('a', 1)]) | collects(1, **{1: 2}) | (5)() | 'text'(1) | None() | c.a() | plain(1, 2)(3)
(lambda: 1)() | (lambda x, *, y: x)(1) | (lambda *a, **k: (a, k))(1, b=2) | (lambda x=1, /, **k: (x, k))(x=2)
len() | len(1, 2) | len([], x=1) | int('1', base=3, x=4) | int(x=1) | sorted() | sorted([1], None) | print(1, seq=2) | isinstance(1) | ord('a', 'b') | dict(1, 2) | dict([1]) | list(1, 2) | str(1, 2, 3, 4) | max() | max(1) | min([], key=3) | pow(2) | round() | range() | range(1, 2, 3, 4) | enumerate() | zip(1) | map() | open() | getattr(1) | type() | type(1, 2) | super(1, 2, 3) | object(1) | bool(1, 2) | float(1, 2) | set(1, 2) | tuple(1, 2) | bytes(1, 2, 3, 4) | abs() | sum() | sum([1], 2, 3) | divmod(1) | iter() | next() | hash() | id() | callable() | chr() | all() | any(1, 2) | filter(None) | reversed() | slice() | hex() | repr() | vars(1, 2) | dir(1, 2) | ascii() | compile() | exec() | eval()
[].append() | [].append(1, 2) | [].pop(1, 2) | [].sort(1) | [].sort(x=1) | {}.get() | {}.get(1, 2, 3) | {}.pop() | {}.update(1, 2) | {}.setdefault() | ''.join() | ''.join([1]) | ''.split(1) | ''.split(maxsplit='x') | ''.replace('a') | ''.startswith() | ''.startswith(1) | ''.find() | ''.encode(1) | set().add() | (1).bit_length(1) | (1).to_bytes(1, 'x') | ''.center() | ''.format_map() | [].index() | [].insert(1) | ().count() | b''.join([1]) | b''.find('a') | ''.zfill('a')
"""
for line in calls.strip().splitlines():
    for call in line.split(" | "):
        show(call, lambda: eval(call))


def order():
    def v(x):
        print(x, end=" ")
        return x

    def f(*args, **kwargs):
        return args, kwargs

    print(f(v(1), *[v(2)], v(3), k=v(4), *[v(5)], **{"m": v(6)}, n=v(7)))
    print((v(0) or f)(v(1), b=v(2)))


order()


def defaults(x, seen=[]):
    seen.append(x)
    return seen


print(defaults(1), defaults(2), defaults.__defaults__)
defaults.__defaults__ = (["new"],)
print(defaults(3))
keyword_only.__kwdefaults__ = {"a": 10}
show("kwdefaults", keyword_only)
keyword_only.__kwdefaults__ = None
show("kwdefaults", lambda: keyword_only(a=1))
plain.__defaults__ = None
show("no defaults", lambda: plain(1, 2))
plain.__defaults__ = (7, 8, 9)
show("all defaults", lambda: plain())


class Mapping:
    def keys(self):
        print("keys", end=" ")
        return ["b", "a"]

    def __getitem__(self, key):
        print(key, end=" ")
        return key * 2


print(collects(1, **Mapping()))


class BadKeys:
    def keys(self):
        return 5


show("bad keys", lambda: collects(1, **BadKeys()))
for source in ("f(a=1, 2)", "f(**k, 1)", "f(**k, *a)", "f(a=1, a=2)", "f(1=2)", "f(a.b=2)", "f((a)=2)", "f(x for x in y, 1)", "f(1, x for x in y)", "f(x for x in y)", "f(*)", "f(**)", "f(True=1)", "f(a, b for b in c)", "f(a=)", "f(lambda: x = 1)", "f(a b)", "def g(a, a): pass", "def g(*): pass", "def g(a=1, b): pass", "def g(*, **k): pass", "def g(a, /, b, /): pass", "def g(/): pass", "def g(*a, *b): pass", "def g(**k, a): pass", "lambda *: 1", "def g(a, *, b=1, c): pass", "def g((a, b)): pass", "def g(None): pass", "def g(a.b): pass"):
    try:
        compile(source, "m", "exec")
        print("fine", source)
    except SyntaxError as error:
        print(error.msg, error.offset, "|", source)
