"""Matrices: products, powers, determinants and inverses, exact and approximate."""

import math
import operator


class Matrix:
    __slots__ = ("rows",)

    def __init__(self, rows):
        self.rows = [list(row) for row in rows]
        widths = {len(row) for row in self.rows}
        if len(widths) != 1:
            raise ValueError(f"rows of different lengths: {sorted(widths)}")

    @classmethod
    def identity(cls, size):
        return cls([[int(i == j) for j in range(size)] for i in range(size)])

    @classmethod
    def build(cls, height, width, function):
        return cls([[function(i, j) for j in range(width)] for i in range(height)])

    @property
    def shape(self):
        return len(self.rows), len(self.rows[0])

    @property
    def transposed(self):
        return Matrix(zip(*self.rows))

    def __getitem__(self, key):
        match key:
            case int(i), int(j):
                return self.rows[i][j]
            case slice() as i, slice() as j:
                return Matrix(row[j] for row in self.rows[i])
            case int(i):
                return tuple(self.rows[i])
        raise TypeError(f"bad index {key!r}")

    def __matmul__(self, other):
        if not isinstance(other, Matrix):
            return NotImplemented
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"shapes {self.shape} and {other.shape} do not fit")
        columns = list(zip(*other.rows))
        return Matrix(
            [sum(map(operator.mul, row, column)) for column in columns] for row in self.rows
        )

    def __add__(self, other):
        return Matrix([map(operator.add, a, b) for a, b in zip(self.rows, other.rows, strict=True)])

    def __mul__(self, factor):
        return Matrix([[factor * x for x in row] for row in self.rows])

    __rmul__ = __mul__

    def __pow__(self, exponent, modulus=None):
        result, base = Matrix.identity(len(self.rows)), self
        while exponent:
            if exponent & 1:
                result = result @ base
            base = base @ base
            if modulus is not None:
                result, base = result % modulus, base % modulus
            exponent >>= 1
        return result

    def __mod__(self, modulus):
        return Matrix([[x % modulus for x in row] for row in self.rows])

    def __eq__(self, other):
        return isinstance(other, Matrix) and self.rows == other.rows

    def __hash__(self):
        return hash(tuple(map(tuple, self.rows)))

    def __str__(self):
        cells = [[f"{x:g}" if isinstance(x, float) else str(x) for x in row] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*cells)]
        return "\n".join(
            "[" + "  ".join(f"{c:>{w}}" for c, w in zip(row, widths)) + "]" for row in cells
        )

    def trace(self):
        return sum(self[i, i] for i in range(len(self.rows)))

    def determinant(self):
        """Exact for integers: elimination without fractions."""
        rows = [row[:] for row in self.rows]
        size, sign, previous = len(rows), 1, 1
        for k in range(size - 1):
            if rows[k][k] == 0:
                swap = next((i for i in range(k + 1, size) if rows[i][k]), None)
                if swap is None:
                    return 0
                rows[k], rows[swap] = rows[swap], rows[k]
                sign = -sign
            for i in range(k + 1, size):
                for j in range(k + 1, size):
                    value = rows[i][j] * rows[k][k] - rows[i][k] * rows[k][j]
                    rows[i][j] = value // previous
            previous = rows[k][k]
        return sign * rows[-1][-1]

    def inverse(self):
        size = len(self.rows)
        rows = [[*map(float, row), *(float(i == j) for j in range(size))]
                for i, row in enumerate(self.rows)]
        for k in range(size):
            pivot = max(range(k, size), key=lambda i: abs(rows[i][k]))
            if rows[pivot][k] == 0.0:
                raise ZeroDivisionError("the matrix has no inverse")
            rows[k], rows[pivot] = rows[pivot], rows[k]
            rows[k] = [x / rows[k][k] for x in rows[k]]
            for i in range(size):
                if i != k and (factor := rows[i][k]):
                    rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
        return Matrix(row[size:] for row in rows)


def main():
    a = Matrix([[1, 2, 3], [4, 5, 6]])
    b = a.transposed
    print(a, b, a @ b, b @ a, sep="\n\n")
    print()
    print(2 * a + a * 3, a[1], a[0, 2], a[:, 1:].rows)

    fibonacci = Matrix([[1, 1], [1, 0]])
    print("F(300) =", (fibonacci**300)[0, 1])
    print("F(10**12) mod 10**9+7 =", pow(fibonacci, 10**12, 10**9 + 7)[0, 1])

    square = Matrix.build(6, 6, lambda i, j: (i * 7 + j * j * 3 + i * j) % 11 - 5)
    print(square)
    print("determinant", square.determinant(), "trace", square.trace())
    product = square @ square.inverse()
    error = max(abs(product[i, j] - (i == j)) for i in range(6) for j in range(6))
    print("inverse is good:", error < 1e-12)

    big = Matrix.build(60, 60, lambda i, j: math.sin(i * 60 + j))
    other = Matrix.build(60, 60, lambda i, j: 1 / (1 + i + j))
    result = big @ other
    print(f"{result.trace():.12f} {result[17, 42]:.12f} {sum(map(sum, result.rows)):.9f}")
    exact = Matrix.build(40, 40, lambda i, j: (i - j) ** 3) ** 5
    print("exact trace:", exact.trace(), "equal copies:", exact == Matrix(exact.rows))

    for attempt in (
        lambda: a @ a,
        lambda: a @ 3,
        lambda: Matrix([[1], [2, 3]]),
        lambda: Matrix([[1, 2], [2, 4]]).inverse(),
        lambda: a["x"],
        lambda: a[5, 0],
        lambda: a + b,
    ):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


main()
