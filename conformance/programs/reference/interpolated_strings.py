"""Template strings: their parts, conversions, specs, nesting, concatenation, rendering, and what they refuse."""
from string.templatelib import Interpolation, Template, convert

name, width = "world", 8
t = t"hello {name}, {name!r:>{width}} {1 + 1=} {{}}"
print(type(t).__name__, t.strings, t.values)
for i in t.interpolations:
    print(repr(i), i.value, i.expression, i.conversion, repr(i.format_spec))


def render(template):
    out = []
    for part in template:
        match part:
            case str():
                out.append(part)
            case Interpolation(value, _, conversion, spec):
                out.append(format(convert(value, conversion), spec))
    return "".join(out)


print(render(t), render(t""), render(t"{name}"), render(t"a" t"{1}b"), render(rt"\d{2}"), render(Tr"{'x'}\n"))
print(list(t""), list(t"{1}{2}"), t"{1}{2}".strings, (t"a" + t"b{1}" + t"c").strings, t"x".strings, t"{name}".values)
print(render(t"{t'inner {width}'.strings[0]}"), t"{(lambda q: q)(5)}".values, t"{ name }".interpolations[0].expression, t"{name!s}".interpolations[0].conversion, render(t"{{{name}}}"), t"""{
    name
}""".interpolations[0].expression)
print(Template("a", Interpolation(5, "five", "r", ">3"), "b", "c").strings, Template(Interpolation(1), Interpolation(2)).strings, repr(Template("x")), Interpolation(1) == Interpolation(1), t"a" == t"a", hash(t"a") != 0)
print(convert("é", "a"), convert(5, None), convert("x", "r"), convert(5, "s"), Interpolation.__match_args__)


def order(x):
    print("evaluated", x, end="; ")
    return x


lazy = t"{order(1)} {order(2):{order('>5')}}"
print(lazy.interpolations[1].format_spec)
for call in (lambda: t"a" + "b", lambda: "a" + t"b", lambda: t"{undefined}", lambda: t"{1}".values.append(2), lambda: Template(5), lambda: Interpolation(), lambda: Interpolation(1, "e", "z"), lambda: Interpolation(1, 5), lambda: convert(1, "z"), lambda: setattr(t"a", "strings", ()), lambda: t"{1 / 0}", lambda: render(t"{'x':d}"), lambda: Template(a=1), lambda: type("Sub", (Template,), {}), lambda: t"a".x, lambda: str(t"x{1}"), lambda: t"a" * 2, lambda: len(t"a"), lambda: t"a"[0]):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
for text in ("t'{}'", "t'{x'", "t'}'", "t'{x!z}'", "t'a' 'b'", "t'a' f'b'", "bt'a'", "ut'a'", "ft'a'", "t'{x:{y:{z}}}'", "t'{*a}'", "t'{a b}'", "t'{lambda: 1}'", "t'{x!r:}'", "'a' t'b'", "t'{yield}'", "b'a' t'b'"):
    try:
        compile(text, "<t>", "eval")
        print(text, "compiles")
    except SyntaxError as error:
        print(text, "|", error.msg)
