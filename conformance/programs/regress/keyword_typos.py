"""Misspelt keyword arguments: the message names the parameter meant."""

import collections


def attempt(action):
    try:
        print(action())
    except TypeError as error:
        print(error)


def paint(colour, /, width, *, opacity=1, layer=0):
    return colour, width, opacity, layer


Point = collections.namedtuple("Point", "across down")


class Shape:
    def __init__(self, corners):
        self.corners = corners

    @classmethod
    def named(cls, label):
        return label


attempt(lambda: paint("red", widht=1))
attempt(lambda: paint("red", 1, opacty=1))
attempt(lambda: paint("red", 1, unrelated=1))
attempt(lambda: paint(colour="red", width=1))
attempt(lambda: paint("red", 1, color="blue"))
attempt(lambda: Point(1, dwn=2))
attempt(lambda: Shape(corner=3))
attempt(lambda: Shape.named(lable=3))
attempt(lambda: print(1, sepp=""))
attempt(lambda: sorted([1], keyy=None))
attempt(lambda: [].sort(revers=True))
attempt(lambda: max([1], ky=None))
attempt(lambda: int("1", bas=2))
attempt(lambda: "a b".split(sepp=" "))
attempt(lambda: zip([1], stric=True))
attempt(lambda: sum([1], strt=2))
