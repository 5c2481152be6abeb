"""random: the same numbers from the same seed, all distributions, states, choices, and what is refused."""
import random
from random import Random


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


r = Random(42)
print([r.random() for _ in range(3)], [r.randint(1, 6) for _ in range(8)], r.randrange(0, 100, 7), r.getrandbits(70), r.randbytes(5))
print(r.choice("abc"), r.choices([1, 2, 3], weights=[1, 0, 5], k=6), r.choices("ab", cum_weights=[1, 4], k=4), r.sample(range(1000), 5), r.sample("ab", counts=[2, 3], k=4))
items = list(range(10))
r.shuffle(items)
print(items)
for name, arguments in {"uniform": (1, 5), "triangular": (0, 1, 0.2), "betavariate": (2, 3), "expovariate": (1.5,), "gammavariate": (2, 1), "gauss": (0, 1), "lognormvariate": (0, 1), "normalvariate": (5, 2), "vonmisesvariate": (0, 4), "paretovariate": (3,), "weibullvariate": (1, 2), "binomialvariate": (10, 0.3)}.items():
    print(name, [round(getattr(r, name)(*arguments), 10) for _ in range(3)])
state = r.getstate()
a = [r.random() for _ in range(3)]
r.setstate(state)
print(a == [r.random() for _ in range(3)], state[0], len(state[1]), state[2])
for seed in (0, -5, 2**100, 1.5, "text", b"bytes", bytearray(b"bytes"), None and 0):
    if seed is not None:
        print(repr(seed), Random(seed).random())
r.seed("text", version=1)
print(r.random())
print([Random(1).binomialvariate(n, p) for n, p in ((1, 0.5), (100, 0.5), (1000, 0.01), (5, 0), (5, 1))])
print([Random(7).randrange(n) for n in (1, 2, 10, 2**40, 10**30)], [Random(7).getrandbits(k) for k in (0, 1, 8, 32, 33, 64)])
for call in (lambda: r.randrange(0), lambda: r.randrange(5, 5), lambda: r.randint(2, 1), lambda: r.randrange(1.0), lambda: r.randrange(1, 2, 0), lambda: r.choice([]), lambda: r.choices([], k=1), lambda: r.choices([1], [1], cum_weights=[1]), lambda: r.choices([1, 2], [1]), lambda: r.choices([1], [0]), lambda: r.sample([1], 2), lambda: r.sample({1, 2}, 1), lambda: r.sample([1], -1), lambda: r.sample("ab", counts=[1], k=1), lambda: r.getrandbits(-1), lambda: r.shuffle((1, 2)), lambda: Random([1]), lambda: r.seed({}), lambda: r.setstate((9, (), None)), lambda: r.expovariate(0), lambda: r.binomialvariate(-1), lambda: r.binomialvariate(1, 2), lambda: r.betavariate(0, 0), lambda: r.setstate((3, (1,), None)), lambda: random.SystemRandom().getstate()):
    attempt(call)


class Own(Random):
    def random(self):
        return 0.25


o = Own()
print(o.random(), o.uniform(0, 4), o.choice("abcd"), o.randrange(8), o.gauss() is not None)
random.seed(3)
print(random.random(), random.randint(1, 10), random.choice(["x", "y"]), random.sample(range(5), 2))
s = random.SystemRandom()
print(0 <= s.random() < 1, 1 <= s.randint(1, 3) <= 3, len(s.randbytes(4)))
