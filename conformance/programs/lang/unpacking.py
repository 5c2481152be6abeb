"""Unpacking and slicing, tried on every shape of sequence."""

import itertools


class Window:
    """Shows what a subscription passes."""

    def __getitem__(self, key):
        return key

    def __setitem__(self, key, value):
        print("set", key, value)

    def __delitem__(self, key):
        print("del", key)


def expected(values, start, stop, step):
    """A slice by the definition, one element after the other."""
    size = len(values)
    step = 1 if step is None else step
    low, high = (0, size) if step > 0 else (-1, size - 1)

    def place(bound, default):
        if bound is None:
            return default
        if bound < 0:
            bound += size
        return min(max(bound, low), high)

    index = place(start, low if step > 0 else high)
    stop = place(stop, high if step > 0 else low)
    out = []
    while index < stop if step > 0 else index > stop:
        out.append(values[index])
        index += step
    return out


def slices():
    text = "abcdefg"
    bounds = [None, *range(-9, 10)]
    checked = 0
    for start, stop, step in itertools.product(bounds, bounds, [None, -3, -2, -1, 1, 2, 3, 10]):
        wanted = expected(text, start, stop, step)
        part = slice(start, stop, step)
        assert list(text[part]) == wanted, part
        assert list(text)[part] == wanted
        assert "".join(tuple(text)[part]) == text[part]
        assert bytes(text.encode())[part].decode() == text[part]
        assert list(range(7)[part]) == [ord(c) - 97 for c in wanted]
        assert [text[i] for i in range(*part.indices(7))] == wanted
        checked += 1
    print(checked, "slices checked")


def assignments():
    numbers = list(range(10))
    numbers[2:5] = "xyz!"
    numbers[:0] = [-1]
    numbers[len(numbers):] = [99]
    print(numbers)
    numbers[::4] = [None] * len(numbers[::4])
    numbers[-2:-4:-1] = ["p", "q"]
    print(numbers)
    del numbers[1::3], numbers[-1]
    numbers[3:3] = numbers[:2]
    numbers[1:2] = []
    print(numbers, numbers[::-1], numbers[5:1], numbers[-100:2])
    for attempt in ("numbers[::2] = [1]", "numbers[1:2] = 5", "numbers[20] = 1", "numbers['a']", "numbers[::0]", "del numbers[50]", "(1, 2)[0] = 3", "numbers[1.0]", "range(5)[7]", "numbers[1, 2]", "b'ab'[0] = 1"):
        try:
            exec(attempt, {"numbers": numbers})
        except Exception as error:
            print(f"{attempt:<22}{type(error).__name__}: {error}")
    data = bytearray(b"hello world")
    data[0:1] = b"J"
    data[5:] = b"!" * 3
    del data[1:3]
    view = memoryview(data)[1:4]
    print(data, bytes(view), view[0], slice(1, None, 2), slice(5).indices(3), slice(1, 2) == slice(1, 2, None))
    window = Window()
    print(window[1], window[1:2], window[::3], window[1, ..., :5], window[()], window[*"ab", 3])
    window[2:] = "v"
    del window[-1, :]


def targets():
    a, b = b, a = 1, 2
    (c, [d, *e]), f = ("x", "word"), {}
    *start, last = range(5)
    first, *_ = "only"
    head, *middle, tail = {"k1": 1, "k2": 2, "k3": 3}
    [*everything] = (n * n for n in range(4))
    print(a, b, c, d, e, f, start, last, first, head, middle, tail, everything)
    box = [0, 1, 2]
    i = 0
    i, box[i] = 2, "set with the new i"
    box[0], box[1], *box[5:] = "zero", "one", "more", "yet"
    print(i, box)
    for n, (left, *right) in enumerate([("a", 1, 2), "bc", [[3]]]):
        print(n, left, right, end="; ")
    print([x + y for x, y in [(1, 2), (3, 4)]], {k: v for k, *v in ["abc", "de"]}, [z for x in (1, 2) for z in (x, x * 10) if z != 2])
    values = 1, *range(2, 4), *"ab"
    print(values, [*values, *[]], {*values[:2], 7}, {**{"a": 1}, "b": 2, **dict(a=3)}, (*(),), max(*[3, 9], 4))

    def show(first, /, second=2, *rest, third=3, **others):
        return first, second, rest, third, others

    print(show(1), show(*"abc", *[4], third="t", **{"x": 1}, y=2), show(1, **{"second": 5, "first": 0}))
    print(*map(show, "ab", "cd"), sep=" | ")
    if (size := len(values)) > 3 and (half := size // 2):
        print(size, half, (half := half + 1), half)
    for attempt in ("a, b = 1", "a, b = 1, 2, 3", "a, b, *c = [1]", "(a, b), c = 1, 2", "show(1, first=2, **{'third': 1, 'third': 2})", "show(**{1: 2})", "show(*5)", "a, b = {'x': 1}", "show(1, 2, second=3)", "a, = ()", "[*5]", "{**[1]}", "dict(**{'a': 1}, **{'a': 2})"):
        try:
            exec(attempt, {"show": show})
            print(f"{attempt:<44}fine")
        except Exception as error:
            print(f"{attempt:<44}{type(error).__name__}: {error}")


slices()
assignments()
targets()
