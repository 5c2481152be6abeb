"""Sharing: all threads make closures of the same code, and call them."""

import sys
import threading


def run(rounds):
    value = 1
    for n in range(rounds):
        def step(added):
            return (value * 3 + added + n) % 10007
        value = step(7)
        value = (lambda added: value + added)(5)
    return value


def work(results):
    results.append(run(4_000_000))


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("shared_closure", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
