"""shlex, fnmatch, glob, difflib, html, urllib.parse: small tools of text."""
import difflib
import fnmatch
import glob
import html
import os
import shlex
import tempfile
from urllib import parse


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


for text in ("a b 'c d' \"e f\" g\\ h", "", "a#b c", "'it''s'", '"a\\"b" \\n', "x=1;y|z", "é 'ü'", "a 'b", "a \\", "--k='v w' -x"):
    attempt(lambda: (shlex.split(text), shlex.split(text, comments=True), shlex.split(text, posix=False)))
print(shlex.quote("it's"), shlex.quote(""), shlex.quote("safe-1.txt"), shlex.join(["a b", "c'd"]), list(shlex.shlex("a && b; (c)", punctuation_chars=True)))

names = ["a.py", "A.py", "b.txt", "[x]", ".hidden", "ab.pyc", "dir"]
for pattern in ("*.py", "?.*", "[ab].*", "[!a]*", "[[]*", "*", "*.PY", "[a-", "", "a[.]py"):
    print(pattern, fnmatch.filter(names, pattern), [fnmatch.fnmatchcase(n, pattern) for n in names[:2]], fnmatch.filterfalse(names, pattern)[:2], end="; ")
print(fnmatch.translate("a*[!b]?.x"), fnmatch.translate("**"))
root = tempfile.mkdtemp()
for path in ("a/b/c.txt", "a/d.txt", "e.txt", ".h.txt", "a/.z/y.txt", "[s].txt"):
    os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
    open(os.path.join(root, path), "w").close()
for pattern in ("*", "*.txt", "**", "**/*.txt", "a/*/", "*/*", ".*", "[[]s].txt", "nothing*", "a/d.txt"):
    print(pattern, sorted(glob.glob(pattern, root_dir=root)), sorted(glob.glob(pattern, root_dir=root, recursive=True, include_hidden=True)), end="; ")
print(glob.escape("a[b]*?"), glob.has_magic("a*"), glob.translate("**/*.py", recursive=True))

a, b = "one two three four".split(), "zero one tree four five".split()
print("\n".join(difflib.unified_diff(a, b, "old", "new", lineterm="")))
print("\n".join(difflib.context_diff(a, b, "old", "new", lineterm="", n=1)))
print("".join(line + "|" for line in difflib.ndiff(a, b)))
m = difflib.SequenceMatcher(None, "abxcd", "abcd")
print(m.ratio(), m.quick_ratio(), m.real_quick_ratio(), m.get_opcodes(), m.find_longest_match(), m.get_matching_blocks())
print(difflib.get_close_matches("appel", ["ape", "apple", "peach", "puppy"]), difflib.get_close_matches("x", ["y"], n=1, cutoff=0.0), list(difflib.restore(difflib.ndiff(a, b), 1)))
attempt(lambda: difflib.get_close_matches("a", [], n=0))
print(list(difflib.SequenceMatcher(lambda c: c == " ", "a b", "ab").get_grouped_opcodes(0)), len(difflib.HtmlDiff().make_table(a, b)) > 100)

print(html.escape("<a href=\"x\">'&'</a>"), html.escape("'\"", quote=False), html.unescape("&lt;&amp;&#62;&#x3e;&eacute;&notit;&nbsp;&#0;&#150;&unknown;&ampx"))
u = parse.urlsplit("https://user:pa%20ss@Host.example:8080/p/a;x?q=1&q=2#frag")
print(u, u.hostname, u.port, u.username, u.password, u.geturl(), u._replace(path="/new").geturl())
for base, url in (("http://a/b/c/d", "../e"), ("http://a/b/c", "//h/x"), ("http://a/b?q", "?y"), ("http://a/b/", "./c/../d"), ("a/b", "c"), ("http://a", "g:h")):
    print(parse.urljoin(base, url), end=" ")
print(parse.quote("a b/ü&"), parse.quote("a/b", safe=""), parse.quote_plus("a b+c"), parse.unquote("a%20b%c3%bc%zz"), parse.unquote_plus("a+b%2B"), parse.quote(b"\xff"), parse.unquote_to_bytes("%ff%41"))
print(parse.urlencode({"a": [1, 2], "b": "x y"}, doseq=True), parse.urlencode([("k", "é")]), parse.parse_qs("a=1&a=2&b=&c", keep_blank_values=True), parse.parse_qsl("a=1;b=2&c=%41"), parse.urlparse("path;params?query#f"), parse.urldefrag("a#b"), parse.urlunsplit(("s", "h", "p", "q", "f")))
for call in (lambda: parse.urlsplit("http://h:99999/").port, lambda: parse.urlsplit("http://h:x/").port, lambda: parse.urlsplit("http://[::1"), lambda: parse.urljoin("a", b"b"), lambda: parse.parse_qs("a", strict_parsing=True), lambda: parse.urlencode(5), lambda: parse.quote(5), lambda: parse.parse_qsl("a=1&b=2", max_num_fields=1)):
    attempt(call)
