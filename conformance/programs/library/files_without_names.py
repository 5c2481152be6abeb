"""os: bytes for many objects at once, from file to file, counters of events, timers, files in memory, extended attributes, what the system is configured to."""
import array
import os
import tempfile
import time


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


os.chdir(folder := tempfile.mkdtemp())
fd = os.memfd_create("kit", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
print(os.get_inheritable(fd), os.writev(fd, [b"012", bytearray(b"345"), memoryview(b"6789")]), os.lseek(fd, 0, 0))
parts = [bytearray(2), array.array("b", [0] * 3), memoryview(bytearray(9))[2:4]]
print(os.readv(fd, parts), [bytes(part) for part in parts], os.readv(fd, parts), [bytes(part) for part in parts], os.readv(fd, []))
print(os.preadv(fd, parts, 1), [bytes(part) for part in parts], os.pwritev(fd, (b"A", b"B"), 1), os.pread(fd, 99, 0), os.preadv(fd, parts, 5, 0))
for call in (
    lambda: os.readv(fd, 1), lambda: os.readv(fd, [1]), lambda: os.readv(fd, [b"a"]), lambda: os.readv(-1, [bytearray(1)]), lambda: os.readv(fd),
    lambda: os.readv(fd, [bytearray(1)] * 2000), lambda: os.writev(fd, [b""] * 2000), lambda: os.writev(fd, 1), lambda: os.writev(fd, [1]),
    lambda: os.writev(fd, {}), lambda: os.preadv(fd, parts), lambda: os.preadv(fd, parts, "x"), lambda: os.preadv(fd, 1, 1), lambda: os.pwritev(fd, 1, 1),
    lambda: os.memfd_create(), lambda: os.memfd_create(1), lambda: os.memfd_create("a\0"), lambda: os.memfd_create("a", "x"),
):
    attempt(call)

# From file to file.
copy = os.open("copy", os.O_RDWR | os.O_CREAT, 0o600)
print(os.sendfile(copy, fd, 2, 4), os.pread(copy, 99, 0), os.lseek(fd, 6, 0), os.sendfile(out_fd=copy, in_fd=fd, offset=None, count=99), os.pread(copy, 99, 0))
other = os.open("other", os.O_RDWR | os.O_CREAT, 0o600)
print(os.copy_file_range(copy, other, 3, 1, 5), os.pread(other, 99, 0), os.lseek(other, 0, 1))
reading, writing = os.pipe()
print(os.splice(copy, writing, 5, offset_src=2), os.read(reading, 99))
for call in (
    lambda: os.sendfile(1, 2), lambda: os.sendfile(1, 2, 3, "x"), lambda: os.sendfile("x", 2, 3, 4), lambda: os.sendfile(-1, fd, 0, 1),
    lambda: os.copy_file_range(1, 2, -1), lambda: os.copy_file_range(1, 2), lambda: os.copy_file_range(fd, fd, 1, "x"),
    lambda: os.copy_file_range(-1, fd, 1), lambda: os.splice(fd, copy, 1), lambda: os.splice(1, 2, -1), lambda: os.splice(fd, fd, 1, None, None, "x"),
):
    attempt(call)

# Counters.
events = os.eventfd(3)
print(os.get_inheritable(events), os.eventfd_read(events), os.eventfd_write(events, 2**64 - 2), os.eventfd_read(fd=events))
some = os.eventfd(2, os.EFD_CLOEXEC | os.EFD_SEMAPHORE | os.EFD_NONBLOCK)
print(os.eventfd_read(some), os.eventfd_read(some))
for call in (
    lambda: os.eventfd_read(some), lambda: os.eventfd(), lambda: os.eventfd(-1), lambda: os.eventfd("x"), lambda: os.eventfd(2**32), lambda: os.eventfd(1, 99999),
    lambda: os.eventfd_read(-1), lambda: os.eventfd_read("x"), lambda: os.eventfd_write(some, -1), lambda: os.eventfd_write(some, 2**64),
    lambda: os.eventfd_write(some, 1.5), lambda: os.eventfd_write(some),
):
    attempt(call)

# Timers.
timer = os.timerfd_create(time.CLOCK_MONOTONIC)
print(os.get_inheritable(timer), os.timerfd_settime(timer, initial=0.001, interval=1000.5), int.from_bytes(os.read(timer, 8), "little"))
left, interval = os.timerfd_gettime(timer)
print(0 < left <= 1000.5, interval)
left, interval = os.timerfd_settime_ns(timer, initial=10**12, interval=5)
print(0 < left <= 1000500000000, interval, os.timerfd_gettime_ns(timer)[1], os.timerfd_settime(timer)[1], os.timerfd_gettime(timer))
for call in (
    lambda: os.timerfd_create(), lambda: os.timerfd_create(99), lambda: os.timerfd_create(1, 1), lambda: os.timerfd_create("x"),
    lambda: os.timerfd_settime(timer, initial="x"), lambda: os.timerfd_settime(timer, initial=-1.0), lambda: os.timerfd_settime(timer, initial=float("nan")),
    lambda: os.timerfd_settime(timer, interval=1e30), lambda: os.timerfd_settime(timer, 1), lambda: os.timerfd_settime(-1),
    lambda: os.timerfd_settime(timer, flags=77), lambda: os.timerfd_settime_ns(timer, initial=2**70), lambda: os.timerfd_settime_ns(timer, initial=1.5),
    lambda: os.timerfd_settime_ns(timer, initial=-1), lambda: os.timerfd_gettime(-1), lambda: os.timerfd_gettime(),
):
    attempt(call)

# Attributes, where the file system has them.
try:
    os.setxattr("copy", "user.kit", b"value")
except OSError:
    pass
else:
    values = os.getxattr("copy", b"user.kit"), os.getxattr(copy, "user.kit"), os.listxattr(b"copy"), os.listxattr(copy)
    assert values == (b"value", b"value", ["user.kit"], ["user.kit"]), values
    os.setxattr("copy", "user.kit", b"x" * 999, os.XATTR_REPLACE, follow_symlinks=False)
    assert len(os.getxattr("copy", "user.kit", follow_symlinks=False)) == 999
    os.removexattr(copy, "user.kit")
    assert os.listxattr("copy") == [], os.listxattr("copy")
for call in (
    lambda: os.getxattr("missing", "user.x"), lambda: os.getxattr("copy"), lambda: os.getxattr(1.5, "a"), lambda: os.getxattr("copy", 1),
    lambda: os.getxattr(copy, "user.x", follow_symlinks=False), lambda: os.setxattr("copy", "user.x", "v"), lambda: os.setxattr("copy", "user.x"),
    lambda: os.setxattr("missing", "user.x", b""), lambda: os.setxattr(copy, "user.x", b"", 0, follow_symlinks=False), lambda: os.listxattr("missing"),
    lambda: os.listxattr(1.5), lambda: os.removexattr("missing", "user.x"), lambda: os.removexattr(copy, "a", follow_symlinks=False),
):
    attempt(call)

# What the system is configured to.
print(os.sysconf("SC_CLK_TCK"), os.sysconf("SC_LINE_MAX"), os.confstr("CS_PATH"), os.confstr(0), os.pathconf("copy", "PC_PIPE_BUF"), os.fpathconf(copy, "PC_NAME_MAX"))
print(len(os.sysconf_names), len(os.confstr_names), len(os.pathconf_names), os.pathconf(copy, "PC_NAME_MAX"))
for call in (
    lambda: os.confstr("no such"), lambda: os.confstr(1.5), lambda: os.confstr(99999), lambda: os.confstr(), lambda: os.sysconf("no such"), lambda: os.sysconf(None),
    lambda: os.sysconf(99999), lambda: os.pathconf("copy", "no such"), lambda: os.pathconf("missing", "PC_NAME_MAX"), lambda: os.pathconf(1.5, 1),
    lambda: os.pathconf("copy", 9999), lambda: os.fpathconf(-1, 1), lambda: os.fpathconf("x", 1), lambda: os.fpathconf(copy, 9999),
):
    attempt(call)

# Things that are no files.
print(os.mknod("made"), os.path.getsize("made"), oct(os.stat("made").st_mode & 0o700))
for call in (
    lambda: os.mknod("made"), lambda: os.mknod(), lambda: os.mknod(1), lambda: os.mknod("m", "x"), lambda: os.mknod("m", 0o600, "x"),
    lambda: os.mknod("m", dir_fd="x"),
):
    attempt(call)
for name in ("copy", "other", "made"):
    os.remove(name)
os.rmdir(folder)
