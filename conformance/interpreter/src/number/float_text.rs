//! Floats as text and back: `repr`, parsing, hexadecimal form, rounding.
//!
//! std prints and parses decimal floats exactly; this module adds Python's layout and grammar.

use crate::prelude::*;
use num_bigint::{BigInt, BigUint};
#[cfg(not(feature = "std"))]
use num_traits::Float as _;

use crate::text::fault::Fault;
use crate::text::str_repr::{bytes_repr, repr_string};
use crate::text::unicode;
use crate::text::wtf8::Wtf8;

// ---- decimal digits --------------------------------------------------------------------------

/// A positive finite float in decimal: `0.d1d2d3… × 10^point`, digits in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The significant digits.
    pub digits: String,
    /// Where the point stands, counted from before the first digit.
    pub point: i32,
}

/// The fewest digits that read back as `x`, which is finite; its sign is ignored.
pub fn shortest(x: f64) -> Decimal {
    let decimal = parse_exponential(&format!("{:e}", x.abs()));
    let places = decimal.digits.len() as i32 - decimal.point;
    if is_shortest_tied(x, places) {
        return significant(x, decimal.digits.len());
    }
    decimal
}

/// `x` correctly rounded to `count` significant digits, at least one.
pub fn significant(x: f64, count: usize) -> Decimal {
    // No double has more than 767 significant digits: the rest are zeros.
    let real = count.clamp(1, 800);
    let mut decimal = parse_exponential(&format!("{:.*e}", real - 1, x.abs()));
    decimal
        .digits
        .extend(core::iter::repeat_n('0', count.max(1) - real));
    decimal
}

/// `x` correctly rounded to `count` digits after the point, in plain notation without sign.
pub fn fixed(x: f64, count: usize) -> String {
    // The last digit of the smallest double is the 1074th after the point.
    let real = count.min(1100);
    let mut text = format!("{:.*}", real, x.abs());
    text.extend(core::iter::repeat_n('0', count - real));
    text
}

fn parse_exponential(text: &str) -> Decimal {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    Decimal {
        digits,
        point: exponent.parse::<i32>().unwrap_or(0) + 1,
    }
}

/// `repr(float)`.
pub fn repr(x: f64) -> String {
    if !x.is_finite() {
        return non_finite(x).into();
    }
    if x.abs() < 1e15 && x == x.trunc() {
        let mut text = (x as i64).to_string();
        if x == 0.0 && x.is_sign_negative() {
            text.insert(0, '-');
        }
        text.push_str(".0");
        return text;
    }
    let magnitude = x.abs();
    if (1e-4..1e16).contains(&magnitude) {
        // std's plain notation is the shortest digits laid out without an exponent.
        let mut text = x.to_string();
        match text.find('.') {
            None => text.push_str(".0"),
            Some(point) => {
                let places = text.len() - point - 1;
                if is_shortest_tied(x, places as i32) {
                    return format!("{x:.places$}");
                }
            }
        }
        return text;
    }
    let text = format!("{x:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{exponent:0>2}")
}

/// Whether two decimals of `places` digits after the point are equally near and both shortest:
/// Python takes the even one, std the upper.
///
/// A tie needs exactly one more digit than is shown, a 5; and a float with so many bits after the
/// point has as many digits there.
fn is_shortest_tied(x: f64, places: i32) -> bool {
    let (mantissa, exponent) = decompose(x);
    places > 0 && -(exponent + mantissa.trailing_zeros() as i32) == places + 1
}

/// `nan`, `inf` or `-inf`.
pub fn non_finite(x: f64) -> &'static str {
    if x.is_nan() {
        "nan"
    } else if x > 0.0 {
        "inf"
    } else {
        "-inf"
    }
}

// ---- parsing ---------------------------------------------------------------------------------

/// `float(str)`.
pub fn parse_str(text: &Wtf8) -> Result<f64, Fault> {
    let ascii = to_ascii_number(text);
    ascii.as_deref().and_then(parse_number).ok_or_else(|| {
        Fault::value(format!(
            "could not convert string to float: {}",
            repr_string(text)
        ))
    })
}

/// `float(bytes)`.
pub fn parse_bytes(bytes: &[u8]) -> Result<f64, Fault> {
    core::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.is_ascii())
        .and_then(|text| parse_number(text.trim_matches(is_ascii_space)))
        .ok_or_else(|| {
            Fault::value(format!(
                "could not convert string to float: {}",
                bytes_repr(bytes)
            ))
        })
}

/// A number's text with white space stripped and decimal digits of all scripts made ASCII;
/// `None` if anything else is not ASCII.
pub fn to_ascii_number(text: &Wtf8) -> Option<String> {
    if let Some(text) = text.to_str()
        && text.is_ascii()
    {
        return Some(text.trim_matches(is_str_space).into());
    }
    let mut out = String::with_capacity(text.byte_len());
    for point in text.code_points() {
        if unicode::is_space(point) {
            out.push(' ');
        } else if let Some(digit) = unicode::decimal_value(point) {
            out.push((b'0' + digit as u8).into());
        } else if point < 0x80 {
            out.push(point as u8 as char);
        } else {
            return None;
        }
    }
    Some(out.trim_matches(' ').into())
}

/// A decimal number, `inf` or `nan`, without white space: Python's grammar, underscores included.
pub fn parse_number(text: &str) -> Option<f64> {
    // Apart from underscores the grammar is std's.
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1))) {
            return None;
        }
    }
    text.replace('_', "").parse().ok()
}

/// White space in `bytes`.
pub fn is_ascii_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn is_str_space(c: char) -> bool {
    unicode::is_space(c.into())
}

// ---- hexadecimal -----------------------------------------------------------------------------

/// `float.hex`.
pub fn to_hex(x: f64) -> String {
    if !x.is_finite() {
        return non_finite(x).into();
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let bits = x.to_bits();
    let (biased, fraction) = ((bits >> 52 & 0x7FF) as i32, bits & FRACTION);
    if biased == 0 && fraction == 0 {
        return format!("{sign}0x0.0p+0");
    }
    let (lead, exponent) = if biased == 0 {
        (0, -1022)
    } else {
        (1, biased - 1023)
    };
    format!("{sign}0x{lead}.{fraction:013x}p{exponent:+}")
}

/// `float.fromhex`.
pub fn from_hex(text: &Wtf8) -> Result<f64, Fault> {
    let invalid = || Fault::value("invalid hexadecimal floating-point string");
    let text = text
        .to_str()
        .ok_or_else(invalid)?
        .trim_matches(is_ascii_space);
    let (negative, body) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let signed = |x: f64| if negative { -x } else { x };
    match body.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => return Ok(signed(f64::INFINITY)),
        "nan" => return Ok(signed(f64::NAN)),
        _ => {}
    }
    let body = body
        .strip_prefix("0x")
        .or_else(|| body.strip_prefix("0X"))
        .unwrap_or(body);
    let (mantissa, exponent) = match body.find(['p', 'P']) {
        Some(at) => (
            &body[..at],
            parse_exponent(&body[at + 1..]).ok_or_else(invalid)?,
        ),
        None => (body, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + part.len() == 0 {
        return Err(invalid());
    }
    // Keep 64 bits, and in `sticky` whether anything below them is set.
    let (mut bits, mut sticky, mut dropped) = (0u64, false, 0i64);
    for c in whole.chars().chain(part.chars()) {
        let digit = u64::from(c.to_digit(16).ok_or_else(invalid)?);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
        } else {
            sticky |= digit != 0;
            dropped += 4;
        }
    }
    if bits == 0 {
        return Ok(signed(0.0));
    }
    let exponent = exponent
        .saturating_add(dropped)
        .saturating_sub(4 * part.len() as i64);
    scale_bits(bits, sticky, exponent)
        .map(signed)
        .ok_or_else(|| Fault::overflow("hexadecimal value too large to represent as a float"))
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Anything this large has long over- or underflowed.
    let value: i64 = digits.parse().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if negative { -value } else { value })
}

/// `bits × 2^exponent`, plus a little if `sticky`, rounded half to even; `None` on overflow.
/// `bits` is not zero.
pub(super) fn scale_bits(bits: u64, mut sticky: bool, exponent: i64) -> Option<f64> {
    let top = exponent.saturating_add(63 - i64::from(bits.leading_zeros()));
    if top > 1023 {
        return None;
    }
    // The exponent of the last bit a double keeps at this magnitude.
    let last = (top - 52).max(-1074);
    let shift = last.saturating_sub(exponent);
    let mut kept = match shift {
        ..=0 => bits << -shift,
        1..=64 => {
            let (kept, half) = (
                if shift == 64 { 0 } else { bits >> shift },
                1u64 << (shift - 1),
            );
            sticky |= bits & (half - 1) != 0;
            kept + u64::from(bits & half != 0 && (sticky || kept & 1 == 1))
        }
        _ => 0,
    };
    let mut last = last;
    if kept == 1 << 53 {
        (kept, last) = (1 << 52, last + 1);
    }
    if kept >> 52 == 0 {
        return Some(f64::from_bits(kept));
    }
    let biased = (last + 52 + 1023) as u64;
    (biased < 0x7FF).then(|| f64::from_bits(biased << 52 | kept & FRACTION))
}

// ---- rounding and parts ----------------------------------------------------------------------

/// `round(x, digits)`, correctly rounded, ties to even.
pub fn round(x: f64, digits: i64) -> Result<f64, Fault> {
    // Past these no digit moves, or none is left.
    if !x.is_finite() || x == 0.0 || digits > 323 {
        return Ok(x);
    }
    if digits < -308 {
        return Ok(0.0f64.copysign(x));
    }
    let rounded = if digits >= 0 {
        format!("{:.*}", digits as usize, x).parse().unwrap_or(x)
    } else {
        let decimal = significant_before(x.abs(), -digits);
        decimal.parse::<f64>().unwrap_or(x).copysign(x)
    };
    if rounded.is_infinite() {
        return Err(Fault::overflow("rounded value too large to represent"));
    }
    Ok(rounded)
}

/// `x` rounded to a multiple of `10^places`, as decimal text.
fn significant_before(x: f64, places: i64) -> String {
    let whole = BigUint::from(x.trunc() as u128);
    let whole = if x < 1e38 {
        whole
    } else {
        float_to_int(x)
            .map(|int| int.magnitude().clone())
            .unwrap_or(whole)
    };
    let unit = BigUint::from(10u8).pow(places as u32);
    let (mut quotient, rest) = (&whole / &unit, &whole % &unit);
    let twice = rest * 2u8;
    let odd = quotient.bit(0);
    let beyond = x.fract() != 0.0;
    if twice > unit || twice == unit && (odd || beyond) {
        quotient += 1u8;
    }
    format!("{quotient}e{places}")
}

/// `round(x)`: the nearest integer, ties to even, still a float.
pub fn round_to_integer(x: f64) -> f64 {
    crate::host::round_ties_even(x)
}

/// `int(x)`; the fault is Python's for `inf` and `nan`.
pub fn float_to_int(x: f64) -> Result<BigInt, Fault> {
    if x.is_nan() {
        return Err(Fault::value("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(Fault::overflow("cannot convert float infinity to integer"));
    }
    let (mantissa, exponent) = decompose(x);
    Ok(if exponent >= 0 {
        BigInt::from(mantissa) << exponent as u32
    } else if exponent <= -64 {
        BigInt::ZERO
    } else {
        // Divide, so that negative numbers truncate too.
        BigInt::from(mantissa / (1i128 << -exponent) as i64)
    })
}

/// `x` as `mantissa × 2^exponent`, with a mantissa of at most 53 bits.
pub fn decompose(x: f64) -> (i64, i32) {
    let bits = x.to_bits();
    let (biased, fraction) = ((bits >> 52 & 0x7FF) as i32, (bits & FRACTION) as i64);
    let (mantissa, exponent) = if biased == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, biased - 1075)
    };
    (
        if x.is_sign_negative() {
            -mantissa
        } else {
            mantissa
        },
        exponent,
    )
}

/// `float.as_integer_ratio`.
pub fn as_integer_ratio(x: f64) -> Result<(BigInt, BigInt), Fault> {
    if x.is_nan() {
        return Err(Fault::value("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(Fault::overflow("cannot convert Infinity to integer ratio"));
    }
    let (mantissa, exponent) = decompose(x);
    if mantissa == 0 {
        return Ok((BigInt::ZERO, 1.into()));
    }
    let zeros = mantissa.trailing_zeros();
    let (mantissa, exponent) = (mantissa >> zeros, exponent + zeros as i32);
    Ok(if exponent >= 0 {
        (BigInt::from(mantissa) << exponent as u32, 1.into())
    } else {
        (mantissa.into(), BigInt::from(1) << exponent.unsigned_abs())
    })
}

/// `float.is_integer`.
pub fn is_integer(x: f64) -> bool {
    x.is_finite() && x.trunc() == x
}

/// `divmod(a, b)` for floats.
pub fn divmod(a: f64, b: f64) -> Result<(f64, f64), Fault> {
    if b == 0.0 {
        return Err(Fault::zero_division("division by zero"));
    }
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0f64.copysign(b);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    } else {
        0.0f64.copysign(a / b)
    };
    Ok((floor, rest))
}

/// What `float ** float` gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Power {
    /// A float.
    Real(f64),
    /// A negative base to a fraction: compute it with complex numbers.
    Complex,
}

/// What the system says of a result that no float can hold; its number is [`ERANGE`].
pub const OUT_OF_RANGE: &str = "Numerical result out of range";

/// The system's number of [`OUT_OF_RANGE`].
pub const ERANGE: i64 = 34;

/// `a ** b` for floats.
pub fn pow(a: f64, b: f64) -> Result<Power, Fault> {
    if b == 0.0 || a == 1.0 {
        return Ok(Power::Real(1.0));
    }
    if a == 0.0 && b < 0.0 && b.is_finite() {
        return Err(Fault::zero_division("zero to a negative power"));
    }
    if a.is_finite() && b.is_finite() && a < 0.0 && b != b.floor() {
        return Ok(Power::Complex);
    }
    let power = a.powf(b);
    if power.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(Fault::overflow(OUT_OF_RANGE));
    }
    Ok(Power::Real(power))
}

const FRACTION: u64 = (1 << 52) - 1;

#[cfg(test)]
#[allow(clippy::excessive_precision, clippy::approx_constant)] // Values as Python prints them.
mod tests {
    use super::*;

    #[test]
    fn repr_picks_the_shortest_digits_and_pythons_layout() {
        for (x, text) in [
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (5e-324, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (9007199254740993.0, "9007199254740992.0"),
            (f64::INFINITY, "inf"),
            (-1.5, "-1.5"),
            (1.5e-7, "1.5e-07"),
            (921586499755185.25, "921586499755185.2"),
            (23055488935942.5625, "23055488935942.562"),
            (9999999999999998.0, "9999999999999998.0"),
        ] {
            assert_eq!(repr(x), text);
        }
    }

    #[test]
    fn parsing() {
        let p = |text: &str| parse_str(Wtf8::from_str(text));
        assert_eq!(p(" \u{3000}1_000.5e-1_0\n"), Ok(1000.5e-10));
        assert_eq!(p("١٢٫".trim_end_matches('٫')), Ok(12.0));
        assert_eq!(p("-Infinity"), Ok(f64::NEG_INFINITY));
        assert!(p("nAn").unwrap().is_nan());
        assert_eq!(p(".5"), Ok(0.5));
        assert_eq!(p("5."), Ok(5.0));
        for bad in [
            "", " ", ".", "1_", "_1", "1__0", "1_.0", "1e", "0x1", "1 2", "é", "i_nf",
        ] {
            let message = format!("could not convert string to float: '{bad}'");
            assert_eq!(p(bad), Err(Fault::value(message)));
        }
        assert_eq!(
            parse_bytes(b"x\xff").unwrap_err().message,
            r"could not convert string to float: b'x\xff'"
        );
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(to_hex(3.14159), "0x1.921f9f01b866ep+1");
        assert_eq!(to_hex(-0.0), "-0x0.0p+0");
        assert_eq!(to_hex(5e-324), "0x0.0000000000001p-1022");
        let f = |text: &str| from_hex(Wtf8::from_str(text));
        assert_eq!(f("0x1.921f9f01b866ep+1"), Ok(3.14159));
        assert_eq!(f(" -0x.8p0 "), Ok(-0.5));
        assert_eq!(f("0x1.fffffffffffff8p+0"), Ok(2.0));
        assert_eq!(f("0x1.fffffffffffff7fp+0"), Ok(1.9999999999999998));
        assert_eq!(f("0x0.0000000000001p-1023"), Ok(0.0));
        assert_eq!(f("0x0.00000000000011p-1023"), Ok(5e-324));
        assert_eq!(f("0x1p-1074"), Ok(5e-324));
        assert!(
            f("0x1.fffffffffffff8p+1023").is_err()
                && f("0x1p1024").is_err()
                && f("").is_err()
                && f("0x").is_err()
        );
        assert_eq!(f("-inf"), Ok(f64::NEG_INFINITY));
    }

    #[test]
    fn rounding_is_exact_and_to_even() {
        assert_eq!(round(2.675, 2), Ok(2.67));
        assert_eq!(round(0.5, 0), Ok(0.0));
        assert_eq!(round(1.5, 0), Ok(2.0));
        assert_eq!(round(25.0, -1), Ok(20.0));
        assert_eq!(round(35.0, -1), Ok(40.0));
        assert_eq!(round(25.1, -1), Ok(30.0));
        assert_eq!(round(-1234567.0, -3), Ok(-1235000.0));
        assert_eq!(
            round(1.7976931348623157e308, -308),
            Err(Fault::overflow("rounded value too large to represent"))
        );
        assert_eq!(round(5e-324, 323), Ok(0.0));
        assert_eq!(as_integer_ratio(0.75), Ok((3.into(), 4.into())));
        assert_eq!(float_to_int(-3.99), Ok((-3).into()));
        assert_eq!(
            float_to_int(1e30),
            Ok("1000000000000000019884624838656".parse().unwrap())
        );
        assert_eq!(divmod(-7.5, 2.0), Ok((-4.0, 0.5)));
    }
}
