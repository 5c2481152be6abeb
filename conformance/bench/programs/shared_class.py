"""Sharing: all threads make instances of one class, and look at what they are."""

import sys
import threading


class Point:
    def __init__(self, x):
        self.x = x


def run(rounds):
    value = 1
    for n in range(rounds):
        point = Point(value + n)
        if isinstance(point, Point):
            value = point.x % 10007
    return value


def work(results):
    results.append(run(5_000_000))


def main(threads):
    results = []
    workers = [threading.Thread(target=work, args=(results,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("shared_class", results[0], len(set(results)) == 1)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
