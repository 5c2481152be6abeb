"""What the image runs on both processors: each works on its own, and both on the same objects.

On CPython it prints the same.
"""

try:
    from board import collect, join, start
except ImportError:
    # There the second processor is a thread.
    import threading
    from gc import collect

    def start(function, *arguments):
        global thread, result

        def call():
            global result
            result = function(*arguments)

        thread = threading.Thread(target=call)
        thread.start()

    def join():
        thread.join()
        return result


class Shape:
    count = 0

    def __init__(self, name, *sides):
        self.name, self.sides = name, sides

    def area(self):
        raise NotImplementedError(f"{self.name} has no area")

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r})"


class Rectangle(Shape):
    def area(self):
        a, b = self.sides
        return a * b


def primes(limit):
    """A generator over a sieve."""
    sieve = [True] * limit
    for number in range(2, limit):
        if sieve[number]:
            yield number
            for multiple in range(number * number, limit, number):
                sieve[multiple] = False


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count

    return step


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


seen, table, finalized = [], {}, []


class Ring:
    def __init__(self, owner):
        self.owner, self.next = owner, self

    def __del__(self):
        finalized.append(self.owner)


def work(me, rounds):
    """Fills what both share, and leaves cycles behind."""
    step = counter()
    caught = 0
    total = 0.0
    for index in range(rounds):
        seen.append((me, index))
        table[me, index] = str(index) * 2
        Ring(me)
        shape = Rectangle("r", index, 0.5) if index % 3 else Shape("s")
        try:
            total += shape.area()
        except NotImplementedError as error:
            caught += len(error.args)
        step(2)
    return me, caught, total, step(0), sum(primes(1000)), fib(16)


def fail():
    return {}["nothing"]


start(work, "second", 1500)
print("first:", work("first", 1500))
print("second:", join())
print("shared:", len(seen), len(table), table["first", 1499], table["second", 7])
print("each:", sorted({who for who, _ in seen}), sum(index for _, index in seen))
collect()
print("cycles:", finalized.count("first"), finalized.count("second"))

# Once more, with an exception that comes back.
start(lambda: [fib(n) for n in range(10)])
print("again:", join())
try:
    fail()
except KeyError as error:
    print("caught:", repr(error))

words = "the kit is a kit of parts for a language".split()
counts = {}
for word in words:
    counts[word] = counts.get(word, 0) + 1
print(" ".join(f"{word}={count}" for word, count in sorted(counts.items())))
print([Rectangle("a", 2, 3), Shape("b")], 2**100, 7 / 3, 1e300 * 1e10, "é".upper(), f"{3.14159:.3f}")
match [1, {"key": (2, 3)}]:
    case [first, {"key": (second, *rest)}]:
        print("matched:", first, second, rest)
