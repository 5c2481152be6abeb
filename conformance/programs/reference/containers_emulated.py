"""3.3.7 Emulating container types: subscripts, slices, membership, iteration, reversal, length hints, __missing__."""
from operator import index, length_hint


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


class Seen:
    def __getitem__(self, key):
        return key

    def __setitem__(self, key, value):
        print("set", key, value)

    def __delitem__(self, key):
        print("delete", key)

    def __contains__(self, item):
        return item and "yes"


s = Seen()
print(s[1], s[1:2], s[::], s[1, 2], s[1:2, ...], s[()], s[None:], s[*[1, 2], 3], s["a":"b":"c"])
s[1:2] = 3
s[1, 2:3] = 4
del s[...], s[-1:]
s[0] += 5
print(1 in s, 0 in s, 0 not in s)
x, y = s[0], s[slice(1, 2)]
print(x, y, slice(1, 2).indices(10), slice(None, None, -1).indices(5), slice(-3, 100, 2).indices(5))
show("zero step", lambda: slice(1, 2, 0).indices(5))
show("negative length", lambda: slice(1).indices(-1))
show("not a number", lambda: slice("a").indices(5))
print(slice(1, 2) == slice(1, 2, None), slice(1, 2) < slice(1, 3), slice(1), repr(slice(1, "x", None)), hash(slice(1)) == hash(slice(1)))


class Old:
    """Iteration and membership by __getitem__ alone."""

    def __getitem__(self, i):
        if i > 3:
            raise IndexError(i)
        return i * i


print(list(Old()), 4 in Old(), 5 in Old(), max(Old()), sum(Old()), [*Old()], dict(enumerate(Old())))
a, *b = Old()
print(a, b)
show("reversed", lambda: reversed(Old()))


class Sized(Old):
    def __len__(self):
        return 4


print(list(reversed(Sized())), length_hint(Sized()), length_hint(iter(Sized())))


class Hint:
    def __init__(self, hint):
        self.hint = hint

    def __length_hint__(self):
        if isinstance(self.hint, type):
            raise self.hint("no hint")
        return self.hint

    def __iter__(self):
        return iter("ab")


for hint in (5, 0, -1, "x", NotImplemented, TypeError, ValueError, 2**80):
    show(f"hint {hint}", lambda: length_hint(Hint(hint), 9))
    show("  list", lambda: list(Hint(hint)) if hint != 2**80 else "skipped")


class NoIter:
    __iter__ = None

    def __getitem__(self, i):
        return i


class NoContains:
    __contains__ = None

    def __iter__(self):
        return iter([1])


class BadIter:
    def __iter__(self):
        return 5


class BadNext:
    def __iter__(self):
        return self

    def __next__(self):
        raise KeyError("inside")


show("iter none", lambda: iter(NoIter()))
show("in none", lambda: 1 in NoIter())
show("contains none", lambda: 1 in NoContains())
show("iter number", lambda: list(BadIter()))
show("next raises", lambda: list(BadNext()))
show("for in number", lambda: [x for x in 5])
show("no subscript", lambda: 5[0])
show("no slice", lambda: None[1:2])
show("class subscript", lambda: Old[1])
show("set", lambda: (1, 2).__setitem__)


def assign():
    (1, 2)[0] = 1


def remove():
    del "abc"[0]


show("assign", assign)
show("remove", remove)


class Default(dict):
    def __missing__(self, key):
        if key == "bad":
            raise LookupError(key)
        return key * 2


d = Default(a=1)
print(d["a"], d["b"], d.get("b"), "b" in d, len(d))
show("missing", lambda: d["bad"])


class Generic:
    def __class_getitem__(cls, item):
        return cls.__name__, item


class Derived(Generic):
    pass


print(Generic[int], Derived[int, str], list[int], dict[str, list[int]], list[int]([1, 2]))
show("set on class", lambda: Generic.__setitem__)


class Ix:
    def __init__(self, v):
        self.v = v

    def __index__(self):
        return self.v


print([10, 20, 30][Ix(1)], "abc"[Ix(-1)], [1, 2, 3, 4][Ix(1) : Ix(3)], range(10)[Ix(2)], hex(Ix(255)), [0] * Ix(3), index(Ix(4)))
show("bad index", lambda: [1][Ix("x")])
show("float index", lambda: [1][1.0])
show("big index", lambda: [1][2**70])
show("big slice", lambda: [1, 2][-(2**70) : 2**70])
show("str index", lambda: "abc"["a"])
show("tuple index", lambda: (1, 2)["a"])
show("list slice", lambda: [1][1.0:])
show("range", lambda: range(3)[5])
show("bytes", lambda: b"abc"[1:][0])
