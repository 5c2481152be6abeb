# Four threads make cycles while two collect: each object is finalized once.
import gc
import threading

ROUNDS = 400


class Node:
    def __init__(self, tally):
        self.tally = tally
        self.finalized = 0
        self.links = [self]

    def __del__(self):
        self.finalized += 1
        # Appending is one step: none is lost.
        self.tally.append(self.finalized)


class Returning(Node):
    """Its finalizer brings it back, with what it leads to."""

    def __del__(self):
        super().__del__()
        kept.append(self)


kept = []
shared = []
tallies = [[] for _ in range(4)]
returning = [[] for _ in range(4)]
over = threading.Event()
begin = threading.Barrier(6)
collected = [0, 0]


def make(number):
    begin.wait()
    for round in range(ROUNDS):
        ring = [Node(tallies[number]) for _ in range(1 + round % 5)]
        for index, node in enumerate(ring):
            node.links.append(ring[index - 1])
        if round % 10 == 0:
            ring[0].links.append(Returning(returning[number]))
        if round % 3 == 0:
            # Hang on another thread's, and offer this one.
            try:
                ring[0].links.append(shared.pop())
            except IndexError:
                pass
            shared.append(ring[-1])


def collect(number):
    begin.wait()
    while not over.is_set():
        collected[number] += gc.collect()


makers = [threading.Thread(target=make, args=(n,)) for n in range(4)]
collectors = [threading.Thread(target=collect, args=(n,)) for n in range(2)]
for thread in makers + collectors:
    thread.start()
for thread in makers:
    thread.join()
over.set()
for thread in collectors:
    thread.join()

shared.clear()
gc.collect()
made = sum(1 + round % 5 for round in range(ROUNDS))
for number in range(4):
    counts = tallies[number]
    print("maker", number, len(counts) == made, set(counts) == {1})
    counts = returning[number]
    print("returning", number, len(counts) == ROUNDS // 10, set(counts) == {1})
print("back:", len(kept), {type(node).__name__ for node in kept})
kept.clear()
print("gone:", gc.collect() > 0, gc.collect())
print("no finalizer ran again:", sum(map(len, tallies)) == 4 * made)
