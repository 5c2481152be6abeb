"""Tokens of what is no whole text, the source of nested things, and beginnings that wait for more lines."""

import codeop
import inspect
import io
import platform
import sys
import time
import tokenize


def tokens(text):
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            print(tokenize.tok_name[token.type], repr(token.string), end="; ")
        print()
    except (tokenize.TokenError, SyntaxError) as error:
        print()
        print(" ", type(error).__name__, error.args[0])


for text in ["a = [1,\n", "if x:\n    a\n  b\n", "'open\n", "'''open\n", "a )\n", "(]\n", "a = 1\r\nb = 2\r\n"]:
    tokens(text)


class Outer:
    class Inner:
        def method(self):
            return 1

        class Innermost:
            x = 1

    def after(self):
        pass


for thing in (Outer.Inner, Outer.Inner.method, Outer.Inner.Innermost, Outer.after):
    print(inspect.getsource(thing))

for text in ["if 1:", "for x in y:\n  pass", "x = (", "x \\", "a = '''", "x = 1", "def f():\n  pass\n#", "a b", "@x"]:
    for symbol in ("single", "exec"):
        try:
            code = codeop.compile_command(text, "<input>", symbol)
            print(repr(text), symbol, "waits" if code is None else "complete")
        except SyntaxError as error:
            print(repr(text), symbol, error.msg)


def outer():
    local = 1

    def inner():
        return local, len, inspect, absent

    return inner


found = inspect.getclosurevars(outer())
print(sorted(found.nonlocals), sorted(found.globals), sorted(found.builtins), sorted(found.unbound))

print(platform.python_implementation(), platform.python_version_tuple()[:2])
print(repr(help))
try:
    sys.exit(None)
except SystemExit as error:
    print(error.args, error.code)

import copy
import pickle

moment = time.gmtime(0)
print(moment, moment.tm_zone, moment.tm_gmtoff, time.strftime("%Z %z", moment))
print(pickle.loads(pickle.dumps(moment)) == copy.copy(moment) == moment)
parsed = time.strptime("2024-01-02 +0130", "%Y-%m-%d %z")
print(parsed.tm_gmtoff, parsed.tm_zone, time.struct_time(range(9)).tm_gmtoff)
