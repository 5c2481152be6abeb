"""Sorting: by value, by key, by comparison of objects, and by hand."""

import operator


class Card:
    def __init__(self, suit, rank):
        self.suit = suit
        self.rank = rank

    def __lt__(self, other):
        return (self.rank, self.suit) < (other.rank, other.suit)


def numbers(count, seed=99):
    for _ in range(count):
        seed = (seed * 69069 + 1) & 0xFFFFFFFF
        yield seed >> 8


def heapsort(items):
    size = len(items)
    for start in range(size // 2 - 1, -1, -1):
        sift(items, start, size)
    for end in range(size - 1, 0, -1):
        items[0], items[end] = items[end], items[0]
        sift(items, 0, end)


def sift(items, root, end):
    value = items[root]
    while (child := 2 * root + 1) < end:
        if child + 1 < end and items[child] < items[child + 1]:
            child += 1
        if items[child] <= value:
            break
        items[root] = items[child]
        root = child
    items[root] = value


data = list(numbers(400_000))
ordered = sorted(data)
words = sorted(map(str, data))
pairs = sorted(((n % 1000, n) for n in data), key=operator.itemgetter(0))
cards = sorted(Card(n % 4, n % 13007) for n in data[:120_000])
byhand = data[:120_000]
heapsort(byhand)
value = 0
for group in (ordered[::100], map(int, words[::100]), (b for a, b in pairs[::100]), (c.rank for c in cards[::100]), byhand[::100]):
    for n in group:
        value = (value * 31 + n) % 1_000_003
print("sorting", value, byhand == sorted(byhand))
