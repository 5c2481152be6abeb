"""Streams: files, buffers over raw streams written here, text over buffers, and what they raise."""

import io
import os
import tempfile


class Slow(io.RawIOBase):
    """Gives a few bytes at a time, and takes a few."""

    def __init__(self, data=b"", step=3):
        self.data, self.at, self.step, self.calls = bytearray(data), 0, step, []

    def readable(self):
        return True

    def writable(self):
        return True

    def seekable(self):
        return True

    def readinto(self, space):
        part = self.data[self.at:self.at + min(self.step, len(space))]
        space[:len(part)] = part
        self.at += len(part)
        self.calls.append(("r", len(part)))
        return len(part)

    def write(self, data):
        part = bytes(data[:self.step])
        self.data[self.at:self.at + len(part)] = part
        self.at += len(part)
        self.calls.append(("w", len(part)))
        return len(part)

    def seek(self, offset, whence=0):
        self.at = (0, self.at, len(self.data))[whence] + offset
        return self.at


def attempt(what, *args, **names):
    try:
        print(repr(what(*args, **names)))
    except Exception as error:
        print(type(error).__name__, error)


print("--- readers")
reader = io.BufferedReader(Slow(b"one\ntwo\nthree\n", 4), 6)
print(reader.peek(1), reader.read1(2), reader.readline(), reader.tell(), reader.read(5), reader.readlines())
space = bytearray(4)
print(reader.seek(2), reader.readinto(space), space, reader.seek(-3, 2), reader.read(), reader.read())
print(io.BufferedReader(Slow(b"abcdefghij", 4)).read(), Slow(b"raw bytes", 2).read(4), Slow(b"raw bytes", 2).readall())
print(list(Slow(b"a\nb\nc")), Slow(b"line of bytes\n").readline(4))

print("--- writers")
raw = Slow()
writer = io.BufferedWriter(raw, 8)
print(writer.write(b"abcd"), raw.calls, writer.write(b"efghijkl"), raw.calls, writer.tell())
writer.flush()
print(bytes(raw.data), raw.calls)
writer.writelines([b"x", b"y"])
print(writer.detach() is raw, bytes(raw.data))
attempt(writer.write, b"z")

print("--- both")
raw = Slow(b"0123456789", 10)
both = io.BufferedRandom(raw, 4)
print(both.read(2), both.write(b"ab"), both.tell(), both.read(2), both.seek(0), both.read(), bytes(raw.data))
pair = io.BufferedRWPair(Slow(b"in"), sink := Slow())
print(pair.read(), pair.write(b"out"), pair.flush(), bytes(sink.data), pair.close(), pair.closed)


class Full(Slow):
    def write(self, data):
        return None


class Liar(Slow):
    def write(self, data):
        return len(data) + 1

    def readinto(self, space):
        return -1


print("--- refusals")
writer = io.BufferedWriter(full := Full(), 5)
try:
    writer.write(b"12345678")
except BlockingIOError as error:
    print(error.characters_written, full.closed)
full.write = lambda data: len(data)
writer.flush()
attempt(io.BufferedWriter(Liar()).write, b"ab" * 100_000)
attempt(io.BufferedReader(Liar()).read, 3)
attempt(io.BufferedReader, io.StringIO(), 0)
attempt(io.BufferedReader(io.BytesIO()).write, b"")
attempt(io.BufferedRandom.__new__(io.BufferedRandom).read)
attempt(io.open, "x", "rw")
attempt(io.open, "x", "rbt")
attempt(io.open, "x", "b")
attempt(io.open, -1)
attempt(io.open, 3.5)
attempt(io.open, "/nowhere/at/all")
attempt(io.open, "/", "rb")
attempt(io.IOBase().seek, 0)
attempt(io.IOBase().fileno)
attempt(io.TextIOWrapper, io.BytesIO(), newline="x")
attempt(io.TextIOWrapper, io.BytesIO(), "no such encoding")

print("--- text")
text = io.TextIOWrapper(io.BytesIO("grün\r\nblå\rred\nend".encode()), encoding="utf-8")
print(text.readline(), text.newlines, text.read(3), text.readlines(), text.newlines)
for newline in (None, "", "\n", "\r", "\r\n"):
    text = io.TextIOWrapper(io.BytesIO(b"a\r\nb\rc\nd"), encoding="ascii", newline=newline)
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline=newline, write_through=True)
    out.write("1\n2\r3")
    print(repr(newline), list(text), out.buffer.getvalue())
text = io.TextIOWrapper(io.BytesIO("añb😀c\nd".encode("utf-16")), encoding="utf-16")
first = text.read(3)
place = text.tell()
rest = text.read()
text.seek(place)
print(first, rest == text.read(), text.seek(0), text.read(1))
text = io.TextIOWrapper(io.BytesIO(b"\xff\xfeok\x80"), encoding="utf-8", errors="surrogateescape")
print(ascii(text.read()), text.errors, text.encoding)
attempt(io.TextIOWrapper(io.BytesIO(b"ab\xff"), encoding="utf-8").read)
attempt(io.TextIOWrapper(io.BytesIO(), encoding="ascii").write, "é")
text = io.TextIOWrapper(io.BytesIO(b"a\nb\n"), encoding="utf-8")
for line in text:
    attempt(text.tell)
    break
text.seek(0)
text.reconfigure(line_buffering=True)
print(text.line_buffering, text.detach().getvalue())
attempt(text.read)

print("--- decoders")
decoder = io.IncrementalNewlineDecoder(None, translate=True)
print([decoder.decode(part) for part in ("a\r", "\nb\r", "c", "\r")], decoder.getstate(), repr(decoder.decode("", True)), decoder.newlines)

print("--- memory")
memory = io.BytesIO(b"0123456789")
view = memory.getbuffer()
attempt(memory.write, b"abc")
attempt(memory.close)
view[2:4] = b"XX"
view.release()
print(memory.getvalue(), memory.seek(12), memory.write(b"!"), memory.getvalue(), memory.__getstate__()[:2])
memory.__setstate__((b"new", 1, None))
print(memory.read(), memory.seek(-2, 2), memory.readinto(space), space)
string = io.StringIO("a\r\nb\n", newline=None)
print(repr(string.getvalue()), string.newlines, string.seek(0, 2), string.write("c\rd"), repr(string.getvalue()), string.__getstate__())
attempt(string.write, b"")
attempt(string.seek, -1)

print("--- files")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file")
    with open(path, "x", encoding="utf-8", newline="\r\n") as file:
        print(file.mode, file.buffer.mode, file.buffer.raw.mode, file.write("one\ntwo\n"), file.tell(), file.buffer.raw.closefd)
    with open(path, "rb", buffering=0) as file:
        print(type(file).__name__, file.read(3), file.seek(-2, 2), file.readall(), file.read(), file.seekable())
    attempt(file.read)
    with open(path, "r+", encoding="utf-8") as file:
        print(file.readline(), file.seek(file.tell()), file.write("2"), file.seek(0), file.read())
    with open(path, "ab+") as file:
        print(file.tell(), file.write(b"end"), file.seek(0), len(file.read()), file.truncate(4), os.path.getsize(path))
    with open(path, opener=lambda name, flags: os.open(name, flags)) as file:
        number = file.fileno()
        with open(number, "rb", closefd=False) as again:
            print(again.read(), again.name == number)
        print(os.fstat(number).st_size)
    attempt(open, path, closefd=False)
    attempt(open, os.path.relpath(path, folder), "x", opener=lambda name, flags: -2)

print("--- classes made here")


class Shout(io.TextIOWrapper):
    def write(self, text):
        return super().write(text.upper())


class Noted(io.BytesIO):
    log = []

    def __del__(self):
        self.log.append("del")
        super().__del__()

    def close(self):
        self.log.append("close")
        super().close()

    def flush(self):
        self.log.append("flush")
        super().flush()


shout = Shout(io.BytesIO(), encoding="utf-8")
print("quiet", file=shout)
shout.mood = "loud"
shout.flush()
print(shout.buffer.getvalue(), shout.mood, isinstance(shout, io.TextIOBase), issubclass(io.FileIO, io.RawIOBase))
Noted(b"x")
import gc
gc.collect()
print(Noted.log)
