# Generators of many kinds are drained by eight threads at once: each value is delivered to exactly one of them, who comes while
# another one runs the body hears so, and one that is closed or thrown into meanwhile ends once.

import collections
import threading

THREADS = 8


def drain(make, count):
    generator = make()
    start = threading.Barrier(THREADS)
    taken = [[] for _ in range(THREADS)]
    refused = []

    def take(mine):
        start.wait()
        while True:
            try:
                mine.append(next(generator))
            except StopIteration:
                return
            except ValueError as busy:
                if str(busy) not in ("generator already executing",):
                    refused.append(str(busy))
                    return

    threads = [threading.Thread(target=take, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = collections.Counter(value for mine in taken for value in mine)
    assert not refused, refused
    assert all(mine == sorted(mine) for mine in taken)
    return sorted(found.elements()) == list(range(count))


def counting():
    for n in range(400):
        yield n


def delegating():
    yield from range(100)
    yield from (n for n in range(100, 200))
    yield from [200, 201]


def guarded():
    for n in range(200):
        try:
            yield n
        finally:
            n = None


def nested():
    def inner(low):
        try:
            yield low
            yield low + 1
        finally:
            pass

    for low in range(0, 200, 2):
        yield from inner(low)


print("loop", drain(counting, 400))
print("expression", drain(lambda: (n for n in range(300)), 300))
print("delegation", drain(delegating, 202))
print("guarded", drain(guarded, 200))
print("nested", drain(nested, 200))
print("chained", drain(lambda: (n for part in (range(50), range(50, 100)) for n in part), 100))


def closing():
    ends = []

    def body():
        try:
            n = 0
            while True:
                yield n
                n += 1
        finally:
            ends.append("end")

    for _ in range(20):
        generator = body()
        next(generator)
        start = threading.Barrier(THREADS)
        kinds = collections.Counter()

        def work(number):
            start.wait()
            for _ in range(5):
                try:
                    if number == 0:
                        generator.close()
                    elif number == 1:
                        generator.throw(KeyError)
                    else:
                        generator.send(None)
                except (StopIteration, KeyError, ValueError) as error:
                    kinds[type(error).__name__] += 1

        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        generator.close()
        assert generator.gi_frame is None
    return len(ends)


print("closed", closing())


async def steps(n):
    total = 0
    for _ in range(n):
        total += await Once()
    return total


class Once:
    def __await__(self):
        return (yield) or 1


def coroutines():
    coroutine = steps(100)
    lock = threading.Lock()
    results = []
    start = threading.Barrier(THREADS)

    def work():
        start.wait()
        while True:
            try:
                coroutine.send(None)
            except StopIteration as stop:
                with lock:
                    results.append(stop.value)
                return
            except (RuntimeError, ValueError) as error:
                if "reuse" in str(error):
                    return

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


print("coroutine", coroutines())
