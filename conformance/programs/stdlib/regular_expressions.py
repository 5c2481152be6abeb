# Patterns: groups, alternatives, repetitions that give back and that do not, looking around, case, bytes.
import re


def show(pattern, text, flags=0):
    compiled = re.compile(pattern, flags)
    found = compiled.search(text)
    print(ascii(pattern), ascii(text), found and (found.span(), ascii(found.groups()), found.lastindex, found.lastgroup))


for pattern in [r"(a|ab)(c|bcd)(d*)", r"(?:(a)|b)*", r"(a*)*", r"(a+?)(b*)$", r"(?P<x>a)(?(x)b|c)", r"(?>a+)ab", r"a++b|cab",
                r"(?<=a)b(?!c)", r"(?:){2}a*?b", r"((.)\2)", r"^b|a$", r"\Ba\b"]:
    for text in ["abcd", "aab", "cab\n", "bb", ""]:
        show(pattern, text)
show("(?i:stra\xdfe|\u0130x)", "STRA\xdfE")
show(r"\w+", "\xe9t\xe9 1")
show(r"\w+", "\xe9t\xe9 1", re.A)
show(rb"(?i)[a-f]+(\d)?", b"xyzFaDe7")
show(r"[^\W\d_]+", "\u65e5\u672c12")
show("[\u0100-\u0200x\U0001f600-\U0001f64f]+", "ab\u0101x\U0001f601z")
show(r"""(?x) (?P<year>\d{4}) - (?P<month>\d\d)  # a date""", "on 2024-05-01")

text = "one, two;three  four"
print(re.split(r"[,;]?\s*", text, maxsplit=3), re.split(r"(\W)", "a-b"), re.split("", "ab"))
print(re.findall(r"(\w)(\w*)", text), re.findall("x*", "axb"))
print(re.sub(r"(\w+) *(?P<mark>,|;)?", r"<\g<1>\g<mark>>", text), re.subn("x*", "-", "abxd", count=2))
print(re.sub("o", lambda found: str(found.start()), text))
print([found.group() for found in re.finditer(r"\w{3}", text)], re.fullmatch("a|ab", "ab"))
found = re.search(r"(?P<first>\w+)\W+(?P<second>\w+)?", text)
print(found, found.groupdict(), found["second"], found.expand(r"\2-\1"), found.regs, found.re.groupindex)
print(repr(re.compile("a", re.I | re.M)), re.compile("a") == re.compile("a"), re.escape("a.b[c]"))
scanner = re.Scanner([(r"\d+", lambda s, t: int(t)), (r"[a-z]+", lambda s, t: t), (r"\s+", None)])
print(scanner.scan("12 ab 3!"))
for pattern in ["(", "a**", "[z-a]", r"\8", "(?P<1>a)", "(?<=a+)b", "x{2,1}", "(?i", "*"]:
    try:
        re.compile(pattern)
    except re.error as error:
        print(type(error).__name__, error, error.pos)
for wrong in [lambda: re.match("a", b"a"), lambda: re.match(b"a", "a"), lambda: re.match("a", 1), lambda: found.group(3),
              lambda: found.group("third"), lambda: re.sub("a", r"\2", "a")]:
    try:
        wrong()
    except (TypeError, IndexError, re.error) as error:
        print(type(error).__name__, error)
# Deep repetitions do not need the native stack.
print(len(re.match("(?:a|b)*", "ab" * 20000).group()), re.match("(?:(?:x)*y)*", "xxy" * 5000).end())
