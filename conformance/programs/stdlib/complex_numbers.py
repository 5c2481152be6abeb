"""Complex numbers: roots of polynomials, a Fourier transform, and the corner cases."""

import math
import random


def evaluate(coefficients, z):
    value = 0
    for coefficient in coefficients:
        value = value * z + coefficient
    return value


def roots(coefficients, steps=200):
    """All roots at once (Durand and Kerner)."""
    lead = coefficients[0]
    monic = [c / lead for c in coefficients]
    guesses = [(0.4 + 0.9j) ** n for n in range(len(monic) - 1)]
    for _ in range(steps):
        for i, guess in enumerate(guesses):
            product = math.prod((guess - other for j, other in enumerate(guesses) if j != i), start=1 + 0j)
            guesses[i] = guess - evaluate(monic, guess) / product
    return sorted(guesses, key=lambda z: (round(z.real, 9), round(z.imag, 9)))


def unit(angle):
    return complex(math.cos(angle), math.sin(angle))


def fourier(values, sign=-1):
    size = len(values)
    if size == 1:
        return list(values)
    even, odd = fourier(values[::2], sign), fourier(values[1::2], sign)
    turned = [unit(sign * 2 * math.pi * k / size) * value for k, value in enumerate(odd)]
    return [a + b for a, b in zip(even, turned)] + [a - b for a, b in zip(even, turned)]


def multiply(a, b):
    """The product of two numbers given as digits, by transforms."""
    size = 1 << (len(a) + len(b)).bit_length()
    spectrum = [x * y for x, y in zip(*(fourier([int(d) for d in reversed(n)] + [0] * (size - len(n))) for n in (a, b)))]
    return sum(round((z / size).real) * 10**k for k, z in enumerate(fourier(spectrum, 1)))


def show(z, digits=6):
    real, imag = round(z.real, digits) + 0.0, round(z.imag, digits) + 0.0
    return f"{real:+.{digits}f}{imag:+.{digits}f}i"


def arithmetic():
    z, w = 3 + 4j, complex(1, -2)
    print(z + w, z - w, z * w, z / w, z**2, z**-1, -z, +w, abs(z), z.conjugate(), z.real, w.imag, z == 3 + 4j, z != w, 1j * 1j, 2j**2)
    print(complex("1+2j"), complex("-j"), complex(" 3.5 "), complex("1e3-2.5e-1j"), complex(2), complex("inf"), complex(1.5, -0.0), complex(), repr(-0j), 1 - 0j, complex(-0.0, 0.0))
    print(5 == 5 + 0j, hash(5) == hash(5 + 0j), {2: "two"}[2 + 0j], bool(0j), bool(1e-300j), sum([1j, 2, 0.5]), 1j.imag, (1).real, True + 1j, 0.1 + 0.2j)
    print(f"{z:.2f} {z:>12} {1e20 + 1e-7j:g} {w:+.1e}", str(1e16j), 1e300 * (1e10 + 1j), complex(math.inf, math.nan), complex(math.nan, -1) == complex(math.nan, -1))
    print(pow(2, 0.5j), (-8) ** (1 / 3), 0j**0, (1 + 1j) ** 10, pow(1j, 2.0), (-1) ** 0.5)
    for attempt in (lambda: z < w, lambda: 1j // 2, lambda: 1j % 2, lambda: int(z), lambda: float(z), lambda: z / 0, lambda: 0j ** -1, lambda: complex("1 + 2j"), lambda: complex("x"), lambda: math.sqrt(z), lambda: complex(1, "2"), lambda: setattr(z, "real", 1), lambda: divmod(z, 1), lambda: pow(z, 2, 3), lambda: f"{z:d}", lambda: abs(1e308 + 1e308j * 2)):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")


def main():
    for coefficients in ([1, -6, 11, -6], [1, 0, 0, 0, -1], [2, 3, 4, 5, 6], [1, 0, 1], [1, -2, 1j]):
        found = roots(coefficients)
        print(coefficients, "->", *map(show, found), "| good:", all(abs(evaluate(coefficients, z)) < 1e-6 for z in found))
    random.seed(5)
    signal = [math.sin(2 * math.pi * 3 * n / 64) + 0.5 * math.cos(2 * math.pi * 10 * n / 64) for n in range(64)]
    spectrum = fourier(signal)
    print("peaks:", [(k, round(abs(z), 6)) for k, z in enumerate(spectrum) if abs(z) > 1])
    back = [z / 64 for z in fourier(spectrum, 1)]
    print("back:", max(abs(a - b) for a, b in zip(signal, back)) < 1e-12)
    a, b = "".join(random.choices("123456789", k=40)), "9" * 25
    print(a, "*", b, "=", multiply(a, b), multiply(a, b) == int(a) * int(b))
    arithmetic()


main()
