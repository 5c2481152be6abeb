"""match: each kind of pattern on its own, what it asks of the subject, what it binds, what is refused."""
from collections import OrderedDict, deque, namedtuple
import array


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


Pair = namedtuple("Pair", "a b")


def kind(subject):
    match subject:
        case None | True | False:
            return "singleton"
        case 0 | -1 | 1.5 | 2j | 1 + 2j | -1.5:
            return "number"
        case "a" | "b" "c" | b"x":
            return "text"
        case str(s) if len(s) > 3:
            return f"long {s}"
        case int(n) | float(n):
            return f"n={n}"
        case []:
            return "empty"
        case [x]:
            return f"one {x}"
        case [1, *rest, 9]:
            return f"from 1 to 9: {rest}"
        case [Point(x=0) as p, _]:
            return f"origin of {p.y}"
        case (a, b) | [a, b, _]:
            return f"two or three: {a} {b}"
        case [_, _, *_]:
            return "many"
        case {"type": "point", "x": x, **rest}:
            return f"mapping {x} {rest}"
        case {1: _, 2: two}:
            return f"keys {two}"
        case {}:
            return "mapping"
        case Point(0, 0):
            return "origin"
        case Point(x, y=0 | 1 as y):
            return f"low {x} {y}"
        case Point():
            return "point"
        case set() | frozenset():
            return "set"
        case type():
            return "class"
    return "nothing"


for subject in (None, True, 1, 0, 0.0, False, -1, 1.5, 2j, 1 + 2j, -1.5, 2.5, "a", "bc", b"x", bytearray(b"x"), "long one", "xy", [], (), [5], (1, 9), [1, 2, 3, 9], [Point(0, 7), 1], (1, 2), [1, 2, 3], range(5), deque([1, 2]), array.array("i", [1]), b"xy", Pair(3, 4),
                {}, {"type": "point", "x": 1, "y": 2}, {"type": "point"}, {1: 1, 2: 2}, OrderedDict(a=1), Point(0, 0), Point(5, 1), Point(5, True), Point(1, 2), {1}, frozenset(), int, iter([]), ..., "", 10**30):
    print(type(subject).__name__, kind(subject), end="; ")
print()


class Loud:
    def __getattr__(self, name):
        print("asked", name, end=" ")
        if name == "no":
            raise AttributeError(name)
        if name == "bad":
            raise ValueError(name)
        return name


class Sized:
    __match_args__ = ("a",)

    def __init__(self, args):
        type(self).__match_args__ = args


def ask(subject):
    match subject:
        case Loud(no=_):
            return 1
        case Loud(x="other"):
            return 2
        case Loud(x="x", y=y):
            return y
        case Sized(a):
            return a


print(ask(Loud()), ask(5))
for args in (("a",), ("nope",), (), ["a"], (1,), ("a", "b"), None):
    subject = Sized(args)
    subject.a = "value"
    try:
        print(args, ask(subject), end="; ")
    except TypeError as error:
        print(args, error, end="; ")
print()
for text in ("match Loud():\n case Loud(bad=1): pass", "match 1:\n case int(1, 2): pass", "match 1:\n case 5(): pass", "match 1:\n case len(x): pass", "match 1:\n case int(real=1, imag=i): print('int', i)", "match P(1, 2):\n case P(1, x=2): pass", "match 'x':\n case str(a, b): pass", "match {1: 2}:\n case {x.y: z}: pass", "match {}:\n case {K.a: 1, K.b: 2}: pass", "match {'a': 1}:\n case {K.a: 1, K.b: 2}: pass"):
    try:
        exec(text, {"Loud": Loud, "P": Point, "x": Point("k", "k"), "K": type("K", (), {"a": "a", "b": "a"})})
        print("no error")
    except Exception as error:
        print(type(error).__name__, error)

for text in ("case x: pass\n case 1: pass", "case x | 1: pass", "case x | y: pass", "case 1 | x: pass", "case [x, x]: pass", "case {'a': 1, 'a': 2}: pass", "case {**a, 'b': 1}: pass", "case {**_}: pass", "case [*a, *b]: pass", "case P(x=1, x=2): pass", "case P(x=1, 2): pass", "case 1 + 2: pass", "case -x: pass", "case f'{x}': pass", "case 1 + 1j + 2: pass", "case x.y.z: pass", "case _ as _: pass", "case 1 as _: pass", "case 1 as a.b: pass", "case x as y: pass", "case *a: pass", "case *a, b: pass", "case (a): pass", "case (a,): pass", "case {a: b}: pass", "case {1 + 2j: b, -1: c}: pass", "case {None: n}: pass", "case [a, b] | [a]: pass", "case a, b if a: pass", "case not 1: pass", "case 1 if x := 2: pass", "case 1 2: pass", "case: pass", "case 'a' b'c': pass", "case ...: pass", "case lambda: 1: pass", "case _: pass\n case _: pass", "case _ if 1: pass\n case _: pass"):
    try:
        compile(f"match v:\n {text}", "<match>", "exec")
        print(text.replace("\n", "\\n"), "compiles")
    except SyntaxError as error:
        print(text.replace("\n", "\\n"), "|", error.msg, error.lineno, error.offset)
