"""Sets and frozen sets: who knows whom, who can do what, and the laws of the algebra."""

import itertools
import random

SKILLS = {"ann": {"python", "rust", "sql"}, "bob": {"rust", "c"}, "cid": {"python", "sql", "html"},
          "dora": set(), "eve": {"c", "rust", "asm", "python"}}


def show(values):
    return "{" + ", ".join(map(str, sorted(values))) + "}"


def powerset(values):
    values = sorted(values)
    for size in range(len(values) + 1):
        yield from map(frozenset, itertools.combinations(values, size))


def smallest_teams(skills, needed):
    """The smallest groups of people who together have every needed skill."""
    for size in range(1, len(skills) + 1):
        teams = [team for team in itertools.combinations(sorted(skills), size)
                 if set().union(*(skills[name] for name in team)) >= needed]
        if teams:
            return teams
    return []


def components(edges):
    groups = []
    for a, b in edges:
        touching = [group for group in groups if not group.isdisjoint((a, b))]
        merged = {a, b}.union(*touching)
        groups = [group for group in groups if group not in touching] + [merged]
    return sorted(map(sorted, groups))


def laws(rounds):
    random.seed(7)
    universe = set(range(20))
    for _ in range(rounds):
        a, b, c = (set(random.sample(range(20), random.randint(0, 15))) for _ in range(3))
        assert a & (b | c) == (a & b) | (a & c)
        assert universe - (a | b) == (universe - a) & (universe - b)
        assert a ^ b == (a | b) - (a & b) == a.symmetric_difference(b)
        assert (a <= b) == (a & b == a) == (a | b == b) == a.issubset(b)
        assert len(a) + len(b) == len(a | b) + len(a & b)
        assert hash(frozenset(a)) == hash(frozenset(sorted(a, reverse=True)))
        before = set(a)
        a |= b
        a -= c
        assert a == (before | b) - c
        a ^= b
        a &= c
        assert a <= c
    return rounds


def main():
    everything = set().union(*SKILLS.values())
    print("all:", show(everything), "ann and eve:", show(SKILLS["ann"] & SKILLS["eve"]))
    print("only ann, not bob:", show(SKILLS["ann"] - SKILLS["bob"]), "one of them:", show(SKILLS["ann"] ^ SKILLS["bob"]))
    who = {skill: frozenset(n for n, s in SKILLS.items() if skill in s) for skill in everything}
    for skill in sorted(who):
        print(f"  {skill:<7}{show(who[skill])}")
    same = {}
    for skill, people in who.items():
        same.setdefault(people, set()).add(skill)
    print(sorted((show(people), show(skills)) for people, skills in same.items()))
    print("teams:", smallest_teams(SKILLS, everything), smallest_teams(SKILLS, {"cobol"}))
    print("components:", components([(1, 2), (3, 4), (5, 6), (2, 3), (7, 7), (8, 9), (9, 5)]))
    subsets = list(powerset("abcd"))
    print(len(subsets), len(set(subsets)), [show(s) for s in subsets[:7]])
    chains = sum(1 for a in subsets for b in subsets if a < b)
    print("proper inclusions:", chains, "antichains of two:", sum(1 for a, b in itertools.combinations(subsets, 2) if not a <= b and not a >= b))
    print("laws hold:", laws(300))

    numbers = {3, 1, 2}
    numbers.add(3), numbers.discard(99), numbers.update([5, 6], (7,), {8: "x"})
    numbers.remove(5)
    print(sorted(numbers), len(numbers), 6 in numbers, numbers.isdisjoint({100}), {1, 2} < numbers, numbers > {1, 2, 3, 4})
    print({1, 1.0, True, 1 + 0j}, {0, False, ""} == {0, ""}, frozenset([1]) == {1}, type(frozenset() | {1}).__name__, type({1} | frozenset()).__name__)
    print(set(), frozenset(), {frozenset({1})}, {1: {2}}, len({(1, 2), (1, 2), (2, 1)}), {x % 3 for x in range(10)}, {*range(3), *"a"} - {"a"})
    print({frozenset({1, 2}): "found"}[frozenset({2, 1})], {1, 2} in [{2, 1}], {1, 2} in {frozenset({1, 2})}, {4}.pop())
    copy = numbers.copy()
    copy.clear()
    print(len(copy), len(numbers), numbers.intersection(range(4), [1, 2]), {1, 2, 3}.difference([1], [2]), {2, 1} | {3}, not set())
    for attempt in (lambda: {[1]}, lambda: {1} | [2], lambda: {1}.remove(2), lambda: set().pop(), lambda: {1} + {2}, lambda: {1} < 3, lambda: hash({1}), lambda: frozenset({1}).add(2), lambda: numbers[0], lambda: set(5), lambda: [numbers.add(n + 100) for n in numbers]):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


main()
