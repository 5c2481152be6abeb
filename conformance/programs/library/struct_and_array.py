"""array: all type codes, conversions, editing, buffers, and errors."""
import array
import struct
import sys

A = array.array


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


print(array.typecodes, [A(code).itemsize for code in array.typecodes])
for code, values in {"b": [-128, 127], "B": [0, 255], "h": [-2, 2], "H": [65535], "i": [-2**31], "I": [2**32 - 1], "l": [-1], "L": [1], "q": [-2**63], "Q": [2**64 - 1], "f": [1.5, 0.1], "d": [0.1, float("inf")], "u": "héß", "w": "a𝒳"}.items():
    a = A(code, values)
    print(code, a, a.tobytes().hex(), a.tolist(), A(code, a.tobytes()) == a)
for code, value in (("b", 128), ("B", -1), ("B", 256), ("h", 2**15), ("H", -1), ("i", 2**31), ("I", -1), ("q", 2**63), ("Q", 2**64), ("b", 1.0), ("f", "x"), ("d", None), ("u", 5), ("u", "ab"), ("w", ""), ("i", "a"), ("f", 1e300)):
    attempt(lambda: (code, A(code, [value])))
a = A("i", [5, 3, 8])
a.append(1)
a.extend([2, 2])
a.extend(A("i", [9]))
a.insert(1, 77)
a.insert(-100, 0)
a.fromlist([6])
print(a, a.pop(), a.pop(0), a.index(77), a.index(2, 5), a.count(2), len(a), 77 in a, a[1], a[-1], a[1:3], a[::2])
a.remove(77)
a.reverse()
a[0] = 100
a[1:3] = A("i", [1, 2, 3])
a[::2] = A("i", [0] * len(a[::2]))
del a[-1]
del a[0:2]
a += A("i", [4])
a *= 2
print(a, a + A("i", [1]), A("i", [1]) * 3, 2 * A("i"), a == A("d", a), a < A("i", [999]), A("i") == A("d"), [x for x in a], list(reversed(a))[:2])
b = A("h", [1, 256])
b.byteswap()
print(b, b.buffer_info()[1], bytes(b), memoryview(b).format, memoryview(b).itemsize, memoryview(b).tolist())
view = memoryview(b)
view[0] = 7
attempt(lambda: b.append(1))
view.release()
b.append(1)
print(b, struct.unpack("<3h", b), b.typecode)
c = A("B")
c.frombytes(b"\x01\x02")
c.frombytes(memoryview(b"\x03"))
print(c, c.tobytes(), bytearray(c), A("w", "text").tounicode(), A("B", bytearray(b"xy")), A("i", range(3)), A("d", A("i", [1])), A("i", (x for x in [4])))
for call in (lambda: A("z"), lambda: A("ii"), lambda: A(5), lambda: A(), lambda: A("i", 5), lambda: A("i", "text"), lambda: A("i", b"123"), lambda: c.frombytes("text"), lambda: A("i").frombytes(b"123"), lambda: a.pop(99), lambda: A("i").pop(), lambda: a.remove(12345), lambda: a.index(12345), lambda: a[99], lambda: a["x"], lambda: a.__setitem__(0, "x"), lambda: a.__setitem__(99, 1), lambda: a.__setitem__(slice(0, 1), [1]), lambda: a.__setitem__(slice(0, 4, 2), A("i", [1])), lambda: a.extend(A("d")), lambda: a.extend(["x"]), lambda: a.fromlist((1,)), lambda: a.fromlist([1, "x"]), lambda: a + [1], lambda: a * 1.5, lambda: a < [1], lambda: hash(a), lambda: A("i").tounicode(), lambda: A("w").fromunicode(b"x"), lambda: A("i").fromunicode("x"), lambda: a.byteswap(1)):
    attempt(call)
print(len(a), a.__sizeof__() > 0, a.__copy__() == a, sys.byteorder, A("i", [1]).__reduce_ex__(3)[0].__name__, type("Sub", (A,), {})("i", [1]))
