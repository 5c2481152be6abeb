"""The built-in functions, one after the other: what each gives, in its corners, and what each refuses."""


def attempt(text, **names):
    try:
        print(text, "->", eval(text, {**globals(), **names}))
    except Exception as error:
        print(text, "|", type(error).__name__, error)


class Abs:
    def __abs__(self):
        return "abs"

    def __round__(self, n="none"):
        return ("round", n)

    def __divmod__(self, other):
        return ("divmod", other)

    def __rdivmod__(self, other):
        return ("rdivmod", other)

    def __pow__(self, other, mod=None):
        return ("pow", other, mod)

    def __dir__(self):
        return ["z", "a"]

    def __reversed__(self):
        return "reversed"

    def __index__(self):
        return 10

    def __call__(self):
        return 7


a = Abs()
for text in ("abs(-5)", "abs(-2.5)", "abs(3+4j)", "abs(True)", "abs(a)", "abs('x')", "abs()",
             "all([])", "all([1, 0])", "any([])", "any([0, 'x'])", "all(5)", "any(x > 1 for x in [1, 2])",
             "ascii('é\\U0001F600')", "bin(-5)", "bin(a)", "bin(1.0)", "oct(8)", "oct('8')", "hex(-255)", "hex(a)",
             "callable(len)", "callable(5)", "callable(a)", "callable(int)",
             "chr(65)", "chr(0x10FFFF)", "chr(-1)", "chr(0x110000)", "chr('a')", "chr(a)", "ord('a')", "ord(b'a')", "ord('ab')", "ord('')", "ord(5)", "ord(bytearray(b'x'))",
             "divmod(7, -2)", "divmod(-7.5, 2)", "divmod(1, 0)", "divmod(a, 1)", "divmod(1, a)", "divmod('a', 1)", "divmod(1j, 1)",
             "dir(a)", "dir(5) == sorted(dir(int))",
             "list(enumerate('ab', 5))", "list(enumerate([], -1))", "enumerate(5)", "enumerate('a', 'b')", "next(enumerate('a', 10**30))",
             "list(filter(None, [0, 1, '', 'x']))", "list(filter(str.isdigit, 'a1'))", "filter(None)", "list(filter(5, [1]))",
             "format(5, '>5')", "format(5)", "format('x', 5)", "format([], 's')", "format(None, '')", "format(1.5, '.3')",
             "getattr(a, 'no', 'default')", "getattr(a, 'no')", "getattr(a, 5)", "getattr(5, 'real')", "hasattr(a, 'no')", "hasattr(5, 5)", "hasattr([], 'append')",
             "hash('a') == hash('a')", "hash([])", "hash((1, []))", "hash(1) == hash(1.0) == hash(True)", "hash(float('inf'))", "hash(-1)", "hash(2**61 - 1)", "hash(1j)", "hash(None) == hash(None)",
             "id(a) == id(a)", "isinstance(1, (str, int))", "isinstance(1, int | str)", "isinstance(1, 5)", "isinstance(1, (int, 5))", "isinstance('', (int, 5))", "isinstance([], list[int])", "isinstance(None, None | int)", "issubclass(bool, int)", "issubclass(5, int)", "issubclass(int, (str, (int,)))", "issubclass(int, ())",
             "iter([]).__class__.__name__", "iter(5)", "list(iter(iter([1, 2, 3]).__next__, 3))", "iter(5, 1)", "next(iter([]))", "next(iter([]), 'd')", "next([])", "next(iter([]), 1, 2)", "next(iter(a, 7), 'never')",
             "len(5)", "len('é')", "len({1: 2}.items())", "len(range(0, 10, 3))", "len(iter([]))",
             "list(map(max, [1, 5], [4, 2]))", "list(map(str, [1], [2]))", "map(str)", "list(map(None, [1]))", "list(map(lambda: 1, [1]))", "list(map(int, ['1', '2'], strict=True))", "list(map(pow, [1, 2], [3], strict=True))",
             "max(1, 2, 3)", "max([1], default=0)", "max([], default='d')", "max([])", "max('b', 'a', key=ord)", "max(1, 'a')", "min([3, 1, 2], key=lambda x: -x)", "min()", "min(1, 2, default=3)", "max([1, 1.0, True])", "min([True, 1, 1.0])", "max(5)", "min([1], key=5)",
             "pow(2, 10)", "pow(2, -1)", "pow(3, -1, 7)", "pow(2, -1, 4)", "pow(2, 3, 0)", "pow(2.0, 3, 5)", "pow(a, 2, 3)", "pow(-8, 1/3)", "pow(0, -1)", "pow(0, 0)", "pow(2, 3, -5)", "pow(base=2, exp=3, mod=5)", "pow('a', 2)",
             "reversed([1, 2]).__class__.__name__", "list(reversed(range(3)))", "reversed({1})", "reversed(a)", "list(reversed({'a': 1, 'b': 2}))", "reversed(5)", "''.join(reversed('abc'))",
             "round(2.5)", "round(3.5)", "round(-0.5)", "round(1234.5678, 2)", "round(1234, -2)", "round(1250, -2)", "round(1.5, None)", "round(a)", "round(a, 3)", "round('x')", "round(1.5, 1.5)", "round(float('nan'))", "round(float('inf'))", "round(1e308, -308)", "round(2.675, 2)", "round(10**20 + 1, -1)", "round(True, 1)",
             "sorted([3, 1], reverse=True)", "sorted('ba')", "sorted([1, 'a'])", "sorted([1], lambda: 1)", "sorted(5)", "sorted([2, 1], key=None)", "sorted({'b': 1, 'a': 2})",
             "sum([1, 2.5])", "sum([[1], [2]], [])", "sum(['a'], '')", "sum([b''], b'')", "sum([1], start=5)", "sum(['a'])", "sum(5)", "sum([0.1] * 10)", "sum([1e16, 1, -1e16])", "sum([1j, 2])", "sum([], 'x')", "sum([True, True])",
             "type(5).__name__", "type('X', (), {'a': 1}).a", "type('X', 5, {})", "type(1, 2)", "type('X', (5,), {})", "type('X\\0', (), {})", "type(5, (), {})",
             "vars(5)", "vars(type('V', (), {'q': 1})()) == {}", "list(zip('ab', [1, 2, 3]))", "list(zip())", "list(zip('ab', [1], strict=True))", "list(zip([1], 'ab', strict=True))", "zip(5)", "list(zip('a', strict=0))", "zip('a', foo=1)",
             "slice(1, 2)", "slice(1, 2, 3).indices(10)", "object()  == object()", "callable()", "input", "print(1, 2, sep='-', end='!\\n')", "print(sep=5)", "print(1, sep=None, end=None)", "print(1, foo=2)", "print(*'ab', sep='')", "__import__('math').floor(2.5)", "memoryview(b'ab')[0]", "frozenset('aa')", "complex('1+2j')", "complex('1 + 2j')", "bool([[]])", "bool()", "bytes(3)", "bytes([1, 256])", "bytes('a')", "bytearray(2)", "aiter(5)", "anext(5)", "super()", "super(int)", "classmethod(5).__func__", "staticmethod(len)([1])", "property().fget", "open('/nothing/there')", "compile('1 +', 'f', 'eval')", "compile('1', 'f', 'mode')", "compile('1', 'f', 'eval', 99999)", "eval('1\\n+1')", "eval('x = 1')", "exec('x = 1')", "exec(5)", "eval(5)", "delattr(a, 'x')", "setattr(a, 5, 1)", "setattr(5, 'x', 1)", "globals() is globals()", "locals().get('a') is a", "id()", "exit.__class__.__name__", "copyright.__class__.__name__"):
    attempt(text)
