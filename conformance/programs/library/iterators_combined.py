"""itertools: each function, its lengths and ends, its laziness, and what it refuses."""
import itertools as it


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


def loud(items, name="x"):
    for item in items:
        print(f"{name}{item}", end=" ")
        yield item


def first(n, iterable):
    return list(it.islice(iterable, n))


print(first(4, it.count(10)), first(3, it.count(2.5, -0.5)), first(3, it.count(5, 0)), first(5, it.cycle("ab")), list(it.repeat(1, 3)), list(it.repeat(1, -2)))
print(repr(it.count(3)), repr(it.count(1, 2)), repr(it.repeat("x", 2)), repr(it.repeat(0)))
print(list(it.accumulate([1, 2, 3])), list(it.accumulate([3, 1, 2], max)), list(it.accumulate([1, 2], initial=10)), list(it.accumulate([])), list(it.accumulate("abc")))
print(list(it.chain("ab", [1], ())), list(it.chain.from_iterable(["ab", [1]])), list(it.compress("abcd", [1, 0, 1])), list(it.batched("abcdefg", 3)))
print(list(it.dropwhile(lambda x: x < 3, [1, 3, 2])), list(it.takewhile(lambda x: x < 3, [1, 3, 2])), list(it.filterfalse(None, [0, 1, "", 2])), list(it.starmap(pow, [(2, 3), (3, 2)])))
print([(k, list(g)) for k, g in it.groupby("aabba")], [(k, len(list(g))) for k, g in it.groupby([1, 1.0, 2, True], key=int)])
print(list(it.islice(range(10), 2, 8, 3)), list(it.islice("abc", None)), list(it.islice("abc", 1, None)), list(it.pairwise("abcd")), list(it.pairwise("a")))
print(list(it.zip_longest("ab", [1, 2, 3], fillvalue="-")), list(it.zip_longest()), list(it.product("ab", [1, 2])), list(it.product([0, 1], repeat=2)), list(it.product()), list(it.product("ab", [])))
print(list(it.permutations("abc", 2)), len(list(it.permutations(range(5)))), list(it.permutations("a", 2)), list(it.combinations("abcd", 3)), list(it.combinations([], 0)), list(it.combinations_with_replacement("ab", 2)))
a, b = it.tee(loud([1, 2, 3]))
print(next(a), next(a), next(b), list(a), list(b))
c, d, e = it.tee("xy", 3)
print(list(c), next(d), list(it.tee(d)[0]), list(e), it.tee([], 0))

print("lazy")
chained = it.chain(loud("a", "c"), loud("b", "d"))
print(next(chained))
zipped = zip(loud([1, 2], "l"), loud([1], "r"))
print(list(zipped))
grouped = it.groupby(loud([1, 1, 2]))
key, group = next(grouped)
key2, group2 = next(grouped)
print(key, list(group), key2, list(group2))
sliced = it.islice(loud(range(9)), 1, 4)
print(list(sliced))
taken = it.takewhile(lambda x: x < 2, loud([1, 2, 3]))
print(list(taken), list(taken))
dropped = it.dropwhile(lambda x: x < 2, loud([1, 2, 1]))
print(next(dropped), next(dropped))

for call in (lambda: it.count("a"), lambda: it.count(1, "b"), lambda: list(it.cycle([])), lambda: it.repeat(), lambda: it.repeat(1, "x"), lambda: it.islice([], -1), lambda: it.islice([], 0, 1, 0), lambda: it.islice([], "a"), lambda: it.islice([], 1.5), lambda: it.combinations("ab", -1), lambda: it.permutations("ab", -1), lambda: it.permutations("ab", 1.0), lambda: it.product("a", repeat=-1), lambda: it.product("a", rep=1), lambda: it.batched("ab", 0), lambda: list(it.batched("abc", 2, strict=True)), lambda: it.tee("a", -1), lambda: it.chain(5).__next__(), lambda: list(it.chain.from_iterable([1])), lambda: list(it.starmap(pow, [1])), lambda: list(it.accumulate([1, "a"])), lambda: list(it.groupby([1], 5)), lambda: it.pairwise(), lambda: list(it.filterfalse(5, [1])), lambda: it.zip_longest([], fill=1), lambda: list(it.compress("ab", 5)), lambda: list(it.takewhile(lambda: 1, [1])), lambda: it.combinations(5, 1)):
    attempt(call)

print("recipes")
print(sum(it.starmap(lambda x, y: x * y, zip([1, 2], [3, 4]))), list(it.chain.from_iterable(it.repeat("ab", 2))), [k for k, _ in it.groupby(sorted("mississippi"))])
powerset = list(it.chain.from_iterable(it.combinations([1, 2, 3], r) for r in range(4)))
print(powerset, len(list(it.islice(it.count(), 0, 100, 7))))
