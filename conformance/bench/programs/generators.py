"""Generators: pipelines, delegation, expressions and trees."""


def integers(limit):
    n = 0
    while n < limit:
        yield n
        n += 1


def collatz(values):
    for value in values:
        steps = 0
        while value > 1:
            value = value // 2 if value % 2 == 0 else 3 * value + 1
            steps += 1
        yield steps


def windows(values, size):
    recent = []
    for value in values:
        recent.append(value)
        if len(recent) == size:
            yield tuple(recent)
            del recent[0]


def build(low, high):
    if low >= high:
        return None
    middle = (low + high) // 2
    return build(low, middle), middle, build(middle + 1, high)


def walk(tree):
    if tree is not None:
        left, value, right = tree
        yield from walk(left)
        yield value
        yield from walk(right)


longest = sum(max(window) for window in windows(collatz(integers(60_000)), 5))
tree = build(0, 200_000)
walked = sum(i * value % 7 for i, value in enumerate(walk(tree)))
squares = sum(x * y for x, y in zip((a * a for a in integers(2_000_000)), integers(2_000_000)) if x & 1)
print("generators", longest, walked, squares)
