"""collections.abc: which built-in types are what, mixin methods made from few, registration, subclass hooks."""
import collections.abc as abc
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque

kinds = [name for name in abc.__all__ if name != "ByteString"]
values = {"list": [], "tuple": (), "str": "", "bytes": b"", "dict": {}, "set": set(), "frozenset": frozenset(), "range": range(0), "generator": (x for x in ""), "iter": iter([]), "keys": {}.keys(), "items": {}.items(), "values": {}.values(), "function": len, "deque": deque(), "memoryview": memoryview(b""), "int": 1, "type": int}
for name, value in values.items():
    print(name, [kind for kind in kinds if isinstance(value, getattr(abc, kind))])


class Seq(abc.Sequence):
    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


class Mut(Seq, abc.MutableSequence):
    def __init__(self, *items):
        self.items = list(items)

    def __setitem__(self, index, value):
        self.items[index] = value

    def __delitem__(self, index):
        del self.items[index]

    def insert(self, index, value):
        self.items.insert(index, value)


s = Seq(3, 1, 3)
print(list(s), list(reversed(s)), 1 in s, s.index(3, 1), s.count(3))
try:
    s.index(9)
except ValueError as error:
    print("ValueError", error)
m = Mut(1, 2)
m.append(3), m.extend([4, 5]), m.reverse()
m += [0]
print(m.items, m.pop(), m.pop(0), m.items)
m.remove(3)
m.clear()
print(m.items)
try:
    m.pop()
except IndexError as error:
    print(error)


class Bits(abc.MutableSet):
    def __init__(self, items=()):
        self.bits = 0
        for item in items:
            self.add(item)

    def __contains__(self, x):
        return bool(self.bits >> x & 1)

    def __iter__(self):
        return (i for i in range(self.bits.bit_length()) if i in self)

    def __len__(self):
        return self.bits.bit_count()

    def add(self, x):
        self.bits |= 1 << x

    def discard(self, x):
        self.bits &= ~(1 << x)


a, b = Bits([1, 2, 3]), Bits([3, 4])
print(list(a & b), list(a | b), list(a - b), list(a ^ b), a <= b, Bits([3]) < b, a.isdisjoint([9]), a == {1, 2, 3}, list({1, 9} - a), list([1, 7] | a) if hasattr(a, "__ror__") else "")
a |= [5]
a -= [1]
a ^= [2, 7]
a &= range(6)
print(list(a), a.pop(), len(a))
try:
    a.remove(50)
except KeyError as error:
    print("KeyError", error)


class Lower(abc.MutableMapping):
    def __init__(self):
        self.data = {}

    def __getitem__(self, key):
        return self.data[key.lower()]

    def __setitem__(self, key, value):
        self.data[key.lower()] = value

    def __delitem__(self, key):
        del self.data[key.lower()]

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)


d = Lower()
d["A"] = 1
d.update(B=2, c=3)
d.update([("D", 4)])
print(dict(d), "a" in d, d.get("Z", "none"), d.pop("B"), d.setdefault("E", 5), d.popitem(), d == {"a": 1, "c": 3, "e": 5}, list(d.items()), d.keys() & {"a"}, repr(d.values()).split("(")[0])
d.clear()
for call in (lambda: d.popitem(), lambda: d.pop("x"), lambda: abc.Sized(), lambda: abc.Sequence(), lambda: abc.Iterator()):
    try:
        call()
    except (KeyError, TypeError) as error:
        print(type(error).__name__, error)


class HasIter:
    def __iter__(self):
        yield 1


class NoHash:
    __hash__ = None


@abc.Sequence.register
class Registered:
    pass


print(issubclass(HasIter, abc.Iterable), issubclass(NoHash, abc.Hashable), isinstance(Registered(), abc.Sequence), issubclass(Registered, abc.Sequence), abc.Iterable[int])
print([(c.__name__, [k for k in ("Mapping", "MutableMapping", "Sequence", "MutableSequence", "Set") if issubclass(c, getattr(abc, k))]) for c in (ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque)])
