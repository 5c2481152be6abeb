# Threads that do everything to the same objects at once: each result is one that some order of steps explains.
import itertools
import threading
from collections import OrderedDict, deque
from functools import lru_cache
from io import BytesIO, StringIO
from random import Random

ROUNDS = 300


def run(title, *bodies):
    start = threading.Barrier(len(bodies))
    wrong = []

    def go(body):
        start.wait()
        try:
            for n in range(ROUNDS):
                body(n)
        except BaseException as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=go, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(title, sorted(set(wrong)))


# What is written out is the list as it was at one moment.
items = [0] * 8


def fill(n):
    items[:] = [n % 2] * 8


def look(_):
    assert repr(items) in (str([0] * 8), str([1] * 8))


run("repr of a list", fill, look, look)

table = dict.fromkeys("abcdefgh", 0)


def refill(n):
    table.update(dict.fromkeys(table, n % 2))


def look(_):
    assert repr(table) in (str(dict.fromkeys(table, 0)), str(dict.fromkeys(table, 1)))


run("repr of a dict", refill, look, look)

# An item that moves is there all the time.
ordered = OrderedDict.fromkeys(range(8), "x")


def move(n):
    ordered.move_to_end(n % 8, last=n % 3 > 0)


def read(n):
    assert ordered[n % 8] == "x"
    assert n % 8 in ordered
    assert len(ordered) == 8


run("move_to_end", move, move, read, read)
print(sorted(ordered))


# Moving and adding: nothing is lost.
ordered = OrderedDict.fromkeys(range(8))


def add(base):
    def body(n):
        ordered[base + n] = n
    return body


def front(n):
    ordered.move_to_end(n % 8, last=False)


run("move and add", front, front, add(1000), add(2000))
print(len(ordered) == 8 + 2 * ROUNDS, len(set(ordered)) == len(ordered), list(ordered.values())[:8])


# An object that changes its class has its attributes all the time.
class A:
    pass


class B:
    pass


thing = A()
thing.x = 1


def change(n):
    thing.__class__ = (A, B)[n % 2]


def attributes(_):
    assert thing.__dict__["x"] == 1
    assert thing.x == 1
    assert thing.__weakref__ is None
    thing.__dict__ = {"x": 1}


run("__class__ and __dict__", change, change, attributes, attributes)


# Iterators that threads share give nothing from outside, and end.
def shared(title, make, allowed):
    iterators = [make() for _ in range(ROUNDS)]

    def body(n):
        for item in itertools.islice(iterators[n], 200):
            assert item in allowed, item

    run(title, body, body, body)


ten = range(10)
shared("range", lambda: iter(ten), ten)
shared("list", lambda: iter(list(ten)), ten)
shared("tuple", lambda: reversed(tuple(ten)), ten)
shared("bytes", lambda: iter(bytes(ten)), ten)
shared("string", lambda: iter("aé"), "aé")
shared("set", lambda: iter(set(ten)), ten)
shared("chain", lambda: itertools.chain(ten, iter(list(ten))), ten)
shared("cycle", lambda: itertools.cycle(list(ten)), ten)
shared("pairs", lambda: itertools.pairwise(ten), [(a, b) for a in ten for b in ten])
shared("enumerate", lambda: enumerate(iter(list(ten))), [(a, b) for a in range(99) for b in ten])
shared("accumulate", lambda: itertools.accumulate(iter([1] * 10)), range(1, 40))


# A generator runs on one thread at a time.
def count():
    yield from ten


generators = [count() for _ in range(ROUNDS)]
seen = [[] for _ in range(ROUNDS)]


def pull(n):
    while True:
        try:
            seen[n].append(next(generators[n]))
        except ValueError as error:
            assert str(error) == "generator already executing"
        except StopIteration:
            return


run("generator", pull, pull, pull)
print(all(sorted(numbers) == list(ten) for numbers in seen))


# What is written to a file of memory is whole.
text, data = StringIO(), BytesIO()


def write(word):
    def body(_):
        text.write(word + "\n")
        data.write(word.encode() + b"\n")
    return body


run("files", write("north"), write("south"), write("east"))
print(sorted(set(text.getvalue().split())), len(text.getvalue()) == ROUNDS * 17)
print(sorted(set(data.getvalue().split())), len(data.getvalue()) == ROUNDS * 17)


# A cache whose entries come and go answers right.
@lru_cache(maxsize=4)
def double(n):
    return 2 * n


def ask(n):
    assert double(n % 7) == n % 7 * 2
    if n % 50 == 0:
        double.cache_clear()
    assert double.cache_info().currsize <= 4


run("lru_cache", ask, ask, ask)

# A generator of random numbers stays one.
random = Random(1)


def draw(n):
    assert 0 <= random.random() < 1
    assert 0 <= random.randrange(10**20) < 10**20
    if n % 50 == 0:
        random.setstate(random.getstate())
    random.gauss(0, 1)


run("random", draw, draw, draw)


# Both ends of a deque, and its middle.
ring = deque(range(8))


def turn(n):
    ring.rotate(n % 3 - 1)
    ring.append(ring.popleft())
    ring.appendleft(ring.pop())
    assert len(ring.copy()) in range(4, 13)


run("deque", turn, turn, turn)
print(sorted(ring))


# A buffer that threads make longer and shorter.
buffer = bytearray(b"x" * 64)


def resize(n):
    if n % 2:
        buffer.extend(b"x" * 32)
    else:
        del buffer[:32]


def view(_):
    try:
        with memoryview(buffer) as seen:
            assert bytes(seen).count(b"x") == len(seen)
    except BufferError:
        pass


def resize_unless_seen(n):
    try:
        resize(n)
    except BufferError:
        pass


run("bytearray", resize_unless_seen, resize_unless_seen, view, view)
print(set(buffer) <= {ord("x")})


# A function that gets other code and other defaults while it is called.
def one(a, b=1):
    return a, b


def other(a, b=2):
    return a, b, 0


codes = one.__code__, other.__code__


def exchange(n):
    one.__code__ = codes[n % 2]
    one.__defaults__ = (n % 2,)


def call(n):
    assert one(7)[0] == 7
    assert one(7)[1] in (0, 1)


run("function", exchange, exchange, call, call)
