"""Classes that derive from built-in ones of all kinds, and say themselves what `+=` and the others do."""

import array
import collections
import io
import operator

OPERATORS = "add sub mul matmul truediv floordiv mod pow lshift rshift and xor or".split()


def assigning(name):
    return lambda self, other: (name, type(self).__name__, other)


def declining(self, other):
    return NotImplemented


BASES = {
    "object": (object, lambda: ()),
    "BaseException": (BaseException, lambda: ()),
    "ValueError": (ValueError, lambda: ("wrong",)),
    "OSError": (OSError, lambda: (2, "missing")),
    "ExceptionGroup": (ExceptionGroup, lambda: ("some", [KeyError()])),
    "StopIteration": (StopIteration, lambda: (1,)),
    "BytesIO": (io.BytesIO, lambda: (b"text",)),
    "StringIO": (io.StringIO, lambda: ("text",)),
    "RawIOBase": (io.RawIOBase, lambda: ()),
    "BufferedReader": (io.BufferedReader, lambda: (io.BytesIO(b"text"),)),
    "BufferedRWPair": (io.BufferedRWPair, lambda: (io.BytesIO(), io.BytesIO())),
    "TextIOWrapper": (io.TextIOWrapper, lambda: (io.BytesIO(), "utf-8")),
    "list": (list, lambda: ([1],)),
    "tuple": (tuple, lambda: ([1],)),
    "str": (str, lambda: ("text",)),
    "bytearray": (bytearray, lambda: (b"text",)),
    "deque": (collections.deque, lambda: ([1],)),
    "array": (array.array, lambda: ("i", [1])),
    "dict": (dict, lambda: ()),
    "set": (set, lambda: ()),
    "int": (int, lambda: (3,)),
    "float": (float, lambda: (2.5,)),
    "property": (property, lambda: ()),
    "type": (type, lambda: ("T", (), {})),
}

for name, (base, arguments) in BASES.items():
    does = type("Does", (base,), {f"__i{op}__": assigning(op) for op in OPERATORS})
    declines = type("Declines", (base,), {f"__i{op}__": declining for op in OPERATORS})
    results, errors = [], []
    for op in OPERATORS:
        assign = getattr(operator, f"__i{op}__")
        results.append(assign(does(*arguments()), [7]) == (op, "Does", [7]))
        try:
            assign(declines(*arguments()), None)
        except TypeError as error:
            errors.append(str(error))
    print(name, all(results), len(results), errors[0], "|", errors[2])

error = type("Adding", (Exception,), {"__iadd__": assigning("add")})()
error += 1
print(error)
text = type("Joining", (io.StringIO,), {"__ior__": assigning("or")})()
text |= 1
print(text)
