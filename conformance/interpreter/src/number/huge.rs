//! Products and powers of integers so large that somebody may lose patience.
//!
//! One multiplication of the library cannot be stopped. Beyond some size its factors are therefore cut in two
//! here, after Karatsuba, and between the parts the caller is asked whether to go on.

use num_bigint::BigUint;
use num_traits::One;

/// Bits of factors that are multiplied in one go, within a few hundredths of a second.
const AT_ONCE: u64 = 1 << 21;

/// Whether a product of numbers with so many bits should be left to [`multiply`].
pub fn is_huge(bits: u64, others: u64) -> bool {
    bits.min(others) > AT_ONCE
}

/// `a * b`; `None` when `go_on` says no.
pub fn multiply(a: &BigUint, b: &BigUint, go_on: &mut dyn FnMut() -> bool) -> Option<BigUint> {
    if !is_huge(a.bits(), b.bits()) {
        return go_on().then(|| a * b);
    }
    // Whole words, so that cutting is copying.
    let cut = a.bits().max(b.bits()).div_ceil(128) * 64;
    let parts = |x: &BigUint| (x >> cut, x & &((BigUint::one() << cut) - 1u8));
    let ((a_high, a_low), (b_high, b_low)) = (parts(a), parts(b));
    let low = multiply(&a_low, &b_low, go_on)?;
    let high = multiply(&a_high, &b_high, go_on)?;
    let both = multiply(&(a_high + a_low), &(b_high + b_low), go_on)?;
    let middle = both - &low - &high;
    Some((((high << cut) + middle) << cut) + low)
}

/// `a ** b`; `None` when `go_on` says no.
pub fn power(a: &BigUint, b: u32, go_on: &mut dyn FnMut() -> bool) -> Option<BigUint> {
    // What is a power of two is shifted.
    let zeros = a.trailing_zeros().unwrap_or(0);
    let odd = a >> zeros;
    let mut result = BigUint::one();
    if !odd.is_one() {
        for bit in (0..u32::BITS - b.leading_zeros()).rev() {
            result = multiply(&result, &result, go_on)?;
            if b >> bit & 1 == 1 {
                result = multiply(&result, &odd, go_on)?;
            }
        }
    }
    Some(result << (zeros * u64::from(b)))
}

/// Products of words that a step of [`power_mod`] may take: some hundredths of a second.
const STEP: u64 = 1 << 25;

/// `a ** b % m`; `None` when `go_on` says no.
pub fn power_mod(
    a: &BigUint,
    b: &BigUint,
    m: &BigUint,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<BigUint> {
    // The library squares once for each bit of the exponent, and cannot be stopped: a long exponent is cut into digits of
    // so many bits.
    let words = m.bits().div_ceil(64);
    let digit = (STEP / (words * words)).max(16);
    if b.bits() <= digit {
        return Some(a.modpow(b, m));
    }
    let base = BigUint::one() << digit;
    let mut power = BigUint::one() % m;
    for index in (0..b.bits().div_ceil(digit)).rev() {
        if !go_on() {
            return None;
        }
        let value = (b >> (index * digit)) % &base;
        power = power.modpow(&base, m) * a.modpow(&value, m) % m;
    }
    Some(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_whole() {
        let a = BigUint::from(3u8).pow(2_500_000);
        let b = BigUint::from(7u8).pow(1_700_000) + 5u8;
        assert!(is_huge(a.bits(), b.bits()));
        assert!(multiply(&a, &b, &mut || true) == Some(&a * &b));
        assert!(power(&3u8.into(), 2_500_000, &mut || true) == Some(a));
        assert_eq!(power(&40u8.into(), 3, &mut || true), Some(64_000u32.into()));
        assert_eq!(power(&5u8.into(), 0, &mut || true), Some(1u8.into()));
    }

    #[test]
    fn digits_of_an_exponent_make_the_power() {
        let a = BigUint::from(3u8).pow(5_000) + 1u8;
        let b = BigUint::from(7u8).pow(36);
        for m in [BigUint::from(11u8).pow(20_000), BigUint::one() << 70_000u32] {
            let mut asked = 0;
            let mut go_on = || {
                asked += 1;
                true
            };
            assert!(power_mod(&a, &b, &m, &mut go_on) == Some(a.modpow(&b, &m)));
            assert!(asked > 2);
            assert_eq!(power_mod(&a, &b, &m, &mut || false), None);
        }
        let one = BigUint::one();
        assert_eq!(power_mod(&a, &b, &one, &mut || true), Some(0u8.into()));
    }

    #[test]
    fn a_product_can_be_given_up() {
        let a = BigUint::one() << (8 * AT_ONCE);
        let mut left = 5;
        let mut go_on = || {
            left -= 1;
            left > 0
        };
        assert_eq!(multiply(&a, &a, &mut go_on), None);
        assert_eq!(left, 0);
    }
}
