"""fractions and numbers: exact arithmetic, conversions, formatting, comparisons, the numeric tower."""
from fractions import Fraction as F
import math
import numbers


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


print([F(x) for x in (0, -3, 2.5, 0.1, "3/7", " -2/4 ", "1.25", "1e-3", "-.5", "7_0/1_4", True)], F(6, -4), F(F(1, 2), F(3, 4)), F(), F(0, 5))
a, b = F(3, 4), F(-5, 6)
print(a + b, a - b, a * b, a / b, a // b, a % b, divmod(a, b), -a, +b, abs(b), a ** 2, a ** -2, b ** 3, F(4, 9) ** F(1, 2), 2 ** F(1, 2), 2 ** F(3), F(1, 2) ** 1.5)
print(a + 1, 1 - a, a * 0.5, 2 / a, a + 1j, 7 // b, 7 % b, divmod(7, b), 1.5 // a, sum([a, b, F(1, 12)]), math.prod([a, b]))
print(a < b, a == 0.75, a == F(6, 8), F(1, 3) == 1 / 3, a > 0.7, F(1, 2) == 0.5 + 0j, F(1) == 1, hash(a) == hash(0.75), hash(F(10**30)) == hash(10**30), F(1, 2) < float("nan"), F(1, 2) < float("inf"), a in {0.75})
print(int(F(-7, 2)), float(a), bool(F(0)), complex(a), math.floor(b), math.ceil(b), math.trunc(b), round(F(5, 2)), round(F(7, 2)), round(F(22, 7), 3), round(F(1234), -2), str(a), repr(a), str(F(5)))
print(a.numerator, a.denominator, b.as_integer_ratio(), F(5).is_integer(), F("3.1415926535").limit_denominator(1000), F(math.pi).limit_denominator(10), F.from_float(0.3), F.from_float(3), a.conjugate(), a.real, a.imag)
for spec in ("", ".3f", "10", "<10", "+", "e", ".2e", "%", ",.1f", "08.2f", "g", ".3g", "_", "#", "z.1f", ">+12.4f", "x", "s", "d"):
    try:
        print(spec, f"|{F(-22, 7):{spec}}|{F(1000000):{spec}}|", end=" ")
    except ValueError as error:
        print(spec, error, end=" ")
print()
for call in (lambda: F(1, 0), lambda: F("1/0"), lambda: F("x"), lambda: F("1/"), lambda: F("1 /2"), lambda: F("1/-2"), lambda: F(""), lambda: F(float("nan")), lambda: F(float("inf")), lambda: F(1.5, 2), lambda: F("1", "2"), lambda: F(None), lambda: F(1j), lambda: F([1]), lambda: a / 0, lambda: a // 0, lambda: a % F(0), lambda: F(0) ** -1, lambda: a + "1", lambda: a < "1", lambda: a < 1j, lambda: F.from_float("x"), lambda: a.limit_denominator(0), lambda: setattr(a, "numerator", 5), lambda: pow(a, 2, 3), lambda: round(a, 1.5)):
    attempt(call)
print([isinstance(x, k) for x in (1, 1.5, 1j, F(1), True, "1") for k in (numbers.Number, numbers.Complex, numbers.Real, numbers.Rational, numbers.Integral)])


class Meters(numbers.Real):
    def __init__(self, v):
        self.v = v

    def __float__(self):
        return float(self.v)

    for name in "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow eq lt le".split():
        exec(f"def __{name}__(self, other): return ('{name}', other)")
    for name in "neg pos abs trunc floor ceil hash round".split():
        exec(f"def __{name}__(self, *args): return 5")


m = Meters(2)
print(complex(m), m.real, m.imag, m.conjugate(), divmod(m, 2), bool(m), divmod(3, m), F(1, 2) + m, m - F(1, 2))
