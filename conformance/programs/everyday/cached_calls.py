"""Caches: least recently used by hand and by the library, with time to live, for methods, keyed by arguments, under threads."""
import collections
import functools
import gc
import inspect
import threading
import weakref
from collections.abc import MutableMapping


class Lru(MutableMapping):
    """A mapping that forgets what was not used for longest."""

    def __init__(self, size, on_drop=lambda key, value: None):
        self.size, self.on_drop = size, on_drop
        self.data = collections.OrderedDict()

    def __getitem__(self, key):
        value = self.data[key]
        self.data.move_to_end(key)
        return value

    def __setitem__(self, key, value):
        self.data[key] = value
        self.data.move_to_end(key)
        while len(self.data) > self.size:
            self.on_drop(*self.data.popitem(last=False))

    def __delitem__(self, key):
        del self.data[key]

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)

    def __repr__(self):
        return f'{type(self).__name__}({", ".join(f"{k}={v}" for k, v in self.data.items())})'


class Ring:
    """The same by a doubly linked list of slots."""

    class Link:
        __slots__ = 'before', 'after', 'key', 'value', '__weakref__'

        def __init__(self):
            self.before = self.after = self

    def __init__(self, size):
        self.size, self.links, self.root = size, {}, self.Link()

    def _front(self, link):
        link.before, link.after = self.root, self.root.after
        link.before.after = link.after.before = link

    def _out(self, link):
        link.before.after, link.after.before = link.after, link.before

    def get(self, key, default=None):
        if (link := self.links.get(key)) is None:
            return default
        self._out(link)
        self._front(link)
        return link.value

    def put(self, key, value):
        link = self.links.get(key)
        if link:
            self._out(link)
        else:
            if len(self.links) == self.size:
                oldest = self.root.before
                self._out(oldest)
                del self.links[oldest.key]
            link = self.links[key] = self.Link()
            link.key = key
        link.value = value
        self._front(link)

    def keys(self):
        link = self.root.after
        while link is not self.root:
            yield link.key
            link = link.after


class Expiring:
    """A decorator with a clock of its own, and one computation for a key at a time."""

    def __init__(self, seconds, clock):
        self.seconds, self.clock = seconds, clock

    def __call__(self, function):
        signature = inspect.signature(function)
        known, locks = {}, collections.defaultdict(threading.Lock)

        @functools.wraps(function)
        def wrapped(*args, **options):
            bound = signature.bind(*args, **options)
            bound.apply_defaults()
            key = tuple(bound.arguments.items())
            with locks[key]:
                if key in known and self.clock() - known[key][0] < self.seconds:
                    return known[key][1]
                value = function(*args, **options)
                known[key] = self.clock(), value
                return value

        wrapped.known = known
        return wrapped


class OncePerObject:
    """A descriptor: computed at first use, kept in a weak dictionary."""

    def __init__(self, function):
        self.function, self.values = function, weakref.WeakKeyDictionary()

    def __set_name__(self, owner, name):
        self.name = f'{owner.__name__}.{name}'

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        if instance not in self.values:
            self.values[instance] = self.function(instance)
        return self.values[instance]


dropped = []
lru = Lru(3, lambda *pair: dropped.append(pair))
ring = Ring(3)
for step in 'abcaddbea':
    if step in lru:
        lru[step] += 1
        ring.put(step, ring.get(step) + 1)
    else:
        lru[step] = 1
        ring.put(step, 1)
    print(step, list(lru), list(ring.keys())[::-1] == list(lru), end='; ')
print(lru, dropped, lru.pop('a'), lru.setdefault('z', 5), 'q' in lru)
lru.update(m=1)
print(dict(lru))

now, calls = [0], []


@Expiring(10, lambda: now[0])
def area(width, height=2, *, unit='m'):
    """Computes."""
    calls.append((width, height, unit))
    return f'{width * height}{unit}'


print(area(3), area(3, 2), area(width=3), area(3, unit='cm'), len(calls), area.__doc__, area.__wrapped__.__name__)
now[0] = 10
print(area(3), len(calls), len(area.known))
threads = [threading.Thread(target=area, args=(7,)) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(calls.count((7, 2, 'm')))
try:
    area()
except TypeError as error:
    print(error)
try:
    area([1])
except TypeError as error:
    print(error)


class Report:
    made = 0

    def __init__(self, name):
        self.name = name

    @OncePerObject
    def text(self):
        Report.made += 1
        return self.name.upper()

    @functools.cached_property
    def length(self):
        Report.made += 1
        return len(self.text)

    @functools.lru_cache(maxsize=2, typed=True)
    def scaled(self, by):
        return self.length * by


one, two = Report('one'), Report('three')
print(one.text, one.text, two.text, one.length, one.length, Report.made, Report.text.name)
print(one.scaled(2), one.scaled(2.0), two.scaled(2), one.scaled(2), Report.scaled.cache_info())
del one.length
print(one.length, Report.made, 'length' in vars(one), sorted(Report.scaled.cache_parameters().items()))
Report.scaled.cache_clear()
del one
gc.collect()
print(len(Report.text.values), Report.scaled.cache_info().currsize)


@functools.cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


print(fibonacci(150), fibonacci.cache_info()[:2])
pool = weakref.WeakValueDictionary()


class Flyweight:
    def __new__(cls, key):
        if (found := pool.get(key)) is None:
            found = pool[key] = super().__new__(cls)
            found.key = key
        return found


a, b = Flyweight('x'), Flyweight('x')
print(a is b, len(pool))
del a, b
gc.collect()
print(len(pool))
