# Code that was specialised for what objects, classes, functions and modules were goes on while another thread makes them
# something else: each answer is one that was right at some moment, and none is a mixture.

import builtins
import threading
import types

ROUNDS = 150
WORKERS = 3


def race(work, change):
    """Runs `work(stop)` in a few threads until `change(n)` has been called for each round; returns what they found wrong."""
    stop = threading.Event()
    begun = threading.Barrier(WORKERS + 1)
    wrong, done = [], []

    def worker():
        begun.wait()
        turns = 0
        while not stop.is_set() or turns < 3:
            for _ in range(20):
                bad = work()
                if bad is not None:
                    wrong.append(bad)
                    return
            turns += 1
        done.append(turns)

    threads = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    begun.wait()
    try:
        for n in range(ROUNDS):
            change(n)
    finally:
        stop.set()
    for thread in threads:
        thread.join()
    return wrong or f"{len(done)} threads"


# --- A class is another from one moment to the next -------------------------------------------------------------

class Plain:
    def __init__(self):
        self.x = self.y = 1

    def name(self):
        return "plain"

    def __len__(self):
        return 1


class Slotted:
    __slots__ = ("x", "y")


class Computed(Plain):
    @property
    def x(self):
        return 2

    @x.setter
    def x(self, value):
        pass

    def name(self):
        return "computed"

    def __len__(self):
        return 2


thing = Plain()


def use_thing():
    for _ in range(5):
        if thing.name() not in ("plain", "computed") or len(thing) not in (1, 2) or thing.x not in (1, 2) or thing.y != 1:
            return "a mixture"


def change_class(n):
    thing.__class__ = Computed if n % 2 else Plain


print("__class__:", race(use_thing, change_class))


# --- The dict of an object ---------------------------------------------------------------------------------------

def use_dict():
    for _ in range(5):
        if thing.y not in (1, 3):
            return "neither"
        thing.z = 5
        getattr(thing, "z", None)


def change_dict(n):
    if n % 3 == 0:
        thing.__dict__ = {"y": 3, "x": 1, "extra": n}
    elif n % 3 == 1:
        thing.__dict__ = {"x": 1, "y": 1}
    else:
        vars(thing)["more%d" % n] = n


print("__dict__:", race(use_dict, change_dict))


# --- What a class has ----------------------------------------------------------------------------------------------

class Base:
    pass


class Node(Base):
    size = 10

    def __init__(self, value):
        self.value = value

    def get(self):
        return self.value

    def __eq__(self, other):
        return self.value == other.value

    def __add__(self, other):
        return Node(self.value + other.value)

    def __getitem__(self, key):
        return key

    __hash__ = object.__hash__


plain_get, plain_init, plain_add, plain_item = Node.get, Node.__init__, Node.__add__, Node.__getitem__


def use_node():
    for _ in range(5):
        node = Node(4)
        if node.get() not in (4, -4):
            return "get"
        if node.value != 4:
            return "init"
        if (node + node).value not in (8, 16):
            return "add"
        if node[3] not in (3, 6):
            return "item"
        if node.size not in (10, 20, 30):
            return "size"
        if not node == node:
            return "eq"


def change_node(n):
    which = n % 6
    if which == 0:
        Node.get = lambda self: -self.value
        Node.__getitem__ = lambda self, key: key * 2
    elif which == 1:
        Node.get = plain_get
        Node.size = property(lambda self: 20)
    elif which == 2:
        Node.__init__ = lambda self, value, other=None: plain_init(self, value)
        Node.__add__ = lambda self, other: Node(16)
    elif which == 3:
        Node.__init__ = plain_init
        Node.__getitem__ = plain_item
        Node.size = 30
    elif which == 4:
        Node.__add__ = plain_add
        Node.__bases__ = (type("Base", (Base,), {"other": n}),) if n % 4 else (Base,)
    else:
        Node.size = 10
        Node.get = types.MethodType(lambda cls: 4, Node)
        Node.get = plain_get


print("class:", race(use_node, change_node))


# --- What a function runs, and with what ---------------------------------------------------------------------------

def one(a, b=1, *, c=1):
    return a, b, c


def two(a, b=1, *, c=1):
    x = a
    return x, b, c


codes = one.__code__, two.__code__


def use_function():
    for _ in range(5):
        if one(1, 2, c=3) != (1, 2, 3):
            return "given"
        a, b, c = one(0)
        if a != 0 or b not in (1, 5) or c not in (1, 7):
            return "defaults"


def change_function(n):
    one.__code__ = codes[n % 2]
    one.__defaults__ = (5,) if n % 3 else (1,)
    one.__kwdefaults__ = {"c": 7} if n % 5 else {"c": 1}


print("function:", race(use_function, change_function))


# --- Names of a module, of this one and of builtins ------------------------------------------------------------------

module = types.ModuleType("shifting")
module.value = 1
module.__getattr__ = lambda name: "computed"
value = 1
space = {"__builtins__": builtins, "value": 1}
exec("def read():\n    return value, len((1, 2))\n", space)
read = space["read"]


def use_names():
    for _ in range(5):
        if module.value not in (1, 2, "computed"):
            return "module"
        if value not in (1, 2):
            return "global"
        try:
            number, length = read()
        except NameError:
            continue
        if number not in (1, 2) or length not in (2, 50):
            return "names"


def change_names(n):
    global value
    value = 1 + n % 2
    which = n % 5
    if which == 0:
        module.value = 2
        space["len"] = lambda x: 50
    elif which == 1:
        del module.value
        module.value = 1
        space.pop("len")
    elif which == 2:
        del space["value"]
    elif which == 3:
        space["value"] = 2
        for number in range(20):
            space["filler%d" % number] = number
    else:
        for number in range(20):
            space.pop("filler%d" % number, None)
        space["value"] = 1


print("names:", race(use_names, change_names))


# --- Sequences and dicts that loops run over ---------------------------------------------------------------------------

numbers = [1, 2, 3, 4]
table = {"a": 1, "b": 2}


def use_items():
    for _ in range(5):
        total = 0
        for number in numbers:
            total += number
        try:
            if numbers[0] not in (1, 1.0, "1"):
                return "item"
        except IndexError:
            pass
        if table.get("a", 1) != 1 or "zz" in table:
            return "table"
        try:
            a, b = table.values()
        except (ValueError, RuntimeError):
            pass


def change_items(n):
    if n % 4 == 0:
        numbers.clear()
        table.clear()
    elif n % 4 == 1:
        numbers.extend((1, 2.5, 1 << 70))
        table.update(a=1, b=2)
    elif n % 4 == 2:
        numbers.append(True)
        table["c"] = 3
    else:
        del numbers[1:]
        table.pop("c", None)
        table.pop("a", None)


print("items:", race(use_items, change_items))
