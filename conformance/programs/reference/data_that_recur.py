"""Data that contain themselves, and data that nest deeper than anything can follow."""
import copy, json, pickle, sys

def tried(what, f):
    try:
        value = f()
        text = value if isinstance(value, str) else repr(value)
        print(what, "->", text[:100], len(text))
    except (RecursionError, ValueError, TypeError, MemoryError, pickle.PicklingError) as error:
        text = str(error)
        if isinstance(error, RecursionError):
            # Which limit was met first is nobody's promise.
            text = "too deep"
        print(what, "!!", type(error).__name__, text[:80])

class Node:
    def __init__(self):
        self.children = []
        self.parent = None
    def __eq__(self, other):
        return self.children == other.children
    __hash__ = None

class Loop:
    def __init__(self):
        self.me = self
    def __repr__(self):
        return f"<{self.me!r}>"
    def __eq__(self, other):
        return self.me == other
    def __hash__(self):
        return hash(self.me)
    def __len__(self):
        return len(self.me)
    def __bool__(self):
        return bool(self.me)
    def __index__(self):
        return self.me.__index__()
    def __iter__(self):
        return iter(self.me)
    def __add__(self, other):
        return self.me + other
    def __getattr__(self, name):
        return getattr(self.me, name + "_")
    def __call__(self):
        return self.me()
    def __contains__(self, x):
        return x in self.me

a = []; a.append(a)
d = {}; d["d"] = d
t = ([],); t[0].append(t)
from collections import OrderedDict, defaultdict, deque, UserList
q = deque(); q.append(q)
o = OrderedDict(); o["o"] = o
dd = defaultdict(list); dd["x"] = dd
import types
ns = types.SimpleNamespace(); ns.ns = ns
import functools
p = functools.partial(print); p.__setstate__((print, (p,), {}, {}))
for name, value in (("list", a), ("dict", d), ("tuple", t), ("deque", q), ("ordered", o), ("default", dd), ("namespace", ns), ("items", d.items())):
    tried(name + " repr", lambda: repr(value))
b = []; b.append(b)
tried("list eq", lambda: a == b)
tried("dict eq", lambda: d == {"d": {"d": d}} and False)
e = {}; e["d"] = e
tried("dicts eq", lambda: d == e)
tried("tuples", lambda: t == ([t],))
tried("hash", lambda: hash(t))
tried("list lt", lambda: a < b)
tried("json list", lambda: json.dumps(a))
tried("json dict", lambda: json.dumps(d))
tried("json indent", lambda: json.dumps(d, indent=1))
tried("json unchecked", lambda: json.dumps(a, check_circular=False))
tried("pickle list", lambda: pickle.loads(pickle.dumps(a))[0][0].__class__)
tried("pickle tuple", lambda: pickle.loads(pickle.dumps(t))[0][0].__class__)
tried("deepcopy", lambda: copy.deepcopy(d)["d"]["d"].__class__)
c = copy.deepcopy(t)
tried("deepcopy tuple", lambda: c[0][0] is c)
for name in ("repr", "hash", "len", "bool", "iter"):
    tried("loop " + name, lambda: getattr(__builtins__, name)(Loop()))
tried("loop eq", lambda: Loop() == 1)
tried("loop add", lambda: Loop() + 1)
tried("loop call", lambda: Loop()())
tried("loop in", lambda: 1 in Loop())
tried("loop attribute", lambda: Loop().x)
tried("loop str", lambda: str(Loop()))
tried("loop format", lambda: f"{Loop()}")
tried("loop list", lambda: [0][Loop()])

def nested(make, n):
    x = make(None)
    for _ in range(n):
        x = make(x)
    return x
N = 3000
for name, make in (("list", lambda x: [x]), ("dict", lambda x: {1: x}), ("tuple", lambda x: (x,))):
    deep = nested(make, N)
    tried(f"deep {name} json", lambda: json.dumps(deep) if name != "set" else "")
    tried(f"deep {name} copy", lambda: copy.deepcopy(deep).__class__)
    del deep
tried("json text", lambda: json.loads("[" * 50000))
tried("json objects", lambda: json.loads('{"a":' * 50000))
tried("literal", lambda: __import__("ast").literal_eval("[" * 150 + "]" * 150).__class__)
tried("literal deep", lambda: __import__("ast").literal_eval("-" * 50 + "1"))
many = nested(lambda x: [x], 100000)
del many
print("gone")
