# What __reduce_ex__ makes of values, and what copy does with it.
import copy
import copyreg


def show(value):
    for protocol in (2, 4):
        try:
            reduced = value.__reduce_ex__(protocol)
            if isinstance(reduced, str):
                print(protocol, reduced)
                continue
            function, arguments, *rest = reduced
            arguments = [list(part) if hasattr(part, "__next__") else part for part in arguments]
            rest = [list(part) if hasattr(part, "__next__") else part for part in rest]
            print(protocol, function.__name__, arguments, rest)
        except Exception as error:
            print(protocol, type(error).__name__, error)


class Plain:
    pass


class Slots:
    __slots__ = ("a", "__b", "c")

    def __init__(self):
        self.a, self.__b = 1, 2


class Both(Slots):
    pass


class Arguments(int):
    def __getnewargs__(self):
        return (7,)


class Keywords:
    def __new__(cls, *args, **keywords):
        self = super().__new__(cls)
        self.given = (args, keywords)
        return self

    def __getnewargs_ex__(self):
        return (1, 2), {"x": 3}


class State:
    def __getstate__(self):
        return "state"

    def __setstate__(self, state):
        self.state = state


class Own:
    def __reduce__(self):
        return print, ("called",)


class Numbers(list):
    pass


class Names(dict):
    pass


plain, both = Plain(), Both()
plain.x = 1
both.d = 4
for value in (5, "text", 2.5, (1, 2), plain, Plain(), Slots(), both, Arguments(3), Keywords(), State(), Own(), Numbers([1, 2]), Names(a=1),
              {1}, frozenset({2}), range(3), slice(1, 2), iter([1, 2]), iter(range(2, 9)), enumerate("ab"), bytearray(b"ab"), len, [1].append, str.join, dict.fromkeys):
    print(type(value).__name__)
    show(value)
for value in ((x for x in ()), property(), memoryview(b"")):
    show(value)
for name, result in (("__getnewargs__", 5), ("__getnewargs_ex__", 5), ("__getnewargs_ex__", (1,)), ("__getnewargs_ex__", (1, 2)),
                     ("__getnewargs_ex__", ((), 2))):
    show(type("Bad", (), {name: lambda self: result})())
print(both.__getstate__(), plain.__getstate__(), Plain().__getstate__(), Slots.__slotnames__)
twin = copy.copy(both)
print(twin.a, twin._Slots__b, twin.d, hasattr(twin, "c"))
print(copy.copy(Keywords()).given, copy.copy(State()).state, copy.deepcopy(Numbers([[1]])), copy.deepcopy(Names(a=[1])), copy.copy(Arguments(3)))
print(copy.deepcopy({1, 2}), copy.deepcopy(range(3)), copy.copy(slice(1, [2])))
print(copyreg.__newobj__(Numbers), Plain.__reduce_ex__(plain, 0)[0].__name__)
