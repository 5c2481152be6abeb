"""Naming and binding: what binds, local and global and nonlocal, deletion, unbound names, builtins, eval and exec with namespaces."""
import builtins

x = "module"


def binders():
    import os as a
    from os import path as b
    for c in "c":
        pass
    with open(__file__) as d:
        d = "d"
    try:
        raise ValueError("e")
    except ValueError as e:
        e_text = str(e)
    f = g = "f"
    (h, [*i]) = "hi"
    if j := "j":
        pass

    def k():
        pass

    class L:
        pass

    match "m":
        case m:
            pass
    type N = int
    o: int = 1
    p: int
    [q for q in "q"]
    del g
    return sorted(locals())


print(binders())


def shadow():
    try:
        print(x)
    except UnboundLocalError as error:
        print(error)
    x = "local"
    return x


def read():
    return x


def write():
    global x, created
    x = "written"
    created = "new"


print(shadow(), read())
write()
print(x, created)


def outer():
    n = 1

    def middle():
        def inner():
            nonlocal n
            n += 1
            return n
        return inner

    def delete():
        nonlocal n
        del n

    def get():
        return n

    print(middle()(), middle()(), get())
    delete()
    try:
        get()
    except NameError as error:
        print(type(error).__name__, error)
    try:
        n
    except UnboundLocalError as error:
        print(error)
    n = "again"
    return get()


print(outer())


class Scope:
    x = x + " in class"
    y = (lambda: x)()
    z = [x for _ in "1"][0]

    def m(self):
        return x


print(Scope.x, Scope.y, Scope.z, Scope().m())


def deleted():
    v = 1
    del v
    try:
        v
    except UnboundLocalError as error:
        return str(error)


print(deleted())
try:
    del undefined
except NameError as error:
    print(error)
try:
    lenght([])
except NameError as error:
    print(error, error.name)


def locals_of(a, *b):
    c = a
    snapshot = locals()
    snapshot["c"] = "changed"
    snapshot["new"] = 1
    d = 2
    return c, sorted(snapshot), sorted(locals())


print(locals_of(1, 2))
print(eval("a + b", {"a": 1}, {"b": 2}), eval("[a for _ in 'x']", {"a": 1}), eval(compile("1 + 1", "", "eval")), eval(" 5"))
space = {}
exec("y = 1\ndef f(): return y\nclass C: z = y", space)
print(sorted(space), space["f"](), space["C"].z, "len" in space["__builtins__"])
own = {"__builtins__": {"len": lambda v: "own len"}}
print(eval("len('abc')", own))
for text in ("print(1)", "open", "[].x"):
    try:
        eval(text, own)
    except Exception as error:
        print(type(error).__name__, error)


class Mapping(dict):
    def __missing__(self, key):
        return f"missing {key}"


exec("a = b\nd = [a, c]\n[].append(d)", {}, named := Mapping())
print(named)
for arguments in (("1",), ("1", 5), ("1", {}, 5), ("1", None, Mapping())):
    try:
        print(eval(*arguments), end=" ")
    except TypeError as error:
        print(error, end=" ")
print()
builtins.injected = "from builtins"
print(injected)
injected = "global wins"
print(injected)
del injected
print(injected)
del builtins.injected
print("injected" in dir(builtins))
print(sorted(vars())[:0] == [], __name__, type(__builtins__).__name__)
