# Generators that several threads drain, close, throw into and look at.
import sys
import threading


def gather(count, work):
    """Runs `work(n)` in `count` threads that begin together; their results."""
    results = [None] * count
    begin = threading.Barrier(count)

    def run(n):
        begin.wait()
        results[n] = work(n)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def drain(iterator):
    """What one thread gets of an iterator that others want too."""
    got, refused = [], 0
    while True:
        try:
            got.append(next(iterator))
        except StopIteration:
            return got, refused
        except ValueError as error:
            assert str(error) == "generator already executing", error
            refused += 1


def numbers(limit):
    for n in range(limit):
        yield n


def check_drained(name, make, wanted):
    generator = make()
    results = gather(8, lambda _: drain(generator))
    everything = sorted(value for got, _ in results for value in got)
    print(name, everything == wanted, generator.gi_running, generator.gi_suspended)


LIMIT = 1500
check_drained("plain", lambda: numbers(LIMIT), list(range(LIMIT)))


def delegating():
    yield from numbers(LIMIT // 2)
    for n in numbers(LIMIT // 2):
        yield n + LIMIT // 2


check_drained("delegating", delegating, list(range(LIMIT)))


def handling():
    for n in range(LIMIT):
        try:
            raise KeyError(n)
        except KeyError as error:
            yield error.args[0]
    assert sys.exception() is None


check_drained("handling", handling, list(range(LIMIT)))

# `for` loops over one generator: whoever comes while another thread runs it is refused.
shared = numbers(LIMIT)


def loop(_):
    got = []
    while True:
        try:
            for value in shared:
                got.append(value)
            return got
        except ValueError as error:
            assert str(error) == "generator already executing", error


print("loops", sorted(value for got in gather(8, loop) for value in got) == list(range(LIMIT)))


# One thread closes, the others go on until they notice.
def closed_once(n):
    log = []

    def body():
        try:
            while True:
                yield
        finally:
            log.append("closed")

    generator = body()
    next(generator)

    def work(n):
        while True:
            try:
                if n == 0:
                    generator.close()
                    return "closer"
                next(generator)
            except StopIteration:
                return "done"
            except ValueError as error:
                assert str(error) == "generator already executing", error

    return gather(4, work), log


print("close", all(closed_once(n) == (["closer", "done", "done", "done"], ["closed"]) for n in range(20)))


# Exceptions thrown in by all: each is caught once.
def caught():
    seen = []
    while True:
        try:
            yield seen
        except LookupError as error:
            seen.append(error.args[0])


catcher = caught()
next(catcher)


def throw(n):
    for k in range(100):
        while True:
            try:
                catcher.throw(LookupError(n * 100 + k))
                break
            except ValueError as error:
                assert str(error) == "generator already executing", error


gather(4, throw)
print("throw", sorted(next(catcher)) == list(range(400)))


# Whoever asks a generator what it delegates to gets that, or nothing.
class Inner:
    def __init__(self, n):
        self.n = n
        self.left = 3

    def __iter__(self):
        return self

    def __next__(self):
        self.left -= 1
        if self.left == 0:
            raise StopIteration
        return self.n


def outer(rounds):
    for n in range(rounds):
        yield from Inner(n)


def watched(rounds, end):
    generator = outer(rounds)
    over = threading.Event()

    def work(n):
        if n == 0:
            for _ in range(rounds):
                next(generator, None)
            end(generator)
            over.set()
            return True
        last = 0
        while not over.is_set():
            found = generator.gi_yieldfrom
            if found is not None:
                if type(found) is not Inner or found.n < last:
                    return False
                last = found.n
        return generator.gi_yieldfrom is None

    return all(gather(4, work))


print("delegates", watched(300, lambda g: g.close()))
print("delegates", all(watched(3, lambda g: g.close()) for _ in range(30)))
print("delegates", watched(300, lambda g: [None for _ in g]))


# Made and begun by one thread, which ends; continued by another, which ends; and so on.
def traveller():
    while True:
        yield threading.get_ident(), sys._getframe().f_lineno


generator = traveller()
places = []
for n in range(5):
    thread = threading.Thread(target=lambda: places.append(next(generator)))
    thread.start()
    thread.join()
print("travels", len(places), {line for _, line in places} == {places[0][1]})
made = gather(4, lambda n: [numbers(3) for _ in range(3)])
print("inherited", [next(g) for row in made for g in row], [sum(g) for row in made for g in row])


# Frames are looked at while their generators run elsewhere.
def looked_at():
    generator = numbers(400)
    frame = generator.gi_frame
    over = threading.Event()

    def work(n):
        if n == 0:
            for _ in generator:
                pass
            over.set()
            return True
        while not over.is_set():
            here = generator.gi_frame
            if here is not None and here is not frame:
                return False
            seen = frame.f_locals.get("n", 0)
            if not 0 <= seen < 400 or frame.f_code is not numbers.__code__:
                return False
        return generator.gi_frame is None

    return all(gather(3, work)), frame.f_locals["n"]


print("frames", looked_at())


# An iterator that several threads share lends each of them the generator it holds.
def lend(make):
    shared = make(numbers(LIMIT))

    def take(_):
        got = []
        while True:
            try:
                got.append(next(shared))
            except StopIteration:
                return got
            except ValueError as error:
                assert str(error) == "generator already executing", error

    return sorted(value for got in gather(4, take) for value in got) == list(range(LIMIT))


print("lent", lend(lambda g: map(int, g)), lend(lambda g: filter(lambda n: n >= 0, g)))
