# Corners of the built-in types.
import operator
import warnings


def attempt(what, *args, **keywords):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            print(repr(what(*args, **keywords)), [str(warning.message) for warning in caught])
        except Exception as error:
            print(type(error).__name__, error, getattr(error, "__notes__", ""), [str(warning.message) for warning in caught])


class Whole(int):
    pass


class Real(float):
    pass


class Derived:
    def __index__(self):
        return Whole(1)

    def __float__(self):
        return Real(2)

    def __complex__(self):
        return type("C", (complex,), {})(3)


attempt(operator.index, Derived())
attempt(float, Derived())
attempt(complex, Derived())
attempt([1, 2].__getitem__, Derived())
attempt(int, "1", base=3, x=4)
attempt(str, b"", "ascii", errors="strict", object=3)
for sequence in ([1], (1,), memoryview(b"a")):
    attempt(sequence.index, 1, None)
attempt("a".index, "a", None)
attempt(pow, -0.0, float("-inf"))
attempt(pow, 0.0, -1.0)
attempt("{}".format, type("S", (str,), {"__str__": lambda self: "own"})("x"))
attempt("%c".__mod__, Derived)
attempt({}.update, [object()])
attempt({}.update, [(1, 2, 3)])
attempt(dict, [iter([1])])


class Same:
    def __hash__(self):
        return 0

    def __eq__(self, other):
        changed.clear()
        return False


changed = {number: 0 for number in range(9)}
changed[Same()] = 0
attempt({Same(): 0, 1: 1}.update, changed)
for container in ({1: 1}, {1}):
    iterator = iter(container)
    container.clear()
    print(operator.length_hint(iterator))


class Clearing:
    def __eq__(self, other):
        one.clear()
        two.clear()
        return NotImplemented


one, two = [Clearing()], [Clearing()]
print(one == two)


class Killer:
    def __init__(self, value):
        pass

    def __del__(self):
        numbers[:] = [1]

    def __lt__(self, other):
        return id(self) < id(other)


numbers = [3, 1, 2]
attempt(numbers.sort, key=Killer)


class Counted(int):
    hashed = 0

    def __hash__(self):
        Counted.hashed += 1
        return int(self)


values = {Counted(number) for number in range(10)}
dict.fromkeys(values), set(dict.fromkeys(values)), values.difference(dict.fromkeys(values))
print(Counted.hashed)
for kind in (list, tuple, set, frozenset, float):
    attempt(type("Sub", (kind,), {}), x=1)
    attempt(type("Init", (kind,), {"__init__": lambda self, *args, **keywords: None}), x=1)
d = {f"k{n}": n for n in range(100)}
for n in range(1, 100):
    del d[f"k{n}"]
iterators = reversed(d), reversed(d.keys()), reversed(d.values()), reversed(d.items())
d.clear()
d["k0"] = 0
print([list(iterator) for iterator in iterators])
attempt(property().__set_name__)
attempt(object.__subclasshook__)
attempt(type, "X", (OSError, SyntaxError), {})
attempt(Exception.__new__, int)
print(object.__sizeof__(5) > 0, [c.__dictoffset__ != 0 for c in (int, list, type, Derived, type("S", (), {"__slots__": ()}))])
print([c.__weakrefoffset__ != 0 for c in (int, Derived, type("S", (), {"__slots__": ()}))], int.__itemsize__, bytes.__itemsize__, list.__itemsize__)
print([bool(c.__doc__) for c in (ValueError, OSError, str.join, [].append, len, int.__add__, (5).__hash__)], str.join.__text_signature__, len.__text_signature__)
print(type.__module__, type(type).__module__, type(None).__reduce_ex__.__name__)
print(list(type("Filter", (filter,), {"__init__": lambda self, *args, **keywords: None})(None, [1, 0], x=1)))
attempt("%*r".__mod__, (-(1 << 63), 1))
