"""What a program may be given: sources, numbers and containers that nest or run without an end, and signals meanwhile."""
import itertools
import math
import operator
import signal
import sys
import threading


def attempt(name, function):
    try:
        result = function()
    except (SyntaxError, RecursionError, MemoryError, LookupError, ValueError, ImportError) as error:
        print(f'{name}: {type(error).__name__}: {ascii(str(error))[:60]}')
    else:
        print(f'{name}: {result}')


class Same:
    def __getattr__(self, name):
        return self

    def __getitem__(self, index):
        return self

    def __call__(self):
        return self


x = Same()
for link in ('.a', '[0]', '()', '.a()'):
    attempt(f'chain of {link}', lambda: eval('x' + link * 5000) is x)
attempt('not', lambda: eval('not ' * 2000 + '1'))
attempt('minus', lambda: eval('-' * 2000 + '1'))
attempt('choices', lambda: eval('0 if 0 else ' * 2000 + '7'))
for text in ('(' * 150, '[' * 199, 'f(' * 150, '(' * 150 + ']', '{' * 300):
    attempt(f'{text[0]} {len(text)}', lambda: compile(text, 'text', 'eval'))

# Each level is written into the one text.
deep = []
for _ in range(1500):
    deep = [(deep, {1: {2, 3}})]
attempt('deep', lambda: len(repr(deep)))
ring = [1]
ring.append({'ring': ring, 'sets': ({4}, frozenset(), set(), frozenset({5}), ()), 'one': (ring,)})
print(ring, str(ring[1])[:30])


class Named(list):
    def __repr__(self):
        return f'Named{super().__repr__()}'


print([Named([1, Named()]), {'k': Named([()])}, {Ellipsis, }, type('Plain', (dict,), {})(a=[1])])
attempt('text', lambda: repr(['\ud800', b'\0', 'é']).encode('ascii', 'backslashreplace'))

attempt('encode', lambda: 'a'.encode('utf\0'))
attempt('decode', lambda: b'a'.decode('utf-8\0', 'x'))
attempt('import', lambda: __import__('a\0b'))


# Loops that have no end can be interrupted.
signal.signal(signal.SIGALRM, signal.default_int_handler)


def zeros():
    return (0 for _ in itertools.count())


LOOPS = {
    'sum': lambda: sum(zeros()), 'any': lambda: any(zeros()), 'in': lambda: 1 in zeros(), 'filter': lambda: next(filter(None, zeros())),
    'isdisjoint': lambda: {1}.isdisjoint(zeros()), 'countOf': lambda: operator.countOf(zeros(), 1), 'fromkeys': lambda: dict.fromkeys(zeros()),
    'compress': lambda: next(itertools.compress(zeros(), zeros())), 'power': lambda: pow(3, (1 << 60_000) + 1, (1 << 60_000) - 1), 'factorial': lambda: math.factorial(10 ** 7),
}
for name, loop in LOOPS.items():
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        loop()
        print(name, 'came to an end')
    except KeyboardInterrupt:
        print(name, 'was interrupted')
    signal.setitimer(signal.ITIMER_REAL, 0)


class Moving(dict):
    """Changes while it is asked."""

    def keys(self):
        return iter(list(super().keys()))

    def __getitem__(self, key):
        self[key, key] = 1
        return super().__getitem__(key)


class Mapping:
    def __init__(self):
        self.data = {'a': 1, 'b': 2}

    def keys(self):
        return self.data

    def __getitem__(self, key):
        value = self.data.pop(key)
        self.data[key] = value
        return value


print(dict(Mapping()), {**Mapping()}, len(dict(Moving(a=1))))


def ends():
    sys.excepthook = lambda kind, error, trace: sys.exit(7)
    raise ValueError('not shown')


thread = threading.Thread(target=sys.exit, args=(3,))
thread.start()
thread.join()
ends()
