# Where an argument that is a kind of number, or says that it is one, is taken as something else.
import itertools
import re
import struct


class Number(int):
    def __repr__(self):
        return f"Number({int(self)})"


class Wrong:
    def __index__(self):
        return "wrong"

    __float__ = __index__


def show(function):
    try:
        print(repr(function()))
    except Exception as error:
        print(type(error).__name__, error)


for start, step in ((False, True), (False, 1), (True, 2), (Number(3), 1), (3, Number(1)), (Number(3), Number(2)), (2**70, True), (Number(2**70), 1), (1.5, True), (1, 1.0)):
    show(lambda: itertools.count(start, step))
    show(lambda: list(itertools.islice(itertools.count(start, step), 3)))
for take in (bytes, bytearray):
    show(lambda: take(Wrong()))
    show(lambda: take(type("Both", (Wrong,), {"__iter__": lambda self: iter([1, 2])})()))
    show(lambda: take(type("Large", (), {"__index__": lambda self: 2**70})()))
for code in "efdibqQ?":
    show(lambda: struct.pack(code, Wrong()))
show(lambda: struct.pack("e", 1e10))
show(lambda: struct.pack("f", 1e300))
show(lambda: struct.pack("d", 10**400))
for replacement in (bytearray(b""), bytearray(b"a"), memoryview(b"b"), b"c", bytearray(b"\\g<0>"), "d", type("Text", (str,), {})("e")):
    show(lambda: re.sub("x", replacement, "axb"))
    show(lambda: re.sub(b"x", replacement, b"axb"))
    show(lambda: re.sub("^", replacement, "K"))
