# What nobody awaits is warned of when it dies.
import gc
import sys
import warnings


async def forgotten():
    pass


async def numbers():
    yield 1


class Task:
    async def run(self):
        pass


forgotten()
Task().run()
warnings.simplefilter("always")
generator = numbers()
generator.asend(None)
generator.athrow(ValueError)
generator.aclose()
anext(generator, 0)
awaited = forgotten()
try:
    awaited.send(None)
except StopIteration:
    pass
del awaited
closed = forgotten()
closed.close()
del closed

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    forgotten()
    # In a cycle.
    ring = [forgotten()]
    ring.append(ring)
    del ring
    gc.collect()
print([(str(w.message), w.category.__name__, type(w.source).__name__) for w in caught])
del caught


def make():
    return forgotten()


def make_more():
    return make()


sys.set_coroutine_origin_tracking_depth(2)
made = make_more()
del made
sys.set_coroutine_origin_tracking_depth(0)

# As an error, it is reported and goes no further.
warnings.simplefilter("error")
seen = []
sys.unraisablehook = lambda unraisable: seen.append(repr(unraisable.exc_value))
forgotten()
print(seen)
