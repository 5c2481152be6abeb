"""Sources that are refused, or nearly: null bytes, nesting, fields in formats, futures."""

import __future__


def t(source, mode="exec", flags=0):
    try:
        code = compile(source, "<input>", mode, flags, True)
        print("fine", repr(source[:40]), hex(code.co_flags & 0x1FE0000))
        return code
    except SyntaxError as error:
        print(type(error).__name__, error.msg, error.lineno, error.offset, error.end_offset, repr(source[:40]))
    except BaseException as error:
        print(type(error).__name__, error, repr(source[:40]))


t("x = 1\0")
t(b"x = 1\n\0")
for run in (eval, exec):
    try:
        run("1\0")
    except SyntaxError as error:
        print(error.msg, error.lineno)

t('f"{a:{b}}" 1e')
t('f"{a:{b}}" )')
t('t"{a:{b}}"\n  x')
t('f"{a:{b}}}"')
t('f"{a:{b}{c}}"')
t('f"{a:{b:{c}}}"')
t("import a as b; None = 1")
t("from a import b as c; None = 1")
t("import a as b.c")
t("match x:\n case f'a': pass")
t("match x:\n case [t'a']: pass")

for feature in __future__.all_feature_names:
    if feature != "barry_as_FLUFL":
        t(f"from __future__ import {feature}")
code = t("from __future__ import division, annotations\ndef f(): pass\n")
print([hex(const.co_flags & 0x1FE0000) for const in code.co_consts if hasattr(const, "co_flags")])
t("pass", flags=__future__.division.compiler_flag | __future__.generator_stop.compiler_flag)
t("from __future__ import nothing")

for source in ("for a in b:\n  pass\nelso:\n  pass\n", "if x:\n  pass\nelseif y:\n  pass\n"):
    try:
        compile(source, "<input>", "exec")
    except SyntaxError as error:
        print(error.msg, error._metadata)


class Keys:
    def keys(self):
        return 5


for use in (lambda: dict(**Keys()), lambda: {**Keys()}, lambda: (lambda **k: k)(**{1: 2}, **{1: 3})):
    try:
        use()
    except TypeError as error:
        print(error)

try:
    type("E", (OSError, SyntaxError), {})
except TypeError as error:
    print(error)
print(type("E", (OSError, ValueError), {}).__mro__[1:3], type("E", (KeyError, AttributeError), {}).__mro__[1:3])


class Bad(ExceptionGroup):
    def split(self, *args):
        return ("one",)


try:
    try:
        raise Bad("b", [ValueError(1)])
    except* ValueError:
        pass
except TypeError as error:
    print(error)


def annotated(): ...


for value in (5, "x"):
    try:
        annotated.__annotations__ = value
    except TypeError as error:
        print(error)
annotated.__annotate__ = lambda format: 5
try:
    annotated.__annotations__
except TypeError as error:
    print(error)

deep = []
for _ in range(1000):
    deep = [deep]
print(len(repr(deep)), repr(deep)[998:1006])
deep = []
deep.append([deep, {1: deep}])
print(deep)
