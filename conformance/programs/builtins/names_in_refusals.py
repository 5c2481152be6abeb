"""How native functions, class methods and constructors name themselves where they refuse their arguments."""

import bisect
import codecs
import functools
import io
import itertools
import math
import operator
import os
import stat
import struct
import sys
import time
import unicodedata
import zlib


def attempt(call, *args, **kwargs):
    try:
        print(call(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


print("functions of modules")
for function in [
    math.sin, math.pow, math.gcd, math.hypot, math.log, operator.add, operator.setitem, operator.is_, struct.pack,
    struct.calcsize, codecs.lookup, codecs.ascii_encode, codecs.utf_16_ex_decode, time.monotonic, sys.getrecursionlimit,
    sys.intern, os.getpid, os.umask, os.urandom, stat.S_ISDIR, unicodedata.name, unicodedata.combining, len, chr, divmod,
]:
    attempt(function, key=1)
    attempt(function, *range(9))

print("class methods")
for function in [
    bytes.fromhex, bytearray.fromhex, float.fromhex, float.from_number, complex.from_number, object.__subclasshook__,
    list.__class_getitem__, type(int | str).__class_getitem__, itertools.chain.from_iterable,
]:
    attempt(function)
    attempt(function, 1, 2)
    attempt(function, x=1)


class Mine(float):
    pass


attempt(Mine.fromhex)
attempt(Mine.from_number, 1, 2)

print("constructors")
for class_ in [itertools.count, itertools.chain, functools.partial, struct.Struct, io.StringIO, list, int]:
    attempt(class_.__new__)
    attempt(class_.__new__, 3)
    attempt(class_.__new__, str)

for class_ in [KeyError, FileNotFoundError, UnboundLocalError, UnicodeDecodeError, ExceptionGroup, ModuleNotFoundError]:
    attempt(class_.__new__)
    print(class_.__name__, class_.__new__ is Exception.__new__, "__new__" in vars(class_), "__new__" in vars(IndexError))
attempt(type(vars(int)))
attempt(type(vars(int)), {}, {})
attempt(type(vars(int)), mapping=[])

print("errors of the system")
for class_ in [OSError, InterruptedError, BlockingIOError]:
    attempt(class_, code=1)
attempt(OSError, [], "text")


class Renamed(OSError):
    def __init__(self, name):
        super().__init__(2, "gone", name)


class Loose(OSError):
    def __init__(self, first, *, extra):
        self.extra = extra


error = Renamed("here")
print(repr(error), error.errno, error.filename, error)
error = Loose(1, extra=2)
print(repr(error), error.args, error.errno, error.extra)
print(type(OSError(2.0, "x")).__name__, type(OSError(True, "x")).__name__, type(OSError("2", "x")).__name__)
error = BlockingIOError(11, "again", 5)
print(error.args, error.characters_written, error.filename)
attempt(BlockingIOError, 11, "again", 1.5)

print("streams that have nothing under them")
raw, text = io.RawIOBase(), io.TextIOBase()
attempt(raw.readinto)
attempt(raw.write, 1, 2)
attempt(raw.write, data=1)
attempt(io.BufferedIOBase().read, None)
attempt(io.BufferedIOBase().read, 1, 2)
attempt(io.BufferedIOBase().detach, 1)
attempt(text.write)
attempt(text.write, 1)
attempt(text.write, "\ud800\udfff")
attempt(text.seek)
attempt(text.seek, 1.5)
attempt(text.truncate, size=1)
attempt(io.StringIO()._checkReadable)
attempt(io.StringIO()._checkReadable, 1)
attempt(io.StringIO().__exit__, x=1)
attempt(io.StringIO, "", "a")
attempt(io.StringIO().seek, 1.5)
attempt(io.BytesIO().seek, 1.5)

print("codecs")
attempt(codecs.encode, "x", 1)
attempt(codecs.decode, b"x", "utf-8", 1)
attempt(codecs.lookup, "\ud800")
attempt(codecs.escape_encode, b"x", 1)
attempt(codecs.utf_7_encode, "x", 1)

attempt(codecs.utf_16_encode, None, None, None)
attempt(codecs.utf_16_encode, "a", None, 1 << 70)
print(codecs.utf_32_ex_decode(b"x", "strict", 2), codecs.utf_16_ex_decode(b"", "strict", -3))
attempt(codecs.readbuffer_encode, "\ud800")
attempt(codecs.utf_7_decode, "a")
attempt(codecs.charmap_build, "")

print("places, formats and modes")
attempt(bisect.bisect, 1, 2, hi=3)
attempt(bisect.bisect, 1, 2, hi=1.5)
attempt(bisect.bisect, {}, 2)
attempt(bisect.insort, 1, 2, key=3)
attempt(bisect.insort, [], 2, lo=-1)
attempt(zlib.crc32, data=b"")
attempt(struct.pack, [], 1)
attempt(struct.calcsize, {})
attempt(stat.S_ISREG, -1)
attempt(stat.S_ISREG, 1 << 70)
attempt(stat.S_ISREG, 1 << 40)
attempt(stat.S_ISREG, 1.5)
print(stat.filemode(0o100644), stat.filemode(0o041777), stat.filemode(0o106755), stat.filemode(0o102000), stat.filemode(0))

print("lengths that cannot be")
for call in [
    lambda: bytes(sys.maxsize), lambda: b"xy" * sys.maxsize, lambda: "xy" * sys.maxsize, lambda: b"a".ljust(sys.maxsize),
    lambda: (1).to_bytes(sys.maxsize), lambda: 1 << sys.maxsize, lambda: b"x" * sys.maxsize, lambda: "x" * sys.maxsize,
]:
    attempt(call)

print("a derived string as it is")


class Text(str):
    pass


class Data(bytes):
    pass


text, data = Text("ab"), Data(b"ab")
for value in [text % (), text % {}, text.format(), text.format_map({}), text.partition("x")[0], text.rpartition("x")[2],
              data.partition(b"x")[0], Text("a%%") % (), Text("").format(), text[:], text.replace("x", "y"), data % ()]:
    print(type(value).__name__, repr(value))
