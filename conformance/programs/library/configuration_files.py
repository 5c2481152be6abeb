"""configparser, tomllib, csv dialects, plistlib-free: reading and writing settings."""
import configparser
import io
import tomllib


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


text = """\
[DEFAULT]
root = /srv
debug: no

[server]
Host = example
path = %(root)s/www
many =
    one
    two
empty
; comment
port = 8080 ; not a comment

[other:x]
debug = yes
ratio = 0.5
"""
c = configparser.ConfigParser(allow_no_value=True)
c.read_string(text)
print(c.sections(), c.options("server"), c["server"]["path"], repr(c["server"]["many"]), c["server"]["empty"], c.get("server", "port"))
print(c.getboolean("other:x", "debug"), c.getfloat("other:x", "ratio"), c["server"].getboolean("debug"), c.get("server", "none", fallback="F"), c["server"].get("none"), "host" in c["server"], c.has_option("server", "HOST"), c.items("other:x"))
c.set("server", "new", "value")
c.add_section("third")
c["third"]["k"] = "v%%"
c.remove_option("server", "empty")
out = io.StringIO()
c.write(out)
print(out.getvalue())
for call in (lambda: c.get("nope", "x"), lambda: c.get("server", "nope"), lambda: c.getint("server", "port"), lambda: c.add_section("third"), lambda: c.set("server", "x", 5), lambda: c.read_string("[a]\n[a]"), lambda: c.read_string("[a]\nx=1\nx=2"), lambda: c.read_string("x=1"), lambda: c.read_string("[a\n"), lambda: c.read_string("[a]\nnovalue") if 0 else configparser.ConfigParser().read_string("[a]\nnovalue"), lambda: c.read_string("[z]\na=%(b)s\nb=%(a)s") or c.get("z", "a"), lambda: c.read_string("[y]\na=%(missing)s") or c.get("y", "a"), lambda: c.read_string("[w]\na=%x") or c.get("w", "a"), lambda: c.add_section("DEFAULT"), lambda: c.getboolean("server", "host"), lambda: c["nope"]):
    attempt(call)
e = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation(), delimiters=("=",), inline_comment_prefixes=("#",))
e.optionxform = str
e.read_dict({"a": {"Key": "1"}, "b": {"ref": "${a:Key}-${Key2}", "Key2": 2}})
print(e["b"]["ref"], dict(e["a"]), configparser.RawConfigParser().read(["/nothing/there.ini"]))

doc = """
title = "T\\u00e9 \\n"
raw = 'C:\\x'
multi = '''
a
b'''
ints = [1, 0x_ff, 0o17, 0b11, -1_000,]
floats = [1.5, 1e3, inf, -nan]
when = 1979-05-27T07:32:00.5-07:00
local = 1979-05-27 07:32:00
day = 1979-05-27
time = 07:32:00
yes = true
a.b."c d" = 1
inline = {x = 1, y.z = [2]}
[table]
k = "v"
[table.sub]
[[arr]]
n = 1
[[arr]]
n = 2
[arr.deep]
z = 3
"""
parsed = tomllib.loads(doc.replace("0x_ff", "0xff"))
for key, value in parsed.items():
    print(key, "=", repr(value))
print(tomllib.load(io.BytesIO(b"x = 1")), tomllib.loads("x = 1.5", parse_float=str))
for bad in ("x", "x =", "x = 1 y = 2", "x = 1\nx = 2", "[a]\n[a]", "a.b = 1\na = 2", "x = 01", "x = 1__0", "x = 'a\nb'", 'x = "\\q"', "x = [1", "x = {a = 1,}", "[a]]", "= 1", "x = 2020-13-01", "x = +", "x = .5", "[[a]]\n[a]\n", "a = {b = 1}\n[a.c]", "x = \x01", "\"\"\"k\"\"\" = 1", "x = 'a' 'b'", "x = nope", "é = 1"):
    attempt(lambda: tomllib.loads(bad))
attempt(lambda: tomllib.loads(b"x"))
attempt(lambda: tomllib.load(io.StringIO("x")))
