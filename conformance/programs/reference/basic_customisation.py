"""3.3.1 Basic customisation: making, showing, comparing, hashing, and telling whether something is true."""


def show(what, action):
    try:
        print(what, "->", action())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


class Point:
    made = []

    def __new__(cls, *args, **kwargs):
        cls.made.append((cls.__name__, args, sorted(kwargs)))
        return super().__new__(cls)

    def __init__(self, x, y=0):
        self.x, self.y = x, y

    def __repr__(self):
        return f"{type(self).__name__}({self.x}, {self.y})"

    def __str__(self):
        return f"<{self.x}|{self.y}>"

    def __bytes__(self):
        return bytes([self.x, self.y])

    def __format__(self, spec):
        return f"[{spec}]{self.x:{spec}}" if spec else str(self)

    def __eq__(self, other):
        if not isinstance(other, Point):
            return NotImplemented
        return (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __bool__(self):
        return bool(self.x or self.y)


class Sub(Point):
    pass


p = Point(3, y=4)
print(p, repr(p), f"{p}", f"{p:>5}", f"{p!r:>12}", bytes(p), "%s %r" % (p, p))
print(Sub(1), Sub(1) == Point(1), Point(1) == Sub(1), Point(1) != Point(2), p == (3, 4))
print(Point.made)
print(len({Point(1, 2), Point(1, 2), Sub(1, 2)}), bool(Point(0)), bool(p), not Point(0, 1))
show("too many", lambda: Point(1, 2, 3))
show("too few", lambda: Point())
show("unknown", lambda: Point(1, z=3))


class Elsewhere:
    """__new__ that gives something else skips __init__."""

    def __new__(cls, value):
        return [value]

    def __init__(self, value):
        print("never")


print(Elsewhere(7))


class Returns:
    def __init__(self):
        return 1


show("init returns", Returns)


class NoHash:
    def __eq__(self, other):
        return True


print(NoHash.__hash__, NoHash() == 5, NoHash() != 5)
show("no hash", lambda: hash(NoHash()))
show("in a set", lambda: {NoHash()})
show("as a key", lambda: {NoHash(): 1})


class Order:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        print("lt", self.n, end="; ")
        return self.n < other.n

    def __ge__(self, other):
        print("ge", self.n, end="; ")
        return NotImplemented

    def __le__(self, other):
        print("le", self.n, end="; ")
        return NotImplemented


a, b = Order(1), Order(2)
show("a < b", lambda: a < b)
show("a > b", lambda: a > b)
show("a >= b", lambda: a >= b)
show("a < 3", lambda: Order(1) < 3)
show("3 < a", lambda: 3 < Order(1))


class Reflected(Order):
    def __gt__(self, other):
        print("sub gt", self.n, end="; ")
        return True


show("subclass first", lambda: Order(1) < Reflected(2))


class Bad:
    def __init__(self, kind):
        self.kind = kind

    def __bool__(self):
        return self.kind

    def __len__(self):
        return self.kind

    def __hash__(self):
        return self.kind

    def __repr__(self):
        return self.kind

    def __str__(self):
        return self.kind

    def __format__(self, spec):
        return self.kind

    def __bytes__(self):
        return self.kind


for kind in (1, "x", None, 1.5, b"q"):
    print("kind", repr(kind))
    for action in (bool, hash, repr, str, format, bytes, len):
        show("  " + action.__name__, lambda: action(Bad(kind)))


class Length:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


for n in (0, 2, -1, 2**70, True):
    show(f"len {n}", lambda: len(Length(n)))
    show(f"bool {n}", lambda: bool(Length(n)))
print(hash(True), hash(-1), hash(-2), hash(2**61 - 1), hash(1.0), hash(10**20) == hash(1e20))


class BigHash:
    def __hash__(self):
        return 2**61 + 5


print(hash(BigHash()), object.__eq__(1, 1), object.__eq__(1, 2), object.__ne__(p, p), object.__repr__(1)[:7])
