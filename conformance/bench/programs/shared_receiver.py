"""Sharing: as shared_method, but each thread has the instance in a variable of its own."""

import sys
import threading


class Machine:
    factor = 5

    def __init__(self):
        self.added = 11

    def step(self, value):
        return (value * self.factor + self.added) % 10007


machine = Machine()


def run(rounds):
    value, shared = 1, machine
    for _ in range(rounds):
        value = shared.step(value)
    return value


def work(results):
    results.append(run(7_000_000))


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("shared_receiver", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
