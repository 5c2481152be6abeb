"""Dictionaries: insert, look up, delete and walk, with integers, strings and tuples as keys."""

counts, grid, names = {}, {}, {}
seed = 12345
for n in range(1_000_000):
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    key = seed >> 8 & 0x3FFF
    counts[key] = counts.get(key, 0) + 1
    grid[key & 127, key >> 7] = n
    name = f"key{key & 1023}"
    if name in names:
        names[name] += n
    else:
        names[name] = n
    if n % 7 == 0:
        counts.pop(key ^ 1, None)
value = 0
for _ in range(20):
    for key, count in counts.items():
        value = (value + key * count) % 1_000_003
    inverse = {count: key for key, count in counts.items()}
    value += len(inverse) + sum(grid.values()) % 1009
print("dictionaries", len(counts), len(grid), len(names), value, sum(names.values()))
