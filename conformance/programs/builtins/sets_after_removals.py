# The order of small numbers in sets from which values were removed: what is added takes the place of one that is gone.
import random

s = {1, 2, 3}
s.remove(2)
s.add(2)
print(s)
s = {1, 2, 3}
s.discard(2)
s.add(10)
print(s)
s = {1, 2, 3}
s.add(10)
s.remove(2)
s.add(18)
print(s)
s = {1, 2, 3}
s.symmetric_difference_update([10, 1e16, True])
print(s, {1, 2, 3} ^ {10, 1e16, True})
s = set(range(8))
for gone in 2, 3, 5:
    s.remove(gone)
for more in 34, 66, 98:
    s.add(more)
    print(s)
s = {5, 6, 7}
print(s.pop(), s.add(13), s)

random.seed(14)
pool = [*range(40), 64, 128, 1024, 1e16, 1e300, 2 ** 61, 2 ** 61 - 2, -1, -2, True]
s = set()
for step in range(3000):
    some = random.sample(pool, random.randrange(6))
    action = random.choice(['add', 'discard', 'update', 'difference_update', 'intersection_update',
                            'symmetric_difference_update', 'pop', 'copy', 'remove'])
    if action in ('add', 'discard'):
        for value in some:
            getattr(s, action)(value)
    elif action == 'intersection_update':
        if step % 10 == 0:
            s &= set(some + pool[:20])
    elif action == 'pop':
        if len(s) > 12:
            s.pop()
    elif action == 'copy':
        s = s.copy() if step % 2 else set(list(s)) | set(some)
    elif action == 'remove':
        for value in some:
            if value in s:
                s.remove(value)
    else:
        getattr(s, action)(random.choice([list, set, tuple, frozenset])(some))
    if step % 50 == 0:
        print(step, action, s)
print(list(s), sorted(s) == sorted(set(s)))


class Same:
    """Equal to all of them, and changes the set while it is compared."""

    def __init__(self, change):
        self.change = change

    def __hash__(self):
        return 2

    def __eq__(self, other):
        self.change()
        return isinstance(other, Same)


s = {1, 2, 3, Same(lambda: None)}
s.remove(2)
s.add(Same(lambda: s.discard(3)))
print(len(s), [x if isinstance(x, int) else 'same' for x in s])
s = {1, Same(lambda: s.add(34)), 3}
s.discard(1)
s.add(2)
print([x if isinstance(x, int) else 'same' for x in s])


# What a copy asks a derived class: for its values, and how many there are.
import copy


class Wrong(set):
    def __len__(self):
        return -1


class Other(set):
    def __iter__(self):
        return iter([3, 4])


for make in lambda: copy.copy(Wrong()), lambda: Wrong().__reduce__(), lambda: Other([1]).__reduce__(), lambda: copy.copy(Other([1])):
    try:
        print(make())
    except ValueError as error:
        print(repr(error))
