"""Values as bytes, in the format that other Pythons read. There is none for code here: modules are compiled when they are imported."""

import struct

version = 5

_NULL = object()
_DEEPEST = 1000


class _Writer:
    def __init__(self, version):
        self.parts = []
        self.known = {}
        self.version = version
        self.depth = 0

    def size(self, tag, size, form="<i"):
        self.parts.append(tag)
        self.parts.append(struct.pack(form, size))

    def write(self, value):
        if self.depth > _DEEPEST:
            raise ValueError("object too deeply nested to marshal")
        kind = type(value)
        simple = {type(None): b"N", type(...): b"."}.get(kind)
        if simple is not None:
            self.parts.append(simple)
        elif kind is bool:
            self.parts.append(b"T" if value else b"F")
        elif value is StopIteration:
            self.parts.append(b"S")
        elif kind is int:
            self.int(value)
        elif kind is float:
            self.float(b"g", b"f", [value])
        elif kind is complex:
            self.float(b"y", b"x", [value.real, value.imag])
        elif kind is bytes:
            self.size(b"s", len(value))
            self.parts.append(value)
        elif kind is str:
            self.str(value)
        else:
            self.depth += 1
            self.container(kind, value)
            self.depth -= 1

    def int(self, value):
        if -(1 << 31) <= value < 1 << 31:
            self.size(b"i", value)
            return
        digits, rest = [], abs(value)
        while rest:
            digits.append(struct.pack("<H", rest & 0x7FFF))
            rest >>= 15
        self.size(b"l", -len(digits) if value < 0 else len(digits))
        self.parts.extend(digits)

    def float(self, binary, text, numbers):
        if self.version > 1:
            self.parts.append(binary + struct.pack(f"<{len(numbers)}d", *numbers))
            return
        self.parts.append(text)
        for number in numbers:
            digits = repr(number).encode()
            self.parts.append(bytes([len(digits)]) + digits)

    def str(self, value):
        if self.version >= 4 and value.isascii():
            if len(value) < 256:
                self.size(b"z", len(value), "<B")
            else:
                self.size(b"a", len(value))
            self.parts.append(value.encode("ascii"))
        else:
            data = value.encode("utf-8", "surrogatepass")
            self.size(b"u", len(data))
            self.parts.append(data)

    def container(self, kind, value):
        if kind is tuple:
            if self.version >= 4 and len(value) < 256:
                self.size(b")", len(value), "<B")
            else:
                self.size(b"(", len(value))
        elif kind is list:
            self.size(b"[", len(value))
        elif kind is set or kind is frozenset:
            self.size(b"<" if kind is set else b">", len(value))
        elif kind is dict:
            self.parts.append(b"{")
            for key, item in value.items():
                self.write(key)
                self.write(item)
            self.parts.append(b"0")
            return
        elif kind is slice and self.version >= 5:
            self.parts.append(b":")
            value = (value.start, value.stop, value.step)
        else:
            try:
                data = bytes(memoryview(value))
            except TypeError:
                raise ValueError("unmarshallable object") from None
            self.size(b"s", len(data))
            self.parts.append(data)
            return
        for item in value:
            self.write(item)


class _Reader:
    def __init__(self, read):
        self.read = read
        self.known = []
        self.depth = 0

    def bytes(self, count):
        data = self.read(count)
        if len(data) < count:
            raise EOFError("marshal data too short")
        return data

    def unpack(self, form):
        return struct.unpack(form, self.bytes(struct.calcsize(form)))[0]

    def size(self, form="<i"):
        size = self.unpack(form)
        if size < 0:
            raise ValueError("bad marshal data (size out of range)")
        return size

    def keep(self, place, value):
        if place is not None:
            self.known[place] = value
        return value

    def value(self):
        value = self.any()
        if value is _NULL:
            raise TypeError("NULL object in marshal data for object")
        return value

    def any(self):
        self.depth += 1
        if self.depth > 2 * _DEEPEST:
            raise ValueError("recursion limit exceeded")
        try:
            return self.tagged()
        finally:
            self.depth -= 1

    def tagged(self):
        code = self.read(1)
        if not code:
            raise EOFError("EOF read where object expected")
        tag, place = bytes([code[0] & 0x7F]), None
        if code[0] & 0x80:
            place = len(self.known)
            self.known.append(_NULL)
        constants = {b"N": None, b"T": True, b"F": False, b".": ..., b"S": StopIteration, b"0": _NULL}
        if tag in constants:
            return constants[tag]
        if tag == b"r":
            index = self.size()
            if index >= len(self.known) or self.known[index] is _NULL:
                raise ValueError("bad marshal data (invalid reference)")
            return self.known[index]
        if tag in b"[{<":
            return self.filled(tag, place)
        return self.keep(place, self.plain(tag))

    def filled(self, tag, place):
        if tag == b"[":
            value = self.keep(place, [])
            for _ in range(self.size()):
                value.append(self.value())
        elif tag == b"<":
            value = self.keep(place, set())
            for _ in range(self.size()):
                value.add(self.value())
        else:
            value = self.keep(place, {})
            while (key := self.any()) is not _NULL:
                value[key] = self.value()
        return value

    def plain(self, tag):
        if tag == b"i":
            return self.unpack("<i")
        if tag == b"I":
            return self.unpack("<q")
        if tag == b"l":
            return self.long()
        if tag == b"g":
            return self.unpack("<d")
        if tag == b"y":
            return complex(self.unpack("<d"), self.unpack("<d"))
        if tag == b"f":
            return float(self.bytes(self.size("<B")))
        if tag == b"x":
            real = float(self.bytes(self.size("<B")))
            return complex(real, float(self.bytes(self.size("<B"))))
        if tag == b"s":
            return self.bytes(self.size())
        if tag in (b"u", b"t"):
            return self.bytes(self.size()).decode("utf-8", "surrogatepass")
        if tag in (b"a", b"A"):
            return self.bytes(self.size()).decode("latin-1")
        if tag in (b"z", b"Z"):
            return self.bytes(self.size("<B")).decode("latin-1")
        if tag == b")":
            return tuple([self.value() for _ in range(self.size("<B"))])
        if tag == b"(":
            return tuple([self.value() for _ in range(self.size())])
        if tag == b">":
            return frozenset([self.value() for _ in range(self.size())])
        if tag == b":":
            return slice(self.value(), self.value(), self.value())
        raise ValueError("bad marshal data (unknown type code)")

    def long(self):
        size = self.unpack("<i")
        value = 0
        for index in range(abs(size)):
            digit = self.unpack("<H")
            if digit > 0x7FFF:
                raise ValueError("bad marshal data (digit out of range in long)")
            value |= digit << 15 * index
        if size and not digit:
            raise ValueError("bad marshal data (unnormalized long data)")
        return -value if size < 0 else value


def dumps(value, version=version, /, *, allow_code=True):
    """The bytes that stand for a value."""
    writer = _Writer(version)
    writer.write(value)
    return b"".join(writer.parts)


def dump(value, file, version=version, /, *, allow_code=True):
    """Writes the bytes that stand for a value."""
    file.write(dumps(value, version))


def loads(data, /, *, allow_code=True):
    """The value that bytes stand for."""
    import io

    return _Reader(io.BytesIO(data).read).value()


def load(file, /, *, allow_code=True):
    """Reads a value."""
    return _Reader(file.read).value()
