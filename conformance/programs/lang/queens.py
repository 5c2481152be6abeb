"""Queens on a board, in three ways that must agree."""

import itertools


def place(size, columns=(), rising=frozenset(), falling=frozenset()):
    """Every way to place the rest of the queens, row by row, as a generator."""
    row = len(columns)
    if row == size:
        yield columns
        return
    for column in range(size):
        if column in columns or row + column in rising or row - column in falling:
            continue
        yield from place(
            size, (*columns, column), rising | {row + column}, falling | {row - column}
        )


def count_bits(size):
    """The number of solutions with the rows kept as bit masks."""
    full = (1 << size) - 1

    def search(columns, left, right):
        if columns == full:
            return 1
        found = 0
        free = full & ~(columns | left | right)
        while free:
            bit = free & -free
            free ^= bit
            found += search(columns | bit, (left | bit) << 1, (right | bit) >> 1)
        return found

    return search(0, 0, 0)


def by_permutation(size):
    numbers = range(size)
    for columns in itertools.permutations(numbers):
        if (
            len({columns[i] + i for i in numbers}) == size
            and len({columns[i] - i for i in numbers}) == size
        ):
            yield columns


def images(columns):
    """The eight pictures of a solution under turns and reflections."""
    size = len(columns)
    current = list(columns)
    for _ in range(4):
        yield tuple(current)
        yield tuple(reversed(current))
        turned = [0] * size
        for row, column in enumerate(current):
            turned[column] = size - 1 - row
        current = turned


def draw(columns):
    size = len(columns)
    return "\n".join(
        " ".join("Q" if column == queen else "." for column in range(size)) for queen in columns
    )


def main():
    for size in range(1, 9):
        solutions = list(place(size))
        assert len(solutions) == count_bits(size)
        if size <= 7:
            assert solutions == list(by_permutation(size))
        basic = {min(images(solution)) for solution in solutions}
        print(f"{size}: {len(solutions):>3} solutions, {len(basic):>2} up to symmetry")

    first = next(place(8))
    print("the first of size 8:", first)
    print(draw(first))
    print("size 9:", count_bits(9))

    big = next(place(12))
    print("the first of size 12:", " ".join(map(str, big)))
    tenth = next(itertools.islice(place(10), 9, None))
    print("the tenth of size 10:", tenth)
    symmetric = [s for s in place(8) if len(set(images(s))) < 8]
    print("with a symmetry of their own:", symmetric)


main()
