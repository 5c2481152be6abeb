# The order of small integers in sets that are made from others. Nothing is added to a set from which something was removed.
def numbers(seed, count, limit):
    state = seed * 2654435761 % 2**32 or 1
    for _ in range(count):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        yield state % limit


for seed in range(1, 60):
    first = set(numbers(seed, seed % 13, 64))
    items = list(numbers(seed + 1000, seed % 17, 64))
    second, keys = set(items), dict.fromkeys(items)
    print(seed, first, second)
    print(first | second, first & second, first - second, frozenset(first) | second, first - frozenset(items))
    for name in ("union", "difference", "intersection"):
        print(name, [getattr(first, name)(other) for other in (items, second, frozenset(items), keys, iter(items), first)])
    for name in ("update", "difference_update", "intersection_update"):
        for other in (items, second, frozenset(items), keys, iter(items)):
            changed = set(first)
            getattr(changed, name)(other)
            changed.discard(seed % 64)
            print(name, changed, changed.copy(), set(changed))
    items = [item for item in items if item not in first]
    second, keys = set(items), dict.fromkeys(items)
    print(first ^ second, second ^ first, frozenset(first) ^ second, first ^ frozenset(items))
    for other in (items, second, frozenset(items), keys, iter(items)):
        changed = set(first)
        changed.symmetric_difference_update(other)
        print(first.symmetric_difference(other), changed)
