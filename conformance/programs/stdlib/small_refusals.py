"""Refusals of the library and the import system that are seldom met, each with its words."""

import array
import collections
import collections.abc
import sys


def refused(function, *arguments):
    try:
        print(function(*arguments))
    except Exception as error:
        print(type(error).__name__, error)


print(isinstance(array.array("i"), collections.abc.MutableSequence), issubclass(array.array, collections.abc.Sequence))


def change(how):
    ordered = collections.OrderedDict.fromkeys("abc")
    for key in ordered:
        how(ordered, key)


refused(change, lambda d, k: d.update({k + "x": 1}))
refused(change, lambda d, k: d.__delitem__(k))
refused(change, lambda d, k: d.move_to_end(k))
refused(change, lambda d, k: d.clear())

refused("a".encode, "utf-8", "a\0")
refused("a".encode, "utf-8\0")
refused("a".encode, "\udc80")
refused("a".encode, "latin-1", "\udc80")
refused(b"a".decode, "a\0")
refused(str, b"a", "utf-8", "a\0")

sys.modules["gone"] = None
refused(__import__, "gone")
refused(__import__, "gone.part")
refused(exec, "from gone import part")
kept, sys.meta_path = sys.meta_path, None
refused(__import__, "nowhere")
sys.meta_path = kept
refused(__import__, "nowhere")


# What a list does in place comes after what only the other operand knows.
class Added:
    def __radd__(self, other):
        return "added to", other

    def __rmul__(self, other):
        return "multiplied", other

    def __iter__(self):
        return iter("xy")


class Own(list):
    def __iadd__(self, other):
        return "own", other.__class__.__name__


for value in [1], bytearray(b"1"), array.array("b", [1]), collections.deque([1]), Own(), collections.UserList([1]):
    kept = value
    value += Added()
    print(value, kept is value)
value = [1]
value *= Added()
print(value)
value = [1]
value += collections.UserList([2])
print(type(value).__name__, value)
value = [1]
value += (2,)
print(value)
