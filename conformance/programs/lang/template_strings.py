"""Template strings: literal parts and interpolations, unevaluated as text."""

x, width = 5, 3
template = t"a{x}b{x!r:>{width}}{ x = }"
print(template)
print(template.strings, template.values)
for part in template:
    print(repr(part))
interpolation = template.interpolations[1]
print(interpolation.value, interpolation.expression, interpolation.conversion, interpolation.format_spec)
Template, Interpolation = type(template), type(interpolation)
match interpolation:
    case Interpolation(value, expression):
        print(value, expression, Interpolation.__match_args__)
print(Template("a", "b", Interpolation(1, "one"), "c"), Template(), Template[int])
print(t"a" + t"{x}b", t"a{(lambda: 3)()!s}" t"b", rt"\n{x}")
print(t"" == t"", list(t""), t"{x # note
}".interpolations[0].expression)

for wrong in (
    lambda: t"a" + "b",
    lambda: "a" + t"b",
    lambda: Template(1),
    lambda: Interpolation(),
    lambda: Interpolation(1, "x", "z"),
    lambda: setattr(template, "strings", ()),
    lambda: compile("t'a' 'b'", "<source>", "eval"),
    lambda: compile("t'{}'", "<source>", "eval"),
    lambda: compile("f'{1:{2:{3:{4}}}}'", "<source>", "eval"),
):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)
