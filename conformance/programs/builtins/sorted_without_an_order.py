"""Sorting what is not ordered: nothing is promised, but each comparison and its place are known."""

import itertools

nan = float("nan")
for values in itertools.permutations([nan, 2, 1, 3.5]):
    print(sorted(values), sorted(values, reverse=True))
for values in itertools.product([1, 1.0, nan, 0], repeat=4):
    print(sorted(values), end=" ")
print()


class Asked:
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        print(f"{self.number}<{other.number}", end=" ")
        return self.number // 10 < other.number // 10

    def __repr__(self):
        return str(self.number)


for numbers in ([1, 2, 3], [30, 20, 10], [10, 11, 5], [30, 20, 21, 22, 10, 11, 40, 5], [10, 11, 12, 5, 6, 40], [50, 51, 40, 41, 42, 30]):
    print(sorted(map(Asked, numbers)))
