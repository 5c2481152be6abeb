"""if, while, for: else clauses, targets, what a loop variable is afterwards, iteration over what changes, the old protocol."""


def trace(name, items):
    for item in items:
        print(name, item, end="; ")
        yield item
    print(name, "exhausted", end="; ")


for x in trace("a", [1, 2]):
    pass
else:
    print("else", x)
for x in trace("b", [1, 2, 3]):
    if x == 2:
        break
else:
    print("not reached")
print("broken at", x)
n = 3
while n:
    n -= 1
    if n == 1:
        continue
    print("n", n)
else:
    print("while else")
while True:
    try:
        break
    finally:
        print("finally before break ends")
else:
    print("not reached")
for i in range(3):
    try:
        if i == 1:
            continue
        print("body", i)
    finally:
        print("finally", i)
for outer in range(3):
    for inner in range(3):
        if inner == outer:
            break
        if inner > 0:
            continue
        print(outer, inner)
    else:
        print("inner finished")
        continue
    if outer == 2:
        break
else:
    print("not reached")

print("targets")
for a, b in [(1, 2), "xy"]:
    print(a, b)
for a, *b in ["abc", [1]]:
    print(a, b)
for (a, [b, c]) in [(1, "de")]:
    print(a, b, c)
box = {}
for box["k"] in "xyz":
    pass
print(box)


class Holder:
    pass


for Holder.x in range(3):
    pass
print(Holder.x)
items = [1, 2, 3]
for items[0] in [7, 8]:
    print(items)
for x in []:
    pass
print("x is still", x)
for i in range(3):
    i = i * 10
    print(i, end=" ")
print()
for x in *[1, 2], 3:
    print(x, end=" ")
print()

print("changed meanwhile")
numbers = [1, 2, 3, 4]
for x in numbers:
    if x == 2:
        numbers.remove(x)
    print(x, end=" ")
print(numbers)
grows = [1]
for x in grows:
    if len(grows) < 5:
        grows.append(x + 1)
print(grows)
for kind, change in (({1: 1}, lambda d: d.update({2: 2})), ({1: 1, 2: 2}, lambda d: d.pop(2)), ({1, 2}, lambda s: s.add(9)), ({1: 1}, lambda d: d.update({1: 5}))):
    try:
        for x in kind:
            change(kind)
        print("fine", kind)
    except RuntimeError as error:
        print(error)

print("iterators by other means")


class Old:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError("over")
        return i * i


class Endless:
    def __getitem__(self, i):
        if i > 1:
            raise StopIteration("odd end")
        return i


class Bad:
    def __iter__(self):
        return 5


class Half:
    def __iter__(self):
        return self


class NoIter:
    __iter__ = None

    def __getitem__(self, i):
        return i


print(list(Old()), 9 in Old(), [*Old()], max(Old()))
for value in (Endless(), Bad(), Half(), NoIter(), 5, None, object):
    try:
        for x in value:
            pass
        print("fine")
    except Exception as error:
        print(type(error).__name__, error)

print("branches")
for v in (0, 0.0, "", [], {}, set(), None, range(0), b"", 0j, False, "0", [0], (None,), -1, float("nan"), object(), NotImplemented.__class__):
    if not v:
        print("false", repr(v), end="; ")
    elif isinstance(v, str):
        print("text", v, end="; ")
    else:
        print("true", end="; ")
print()


class Truth:
    def __bool__(self):
        return 1


class Length:
    def __len__(self):
        return -1


for v in (Truth(), Length()):
    try:
        if v:
            print("true")
    except Exception as error:
        print(type(error).__name__, error)
