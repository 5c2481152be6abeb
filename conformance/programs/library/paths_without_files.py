"""pathlib's pure paths and os.path: parts, joining, relatives, suffixes, matching, both flavours, errors."""
import ntpath
import os.path
import posixpath
from pathlib import PurePath, PurePosixPath as P, PureWindowsPath as W


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


for text in ("/a/b/c.tar.gz", "a//b/./c/", "..", "", "/", "//a/b", "///a", "a/..", ".hidden", "name.", "a.b/.c.d", "~/x"):
    p = P(text)
    print(repr(p), p.parts, p.drive, repr(p.root), p.anchor, p.name, p.stem, p.suffix, p.suffixes, p.parent, [str(x) for x in p.parents], p.is_absolute(), bytes(p), hash(p) == hash(P(text)))
for text in ("C:\\a\\b.txt", "c:a", "\\\\server\\share\\x", "C:/a/B", "\\a", "con", "a:b", "C:", "//./c:/x"):
    w = W(text)
    print(repr(w), w.parts, w.drive, w.root, w.anchor, w.name, w.is_absolute(), w.as_posix(), w == W(text.upper()))
p = P("/usr/lib/python/x.py")
print(p / "y", "z" / P("a"), p / "/abs", P("a", "b", P("c")), p.joinpath("q", "r"), p.with_name("n.txt"), p.with_stem("s"), p.with_suffix(".md"), p.with_suffix(""), p.relative_to("/usr"), p.relative_to("/usr/bin", walk_up=True), p.is_relative_to("/usr"), p.as_uri(), P("a") < P("b"), sorted([P("b/a"), P("a/z"), P("a")]), P("a/b") == P("a//b"), P("a") == W("a"), W("a") == W("A"), p.match("*.py"), p.match("lib/*/x.py"), p.full_match("/usr/**/*.py"), P("a/b").match("a/*/"), p.parents[1], p.parents[-1], len(p.parents), list(p.parents[:2]), P("x").with_segments("a", "b"), P("a\\b").parts, W("a/b\\c").parts)
for call in (lambda: P("a").relative_to("b"), lambda: P("/a").relative_to("a"), lambda: P("..").with_name("x"), lambda: P("a").with_name("b/c"), lambda: P("a").with_name(""), lambda: P("").with_name("x"), lambda: P("a").with_suffix("b"), lambda: P("a").with_suffix("."), lambda: P("").with_suffix(".x"), lambda: P("a") < 5, lambda: P(5), lambda: P(b"x"), lambda: P("a").match(""), lambda: P("a") / 5, lambda: p.parents[9], lambda: P("a").as_uri(), lambda: P("a/..").relative_to("..", walk_up=True), lambda: P("a").joinpath(None), lambda: P("a") < W("b"), lambda: P("a").with_stem(""), lambda: W("C:a").as_uri()):
    attempt(call)
print(PurePath("x").__class__.__name__, os.fspath(P("a/b")), repr(P("it's")), P("a\0b").name == "a\0b")

for module in (posixpath, ntpath):
    print(module.__name__)
    for text in ("a/b/c.txt", "/", "a//b/../c/.", "", "C:\\x\\..\\y", "~", ".bashrc", "a.tar.gz", "//x/y"):
        print(text, module.split(text), module.splitext(text), module.splitdrive(text), module.splitroot(text), module.basename(text), module.dirname(text), module.normpath(text), module.isabs(text), module.normcase(text), end="; ")
    print()
    print(module.join("a", "b", "/c", "d"), module.join("a", ""), module.join(""), module.commonprefix(["/usr/lib", "/usr/local"]), module.relpath("/a/b", "/a/c") if module is posixpath else module.relpath("C:\\a", "C:\\b"))
print(os.path.commonpath(["/usr/lib", "/usr/local/lib"]), os.path.commonpath(["a/b", "a"]), os.path.expandvars("$NOTHING_SET/${NOTHING}/$"), os.path.exists("/nothing/here"), os.path.isdir("/"), os.path.islink("/"), os.path.lexists(""), os.path.samefile("/", "/.."), os.path.isfile(__file__), os.path.ismount("/"))
for call in (lambda: os.path.join("a", b"b"), lambda: os.path.join(5), lambda: os.path.commonpath([]), lambda: os.path.commonpath(["/a", "b"]), lambda: os.path.split(5), lambda: os.path.relpath(""), lambda: os.path.getsize("/nothing"), lambda: os.path.exists(5.5), lambda: os.path.splitext(None), lambda: os.path.normpath(b"a/../b"), lambda: os.path.abspath("/a/../b"), lambda: os.path.exists("a\0b"), lambda: os.path.realpath("/nothing/x", strict=True)):
    attempt(call)
