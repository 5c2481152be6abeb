"""os, pathlib, tempfile, shutil, glob, fnmatch, io: a small tree of files, made and taken away."""
import fnmatch
import glob
import io
import os
import shutil
import stat
import tempfile
from pathlib import Path, PurePosixPath, PureWindowsPath


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        text = str(error).replace(str(root), "<root>")
        print(what, "!!", type(error).__name__, text, getattr(error, "errno", None))


root = Path(tempfile.mkdtemp())
here = root / "a" / "b"
here.mkdir(parents=True)
(here / "one.txt").write_text("first\nsecond\n", encoding="utf-8")
(here / "two.bin").write_bytes(bytes(range(5)))
(root / "a" / "three.txt").touch()
os.symlink("three.txt", root / "a" / "link")
show("tree", lambda: sorted(p.relative_to(root).as_posix() for p in root.rglob("*")))
show("glob", lambda: sorted(p.name for p in root.glob("**/*.txt")))
show("glob module", lambda: sorted(os.path.relpath(p, root) for p in glob.glob(str(root / "**" / "t*"), recursive=True)))
show("read", lambda: ((here / "one.txt").read_text(), (here / "two.bin").read_bytes(), (here / "one.txt").stat().st_size))
show("kinds", lambda: [(p.is_file(), p.is_dir(), p.is_symlink(), p.exists()) for p in (here, here / "one.txt", root / "a" / "link", root / "none")])
show("link", lambda: (os.readlink(root / "a" / "link"), (root / "a" / "link").resolve() == (root / "a" / "three.txt").resolve()))
show("mode", lambda: (os.chmod(here / "one.txt", 0o640), oct((here / "one.txt").stat().st_mode), stat.filemode((here / "one.txt").stat().st_mode)))
show("walk", lambda: [(os.path.relpath(d, root), sorted(s), sorted(f)) for d, s, f in os.walk(root)])
show("walk method", lambda: [(d.name, sorted(f)) for d, _, f in here.walk()])
show("scandir", lambda: sorted((e.name, e.is_dir(), e.is_symlink()) for e in os.scandir(root / "a")))
show("rename", lambda: ((here / "two.bin").rename(here / "renamed").name, sorted(os.listdir(here))))
show("replace", lambda: (os.replace(here / "renamed", here / "again"), sorted(os.listdir(here))))
show("copy", lambda: (shutil.copy(here / "one.txt", root / "copy.txt") == root / "copy.txt", (root / "copy.txt").read_text()))
show("copytree", lambda: (shutil.copytree(root / "a", root / "c", symlinks=True).name, sorted(os.listdir(root / "c"))))
show("move", lambda: (Path(shutil.move(root / "copy.txt", root / "moved.txt")).name, (root / "copy.txt").exists()))
show("times", lambda: (os.utime(root / "moved.txt", (1000, 2000)), os.stat(root / "moved.txt").st_mtime, os.path.getatime(root / "moved.txt")))
show("samefile", lambda: (os.path.samefile(here, here / ".." / "b"), here.samefile(root)))
for what, action in {
    "missing": lambda: open(root / "none"), "directory": lambda: open(root), "exists": lambda: here.mkdir(), "not empty": lambda: here.rmdir(), "no parent": lambda: (root / "x" / "y").mkdir(), "not a dir": lambda: os.listdir(root / "moved.txt"),
    "unlink": lambda: (root / "none").unlink(), "missing ok": lambda: (root / "none").unlink(missing_ok=True), "mode": lambda: open(root / "z", "q"), "binary encoding": lambda: open(root / "moved.txt", "rb", encoding="utf-8"), "x": lambda: open(root / "moved.txt", "x"),
    "rename": lambda: os.rename(root / "none", root / "other"), "readlink": lambda: os.readlink(root / "moved.txt"), "null": lambda: open("a\0b"), "number": lambda: open(1.5), "relative": lambda: here.relative_to(root / "q"), "text in binary": lambda: (root / "moved.txt").write_bytes("x"), "bytes in text": lambda: (root / "moved.txt").write_text(b"x"),
}.items():
    show(what, action)
with open(root / "f.txt", "w+", newline="") as f:
    print(f.write("a\r\nb\nc"), f.tell(), f.seek(0), f.readline(), f.read(2), f.readlines(), f.truncate(2), f.seek(0, 2), f.mode, f.encoding, f.newlines, f.readable(), f.seekable(), f.closed)
with open(root / "f.txt", "a") as f:
    f.writelines(["x\n", "y"])
with open(root / "f.txt") as f:
    print([line for line in f], f.closed)
show("closed", lambda: f.read())
show("write to reader", lambda: open(root / "f.txt").write("x"))
with open(root / "f.txt", "rb+", buffering=0) as raw:
    print(type(raw).__name__, raw.read(1), raw.readinto(bytearray(2)), raw.write(b"Q"), raw.seek(0), raw.readall())
with open(root / "f.txt", "rb") as b:
    print(type(b).__name__, b.peek(1)[:1], b.read1(2), b.readline(), b.tell(), b.seek(-1, os.SEEK_END), b.read(), b.read())
(root / "latin").write_bytes(b"caf\xe9")
show("decode", lambda: (root / "latin").read_text(encoding="utf-8"))
show("replace", lambda: (root / "latin").read_text(encoding="utf-8", errors="replace"))
show("latin", lambda: (root / "latin").read_text(encoding="latin-1"))
with tempfile.TemporaryDirectory() as d, tempfile.NamedTemporaryFile(dir=d, suffix=".t") as t, tempfile.TemporaryFile("w+") as u, tempfile.SpooledTemporaryFile(5) as s:
    print(os.path.isdir(d), t.name.endswith(".t"), os.path.dirname(t.name) == d, u.write("x"), s.write(b"longer than five"), s.seek(0), s.read(6))
print(os.path.exists(d))
shutil.rmtree(root)
print(root.exists())
p = PurePosixPath("/a/b.tar.gz")
print(p.name, p.stem, p.suffix, p.suffixes, p.parent, p.parts, p.anchor, p.with_suffix(".x"), p.with_name("q"), p.with_stem("s"), p / "../c", p.match("*.gz"), p.is_absolute(), p.parents[1], p.relative_to("/a"), p.is_relative_to("/z"), PurePosixPath("a//b/./c/../d"), PurePosixPath("x").joinpath("/y"), PurePosixPath(".").name, p < PurePosixPath("/b"), hash(p) == hash(PurePosixPath("/a/b.tar.gz")), repr(p))
w = PureWindowsPath("C:\\Users\\x.txt")
print(w.drive, w.root, w.parts, w.as_posix(), w == PureWindowsPath("c:/users/X.TXT"), w.relative_to("c:/users"), PureWindowsPath("a") / "D:b", repr(w))
show("with_name", lambda: p.with_name("a/b"))
show("with_suffix", lambda: p.with_suffix("x"))
print(os.path.join("a", "b", "/c", "d"), os.path.split("/a/b"), os.path.splitext("a.b.c"), os.path.splitext(".x"), os.path.normpath("a/./b/../c//d"), os.path.basename("/a/"), os.path.dirname("/a/b"), os.path.commonpath(["/a/b", "/a/c"]), os.path.commonprefix(["abc", "abd"]), os.path.relpath("/a/b", "/a/c"), os.path.isabs("/a"), os.path.expanduser("~") != "~", os.path.join(b"a", b"b"))
print(fnmatch.fnmatch("a.py", "*.py"), fnmatch.filter(["a.py", "b.txt"], "[ab].p?"), fnmatch.translate("*.p[!y]"), fnmatch.fnmatchcase("A", "a"))
s = io.StringIO("a\nb\r\nc")
print(s.readline(), s.read(1), s.getvalue(), s.seek(0), list(s), s.write("z"), s.getvalue(), io.StringIO("a\r\nb", newline=None).read())
b = io.BytesIO(b"abc")
print(b.read(1), b.getbuffer()[1], b.seek(5), b.write(b"x"), b.getvalue(), b.truncate(2), b.getvalue())
t = io.TextIOWrapper(io.BytesIO(b"h\xc3\xa9\nx"), "utf-8", newline="\n")
print(t.read(2), t.tell(), t.readline(), t.buffer.read(), t.detach().getvalue())
show("unsupported", lambda: io.StringIO().fileno())
show("seek", lambda: io.StringIO("abc").seek(-1))
show("relative", lambda: io.StringIO("abc").seek(1, 1))
show("initial", lambda: io.StringIO(b"x"))
