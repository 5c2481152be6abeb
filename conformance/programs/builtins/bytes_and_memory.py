"""bytearray and memoryview: editing, views on views, casts, formats, shapes, exports that forbid changes."""


def attempt(text, **names):
    try:
        print(text, "->", eval(text, {**globals(), **names}))
    except Exception as error:
        print(text, "|", type(error).__name__, error)


b = bytearray(b"hello")
b.append(33)
b.extend(b" you")
b.extend([65, 66])
b.insert(0, 62)
b.insert(100, 60)
b[1:3] = b"HE"
b[-1:] = b""
b[::4] = b"...."
del b[2:4]
b += b"end"
print(b, len(b), b.pop(), b.pop(0), b.find(b"e"), b.index(b"o"))
b.remove(ord("n"))
b.reverse()
b *= 2
print(b, b.copy() == b, b.upper(), b.split(b"l"), b.replace(b"e", b"E"), b.hex("-", 4), b.decode(), b.isalpha(), b.translate(None, b"d"), b.startswith((b"x", b"e")), b.count(b"e"), b.partition(b" "), b[::-1], b.resize(3), b)
b.clear()
c = bytearray(b"abc")
m = memoryview(c)
for text in ("bytearray(5)", "bytearray('é', 'utf-8')", "bytearray('x')", "bytearray([256])", "bytearray(-1)", "bytearray(['a'])", "bytearray(1.5)", "bytearray(None)", "c.append(256)", "c.append('a')", "c.extend('ab')", "c.extend([1, 300])", "c.extend(5)", "c.insert(0, -1)", "c.insert('a', 1)", "c[0]", "c[9]", "c['a']", "c.__setitem__(0, 'x')", "c.__setitem__(0, 256)", "c.__setitem__(slice(0, 1), 5)", "c + 'x'", "c + b'x'", "b'x' + c", "c * -1", "c == b'abc'", "c < b'b'", "hash(c)", "c in [b'abc']", "b'b' in c", "98 in c", "'b' in c", "c.join([b'1', c])", "c % ()", "bytearray(b'%d') % 5", "c.__alloc__() >= 3", "c.fromhex('61 62')", "c.take_bytes" if False else "c.ljust(5, b'.')"):
    attempt(text)
print("exported")
for text in ("c.append(1)", "c.clear()", "c.__delitem__(0)", "c.__iadd__(b'x')", "c.__setitem__(slice(0, 1), b'xy')", "c.__setitem__(slice(0, 1), b'X')", "c.pop()", "c.resize(9)"):
    attempt(text)
print(m, len(m), m[0], m[-1], m.tolist(), m.tobytes(), bytes(m[1:]), m.readonly, m.nbytes, m.itemsize, m.format, m.ndim, m.shape, m.strides, m.suboffsets, m.contiguous, m.c_contiguous, m.f_contiguous, m.obj is c) if False else print(len(m), m[0], m[-1], m.tolist(), m.tobytes(), bytes(m[1:]), m.readonly, m.nbytes, m.itemsize, m.format, m.ndim, m.shape, m.strides, m.suboffsets, m.contiguous, m.c_contiguous, m.obj is c)
m[0] = 90
m[1:3] = b"YX"
print(c, m[::-1].tobytes(), m[::2].contiguous, m[::2].strides, m == b"ZYX", m[1:] == bytearray(b"YX"), m != b"", m.hex(), 90 in m, list(reversed(m)), m.index(88) if hasattr(m, "index") else "", m.count(90) if hasattr(m, "count") else "")
w = memoryview(bytearray(range(24)))
i = w.cast("i")
g = w.cast("B", (4, 6))
print(i.tolist(), i.itemsize, i.shape, i.format, g.shape, g.strides, g.ndim, g[1, 2], g.tolist()[3], g.nbytes, w.cast("d").shape, w.cast("b")[20], i.cast("B") == w, w.cast("c")[3], w.cast("?")[:2].tolist(), w.toreadonly().readonly)
g[0, 0] = 200
print(w[0], hash(memoryview(b"abc")) == hash(b"abc"), memoryview(b"ab") == memoryview(b"ab"), memoryview(memoryview(b"xy"))[1])
for text in ("m[3]", "m['a']", "m[0, 0]", "m[()]", "m.__setitem__(0, 256)", "m.__setitem__(0, 'x')", "m.__setitem__(slice(0, 2), b'toolong')", "memoryview(b'a').__setitem__(0, 1)", "m.__delitem__(0)", "memoryview('x')", "memoryview(5)", "memoryview()", "hash(m)", "w.cast('i')[9]", "w[:23].cast('i')", "w.cast('z')", "w.cast('i', (2, 2))", "i.cast('d')", "w[::2].cast('i')", "g[1]", "g[9, 0]", "g[0, 0, 0]", "g.tobytes()[:3]", "m < m", "m + m", "w.cast('B', [3, 8]).cast('B').shape", "m.x", "w.tobytes('F')[:2]", "w.tobytes('X')"):
    attempt(text)
with memoryview(c) as inner:
    print(inner[0])
for text in ("inner[0]", "inner.tobytes()", "len(inner)", "inner.release()", "repr(inner).split(' at')[0]", "inner == inner", "inner.__enter__()"):
    attempt(text)
sub = m[1:]
try:
    m.release()
    print("released")
except BufferError as error:
    print(error)
sub.release()
m.release()
c.append(1)
print(c)


class Own:
    def __init__(self):
        self.data = bytearray(b"own")

    def __buffer__(self, flags):
        print("buffer", flags > 0, end=" ")
        return memoryview(self.data)

    def __release_buffer__(self, view):
        print("release", end=" ")
        view.release()


print(bytes(Own()), memoryview(Own()).tolist(), bytearray(Own()))
