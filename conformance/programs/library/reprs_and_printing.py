"""pprint and reprlib: widths, depths, sorting, wrapping, recursion, limits."""
import collections
import dataclasses
import pprint
import reprlib
import types

nested = {"b": [1, 2, [3, [4, [5, [6]]]]], "a": {"x": ("one", "two" * 20), "y": {3, 1, 2}}, 5: None}
pprint.pprint(nested)
pprint.pprint(nested, width=30, indent=2)
pprint.pprint(nested, depth=2, sort_dicts=False)
pprint.pprint(nested, compact=True, width=20)
pprint.pp({"z": 1, "a": 2})
pprint.pprint(list(range(40)), compact=True)
pprint.pprint(["word " * 30, b"bytes" * 30, bytearray(b"array" * 20)])
pprint.pprint([10**20, -5, 1234567.5], underscore_numbers=True)
pprint.pprint({frozenset({2, 1}): (1,), (): set(), "": frozenset()}, width=1)
recursive = [1]
recursive.append(recursive)
cycle = {}
cycle["self"] = cycle
print(pprint.pformat(recursive).split(" id=")[0], pprint.isrecursive(recursive), pprint.isreadable(recursive), pprint.isreadable([1, "a"]), pprint.isreadable([object()]), pprint.saferepr([1, {"b": 2, "a": 1}]))


@dataclasses.dataclass
class Data:
    name: str
    items: list = dataclasses.field(default_factory=list)
    hidden: int = dataclasses.field(default=0, repr=False)


class Quiet(dict):
    def __repr__(self):
        return "Quiet!"


for value in (Data("n" * 50, list(range(20))), collections.OrderedDict(a=1, b="x" * 60), collections.defaultdict(int, a="y" * 70), collections.Counter("aab" * 10), collections.ChainMap({"a": "z" * 40}, {"b": "w" * 40}), collections.deque(["v" * 40, "u" * 40], maxlen=5), types.SimpleNamespace(one="s" * 40, two="t" * 40), types.MappingProxyType({"k": "r" * 80}), collections.UserList(["q" * 80]), Quiet(a=1), {1: 2}.keys(), {"a" * 40: 1, "b" * 40: 2}.items()):
    pprint.pprint(value)
printer = pprint.PrettyPrinter(width=10, indent=3)
printer.pprint([[1, 2, 3], [4, 5, 6], {"k": "v v v v"}])
for bad in ({"indent": -1}, {"width": 0}, {"depth": 0}, {"compact": True, "width": "x"}):
    try:
        pprint.PrettyPrinter(**bad)
        print("made")
    except (ValueError, TypeError) as error:
        print(error)
try:
    pprint.pprint({1: 1, "a": 2, None: 3, (1,): 4})
except TypeError as error:
    print(error)

print(reprlib.repr(list(range(100))), reprlib.repr("x" * 100), reprlib.repr({i: i for i in range(10)}), reprlib.repr(set(range(9))), reprlib.repr(10**60), reprlib.repr([[[[[[[1]]]]]]]), reprlib.repr((1,)), reprlib.repr(collections.deque(range(9))), reprlib.repr(frozenset("a")))
own = reprlib.Repr(maxlist=2, maxstring=10, maxlevel=2, maxdict=1, fillvalue="###", indent="->")
print(own.repr([1, 2, 3]), own.repr("abcdefghijklmnop"), own.repr({"a": [1, [2, [3]]], "b": 1}))


class Own(reprlib.Repr):
    def repr_int(self, x, level):
        return f"<{x}>"


class Ring:
    @reprlib.recursive_repr("(...)")
    def __repr__(self):
        return f"Ring{[self]!r}"


class Fails:
    def __repr__(self):
        raise ValueError


print(Own().repr([1, {2: 3}]), repr(Ring()), reprlib.repr(Fails()).split(" at ")[0], repr(recursive), repr(cycle))
