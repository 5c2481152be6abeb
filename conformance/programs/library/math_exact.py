"""math and cmath: exact integers, special values of every function, domains and ranges refused."""
import cmath
import math

inf, nan = math.inf, math.nan


def attempt(name, function, *args):
    try:
        value = function(*args)
        print(name, args, "->", repr(value))
    except Exception as error:
        print(name, args, "|", type(error).__name__, error)


for name in ("ceil", "floor", "trunc", "sqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "gamma", "lgamma", "erf", "erfc", "degrees", "radians", "fabs", "frexp", "modf", "isfinite", "isinf", "isnan", "ulp", "isqrt", "factorial"):
    for x in (0, -0.0, 1, -1, 0.5, inf, -inf, nan, 1e308, True, "x"):
        try:
            value = getattr(math, name)(x)
            print(name, x, round(value, 12) if isinstance(value, float) and math.isfinite(value) and abs(value) < 1e15 else value, end="; ")
        except Exception as error:
            print(name, x, type(error).__name__, error, end="; ")
    print()
for name, argument_lists in {"pow": [(2, 0.5), (0, 0), (-8, 1 / 3), (0, -1), (inf, 0), (1, nan), (-inf, 3), (10, 400)], "atan2": [(0, -1), (-0.0, -1), (inf, inf)], "fmod": [(5, 3), (-5, 3), (5, inf), (inf, 3), (1, 0)], "remainder": [(5, 3), (7, 2), (1, 0)], "copysign": [(1, -0.0)], "ldexp": [(0.5, 3), (1, 5000), (1, -5000), (1.0, 2.0)], "hypot": [(), (3, 4), (inf, nan)], "dist": [([1, 2], [4, 6]), ([1], [1, 2])], "gcd": [(), (12, -18), (0, 0), (2**100, 6**50), (1.5, 2)], "lcm": [(), (4, 6), (0, 5)], "comb": [(5, 2), (5, 9), (-1, 2), (100, 50)], "perm": [(5,), (5, 2), (5, -1)], "isqrt": [(10**40,), (-1,), (2.0,)], "factorial": [(20,), (-1,), (2.5,)], "prod": [([],), ([2, 3.5],), (["a", 2],)], "fsum": [([0.1] * 10,), ([1e308, 1e308, -1e308],), ([inf, -inf],)], "isclose": [(1, 1 + 1e-10), (0, 1e-12), (inf, inf)], "nextafter": [(1, 2), (0, -1), (1, inf)], "log": [(8, 2), (10**400,), (0,), (-1,), (2, 1), (8, 0)], "sumprod": [([1, 2], [3, 4]), ([0.1], [3])], "fma": [(2, 3, 4), (inf, 0, 1), (1e308, 10, 0)], "ceil": [(10**30,), (-0.5,)], "floor": [(1e300,)]}.items():
    for args in argument_lists:
        attempt(name, getattr(math, name), *args)
print(math.pi, math.e, math.tau, math.inf, math.nan)
for name in ("sqrt", "exp", "log", "sin", "cosh", "tan", "asin", "acosh", "atanh", "phase", "polar", "isfinite", "isnan", "isinf"):
    for z in (0, 1j, -1, complex(-1, -0.0), complex(inf, 1), complex(nan, 0)):
        try:
            value = getattr(cmath, name)(z)
            parts = value if isinstance(value, (tuple, bool, float)) else (round(value.real, 10), round(value.imag, 10))
            print(name, z, parts, end="; ")
        except Exception as error:
            print(name, z, type(error).__name__, error, end="; ")
    print()
print(cmath.rect(2, math.pi / 2).imag, cmath.isclose(1 + 1j, 1 + 1j + 1e-12), cmath.log(8, 2).real, cmath.infj, cmath.nanj, cmath.tau)
