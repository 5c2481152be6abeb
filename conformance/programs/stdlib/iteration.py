"""The iterator protocol and itertools: schedules, tournaments, runs, primes and combinations."""

import functools
import itertools
import operator


class Countdown:
    def __init__(self, start):
        self.start = start

    def __iter__(self):
        return CountdownIterator(self.start)

    def __reversed__(self):
        return iter(range(1, self.start + 1))

    def __len__(self):
        return self.start

    def __contains__(self, n):
        return isinstance(n, int) and 0 < n <= self.start


class CountdownIterator:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1

    def __length_hint__(self):
        return self.n


class OldStyle:
    """Iterable only because it can be indexed."""

    def __getitem__(self, index):
        if index > 3:
            raise IndexError(index)
        return index * index


class Peekable:
    missing = object()

    def __init__(self, iterable):
        self.iterator = iter(iterable)
        self.waiting = []

    def __iter__(self):
        return self

    def __next__(self):
        return self.waiting.pop() if self.waiting else next(self.iterator)

    def peek(self, default=None):
        try:
            self.waiting.append(next(self))
        except StopIteration:
            return default
        return self.waiting[-1]


def runs(values):
    """Compress 1 2 3 7 8 10 to '1-3 7-8 10'."""
    for _, group in itertools.groupby(enumerate(values), key=lambda pair: pair[1] - pair[0]):
        first, *_, last = [value for _, value in group] * 2
        yield f"{first}-{last}" if first != last else str(first)


def round_robin(players):
    players = list(players) + ["free"] * (len(players) % 2)
    half = len(players) // 2
    for _ in range(len(players) - 1):
        yield [pair for pair in zip(players[:half], reversed(players[half:])) if "free" not in pair]
        players[1:] = players[-1:] + players[1:-1]


def primes():
    composites = {}
    for n in itertools.count(2):
        if (steps := composites.pop(n, None)) is None:
            yield n
            composites[n * n] = [n]
        else:
            for step in steps:
                composites.setdefault(n + step, []).append(step)


def look_and_say(text="1"):
    while True:
        yield text
        text = "".join(f"{len(list(group))}{char}" for char, group in itertools.groupby(text))


def main():
    countdown = Countdown(5)
    print(list(countdown), list(reversed(countdown)), 3 in countdown, 6 in countdown, max(countdown), [*zip(countdown, countdown)], dict(enumerate(countdown, 10)))
    iterator = iter(countdown)
    print(next(iterator), operator.length_hint(iterator), list(iterator), list(iterator), next(iterator, "over"))
    print(list(OldStyle()), 4 in OldStyle(), list(zip("abc", OldStyle(), strict=False)), sum(OldStyle()))
    values = iter([5, 4, 0, 3])
    print(list(iter(lambda: next(values), 0)), list(values))
    peekable = Peekable("ab")
    print(peekable.peek(), next(peekable), peekable.peek(), list(peekable), peekable.peek("end"))
    print(" ".join(runs([1, 2, 3, 7, 8, 10, 12, 13])), *itertools.islice(look_and_say(), 7))
    for day, games in enumerate(round_robin("ABCDE"), start=1):
        print(day, *("-".join(game) for game in games))
    print(list(itertools.takewhile(lambda p: p < 60, primes())), next(itertools.islice(primes(), 499, None)))

    print(list(itertools.chain("ab", [1], ())), list(itertools.chain.from_iterable([[1], [2, 3]])), list(itertools.compress("abcdef", [1, 0, 1, 0, 1])), list(itertools.accumulate([3, 1, 4, 1, 5], max)), list(itertools.accumulate([1, 2, 3], initial=10)))
    print(list(itertools.dropwhile(str.isalpha, "ab1c2")), list(itertools.filterfalse(None, [0, 1, "", "x"])), list(itertools.starmap(pow, [(2, 5), (3, 2)])), list(itertools.zip_longest("abc", [1], fillvalue="-")), list(itertools.pairwise("abcd")))
    print(["".join(p) for p in itertools.permutations("abc", 2)], list(itertools.combinations(range(4), 3)), len(list(itertools.product("ab", repeat=5))), ["".join(c) for c in itertools.combinations_with_replacement("xyz", 2)], list(itertools.product([1, 2], "a")))
    print(list(itertools.islice(itertools.cycle("abc"), 2, 12, 3)), list(itertools.repeat("x", 3)), list(itertools.islice(itertools.count(0.5, -0.25), 4)), list(itertools.batched("abcdefg", 3)), [list(map(str, t)) for t in itertools.tee(range(3))])
    left, right = itertools.tee(iter("abcd"))
    next(left)
    print(list(zip(left, right)), [(k, len(list(g))) for k, g in itertools.groupby("aaabbcaa")], list(map(operator.add, [1, 2, 3], [10, 20])))
    total = functools.reduce(lambda acc, word: acc | {word: acc.get(word, 0) + 1}, "a b a c a".split(), {})
    print(total, any(n > 3 for n in countdown), all([]), sum([[1], [2]], []), list(filter(None, [0, 2])), *map(lambda *a: sum(a), (1, 2), (3, 4), (5, 6)))
    for attempt in (lambda: iter(5), lambda: next([]), lambda: list(zip("ab", "c", strict=True)), lambda: list(itertools.batched("abc", 2, strict=True)), lambda: itertools.islice([], -1), lambda: next(iter([])), lambda: list(map(len, [1])), lambda: list(itertools.combinations("ab", -1)), lambda: functools.reduce(operator.add, [])):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


main()
