# What iterators reduce to, and going to a place of one.
from collections import OrderedDict


class Sequence:
    """Has items, but fails once at the second."""

    failed = False

    def __getitem__(self, index):
        if index == 1 and not self.failed:
            self.failed = True
            raise ValueError("once")
        if index > 3:
            raise IndexError
        return index * 10

    def __repr__(self):
        return "Sequence()"


numbers = [0, 1, 2, 3, 4]
table = {1: "a", 2: "b", 3: "c"}


def made():
    yield "list", iter(numbers)
    yield "reversed list", reversed(numbers)
    yield "tuple", iter((1, 2, 3))
    yield "range", iter(range(5))
    yield "range with step", iter(range(10, 0, -3))
    yield "reversed range", reversed(range(5))
    yield "large range", iter(range(10**30, 10**30 + 5))
    yield "ASCII", iter("abc")
    yield "string", iter("aé\U0001f600b")
    yield "bytes", iter(b"abc")
    yield "bytearray", iter(bytearray(b"abc"))
    yield "keys", iter(table)
    yield "values", iter(table.values())
    yield "items", iter(table.items())
    yield "reversed keys", reversed(table)
    yield "reversed items", reversed(table.items())
    yield "ordered", iter(OrderedDict(table))
    yield "set", iter({7})
    yield "reversed", reversed("abc")
    yield "callable", iter(int, 1)


def show(reduced):
    callable, args, *state = reduced
    print("   ", callable.__name__, *args, *state)


for name, iterator in made():
    print(name)
    show(iterator.__reduce__())
    next(iterator)
    show(iterator.__reduce__())
    callable, args, *state = iterator.__reduce__()
    again = callable(*args)
    if state and state[0] is not None:
        again.__setstate__(state[0])
    if name != "callable":
        print("   ", list(again) == list(iterator))
        show(iterator.__reduce__())
    for place in (1, -5, 100):
        other = {key: value for key, value in made()}[name]
        if not hasattr(other, "__setstate__"):
            break
        other.__setstate__(place)
        print("   ", place, [item for item, _ in zip(other, range(6))])

for state in ("a", 2**70):
    try:
        iter(numbers).__setstate__(state)
    except Exception as error:
        print(type(error).__name__, error)

# An item that fails is asked for again.
iterator = iter(Sequence())
print(next(iterator))
try:
    next(iterator)
except ValueError as error:
    print(error, iterator.__reduce__()[1:])
print(list(iterator))

# Iterators over iterators.
for iterator in (
    enumerate(numbers, 3),
    enumerate(numbers, 2**70),
    zip(numbers, "abc"),
    zip(numbers, "abc", strict=True),
    map(str, numbers),
    filter(None, numbers),
):
    next(iterator)
    callable, args, *state = iterator.__reduce__()
    print(callable.__name__, [type(arg).__name__ for arg in args], state)
    print("   ", next(callable(*args)))
iterator = zip(numbers, "abc")
iterator.__setstate__(True)
try:
    list(iterator)
except ValueError as error:
    print(error)
