"""A little language: tokens, a precedence parser, pattern-matched evaluation and algebra."""


class Node:
    __match_args__ = ()

    def __init__(self, *values):
        for name, value in zip(self.__match_args__, values, strict=True):
            setattr(self, name, value)

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(repr(getattr(self, n)) for n in self.__match_args__)})"


def node(name, *fields):
    return type(name, (Node,), {"__match_args__": fields})


Num, Name = node("Num", "value"), node("Name", "id")
Op, Neg = node("Op", "sign", "left", "right"), node("Neg", "operand")
Let, Call, If = node("Let", "name", "value"), node("Call", "function", "args"), node("If", "test", "then", "other")

LEVELS = {"<": 1, "=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 5}


class Trouble(Exception):
    pass


def tokens(source):
    index = 0
    while index < len(source):
        start, char = index, source[index]
        index += 1
        if char.isspace():
            continue
        if char.isdigit():
            while index < len(source) and (source[index].isdigit() or source[index] == "."):
                index += 1
            text = source[start:index]
            yield "num", float(text) if "." in text else int(text)
        elif char.isidentifier():
            while index < len(source) and source[index].isalnum():
                index += 1
            yield "name", source[start:index]
        elif char in "+-*/^<=(),?:":
            yield "sign", char
        else:
            raise Trouble(f"unexpected {char!r} at {start}")
    yield "end", None


class Parser:
    def __init__(self, source):
        self.tokens = list(tokens(source))

    def take(self, *wanted):
        if wanted and self.tokens[0][1] not in wanted:
            raise Trouble(f"expected {' or '.join(wanted)}, found {self.tokens[0][1]}")
        return self.tokens.pop(0)

    def program(self):
        match self.tokens:
            case [("name", "let"), ("name", name), ("sign", "="), *rest]:
                self.tokens = rest
                tree = Let(name, self.choice())
            case _:
                tree = self.choice()
        if self.tokens[0][0] != "end":
            raise Trouble(f"left over: {self.tokens[0][1]}")
        return tree

    def choice(self):
        test = self.binary(1)
        if self.tokens[0] == ("sign", "?"):
            self.take()
            then = self.choice()
            self.take(":")
            return If(test, then, self.choice())
        return test

    def binary(self, level):
        left = self.unary()
        while (sign := self.tokens[0][1]) in LEVELS and LEVELS[sign] >= level:
            self.take()
            right = self.binary(LEVELS[sign] + (sign != "^"))
            left = Op(sign, left, right)
        return left

    def unary(self):
        match self.take():
            case "sign", "-":
                return Neg(self.binary(4))
            case "sign", "(":
                tree = self.choice()
                self.take(")")
                return tree
            case "num", value:
                return Num(value)
            case "name", name if self.tokens[0] == ("sign", "("):
                args = []
                while self.take("(", ",", ")")[1] != ")":
                    if self.tokens[0] == ("sign", ")"):
                        continue
                    args.append(self.choice())
                return Call(name, args)
            case "name", name:
                return Name(name)
            case "end", _:
                raise Trouble("something is missing")
            case _, sign:
                raise Trouble(f"misplaced {sign}")


FUNCTIONS = {"max": max, "min": min, "abs": abs, "sum": lambda *xs: sum(xs)}


def evaluate(tree, names):
    match tree:
        case Num(value):
            return value
        case Name(id) if id in names:
            return names[id]
        case Name(id):
            raise Trouble(f"{id} is not known")
        case Neg(operand):
            return -evaluate(operand, names)
        case Let(name, value):
            names[name] = evaluate(value, names)
            return names[name]
        case If(test, then, other):
            return evaluate(then if evaluate(test, names) else other, names)
        case Call(function, args) if function in FUNCTIONS:
            return FUNCTIONS[function](*(evaluate(arg, names) for arg in args))
        case Call(function=name):
            raise Trouble(f"no function {name}")
        case Op("/", _, right) if evaluate(right, names) == 0:
            raise Trouble("division by zero")
        case Op(sign, left, right):
            a, b = evaluate(left, names), evaluate(right, names)
            match sign:
                case "+": return a + b
                case "-": return a - b
                case "*": return a * b
                case "/": return a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b
                case "^": return a**b
                case "<" | "=": return int(a < b if sign == "<" else a == b)
    raise AssertionError(tree)


def simplify(tree):
    match tree:
        case Op(sign, left, right):
            match Op(sign, simplify(left), simplify(right)):
                case Op("+", Num(0), x) | Op("+" | "-", x, Num(0)) | Op("*", Num(1), x) | Op("*" | "/" | "^", x, Num(1)):
                    return x
                case Op("*", Num(0), _) | Op("*", _, Num(0)):
                    return Num(0)
                case Op("^", _, Num(0)):
                    return Num(1)
                case Op(_, Num(), Num()) as constant:
                    return Num(evaluate(constant, {}))
                case other:
                    return other
        case Neg(Neg(inner)):
            return simplify(inner)
    return tree


def derive(tree, x):
    match tree:
        case Num():
            return Num(0)
        case Name(id):
            return Num(int(id == x))
        case Neg(a):
            return Neg(derive(a, x))
        case Op("+" | "-" as sign, a, b):
            return Op(sign, derive(a, x), derive(b, x))
        case Op("*", a, b):
            return Op("+", Op("*", derive(a, x), b), Op("*", a, derive(b, x)))
        case Op("^", a, Num(n)):
            return Op("*", Op("*", Num(n), Op("^", a, Num(n - 1))), derive(a, x))
    raise Trouble(f"cannot derive {type(tree).__name__}")


def show(tree, level=0):
    match tree:
        case Num(v) | Name(v):
            return str(v)
        case Neg(a):
            return "-" + show(a, 4)
        case Op(sign, a, b):
            own = LEVELS[sign]
            text = f"{show(a, own)} {sign} {show(b, own + 1)}"
            return f"({text})" if own < level else text
        case _:
            return repr(tree)


LINES = """\
1 + 2 * 3
let x = (1 + 2) * 3
2 ^ 3 ^ 2
-x ^ 2
x / 2 + 0.5
let y = x < 10 ? max(x, 4, 20) : 0
sum(x, y, -1) / 7
x = 9 ? y = 20 ? 1 : 2 : 3
7 / 0
q + 1
1 + * 2
(1 + 2
3 $ 4
nope(1)
1 2
sum()
"""


def main():
    names = {}
    for line in LINES.splitlines():
        try:
            print(f"{line:<40} {evaluate(Parser(line).program(), names)}")
        except Trouble as trouble:
            print(f"{line:<40} trouble: {trouble}")
    print(names)
    for text in ("x ^ 3 + 2 * x - 7", "(x + 1) * (x - 1)", "x * x * 0 + y", "5", "x / 2"):
        tree = Parser(text).program()
        try:
            print(show(tree), "->", show(simplify(derive(tree, "x"))))
        except Trouble as trouble:
            print(show(tree), "->", trouble)
    print(Parser("let z = -f(1, a)").program())

    for value in ([1, 2, 3], (1, [2, (3, 4)]), {"kind": "box", "w": 2, "h": 3, "d": 1}, {"kind": "dot"}, "abc", 3.5, None, True, b"x", []):
        match value:
            case None | True | False:
                text = f"constant {value}"
            case [] | {"kind": "dot"}:
                text = "nothing much"
            case [first, [*_, (a, b)]]:
                text = f"nested {first} {a} {b}"
            case [_, *rest] if sum(rest) > 4:
                text = f"rest {rest}"
            case {"kind": str(kind), "w": w, "h": h, **others}:
                text = f"{kind} {w}x{h} {others}"
            case str() | bytes() as text:
                text = f"text {text!r}"
            case float(number) | int(number):
                text = f"number {number}"
        print(text)


main()
