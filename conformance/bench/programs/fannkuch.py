"""Small lists turned over: the most flips any permutation needs."""


def permutations(size):
    items = list(range(size))
    counters = [0] * size
    yield items, 0
    parity, k = 0, 0
    while k < size:
        if counters[k] < k:
            other = 0 if k % 2 == 0 else counters[k]
            items[other], items[k] = items[k], items[other]
            parity ^= 1
            yield items, parity
            counters[k] += 1
            k = 0
        else:
            counters[k] = 0
            k += 1


def flips(items):
    items = items[:]
    count = 0
    while (first := items[0]) != 0:
        items[: first + 1] = items[first::-1]
        count += 1
    return count


most = checksum = 0
for size in (8, 9, 9, 9):
    for items, parity in permutations(size):
        count = flips(items)
        most = max(most, count)
        checksum += -count if parity else count
print("fannkuch", most, checksum)
