"""collections.abc, abc and the User classes: containers of one's own that behave like the built-in ones."""

import abc
import collections.abc
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, deque
from collections.abc import Generator, Hashable, Iterator, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence


class Table(MutableMapping):
    def __init__(self, *args, **kwargs):
        self.pairs = []
        self.update(*args, **kwargs)

    def __getitem__(self, key):
        for known, value in self.pairs:
            if known == key:
                return value
        raise KeyError(key)

    def __setitem__(self, key, value):
        self.pairs = [pair for pair in self.pairs if pair[0] != key] + [(key, value)]

    def __delitem__(self, key):
        self[key]
        self.pairs = [pair for pair in self.pairs if pair[0] != key]

    def __iter__(self):
        return (key for key, _ in self.pairs)

    def __len__(self):
        return len(self.pairs)

    def __repr__(self):
        return f"Table({self.pairs})"


class Steps(Sequence):
    def __init__(self, *items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]

    def __len__(self):
        return len(self.items)


class Line(MutableSequence):
    def __init__(self, items=()):
        self.items = list(items)

    def __getitem__(self, index):
        return self.items[index]

    def __setitem__(self, index, value):
        self.items[index] = value

    def __delitem__(self, index):
        del self.items[index]

    def __len__(self):
        return len(self.items)

    def insert(self, index, value):
        self.items.insert(index, value)


class Bag(MutableSet):
    def __init__(self, items=()):
        self.items = list(dict.fromkeys(items))

    def __contains__(self, item):
        return item in self.items

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)

    def add(self, item):
        if item not in self:
            self.items.append(item)

    def discard(self, item):
        if item in self:
            self.items.remove(item)

    def __repr__(self):
        return "Bag(" + "".join(self.items) + ")"


class Three(Generator):
    count = 0

    def send(self, value):
        self.count += 1
        if self.count > 3:
            raise StopIteration("done")
        return self.count

    def throw(self, typ, val=None, tb=None):
        raise typ


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        """The area."""

    @property
    @abc.abstractmethod
    def name(self): ...


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Named(Square):
    name = "square"


@Sequence.register
class Single:
    def __len__(self):
        return 1

    def __getitem__(self, index):
        return ("only",)[index]


class Unhashable:
    __hash__ = None


class Doubling(UserDict):
    def __missing__(self, key):
        return key * 2


def attempt(call):
    try:
        print(call())
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


def kinds():
    def generate():
        yield

    values = [1, "", b"", bytearray(), (), [], {}, set(), frozenset(), range(3), None, generate(), len, int, iter([]), {}.keys(), {}.values(), {}.items()]
    values += [deque(), ChainMap(), Counter(), OrderedDict(), memoryview(b""), slice(1), UserDict(), UserList(), UserString(""), type.__dict__, Table(), Bag()]
    for name in sorted(set(collections.abc.__all__) - {"ByteString"}):
        base = getattr(collections.abc, name)
        print(f"{name:15}", "".join(".#"[isinstance(value, base)] for value in values), sorted(base.__abstractmethods__))
    print(issubclass(list, Sequence), issubclass(dict, Mapping), issubclass(int, Hashable), Hashable in Unhashable.__mro__, isinstance(Unhashable(), Hashable))
    print(Mapping, Mapping.__module__, UserList, Iterator[int], collections.abc.Mapping is Mapping, [base.__name__ for base in Table.__mro__])


def mixins():
    table = Table({"a": 1}, b=2)
    print(table, table.keys(), list(table.values()), table.items(), "a" in table, table.get("z", 3), table == {"b": 2, "a": 1})
    print(table.pop("a"), table.setdefault("q", 5), table.popitem(), table, ("q", 5) in table.items(), 5 in table.values(), table.keys() & {"q"}, table.keys() == {"q"})
    for call in (lambda: table.pop("none"), lambda: table.pop("none", 0), lambda: Table().popitem(), lambda: hash(table), lambda: reversed(table), Mapping, lambda: MutableSet()):
        attempt(call)
    table.update([("k", 1)], z=2)
    table.clear()
    print(len(table), bool(table))
    steps = Steps(1, 2, 3, 2)
    print(list(steps), 2 in steps, 9 in steps, list(reversed(steps)), steps.index(2), steps.index(2, 2), steps.count(2))
    attempt(lambda: steps.index(7))
    line = Line("abc")
    line += "de"
    line.reverse(), line.remove("c"), line.append("z"), line.extend(line)
    print(line.items, line.pop(), line.pop(0), len(line))
    line.clear()
    attempt(line.pop)
    a, b = Bag("abc"), Bag("bcd")
    print(a & b, a | b, a - b, a ^ b, a <= b, a < Bag("abcd"), a >= Bag("a"), a == Bag("cba"), a.isdisjoint("xyz"), a <= set("abcd"), {"z"} | a)
    a |= "nm"
    a &= Bag("bnm")
    a ^= {"b", "w"}
    a -= {"m"}
    print(a, a.pop(), a, Bag("ab")._hash() == hash(frozenset("ab")))
    for call in (lambda: a & 5, lambda: a.remove("q"), lambda: hash(a), lambda: Bag().pop()):
        attempt(call)
    print(list(Three()), next(Three()), Three().close(), isinstance(Three(), Iterator))
    for value in (Table(a=1), steps, Single(), UserDict(a=2), UserList([7]), UserString("text"), a):
        match value:
            case {"a": found}:
                print("mapping", found)
            case [first, *_]:
                print("sequence", first)
            case _:
                print("neither", value)


def abstract():
    for call in (Shape, lambda: Square(2), lambda: Named(2).area(), lambda: Sequence.register(5), lambda: issubclass(5, Sequence)):
        attempt(call)
    print(sorted(Shape.__abstractmethods__), sorted(Square.__abstractmethods__), type(Shape), isinstance(Named(1), Shape))
    print(issubclass(Single, Sequence), isinstance(Single(), collections.abc.Collection), issubclass(Single, MutableSequence))


def user_classes():
    plain = UserDict({"a": 1}, b=2)
    print(plain, plain | {"c": 3}, {"z": 0} | plain, plain.copy(), plain == {"a": 1, "b": 2}, plain.get("q"), list(plain), UserDict.fromkeys("ab", 1))
    double = Doubling(x=1)
    print(double["y"], double.get("y"), double.setdefault("w", []), double.pop("x"), double, type(double | {}).__name__, type(double.copy()).__name__)
    double |= {"o": 1}
    double.update(k=2)
    del double["o"]
    print(double, double.data)
    attempt(lambda: UserDict()["q"])
    items = UserList([3, 1, 2])
    items.sort(), items.append(9), items.insert(0, 5)
    items += [7]
    print(items, items[1:3], type(items[1:3]).__name__, items + [1], [1] + items, items * 2, items == [5, 1, 2, 3, 9, 7], items < [9])
    print(items.index(9), items.count(1), 3 in items, items.pop(), items.copy(), list(reversed(items)), UserList("abc"), max(items))
    text = UserString("Hello")
    print(text, repr(text), text.upper(), type(text.upper()).__name__, text + "x", "x" + text, text * 2, text[1], text[1:], text == "Hello", {text: 1}["Hello"])
    print(text.find("l"), text.split("l"), text.join(["a", "b"]), text.replace("l", "L"), "ell" in text, len(text), text.center(11, "*"), int(UserString("5")), UserString(5), text < "Z")


kinds()
mixins()
abstract()
user_classes()
