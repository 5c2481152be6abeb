//! The operators of `int`. Each takes any two operands and declines when one of them is no int, so
//! that the same function serves as the slot of either operand and as the slow path of the VM.

use super::{View, from_big, from_i64, from_wide, view};
use crate::error::{OrRaise, PyResult, Raised, raise};
use crate::number::{hash as number_hash, huge, int_math};
use crate::object::float;
use crate::object::obj::Obj;
use crate::object::slots::Comparison;
use crate::vm::outside;
use core::cmp::Ordering;
use kit_core::thread::Ctx;
use num_bigint::BigInt;
#[cfg(not(feature = "std"))]
use num_traits::Float as _;
use num_traits::{FromPrimitive, ToPrimitive};

/// The values of two ints, or `NotImplemented`.
macro_rules! operands {
    ($a:expr, $b:expr) => {
        match (view($a), view($b)) {
            (Some(x), Some(y)) => (x, y),
            _ => return Ok(Obj::NOT_IMPLEMENTED),
        }
    };
}

macro_rules! arithmetic {
    ($($(#[$doc:meta])* $name:ident $checked:ident $op:tt;)*) => {$(
        $(#[$doc])*
        pub fn $name(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            let (left, right) = operands!(a, b);
            if let (View::Small(x), View::Small(y)) = (left, right)
                && let Some(result) = x.$checked(y)
            {
                return from_i64(ctx, result);
            }
            if let (Some(x), Some(y)) = (left.to_wide(), right.to_wide())
                && let Some(result) = x.$checked(y)
            {
                return from_wide(ctx, result);
            }
            let result = match (left, right) {
                (View::Small(x), View::Small(y)) => BigInt::from(x) $op y,
                (View::Small(x), View::Big(y)) => x $op y,
                (View::Big(x), View::Small(y)) => x $op y,
                (View::Big(x), View::Big(y)) => {
                    if stringify!($op) == "*" {
                        let (left, right) = (x.bits(), y.bits());
                        room_for_bits(ctx, left + right)?;
                        if huge::is_huge(left, right) {
                            return huge_product(ctx, x, y);
                        }
                    }
                    x $op y
                }
            };
            from_big(ctx, result)
        }
    )*};
}

/// Room for a number of so many bits.
fn room_for_bits(ctx: &mut Ctx, bits: u64) -> PyResult<()> {
    outside::room(ctx, usize::try_from(bits / 8).unwrap_or(usize::MAX))
}

/// Room for what a number looks like in a base, and for the text that is made of that.
///
/// # Errors
/// MemoryError.
pub fn room_to_write(ctx: &mut Ctx, value: &BigInt, base: u32) -> PyResult<()> {
    let digits = value.bits() / u64::from(base.ilog2());
    room_for_bits(ctx, digits.saturating_mul(16))
}

/// The product of two numbers so large that Ctrl-C may come meanwhile.
#[cold]
fn huge_product(ctx: &mut Ctx, x: &BigInt, y: &BigInt) -> PyResult {
    let product = huge::multiply(x.magnitude(), y.magnitude(), &mut || !ctx.poll());
    match product {
        Some(product) => from_big(ctx, BigInt::from_biguint(x.sign() * y.sign(), product)),
        None => Err(Raised::stored()),
    }
}

arithmetic! {
    /// `a + b`.
    add checked_add +;
    /// `a - b`.
    sub checked_sub -;
    /// `a * b`.
    mul checked_mul *;
}

macro_rules! bitwise {
    ($($(#[$doc:meta])* $name:ident $op:tt;)*) => {$(
        $(#[$doc])*
        pub fn $name(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
            let (left, right) = operands!(a, b);
            if let (Some(x), Some(y)) = (left.to_wide(), right.to_wide()) {
                return from_wide(ctx, x $op y);
            }
            match (left, right) {
                (View::Small(x), View::Small(y)) => from_i64(ctx, x $op y),
                (x, y) => from_big(ctx, &*x.big() $op &*y.big()),
            }
        }
    )*};
}

bitwise! {
    /// `a & b`.
    and &;
    /// `a | b`.
    or |;
    /// `a ^ b`.
    xor ^;
}

#[cold]
fn zero_division<T>(ctx: &mut Ctx) -> PyResult<T> {
    Err(raise!(ctx, ZeroDivisionError, "division by zero"))
}

/// Quotient, rounded down, and rest of two numbers of at most 126 bits, the second of which is not zero.
#[inline]
fn wide_divmod(x: View<'_>, y: View<'_>) -> Option<(i128, i128)> {
    let (x, y) = (x.to_wide()?, y.to_wide()?);
    let (quotient, rest) = (x / y, x % y);
    Some(if rest != 0 && (rest < 0) != (y < 0) {
        (quotient - 1, rest + y)
    } else {
        (quotient, rest)
    })
}

/// `a // b`.
pub fn floordiv(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    match operands!(a, b) {
        (_, y) if y.is_zero() => zero_division(ctx),
        // Immediates have 62 bits: the quotient always fits.
        (View::Small(x), View::Small(y)) => {
            let (quotient, rest) = (x / y, x % y);
            from_i64(
                ctx,
                quotient - i64::from(rest != 0 && (rest < 0) != (y < 0)),
            )
        }
        (x, y) if let Some((quotient, _)) = wide_divmod(x, y) => from_wide(ctx, quotient),
        (x, y) => {
            let (quotient, _) = int_math::divmod(&x.big(), &y.big()).or_raise(ctx)?;
            from_big(ctx, quotient)
        }
    }
}

/// `a % b`.
pub fn rem(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    match operands!(a, b) {
        (_, y) if y.is_zero() => zero_division(ctx),
        (View::Small(x), View::Small(y)) => {
            let rest = x % y;
            from_i64(
                ctx,
                if rest != 0 && (rest < 0) != (y < 0) {
                    rest + y
                } else {
                    rest
                },
            )
        }
        (x, y) if let Some((_, rest)) = wide_divmod(x, y) => from_wide(ctx, rest),
        (x, y) => {
            let (_, rest) = int_math::divmod(&x.big(), &y.big()).or_raise(ctx)?;
            from_big(ctx, rest)
        }
    }
}

/// `divmod(a, b)`.
pub fn divmod(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (quotient, rest) = match operands!(a, b) {
        (_, y) if y.is_zero() => return zero_division(ctx),
        (View::Small(x), View::Small(y)) if let Some((q, r)) = int_math::small_divmod(x, y) => {
            (from_i64(ctx, q)?, from_i64(ctx, r)?)
        }
        (x, y) if let Some((q, r)) = wide_divmod(x, y) => (from_wide(ctx, q)?, from_wide(ctx, r)?),
        (x, y) => {
            let (q, r) = int_math::divmod(&x.big(), &y.big()).or_raise(ctx)?;
            (from_big(ctx, q)?, from_big(ctx, r)?)
        }
    };
    crate::object::tuple::from_vec(ctx, vec![quotient, rest])
}

/// The largest integer up to which every integer is a float.
const EXACT: u64 = 1 << 53;

/// `a / b`, correctly rounded.
pub fn truediv(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let value = match operands!(a, b) {
        (_, y) if y.is_zero() => return zero_division(ctx),
        (View::Small(x), View::Small(y))
            if x.unsigned_abs() <= EXACT && y.unsigned_abs() <= EXACT =>
        {
            x as f64 / y as f64
        }
        (x, y) => int_math::true_divide(&x.big(), &y.big()).or_raise(ctx)?,
    };
    float::new(ctx, value)
}

/// `pow(a, b, modulus)`; `modulus` is None for `a ** b`.
pub fn pow(ctx: &mut Ctx, a: &Obj, b: &Obj, modulus: &Obj) -> PyResult {
    let (x, y) = operands!(a, b);
    if !modulus.is_none() {
        let Some(m) = view(modulus) else {
            return Ok(Obj::NOT_IMPLEMENTED);
        };
        if let (View::Small(x), View::Small(y), View::Small(m)) = (x, y, m)
            && y >= 0
            && m != 0
        {
            return from_i64(ctx, small_pow_mod(x, y, m));
        }
        let mut go_on = || !ctx.poll();
        let power = int_math::pow_mod(&x.big(), &y.big(), &m.big(), &mut go_on).or_raise(ctx)?;
        return match power {
            Some(power) => from_big(ctx, power),
            None => Err(Raised::stored()),
        };
    }
    if y.is_negative() {
        return float::pow(ctx, a, b, &Obj::NONE);
    }
    if let (View::Small(x), View::Small(y)) = (x, y)
        && let Ok(y) = u32::try_from(y)
        && let Some(result) = x.checked_pow(y)
    {
        return from_i64(ctx, result);
    }
    if let (false, Some(exponent)) = (x.is_zero(), y.big().to_u64()) {
        room_for_bits(ctx, (x.big().bits() - 1).saturating_mul(exponent))?;
    }
    let power = int_math::pow(&x.big(), &y.big(), &mut || !ctx.poll()).or_raise(ctx)?;
    match power {
        Some(power) => from_big(ctx, power),
        None => Err(Raised::stored()),
    }
}

/// `pow(x, y, m)` for `y >= 0` and `m != 0`; the result has the sign of `m`.
fn small_pow_mod(x: i64, mut y: i64, m: i64) -> i64 {
    let modulus = i128::from(m).abs();
    let mut base = i128::from(x).rem_euclid(modulus);
    let mut result = 1 % modulus;
    while y > 0 {
        if y & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        y >>= 1;
    }
    if m < 0 && result != 0 {
        result -= modulus;
    }
    result as i64
}

/// `a << b`.
pub fn lshift(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (x, y) = operands!(a, b);
    if y.is_negative() {
        return Err(raise!(ctx, ValueError, "negative shift count"));
    }
    if let (View::Small(x), View::Small(y)) = (x, y)
        && y < 63
        && (x << y) >> y == x
    {
        return from_i64(ctx, x << y);
    }
    if let (Some(x), View::Small(y @ 0..126)) = (x.to_wide(), y)
        && (x << y) >> y == x
    {
        return from_wide(ctx, x << y);
    }
    if let (false, Some(count)) = (x.is_zero(), y.big().to_u64())
        && count < int_math::MAX_BITS
    {
        room_for_bits(ctx, x.big().bits().saturating_add(count))?;
    }
    let result = int_math::shift_left(&x.big(), &y.big()).or_raise(ctx)?;
    from_big(ctx, result)
}

/// `a >> b`.
pub fn rshift(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    let (x, y) = operands!(a, b);
    if y.is_negative() {
        return Err(raise!(ctx, ValueError, "negative shift count"));
    }
    if let (View::Small(x), View::Small(y)) = (x, y) {
        return from_i64(ctx, x >> y.min(63));
    }
    if let (Some(x), View::Small(y)) = (x.to_wide(), y) {
        return from_wide(ctx, x >> y.min(127));
    }
    let result = int_math::shift_right(&x.big(), &y.big()).or_raise(ctx)?;
    from_big(ctx, result)
}

/// `-a`.
pub fn neg(ctx: &mut Ctx, a: &Obj) -> PyResult {
    match view(a) {
        Some(View::Small(x)) => from_i64(ctx, -x),
        Some(View::Big(x)) => from_big(ctx, -x),
        None => Ok(Obj::NOT_IMPLEMENTED),
    }
}

/// `abs(a)`.
pub fn abs(ctx: &mut Ctx, a: &Obj) -> PyResult {
    match view(a) {
        Some(View::Small(x)) => from_i64(ctx, x.abs()),
        Some(View::Big(x)) => from_big(ctx, x.magnitude().clone().into()),
        None => Ok(Obj::NOT_IMPLEMENTED),
    }
}

/// `~a`.
pub fn invert(ctx: &mut Ctx, a: &Obj) -> PyResult {
    match view(a) {
        Some(View::Small(x)) => from_i64(ctx, !x),
        Some(View::Big(x)) => from_big(ctx, !x),
        None => Ok(Obj::NOT_IMPLEMENTED),
    }
}

/// `bool(a)`.
pub fn truth(_: &mut Ctx, a: &Obj) -> PyResult<bool> {
    Ok(view(a).is_none_or(|x| !x.is_zero()))
}

/// `hash(a)`.
pub fn hash(_: &mut Ctx, a: &Obj) -> PyResult<i64> {
    Ok(match view(a) {
        Some(View::Small(x)) => number_hash::small_int(x),
        Some(View::Big(x)) => number_hash::int(x),
        None => 0,
    })
}

/// `a < b` and so on.
pub fn compare(_: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let ordering = match operands!(a, b) {
        (View::Small(x), View::Small(y)) => x.cmp(&y),
        (x, y) => x.big().cmp(&y.big()),
    };
    Ok(Obj::bool(op.holds(ordering)))
}

/// How an int and a float compare, exactly; `None` for a NaN.
pub fn order_float(x: View<'_>, y: f64) -> Option<Ordering> {
    if let View::Small(x) = x
        && x.unsigned_abs() <= EXACT
    {
        return (x as f64).partial_cmp(&y);
    }
    if y.is_nan() {
        return None;
    }
    let Some(whole) = BigInt::from_f64(y.trunc()) else {
        return 0.0.partial_cmp(&y);
    };
    // Equal whole parts leave the decision to the fraction.
    let fraction = || 0.0.partial_cmp(&y.fract()).unwrap_or(Ordering::Equal);
    Some(x.big().as_ref().cmp(&whole).then_with(fraction))
}

/// The int's value as a float; OverflowError when it is too large.
pub fn to_f64(ctx: &mut Ctx, x: View<'_>) -> PyResult<f64> {
    match x {
        View::Small(x) => Ok(x as f64),
        View::Big(x) => crate::number::int_text::to_float(x).or_raise(ctx),
    }
}
