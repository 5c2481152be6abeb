"""Sharing: all threads call one function, which reads a global of its module."""

import sys
import threading

added = 17


def step(value):
    return (value * 3 + added) % 10007


def run(rounds):
    value = 1
    for _ in range(rounds):
        value = step(value)
    return value


def work(results):
    results.append(run(10_000_000))


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("shared_function", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
