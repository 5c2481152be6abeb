"""Two caches that forget what was used longest ago, checked against each other."""

import random
from collections import OrderedDict


class Link:
    __slots__ = ("key", "value", "before", "after")

    def __init__(self, key=None, value=None):
        self.key = key
        self.value = value
        self.before = self.after = self


class LinkedCache:
    """A dictionary of links in a ring; the anchor's neighbours are newest and oldest."""

    def __init__(self, capacity):
        if capacity < 1:
            raise ValueError(f"capacity must be positive, not {capacity}")
        self.capacity = capacity
        self.links = {}
        self.anchor = Link()
        self.hits = self.misses = self.evicted = 0

    def _unlink(self, link):
        link.before.after = link.after
        link.after.before = link.before

    def _push(self, link):
        newest = self.anchor.after
        link.before, link.after = self.anchor, newest
        self.anchor.after = newest.before = link

    def __getitem__(self, key):
        try:
            link = self.links[key]
        except KeyError:
            self.misses += 1
            raise
        self.hits += 1
        self._unlink(link)
        self._push(link)
        return link.value

    def __setitem__(self, key, value):
        if link := self.links.get(key):
            link.value = value
            self._unlink(link)
        else:
            if len(self.links) >= self.capacity:
                oldest = self.anchor.before
                self._unlink(oldest)
                del self.links[oldest.key]
                self.evicted += 1
            link = self.links[key] = Link(key, value)
        self._push(link)

    def __delitem__(self, key):
        self._unlink(self.links.pop(key))

    def __contains__(self, key):
        return key in self.links

    def __len__(self):
        return len(self.links)

    def __iter__(self):
        link = self.anchor.after
        while link is not self.anchor:
            yield link.key
            link = link.after

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def __repr__(self):
        items = ", ".join(f"{key!r}: {self.links[key].value!r}" for key in self)
        return f"{type(self).__name__}({self.capacity}, {{{items}}})"


class OrderedCache(OrderedDict):
    def __init__(self, capacity):
        super().__init__()
        self.capacity = capacity
        self.hits = self.misses = self.evicted = 0

    def __getitem__(self, key):
        value = super().__getitem__(key)
        self.move_to_end(key, last=False)
        self.hits += 1
        return value

    def __missing__(self, key):
        self.misses += 1
        raise KeyError(key)

    def __setitem__(self, key, value):
        if key not in self and len(self) >= self.capacity:
            self.popitem(last=True)
            self.evicted += 1
        super().__setitem__(key, value)
        self.move_to_end(key, last=False)


def cached(capacity):
    """A decorator that remembers results in a LinkedCache."""

    def decorate(function):
        cache = LinkedCache(capacity)

        def wrapper(*args):
            if args in cache:
                return cache[args]
            result = cache[args] = function(*args)
            return result

        wrapper.cache = cache
        wrapper.__name__ = function.__name__
        return wrapper

    return decorate


def main():
    cache = LinkedCache(3)
    for number, name in enumerate(("ann", "bob", "cid"), start=1):
        cache[name] = number
    print(cache)
    print(cache["ann"], cache.get("dan"), cache.get("dan", "none"))
    cache["dan"] = 4
    print(cache, "bob" in cache, len(cache), list(cache))
    del cache["cid"]
    try:
        del cache["cid"]
    except KeyError as error:
        print("KeyError:", error)
    try:
        LinkedCache(0)
    except ValueError as error:
        print("ValueError:", error)

    random.seed(2024)
    linked, ordered = LinkedCache(40), OrderedCache(40)
    differences = 0
    for step in range(20_000):
        key = int(random.gauss(50, 20))
        if random.random() < 0.4:
            linked[key] = ordered[key] = step
            continue
        answers = []
        for store in (linked, ordered):
            try:
                answers.append(store[key])
            except KeyError:
                answers.append(None)
        differences += answers[0] != answers[1]
    print("differences:", differences)
    print("same order:", list(linked) == list(ordered))
    for store in (linked, ordered):
        share = store.hits / (store.hits + store.misses)
        print(f"{type(store).__name__:<13} {store.hits} {store.misses} {store.evicted} {share:.2%}")
    print("newest:", list(linked)[:8])

    calls = []

    @cached(64)
    def ways(total, largest):
        calls.append((total, largest))
        if total == 0:
            return 1
        if total < 0 or largest == 0:
            return 0
        return ways(total - largest, largest) + ways(total, largest - 1)

    print(ways.__name__, ways(60, 60), "after", len(calls), "calls,", len(ways.cache), "kept")


main()
