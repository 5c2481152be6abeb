"""math, statistics, fractions, decimal, random's pure parts."""
import cmath, decimal, fractions, math, statistics
from decimal import Decimal as D
from fractions import Fraction as F

CASES = r"""
F(1, 3), F('3/6'), F('0.125'), F(0.5), F(5), F('1e-3'), F(D('1.1')), F(-3, -6), F(F(1, 2), F(3, 4)), F(' -7/2 '), F('1_000/3')
F(1, 0)
F('x')
F(1.5, 2)
F(float('nan'))
F(1, 3) + F(1, 6), F(1, 2) * 4, F(7, 3) // 1, F(7, 3) % 1, -F(7, 3) // 2, divmod(F(7, 2), F(3, 2)), F(1, 2) ** 2, F(4, 9) ** F(1, 2), F(1, 2) ** -2, 2 ** F(1, 2), F(1, 2) + 0.5, F(1, 2) + 1j, F(1, 3) == 1 / 3, F(1, 2) < 0.6, hash(F(1, 2)) == hash(0.5), abs(F(-1, 2)), +F(1), bool(F(0)), 1 / F(3)
F(22, 7).limit_denominator(5), F(math.pi).limit_denominator(1000), round(F(5, 2)), round(F(7, 3), 2), math.floor(F(-7, 2)), math.ceil(F(7, 2)), math.trunc(F(-7, 2)), int(F(7, 2)), float(F(1, 3)), F(1, 3).as_integer_ratio(), str(F(3)), repr(F(1, 2)), F(3).is_integer(), F.from_float(0.25), F.from_decimal(D('0.5')), f'{F(1, 3):.3f}', f'{F(22, 7):>10}', f'{F(1, 3):e}', F(1, 2).numerator
F(1) / 0
F(0) ** -1
D('1.1') + D('2.2'), D(1) / D(3), D('1.10') * 2, D(7) // D(2), D(-7) // D(2), D(-7) % D(3), D('1E+3'), D('1.0') == D('1'), D('0.1') + D('0.2') == D('0.3'), D(2) ** 10, D(2).sqrt(), D(1.1), D('NaN'), D('-Infinity'), D((0, (1, 2, 3), -2)), D('1_0.5'), -D('0'), abs(D('-1.50')), D('1.50').normalize(), D('123.456').quantize(D('0.01')), D('2.5').to_integral_value(), D('1e400')
D('x')
D(1) / 0
D(0) / 0
D('NaN') > 1
D('sNaN') + 1
D(1.5) + 1.5
D(1) + F(1)
D('1.23').as_tuple(), D('1.25').as_integer_ratio(), D('1.5').is_finite(), D('1E+3').to_eng_string(), str(D('1E+3')), f'{D("1234.567"):,.2f}', f'{D("0.000001"):g}', f'{D(5):>6}', D('3.14').exponent() if hasattr(D, 'exponent') else D('3.14').adjusted(), D(10).log10(), D(1).exp(), D('1.5').compare(D(2)), D(5).max(D(7)), round(D('2.675'), 2), round(D('2.5')), int(D('3.9')), float(D('1.5')), hash(D(1)) == hash(1), D('1.1').copy_sign(D(-1)), D(12).logical_and(D(10)) if 0 else None, D(7).fma(2, 3), D(5).remainder_near(3), D(3).next_plus()
(lambda c: (c.prec, str(c.divide(D(1), D(7))), c.create_decimal('1.23456789'), c.rounding))(decimal.Context(prec=5, rounding=decimal.ROUND_DOWN)), [str(D('2.5').quantize(D(1), r)) for r in (decimal.ROUND_UP, decimal.ROUND_DOWN, decimal.ROUND_CEILING, decimal.ROUND_FLOOR, decimal.ROUND_HALF_UP, decimal.ROUND_HALF_DOWN, decimal.ROUND_HALF_EVEN, decimal.ROUND_05UP)], decimal.getcontext().prec
statistics.mean([1, 2, 3, 4]), statistics.mean([F(1, 2), 1]), statistics.mean([D('1.5'), 2]), statistics.fmean([1, 2, 4]), statistics.fmean([1, 2], [3, 1]), statistics.median([3, 1, 2]), statistics.median([4, 1, 2, 3]), statistics.median_low([1, 2, 3, 4]), statistics.median_high([1, 2, 3, 4]), statistics.median_grouped([1, 2, 2, 3]), statistics.mode('aabbb'), statistics.multimode('aabb'), statistics.quantiles([1, 2, 3, 4, 5]), statistics.quantiles(range(10), n=3, method='inclusive')
statistics.stdev([1, 2, 3, 4]), statistics.pstdev([1, 2, 3, 4]), statistics.variance([1, 2, 3, 4]), statistics.pvariance([F(1), F(2)]), statistics.variance([D(1), D(2)]), statistics.geometric_mean([1, 10, 100]), statistics.harmonic_mean([40, 60]), statistics.harmonic_mean([40, 60], [5, 30]), statistics.covariance([1, 2, 3], [1, 5, 7]), statistics.correlation([1, 2, 3], [3, 2, 1]), statistics.linear_regression([1, 2, 3], [2, 4, 6]), statistics.NormalDist(5, 2).cdf(7), statistics.NormalDist(0, 1) + 3, statistics.NormalDist.from_samples([1, 2, 3]), statistics.NormalDist().inv_cdf(0.975), statistics.NormalDist(1, 2).overlap(statistics.NormalDist(2, 1))
statistics.mean([])
statistics.median([])
statistics.stdev([1])
statistics.mode([])
statistics.quantiles([], n=4)
statistics.geometric_mean([0, -1])
statistics.mean('ab')
math.gcd(12, 18, 27), math.lcm(4, 6), math.gcd(), math.factorial(20), math.comb(10, 3), math.perm(5, 2), math.perm(4), math.isqrt(10**20), math.prod([1, 2, 3], start=2), math.fsum([0.1] * 10), math.dist((0, 0), (3, 4)), math.hypot(3, 4, 12), math.cbrt(27), math.exp2(10), math.log(8, 2), math.log2(2**100), math.log10(10**50), math.sumprod([1, 2], [3, 4]), math.nextafter(1, 2), math.ulp(1.0), math.frexp(10), math.ldexp(0.5, 3), math.modf(-1.5), math.fmod(-7, 3), math.remainder(7, 4), math.copysign(1, -0.0), math.isclose(0.1 + 0.2, 0.3), math.fma(2, 3, 4), math.trunc(-1.5), math.erf(0.5), math.gamma(5), math.lgamma(10), math.degrees(math.pi), math.radians(180), math.tau, math.isnan(math.nan), math.isfinite(math.inf)
math.sqrt(-1)
math.log(0)
math.log(-1)
math.exp(1000)
math.factorial(-1)
math.factorial(1.5)
math.isqrt(-1)
math.comb(-1, 2)
math.acos(2)
math.fmod(1, 0)
math.gcd(1.5)
math.sumprod([1], [1, 2])
math.pow(0, -1)
math.gamma(-1)
math.dist((1,), (1, 2))
math.ldexp(1, 10**10)
cmath.sqrt(-1), cmath.exp(1j * math.pi).real, cmath.polar(1j), cmath.rect(1, 0), cmath.phase(-1), cmath.log(1j), cmath.isclose(1, 1 + 1e-12), cmath.isnan(complex('nan')), cmath.infj, cmath.sin(0), cmath.acos(2).real
"""

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
