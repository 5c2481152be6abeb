"""zlib and gzip: data made shorter and restored, in one go and piece by piece."""
import gzip
import io
import zlib

TEXT = b"the quick brown fox jumps over the lazy dog " * 200


def show(what, call):
    try:
        print(what, "->", call())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


for wbits in (15, -15, 31, 9, -9):
    short = zlib.compress(TEXT, 9, wbits)
    print(wbits, len(short) < 300, zlib.decompress(short, wbits) == TEXT)
print(zlib.decompress(zlib.compress(TEXT, wbits=31), 47) == TEXT, zlib.decompress(zlib.compress(TEXT, 0), bufsize=1) == TEXT)

packer = zlib.compressobj(6, zdict=b"brown fox")
packed = packer.compress(TEXT) + packer.flush()
unpacker = zlib.decompressobj(zdict=b"brown fox")
print(unpacker.decompress(packed) == TEXT, unpacker.eof, unpacker.unused_data)

unpacker, pieces, rest = zlib.decompressobj(), [], zlib.compress(TEXT) + b"behind"
while not unpacker.eof:
    pieces.append(unpacker.decompress(rest, 1000))
    rest = unpacker.unconsumed_tail
print([len(piece) for piece in pieces], b"".join(pieces) == TEXT, unpacker.unused_data, unpacker.unconsumed_tail)

packer = zlib.compressobj()
start = packer.compress(TEXT[:100])
twin = packer.copy()
one = start + packer.compress(b"one") + packer.flush()
two = start + twin.compress(b"two") + twin.flush()
print(zlib.decompress(one)[-3:], zlib.decompress(two)[-3:])

packer = zlib.compressobj(wbits=-15)
parts = [packer.compress(b"some text"), packer.flush(zlib.Z_SYNC_FLUSH), packer.compress(b", more"), packer.flush(zlib.Z_FULL_FLUSH), packer.flush()]
unpacker = zlib.decompressobj(-15)
print([unpacker.decompress(part) for part in parts], unpacker.flush(), unpacker.eof, packer.flush(zlib.Z_NO_FLUSH))

print(zlib.crc32(b"abc"), zlib.crc32(b"c", zlib.crc32(b"ab")), zlib.adler32(b"abc"), zlib.crc32(b"a", -1), zlib.adler32(b"", 2**40 + 7))

show("incomplete", lambda: zlib.decompress(packed[:20]))
show("needs dictionary", lambda: zlib.decompress(packed))
show("wrong dictionary", lambda: zlib.decompressobj(zdict=b"no").decompress(packed))
show("garbage", lambda: zlib.decompress(b"this is no such thing"))
show("wrong check", lambda: zlib.decompress(zlib.compress(b"abc")[:-1] + b"x"))
show("window", lambda: zlib.decompress(zlib.compress(b"abc", wbits=15), 9))
show("level", lambda: zlib.compress(b"", 10))
show("options", lambda: zlib.compressobj(wbits=99))
show("options", lambda: zlib.decompressobj(99))
show("length", lambda: zlib.decompressobj().decompress(b"", -1))
show("text", lambda: zlib.compress("text"))
done = zlib.compressobj()
done.flush()
show("ended", lambda: done.compress(b"a"))
show("ended", lambda: done.flush())
show("ended", lambda: done.copy())

packed = gzip.compress(TEXT, mtime=0)
print(gzip.decompress(packed) == TEXT, gzip.decompress(packed + gzip.compress(b"!")) == TEXT + b"!")
with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
    print(file.read(9), file.tell(), file.seek(-4, 1), file.readline()[:20], file.mtime)
show("no gzip", lambda: gzip.decompress(b"no gzip at all"))
show("broken gzip", lambda: gzip.decompress(packed[:-5]))
