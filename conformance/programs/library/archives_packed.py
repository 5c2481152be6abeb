"""zipfile, tarfile, gzip, zlib: members written, read, listed, appended; broken archives refused."""
import gzip
import io
import tarfile
import zipfile
import zlib


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.txt", "text " * 100)
    z.writestr(zipfile.ZipInfo("dir/b.bin", (2020, 1, 2, 3, 4, 6)), bytes(range(256)))
    with z.open("c", "w") as member:
        member.write(b"streamed")
    z.comment = b"comment"
    attempt(lambda: z.writestr("é", b"name"))
with zipfile.ZipFile(buffer, "a") as z:
    z.mkdir("empty")
    print(z.namelist(), z.getinfo("dir/b.bin").date_time, z.getinfo("a.txt").file_size, z.getinfo("a.txt").compress_size < 100, z.read("c"), z.testzip(), z.comment, [i.is_dir() for i in z.infolist()])
    for call in (lambda: z.read("nothing"), lambda: z.open("c", "x"), lambda: z.open("c", "w", force_zip64=1, pwd=b"x"), lambda: z.setpassword("text"), lambda: z.extract("nothing")):
        attempt(call)
for call in (lambda: zipfile.ZipFile(io.BytesIO(b"no zip")), lambda: zipfile.ZipFile(io.BytesIO(), "q"), lambda: zipfile.is_zipfile(buffer), lambda: z.read("c"), lambda: zipfile.ZipFile(io.BytesIO(buffer.getvalue()[:-30])), lambda: zipfile.ZipFile(buffer, compression=99)):
    attempt(call)
tar = io.BytesIO()
with tarfile.open(fileobj=tar, mode="w:gz") as t:
    info = tarfile.TarInfo("dir/file.txt")
    info.size, info.mtime, info.mode = 5, 1000, 0o640
    t.addfile(info, io.BytesIO(b"hello"))
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "dir/file.txt"
    t.addfile(link)
    long = tarfile.TarInfo("n" * 150)
    t.addfile(long)
tar.seek(0)
with tarfile.open(fileobj=tar) as t:
    print([(m.name[:12], m.size, m.mode, m.mtime, m.isfile(), m.issym(), m.linkname) for m in t], t.extractfile("dir/file.txt").read(), t.extractfile("link").read(), t.getnames()[:2])
    attempt(lambda: t.getmember("nope"))
for call in (lambda: tarfile.open(fileobj=io.BytesIO(), mode="q"), lambda: tarfile.TarInfo("../up").tobuf()[:5]):
    attempt(call)
data = b"repeated " * 200
packed = gzip.compress(data, mtime=0)
print(gzip.decompress(packed) == data, len(packed) < 100, gzip.decompress(packed + packed) == data * 2, zlib.decompress(zlib.compress(data)) == data, zlib.crc32(data), zlib.adler32(data), zlib.decompress(packed, 31) == data)
with gzip.open(io.BytesIO(packed), "rt") as g:
    print(g.readline()[:9], g.tell() > 0)
d = zlib.decompressobj()
raw = zlib.compress(data)
print(d.decompress(raw[:20], 9), d.decompress(d.unconsumed_tail + raw[20:]) + d.flush() != b"", d.eof, d.unused_data)
for call in (lambda: gzip.decompress(b"bad"), lambda: gzip.decompress(packed[:-3]), lambda: gzip.decompress(b""), lambda: zlib.decompress(b"bad"), lambda: zlib.decompress(raw[:-4]), lambda: zlib.compress("text"), lambda: zlib.compress(b"", 99), lambda: zlib.decompressobj(wbits=99), lambda: gzip.open(io.BytesIO(), "q")):
    attempt(call)
