"""8.6 The match statement: every kind of pattern, guards, binding, and what is asked of the subject."""


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


class Colour:
    RED = 1
    GREEN = "g"


def kind(subject):
    match subject:
        case None | True | False:
            return f"constant {subject}"
        case 0 | -1 | 2.5 | 1 + 2j | -3 - 1j:
            return f"number {subject}"
        case "a" "b" | b"bytes":
            return "text"
        case Colour.RED:
            return "red"
        case Colour.GREEN:
            return "green"
        case []:
            return "empty sequence"
        case [x]:
            return f"one {x}"
        case [1, *rest, 9]:
            return f"framed {rest}"
        case (str() as first, _, *_):
            return f"string first {first}"
        case [[a, b], {"k": c}]:
            return f"nested {a} {b} {c}"
        case [*_, last] if last == "end":
            return "ends"
        case {}if not subject:
            return "empty mapping"
        case {"type": "point", "at": Point(x, y), **rest}:
            return f"mapped {x} {y} {rest}"
        case {1: one, Colour.GREEN: green}:
            return f"keys {one} {green}"
        case {"only": None, **rest}:
            return f"only {rest}"
        case Point(0, y=yy) | Point(yy, 0):
            return f"on an axis at {yy}"
        case Point(x=x, y=y) if (d := x * x + y * y) > 100:
            return f"far {d}"
        case Point():
            return "near"
        case int(n) | float(n) if n > 1000:
            return f"large {n}"
        case int() | str():
            return f"builtin {type(subject).__name__}"
        case dict(d):
            return f"a dict {d}"
        case list() | tuple() as both:
            return f"sequence {both}"
        case _:
            return "other"


subjects = [None, True, 0, 0.0, False, -1, 2.5, 1 + 2j, -3 - 1j, "ab", b"bytes", 1, "g", [], (), [5], (1, 2, 3, 9), [1, 9], ("s", 1), ("s", 1, 2, 3), [[1, 2], {"k": 3}], [2, 3, "end"], {}]
subjects += [{"type": "point", "at": Point(1, 2), "more": 3}, {1: "x", "g": "y"}, {"only": None}, {"only": None, "z": 1}, Point(0, 7), Point(8, 0), Point(10, 10), Point(1, 1), 5000, 7, 1e9, "zz", {"q": 1}, (3, 4), range(2), {1, 2}, bytearray(b"x"), object]
for subject in subjects:
    print(repr(subject) if not isinstance(subject, type) else "a class", "|", kind(subject))


class Sized:
    """Registered as a sequence: its length and items are asked for, and no more than needed."""

    def __len__(self):
        print("  len", end="")
        return 3

    def __getitem__(self, i):
        print(f"  item {i}", end="")
        if i >= 3:
            raise IndexError(i)
        return i * 10


from collections.abc import Mapping, Sequence

Sequence.register(Sized)


def sized(subject):
    match subject:
        case [a, b]:
            return "two"
        case [0, 11, _]:
            return "wrong"
        case [first, *_, last]:
            return first, last


print(sized(Sized()))


class Asked(dict):
    def get(self, key, default=None):
        print("  get", key, end="")
        return super().get(key, default)

    def keys(self):
        print("  keys", end="")
        return super().keys()

    def __missing__(self, key):
        return "missing"


def mapping(subject):
    match subject:
        case {"a": 1, "b": b}:
            return "ab", b
        case {"a": a, **rest}:
            return a, rest


print(mapping(Asked(a=1, c=2)), mapping(Asked(a=2)), mapping(Asked()))


class Args:
    __match_args__ = ("a", "b")
    a = 1

    @property
    def b(self):
        print("  asked for b", end="")
        raise AttributeError("b")


def positional(subject):
    match subject:
        case Args(2, _):
            return "two"
        case Args(1, _):
            return "both"
        case Args(1):
            return "one"


print(positional(Args()))


def bad(cls_, *patterns):
    class Subject:
        __match_args__ = cls_

    def run():
        match Subject():
            case Subject(1, 2):
                return "matched"
            case _:
                return "no"

    return run


show("too many", bad(("a",)))
show("list", bad(["a", "b"]))
show("number", bad((1, 2)))


def twice():
    class Subject:
        __match_args__ = ("x", "x")
        x = 1

    match Subject():
        case Subject(1, x=1):
            pass


show("x twice", twice)


def not_class():
    three = 3
    match 1:
        case three():
            pass


show("not a class", not_class)


def int_two():
    match 1:
        case int(1, 2):
            pass


show("int takes one", int_two)


def duplicate_key():
    class K:
        a = "x"
        b = "x"

    match {"x": 1}:
        case {K.a: 1, K.b: 2}:
            pass


show("same key", duplicate_key)

# Names bound by a pattern that fails later.
match (1, 2, 3):
    case (p, q):
        pass
    case (p, 5, r):
        pass
    case (p, *_) if False:
        pass
    case (9, *others):
        pass
print([name for name in ("p", "q", "r", "others") if name in globals()])


def soft():
    match = {"case": 1}
    case = "case"
    type = _ = 5
    match[case] = 2
    print(match, case, type, _)
    match (match):
        case {"case": v}:
            return v


print(soft())
for source in ("match x:\n case a: pass\n case b: pass", "match x:\n case a | 1: pass", "match x:\n case (a | b): pass", "match x:\n case [a, a]: pass", "match x:\n case {'a': 1, 'a': 2}: pass", "match x:\n case [*a, *b]: pass",
               "match x:\n case {**rest, 'a': 1}: pass", "match x:\n case A(x=1, x=2): pass", "match x:\n case A(x=1, 2): pass", "match x:\n case -a: pass", "match x:\n case 1 + 1: pass", "match x:\n case f'{a}': pass", "match x:\n case a.b(): pass",
               "match x:\n case _ as y: pass", "match x:\n case y as _: pass", "match x:\n case {**_}: pass", "match x:\n pass", "match x:\ncase 1: pass", "match *a, b:\n case _: print('star')", "match x,:\n case [y]: pass", "match x:\n case 1 if y else 2: pass", "match x:\n case y as z.a: pass"):
    try:
        compile(source, "m", "exec")
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, repr(source))
