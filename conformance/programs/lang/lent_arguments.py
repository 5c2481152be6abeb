"""Arguments and receivers that a caller's variable keeps during the call."""

import gc
import sys
import weakref


class Node:
    live = 0

    def __init__(self, name, *parts):
        self.name = name
        self.parts = list(parts)
        Node.live += 1

    def __del__(self):
        Node.live -= 1

    def me(self):
        return self

    def keep_in(self, box):
        box.append(self)
        return box

    def names(self):
        yield self.name
        for part in self.parts:
            yield part.name
        yield self

    def reader(self):
        return lambda: self.name

    def fail(self):
        raise ValueError(self)

    def rename(self, name):
        self.name = name
        self = None
        return name

    def deep(self, depth):
        return self.deep(depth - 1) if depth else self

    def pair(self, other=None, *rest, key=None):
        return [self, other, rest, key]

    async def later(self):
        return self

    @property
    def own(self):
        return self

    def __call__(self, other):
        return other


def identity(value):
    return value


def hold(value):
    kept.append(value)


def forget(value):
    value = None
    return value


def collect(*values, **named):
    return values, named


def generator(value):
    yield value
    yield value


kept = []


def returned():
    node = Node("returned")
    same = node.me()
    other = identity(node)
    node = None
    gc.collect()
    print(same.name, other is same, same.deep(20) is same, Node.live)


def stored():
    node = Node("stored")
    box = node.keep_in([])
    hold(node)
    values, named = collect(node, a=node, b=identity(node))
    node = None
    print(box[0].name, kept.pop().name, values[0].name, [v.name for v in named.values()])
    del box, values, named
    print(Node.live)


def suspended():
    node = Node("whole", Node("part"))
    names, twice = node.names(), generator(node)
    task = node.later()
    node = None
    gc.collect()
    print(next(names), next(twice).name)
    print([getattr(n, "name", n) for n in names], [n.name for n in twice])
    try:
        task.send(None)
    except StopIteration as stop:
        print(stop.value.name)
    del names, twice, task
    print(Node.live)


def captured():
    node = Node("captured")
    read = node.reader()
    node = None
    print(read(), Node.live)
    del read
    print(Node.live)


def raised():
    node = Node("raised")
    try:
        node.fail()
    except ValueError as error:
        caught = error
    node = None
    print(caught.args[0].name, Node.live)
    del caught
    gc.collect()
    print(Node.live)


def assigned():
    node = Node("first")
    pair = node.pair((node := Node("second")), node)[:2]
    print([v.name for v in pair], node.name)
    del pair
    print(identity(node), file=Sink())
    result = collect(node, (node := Node("third")), node)[0]
    print([v.name for v in result], Node.live)
    node = node.pair(node, node, key=node)
    print([getattr(v, "name", v) for v in node][:2])
    node = node[0].rename("new")
    print(node.name if isinstance(node, Node) else node)
    node = forget(node)
    del result
    print(node, Node.live)


class Sink:
    def write(self, text):
        pass


def waiting():
    node = Node("before")
    got = node.pair((yield 1), node, key=(yield 2))
    other = collect(node, (yield 3), (node := Node("after")), node)
    yield [v.name for v in (got[0], got[2][0], other[0][0], other[0][3])], got[1], got[3]


def suspends():
    steps = waiting()
    print(next(steps), steps.send("x"), steps.send("y"), steps.send("z"))
    steps = waiting()
    next(steps)
    steps.send(None)
    steps.close()
    del steps
    gc.collect()
    print(Node.live)


def replaced():
    text = "abc"
    other = extend(text)
    text += "!"
    print(text, other)
    items = [3, 1, 2]
    print(sorted(items), items, items.index(2), items.copy() == items)
    items = items.copy()
    items = items + items
    print(items)
    node = Node("called")
    print(node(node) is node, node.own.own is node)
    node = node(node)
    watch = weakref.ref(node)
    node = node.me().me()
    print(watch() is node)
    node = None
    print(watch(), Node.live)


def extend(text):
    text += "d"
    text += "e"
    return text


def counted():
    value = object()
    print(sys.getrefcount(value))
    other = value
    print(sys.getrefcount(value))


def comprehended():
    nodes = [Node(str(n)) for n in range(3)]
    print([identity(n).name for n in nodes], [n.me().name for n in nodes if n.me() is n])
    print({n.name: identity(n) is n for n in nodes}, max(nodes, key=lambda n: n.name).name)
    nodes = [last := identity(n) for n in nodes][:1]
    print(last.name, Node.live)


def drop_all():
    for step in (returned, stored, suspended, captured, raised, assigned, suspends, replaced, counted, comprehended):
        print("--", step.__name__)
        step()
        gc.collect()
        print(Node.live)


drop_all()
