"""Sharing: all threads call the method of one instance, which reads attributes of it and of its class."""

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
    value = 1
    for _ in range(rounds):
        value = machine.step(value)
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
    print("shared_method", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
