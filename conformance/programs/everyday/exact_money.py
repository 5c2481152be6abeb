"""Exact numbers: decimals in contexts, fractions, integer arithmetic, a loan, continued fractions, and number formats."""
import decimal
import fractions
import math
import numbers
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction


def loan(amount, rate, months):
    cent = Decimal('0.01')
    monthly = rate / 12 / 100
    factor = (1 + monthly) ** months
    pay = (amount * monthly * factor / (factor - 1)).quantize(cent, ROUND_HALF_UP)
    left, paid = amount, Decimal(0)
    for month in range(1, months + 1):
        interest = (left * monthly).quantize(cent, ROUND_HALF_EVEN)
        step = min(pay, left + interest) if month < months else left + interest
        left, paid = left + interest - step, paid + step
        if month in (1, 2, months):
            yield f'{month:>3} {interest:>10,} {step:>12,} {left:>14,}'
    yield f'all {paid:>38,}'


def shares(amount, parts):
    """Cents are given to the largest remainders."""
    total, cent = sum(parts), Decimal('0.01')
    exact = [amount * part / total for part in parts]
    given = [one.quantize(cent, ROUND_DOWN) for one in exact]
    order = sorted(range(len(parts)), key=lambda n: exact[n] - given[n], reverse=True)
    for n in order[:int((amount - sum(given)) / cent)]:
        given[n] += cent
    return given


def continued(value, most=10):
    while most:
        whole = math.floor(value)
        yield whole
        if value == whole:
            return
        value = 1 / (value - whole)
        most -= 1


def folded(terms):
    result = Fraction(terms[-1])
    for term in reversed(terms[:-1]):
        result = term + 1 / result
    return result


def isqrt_digits(n, digits):
    text = str(math.isqrt(n * 100 ** digits))
    return f'{text[:-digits] or 0}.{text[-digits:]}'


print(*loan(Decimal(250_000), Decimal('4.35'), 240), sep='\n')
print(shares(Decimal('100.00'), [1, 1, 1]), sum(shares(Decimal('0.05'), [3, 3, 3, 1])))
print(list(continued(Fraction(649, 200))), folded([3, 4, 12, 4]), list(continued(math.pi, 5)))
print(Fraction(math.pi).limit_denominator(1000), Fraction('0.125') + Fraction(1, 3), Fraction(3, 4) ** -2, divmod(Fraction(7, 2), Fraction(2, 3)), round(Fraction(7, 3), 2))
print(isqrt_digits(2, 40))
with decimal.localcontext(prec=50) as context:
    print(Decimal(2).sqrt(), Decimal(1).exp(), context.prec)
    print(Decimal(10).ln(), (Decimal(1) / 7).normalize())
print(decimal.getcontext().prec, Decimal(1) / 7)
for text in ('1.5', '-0', '1e-7', 'NaN', '-Infinity', '1_000.50', '12e3', '0.00'):
    number = Decimal(text)
    print(f'{text:>9} {number!r:<22} {number.as_tuple()} {number.is_signed()} {number:.2e} {number.adjusted() if number.is_finite() else "-"}')
for name in ('ROUND_UP', 'ROUND_DOWN', 'ROUND_CEILING', 'ROUND_FLOOR', 'ROUND_HALF_UP', 'ROUND_HALF_DOWN', 'ROUND_HALF_EVEN', 'ROUND_05UP'):
    print(name, *(Decimal(text).quantize(Decimal(1), getattr(decimal, name)) for text in ('2.5', '-2.5', '3.5', '1.1', '-1.9')))
with decimal.localcontext() as context:
    for make in (lambda: Decimal(1) / 0, lambda: Decimal(0) / 0, lambda: Decimal('x'), lambda: Decimal('1e999999') * 10 ** 10, lambda: Decimal(-1).sqrt(), lambda: Decimal('NaN') < 1):
        try:
            print(make())
        except decimal.DecimalException as error:
            print(type(error).__name__, [kind.__name__ for kind in type(error).__mro__[1:3]])
    context.traps[decimal.DivisionByZero] = False
    print(Decimal(1) / 0, bool(context.flags[decimal.DivisionByZero]), Decimal('Inf') > 10 ** 100)
print(Decimal('0.1') + Decimal('0.2') == Decimal('0.3'), Decimal(0.1) == 0.1, Decimal('0.1') == 0.1, hash(Decimal('2.5')) == hash(2.5) == hash(Fraction(5, 2)))
print(sorted([Fraction(1, 3), Decimal('0.3'), 0.35, 1, True, -2]), sum([Fraction(1, n) for n in range(1, 10)]), math.fsum([0.1] * 10))
for mixed in (lambda: Fraction(1.5) + 0.25, lambda: Fraction(1, 0), lambda: Fraction('1/x')):
    try:
        print(repr(mixed()))
    except (TypeError, ValueError, ArithmeticError) as error:
        print(f'{type(error).__name__}: {error}')
print(isinstance(Decimal(1), numbers.Number), isinstance(Fraction(1), numbers.Rational), issubclass(int, numbers.Integral))
print(f'{1234567.891:,.2f}|{1234567:_}|{0.000123:g}|{255:#x}|{255:08b}|{-5:+d}|{1e16:.3g}|{0.5:%}|{Decimal("1234.5"):>+12,.2f}|{Fraction(22, 7):.4f}|{10**20:e}')
print(math.gcd(84, 126, 42), math.lcm(4, 6, 10), math.prod(range(1, 11)), math.comb(50, 25), pow(3, -1, 11), int('zz', 36), (-17) // 5, -17 % 5, math.remainder(7, 4), math.nextafter(1, 2) - 1, math.ulp(1.0))
print(round(2.675, 2), round(-0.5), round(1234, -2), (0.1).as_integer_ratio(), (2.5).hex(), float.fromhex('0x1.8p1'), (10).bit_length(), (255).bit_count(), (1000).to_bytes(2).hex())
