"""Star expressions everywhere they may stand, and in-place operators on every kind of target."""


def attempt(text, mode="eval", **names):
    space = dict(names)
    try:
        if mode == "eval":
            print(text, "->", eval(text, space))
        else:
            exec(text, space)
            print(text.replace("\n", "; "), "->", {k: v for k, v in space.items() if k not in ("__builtins__", "i", "l") and not callable(v)})
    except SyntaxError as error:
        print(text.replace("\n", "; "), "|", error.msg)
    except Exception as error:
        print(text.replace("\n", "; "), "|", type(error).__name__, error)


a, d = [1, 2], {"x": 1}
for text in ("[*a, *a]", "(*a,)", "*a,", "{*a, 3}", "{**d, 'y': 2, **{'x': 9}}", "print(*a, *'xy', sep='-')", "dict(**d, z=1)", "[*{}]", "[*range(3), *[]]", "max(*a, *[7])", "a[*[0]]", "[*a][*[1],]" if 0 else "(lambda *p, **k: (p, k))(*a, 3, *d, **d, q=1)", "*a", "[**d]", "{*d, **d}", "(*a)", "[*a for x in a]", "[*None]", "[*5]", "{**a}", "{**None}", "f(*a=1)", "print(**a)", "print(*5)", "lambda: *a", "*a if a else b", "*(a if a else d), 1", "[*a if a else d]", "*a or d,", "not *a", "-*a", "{*a: 1}", "a if *a else d", "[x for x in *a, 3]", "(x for x in (*a, 3)).__next__()", "f'{*a,}'", "[*[*[*a]]]", "*[1],*[2]"):
    attempt(text, a=a, d=d)
for text in ("x, *y = a", "*x, y = 'abc'", "x, *y, z = 'ab'", "x, (*y, z), w = 1, 'abc', 2", "[*x] = a", "*x, = a", "*x = a", "*x, *y = a", "x, *y = ()", "for x, *y in ['abc', 'd']: pass", "for x in *a, 5: pass", "x = *a, 3", "x = yield *a", "x: tuple = *a, 3", "x = y = *a,", "x += *a,", "del *x", "del x, *y", "with *a: pass", "return_ = *a", "def f(): return *a, 3\nx = f()", "def f(): yield *a, 3\nx = list(f())", "def f(*, a): pass", "def f(*args: *a): pass\nx = f.__annotations__", "class C(*[object], **{}): pass", "x = a[*a]", "match a:\n  case [x, *y]: pass", "match a:\n  case *x, : pass", "import *", "raise *a", "assert *a", "while *a: pass", "*a.b = 1", "*a[0], x = 1, 2, 3", "global *x"):
    attempt(text, "exec", a=list(a))


class InPlace:
    def __init__(self, tag):
        self.tag = tag

    def __iadd__(self, other):
        return InPlace(f"{self.tag}+={other}")

    def __add__(self, other):
        return InPlace(f"{self.tag}+{other}")

    def __isub__(self, other):
        return NotImplemented

    def __sub__(self, other):
        return "sub fallback"

    def __rmul__(self, other):
        return f"rmul {other}"

    __imul__ = None

    def __itruediv__(self, other):
        raise ZeroDivisionError("own")

    def __repr__(self):
        return self.tag


class Log:
    def __init__(self):
        object.__setattr__(self, "values", {"k": 1})

    def __getattr__(self, name):
        print("get", name, end="; ")
        return self.values.get(name, 0)

    def __setattr__(self, name, value):
        print("set", name, value, end="; ")

    def __getitem__(self, key):
        print("getitem", key, end="; ")
        return 1

    def __setitem__(self, key, value):
        print("setitem", key, value, end="; ")


for text in ("x = i\nx += 1", "x = i\nx -= 1", "x = i\nx *= 2", "x = 5\nx *= i", "x = i\nx /= 1", "l.a += 5", "l['k'] += 5", "l[1:2, ...] *= 3", "x = [1]\ny = x\nx += [2]\nx = x + [3]", "x = (1,)\ny = x\nx += (2,)", "x = {1}\ny = x\nx |= {2}\nx &= {2}\nx ^= {5}\nx -= {2}", "x = 'a'\nx += 1", "x = [1]\nx += 1", "x = [1]\nx += 'ab'\nx *= 2", "x = {}\nx |= {1: 2}\nx |= [(3, 4)]", "x = {}\nx |= 5", "x = ([],)\nx[0] += [1]", "x = 10\nx //= 3\nx **= 2\nx %= 5\nx <<= 3\nx >>= 1\nx |= 1\nx &= 29\nx ^= 2\nx @= 1", "x = 7\nx /= 2\nx -= 1j", "(x) = 1\n(x) += 1", "x = 1\n(x, y) += 1", "x = 1\nx + = 1", "x += 1", "None += 1", "x = y += 1", "x = (y += 1)", "f() += 1", "x = 1\nx += yield_", "[] += []", "a[0], b += 1", "x if 1 else y += 1", "x = bytearray(b'a')\nx += b'b'", "x = b'a'\ny = x\nx += b'b'", "x = 1.5\nx //= 0", "x = True\nx += True"):
    attempt(text, "exec", i=InPlace("i"), l=Log(), a=[1])
