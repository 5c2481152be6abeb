"""What `io` has besides the files that programs read and write: base classes, and the layers that they can be made of by hand."""

import abc
import io
from types import GenericAlias


def _has(cls, name):
    for base in cls.__mro__:
        if name in base.__dict__:
            return base.__dict__[name] is not None
    return False


class Reader(metaclass=abc.ABCMeta):
    """Anything that can be read from."""

    __slots__ = ()

    @abc.abstractmethod
    def read(self, size=..., /):
        """Up to `size` items; all of them without."""

    @classmethod
    def __subclasshook__(cls, other):
        return _has(other, "read") if cls is Reader else NotImplemented

    __class_getitem__ = classmethod(GenericAlias)


class Writer(metaclass=abc.ABCMeta):
    """Anything that can be written to."""

    __slots__ = ()

    @abc.abstractmethod
    def write(self, data, /):
        """Writes, and returns how many items were taken."""

    @classmethod
    def __subclasshook__(cls, other):
        return _has(other, "write") if cls is Writer else NotImplemented

    __class_getitem__ = classmethod(GenericAlias)


SEEK_SET, SEEK_CUR, SEEK_END = 0, 1, 2
__all__ = [
    "BlockingIOError", "open", "open_code", "IOBase", "RawIOBase", "FileIO", "BytesIO", "StringIO", "BufferedIOBase", "BufferedReader",
    "BufferedWriter", "BufferedRWPair", "BufferedRandom", "TextIOBase", "TextIOWrapper", "UnsupportedOperation", "SEEK_SET", "SEEK_CUR",
    "SEEK_END", "DEFAULT_BUFFER_SIZE", "IncrementalNewlineDecoder", "text_encoding", "Reader", "Writer",
]

# `_pyio` tells these of its own classes, which take their places.
IOBase, RawIOBase, BufferedIOBase, TextIOBase = (
    abc.ABCMeta(name, (), {}) for name in ("IOBase", "RawIOBase", "BufferedIOBase", "TextIOBase")
)

from _pyio import (
    BufferedIOBase,
    BufferedReader,
    BufferedRWPair,
    BufferedWriter,
    FileIO,
    IncrementalNewlineDecoder,
    IOBase,
    RawIOBase,
    TextIOBase,
    text_encoding,
)

for _base in (IOBase, RawIOBase, BufferedIOBase, TextIOBase):
    setattr(io, _base.__name__, _base)
TextIOBase.register(io.TextIOWrapper)
TextIOBase.register(io.StringIO)
BufferedIOBase.register(io.BytesIO)
BufferedIOBase.register(io.BufferedRandom)


def open_code(path):
    """Opens a file for reading code from it."""
    if not isinstance(path, str):
        raise TypeError(f"open_code() argument 'path' must be str, not {type(path).__name__}")
    return open(path, "rb")
