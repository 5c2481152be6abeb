"""Sorting: stability, keys, reversal, comparison functions, and algorithms by hand."""

import functools
import operator
import random

PEOPLE = [("Ada", 36, "London"), ("Bob", 25, "Paris"), ("Cid", 36, "Berlin"), ("Dan", 25, "London"), ("Eve", 41, "Paris"), ("Fay", 25, "Berlin")]


class Version:
    def __init__(self, text):
        self.parts = tuple(int(p) if p.isdigit() else p for p in text.split("."))

    def __lt__(self, other):
        for a, b in zip(self.parts, other.parts):
            if a != b:
                return str(a) < str(b) if type(a) is not type(b) else a < b
        return len(self.parts) < len(other.parts)

    def __repr__(self):
        return "v" + ".".join(map(str, self.parts))


@functools.total_ordering
class Priority:
    levels = ["low", "normal", "high"]

    def __init__(self, name):
        self.rank = self.levels.index(name)

    def __eq__(self, other):
        return self.rank == other.rank

    def __lt__(self, other):
        return self.rank < other.rank


class Counting:
    """A number that counts how often it is compared."""

    compared = 0

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        Counting.compared += 1
        return self.value < other.value


def merge_sort(items):
    if len(items) < 2:
        return items[:]
    middle = len(items) // 2
    left, right, out = merge_sort(items[:middle]), merge_sort(items[middle:]), []
    i = j = 0
    while i < len(left) and j < len(right):
        if right[j] < left[i]:
            out.append(right[j])
            j += 1
        else:
            out.append(left[i])
            i += 1
    return out + left[i:] + right[j:]


def quick_sort(items):
    match items:
        case [] | [_]:
            return list(items)
        case [pivot, *rest]:
            return [*quick_sort([x for x in rest if x < pivot]), pivot, *quick_sort([x for x in rest if not x < pivot])]


def insertion_sort(items):
    items = list(items)
    for i in range(1, len(items)):
        value, j = items[i], i
        while j and value < items[j - 1]:
            items[j], j = items[j - 1], j - 1
        items[j] = value
    return items


def bisect(items, value):
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if items[middle] < value else (low, middle)
    return low


def names(people):
    return " ".join(name for name, *_ in people)


def main():
    by_age = sorted(PEOPLE, key=operator.itemgetter(1))
    print(names(by_age), "|", names(sorted(by_age, key=lambda p: p[2])), "|", names(sorted(PEOPLE, key=lambda p: p[1], reverse=True)))
    print(names(sorted(PEOPLE, key=operator.itemgetter(2, 1))), "|", names(sorted(PEOPLE, key=lambda p: (-p[1], p[0]))))
    print(names(sorted(PEOPLE, key=functools.cmp_to_key(lambda a, b: (a[1] > b[1]) - (a[1] < b[1]) or len(b[2]) - len(a[2])))))
    print(sorted(map(Version, "1.10 1.9 1.2.1 1.2 0.9 1.2.rc 2".split())), max(map(Version, ["3.1", "3.14"])))
    print(Priority("low") <= Priority("high"), Priority("high") >= Priority("high"), Priority("low") > Priority("normal"), max("normal low high".split(), key=Priority))
    random.seed(11)
    data = [random.randrange(1000) for _ in range(300)]
    expected = sorted(data)
    print([f(data) == expected for f in (merge_sort, quick_sort, insertion_sort)], expected[:8], bisect(expected, 500))
    pairs = [(n % 10, i) for i, n in enumerate(data)]
    stable = sorted(pairs, key=lambda p: p[0])
    print("stable:", all(a < b for a, b in zip(stable, stable[1:])), "reverse stable:", [p for p in sorted(pairs, key=lambda p: p[0], reverse=True) if p[0] == 9][:3])
    for title, items in {"ordered": range(100), "reversed": range(100, 0, -1), "same": [5] * 100}.items():
        Counting.compared = 0
        sorted(map(Counting, items))
        print(title, Counting.compared)
    words = "the Quick brown fox Jumps over The lazy dog".split()
    print(sorted(words), sorted(words, key=str.lower), sorted(words, key=len), sorted(words, key=lambda w: (len(w), w.swapcase())))
    words.sort(key=str.casefold, reverse=True)
    print(words, words.sort(), words[-1], min(words, key=len), max([], default="none"), sorted({"b": 1, "a": 2}), sorted("hello"))
    print(sorted([3, 1.5, True, -2, 2**70]), sorted([[2], [1, 5], [1]]), sorted([(1, "b"), (1, "a"), (0, "z")]), list(reversed(range(4))), sorted([0.0, -0.0, -1]))
    for attempt in (lambda: sorted([1, "a"]), lambda: sorted([None, None]), lambda: sorted(5), lambda: sorted([1], lambda x: x), lambda: [].sort(1), lambda: max(1, "a"), lambda: min([]), lambda: sorted([1j, 2j]), lambda: sorted([3, 1], key=5)):
        try:
            print(attempt())
        except (TypeError, ValueError) as error:
            print(f"{type(error).__name__}: {error}")
    items = [3, 1, 2]

    def spy(value):
        items.append(value)
        return value

    try:
        items.sort(key=spy)
    except ValueError as error:
        print(error, items)


main()
