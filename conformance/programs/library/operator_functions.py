"""operator: every function against its sign, getters and callers, in-place forms, errors."""
import operator as op


def attempt(action):
    try:
        return action()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and_", "or_", "xor", "lt", "le", "eq", "ne", "ge", "gt", "is_", "is_not", "contains", "countOf", "indexOf", "getitem", "matmul"):
    f = getattr(op, name)
    print(name, [attempt(lambda: f(a, b)) for a, b in ((7, 3), (-7, 2), ([1, 2], [3]), ("ab", "a"), ({1, 2}, {2}), ([5, 6], 1), (1, "a"))])
for name in ("neg", "pos", "abs", "invert", "not_", "truth", "index", "length_hint", "inv", "is_none", "is_not_none"):
    f = getattr(op, name)
    print(name, [attempt(lambda: f(x)) for x in (5, -2.5, True, [], "x", None)])
for name in ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "ilshift", "irshift", "iand", "ior", "ixor", "iconcat", "imatmul"):
    f = getattr(op, name)
    left = [1]
    print(name, attempt(lambda: f(7, 2)), attempt(lambda: f(left, [2])), left)

items = {"a": 1}
op.setitem(items, "b", 2)
op.delitem(items, "a")
print(items, op.itemgetter(1)("abc"), op.itemgetter(0, -1)([1, 2, 3]), op.itemgetter(slice(1, None))("abc"), op.itemgetter("b")(items))


class Thing:
    name = "thing"

    class inner:
        deep = "deep"

    def method(self, *args, **kwargs):
        return args, kwargs


print(op.attrgetter("name")(Thing), op.attrgetter("inner.deep", "name")(Thing), op.methodcaller("method", 1, k=2)(Thing()), op.call(max, 1, 2))
print(repr(op.itemgetter(1, 2)), repr(op.attrgetter("a.b")), repr(op.methodcaller("m", 1, x=2)))
for call in (lambda: op.itemgetter(), lambda: op.attrgetter(5), lambda: op.attrgetter("nope")(Thing), lambda: op.attrgetter("inner.nope")(Thing), lambda: op.methodcaller(), lambda: op.methodcaller(5), lambda: op.methodcaller("nope")(1), lambda: op.itemgetter(1)(5), lambda: op.itemgetter(9)([1]), lambda: op.concat(1, 2), lambda: op.indexOf([1], 9), lambda: op.index(1.5), lambda: op.add(1), lambda: op.length_hint(1, "x"), lambda: op.countOf(5, 1), lambda: op.call(), lambda: op.setitem("a", 0, "b"), lambda: op.delitem((1,), 0)):
    print(attempt(call))


class Hint:
    def __length_hint__(self):
        return -1


class Hint2:
    def __length_hint__(self):
        return NotImplemented


print(attempt(lambda: op.length_hint(Hint())), op.length_hint(Hint2(), 7), op.length_hint(iter([1, 2, 3])), op.length_hint(object()))
print(sorted([("b", 2), ("a", 2), ("c", 1)], key=op.itemgetter(1, 0)), list(map(op.mul, [1, 2], [3, 4])))
