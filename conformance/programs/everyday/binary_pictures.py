"""Binary formats: PNG, WAV, ZIP, TAR and a record file, written and read with struct, array, zlib and memoryview."""
import array
import base64
import binascii
import gzip
import hashlib
import io
import itertools
import os
import struct
import sys
import tarfile
import tempfile
import wave
import zipfile
import zlib


class Png:
    SIGNATURE = b'\x89PNG\r\n\x1a\n'
    CHUNK = struct.Struct('>I4s')
    HEADER = struct.Struct('>IIBBBBB')

    def __init__(self, width, height, pixels):
        self.width, self.height, self.pixels = width, height, bytes(pixels)

    @staticmethod
    def chunk(kind, data):
        return Png.CHUNK.pack(len(data), kind) + data + struct.pack('>I', zlib.crc32(kind + data))

    def __bytes__(self):
        view = memoryview(self.pixels).cast('B', (self.height, self.width * 3))
        rows = b''.join(b'\0' + view.tobytes()[y * view.shape[1]:(y + 1) * view.shape[1]] for y in range(self.height))
        header = self.HEADER.pack(self.width, self.height, 8, 2, 0, 0, 0)
        return self.SIGNATURE + self.chunk(b'IHDR', header) + self.chunk(b'IDAT', zlib.compress(rows, 9)) + self.chunk(b'IEND', b'')

    @classmethod
    def read(cls, data):
        stream = io.BytesIO(data)
        if stream.read(8) != cls.SIGNATURE:
            raise ValueError('no PNG')
        parts = {}
        while head := stream.read(cls.CHUNK.size):
            size, kind = cls.CHUNK.unpack(head)
            data, check = stream.read(size), stream.read(4)
            if zlib.crc32(kind + data).to_bytes(4) != check:
                raise ValueError(f'{kind.decode()} is damaged')
            parts[kind] = parts.get(kind, b'') + data
        width, height, *_ = cls.HEADER.unpack(parts[b'IHDR'])
        rows = zlib.decompress(parts[b'IDAT'])
        line = width * 3 + 1
        return cls(width, height, b''.join(rows[y * line + 1:(y + 1) * line] for y in range(height)))


picture = Png(16, 8, itertools.chain.from_iterable((x * 16, y * 32, x ^ y) for y in range(8) for x in range(16)))
data = bytes(picture)
back = Png.read(data)
print((back.width, back.height), back.pixels == picture.pixels, data[:8].hex(' '), binascii.hexlify(data[16:24], '-', 4))
damaged = bytearray(data)
damaged[45] ^= 1
for bad in (b'GIF89a', damaged, data[:20]):
    try:
        Png.read(bad)
    except (ValueError, struct.error, KeyError) as error:
        print(type(error).__name__, error)

samples = array.array('h', (int(10_000 * ((n % 50) / 25 - 1)) for n in range(400)))
sound = io.BytesIO()
with wave.open(sound, 'wb') as out:
    out.setnchannels(1)
    out.setsampwidth(2)
    out.setframerate(8000)
    out.writeframes(samples.tobytes())
with wave.open(io.BytesIO(sound.getvalue())) as read:
    again = array.array('h', read.readframes(read.getnframes()))
    print(read.getparams()[:4], again == samples, again.typecode, again.itemsize, min(again), max(again))
swapped = again[:3]
swapped.byteswap()
print(swapped.tolist(), again[:3].tolist(), struct.unpack('<4sI4s', sound.getvalue()[:12])[::2])

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'all.zip')
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('pictures/a.png', data)
        archive.writestr(zipfile.ZipInfo('read me.txt', (2020, 1, 2, 3, 4, 6)), 'Grüße\n' * 50)
        with archive.open('big', 'w') as member:
            member.write(b'\0' * 100_000)
    with zipfile.ZipFile(path) as archive:
        print(archive.namelist(), archive.testzip(), archive.getinfo('read me.txt').date_time, archive.getinfo('big').compress_size < 500)
        print(archive.read('pictures/a.png') == data, io.TextIOWrapper(archive.open('read me.txt'), 'utf-8').readline())
        try:
            archive.read('nothing')
        except KeyError as error:
            print(error)
    print(zipfile.is_zipfile(path), zipfile.is_zipfile(__file__))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w:gz') as archive:
        for name, text in (('one', b'1' * 600), ('folder/two', b'2')):
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(text), 0o640, 1_000_000_000
            archive.addfile(info, io.BytesIO(text))
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        for info in archive:
            print(info.name, info.size, oct(info.mode), archive.extractfile(info).read(3))
        archive.extractall(folder, filter='data')
    print(sorted(os.listdir(folder)), os.path.getsize(os.path.join(folder, 'one')))

    record = struct.Struct('<10s?hd3xQ')
    print(record.size, record.format, struct.calcsize('@bhilqnP') > struct.calcsize('=bhilq'))
    path = os.path.join(folder, 'records')
    with open(path, 'wb') as file:
        for n in range(5):
            file.write(record.pack(f'name{n}'.encode(), n % 2, -n, n / 3, 1 << n * 15))
    with open(path, 'r+b') as file:
        whole = bytearray(os.path.getsize(path))
        print(file.readinto(whole), whole.find(b'name3'), whole[:5])
        record.pack_into(whole, record.size * 2, b'changed here', True, 7, 0.5, 0)
        file.seek(0)
        file.write(whole)
    with open(path, 'rb') as file:
        for name, flag, small, real, large in record.iter_unpack(file.read()):
            print(name.rstrip(b'\0').decode(), flag, small, round(real, 3), large)
for bad in (('<h', 40_000), ('B', -1), ('3s', 'text'), ('d', 'x'), ('z', 1), ('?', [])):
    try:
        print(struct.pack(*bad))
    except (struct.error, OverflowError) as error:
        print(bad, error)
text = b'The same text. ' * 20
squeezed = gzip.compress(text, mtime=0)
print(len(squeezed) < len(text), gzip.decompress(squeezed) == text, zlib.adler32(text), hashlib.sha256(text).hexdigest()[:16], hashlib.blake2b(text, digest_size=8).hexdigest())
print(base64.b85encode(text[:10]), base64.b32hexencode(b'abc'), base64.urlsafe_b64decode('-_-_'), int.from_bytes(text[:5], 'little'), sys.byteorder)
view = memoryview(bytearray(range(24))).cast('B', (2, 3, 4))
print(view.shape, view.strides, view[1, 2, 3], view.tolist()[1][0], view.nbytes)
part = memoryview(bytearray(b'abcdefgh'))[1:7:2]
part[0] = 90
print(bytes(part), part.obj, part.contiguous, struct.unpack_from('>H', part.obj, 2))
