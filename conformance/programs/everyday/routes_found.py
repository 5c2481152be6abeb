"""Graphs: shortest ways, spanning trees, components, flows, orders, colourings, checked against each other."""
import collections
import functools
import graphlib
import heapq
import itertools
import math
import random


class Graph(collections.UserDict):
    """Weights of edges by their ends."""

    def __init__(self, edges=(), directed=False):
        super().__init__()
        self.directed = directed
        for start, end, weight in edges:
            self.join(start, end, weight)

    def __missing__(self, node):
        self.data[node] = {}
        return self.data[node]

    def join(self, start, end, weight=1):
        self[start][end] = weight
        if self.directed:
            self[end]
        else:
            self[end][start] = weight

    def edges(self):
        for start, ends in self.items():
            for end, weight in ends.items():
                if self.directed or start <= end:
                    yield weight, start, end

    def reversed(self):
        return Graph(((end, start, weight) for weight, start, end in self.edges()), directed=True)

    @classmethod
    def grid(cls, width, height, seed):
        rng = random.Random(seed)
        graph = cls()
        for x, y in itertools.product(range(width), range(height)):
            if x + 1 < width:
                graph.join((x, y), (x + 1, y), rng.randint(1, 9))
            if y + 1 < height:
                graph.join((x, y), (x, y + 1), rng.randint(1, 9))
        return graph


def dijkstra(graph, start, goal, estimate=lambda node: 0):
    best, before, seen = {start: 0}, {}, 0
    heap = [(estimate(start), start)]
    done = set()
    while heap:
        _, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        seen += 1
        if node == goal:
            way = [goal]
            while way[-1] != start:
                way.append(before[way[-1]])
            return best[goal], way[::-1], seen
        for other, weight in graph[node].items():
            if (cost := best[node] + weight) < best.get(other, math.inf):
                best[other], before[other] = cost, node
                heapq.heappush(heap, (cost + estimate(other), other))
    return math.inf, [], seen


def floyd(graph):
    nodes = sorted(graph)
    far = {(a, b): 0 if a == b else graph[a].get(b, math.inf) for a in nodes for b in nodes}
    for k, a, b in itertools.product(nodes, repeat=3):
        far[a, b] = min(far[a, b], far[a, k] + far[k, b])
    return far


class Sets:
    def __init__(self):
        self.parent = {}

    def find(self, x):
        root = self.parent.setdefault(x, x)
        if root != x:
            root = self.parent[x] = self.find(root)
        return root

    def union(self, a, b):
        a, b = self.find(a), self.find(b)
        self.parent[a] = b
        return a != b


def kruskal(graph):
    sets = Sets()
    return [edge for edge in sorted(graph.edges()) if sets.union(*edge[1:])]


def components(graph):
    """Tarjan's strongly connected components, by recursion."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(frozenset(stack[at:]))
            del stack[at:]

    for node in graph:
        if node not in index:
            visit(node)
    return found


def flow(graph, source, sink):
    left = collections.defaultdict(int, {(a, b): weight for weight, a, b in graph.edges()})
    near = collections.defaultdict(set)
    for a, b in list(left):
        near[a].add(b)
        near[b].add(a)
    total = 0
    while True:
        before, line = {source: None}, collections.deque([source])
        while line and sink not in before:
            node = line.popleft()
            for other in sorted(near[node]):
                if other not in before and left[node, other] > 0:
                    before[other] = node
                    line.append(other)
        if sink not in before:
            return total
        way = [sink]
        while (node := before[way[-1]]) is not None:
            way.append(node)
        steps = list(itertools.pairwise(reversed(way)))
        amount = min(left[step] for step in steps)
        for a, b in steps:
            left[a, b] -= amount
            left[b, a] += amount
        total += amount


grid = Graph.grid(12, 9, seed=7)
goal = (11, 8)
cost, way, seen = dijkstra(grid, (0, 0), goal)
again, other, fewer = dijkstra(grid, (0, 0), goal, lambda node: abs(node[0] - 11) + abs(node[1] - 8))
print(cost, again, len(way), fewer <= seen, sum(grid[a][b] for a, b in itertools.pairwise(way)) == cost)
print(''.join({(1, 0): '>', (-1, 0): '<', (0, 1): 'v', (0, -1): '^'}[b[0] - a[0], b[1] - a[1]] for a, b in itertools.pairwise(way)))
small = Graph.grid(4, 4, seed=3)
far = floyd(small)
print(all(far[a, b] == dijkstra(small, a, b)[0] for a in small for b in small), far[(0, 0), (3, 3)])
tree = kruskal(grid)
print(len(tree), sum(weight for weight, *_ in tree))
links = Graph([(a, b, 1) for a, b in ('ab', 'bc', 'ca', 'cd', 'de', 'ef', 'fd', 'fg', 'hh')], directed=True)
parts = components(links)
print(sorted(''.join(sorted(part)) for part in parts), set(components(links.reversed())) == set(parts))
pipes = Graph([('s', 'a', 16), ('s', 'c', 13), ('a', 'b', 12), ('c', 'a', 4), ('b', 'c', 9), ('c', 'd', 14), ('d', 'b', 7), ('b', 't', 20), ('d', 't', 4)], directed=True)
print(flow(pipes, 's', 't'), flow(pipes, 't', 's'))
needs = {'app': {'lib', 'ui'}, 'ui': {'lib', 'fonts'}, 'lib': {'base'}, 'fonts': set()}
order = graphlib.TopologicalSorter(needs)
order.prepare()
levels = []
while order.is_active():
    ready = sorted(order.get_ready())
    levels.append(ready)
    order.done(*ready)
print(levels)
try:
    graphlib.TopologicalSorter({'a': 'b', 'b': 'c', 'c': 'a'}).prepare()
except graphlib.CycleError as error:
    print(error.args[0], sorted(set(error.args[1])))


@functools.cache
def ways(x, y):
    return 1 if not x or not y else ways(x - 1, y) + ways(x, y - 1)


print(ways(11, 8), math.comb(19, 8), ways.cache_info())


def colour(graph, colours):
    nodes = sorted(graph, key=lambda node: (-len(graph[node]), node))

    def place(index, chosen):
        if index == len(nodes):
            yield dict(chosen)
            return
        node = nodes[index]
        for one in colours:
            if all(chosen.get(other) != one for other in graph[node]):
                yield from place(index + 1, {**chosen, node: one})
    return next(place(0, {}), None)


wheel = Graph([('hub', n, 1) for n in '12345'] + [(a, b, 1) for a, b in ('12', '23', '34', '45', '51')])
print(colour(wheel, 'rgb'), sorted(colour(wheel, 'rgby').items()))
