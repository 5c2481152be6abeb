"""string: constants, capwords, Formatter and its hooks, Template with its patterns."""
import string
from string import Formatter, Template


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


print(string.ascii_letters, string.digits, string.hexdigits, string.octdigits, repr(string.whitespace), string.punctuation, len(string.printable))
print(string.capwords("  hello   wORLD "), string.capwords("a-b c", "-"), repr(string.capwords("x\ty")))
f = Formatter()
print(f.format("{0} {1!r:>5} {k[a].real} {{}}", 1, "x", k={"a": 2}), f.vformat("{a} {0}", [1], {"a": 2}), f.format("{} {}", 1, 2))
print(list(f.parse("a{b!r:c{d}}e{{f}}g{}")), f.get_field("a.real", (), {"a": 3}), list(f.parse("")))
for call in (lambda: f.format("{0} {}", 1, 2), lambda: f.format("{} {0}", 1, 2), lambda: f.format("{}"), lambda: f.format("{x}"), lambda: f.format("{0"), lambda: f.format("}"), lambda: f.format("{0!z}", 1), lambda: f.format("{0.nope}", 1), lambda: f.format(), lambda: f.vformat("{:{:{}}}", (1, 2, 3), {}), lambda: f.format("{0[}", 1), lambda: f.format("{0[a}", 1)):
    attempt(call)


class Own(Formatter):
    def get_value(self, key, args, kwargs):
        return kwargs.get(key, f"<{key}>") if isinstance(key, str) else super().get_value(key, args, kwargs)

    def convert_field(self, value, conversion):
        return value.upper() if conversion == "u" else super().convert_field(value, conversion)

    def format_field(self, value, spec):
        return value * int(spec[1:]) if spec.startswith("*") else super().format_field(value, spec)

    def check_unused_args(self, used, args, kwargs):
        print("used", sorted(map(str, used)), end=" ")


print(Own().format("{a} {b!u} {0:*3} {missing}", "z", a=1, b="up"))

t = Template("$who likes ${what}s, $$5, $")
attempt(lambda: t.substitute(who="tim", what="kung pao"))
print(t.safe_substitute(who="tim"), Template("$a ${b}").safe_substitute({"a": 1}), Template("$a-$b").substitute({"a": 1}, b=2), Template("no").template)
print(Template("$x $y ${x}").get_identifiers(), Template("$x $").is_valid(), Template("$x").is_valid())
for text, mapping in (("$a", {}), ("$", {}), ("${a", {"a": 1}), ("$1", {}), ("line\n  $-", {}), ("${}", {}), ("$é", {"é": 1}), ("$A$a_1", {"A": 1, "a_1": 2})):
    attempt(lambda: Template(text).substitute(mapping))


class Percent(Template):
    delimiter = "%"
    idpattern = "[a-z]+_[a-z]+"


class Braces(Template):
    pattern = r"""\[(?:(?P<escaped>\[)|(?P<named>\w+)\]|(?P<braced>\#\w+)\]|(?P<invalid>))"""


print(Percent("%with_under %plain %%").safe_substitute(with_under=1, plain=2), Braces("[a] [[ [b]").safe_substitute(a=1, b=2))
attempt(lambda: Template("$a").substitute())
attempt(lambda: Template("$a").substitute({}, {}))
