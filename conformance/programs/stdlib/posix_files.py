"""Files, folders and descriptors through posix, and its errors."""
import posix

base = "/tmp/kit-posix-%d" % posix.getpid()

def attempt(function, *args, **options):
    try:
        result = function(*args, **options)
    except Exception as error:
        shown = str(error).replace(base, "<base>").replace(str(posix.getpid()), "<pid>")
        names = [str(getattr(error, name, None)).replace(base, "<base>") for name in ("errno", "filename", "filename2")]
        print(function.__name__, type(error).__name__, shown, *names)
    else:
        print(function.__name__, repr(result).replace(base, "<base>"))

class Place:
    def __init__(self, path): self.path = path
    def __fspath__(self): return self.path

posix.mkdir(base, 0o755)
old = posix.getcwd()
posix.chdir(base)
print(posix.getcwd() == posix.getcwdb().decode())
fd = posix.open("a", posix.O_CREAT | posix.O_RDWR, 0o640)
print(posix.write(fd, b"hello world"), posix.lseek(fd, 0, 0), posix.read(fd, 5), posix.pread(fd, 3, 6), posix.pwrite(fd, b"XY", 1))
buffer = bytearray(4)
print(posix.lseek(fd, 0, 0), posix.readinto(fd, buffer), buffer)
posix.ftruncate(fd, 6)
print(posix.fstat(fd).st_size, posix.isatty(fd), posix.get_inheritable(fd), posix.get_blocking(fd))
posix.set_inheritable(fd, True); posix.set_blocking(fd, False)
print(posix.get_inheritable(fd), posix.get_blocking(fd))
other = posix.dup(fd)
print(other != fd, posix.lseek(other, 0, 1))
posix.close(other); posix.close(fd)
attempt(posix.close, fd); attempt(posix.read, fd, 1); attempt(posix.fstat, fd)
r, w = posix.pipe()
print(posix.write(w, memoryview(b"pipe")), posix.read(r, 10))
posix.close(w); print(posix.read(r, 10)); posix.close(r)
status = posix.stat("a")
print(oct(status.st_mode), status.st_size, status[6], len(status), status == tuple(status), status.st_nlink)
print(status.st_mtime_ns // 10**9 == status[8] == int(status.st_mtime), type(status).__name__, isinstance(status, tuple), status.n_fields > 16)
posix.utime("a", (1, 2.5)); s = posix.stat(b"a"); print(s.st_atime, s.st_mtime, s.st_mtime_ns, s[7:9])
posix.utime(Place("a"), ns=(5, 7)); s = posix.stat("a"); print(s.st_atime_ns, s.st_mtime_ns)
posix.chmod("a", 0o600); print(oct(posix.stat("a").st_mode & 0o777), posix.access("a", posix.R_OK), posix.access("zz", posix.F_OK))
posix.symlink("a", "link"); posix.link("a", "hard"); posix.mkdir("folder")
print(posix.readlink("link"), posix.readlink(b"link"), posix.lstat("link").st_size, posix.stat("link").st_ino == posix.stat("hard").st_ino)
print(sorted(posix.listdir()), sorted(posix.listdir(b".")), sorted(posix.listdir(base)))
with posix.scandir(".") as entries:
    for entry in sorted(entries, key=lambda entry: entry.name):
        print(entry, entry.name, entry.path, entry.is_dir(), entry.is_file(), entry.is_symlink(), entry.is_file(follow_symlinks=False),
              entry.stat(follow_symlinks=False).st_ino == entry.inode(), entry.__fspath__())
print([entry.name for entry in posix.scandir(b"folder")], sorted(entry.path.replace(base, "") for entry in posix.scandir(base)))
folder = posix.open(".", posix.O_RDONLY | posix.O_DIRECTORY)
print(sorted(posix.listdir(folder)), posix.stat("a", dir_fd=folder).st_size, sorted(entry.path for entry in posix.scandir(folder)))
posix.rename("hard", "moved", src_dir_fd=folder, dst_dir_fd=folder); posix.close(folder)
posix.replace("moved", "a"); posix.truncate("a", 3); print(posix.stat("a").st_size)
attempt(posix.mkdir, base); attempt(posix.rmdir, "zz"); attempt(posix.remove, "folder"); attempt(posix.rmdir, "a"); attempt(posix.listdir, "a")
attempt(posix.rename, "zz", "yy"); attempt(posix.link, b"zz", Place("yy")); attempt(posix.open, "zz/y", 0); attempt(posix.stat, "zz"); attempt(posix.stat, b"zz")
attempt(posix.stat, Place("zz")); attempt(posix.stat, 5.5); attempt(posix.stat, None); attempt(posix.listdir, 5.5); attempt(posix.open, 5, 0); attempt(posix.mkdir, "a\0b")
attempt(posix.readlink, "a"); attempt(posix.chdir, "zz"); attempt(posix.scandir, "zz"); attempt(posix.stat, 1 << 40); attempt(posix.lseek, 0.5, 0, 0); attempt(posix.utime, "a", (1,)); attempt(posix.utime, "a", 1, ns=2)
attempt(posix.fspath, Place("x")); attempt(posix.fspath, b"x"); attempt(posix.fspath, 3); attempt(posix.fspath, Place(3)); attempt(posix.kill, 1 << 29, 0); attempt(posix.waitpid, 1 << 29, 0)
attempt(posix.truncate, "zz", 0); attempt(posix.unlink, "zz"); attempt(posix.symlink, "a", "link"); attempt(posix.access, "a"); attempt(posix.strerror, 2); attempt(posix.sysconf, "SC_NOTHING")
for path in ["", ".", "..", "/", "//", "///", "a/./b/../c//d/", "../../x", "/../x", b"a/../..", "//a/../.."]:
    print(repr(path), posix._path_normpath(path))
size = posix.terminal_size((80, 24))
print(size, size.columns, size == (80, 24), posix.terminal_size.__match_args__); attempt(posix.terminal_size, (1,)); attempt(posix.terminal_size, 1)
made = posix.stat_result(range(10)); print(made, made.st_atime, made.st_ino); attempt(posix.stat_result, range(3))
print(len(posix.urandom(16)), posix.urandom(0), posix.cpu_count() > 0, posix.umask(posix.umask(0o22)) == 0o22, posix.getuid() == posix.geteuid(), len(posix.uname()), posix.times().elapsed > 0)
posix.putenv("KIT_X", "1"); posix.unsetenv("KIT_X"); print(type(posix.environ), b"PATH" in posix.environ, posix.system("exit 3") >> 8)
for name in ["link", "a", "moved"]: posix.unlink(name)
posix.rmdir("folder"); posix.chdir(old); posix.rmdir(base)
