# Which alternatives of a union are the same: what has a hash is compared with what has the same hash, and what has none with what has none.
import typing


class Bare:
    __hash__ = None

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other

    def __repr__(self):
        return f"{type(self).__name__}({self.value})"

    def __call__(self):
        pass


class Hashed(Bare):
    def __hash__(self):
        return hash(self.value)


class Refusing(Bare):
    def __hash__(self):
        raise ValueError("no hash today")


e = Refusing(int)
a, b, c, d = Bare(int), Bare(int), Hashed(int), Hashed(str)
for members in ((int, a), (a, int), (a, a), (a, b), (a, Bare(5)), (int, a, int), (int, c), (c, int), (c, d, int), (a, int, b, str, a), (c, Hashed(int)), (None, type(None), int), (a, None, b), (e, e), (int, e), (e, a), (a, e, int)):
    try:
        print(members, "are", typing.Union[members])
    except Exception as error:
        print(members, type(error).__name__, error)
print(typing.Union[int, a] == typing.Union[a, int], typing.Union[int, str] == typing.Union[str, int])
try:
    hash(typing.Union[int, a])
except TypeError as error:
    print(error)
