"""Matrices and polynomials with operators, slices and generics: elimination, determinants, powers, products, roots."""
import cmath
import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Self, overload


class Matrix[T]:
    __slots__ = '_rows',
    __match_args__ = 'rows', 'columns'

    def __init__(self, rows: Iterable[Iterable[T]]):
        self._rows = tuple(map(tuple, rows))
        if len({len(row) for row in self._rows}) > 1:
            raise ValueError('rows of different lengths')

    @property
    def rows(self) -> int:
        return len(self._rows)

    @property
    def columns(self) -> int:
        return len(self._rows[0]) if self._rows else 0

    @classmethod
    def identity(cls, size: int) -> Self:
        return cls([[int(i == j) for j in range(size)] for i in range(size)])

    @classmethod
    def of(cls, rows: int, columns: int, make: Callable[[int, int], T]) -> Self:
        return cls((make(i, j) for j in range(columns)) for i in range(rows))

    @overload
    def __getitem__(self, key: tuple[int, int]) -> T: ...
    @overload
    def __getitem__(self, key: tuple[slice, slice]) -> Self: ...
    def __getitem__(self, key):
        match key:
            case int(), int():
                return self._rows[key[0]][key[1]]
            case (slice() as down, slice() as across):
                return type(self)(row[across] for row in self._rows[down])
            case (slice() as down, int(column)):
                return [row[column] for row in self._rows[down]]
            case (int(row), slice() as across):
                return list(self._rows[row][across])
            case int():
                return list(self._rows[key])
        raise TypeError(f'indices {key!r}')

    def __iter__(self):
        return itertools.chain.from_iterable(self._rows)

    def __eq__(self, other):
        return self._rows == other._rows if isinstance(other, Matrix) else NotImplemented

    def __hash__(self):
        return hash(self._rows)

    def map(self, function, *others):
        return type(self)(map(function, *rows) for rows in zip(self._rows, *(other._rows for other in others), strict=True))

    def __add__(self, other):
        return self.map(operator.add, other) if isinstance(other, Matrix) else NotImplemented

    def __sub__(self, other):
        return self + -other

    def __neg__(self):
        return self.map(operator.neg)

    def __mul__(self, factor):
        return NotImplemented if isinstance(factor, Matrix) else self.map(lambda item: item * factor)

    __rmul__ = __mul__

    def __matmul__(self, other):
        if self.columns != other.rows:
            raise ValueError(f'{self.rows}×{self.columns} @ {other.rows}×{other.columns}')
        across = list(zip(*other._rows))
        return type(self)([sum(map(operator.mul, row, column)) for column in across] for row in self._rows)

    def __pow__(self, exponent, modulus=None):
        result, base = self.identity(self.rows), self if exponent >= 0 else self.inverse()
        exponent = abs(exponent)
        while exponent:
            if exponent & 1:
                result = result @ base
            base = base @ base
            exponent >>= 1
            if modulus:
                result, base = (one.map(lambda item: item % modulus) for one in (result, base))
        return result

    def __invert__(self):
        return type(self)(zip(*self._rows))

    def eliminated(self):
        rows = [list(map(Fraction, row)) for row in self._rows]
        sign, at = 1, 0
        for column in range(self.columns):
            pivot = next((i for i in range(at, len(rows)) if rows[i][column]), None)
            if pivot is None:
                continue
            if pivot != at:
                rows[at], rows[pivot], sign = rows[pivot], rows[at], -sign
            for i in range(len(rows)):
                if i != at and rows[i][column]:
                    factor = rows[i][column] / rows[at][column]
                    rows[i] = [a - factor * b for a, b in zip(rows[i], rows[at])]
            at += 1
            if at == len(rows):
                break
        return type(self)(rows), at, sign

    @property
    def determinant(self):
        reduced, rank, sign = self.eliminated()
        return math.prod((reduced[i, i] for i in range(self.rows)), start=sign) if rank == self.rows else 0

    def inverse(self):
        wide = type(self)(row + one for row, one in zip(self._rows, self.identity(self.rows)._rows))
        reduced, rank, _ = wide.eliminated()
        if any(not reduced[i, i] for i in range(self.rows)):
            raise ZeroDivisionError('singular matrix')
        return type(self)([item / row[i] for item in row[self.rows:]] for i, row in enumerate(reduced._rows))

    def __format__(self, spec):
        cells = [[format(item, spec) for item in row] for row in self._rows]
        width = max(map(len, itertools.chain(*cells)), default=0)
        return '\n'.join('[' + ' '.join(cell.rjust(width) for cell in row) + ']' for row in cells)

    __str__ = functools.partialmethod(__format__, '')

    def __repr__(self):
        return f'{type(self).__name__}({[list(row) for row in self._rows]})'


class Polynomial(Sequence):
    def __init__(self, *terms):
        while terms and not terms[-1]:
            terms = terms[:-1]
        self.terms = terms

    def __getitem__(self, index):
        return self.terms[index]

    def __len__(self):
        return len(self.terms)

    def __call__(self, x):
        return functools.reduce(lambda sum, term: sum * x + term, reversed(self.terms), 0)

    def __add__(self, other):
        return Polynomial(*map(sum, itertools.zip_longest(self, other, fillvalue=0)))

    def __mul__(self, other):
        terms = [0] * (len(self) + len(other))
        for (i, a), (j, b) in itertools.product(enumerate(self), enumerate(other)):
            terms[i + j] += a * b
        return Polynomial(*terms)

    def __divmod__(self, other):
        left, quotient = list(self), [0] * max(1, len(self) - len(other) + 1)
        while len(left) >= len(other):
            factor, at = Fraction(left[-1], other[-1]), len(left) - len(other)
            quotient[at] = factor
            for i, term in enumerate(other):
                left[at + i] -= factor * term
            left.pop()
        return Polynomial(*quotient), Polynomial(*left)

    def derived(self):
        return Polynomial(*[n * term for n, term in enumerate(self)][1:])

    def roots(self, steps=200):
        """Durand and Kerner's way, all at once."""
        degree, monic = len(self) - 1, [term / self[-1] for term in self]
        found = [(0.4 + 0.9j) ** n for n in range(degree)]
        for _ in range(steps):
            for n, root in enumerate(found):
                others = math.prod((root - other for m, other in enumerate(found) if m != n), start=1)
                found[n] = root - Polynomial(*monic)(root) / others
        return sorted(found, key=lambda root: (round(root.real, 6), round(root.imag, 6)))

    def __str__(self):
        parts = [f'{"-" if term < 0 else "+"} {abs(term) if abs(term) != 1 or not n else ""}{["", "x"][n > 0]}{f"^{n}" if n > 1 else ""}' for n, term in enumerate(self) if term]
        return ' '.join(reversed(parts)).removeprefix('+ ') or '0'


a = Matrix([[2, 1, 0], [1, 3, 1], [0, 1, 4]])
print(a, a.determinant, a @ a.inverse() == Matrix.identity(3), sep='\n')
print(f'{a.inverse():.3f}', ~(a @ Matrix([[1, 2]] * 3)), sep='\n')
print((Matrix([[1, 1], [1, 0]]) ** 90)[0, 1], pow(Matrix([[1, 1], [1, 0]]), 10**18, 10**9 + 7)[0, 1], Matrix([[2, 0], [0, 4]]) ** -2)
print(a[1], a[:, 2], a[1, ::2], a[:2, 1:], a[-1, -1], sum(a), max(a), 4 in a, hash(a) == hash(Matrix(a[i] for i in range(3))))
print((a - a).map(bool), 2 * a == a * 2 == a + a, len({a, a + a, a * 2}), Matrix.of(2, 3, complex))
for bad in (lambda: a @ Matrix([[1]]), lambda: Matrix([[1], [1, 2]]), lambda: Matrix([[1, 2], [2, 4]]).inverse(), lambda: a + 1, lambda: a['x'], lambda: a * a, lambda: a + Matrix([[1]])):
    try:
        print(bad())
    except (ValueError, TypeError, ZeroDivisionError) as error:
        print(f'{type(error).__name__}: {error}')
p = Polynomial(-6, 11, -6, 1)
print(p, '|', p.derived(), '|', p + Polynomial(6, 1), '|', p * Polynomial(1, 1), '|', *divmod(p, Polynomial(-1, 1)), [p(x) for x in range(5)], len(p), list(reversed(p)), p.index(11))
print([f'{root:.4f}' for root in p.roots()], [f'{abs(root):.3f}∠{math.degrees(cmath.phase(root)):.0f}' for root in Polynomial(-1, 0, 0, 0, 1).roots()])
match a:
    case Matrix(3, columns):
        print('three rows', columns, Matrix.__type_params__, Matrix[int])
