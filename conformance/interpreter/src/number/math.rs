//! The functions of Python's `math`, with its domain and range errors.

use core::f64::consts::LN_2;
#[cfg(not(feature = "std"))]
use num_traits::Float as _;

use num_bigint::{BigInt, BigUint};
use num_traits::{One, Signed, ToPrimitive};

use crate::text::fault::{Fault, Kind};

use super::float_text::{decompose, repr, scale_bits};
use super::huge;

/// The fault of an argument outside a function's domain.
#[cold]
pub fn domain() -> Fault {
    Fault::value("math domain error")
}

/// The fault of a result past the largest float.
#[cold]
pub fn range() -> Fault {
    Fault::overflow("math range error")
}

#[cold]
fn expected(what: &str, x: f64) -> Fault {
    Fault::value(format!("expected {what}, got {}", repr(x)))
}

fn finite_result(x: f64, result: f64) -> Result<f64, Fault> {
    if result.is_infinite() && x.is_finite() {
        Err(range())
    } else {
        Ok(result)
    }
}

macro_rules! with_domain {
    ($($(#[$doc:meta])* $name:ident, $call:ident, $bad:expr, $what:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: f64) -> Result<f64, Fault> {
            let bad: fn(f64) -> bool = $bad;
            if bad(x) { Err(expected($what, x)) } else { Ok(x.$call()) }
        }
    )*};
}

with_domain! {
    /// `math.sqrt`.
    sqrt, sqrt, |x| x < 0.0, "a nonnegative input";
    /// `math.log` of a float to base e.
    log, ln, |x| x <= 0.0, "a positive input";
    /// `math.log2` of a float.
    log2, log2, |x| x <= 0.0, "a positive input";
    /// `math.log10` of a float.
    log10, log10, |x| x <= 0.0, "a positive input";
    /// `math.log1p`.
    log1p, ln_1p, |x| x <= -1.0, "argument value > -1";
    /// `math.acos`.
    acos, acos, |x| x.abs() > 1.0, "a number in range from -1 up to 1";
    /// `math.asin`.
    asin, asin, |x| x.abs() > 1.0, "a number in range from -1 up to 1";
    /// `math.sin`.
    sin, sin, f64::is_infinite, "a finite input";
    /// `math.cos`.
    cos, cos, f64::is_infinite, "a finite input";
    /// `math.tan`.
    tan, tan, f64::is_infinite, "a finite input";
}

macro_rules! from_c {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        mod c {
            // The platform's own: Python calls these too, and so agrees to the last digit.
            // SAFETY: C99 declares them so, and they are pure.
            unsafe extern "C" {
                $(pub safe fn $name(x: f64) -> f64;)*
            }
        }
    };
}

from_c! {
    erf;
    erfc;
    acosh;
    asinh;
    atanh;
}

/// `math.erf`.
pub fn erf(x: f64) -> f64 {
    c::erf(x)
}

/// `math.erfc`.
pub fn erfc(x: f64) -> f64 {
    c::erfc(x)
}

/// `math.asinh`.
pub fn asinh(x: f64) -> f64 {
    c::asinh(x)
}

/// `math.acosh`.
pub fn acosh(x: f64) -> Result<f64, Fault> {
    if x < 1.0 {
        Err(expected("argument value not less than 1", x))
    } else {
        Ok(c::acosh(x))
    }
}

/// `math.atanh`.
pub fn atanh(x: f64) -> Result<f64, Fault> {
    if x.abs() >= 1.0 {
        Err(expected("a number between -1 and 1", x))
    } else {
        Ok(c::atanh(x))
    }
}

/// `math.exp`.
pub fn exp(x: f64) -> Result<f64, Fault> {
    finite_result(x, x.exp())
}

/// `math.exp2`.
pub fn exp2(x: f64) -> Result<f64, Fault> {
    finite_result(x, x.exp2())
}

/// `math.expm1`.
pub fn expm1(x: f64) -> Result<f64, Fault> {
    finite_result(x, x.exp_m1())
}

/// `math.sinh`.
pub fn sinh(x: f64) -> Result<f64, Fault> {
    finite_result(x, x.sinh())
}

/// `math.cosh`.
pub fn cosh(x: f64) -> Result<f64, Fault> {
    finite_result(x, x.cosh())
}

/// `math.pow`.
pub fn pow(x: f64, y: f64) -> Result<f64, Fault> {
    let power = x.powf(y);
    if x.is_finite() && y.is_finite() {
        if power.is_nan() || power.is_infinite() && x == 0.0 {
            return Err(domain());
        }
        if power.is_infinite() {
            return Err(range());
        }
    }
    Ok(power)
}

/// `math.fmod`.
pub fn fmod(x: f64, y: f64) -> Result<f64, Fault> {
    let rest = x % y;
    if rest.is_nan() && !x.is_nan() && !y.is_nan() {
        Err(domain())
    } else {
        Ok(rest)
    }
}

/// `math.remainder`: IEEE 754's, from the nearest multiple.
pub fn remainder(x: f64, y: f64) -> Result<f64, Fault> {
    if x.is_nan() || y.is_nan() {
        return Ok(if x.is_nan() { x } else { y });
    }
    if x.is_infinite() || y == 0.0 {
        return Err(domain());
    }
    if y.is_infinite() {
        return Ok(x);
    }
    let (a, b) = (x.abs(), y.abs());
    let below = a % b;
    let above = b - below;
    let rest = if below < above {
        below
    } else if below > above {
        -above
    } else {
        // Halfway: the even multiple wins, so look at the quotient's last bit.
        below - 2.0 * ((0.5 * (a - below)) % b)
    };
    Ok(1f64.copysign(x) * rest)
}

/// `math.fma`.
pub fn fma(x: f64, y: f64, z: f64) -> Result<f64, Fault> {
    let result = x.mul_add(y, z);
    if result.is_nan() && !(x.is_nan() || y.is_nan() || z.is_nan()) {
        return Err(Fault::value("invalid operation in fma"));
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(Fault::overflow("overflow in fma"));
    }
    Ok(result)
}

/// `math.frexp`.
pub fn frexp(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    let (x, shift) = if x.is_subnormal() {
        (x * (1u64 << 54) as f64, -54)
    } else {
        (x, 0)
    };
    let exponent = (x.to_bits() >> 52 & 0x7FF) as i32 - 1022;
    (
        f64::from_bits(x.to_bits() & !(0x7FF << 52) | 1022 << 52),
        exponent + shift,
    )
}

/// `math.ldexp`.
pub fn ldexp(x: f64, exponent: i64) -> Result<f64, Fault> {
    if x == 0.0 || !x.is_finite() {
        return Ok(x);
    }
    let (mantissa, own) = decompose(x);
    let scaled = scale_bits(
        mantissa.unsigned_abs(),
        false,
        exponent.saturating_add(own.into()),
    )
    .ok_or_else(range)?;
    Ok(scaled.copysign(x))
}

/// `math.modf`.
pub fn modf(x: f64) -> (f64, f64) {
    if x.is_infinite() {
        return (0f64.copysign(x), x);
    }
    ((x - x.trunc()).copysign(x), x.trunc())
}

/// `math.nextafter`, by any number of steps.
pub fn nextafter(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 || x.is_nan() {
        return x;
    }
    if y.is_nan() {
        return y;
    }
    // Lay the floats out in order on the integers.
    let place = |x: f64| {
        let magnitude = (x.to_bits() & !(1 << 63)) as i64;
        if x.is_sign_negative() {
            -magnitude
        } else {
            magnitude
        }
    };
    let (from, to) = (place(x), place(y));
    if from == to {
        return y;
    }
    let steps = i64::try_from(steps).unwrap_or(i64::MAX);
    let reached = if from < to {
        from.saturating_add(steps).min(to)
    } else {
        from.saturating_sub(steps).max(to)
    };
    let magnitude = f64::from_bits(reached.unsigned_abs());
    match reached {
        // At zero the sign is where we came from, unless we went past it.
        0 if reached == to && from.abs_diff(to) < steps as u64 => 0f64.copysign(y),
        0 => 0f64.copysign(x),
        ..0 => -magnitude,
        _ => magnitude,
    }
}

/// `math.ulp`.
pub fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let next = f64::from_bits(x.to_bits() + 1);
    if next.is_infinite() {
        x - f64::from_bits(x.to_bits() - 1)
    } else {
        next - x
    }
}

/// `math.isclose`.
pub fn isclose(a: f64, b: f64, relative: f64, absolute: f64) -> Result<bool, Fault> {
    if relative < 0.0 || absolute < 0.0 {
        return Err(Fault::value("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(true);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(false);
    }
    let apart = (b - a).abs();
    Ok(apart <= (relative * b).abs() || apart <= (relative * a).abs() || apart <= absolute)
}

/// `math.degrees`.
pub fn degrees(x: f64) -> f64 {
    x * (180.0 / core::f64::consts::PI)
}

/// `math.radians`.
pub fn radians(x: f64) -> f64 {
    x * (core::f64::consts::PI / 180.0)
}

// ---- integers --------------------------------------------------------------------------------

/// `math.log` of an integer to base e.
pub fn log_int(int: &BigInt) -> Result<f64, Fault> {
    log_int_with(int, f64::ln, LN_2)
}

/// `math.log2` of an integer.
pub fn log2_int(int: &BigInt) -> Result<f64, Fault> {
    log_int_with(int, f64::log2, 1.0)
}

/// `math.log10` of an integer.
pub fn log10_int(int: &BigInt) -> Result<f64, Fault> {
    log_int_with(int, f64::log10, 2f64.log10())
}

fn log_int_with(int: &BigInt, log: fn(f64) -> f64, log_of_two: f64) -> Result<f64, Fault> {
    if !int.is_positive() {
        return Err(Fault::value("expected a positive input"));
    }
    if let Ok(x) = super::int_text::to_float(int) {
        return Ok(log(x));
    }
    let bits = int.bits();
    let top = super::int_text::to_float(&(int >> (bits - 1000)))?;
    let (mantissa, exponent) = frexp(top);
    Ok(log(mantissa) + log_of_two * (exponent as f64 + (bits - 1000) as f64))
}

/// `math.factorial`; `None` once `go_on`, which is asked now and then, says no.
pub fn factorial(n: &BigInt, go_on: &mut dyn FnMut() -> bool) -> Result<Option<BigInt>, Fault> {
    if n.is_negative() {
        return Err(Fault::value("factorial() not defined for negative values"));
    }
    let n = n
        .to_u64()
        .filter(|&n| n <= i64::MAX as u64)
        .ok_or_else(|| {
            Fault::overflow(format!(
                "factorial() argument should not exceed {}",
                i64::MAX
            ))
        })?;
    Ok(product(1, n, go_on).map(BigInt::from))
}

/// `math.comb`; `None` as for [`factorial`].
pub fn comb(
    n: &BigInt,
    k: &BigInt,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<BigInt>, Fault> {
    check_counts(n, k)?;
    if k > n {
        return Ok(Some(BigInt::ZERO));
    }
    let rest = n - k;
    let k = count(if *k < rest { k } else { &rest })?;
    let (Some(above), Some(below)) = (falling(n, k, go_on), product(1, k, go_on)) else {
        return Ok(None);
    };
    Ok(Some(above / BigInt::from(below)))
}

/// `math.perm`; `None` as for [`factorial`].
pub fn perm(
    n: &BigInt,
    k: &BigInt,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<BigInt>, Fault> {
    check_counts(n, k)?;
    if k > n {
        return Ok(Some(BigInt::ZERO));
    }
    match k.to_u64() {
        Some(k) => Ok(falling(n, k, go_on)),
        None => Err(Fault::new(
            Kind::OverflowError,
            format!("k must not exceed {}", i64::MAX),
        )),
    }
}

fn check_counts(n: &BigInt, k: &BigInt) -> Result<(), Fault> {
    if n.is_negative() {
        return Err(Fault::value("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(Fault::value("k must be a non-negative integer"));
    }
    Ok(())
}

fn count(k: &BigInt) -> Result<u64, Fault> {
    k.to_u64().ok_or_else(|| {
        Fault::new(
            Kind::OverflowError,
            format!("min(n - k, k) must not exceed {}", i64::MAX),
        )
    })
}

/// `n (n-1) … (n-k+1)`.
fn falling(n: &BigInt, k: u64, go_on: &mut dyn FnMut() -> bool) -> Option<BigInt> {
    if let Some(n) = n.to_u64() {
        return product(n - k + 1, n, go_on).map(BigInt::from);
    }
    let mut product = BigInt::one();
    for i in 0..k {
        if !go_on() {
            return None;
        }
        product *= n - i;
    }
    Some(product)
}

/// `first · … · last`, by halves so that the factors stay of one size; `None` when `go_on` says no.
fn product(first: u64, last: u64, go_on: &mut dyn FnMut() -> bool) -> Option<BigUint> {
    if first > last {
        return Some(BigUint::one());
    }
    if last - first < 16 {
        return Some((first..=last).fold(BigUint::one(), |product, n| product * n));
    }
    let middle = first + (last - first) / 2;
    let (left, right) = (
        product(first, middle, go_on)?,
        product(middle + 1, last, go_on)?,
    );
    huge::multiply(&left, &right, go_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<T>(result: Result<T, Fault>) -> String {
        result
            .err()
            .map(|fault| fault.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn domains_and_ranges() {
        assert_eq!(
            text(sqrt(-1.0)),
            "ValueError: expected a nonnegative input, got -1.0"
        );
        assert_eq!(
            text(log(-0.0)),
            "ValueError: expected a positive input, got -0.0"
        );
        assert_eq!(
            text(cos(f64::INFINITY)),
            "ValueError: expected a finite input, got inf"
        );
        assert_eq!(
            text(acosh(0.0)),
            "ValueError: expected argument value not less than 1, got 0.0"
        );
        assert_eq!(
            text(atanh(2.0)),
            "ValueError: expected a number between -1 and 1, got 2.0"
        );
        assert_eq!(text(exp(1000.0)), "OverflowError: math range error");
        assert_eq!(text(pow(0.0, -1.0)), "ValueError: math domain error");
        assert_eq!(text(pow(10.0, 400.0)), "OverflowError: math range error");
        assert_eq!(text(fmod(1.0, 0.0)), "ValueError: math domain error");
        assert_eq!(text(ldexp(1.0, 2000)), "OverflowError: math range error");
        assert_eq!(
            text(fma(1e308, 10.0, 1.0)),
            "OverflowError: overflow in fma"
        );
        assert_eq!(acosh(1000.0), Ok(7.600902209541989));
        assert_eq!(log10(1000.0), Ok(3.0));
        assert_eq!(
            (erf(0.3), erfc(10.0)),
            (0.3286267594591274, 2.088487583762545e-45)
        );
    }

    #[test]
    fn parts() {
        assert_eq!(frexp(-3.7), (-0.925, 2));
        assert_eq!(frexp(5e-324), (0.5, -1073));
        assert_eq!(ldexp(5e-324, 3), Ok(4e-323));
        assert_eq!(ldexp(1.5, -1075), Ok(5e-324));
        assert_eq!(modf(-3.75), (-0.75, -3.0));
        assert_eq!(remainder(5.0, 3.0), Ok(-1.0));
        assert_eq!(remainder(-7.5, 3.0), Ok(-1.5));
        assert_eq!(nextafter(1.0, 2.0, 3), 1.0000000000000007);
        assert_eq!(nextafter(5e-324, -1.0, 2), -5e-324);
        assert_eq!((ulp(1.0), ulp(0.0)), (f64::EPSILON, 5e-324));
    }

    #[test]
    fn integers() {
        let ten = |n: u32| BigInt::from(10).pow(n);
        assert_eq!(log_int(&ten(400)), Ok(921.0340371976182));
        assert_eq!(log2_int(&ten(400)), Ok(1328.771237954945));
        assert_eq!(log10_int(&ten(400)), Ok(400.0));
        assert_eq!(
            factorial(&25.into(), &mut || true),
            Ok(Some("15511210043330985984000000".parse().unwrap()))
        );
        assert_eq!(
            comb(&100.into(), &30.into(), &mut || true),
            Ok(Some("29372339821610944823963760".parse().unwrap()))
        );
        assert_eq!(
            perm(&20.into(), &5.into(), &mut || true),
            Ok(Some(1860480.into()))
        );
        assert_eq!(factorial(&100.into(), &mut || false), Ok(None));
        assert_eq!(
            comb(&5.into(), &6.into(), &mut || true),
            Ok(Some(BigInt::ZERO))
        );
        assert_eq!(
            text(comb(&(-1).into(), &2.into(), &mut || true)),
            "ValueError: n must be a non-negative integer"
        );
    }
}
