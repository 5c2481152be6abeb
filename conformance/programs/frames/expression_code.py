"""Code of generator expressions run as functions: their iterator may be anything."""

import types, asyncio
g=(x for x in [1]); f=types.FunctionType(g.gi_code, {})
def show(work):
    try: print(work())
    except Exception as e: print(type(e).__name__, e)
class It:
    def __iter__(self): return self
    def __next__(self): raise StopIteration
for arg in (iter([1,2]), range(3), 5, None, 2.5, "ab", [3], object(), (y for y in "ab"), It()):
    show(lambda: list(f(arg)))
def dele():
    g = (x for x in [1])
    g.gi_frame.f_locals['.0'] = range(20)
    return list(g)
show(dele)
def dele5():
    g = (x for x in [1])
    g.gi_frame.f_locals['.0'] = 5
    return list(g)
show(dele5)
async def agen():
    yield 1
a = (x async for x in agen())
h = types.FunctionType(a.ag_code, {})
async def drain(x):
    return [y async for y in h(x)]
for arg in (5, None, [1], agen(), object(), 2.5):
    show(lambda: asyncio.run(drain(arg)))
nested = (x + y for x in [1] for y in [2])
k = types.FunctionType(nested.gi_code, {})
for arg in (5, [1], iter([1]), "ab", None):
    show(lambda: list(k(arg)))
