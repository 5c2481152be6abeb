"""json: both ways, options, hooks, and what is refused."""
import io
import json
import math
from collections import OrderedDict
from decimal import Decimal


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


values = [None, True, False, 0, -5, 10**20, 1.5, 1e100, 1e-7, -0.0, "", "é\n\t\"\\/\x00\x1f\u2028\U0001F600", [], [1, [2]], {}, {"a": {"b": []}}, (1, 2), {1: 2, None: 3, True: 4, 1.5: 5}, float("inf"), float("nan")]
for value in values:
    show(repr(value), lambda: json.dumps(value))
    if value == value:
        show("  back", lambda: json.loads(json.dumps(value)))
print(json.dumps("é€\ud800", ensure_ascii=False).encode("utf-8", "surrogatepass"), json.dumps({"b": 1, "a": [1, {"z": None}]}, indent=2, sort_keys=True), json.dumps([1, {"a": 2}], separators=(",", ":")), json.dumps([1, [], {}], indent="--"), json.dumps({"a": 1}, indent=0))
for bad in ({1, 2}, object, {(1, 2): 3}, 1j, b"x", [object]):
    show("dump " + type(bad).__name__, lambda: json.dumps(bad))
show("skipkeys", lambda: json.dumps({(1, 2): 3, "a": 1}, skipkeys=True))
show("nan", lambda: json.dumps([float("nan")], allow_nan=False))
show("default", lambda: json.dumps({"s": {3}, "c": 1j}, default=lambda o: sorted(o) if isinstance(o, set) else [o.real, o.imag]))
show("default fails", lambda: json.dumps([{1: {2}}], default=lambda o: 1 / 0))
loop = []
loop.append(loop)
show("circular", lambda: json.dumps(loop))
ring = {}
ring["a"] = [ring]
show("circular dict", lambda: json.dumps(ring))


class Own(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, complex):
            return {"complex": [o.real, o.imag]}
        return super().default(o)


show("encoder", lambda: json.dumps([1j, 2], cls=Own))
show("encoder refuses", lambda: json.dumps([set()], cls=Own))
print("".join(json.JSONEncoder().iterencode({"a": [1, 2.5, None]})), list(json.JSONEncoder(indent=1).iterencode([1])))
texts = ["", " ", "nul", "null", "[1,]", "[1 2]", "[1,,2]", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "\"abc", "\"a\nb\"", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "01", "1.", ".5", "-", "-0", "1e5", "1E+2", "1e", "+1", "NaN", "-Infinity", "Infinity", "1 2", "[1] x", "tru", "\ufeff[]", "[" * 3, "{\"a\":1}{", "/* c */ 1", "\t[ 1 , 2 ]\r\n", "123456789012345678901234567890", "1.5e400", "{\"a\":1,\"a\":2}", "\"\x7f\"", "\"\x00\""]
for text in texts:
    show(repr(text), lambda: json.loads(text))
show("hook", lambda: json.loads('{"a": {"b": 1}}', object_hook=lambda d: sorted(d.items())))
show("pairs", lambda: json.loads('{"b": 1, "a": 2, "b": 3}', object_pairs_hook=list))
show("ordered", lambda: json.loads('{"b": 1, "a": 2}', object_pairs_hook=OrderedDict))
show("floats", lambda: json.loads("[1.10, 2, NaN]", parse_float=Decimal, parse_int=lambda s: "int" + s, parse_constant=lambda s: "const" + s))
show("bytes", lambda: json.loads('["é"]'.encode()))
show("utf-16", lambda: json.loads('["é"]'.encode("utf-16")))
show("bytearray", lambda: json.loads(bytearray(b"[1]")))
show("number", lambda: json.loads(5))
show("raw", lambda: json.JSONDecoder().raw_decode("[1] rest"))
show("raw at", lambda: json.JSONDecoder().raw_decode("xx[1]", 2))
show("strict", lambda: json.loads('"a\tb"'))
show("not strict", lambda: json.loads('"a\tb"', strict=False))
out = io.StringIO()
json.dump({"x": [1, 2]}, out)
print(out.getvalue(), json.load(io.StringIO("[1]")), json.load(io.BytesIO(b"[2]")))
try:
    json.loads('{"a": 1,\n "b" 2}')
except json.JSONDecodeError as error:
    print(error.msg, error.pos, error.lineno, error.colno, error.doc == '{"a": 1,\n "b" 2}', error)
show("deep", lambda: len(json.dumps(json.loads("[" * 500 + "]" * 500))))


class IntChild(int):
    def __repr__(self):
        return "own"


class StrChild(str):
    pass


class DictChild(dict):
    pass


print(json.dumps([IntChild(3), StrChild("s"), DictChild(a=1), math.pi]), json.dumps({IntChild(3): 1, StrChild("k"): 2}))
