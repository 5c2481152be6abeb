"""collections: Counter, OrderedDict, ChainMap, defaultdict, deque, namedtuple, UserDict, in their corners."""
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque, namedtuple


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


c = Counter("abracadabra", z=0)
print(c, c.most_common(2), c["nothing"], c.total(), sorted(c.elements())[:4])
c.subtract("aab")
c.update(b=5)
print(c, +c, -c, c & Counter(a=1, b=9), c | Counter(q=1), c - Counter(b=3), c + Counter(a=-9))
print(Counter(a=1) <= Counter(a=2), Counter(a=1) == Counter(a=1, b=0), Counter(a=1) < Counter(a=1), Counter([1, 1.0, True]))
attempt(lambda: Counter.fromkeys("ab"))
attempt(lambda: Counter(1))
attempt(lambda: Counter("a", "b"))

o = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
o.move_to_end("a")
o.move_to_end("c", last=False)
print(o, list(reversed(o)), o.popitem(last=False), o == {"b": 2, "a": 1}, o == OrderedDict(a=1, b=2), o | {"z": 1}, OrderedDict.fromkeys("xy", 0))
attempt(lambda: o.move_to_end("nope"))
attempt(lambda: OrderedDict().popitem())

base, top = {"a": 1, "b": 2}, {"b": 3}
chain = ChainMap(top, base)
chain["new"] = 4
print(chain["a"], chain["b"], dict(chain), list(chain), chain.maps, chain.new_child({"q": 1}), chain.parents, len(chain), top)
attempt(lambda: chain.pop("a"))
attempt(lambda: chain["zz"])
attempt(lambda: ChainMap().popitem())

d = defaultdict(list, {"x": [1]})
d["y"].append(2)
print(d, d.get("z"), "z" in d, d.default_factory, d.copy() == d, d | {"k": 0})
attempt(lambda: defaultdict(5))
attempt(lambda: defaultdict()["k"])
attempt(lambda: defaultdict(int, a=1)["b"])

q = deque(range(5), maxlen=5)
q.append(5)
q.rotate(2)
q.extendleft("ab")
print(q, q.maxlen, q[0], q[-1], q.index("a"), q.count("a"), 4 in q, q + deque([1]), list(reversed(q)))
q.insert(1, "i") if len(q) < 5 else attempt(lambda: q.insert(1, "i"))
q.remove("a")
q.insert(2, "i")
del q[0]
q[0] = "set"
print(q, q.copy(), deque("ab") * 2, deque([1, 2]) < deque([1, 3]), deque([1], 0), bool(deque()))
for call in (lambda: deque().pop(), lambda: deque().popleft(), lambda: q.index("no"), lambda: q.remove("no"), lambda: q[9], lambda: deque([], -1), lambda: deque(5), lambda: q.rotate("x"), lambda: hash(q), lambda: deque("a") + ["b"], lambda: [q.append(1) for _ in q]):
    attempt(call)

P = namedtuple("P", "x y z", defaults=[10, 20])
p = P(1)
print(p, p._fields, p._field_defaults, p._asdict(), p._replace(y=5), P._make("abc"), p.x, p[1], p == (1, 10, 20), P.__doc__, P.x.__doc__, p.__match_args__)
print(namedtuple("R", "a b a _c def", rename=True)._fields, P.__new__.__defaults__, namedtuple("M", ["q"], module="mod").__module__)
for call in (lambda: namedtuple("1x", "a"), lambda: namedtuple("T", "a a"), lambda: namedtuple("T", "_a"), lambda: namedtuple("T", "def"), lambda: namedtuple("T", "a", defaults=[1, 2]), lambda: P(), lambda: P(1, 2, 3, 4), lambda: p._replace(q=1), lambda: P._make([1]), lambda: setattr(p, "x", 2)):
    attempt(call)


class Upper(UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key.upper(), value)

    def __missing__(self, key):
        return f"no {key}"


u = Upper(a=1)
u["b"] = 2
print(u, u["zz"], u | {"c": 3}, {"d": 1} | u, "A" in u, u.data)
l = UserList([3, 1, 2])
l.sort()
print(l, l + [4], l[1:], l * 2, l == [1, 2, 3], UserList("ab"), type(l[:1]).__name__)
t = UserString("text")
print(t + "x", t.upper(), t[1:], t == "text", t.find("x"), type(t * 2).__name__, "ex" in t, int(UserString("5")))
