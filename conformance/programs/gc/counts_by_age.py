"""`gc.get_count`: how often the younger generation was collected since this one was."""

import gc

gc.disable()
gc.collect()
print(gc.get_count()[1:])
for generation in [0, 0, 1, 0, 1, 1, 0, 2, 1, 0, 0, 2]:
    gc.collect(generation)
    print(generation, gc.get_count()[1:])
