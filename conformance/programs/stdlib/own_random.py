"""Generators of one's own: everything `random` offers, computed from a few numbers."""

import random


class Steps(random.Random):
    """Numbers in even steps: only `random` is defined."""

    calls = 0
    state = 0.1

    def random(self):
        self.calls += 1
        self.state = (self.state + 0.381966) % 1
        return self.state


class Linear(random.Random):
    """A linear congruential generator: only `getrandbits` is defined."""

    state = 12345

    def getrandbits(self, bits):
        value = 0
        for _ in range(0, bits, 16):
            self.state = (self.state * 1103515245 + 12345) % 2**31
            value = value << 16 | self.state >> 15
        return value & (1 << bits) - 1


class Both(Linear):
    def random(self):
        return self.getrandbits(32) / 2**32


class Counting(random.Random):
    """The usual numbers, counted."""

    count = 0

    def random(self):
        self.count += 1
        return super().random()


class Broken(random.Random):
    def random(self):
        raise RuntimeError("no more numbers")


def show(r):
    print(type(r).__name__)
    print([r.randrange(10) for _ in range(5)], r.randint(1, 6), r.randrange(0, 100, 7), r.randrange(10**12), r.choice("abcdef"))
    cards = list(range(10))
    r.shuffle(cards)
    print(cards, r.sample(range(100), 5), r.sample(range(10), 8), r.choices("abc", k=4), r.choices("abc", [1, 5, 2], k=4))
    if isinstance(r, Linear):
        print(r.randbytes(5))
    for value in (r.uniform(1, 2), r.triangular(0, 10, 3), r.gauss(0, 1), r.gauss(0, 1), r.expovariate(2), r.lognormvariate(0, 0.5), r.paretovariate(3), r.weibullvariate(1, 2)):
        print(f"{value:.9f}", end=" ")
    print()


show(Steps())
show(Both())
linear = Linear(5)
print([linear.randrange(1000) for _ in range(6)], linear.sample("abcdefgh", 3), linear.choice([1, 2, 3]), f"{linear.random():.12f}")
plain, counting = random.Random(42), Counting(42)
print([plain.uniform(0, 1) for _ in range(3)] == [counting.uniform(0, 1) for _ in range(3)], plain.gauss(1, 2) == counting.gauss(1, 2), counting.count)
for call in (Broken().uniform, lambda: Broken().choice("ab"), lambda: Broken().shuffle([1, 2, 3]), lambda: Broken().choices("ab"), lambda: Broken().getrandbits(0)):
    try:
        print(call(0, 1) if "uniform" in repr(call) else call())
    except RuntimeError as error:
        print("RuntimeError:", error)
