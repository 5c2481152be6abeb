"""A segmented sieve: threads take segments from a shared counter."""

import math
import threading

LIMIT = 300_000
SEGMENT = 20_000


def small_primes(limit):
    flags = bytearray([1]) * (limit + 1)
    flags[0:2] = b"\0\0"
    for n in range(2, math.isqrt(limit) + 1):
        if flags[n]:
            flags[n * n :: n] = bytes(len(range(n * n, limit + 1, n)))
    return [n for n, flag in enumerate(flags) if flag]


class Segments:
    """Hands out the segments of [2, limit), each to one caller."""

    def __init__(self, limit, size):
        self.limit = limit
        self.size = size
        self.next = 2
        self.lock = threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            if self.next >= self.limit:
                raise StopIteration
            start = self.next
            self.next = min(start + self.size, self.limit)
            return start, self.next


def sieve(start, stop, base):
    flags = bytearray([1]) * (stop - start)
    for prime in base:
        if prime * prime >= stop:
            break
        first = max(prime * prime, -(-start // prime) * prime)
        flags[first - start :: prime] = bytes(len(range(first, stop, prime)))
    return [start + offset for offset, flag in enumerate(flags) if flag]


def parallel_primes(limit, thread_count):
    base = small_primes(math.isqrt(limit))
    segments = Segments(limit, SEGMENT)
    found = {}
    failures = []

    def work():
        try:
            for start, stop in segments:
                found[start] = sieve(start, stop, base)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, name=f"sieve-{n}") for n in range(thread_count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    return [prime for start in sorted(found) for prime in found[start]], len(found)


def gaps(primes):
    best = 0
    for before, after in zip(primes, primes[1:]):
        if after - before > best:
            best = after - before
            yield best, before, after


def main():
    expected = small_primes(LIMIT - 1)
    for thread_count in (1, 2, 4, 8):
        primes, pieces = parallel_primes(LIMIT, thread_count)
        print(
            f"{thread_count} threads: {len(primes)} primes in {pieces} segments,"
            f" last {primes[-1]}, sum {sum(primes)}, right: {primes == expected}"
        )
    for size, before, after in gaps(primes):
        print(f"gap {size:>3} from {before} to {after}")
    endings = {}
    for prime in primes:
        endings.setdefault(prime % 10, []).append(prime)
    for digit in sorted(endings):
        print(digit, len(endings[digit]), endings[digit][-3:])
    twins = sum(1 for a, b in zip(primes, primes[1:]) if b - a == 2)
    print("twins:", twins)
    below = frozenset(p for p in primes if p < 10_000)
    print("10000 as a sum:", sum(1 for p in below if p <= 5000 and 10_000 - p in below), "ways")


main()
