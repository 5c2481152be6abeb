"""4.2 Naming and binding: scopes, closures, class bodies, comprehensions, exec and eval."""


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


x = "global"


def reads():
    return x


def writes():
    x = "local"
    return x, globals()["x"]


def too_early():
    y = x
    x = 1
    return y


def declares():
    global x, fresh
    x = "changed"
    fresh = "made"


def late_cell():
    def inner():
        return later

    show("  before", inner)
    later = 5
    show("  after", inner)
    del later
    show("  deleted", inner)


def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n

    def reset():
        nonlocal n
        n = 0

    return step, reset


print(reads(), writes())
show("too early", too_early)
declares()
print(x, fresh)
late_cell()
step, reset = counter()
print(step(), step(5), reset(), step(), step.__closure__[0].cell_contents, step.__code__.co_freevars)
print([f() for f in [lambda: i for i in range(3)]], [f() for f in [lambda i=i: i for i in range(3)]])


class Body:
    x = "class"
    y = x
    seen = [x for _ in range(1)]
    outermost = [z for z in x]
    nested = [[x, w] for w in [x]]

    def method(self):
        return x

    def own(self):
        return __class__.__name__, self.x

    lam = lambda: x
    try:
        del y
    except NameError as error:
        print(error)
    show_locals = sorted(name for name in locals() if not name.startswith("__"))


print(Body.seen, Body.outermost, Body.nested, Body().method(), Body().own(), Body.lam(), Body.show_locals)


def class_in_function():
    x = "enclosing"

    class Inner:
        y = x
        x = "inner"
        z = x

        def m(self):
            return x

    class Declared:
        nonlocal x
        x = "written by a class"

    return Inner.y, Inner.z, Inner().m(), x


show("class in function", class_in_function)


def class_reads_free():
    v = "free"

    class Reads:
        w = v
        if False:
            v = 1

    return Reads.w


show("class reads free", class_reads_free)


def walrus():
    out = [last := i for i in range(4)]
    total = 0
    partial = [total := total + i for i in out]
    while (n := len(out)) > 2:
        out.pop()
    return last, total, partial, n, [y := 1, y**2], (lambda: (q := 7) + q)()


print(walrus())


def comprehension_scope():
    i = "kept"
    a = [i for i in range(3)]
    b = {i: j for i in range(2) for j in range(i + 1)}
    c = list(j for i in a if i for j in [i] * i)
    d = [[(i, j) for j in range(i)] for i in range(3)]
    e = [lambda: (i, k) for k in range(2)]
    return i, a, b, c, d, [f() for f in e], sorted(locals())


print(comprehension_scope())


def unbound_in_comprehension():
    return [missing for _ in range(1) if (lambda: missing)]
    missing = 1


show("comprehension unbound", unbound_in_comprehension)


def executes():
    secret = 1
    names = {}
    exec("a = 5\ndef f(): return a", names)
    exec("b = secret + 1; secret = 50")
    l = locals()
    show("  b", lambda: b)
    space = {"secret": 10}
    exec("c = secret * 2", {}, space)
    show("  f", names["f"])
    exec("def g(): return c", {}, space)
    show("  g", space["g"])
    return secret, sorted(l), space["c"], eval("secret + 1"), eval("[secret for _ in range(2)]"), eval("(lambda: 3)()")


show("executes", executes)


def snapshot():
    a = 1
    first = locals()
    a = 2
    second = locals()
    first["a"] = 100
    b = 3
    return first is second, first, second, a


print(snapshot())


def mangled():
    class Private:
        __name = 1
        __dunder__ = 2
        _single = 3

        def get(self):
            __local = self.__name
            return __local, [n for n in locals() if "local" in n]

        def inner(self):
            class __Hidden:
                __v = 5

            return __Hidden.__name__, [n for n in vars(__Hidden) if "_v" in n]

    class ___:
        __kept = 1

    return [n for n in vars(Private) if "name" in n or "dunder" in n], Private().get(), Private().inner(), [n for n in vars(___) if "kept" in n]


print(mangled())
for source in ("def f():\n x = 1\n global x", "def f():\n print(x)\n global x", "def f(x):\n global x", "def f(x):\n nonlocal x", "nonlocal x", "def f():\n nonlocal x", "def f():\n x = 1\n def g():\n  print(x)\n  nonlocal x", "def f():\n global x\n nonlocal x", "class C:\n nonlocal x", "class C:\n global x\n x = 1", "[x := 1 for x in y]", "[(i := 0) for j in range(3) for i in y]", "class C:\n [a := 1 for b in c]", "def f():\n global x\n x: int = 1", "x: int = 1\ndef f():\n global x", "[i for i in (j := x)]", "lambda: (yield)", "def f():\n import a.b\n global a", "def f():\n for x in y: pass\n global x", "def f():\n [(y := 1) for _ in z]\n global y", "def f():\n class x: pass\n nonlocal x", "def f[T]():\n nonlocal T", "class C[T]:\n def f(self): nonlocal T"):
    try:
        compile(source, "m", "exec")
        print("fine", repr(source))
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset, repr(source))
