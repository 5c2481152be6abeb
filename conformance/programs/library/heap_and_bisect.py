"""heapq and bisect: the invariants, both directions, merging, keys, and odd arguments."""
import bisect
import heapq


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


def is_heap(h, less):
    return all(not less(h[i], h[(i - 1) // 2]) for i in range(1, len(h)))


numbers = [(i * 7919) % 101 for i in range(40)]
h = list(numbers)
heapq.heapify(h)
print(is_heap(h, lambda a, b: a < b), [heapq.heappop(h) for _ in range(5)], heapq.heappushpop(h, 0), heapq.heapreplace(h, 1000), heapq.heappushpop([], 3))
heapq.heappush(h, -5)
print(h[0], is_heap(h, lambda a, b: a < b))
m = list(numbers)
heapq.heapify_max(m)
print(is_heap(m, lambda a, b: a > b), [heapq.heappop_max(m) for _ in range(3)], heapq.heappushpop_max(m, 5000), heapq.heapreplace_max(m, 1))
heapq.heappush_max(m, 999)
print(m[0])
print(heapq.nlargest(3, numbers), heapq.nsmallest(3, numbers), heapq.nsmallest(2, ["bb", "a", "ccc"], key=len), heapq.nlargest(0, [1]), heapq.nlargest(-1, [1]), heapq.nsmallest(99, [2, 1]))
print(list(heapq.merge([1, 4], [2, 3], [0, 9])), list(heapq.merge([3, 1], [4, 2], reverse=True)), list(heapq.merge(["a", "CC"], ["b", "ddd"], key=len)), list(heapq.merge()))
tasks = []
for priority, name in [(2, "write"), (1, "think"), (3, "test"), (1, "again")]:
    heapq.heappush(tasks, (priority, len(tasks), name))
print([heapq.heappop(tasks)[2] for _ in range(4)])
attempt(lambda: heapq.heappop([]))
attempt(lambda: heapq.heapreplace([], 1))
attempt(lambda: heapq.heappush((), 1))
attempt(lambda: heapq.heapify([1, "a"]))
attempt(lambda: heapq.heappush([1], None))
attempt(lambda: heapq.heappop_max([]))
attempt(lambda: heapq.nlargest("a", [1]))


class Item:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        if other.n == 13:
            raise ValueError("unlucky")
        return self.n < other.n


attempt(lambda: heapq.heapify([Item(n) for n in (5, 13, 1)]))

a = [1, 2, 2, 2, 5]
print(bisect.bisect(a, 2), bisect.bisect_left(a, 2), bisect.bisect_right(a, 0), bisect.bisect(a, 9), bisect.bisect_left(a, 2, 2), bisect.bisect(a, 2, 0, 2), bisect.bisect([], 1))
bisect.insort(a, 3)
bisect.insort_left(a, 2.0)
print(a)
words = ["a", "bb", "dddd"]
bisect.insort(words, "ccc", key=len)
print(words, bisect.bisect(words, 2, key=len), bisect.bisect_left("abcd", "c"), bisect.bisect(range(0, 100, 5), 33))
attempt(lambda: bisect.bisect(a, 1, -1))
attempt(lambda: bisect.bisect(a, "x"))
attempt(lambda: bisect.bisect(5, 1))
attempt(lambda: bisect.insort((1, 2), 1))
attempt(lambda: bisect.bisect(a, 1, hi=99))
attempt(lambda: bisect.bisect(a))
grades = [(score, "FDCBA"[bisect.bisect([60, 70, 80, 90], score)]) for score in (33, 99, 77, 70, 89, 90, 100)]
print(grades)
