"""Simulations: lifts by events, life on a torus, a cellular automaton, a queue at a counter, and a random walk."""
import bisect
import collections
import dataclasses
import enum
import heapq
import itertools
import random
import statistics
from typing import Callable, Iterator


class Direction(enum.IntEnum):
    DOWN = -1
    IDLE = 0
    UP = 1

    @classmethod
    def between(cls, start, end):
        return cls((end > start) - (end < start))


@dataclasses.dataclass(order=True)
class Appointment:
    time: float
    number: int
    action: Callable = dataclasses.field(compare=False)
    args: tuple = dataclasses.field(default=(), compare=False)


class Clock:
    def __init__(self):
        self.now, self.appointments, self.numbers = 0.0, [], itertools.count()

    def after(self, delay, action, *args):
        heapq.heappush(self.appointments, Appointment(self.now + delay, next(self.numbers), action, args))

    def run(self, until=float('inf')):
        while self.appointments and self.appointments[0].time <= until:
            one = heapq.heappop(self.appointments)
            self.now = one.time
            one.action(*one.args)


class Lift:
    def __init__(self, clock, floors):
        self.clock, self.floor, self.floors = clock, 0, floors
        self.calls, self.riders, self.waits, self.travelled = collections.defaultdict(list), collections.defaultdict(list), [], 0
        self.direction = Direction.IDLE

    def call(self, start, end):
        self.calls[start].append((end, self.clock.now))
        if self.direction is Direction.IDLE:
            self.direction = Direction.between(self.floor, start) or Direction.UP
            self.clock.after(1, self.arrive)

    def wanted(self):
        return sorted({floor for floor, people in (*self.calls.items(), *self.riders.items()) if people})

    def arrive(self):
        self.riders.pop(self.floor, None)
        for end, since in self.calls.pop(self.floor, ()):
            self.waits.append(self.clock.now - since)
            self.riders[end].append(since)
        stops = self.wanted()
        if not stops:
            self.direction = Direction.IDLE
            return
        at = bisect.bisect_left(stops, self.floor)
        if self.direction is Direction.UP and at == len(stops):
            self.direction = Direction.DOWN
        elif self.direction is Direction.DOWN and at == 0:
            self.direction = Direction.UP
        self.floor += self.direction
        self.travelled += 1
        self.clock.after(2.5, self.arrive)


def lifts(seed):
    rng, clock = random.Random(seed), Clock()
    lift = Lift(clock, 10)
    when = 0.0
    for _ in range(40):
        when += rng.expovariate(1 / 9)
        clock.after(when, lift.call, *rng.sample(range(10), 2))
    clock.run(until=200)
    half = len(lift.waits)
    clock.run()
    return f'{half} then {len(lift.waits)} rides, wait {statistics.fmean(lift.waits):.3f} at most {max(lift.waits):.3f}, {lift.travelled} floors, {lift.direction.name}, {clock.now:.2f}'


class Life:
    def __init__(self, picture, width, height):
        self.width, self.height = width, height
        self.cells = {(x, y) for y, line in enumerate(picture.split()) for x, char in enumerate(line) if char == '#'}

    def __iter__(self) -> Iterator[set]:
        while True:
            yield self.cells
            near = collections.Counter(
                ((x + dx) % self.width, (y + dy) % self.height)
                for x, y in self.cells for dx, dy in itertools.product((-1, 0, 1), repeat=2) if dx or dy)
            self.cells = {cell for cell, count in near.items() if count == 3 or count == 2 and cell in self.cells}

    def __str__(self):
        return '\n'.join(''.join('.#'[(x, y) in self.cells] for x in range(self.width)) for y in range(self.height))


def rule(number, width, count):
    row = 1 << width // 2
    for _ in range(count):
        yield f'{row:0{width}b}'.translate({48: ' ', 49: '█'}).rstrip()
        wide = row << 1 | row >> width - 1 | (row & 1) << width + 1
        row = sum((number >> (wide >> place & 7) & 1) << place for place in range(width))


def counter(servers, seed, customers=300):
    rng, clock = random.Random(seed), Clock()
    line, free, waits = collections.deque(), servers, []

    def come(left):
        nonlocal free
        line.append(clock.now)
        if left:
            clock.after(rng.gammavariate(2, 0.5), come, left - 1)
        serve()

    def serve():
        nonlocal free
        if free and line:
            free -= 1
            waits.append(clock.now - line.popleft())
            clock.after(rng.triangular(1, 4, 1.5), leave)

    def leave():
        nonlocal free
        free += 1
        serve()

    come(customers - 1)
    clock.run()
    return len(waits), round(statistics.median(waits), 3), round(max(waits), 3), free


print(lifts(1), lifts(2), sep='\n')
life = Life('.#. ..# ###', 8, 6)
for generation, cells in zip(range(33), life):
    if generation in (0, 4, 32):
        print(generation, len(cells))
        print(life)
print(*rule(30, 41, 12), sep='\n')
print([counter(servers, 5) for servers in (1, 2, 3)])
walk = list(itertools.accumulate(random.Random(11).choices((-1, 1), weights=(49, 51), k=10_000)))
print(walk[-1], min(walk), max(walk), sum(a * b < 0 for a, b in itertools.pairwise(walk)), round(statistics.pstdev(walk), 4))
rng = random.Random('text')
state = rng.getstate()
deck = list(range(10))
rng.shuffle(deck)
first = deck, rng.randbytes(4).hex(), rng.gauss(0, 1), rng.betavariate(1, 2), rng.randrange(10**20)
rng.setstate(state)
deck = list(range(10))
rng.shuffle(deck)
print(first == (deck, rng.randbytes(4).hex(), rng.gauss(0, 1), rng.betavariate(1, 2), rng.randrange(10**20)), first[0], first[-1])
