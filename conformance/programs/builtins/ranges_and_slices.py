"""range and slice: as sequences, with huge numbers, comparisons, slicing of themselves, odd arguments."""


def attempt(text):
    try:
        print(text, "->", eval(text))
    except Exception as error:
        print(text, "|", type(error).__name__, error)


class Index:
    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n


big = 10**30
for text in ("range(5)", "range(2, 5)", "range(0, 10, 3)", "range(5, 0, -2)", "range(0)", "range(5, 2)", "range(Index(3))", "range(True)", "range(1.0)", "range('3')", "range()", "range(1, 2, 0)", "range(1, 2, 3, 4)", "range(stop=3)", "range(None)",
             "list(range(0, 10, 3))", "list(range(10, 0, -3))", "len(range(0, 10, 3))", "len(range(big))", "bool(range(big))", "range(big)[big - 1] == big - 1", "range(big)[-1] == big - 1", "range(0, big, 7).__len__()", "big - 1 in range(big)", "big in range(0, big + 1, 3)", "range(big).index(5)", "range(big)[5:big:big // 3]",
             "range(10)[2:8:2]", "range(10)[::-1]", "range(10)[-3:]", "range(0, 20, 3)[1:5]", "range(10)[20:]", "range(5)[5]", "range(5)[-6]", "range(5)['a']", "range(5)[1.0]", "range(5)[Index(2)]", "range(5)[None:2]",
             "3 in range(5)", "3.0 in range(5)", "2.5 in range(5)", "'a' in range(5)", "True in range(2)", "5 in range(5)", "-1 in range(5)", "4 in range(0, 10, 3)", "None in range(3)", "3+0j in range(5)",
             "range(3) == range(0, 3, 1)", "range(0) == range(5, 5)", "range(0, 3, 2) == range(0, 4, 2)", "range(3) == [0, 1, 2]", "hash(range(3)) == hash(range(0, 3))", "hash(range(0)) == hash(range(1, 1))", "range(3) < range(4)", "range(2) + range(3)", "range(2) * 2",
             "range(5).count(3)", "range(5).count(7)", "range(5).count('a')", "range(5).index(4)", "range(5).index(5)", "range(5).index('a')", "range(0, 10, 2).index(3)", "range(5).start, range(5).stop, range(5).step", "range(1, 9, 2)[1:3].start", "list(reversed(range(0, 7, 2)))", "max(range(5)), min(range(5)), sum(range(5))", "iter(range(3)).__length_hint__()", "iter(range(big)).__length_hint__()", "next(iter(range(big, big + 2))) == big", "repr(range(big, big))", "range(3).__reduce__()", "iter(range(5)).__reduce__()[1]", "range(5).__contains__(2)", "range(-5, 5)[7]", "isinstance(range(1), object)", "range(3).x", "setattr(range(3), 'start', 1)", "type('R', (range,), {})",
             "slice(5)", "slice(1, None, -1)", "slice(1, 2, 3) == slice(1, 2, 3)", "slice(1) < slice(2)", "slice('a', [], ...)", "slice()", "slice(1, 2, 3, 4)", "slice(None, None, -1).indices(5)", "slice(-2, 100).indices(5)", "slice(10, -10, -2).indices(5)", "slice(0, big).indices(5)", "slice(0, 5).indices(big)", "slice(0, 5, 0).indices(3)", "slice(0).indices(-1)", "slice(1.0).indices(3)", "slice(Index(1), Index(4)).indices(3)", "hash(slice(1)) == hash(slice(1))", "hash(slice([]))", "{slice(1): 2}[slice(1)]", "slice(1).start", "slice(3).__reduce__()", "copy.copy(slice(1, [2]))", "[1, 2, 3][slice(1, None)]", "'abcdef'[slice(None, None, 2)]", "[1, 2, 3][::big]", "[1, 2, 3][:-big]", "[1, 2, 3][big:]", "'abc'[::-1]", "(1, 2, 3)[-2:]", "b'abc'[1:][0]", "[1, 2][::0]", "[1, 2]['a':]", "[1, 2][1.5:]", "'abc'[Index(1):]"):
    attempt(text.replace("copy.copy", "__import__('copy').copy"))
