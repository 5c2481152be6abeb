"""mmap: files as arrays of bytes.

The bytes stay in the file, or in memory of their own without one, and are read and written there by system calls: what other processes write is seen,
and a file that becomes shorter raises an exception where a mapping would end the process. Buffers of it are copies, which cannot be written."""

import os
import stat
import sys

ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = range(4)
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED, MAP_PRIVATE, MAP_ANON, MAP_ANONYMOUS = 1, 2, 32, 32
MAP_DENYWRITE, MAP_EXECUTABLE, MAP_POPULATE, MAP_STACK, MAP_NORESERVE = 2048, 4096, 32768, 131072, 16384
MAP_32BIT = 64
MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED = range(5)
(MADV_FREE, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP,
 MADV_DODUMP) = range(8, 18)
MADV_HWPOISON = 100
PAGESIZE = os.sysconf("SC_PAGE_SIZE")
ALLOCATIONGRANULARITY = PAGESIZE
error = OSError


def _index(value):
    return value.__index__() if hasattr(value, "__index__") else int(value)


class mmap:
    """An array of the bytes of a file."""

    __module__ = "mmap"

    def __new__(cls, fileno, length, flags=MAP_SHARED, prot=PROT_READ | PROT_WRITE, access=ACCESS_DEFAULT, offset=0, *, trackfd=True):
        length, offset = _index(length), _index(offset)
        if length < 0:
            raise OverflowError("memory mapped length must be positive")
        if offset < 0:
            raise OverflowError("memory mapped offset must be positive")
        if access != ACCESS_DEFAULT and (flags != MAP_SHARED or prot != PROT_READ | PROT_WRITE):
            raise ValueError("mmap can't specify both access and flags, prot.")
        if access not in (ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY):
            raise ValueError("mmap invalid access parameter.")
        if offset % ALLOCATIONGRANULARITY:
            raise OSError(22, "Invalid argument")
        self = super().__new__(cls)
        self._open, self._fd, self._memory = False, -1, None
        self._at, self._exports, self._offset, self._tracked = 0, 0, offset, trackfd
        private = access == ACCESS_COPY or access == ACCESS_DEFAULT and flags & MAP_PRIVATE
        if access == ACCESS_DEFAULT and not prot & PROT_WRITE:
            access = ACCESS_READ
        self._access = access
        if fileno == -1 or flags & MAP_ANONYMOUS:
            if length == 0:
                raise OSError(22, "Invalid argument")
            self._memory = bytearray(length)
        else:
            status = os.fstat(fileno)
            if stat.S_ISREG(status.st_mode):
                if length == 0:
                    if status.st_size == 0:
                        raise ValueError("cannot mmap an empty file")
                    if offset >= status.st_size:
                        raise ValueError("mmap offset is greater than file size")
                    length = status.st_size - offset
                elif offset > status.st_size or status.st_size - offset < length:
                    raise ValueError("mmap length is greater than file size")
            import fcntl

            mode = fcntl.fcntl(fileno, fcntl.F_GETFL) & os.O_ACCMODE
            if mode == os.O_WRONLY or mode == os.O_RDONLY and access != ACCESS_READ and not private:
                raise PermissionError(13, "Permission denied")
            self._fd = os.dup(fileno)
            if private:
                self._memory = bytearray(os.pread(self._fd, length, offset))
        self._size, self._open = length, True
        return self

    def _check(self, write=False):
        if not self._open:
            raise ValueError("mmap closed or invalid")
        if write and self._access == ACCESS_READ:
            raise TypeError("mmap can't modify a readonly memory map.")

    def _get(self, start, count):
        self._check()
        if self._memory is not None:
            return bytes(self._memory[start:start + count])
        data = os.pread(self._fd, count, self._offset + start) if count > 0 else b""
        return data + bytes(max(count - len(data), 0))

    def _put(self, start, data):
        self._check()
        if self._memory is not None:
            self._memory[start:start + len(data)] = data
            return
        data = memoryview(data)
        while data:
            written = os.pwrite(self._fd, data, self._offset + start)
            data, start = data[written:], start + written

    def __len__(self):
        self._check()
        return self._size

    def __buffer__(self, flags):
        self._check()
        if flags & 1:
            raise BufferError("Object is not writable.")
        return memoryview(self._get(0, self._size))

    def __getitem__(self, key):
        self._check()
        if isinstance(key, slice):
            start, stop, step = key.indices(self._size)
            if step == 1:
                return self._get(start, stop - start)
            return self._get(0, self._size)[start:stop:step] if step > 0 else self._get(0, self._size)[key]
        if not hasattr(key, "__index__"):
            raise TypeError("mmap indices must be integers")
        return self._get(self._place(key), 1)[0]

    def _place(self, key):
        at = key.__index__()
        at += self._size if at < 0 else 0
        if not 0 <= at < self._size:
            raise IndexError("mmap index out of range")
        return at

    def __setitem__(self, key, value):
        self._check(True)
        if not isinstance(key, slice):
            if not hasattr(key, "__index__"):
                raise TypeError("mmap indices must be integers")
            self._place(key)
            if not hasattr(value, "__index__"):
                raise TypeError("mmap item value must be an int")
            if not 0 <= (value := value.__index__()) <= 255:
                raise ValueError("mmap item value must be in range(0, 256)")
            # The value may have changed the size.
            self._put(self._place(key), bytes([value]))
            return
        data = bytes(memoryview(value))
        places = range(self._size)[key]
        if len(places) != len(data):
            raise IndexError("mmap slice assignment is wrong size")
        if places.step == 1:
            self._put(places.start, data)
        else:
            for at, byte in zip(places, data):
                self._put(at, bytes([byte]))

    def __delitem__(self, key):
        self._check(True)
        raise TypeError("mmap object doesn't support item deletion" if not isinstance(key, slice) else "mmap object doesn't support slice deletion")

    def __iter__(self):
        return (self._get(at, 1)[0] for at in range(len(self)))

    def __enter__(self):
        self._check()
        return self

    def __exit__(self, *info):
        self.close()

    def __del__(self):
        if getattr(self, "_fd", -1) >= 0:
            self.close()

    def __repr__(self):
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        if not self._open:
            return f"<{name} closed=True>"
        access = ("ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY")[self._access]
        return f"<{name} closed=False, access={access}, length={self._size}, pos={self._at}, offset={self._offset}>"

    @property
    def closed(self):
        return not self._open

    def close(self):
        self._open, fd, self._fd, self._memory = False, self._fd, -1, None
        if fd >= 0:
            os.close(fd)

    def _range(self, start, end):
        start, end, _ = slice(start, end).indices(self._size)
        return start, end

    def find(self, sub, start=None, end=None):
        self._check()
        start, end = self._range(self._at if start is None else start, end)
        found = self._get(start, end - start).find(bytes(memoryview(sub)))
        return found if found < 0 else found + start

    def rfind(self, sub, start=None, end=None):
        self._check()
        start, end = self._range(self._at if start is None else start, end)
        found = self._get(start, end - start).rfind(bytes(memoryview(sub)))
        return found if found < 0 else found + start

    def read(self, count=None):
        self._check()
        if count is not None and not hasattr(count, "__index__"):
            raise TypeError(f"argument should be integer or None, not {type(count).__name__!r}")
        rest = max(self._size - self._at, 0)
        count = rest if count is None or count < 0 else min(count, rest)
        data = self._get(self._at, count)
        self._at += count
        return data

    def read_byte(self):
        self._check()
        if self._at >= self._size:
            raise ValueError("read byte out of range")
        self._at += 1
        return self._get(self._at - 1, 1)[0]

    def readline(self):
        self._check()
        end = self.find(b"\n")
        return self.read(None if end < 0 else end + 1 - self._at)

    def write(self, data):
        self._check(True)
        data = bytes(memoryview(data))
        if self._at > self._size or self._size - self._at < len(data):
            raise ValueError("data out of range")
        self._put(self._at, data)
        self._at += len(data)
        return len(data)

    def write_byte(self, byte):
        self._check(True)
        if self._at >= self._size:
            raise ValueError("write byte out of range")
        self._put(self._at, bytes([byte]))
        self._at += 1

    def move(self, dest, src, count):
        self._check(True)
        if dest < 0 or src < 0 or count < 0 or self._size - dest < count or self._size - src < count:
            raise ValueError("source, destination, or count out of range")
        self._put(dest, self._get(src, count))

    def seek(self, pos, whence=0):
        self._check()
        if whence not in (0, 1, 2):
            raise ValueError("unknown seek type")
        at = pos + (0, self._at, self._size)[whence]
        if not 0 <= at <= self._size:
            raise ValueError("seek out of range")
        self._at = at
        return at

    def seekable(self):
        return True

    def tell(self):
        self._check()
        return self._at

    def size(self):
        self._check()
        if not self._tracked:
            raise OSError(9, "Bad file descriptor")
        return os.fstat(self._fd).st_size if self._fd >= 0 else self._size

    def flush(self, offset=0, size=None):
        self._check()
        size = self._size - offset if size is None else size
        if offset < 0 or size < 0 or self._size - offset < size:
            raise ValueError("flush values out of range")
        if offset % PAGESIZE:
            raise OSError(22, "Invalid argument")
        if self._memory is None and self._access != ACCESS_READ:
            os.fsync(self._fd)

    def madvise(self, option, start=0, length=None):
        self._check()
        if not 0 <= start < self._size:
            raise ValueError("madvise start out of bounds")
        if length is not None and length < 0:
            raise ValueError("madvise length invalid")
        if length is not None and start + length > sys.maxsize:
            raise OverflowError("madvise length too large")

    def resize(self, size):
        self._check()
        if self._access not in (ACCESS_DEFAULT, ACCESS_WRITE):
            raise TypeError("mmap can't resize a readonly or copy-on-write memory map.")
        if not self._tracked:
            raise ValueError("mmap can't resize with trackfd=False.")
        if size < 0:
            raise ValueError("new size out of range")
        if self._fd < 0:
            raise ValueError("mmap: can't expand a shared anonymous mapping on Linux")
        os.ftruncate(self._fd, self._offset + size)
        self._size = size
