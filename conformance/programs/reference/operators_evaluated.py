"""Operators: order of evaluation, precedence, chains, boolean operations, conditional and assignment expressions, lambdas."""
import ast


class Loud:
    def __init__(self, name, truth=True):
        self.name, self.truth = name, truth

    def __repr__(self):
        return self.name

    def __bool__(self):
        print(f"?{self.name}", end=" ")
        return self.truth

    def compare(op):
        def method(self, other):
            print(f"{self}{op}{other}", end=" ")
            return Loud(f"({self}{op}{other})", self.truth)
        return method

    __lt__, __gt__, __eq__, __ne__, __le__, __ge__ = map(compare, ["<", ">", "==", "!=", "<=", ">="])
    __add__, __mul__, __pow__, __sub__ = map(compare, ["+", "*", "**", "-"])
    __neg__ = lambda self: Loud(f"-{self}")

    def __contains__(self, other):
        print(f"{other} in {self}", end=" ")
        return self.truth

    __hash__ = None


def n(name, truth=True):
    print(name, end=" ")
    return Loud(name, truth)


def show(value):
    print("=>", value)


show(n("a") + n("b") * n("c") ** n("d"))
show(-n("a") ** n("b") - n("c"))
show(n("a") < n("b") < n("c"))
show(n("a", False) < n("b") < n("c"))
show(n("a") < n("b") == n("c") != n("d"))
show(n("a") in n("b") in n("c"))
show(n("a") not in n("b", False))
show(n("a") and n("b") and n("c"))
show(n("a", False) and n("b"))
show(n("a", False) or n("b", False) or n("c"))
show(not n("a") or n("b"))
show(not (n("a") and not n("b", False)))
show(n("a") if n("b") else n("c"))
show(n("a") if n("b", False) else n("c") if n("d", False) else n("e"))
show((lambda p, q=n("default"): p)(n("x")))
show([n("t")][0] if not n("a", False) and n("b") else None)
show((v := n("w")) and v)

print("precedence as trees")
for text in ("a or b and not c", "not a in b", "a | b ^ c & d << e + f * -g ** -h", "a if b else c if d else e", "lambda x: y if x else z", "a < b == c is not d", "await_ ** -x", "-a.b[c](d)", "x := 1 or 2", "not a == b", "*a, b", "lambda: (yield)", "a @ b % c // d", "~a ** b", "a if b else lambda: c", "1 if x else 2, 3", "a and b or c and d", "yield_ or (x := y)", "a - b - c", "a ** b ** c"):
    for mode in ("eval",):
        try:
            tree = ast.parse(f"({text})", mode=mode).body
            print(text, "=>", ast.unparse(tree), "=>", ast.dump(tree).count("("))
        except SyntaxError as error:
            print(text, "|", error.msg)

print("targets are evaluated after values")


def at(name, value):
    print(name, end=" ")
    return value


data = {}
at("object", data)[at("key", 1)] = at("value", 2)
print(data)
at("o1", data)[at("k1", "a")], at("o2", data)[at("k2", "b")] = at("v1", 1), at("v2", 2)
print(data)
at("object", data)[at("key", 1)] += at("value", 5)
print(data)
i = 0
row = [0, 0, 0]
i, row[i] = 1, 9
print(i, row)
x = y = z = at("once", [])
x.append(1)
print(y, z is x)
print({at("key1", 1): at("value1", 2), at("key2", 3): at("value2", 4)})
at("function", print)(at("argument", "x"), *at("star", "y"), sep=at("sep", "-"))
print([at("first", 1), at("second", 2)][at("index", 0)])
print(at("left", 5) if at("test", 0) else at("right", 6))
try:
    at("a", 1) / at("b", 0) + at("never", 1)
except ZeroDivisionError as error:
    print(error)
