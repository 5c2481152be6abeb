"""Large integers: digits of pi, factorials, primes, roots and conversions."""

import itertools
import math
import sys


def pi_digits():
    """The digits of pi one after the other (a spigot with growing integers)."""
    q, r, t, k, n, l = 1, 0, 1, 1, 3, 3
    while True:
        if 4 * q + r - t < n * t:
            yield n
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, n, l = q * k, (2 * q + r) * l, t * l, k + 1, (q * (7 * k + 2) + r * l) // (t * l), l + 2


def machin(digits):
    unit = 10 ** (digits + 10)

    def arctan(inverse):
        term = total = unit // inverse
        for n in itertools.count(3, 2):
            term = -term // inverse**2 if term > 0 else -term // inverse**2
            if abs(term) <= 1:
                return total
            total += term // n
    return (4 * (4 * arctan(5) - arctan(239))) // 10**10


def is_prime(n):
    """Miller and Rabin with enough bases for n below 3 * 10**24."""
    if n < 2:
        return False
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if any(n % p == 0 for p in bases):
        return n in bases
    shift = ((n - 1) & -(n - 1)).bit_length() - 1
    odd = n - 1 >> shift
    for base in bases:
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        if not any((x := x * x % n) == n - 1 for _ in range(shift - 1)):
            return False
    return True


def rho(n):
    """A factor of n by Pollard's method."""
    for c in itertools.count(1):
        slow = fast = 2
        divisor = 1
        while divisor == 1:
            slow = (slow * slow + c) % n
            fast = (fast * fast + c) % n
            fast = (fast * fast + c) % n
            divisor = math.gcd(slow - fast, n)
        if divisor != n:
            return divisor


def factors(n):
    if n == 1:
        return []
    if is_prime(n):
        return [n]
    divisor = 2 if n % 2 == 0 else rho(n)
    return sorted(factors(divisor) + factors(n // divisor))


def root(n, k):
    """The whole k-th root by Newton's method."""
    guess = 1 << -(-n.bit_length() // k)
    while (better := ((k - 1) * guess + n // guess ** (k - 1)) // k) < guess:
        guess = better
    return guess


def base(n, radix, digits="0123456789abcdefghijklmnopqrstuvwxyz"):
    out = ""
    while n:
        n, digit = divmod(n, radix)
        out = digits[digit] + out
    return out or "0"


def main():
    digits = "".join(map(str, itertools.islice(pi_digits(), 400)))
    for start in range(0, 400, 50):
        print(digits[start : start + 50])
    print("machin agrees:", str(machin(300))[:290] == digits[:290])

    big = math.factorial(500)
    print(len(str(big)), str(big)[:30], sum(map(int, str(big))), big % (10**9 + 7), big.bit_length())
    print(math.comb(200, 100), math.perm(30, 20), math.gcd(big, 2**600) == 2**494, math.lcm(*range(1, 60)))
    print(2**521 - 1, is_prime(2**61 - 1), [n for n in range(10**15, 10**15 + 200) if is_prime(n)])
    for n in (2**64 + 1, 10**18 + 9, 600851475143, math.factorial(20) + 1, 123456789012345678):
        print(n, "=", " * ".join(map(str, factors(n))))
    print(pow(3, 10**30, 10**20 + 39), pow(7, -1, 10**30 + 57), pow(2, 1000) % 1000)
    print(root(10**100, 7), math.isqrt(2 * 10**120), math.isqrt(10**40 - 1))

    a, b = 3**200, -(7**90)
    print(a // b, a % b, divmod(-a, 10**50), sep="\n")
    print(a * b + a - b, a ^ b, a & b, a | b, ~a >> 200, b << 70, b >> 300, sep="\n")
    print(hex(a), oct(-(2**70)), bin(2**40 + 5), base(a, 36), int(base(a, 36), 36) == a, int("-ff_ff", 16), int("0b1011", 0))
    print((10**25).to_bytes(12, "big"), int.from_bytes(b"\xff\x00\x80" * 5, "little", signed=True), (255).bit_count(), a.bit_count())
    print(float(10**22), float(2**80 + 1), int(1e23), int(-2.9), (0.1).as_integer_ratio(), 10**400 > 1e308, 2**53 == 2.0**53, 2**53 + 1 == 2.0**53)
    print(a / 3**198, 10**30 / 10**28, hash(2**61 - 1), hash(2**61), hash(-1), hash(10**20) == hash(1e20), -7 // 2, -7 % 3, 7 % -3)
    for attempt in (lambda: 10**400 / 3, lambda: float(10**400), lambda: 1 << -1, lambda: 2 // 0, lambda: pow(2, -1, 4), lambda: int("12x"), lambda: int("9" * 5000), lambda: str(10**5000), lambda: math.factorial(-1), lambda: (300).to_bytes(1), lambda: int(math.nan), lambda: math.isqrt(-1)):
        try:
            print(attempt())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    print(sys.get_int_max_str_digits())


main()
