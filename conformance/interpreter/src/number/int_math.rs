//! Integer arithmetic as Python defines it: floors, powers, shifts, roots, exact division.

use crate::prelude::*;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::text::fault::{Fault, Kind};

use super::float_text::scale_bits;
use super::huge;

/// `divmod(a, b)`: the quotient floors, the rest has `b`'s sign.
pub fn divmod(a: &BigInt, b: &BigInt) -> Result<(BigInt, BigInt), Fault> {
    if b.is_zero() {
        return Err(Fault::zero_division("division by zero"));
    }
    Ok(a.div_mod_floor(b))
}

/// `divmod(a, b)` of machine words; `None` when the quotient does not fit. `b` is not zero.
#[inline]
pub fn small_divmod(a: i64, b: i64) -> Option<(i64, i64)> {
    let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
    Some(if rest != 0 && (rest < 0) != (b < 0) {
        (quotient - 1, rest + b)
    } else {
        (quotient, rest)
    })
}

/// `a / b`, correctly rounded.
pub fn true_divide(a: &BigInt, b: &BigInt) -> Result<f64, Fault> {
    if b.is_zero() {
        return Err(Fault::zero_division("division by zero"));
    }
    if a.is_zero() {
        return Ok(if b.is_negative() { -0.0 } else { 0.0 });
    }
    let negative = a.is_negative() != b.is_negative();
    // Both exact as floats: the processor's division rounds correctly.
    if let (Some(x), Some(y)) = (a.to_i64(), b.to_i64())
        && x.unsigned_abs() <= 1 << 53
        && y.unsigned_abs() <= 1 << 53
    {
        return Ok(x as f64 / y as f64);
    }
    let (a, b) = (a.magnitude(), b.magnitude());
    // Scale so that the quotient has 63 or 64 bits; the remainder only says "a little more".
    let shift = a.bits() as i64 - b.bits() as i64 - 63;
    let (top, bottom) = if shift >= 0 {
        (a.clone(), b << shift as u64)
    } else {
        (a << shift.unsigned_abs(), b.clone())
    };
    let (quotient, rest) = top.div_rem(&bottom);
    let bits = quotient.to_u64().unwrap_or(u64::MAX);
    let value = scale_bits(bits, !rest.is_zero(), shift)
        .ok_or_else(|| Fault::overflow("integer division result too large for a float"))?;
    Ok(if negative { -value } else { value })
}

/// `a ** b` for `b >= 0`; refuses results past any memory. `None` when `go_on` says no.
pub fn pow(
    a: &BigInt,
    b: &BigInt,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<BigInt>, Fault> {
    if b.is_zero() || a.is_one() {
        return Ok(Some(BigInt::one()));
    }
    if a.is_zero() {
        return Ok(Some(BigInt::ZERO));
    }
    let negative = a.is_negative() && b.is_odd();
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    if a.magnitude().is_one() {
        return Ok(Some(BigInt::from_biguint(sign, a.magnitude().clone())));
    }
    match b.to_u32() {
        Some(exponent) if u64::from(exponent).saturating_mul(a.bits() - 1) < MAX_BITS => {
            let power = huge::power(a.magnitude(), exponent, go_on);
            Ok(power.map(|power| BigInt::from_biguint(sign, power)))
        }
        _ => Err(Fault::new(Kind::MemoryError, "")),
    }
}

/// `pow(a, b, m)`: negative exponents use the inverse, the result has `m`'s sign; `None` once `go_on`, which is asked now and
/// then, says no.
pub fn pow_mod(
    a: &BigInt,
    b: &BigInt,
    m: &BigInt,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<BigInt>, Fault> {
    if m.is_zero() {
        return Err(Fault::value("pow() 3rd argument cannot be 0"));
    }
    let modulus = m.abs();
    let mut base = a.mod_floor(&modulus);
    if b.is_negative() {
        base = inverse(&base, &modulus)?;
    }
    let power = huge::power_mod(base.magnitude(), b.magnitude(), modulus.magnitude(), go_on);
    Ok(power.map(|power| {
        let power = BigInt::from(power);
        if m.is_negative() && !power.is_zero() {
            power + m
        } else {
            power
        }
    }))
}

fn inverse(a: &BigInt, m: &BigInt) -> Result<BigInt, Fault> {
    let found = a.extended_gcd(m);
    if !found.gcd.is_one() {
        return Err(Fault::value("base is not invertible for the given modulus"));
    }
    Ok(found.x.mod_floor(m))
}

/// `a << b`.
pub fn shift_left(a: &BigInt, b: &BigInt) -> Result<BigInt, Fault> {
    if b.is_negative() {
        return Err(Fault::value("negative shift count"));
    }
    if a.is_zero() {
        return Ok(BigInt::ZERO);
    }
    match b.to_u64() {
        Some(count) if count < MAX_BITS => Ok(a << count),
        // A number of more digits of 30 bits than this cannot be, not only for want of memory.
        Some(count)
            if count.saturating_add(a.bits()).div_ceil(30) <= (i64::MAX as u64 - 1) / 30 =>
        {
            Err(Fault::new(Kind::MemoryError, ""))
        }
        _ => Err(Fault::overflow("too many digits in integer")),
    }
}

/// `a >> b`: floors.
pub fn shift_right(a: &BigInt, b: &BigInt) -> Result<BigInt, Fault> {
    if b.is_negative() {
        return Err(Fault::value("negative shift count"));
    }
    match b.to_u64() {
        Some(count) if count < a.bits() + 1 => Ok(a >> count),
        _ => Ok(if a.is_negative() {
            BigInt::from(-1)
        } else {
            BigInt::ZERO
        }),
    }
}

/// `int.bit_length`.
pub fn bit_length(a: &BigInt) -> u64 {
    a.bits()
}

/// `int.bit_count`.
pub fn bit_count(a: &BigInt) -> u64 {
    a.magnitude().count_ones()
}

/// `math.isqrt`.
pub fn isqrt(a: &BigInt) -> Result<BigInt, Fault> {
    if a.is_negative() {
        return Err(Fault::value("isqrt() argument must be nonnegative"));
    }
    Ok(a.sqrt())
}

/// `math.gcd` of two.
pub fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    a.gcd(b)
}

/// `math.gcd` of two machine words.
pub fn small_gcd(a: i64, b: i64) -> u64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `math.lcm` of two.
pub fn lcm(a: &BigInt, b: &BigInt) -> BigInt {
    a.lcm(b)
}

/// `round(int, digits)` for negative `digits`: to a multiple of `10^-digits`, ties to even.
pub fn round(a: &BigInt, digits: i64) -> BigInt {
    if digits >= 0 {
        return a.clone();
    }
    // More places than the number has: it rounds to zero.
    if digits.unsigned_abs() > a.bits() / 3 + 2 {
        return BigInt::ZERO;
    }
    let unit = BigInt::from(10).pow(digits.unsigned_abs() as u32);
    let (quotient, rest) = a.div_mod_floor(&unit);
    let twice = rest * 2;
    let up = twice > unit || twice == unit && quotient.is_odd();
    (quotient + i32::from(up)) * unit
}

/// `int.to_bytes`.
pub fn to_bytes(a: &BigInt, length: usize, little: bool, signed: bool) -> Result<Vec<u8>, Fault> {
    let negative = a.is_negative();
    if negative && !signed {
        return Err(Fault::overflow("can't convert negative int to unsigned"));
    }
    let mut bytes = if signed {
        a.to_signed_bytes_le()
    } else {
        a.magnitude().to_bytes_le()
    };
    if a.is_zero() {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(Fault::overflow("int too big to convert"));
    }
    bytes.resize(length, if negative { 0xFF } else { 0 });
    if !little {
        bytes.reverse();
    }
    Ok(bytes)
}

/// `int.from_bytes`.
pub fn from_bytes(bytes: &[u8], little: bool, signed: bool) -> BigInt {
    match (little, signed) {
        (true, true) => BigInt::from_signed_bytes_le(bytes),
        (false, true) => BigInt::from_signed_bytes_be(bytes),
        (true, false) => BigInt::from_bytes_le(Sign::Plus, bytes),
        (false, false) => BigInt::from_bytes_be(Sign::Plus, bytes),
    }
}

/// More bits than this is out of memory: 16 GiB of digits.
pub const MAX_BITS: u64 = 1 << 37;

#[cfg(test)]
#[allow(clippy::excessive_precision, clippy::approx_constant)] // Values as Python prints them.
mod tests {
    use super::*;

    fn big(text: &str) -> BigInt {
        text.parse().unwrap()
    }

    #[test]
    fn division_floors() {
        assert_eq!(divmod(&big("-7"), &big("2")), Ok((big("-4"), big("1"))));
        assert_eq!(small_divmod(7, -2), Some((-4, -1)));
        assert_eq!(small_divmod(i64::MIN, -1), None);
        assert_eq!(
            divmod(&big("1"), &BigInt::ZERO).unwrap_err().message,
            "division by zero"
        );
    }

    #[test]
    fn true_division_rounds_once() {
        let d = |a: &str, b: &str| true_divide(&big(a), &big(b));
        assert_eq!(d("1", "3"), Ok(1.0 / 3.0));
        assert_eq!(
            d(
                "123456789012345678901234567890",
                "987654321098765432109876543210"
            ),
            Ok(0.12499999886093750)
        );
        assert_eq!(
            d("-100000000000000000000000000000001", "3"),
            Ok(-3.3333333333333335e31)
        );
        assert_eq!(d("0", "-5").map(f64::to_bits), Ok((-0.0f64).to_bits()));
        let huge = BigInt::from(10).pow(400);
        assert_eq!(true_divide(&(&huge * 3), &huge), Ok(3.0));
        assert_eq!(true_divide(&BigInt::one(), &huge), Ok(0.0));
        assert_eq!(
            true_divide(&huge, &BigInt::one()).unwrap_err().message,
            "integer division result too large for a float"
        );
        assert_eq!(
            true_divide(&BigInt::one(), &(BigInt::one() << 1074u32)),
            Ok(5e-324)
        );
    }

    #[test]
    fn powers_and_shifts() {
        assert_eq!(
            pow_mod(&big("3"), &big("-1"), &big("7"), &mut || true),
            Ok(Some(big("5")))
        );
        assert_eq!(
            pow_mod(&big("3"), &big("5"), &big("-7"), &mut || true),
            Ok(Some(big("-2")))
        );
        assert_eq!(
            pow_mod(&big("5"), &big("0"), &big("1"), &mut || true),
            Ok(Some(big("0")))
        );
        assert_eq!(
            pow_mod(&big("2"), &big("-1"), &big("4"), &mut || true)
                .unwrap_err()
                .message,
            "base is not invertible for the given modulus"
        );
        assert_eq!(shift_right(&big("-1"), &big("1000")), Ok(big("-1")));
        assert_eq!(shift_right(&big("-5"), &big("1")), Ok(big("-3")));
        assert_eq!(round(&big("25"), -1), big("20"));
        assert_eq!(round(&big("-15"), -1), big("-20"));
        assert_eq!(round(&big("55"), -2), big("100"));
        assert_eq!(round(&big("5"), -9), big("0"));
        assert_eq!(
            to_bytes(&big("-2"), 3, false, true),
            Ok(vec![0xFF, 0xFF, 0xFE])
        );
        assert_eq!(
            to_bytes(&big("128"), 1, true, true).unwrap_err().message,
            "int too big to convert"
        );
        assert_eq!(from_bytes(&[0xFF, 0xFE], false, true), big("-2"));
        assert_eq!(bit_count(&big("-255")), 8);
    }
}
