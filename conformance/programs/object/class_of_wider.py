"""`__class__` of an object becomes a class whose methods set more attributes."""


class Plain:
    def __init__(self):
        self.a = 1
        self.b = 2
        self.c = 3
        self.d = 4


class Wide(Plain):
    def more(self):
        self.e, self.f, self.g, self.h, self.i = "efghi"
        return self


class Wider(Wide):
    def most(self):
        self.j, self.k, self.l, self.m, self.n = "jklmn"
        return self


thing = Plain()
thing.__class__ = Wide
print(type(thing).__name__, thing.more().__dict__)
thing.__class__ = Wider
print(type(thing).__name__, thing.most().__dict__)
other = Wider().more().most()
print(vars(other) == vars(thing), sorted(vars(other)) == sorted(vars(thing)))
many = [Wide().more() for _ in range(100)]
print({tuple(vars(one).values()) for one in many})
del thing.a, thing.n
thing.z = 26
print(thing.__dict__)
thing.__class__ = Plain
print(type(thing).__name__, thing.k, hasattr(thing, "more"))

import io
import zipfile

packed = zipfile.ZipFile(io.BytesIO(), "w")
packed.writestr("a/b.txt", "one")
packed.writestr("c.txt", "two")
root = zipfile.Path(packed, "")
print(sorted(child.name for child in root.iterdir()))
print((root / "a" / "b.txt").read_text())


def change(class_, bases):
    try:
        class_.__bases__ = bases
    except TypeError as error:
        print(error)


class Slotted:
    __slots__ = ("x",)


for bases in [(int,), (str,), (list,), (dict,), (Exception,), (type,), (), 3, (3,)]:
    change(Plain, bases)
change(Wide, (Slotted,))
change(Wide, (Wider,))
change(int, (str,))
