# Operations on two objects, and operations that call the program, are one step for other threads as long as
# nobody has to wait inside.
import gc
import threading
from collections import deque

ROUNDS = 300

# A collection makes everybody wait.
gc.disable()


def run(*bodies):
    start = threading.Barrier(len(bodies))
    wrong = []

    def go(body):
        start.wait()
        try:
            body()
        except BaseException as error:
            wrong.append(f"{body.__name__}: {error!r}")

    threads = [threading.Thread(target=go, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(set(wrong))


class Key:
    """A key whose comparison is a function of the program."""

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 4

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n


def dicts():
    # Two updates of the same keys: never a mixture.
    keys = [Key(n) for n in range(12)]
    target = {}
    ones, twos = dict.fromkeys(keys, 1), dict.fromkeys(keys, 2)
    target.update(ones)

    def update(source):
        def body():
            for _ in range(ROUNDS):
                target.update(source)
        return body

    def look():
        for _ in range(ROUNDS):
            seen = set(target.copy().values())
            assert len(seen) == 1, seen

    print("dict.update", run(update(ones), update(twos), look))

    # Each copies the other: crossed, with nobody waiting for ever.
    left, right = {1: 1}, {2: 2}

    def cross(a, b):
        def body():
            for n in range(ROUNDS):
                a.update(b)
                a.update({n: n})
        return body

    print("crossed", run(cross(left, right), cross(right, left)))
    print(len(left) >= ROUNDS, len(right) >= ROUNDS)

    # What compares equal to itself does so while both sides change together.
    a, b = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)

    def equal():
        for _ in range(ROUNDS):
            assert a == b

    def same():
        for _ in range(ROUNDS):
            a.update(b)
            b.update(a)

    print("dict ==", run(equal, equal, same))


def lists():
    items = []

    def extend(n):
        def body():
            part = [n] * 5
            for _ in range(ROUNDS):
                items.extend(part)
        return body

    def generate(n):
        def body():
            for _ in range(ROUNDS):
                items.extend(n for _ in range(5))
        return body

    def look():
        for _ in range(ROUNDS):
            seen = items[:]
            for start in range(0, len(seen), 5):
                assert len(set(seen[start:start + 5])) == 1, seen[start:start + 5]

    print("list.extend", run(extend(1), generate(2), generate(3), look))
    print(len(items) == 3 * 5 * ROUNDS)

    numbers = list(range(50))

    def sort():
        for n in range(ROUNDS // 3):
            numbers.sort(key=lambda x: -x if n % 2 else x)

    def sort_keys():
        for n in range(ROUNDS // 3):
            numbers.sort(key=Key)

    def append():
        for _ in range(ROUNDS // 3):
            # Two steps: by the second, the item may stand anywhere.
            numbers.append(100)
            numbers.remove(100)

    def copies():
        for _ in range(ROUNDS // 3):
            # A copy waits for the sort: nothing is missing from it.
            assert len(numbers[:]) in (50, 51), len(numbers)

    print("list.sort", run(sort, sort_keys, append, copies))
    print(sorted(numbers) == list(range(50)))

    x, y = [0] * 20, [1] * 20

    def assign(a, b):
        def body():
            for _ in range(ROUNDS):
                a[:] = b
                assert len(set(a[:])) == 1
        return body

    print("slices", run(assign(x, y), assign(y, x), assign(x, [2] * 20)))

    pair = [3] * 4

    def double():
        for _ in range(20):
            pair[:] = pair + pair
            pair[:] = pair[:4]

    print("concat", run(double), pair)


def sets():
    small = {Key(n) for n in range(6)}
    target = set()

    def add():
        for _ in range(ROUNDS):
            target.update(small)

    def remove():
        for _ in range(ROUNDS):
            target.difference_update(small)

    def toggle():
        for _ in range(ROUNDS):
            target.symmetric_difference_update(small)

    def look():
        for _ in range(ROUNDS):
            assert len(target | set()) in (0, 6)
            assert target <= small

    print("set", run(add, remove, toggle, look))
    print(len(target) in (0, 6))

    a, b = set(range(10)), set(range(5, 15))

    def cross(x, y):
        def body():
            for n in range(ROUNDS):
                x.update(y)
                x.intersection_update(y)
                x.difference_update({n})
                assert x.issubset(x) and not x < x
        return body

    print("crossed", run(cross(a, b), cross(b, a)))


def deques():
    queue = deque()

    def extend(n):
        def body():
            for _ in range(ROUNDS):
                queue.extend([n] * 3)
        return body

    def look():
        for _ in range(ROUNDS):
            seen = list(queue.copy())
            for start in range(0, len(seen), 3):
                assert len(set(seen[start:start + 3])) == 1, seen

    print("deque.extend", run(extend(1), extend(2), look))

    keys = deque(Key(n) for n in range(8))

    def search():
        for n in range(ROUNDS):
            assert keys.count(Key(n % 8)) == 1
            keys.index(Key(n % 8))

    def turn():
        for n in range(ROUNDS):
            keys.rotate(1)

    def replace():
        for n in range(ROUNDS):
            keys.append(Key(100))
            keys.remove(Key(100))

    print("deque.remove", run(search, turn, replace))
    print(sorted(key.n for key in keys))


dicts()
lists()
sets()
deques()
