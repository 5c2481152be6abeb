"""Classes of the program that show bytes: what takes bytes takes them."""


class Shown:
    """Shows its bytes, and counts who looks."""

    def __init__(self, data):
        self.data = data
        self.looks = 0

    def __buffer__(self, flags):
        self.looks += 1
        return memoryview(self.data)


class Named(str):
    def __bytes__(self):
        return b"bytes of " + self.encode()


x = Shown(b"xyz")
print(b",".join([x, b"q", x]))
print(bytearray(b"-").join([b"a", x]))
print(b"a" + x, bytearray(b"a") + x)
print(b"axyzb".find(x), b"xyz1".startswith(x), b"axyzb".replace(x, b"_"), b"axyzb".split(x))
print(x in b"axyzb", b"xyz1".strip(x), b"xyz1".removeprefix(x))
grown = bytearray(b"1")
grown.extend(x)
grown += x
grown[1:2] = x
print(grown)
print(str(x, "ascii"), bytes(x), bytearray(x))
print(int(Shown(b" 42 ")), float(Shown(b"1.5")))
print(eval(Shown(b"1 + 1")), b"%b|" % x)
print(bytes.fromhex("78"), x.looks > 10)
print(bytes(Named("n")), bytes(Named("n"), "ascii"))

gaps = memoryview(b"abcdef")[::2]
print(bytes(gaps), gaps.tolist())
import binascii
import zlib

for take in (binascii.hexlify, binascii.crc32, zlib.crc32, bytearray(b"x").__iadd__):
    try:
        print(take(gaps))
    except (BufferError, TypeError) as error:
        print(type(error).__name__, error)
for wrong in (3, "s", [b"a", 1]):
    try:
        b",".join(wrong)
    except TypeError as error:
        print(error)
