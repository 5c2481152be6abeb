"""os, shutil, tempfile, stat, filecmp: making, copying, walking, removing, permissions, errors with their classes."""
import filecmp
import os
import shutil
import stat
import tempfile
from pathlib import Path

root = tempfile.mkdtemp()
os.chdir(root)


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, str(error).replace(root, "<root>"))


os.makedirs("a/b/c")
os.mkdir("d", 0o700)
for name, text in {"a/1.txt": "one", "a/b/2.txt": "two", "a/b/c/3.bin": "3" * 1000, "d/4": ""}.items():
    Path(name).write_text(text)
os.symlink("a/1.txt", "link")
os.symlink("nowhere", "dangling")
for top, folders, files in sorted(os.walk(".")):
    print(top, sorted(folders), sorted(files), end="; ")
print(sorted(os.listdir()), sorted((e.name, e.is_dir(), e.is_file(), e.is_symlink()) for e in os.scandir()), os.readlink("link"))
s = os.stat("a/1.txt")
print(s.st_size, stat.S_ISREG(s.st_mode), stat.S_ISDIR(os.stat("a").st_mode), stat.filemode(0o100644), stat.filemode(os.stat("d").st_mode), stat.S_IMODE(os.stat("d").st_mode) == 0o700, stat.S_ISLNK(os.lstat("link").st_mode), s.st_mtime_ns // 10**9 == int(s.st_mtime), os.path.getsize("a/b/c/3.bin"), len(s), s[6])
os.chmod("a/1.txt", 0o600)
os.utime("a/1.txt", (1000, 2000))
print(oct(os.stat("a/1.txt").st_mode), os.stat("a/1.txt").st_mtime, os.access("a/1.txt", os.R_OK), os.access("none", os.F_OK))
shutil.copy("a/1.txt", "copy.txt")
shutil.copy2("a/1.txt", "d")
shutil.copytree("a", "tree", ignore=shutil.ignore_patterns("*.bin"))
print(sorted(os.listdir("tree/b/c")), os.stat("d/1.txt").st_mtime, oct(os.stat("copy.txt").st_mode), filecmp.cmp("a/1.txt", "copy.txt", shallow=False))
c = filecmp.dircmp("a", "tree")
print(c.left_list, c.common_dirs, c.same_files, c.left_only, c.subdirs["b"].subdirs["c"].left_only, filecmp.cmpfiles("a", "tree", ["1.txt", "none"], shallow=False))
shutil.move("copy.txt", "d/moved.txt")
os.rename("d/4", "d/five")
os.replace("d/five", "d/moved.txt")
os.link("a/1.txt", "hard")
print(sorted(os.listdir("d")), os.stat("hard").st_nlink, os.path.samefile("hard", "a/1.txt"))
os.truncate("hard", 2)
with open("hard", "r+b") as file:
    file.seek(0, 2)
    file.write(b"end")
print(Path("a/1.txt").read_text(), shutil.disk_usage(".").total > 0, shutil.which("sh") is not None, shutil.which("surely-no-such-command"))
for call in (lambda: os.mkdir("a"), lambda: os.makedirs("a/b"), lambda: os.makedirs("a/b", exist_ok=True), lambda: os.rmdir("a"), lambda: os.remove("a"), lambda: os.remove("none"), lambda: os.rename("none", "x"), lambda: os.rename("a", "d"), lambda: os.listdir("hard"), lambda: os.stat("none"), lambda: os.symlink("x", "link"), lambda: os.readlink("hard"), lambda: open("a"), lambda: open("none/x", "w"), lambda: open("hard/x"), lambda: shutil.copy("hard", "hard"), lambda: shutil.copytree("a", "tree"), lambda: shutil.rmtree("none"), lambda: shutil.rmtree("link"), lambda: shutil.move("none", "x"), lambda: os.chdir("none"), lambda: os.chmod("none", 0), lambda: os.link("none", "x"), lambda: os.stat("a\0b"), lambda: os.stat(5.5), lambda: os.open("none", os.O_RDONLY), lambda: os.close(987), lambda: os.read(987, 1), lambda: os.scandir("none"), lambda: open("hard", "q"), lambda: open("hard", "rw"), lambda: open("hard", "xb"), lambda: os.stat("dangling")):
    attempt(call)
fd = os.open("raw", os.O_RDWR | os.O_CREAT)
print(os.write(fd, b"hello world"), os.lseek(fd, 6, 0), os.read(fd, 100), os.pread(fd, 5, 0), os.pwrite(fd, b"H", 0), os.fstat(fd).st_size, os.isatty(fd), os.ftruncate(fd, 5), os.fsync(fd))
os.close(fd)
r, w = os.pipe()
os.write(w, b"pipe")
os.close(w)
print(os.read(r, 10), os.read(r, 10), os.fspath(Path("x")), os.fsencode("é"), os.fsdecode(b"\xff").encode("utf-8", "surrogateescape"), os.strerror(2), os.sep, os.curdir, os.linesep == "\n", os.devnull)
os.close(r)
with tempfile.TemporaryDirectory(dir=root) as folder, tempfile.NamedTemporaryFile("w+", dir=folder, suffix=".x", prefix="p-") as file:
    file.write("text")
    file.flush()
    print(os.path.basename(file.name).startswith("p-"), file.name.endswith(".x"), Path(file.name).read_text(), os.listdir(folder) == [os.path.basename(file.name)])
print(os.path.exists(folder))
with tempfile.SpooledTemporaryFile(max_size=5) as spool:
    spool.write(b"123456")
    print(spool.seek(0), spool.read(), tempfile.gettempprefix(), len(tempfile.mktemp()) > 8)
shutil.make_archive("packed", "tar", "a")
shutil.unpack_archive("packed.tar", "unpacked")
print(sorted(os.listdir("unpacked")))
path = Path("p")
path.mkdir()
(path / "f.txt").write_bytes(b"x")
print(sorted(p.as_posix() for p in Path().rglob("*.txt")), path.exists(), list(path.iterdir()), (path / "f.txt").stat().st_size, path.is_dir(), (path / "f.txt").rename(path / "g.txt"), path.resolve().name, Path("link").is_symlink(), sorted(Path().glob("d*")), Path("q").touch(), Path("q").unlink(), Path("q").unlink(missing_ok=True), [str(t) for t, _, _ in path.walk()])
os.chdir("/")
shutil.rmtree(root)
print(os.path.exists(root))
