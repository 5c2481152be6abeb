"""heapq, bisect, random and statistics over their native halves."""
import bisect
import heapq
import random
import statistics


def show(what, call):
    try:
        print(what, "->", call())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


heap = [5, 1, 8, 3, 9, 2]
heapq.heapify(heap)
print(heap, heapq.heappop(heap), heapq.heappushpop(heap, 0), heapq.heapreplace(heap, 7), heap)
heapq.heappush(heap, 4)
print([heapq.heappop(heap) for _ in range(len(heap))])
heap = [5, 1, 8, 3]
heapq.heapify_max(heap)
heapq.heappush_max(heap, 6)
print(heap, heapq.heappop_max(heap), heapq.heappushpop_max(heap, 2), heapq.heapreplace_max(heap, 9), heap)
print(heapq.nsmallest(3, "banana"), heapq.nlargest(2, [3, 1, 2], key=lambda x: -x), list(heapq.merge([1, 4], [2, 3], reverse=False)))
show("empty", lambda: heapq.heappop([]))
show("no list", lambda: heapq.heapify((1, 2)))
show("mixed", lambda: heapq.heapify([1, "a"]))


class Clears:
    def __init__(self, heap):
        self.heap = heap

    def __lt__(self, other):
        self.heap.clear()
        return True


heap = []
heap.extend([Clears(heap), Clears(heap), Clears(heap)])
show("changed", lambda: heapq.heapify(heap))

places = [1, 2, 2, 3]
print(bisect.bisect_left(places, 2), bisect.bisect_right(places, 2), bisect.bisect(places, 0), bisect.bisect(places, 2, 0, 2), bisect.bisect_left([3, 2, 1], -2, key=lambda x: -x))
bisect.insort(places, 2.5)
bisect.insort_left(places, 1, key=abs)
print(places)
show("negative", lambda: bisect.bisect([1], 1, -1))
show("mixed", lambda: bisect.bisect([1, 2], "a"))
show("missing", lambda: bisect.bisect([1]))

for seed in (42, "text", b"bytes", 1.5, -7, 2**70):
    numbers = random.Random(seed)
    print(seed, numbers.random(), numbers.getrandbits(70), numbers.randrange(10**30), numbers.choice("abc"), numbers.sample(range(50), 3), numbers.gauss(), numbers.expovariate(2),
          numbers.choices("xyz", [1, 2, 3], k=3), numbers.randbytes(3), numbers.betavariate(1, 2), numbers.binomialvariate(20, 0.3), numbers.triangular())
numbers = random.Random(1)
state = numbers.getstate()
print(numbers.random(), numbers.setstate(state), numbers.random(), hash(state) == hash(numbers.getstate()))
cards = list(range(8))
numbers.shuffle(cards)
print(cards, len(state[1]), state[0], state[2])
show("state", lambda: numbers.setstate((3, (1, 2), None)))
show("state", lambda: numbers.setstate((9, (), None)))
show("seed", lambda: random.seed([]))
show("bits", lambda: numbers.getrandbits(-1))


class Fixed(random.Random):
    def random(self):
        return 0.25


print(Fixed().choice("abcd"), Fixed().randrange(100), Fixed().uniform(0, 4))
normal = statistics.NormalDist(5, 2)
print(normal.inv_cdf(0.3), normal.inv_cdf(1e-20), normal.quantiles(3), statistics.quantiles([1, 2, 3, 4]), statistics.median([3, 1, 2]), statistics.stdev([1.5, 2.5, 4]), statistics.mode("aab"))
