"""Recursive generators and tuples: the queens."""


def queens(size, columns=()):
    row = len(columns)
    if row == size:
        yield columns
        return
    for column in range(size):
        for distance, other in enumerate(reversed(columns), start=1):
            if other == column or abs(other - column) == distance:
                break
        else:
            yield from queens(size, (*columns, column))


value = count = 0
for solution in queens(11):
    count += 1
    for column in solution:
        value = (value * 31 + column) % 1_000_003
print("queens", count, value)
