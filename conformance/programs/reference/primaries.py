"""Attribute references, subscriptions, slicings and calls."""


class Key:
    def __getitem__(self, key):
        return key

    def __setitem__(self, key, value):
        print("set", key, value)

    def __delitem__(self, key):
        print("del", key)

    def __class_getitem__(cls, key):
        return cls.__name__, key


k = Key()
print(k[1], k[1, 2], k[()], k[1,], k[:], k[1:2], k[::], k[1:2:3], k[:, 1], k[..., :2, ::3], k[*[1, 2]], k[*"ab", 3], k[lambda: 1].__name__)
print(Key[int], Key[int, str], k[k[1]], k[(yes := 3)], yes, k["a" "b"])
k[1] = 2
k[1:2, ...] = 3
k[*"xy"] = 4
del k[0], k[1:], k[:, 2]
k[0], k[1] = "pq"
for k[5] in "z":
    pass


def f(a, b=2, /, c=3, *args, d=4, e, **kw):
    return a, b, c, args, d, e, kw


print(f(1, e=5), f(1, 2, 3, 4, 5, e=6, g=7), f(*[1, 2], *[3], e=0, **{"x": 1}, **{"y": 2}), f(1, **{"e": 1, "b": 9, "a": 8}))


def order(x):
    print(x, end=" ")
    return x


def show(*args, **kw):
    print("|", args, kw)


show(order(1), *[order(2)], order(3), k=order(4), **{"z": order(5)})
show(k=order(1), *[order(2)])
show(**{"a": order(1)}, b=order(2))
show(*(i for i in "ab"), *{1: 2}, **dict(c=1))


class Called:
    def __call__(self, *args, **kw):
        return "called", args, kw

    def __getattr__(self, name):
        return "attribute " + name


c = Called()
print(c(1, a=2), c.anything, Called.__call__(c, 5), (lambda x: x)(3), (lambda *a, **b: (a, b))(1, z=2))

print("refused when it runs")
for text in ("f()", "f(1)", "f(1, e=2, e2=3)", "f(1, a=2, e=3)", "f(*5, e=1)", "f(1, e=2, **5)", "f(1, **{'e': 1}, **{'e': 2})", "f(1, e=1, **{'e': 2})", "f(1, **{1: 2}, e=1)", "5()", "None()", "'a'(1)", "k.x.y", "5[0]", "None[1]", "(lambda: 1)(1)",
             "(lambda a: 1)()", "(lambda a, b, c: 1)()", "(lambda *, a, b: 1)()", "(lambda a, /: 1)(a=1)", "(lambda a, /, **k: (a, k))(1, a=2)", "len()", "len(1, 2)", "len(x=1)", "int(x='1')", "[].append()", "[].append(1, 2)", "'a'.split(1)", "sorted()", "sorted([1], lambda x: x)", "max()", "max(1)", "dict(1, 2)", "print(foo=1)",
             "object(1)", "Key(1)", "Called(a=1)", "f.x", "f.__name__.x", "(1).foo", "Key.nope", "type.nope", "[1, 2]['a']", "[1, 2][1.0]", "(1,)[5]", "'abc'[3]", "'abc'['a']", "{}['a']", "{}[[]]", "range(3)[3]", "b'a'[1:2, 3]", "[1][::0]", "slice(1)[0]", "int[0]", "list[int][str]"):
    try:
        print(text, "->", eval(text))
    except Exception as error:
        print(text, "|", type(error).__name__, error)

print("refused when compiled")
for text in ("f(a=1, 2)", "f(**a, *b)", "f(**a, 1)", "f(a=1, a=2)", "f(1=2)", "f(a.b=1)", "f(True=1)", "f(a, b=1, *c, d)", "f(*)", "f(**)", "f(* *a)", "f(a for a in b, c)", "f(a b)", "f(a=)", "f(=1)", "f(a:=1)", "f(a:=1, b)", "f(a=(b:=1))", "f(lambda: 1=2)", "f(a and b=1)", "a[b=1]", "a[**b]", "a[*b:1]", "a[1 2]", "a[:=1]", "a[b:=1]", "a.b c", "a..b", "a.(b)", "f(print x)", "f(x for x in y=1)", "f(**{})=1", "f() = 1", "f() += 1", "del f()", "f(a, *, b)", "f(a, /, b)"):
    try:
        compile(text, "<call>", "exec")
        print(text, "compiles")
    except SyntaxError as error:
        print(text, "|", error.msg, error.offset)
