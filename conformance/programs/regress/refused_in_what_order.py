"""What is wrong with a call, an index or an iterable: which of several things is said, and in which words."""

import array
import unicodedata


def told(f):
    try:
        print(ascii(f()))
    except BaseException as error:
        print(type(error).__name__, ascii(str(error)), getattr(error, "__notes__", ""))


class NoIterator:
    def __iter__(self):
        return 5


class Refusing:
    def __iter__(self):
        raise TypeError("mine")


class Failing:
    def __iter__(self):
        raise ValueError("mine")


class Later:
    def __iter__(self):
        return self

    def __next__(self):
        raise TypeError("next")


def stored(target, key, value):
    target[key] = value


def deleted(target, key):
    del target[key]


for kind in NoIterator, Refusing, Failing, Later:
    print(kind.__name__)
    told(lambda: dict([kind()]))
    told(lambda: "".join(kind()))
    told(lambda: b"".join(kind()))
    told(lambda: stored([1, 2], slice(None), kind()))
    told(lambda: stored([1, 2], slice(None, None, 2), kind()))
    told(lambda: bytes(kind()))
    told(lambda: bytearray(kind()))
    told(lambda: array.array("i", kind()))
    told(lambda: array.array("?", kind()))


class Number:
    def __index__(self):
        return "x"


class Plain:
    pass


for target in (1,), "a", b"a", 1, None, range(3), {1}, {}.keys(), int, Plain(), list[int], iter([]), slice(1):
    print(type(target).__name__)
    for key in Number(), 10**30, "a", 1:
        told(lambda: stored(target, key, 1))
        told(lambda: deleted(target, key))

told(lambda: Plain()(**{1: 2}))
told(lambda: (1)(**{1: 2}))
told(lambda: told(**{1: 2}))


class Mapping:
    def keys(self):
        return self.missing


told(lambda: {**Mapping()})
told(lambda: told(**Mapping()))


def local():
    class Local:
        def __repr__(self):
            return 5

    return Local


told(lambda: complex(local()()))
told(lambda: complex(local()(), 1))
told(lambda: complex(1, local()()))
told(lambda: complex(1, -2j))
told(lambda: complex(1j, -0.0))
told(lambda: str(local()()))
told(lambda: repr(local()()))


class Emptied(type):
    def mro(cls):
        return []


told(lambda: Emptied("E", (), {}))
for base in type, int, tuple, bytes, str, list:
    told(lambda: type("S", (base,), {"__slots__": ("s",)}).__name__)
    told(lambda: type("S", (base,), {"__slots__": (1,)}).__name__)

for text in "1\x80", "zz1\u1234", "z", "ab c":
    told(lambda: bytes.fromhex(text))
told(lambda: float.fromhex("\ud800"))
told(lambda: unicodedata.name(None))
for arguments in ("?", None), ("?", ""), ("x", b"ab"), ("x", []), ("x",), ("\xe9", []):
    told(lambda: array.array(*arguments))
for letter in "\xe9", "\ud800", "zz", "":
    told(lambda: memoryview(b"abcd").cast(letter))
told(lambda: bytearray(b"abc") < memoryview(b"abcdef")[::2])
told(lambda: bytearray(b"ace") == memoryview(b"abcdef")[::2])
for source in "def f():\n x = 1\n x\n global x", "def f():\n x\n x = 1\n nonlocal x", "def f():\n x: int\n x\n global x":
    told(lambda: compile(source, "", "exec"))
