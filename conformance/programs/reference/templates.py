"""PEP 750: template strings."""
from string.templatelib import Interpolation, Template, convert


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


name, width = "world", 10
t = t"hello {name!r:>{width}} and {1 + 1}!"
print(t, type(t).__name__)
print(t.strings, t.values, t.interpolations)
print([(i.value, i.expression, i.conversion, i.format_spec) for i in t.interpolations])
print(list(t), list(t""), list(t"{1}"), list(t"{1}{2}"), list(t"a"))
print(t"a" + t"b{1}", t"{1}" + t"{2}", (t"a{1}b" + t"c{2}d").strings)
show("plus str", lambda: t"a" + "b")
show("str plus", lambda: "a" + t"b")
print(t"x" == t"x", t"" t"y", rt"\n{1}".strings, t"{{}}".strings, t"""multi
{name}
line""".strings, t"{ 1 }".interpolations[0].expression, t"{name=}".strings, t"{name = !s}".strings, t"{name=:>5}".interpolations[0])
print(Template("a", Interpolation(5, "x"), "b", "c"), Template().strings, Template(Interpolation(1)).strings, Template("a", "b").strings)
show("number part", lambda: Template(5))
i = Interpolation(3, "expr", "r", ".2f")
print(i, i.value, i.expression, i.conversion, i.format_spec, Interpolation(1), Interpolation.__match_args__)
show("conversion", lambda: Interpolation(1, "x", "q"))
show("set", lambda: setattr(i, "value", 5))
show("set strings", lambda: setattr(t, "strings", ()))
show("subclass", lambda: type("T", (Template,), {}))
print(convert("é", "a"), convert("x", "r"), convert(5, "s"), convert(5, None))
show("convert", lambda: convert(5, "z"))


def render(template):
    out = []
    for part in template:
        match part:
            case str(text):
                out.append(text)
            case Interpolation(value, _, conversion, spec):
                out.append(format(convert(value, conversion), spec))
    return "".join(out)


print(render(t), render(t"{'nested ' + render(t'{name}')} {[x for x in range(3)]} {(lambda: 5)()}"))
show("evaluated now", lambda: t"{undefined}")
show("not formatted", lambda: t"{5:nonsense}".interpolations[0].format_spec)


async def coroutine():
    async def value():
        return "awaited"

    return t"{await value()}"


try:
    coroutine().send(None)
except StopIteration as stop:
    print(stop.value)
import copy
import pickle

print(pickle.loads(pickle.dumps(t)).strings == t.strings, copy.copy(i).value, hash(t"a") == hash(t"a") if False else "", t.__class__, repr(t"it's"))
for source in ("t'{'", "t'}'", "t'{}'", "t'{a b}'", "t'a' 'b'", "'a' t'b'", "t'a' f'b'", "bt'a'", "t'{a!x}'", "t'{a!}'", "ft'x'", "t'{lambda x: 1}'", "t'{*a}'", "t'{yield}'", "tr'{a}'", "t'{a:{b}}'", "t'{a:{b:{c}}}'", "t'{a!r:'", "ut'a'", "t'{a;b}'", "t'{\n}'", "t'{a=!r:x}'"):
    try:
        compile(source, "m", "exec")
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, repr(source))
