"""Displays of lists, sets, dicts and tuples; comprehensions; generator expressions; evaluation order."""


def say(x):
    print("eval", x, end="; ")
    return x


print([say(1), say(2), *say([3])], {say("k"): say("v"), **say({"z": 1})}, {say(5), say(6)} == {5, 6})
print((say(1),), (say(1), *say((2,))), [*range(2), *"ab"], {**{}, "a": 1, **{"a": 2}}, {*(), 1})
print({1: "a", True: "b", 1.0: "c"}, {1, True, 1.0}, {}, set(), (), [], {*()})

print("comprehensions")
print([(x, y) for x in range(3) for y in range(x)], [[y for y in range(x)] for x in range(3)])
print({x % 3: x for x in range(7)}, {x: y for x, y in zip("ab", "cd")}, sorted({x // 2 for x in range(7)}))
print([x for x in range(10) if x % 2 if x > 3], [x if x else "zero" for x in range(3)], [*(x for x in "ab")])
print([say(x) for x in (say(1), say(2)) if say(x)])
print({say(k): say(v) for k, v in [("a", 1)]})
x = "outer"
print([x for x in range(2)], x, [(lambda: x)() for x in "pq"], [f() for f in [lambda: i for i in range(3)]])
print([y := 5, y + 1], [last := i for i in range(3)], last, [(i, j) for i, j in [(1, 2)]], [a for [a, *_] in ["xyz"]])

print("generator expressions")
g = (say(i) for i in say([1, 2, 3]))
print(type(g).__name__, g.__name__, g.__qualname__)
print(next(g), list(g), list(g))
print(sum(i * i for i in range(4)), max((len(w), w) for w in ["a", "ccc", "bb"]), dict((k, 1) for k in "ab"))
try:
    (i for i in 5)
except TypeError as error:
    print(error)
lazy = (1 // i for i in (1, 0))
print(next(lazy))
try:
    next(lazy)
except ZeroDivisionError as error:
    print(error, list(lazy))
data = [1, 2, 3]
late = (v + bias for v in data)
data, bias = [10], 100
print(list(late))


class Scope:
    values = [1, 2]
    factor = 3
    first = [v for v in values]
    try:
        second = [v * factor for v in values]
    except NameError as error:
        second = str(error)
    third = (lambda: [v for v in [4]])()


print(Scope.first, Scope.second, Scope.third)

print("refused")
for text in ("[i for i in y if (i := 2)]", "[x for x in 1, 2]", "[x for x]", "[for x in y]", "[x, y for x in y]", "[x if y for x in z]", "{x: y, z}", "{x, y: z}", "{**x for x in y}", "[*x for x in y]", "{*x: 1}", "{x: *y}", "(*x for x in y)", "[x := 1 for y in z]",
             "[(x := 1) for x in z]", "[y for x in (y := z)]", "[i for i in (lambda: (j := 1))()]", "f(x for x in y, 1)", "f(1, x for x in y)", "f(x for x in y)", "{x: 1 for x in y, z}", "(x for x in y) = 1", "[x for x in y] = 1", "[await x for x in y]", "[x async for x in y]", "[yield x for x in y]", "{**x}", "{**1}", "[**x]", "(**x)", "{x: y for x: y in z}", "[x for 1 in y]", "[x for f() in y]", "(x, *y, *z) = 1"):
    try:
        compile(text, "<display>", "exec")
        print(text, "compiles")
    except SyntaxError as error:
        print(text, "|", error.msg, error.offset)
for text in ("[*5]", "{*5}", "{**5}", "(*5,)", "{[]}", "{[]: 1}", "{**{1: 2}, **[]}", "[1][2]", "{1: 2}[3]"):
    try:
        print(eval(text))
    except Exception as error:
        print(text, "|", type(error).__name__, error)
