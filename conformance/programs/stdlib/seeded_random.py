"""Random numbers from seeds: games, samples, walks; the sequences are CPython's own."""

import math
import random
from collections import Counter


class Deck:
    suits, ranks = "CDHS", "23456789TJQKA"

    def __init__(self, generator):
        self.generator = generator
        self.cards = [rank + suit for suit in self.suits for rank in self.ranks]
        generator.shuffle(self.cards)

    def hand(self, size=5):
        hand, self.cards = self.cards[:size], self.cards[size:]
        return sorted(hand, key=lambda card: (self.ranks.index(card[0]), card[1]))


def kind(hand):
    counts = sorted(Counter(card[0] for card in hand).values(), reverse=True)
    match counts:
        case [4, _]: return "four"
        case [3, 2]: return "full house"
        case [3, *_]: return "three"
        case [2, 2, _]: return "two pairs"
        case [2, *_]: return "pair"
    return "flush" if len({card[1] for card in hand}) == 1 else "nothing"


def walk(generator, steps):
    place = 0
    for _ in range(steps):
        place += generator.choice((1, -1, 1j, -1j))
    return place


def estimate_pi(generator, points):
    return 4 * sum(math.hypot(generator.random(), generator.random()) <= 1 for _ in range(points)) / points


def main():
    for seed in (0, 1, 42, -7, 2**100, 3.5, "text", b"bytes", None):
        if seed is None:
            random.seed(2**19937 % 10**50)
        else:
            random.seed(seed)
        print(f"{seed!r:<34}", random.random(), random.random(), random.getrandbits(40))
    r = random.Random(2026)
    print([r.randint(1, 6) for _ in range(20)], [r.randrange(0, 100, 7) for _ in range(8)], r.randrange(10**30), r.randrange(5))
    print(r.choice("abcdef"), r.choices("abc", k=6), r.choices(["x", "y"], weights=[1, 9], k=8), r.choices(range(3), cum_weights=[1, 2, 10], k=5))
    print(r.sample(range(1000), 6), r.sample("abcdefgh", 8), r.sample(range(10**12), 3), r.sample(["a", "b"], k=3, counts=[5, 5]))
    items = list(range(12))
    r.shuffle(items)
    print(items, r.uniform(-1, 1), r.triangular(0, 10, 3), r.getrandbits(100), r.randbytes(6))
    print(*(f"{function.__name__}={function(*args)!r}" for function, *args in (
        (r.gauss, 0, 1), (r.gauss, 10, 2), (r.normalvariate, 5, 1), (r.expovariate, 2.0), (r.betavariate, 2, 3),
        (r.gammavariate, 2.5, 1.0), (r.lognormvariate, 0, 0.5), (r.vonmisesvariate, 1, 4), (r.paretovariate, 3), (r.weibullvariate, 1, 1.5))), sep="\n")

    first, second = random.Random(5), random.Random(5)
    print([first.random() for _ in range(3)] == [second.random() for _ in range(3)])
    state = first.getstate()
    a = [first.gauss(0, 1) for _ in range(3)]
    first.setstate(state)
    print(a == [first.gauss(0, 1) for _ in range(3)], state[0], len(state[1]), state[2])

    generator = random.Random("cards")
    counts = Counter(kind(Deck(generator).hand()) for _ in range(400))
    deck = Deck(generator)
    print(deck.hand(), deck.hand(), len(deck.cards), counts.most_common())
    print(walk(generator, 1000), estimate_pi(generator, 5000))
    buckets = Counter(min(int(generator.gauss(10, 3)), 20) for _ in range(2000))
    for value in sorted(buckets):
        print(f"{value:>3} {'*' * (buckets[value] // 8)}".rstrip())
    for attempt in (lambda: random.choice([]), lambda: random.randint(3, 1), lambda: random.randrange(0), lambda: random.sample([1], 2), lambda: random.sample({1, 2}, 1), lambda: random.seed([1]), lambda: random.randrange(1.5), lambda: random.shuffle("abc"), lambda: random.choices([1, 2], [1]), lambda: random.choices([1], [0]), lambda: random.getrandbits(-1)):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


main()
