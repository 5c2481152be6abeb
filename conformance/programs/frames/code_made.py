# Code objects made of the parts of others, by their class and by `replace`; which are the same, and what is refused.

import types


def area(width, height=2, *sizes, scale=1, **more):
    """The area."""
    total = width * height * scale
    for size in sizes:
        total += size
    return total, [part for part in sizes], sorted(more)


def outer(seed):
    other = 1

    def inner(x):
        nonlocal other
        try:
            other += x / seed
        except ZeroDivisionError:
            return "zero"
        return other

    return inner


def count(n):
    yield from range(n)
    return n


FIELDS = ("argcount", "posonlyargcount", "kwonlyargcount", "nlocals", "stacksize", "flags", "code", "consts", "names", "varnames",
          "filename", "name", "qualname", "firstlineno", "linetable", "exceptiontable", "freevars", "cellvars")


def rebuilt(code):
    return types.CodeType(*(getattr(code, "co_" + field) for field in FIELDS))


for function in area, outer, count, outer(2):
    code = function.__code__
    copy = rebuilt(code)
    again = code.replace()
    print(code.co_name, copy == code, again == code, hash(copy) == hash(code), copy is code, len({code, copy, again}))
    print(" ", list(copy.co_lines()) == list(code.co_lines()), list(copy.co_positions()) == list(code.co_positions()))
    print(" ", all(getattr(copy, "co_" + field) == getattr(code, "co_" + field) for field in FIELDS))

print(types.FunctionType(rebuilt(area.__code__), {}, "area", (3,))(4, 5, 6, scale=2, z=1))
made = types.FunctionType(rebuilt(outer.__code__), {})(4)
print(made(2), made(2))
print(list(types.FunctionType(rebuilt(count.__code__), {"range": range})(3)))
fresh = outer(0)
fresh.__code__ = rebuilt(fresh.__code__)
print(fresh(1))


def named(x):
    y = x
    return y


code = named.__code__
for changes in (
    dict(co_name="other"), dict(co_qualname="a.b"), dict(co_filename="elsewhere.py"), dict(co_firstlineno=1000),
    dict(co_varnames=("a", "b")), dict(co_consts=code.co_consts + ("more",)), dict(co_names=("len",)),
):
    changed = code.replace(**changes)
    (field, value), = changes.items()
    print(field, getattr(changed, field) == value, changed == code, types.FunctionType(changed, {})(5))
print(code.replace(co_varnames=("a", "b")).co_varnames, types.FunctionType(code.replace(co_varnames=("a", "b")), {})(a=7))


def shifted(code, lines):
    """The code as if it came that many lines later."""
    source = "\n" * lines + "def moved():\n    return 1 / 0\n"
    return compile(source, code.co_filename, "exec").co_consts[0]


moved = shifted(code, 500)
near = shifted(code, 0)
swapped = near.replace(co_linetable=moved.co_linetable, co_firstlineno=moved.co_firstlineno)
try:
    types.FunctionType(swapped, {})()
except ZeroDivisionError as error:
    print(error.__traceback__.tb_next.tb_lineno, swapped == moved, near == moved)

print(compile("x = 1", "a", "exec") == compile("x = 1", "b", "exec"))
print(compile("x = 1", "a", "exec") == compile("x = 1.0", "a", "exec"))
print(compile("x = 0.0", "a", "exec") == compile("x = -0.0", "a", "exec"))
print((lambda: 1).__code__ == (lambda: 1).__code__, code == 5, code != code.replace(), named.__code__ in {code: 1})


def refused(make):
    try:
        make()
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)


refused(lambda: code.replace(1))
refused(lambda: code.replace(co_nonsense=1))
refused(lambda: code.replace(co_name=1))
refused(lambda: code.replace(co_argcount=-1))
refused(lambda: code.replace(co_kwonlyargcount=-2))
refused(lambda: code.replace(co_nlocals=7))
refused(lambda: code.replace(co_varnames=("only",)))
refused(lambda: types.CodeType())
refused(lambda: types.CodeType(1, 2, 3))

# Where code begins, and where its branches are.
lines = list(area.__code__.co_lines())
print(lines[0][0], lines[0][2] - area.__code__.co_firstlineno, lines[-1][1] == len(area.__code__.co_code))
print(next(area.__code__.co_positions())[0] == area.__code__.co_firstlineno)


def branches(n):
    for k in range(n):
        if k:
            continue
    return n


found = list(branches.__code__.co_branches())
print(len(found), all(len(one) == 3 and one[0] < one[1] for one in found))
