"""collections: queues, counts, groups, records and ordered mappings in a small shop."""

from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple

Sale = namedtuple("Sale", "day customer item count price", defaults=[1, 9.5])


class Basket(Counter):
    @property
    def heaviest(self):
        return self.most_common(1)[0]


class Lower(UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key.lower(), value)

    def __getitem__(self, key):
        return super().__getitem__(key.lower())


class Graph(defaultdict):
    def __init__(self, edges):
        super().__init__(set)
        for a, b in edges:
            self[a].add(b)
            self[b].add(a)

    def path(self, start, goal):
        queue, before = deque([start]), {start: None}
        while queue:
            if (node := queue.popleft()) == goal:
                break
            for near in sorted(self[node]):
                if near not in before:
                    before[near] = node
                    queue.append(near)
        path = []
        while node is not None:
            path.append(node)
            node = before[node]
        return path[::-1]


def main():
    sales = [Sale(1, "ann", "tea", 3, 4.5), Sale(1, "bob", "cup"), Sale(2, "ann", "cup", 2), Sale(2, "cid", "tea", price=5), Sale(3, "ann", "pot", 1, 30)]
    print(sales[0], sales[1].price, sales[0]._replace(count=9).count, Sale._fields, Sale._field_defaults)
    print(sales[3]._asdict(), Sale._make("abcde").item, sales[0] == (1, "ann", "tea", 3, 4.5), sales[1] < sales[2], len(sales[0]), sales[0][-1], Sale.count.__doc__)
    day, customer, *_ = sales[4]
    print(day, customer, isinstance(sales[0], tuple), hash(sales[0]) == hash(tuple(sales[0])))

    by_customer = defaultdict(list)
    for sale in sales:
        by_customer[sale.customer].append(sale.item)
    print(dict(by_customer), by_customer["nobody"], "nobody" in by_customer, by_customer.get("else"), by_customer.default_factory.__name__)
    nested = defaultdict(lambda: defaultdict(int))
    for sale in sales:
        nested[sale.item][sale.day] += sale.count
    print({k: dict(v) for k, v in nested.items()}, repr(defaultdict(int, a=1)))

    basket = Basket()
    for sale in sales:
        basket[sale.item] += sale.count
    print(basket, basket.heaviest, basket["none"], basket.total(), sorted(basket.elements()), basket.most_common())
    other = Counter(tea=5, cup=-1)
    print(basket + other, basket - other, basket & other, basket | other, +other, -other, other <= basket, Counter("abca") == Counter("aabc"))
    basket.subtract({"tea": 10})
    basket.update("tea cup".split())
    del basket["not there"]
    print(dict(basket), Counter("mississippi").most_common(3), sorted(Counter(a=2, b=0)))

    line = deque("abcde", maxlen=5)
    line.append("f")
    line.appendleft("z")
    line.rotate(2)
    print(line, line[0], line[-1], line.maxlen, line.count("c"), line.index("z"))
    line.extendleft("xy"), line.insert(1, "I") if len(line) < 5 else None
    line.remove("z"), line.reverse()
    print(line, list(line), line.pop(), line.popleft(), len(line), "b" in line, line.copy() == line, deque([1, 2]) < deque([1, 3]), deque([1]) + deque([2]), deque([1]) * 3)
    recent = deque(range(1, 20), 3)
    print(list(recent), sum(recent), deque(), deque([1], 4))

    ordered = OrderedDict(b=1, a=2, c=3)
    ordered.move_to_end("b")
    ordered.move_to_end("c", last=False)
    print(ordered, ordered.popitem(), ordered.popitem(last=False), list(reversed(OrderedDict.fromkeys("xyz"))))
    print(OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1, b=2) == dict(b=2, a=1), OrderedDict(a=1) | {"b": 2})

    settings = ChainMap({"colour": "red"}, {"colour": "blue", "size": 3})
    settings["size"] = 4
    child = settings.new_child({"deep": True})
    print(settings["colour"], settings.maps, child["size"], sorted(child), child.parents["colour"], len(child))
    header = Lower({"Content-Type": "text"})
    header["X-A"] = 1
    print(header, header["CONTENT-type"], "x-a" in header, len(header), header.data)

    graph = Graph("ab bc cd de ef af be gh".split())
    print(graph.path("a", "d"), graph.path("c", "f"), graph.path("a", "h")[-1], len(graph))
    plain = {"x": 1, **{"y": 2}, "x": 3}
    plain |= {"z": 0}
    plain.setdefault("w", []).append(1)
    print(plain, list(plain.items())[0], plain.pop("x"), plain.pop("none", None), plain.keys() & {"y", "q"}, plain.popitem(), {**plain} is plain, list(reversed(plain)))
    for attempt in (lambda: deque().pop(), lambda: deque([1]).remove(5), lambda: Sale(1), lambda: sales[0].colour, lambda: setattr(sales[0], "day", 3), lambda: namedtuple("Bad", "a a"), lambda: namedtuple("Bad", "class"), lambda: OrderedDict().popitem(), lambda: ordered["q"], lambda: deque(maxlen=-1), lambda: line[99], lambda: {}.popitem(), lambda: [plain.pop(k) for k in plain], lambda: settings.pop("nope")):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


main()
