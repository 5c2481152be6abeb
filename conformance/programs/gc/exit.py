"""What still runs when a program ends: finalizers of what its modules hold, with every name in place."""

import gc
import sys


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print(describe(self.name), sys.__name__)


def describe(name):
    return f"{name} dies"


def steps():
    try:
        yield 1
        yield 2
    finally:
        print("the generator is closed")


def scope():
    ring = [Noisy("ring")]
    ring.append(ring)
    generator = steps()
    next(generator)
    generator.close()
    return ring


kept = scope()
del kept
describe.attribute = Noisy("attribute")
print("last line", flush=True)
gc.collect()
print("after the collection")
