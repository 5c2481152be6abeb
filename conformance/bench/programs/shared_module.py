"""Sharing: all threads read attributes of one module, and call its functions."""

import sys
import threading
import math


def run(rounds):
    value = 0
    for n in range(rounds):
        if math.pi > n % 5:
            value += math.floor(math.e)
        value = math.gcd(value, n) + value % 10007
    return value


def work(results):
    results.append(run(6_000_000))


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("shared_module", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
