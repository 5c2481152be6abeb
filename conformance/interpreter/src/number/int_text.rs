//! Integers as text and back, and between integers and floats.

use crate::prelude::*;
use core::f64::consts::LOG10_2;

use num_bigint::{BigInt, Sign};
use num_traits::{Num, ToPrimitive, Zero};

use crate::text::fault::Fault;
use crate::text::str_repr::{bytes_repr, repr_string};
use crate::text::wtf8::Wtf8;

use super::float_text::{is_ascii_space, scale_bits, to_ascii_number};

/// A parsed integer: small ones need no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int {
    /// Fits 64 bits.
    Small(i64),
    /// Does not.
    Big(BigInt),
}

impl From<BigInt> for Int {
    fn from(int: BigInt) -> Int {
        match int.to_i64() {
            Some(small) => Int::Small(small),
            None => Int::Big(int),
        }
    }
}

impl From<Int> for BigInt {
    fn from(int: Int) -> BigInt {
        match int {
            Int::Small(small) => small.into(),
            Int::Big(big) => big,
        }
    }
}

/// `int(str, base)`: base 0 or 2..=36; `max_digits` 0 means no limit.
pub fn parse_str(text: &Wtf8, base: u32, max_digits: usize) -> Result<Int, Fault> {
    match to_ascii_number(text)
        .as_deref()
        .map(|text| parse(text, base, max_digits))
    {
        Some(Ok(int)) => Ok(int),
        Some(Err(Problem::TooLong(digits))) => Err(too_long_to_parse(max_digits, digits)),
        _ => Err(invalid(base, &repr_string(text))),
    }
}

/// `int(bytes, base)`.
pub fn parse_bytes(bytes: &[u8], base: u32, max_digits: usize) -> Result<Int, Fault> {
    let text = core::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.is_ascii());
    match text.map(|text| parse(text.trim_matches(is_ascii_space), base, max_digits)) {
        Some(Ok(int)) => Ok(int),
        Some(Err(Problem::TooLong(digits))) => Err(too_long_to_parse(max_digits, digits)),
        _ => Err(invalid(base, &bytes_repr(bytes))),
    }
}

/// Why text is no integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It breaks the grammar.
    Syntax,
    /// It has this many digits, more than allowed.
    TooLong(usize),
}

/// Parses ASCII text without surrounding white space.
pub fn parse(text: &str, base: u32, max_digits: usize) -> Result<Int, Problem> {
    let (negative, body) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = match body.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut digits = body;
    let mut base_found = base;
    if prefix != 0 && (base == 0 || base == prefix) {
        base_found = prefix;
        digits = &body[2..];
        // One underscore may follow the prefix.
        digits = digits.strip_prefix('_').unwrap_or(digits);
    } else if base == 0 {
        base_found = 10;
        // An old octal literal: a leading zero is allowed only in zero itself.
        if body.starts_with('0') && body.bytes().any(|byte| !matches!(byte, b'0' | b'_')) {
            return Err(Problem::Syntax);
        }
    }
    let bytes = digits.as_bytes();
    // Nearly every number in practice.
    let mut small = 0u64;
    if bytes.len() <= 12 {
        let mut previous = b'_';
        for &byte in bytes {
            match (byte as char).to_digit(base_found) {
                Some(digit) => small = small * u64::from(base_found) + u64::from(digit),
                None if byte == b'_' && previous != b'_' => {}
                None => return Err(Problem::Syntax),
            }
            previous = byte;
        }
        if previous == b'_' {
            return Err(Problem::Syntax);
        }
        // 36^12 < 2^63.
        let small = small as i64;
        return Ok(Int::Small(if negative { -small } else { small }));
    }
    if bytes.first() == Some(&b'_') || bytes.last() == Some(&b'_') || digits.contains("__") {
        return Err(Problem::Syntax);
    }
    let clean = digits.replace('_', "");
    if !clean
        .bytes()
        .all(|byte| (byte as char).is_digit(base_found))
    {
        return Err(Problem::Syntax);
    }
    if !base_found.is_power_of_two() && max_digits != 0 && clean.len() > max_digits {
        return Err(Problem::TooLong(clean.len()));
    }
    let value = parse_radix(&clean, base_found).ok_or(Problem::Syntax)?;
    Ok(if negative { -value } else { value }.into())
}

/// Reads digits by halves: multiplication is faster than num-bigint's quadratic reading.
fn parse_radix(digits: &str, base: u32) -> Option<BigInt> {
    if digits.len() <= 2000 || base.is_power_of_two() {
        return BigInt::from_str_radix(digits, base).ok();
    }
    let (high, low) = digits.split_at(digits.len() / 2);
    let scale = BigInt::from(base).pow(low.len() as u32);
    Some(parse_radix(high, base)? * scale + parse_radix(low, base)?)
}

/// `str(int)`, refusing more digits than `max_digits` (0: no limit).
pub fn to_decimal(int: &BigInt, max_digits: usize) -> Result<String, Fault> {
    // 10^n has more than 3n bits, so shorter numbers cannot exceed the limit.
    if max_digits != 0 && int.bits() > 3 * max_digits as u64 {
        // log10(2) = 0.30103 tells far too long ones without writing them.
        if int.bits() as f64 * LOG10_2 * (1.0 - 1e-9) > max_digits as f64 + 1.0 {
            return Err(too_long_to_write(max_digits));
        }
        let text = decimal(int);
        if text.len() - usize::from(int.sign() == Sign::Minus) > max_digits {
            return Err(too_long_to_write(max_digits));
        }
        return Ok(text);
    }
    Ok(decimal(int))
}

/// Writes by halves, for the reason [`parse_radix`] reads so.
fn decimal(int: &BigInt) -> String {
    if int.bits() <= 20_000 {
        return int.to_string();
    }
    fn write(out: &mut String, int: BigInt, digits: u32, pad: bool) {
        if int.bits() <= 10_000 {
            let text = int.to_string();
            if pad {
                out.extend(core::iter::repeat_n(
                    '0',
                    (digits as usize).saturating_sub(text.len()),
                ));
            }
            if pad || !int.is_zero() {
                out.push_str(&text);
            }
            return;
        }
        let low = digits / 2;
        let unit = BigInt::from(10).pow(low);
        let (high, rest) = (&int / &unit, &int % &unit);
        let written = out.len();
        write(out, high, digits - low, pad);
        write(out, rest, low, pad || out.len() > written);
    }
    let mut out = String::new();
    if int.sign() == Sign::Minus {
        out.push('-');
    }
    let digits = (int.bits() as f64 * LOG10_2 * (1.0 + 1e-9)) as u32 + 2;
    write(&mut out, int.magnitude().clone().into(), digits, false);
    out
}

/// `hex`, `oct`, `bin` and their like: digits in base 2, 8, 10 or 16 without sign or prefix.
pub fn magnitude_digits(int: &BigInt, base: u32) -> String {
    if base == 10 {
        decimal(&int.magnitude().clone().into())
    } else {
        int.magnitude().to_str_radix(base)
    }
}

/// [`magnitude_digits`] of a machine word.
pub fn small_digits(int: i64, base: u32) -> String {
    let magnitude = int.unsigned_abs();
    match base {
        2 => format!("{magnitude:b}"),
        8 => format!("{magnitude:o}"),
        16 => format!("{magnitude:x}"),
        _ => magnitude.to_string(),
    }
}

/// `hex(int)` (16), `oct(int)` (8) or `bin(int)` (2), with sign and prefix.
pub fn with_prefix(int: &BigInt, base: u32) -> String {
    let sign = if int.sign() == Sign::Minus { "-" } else { "" };
    let letter = match base {
        2 => 'b',
        8 => 'o',
        _ => 'x',
    };
    format!("{sign}0{letter}{}", magnitude_digits(int, base))
}

/// `float(int)`, correctly rounded.
pub fn to_float(int: &BigInt) -> Result<f64, Fault> {
    let too_large = || Fault::overflow("int too large to convert to float");
    let bits = int.bits();
    if bits == 0 {
        return Ok(0.0);
    }
    if bits > 1024 {
        return Err(too_large());
    }
    let magnitude = int.magnitude();
    let shift = bits.saturating_sub(64);
    let top = (magnitude >> shift).to_u64().unwrap_or(0);
    let sticky = shift > 0
        && magnitude
            .trailing_zeros()
            .is_some_and(|zeros| zeros < shift);
    let value = scale_bits(top, sticky, shift as i64).ok_or_else(too_large)?;
    Ok(if int.sign() == Sign::Minus {
        -value
    } else {
        value
    })
}

#[cold]
fn invalid(base: u32, shown: &str) -> Fault {
    // CPython cuts what it shows at 200 characters.
    let shown: String = shown.chars().take(200).collect();
    Fault::value(format!(
        "invalid literal for int() with base {base}: {shown}"
    ))
}

#[cold]
fn too_long_to_parse(limit: usize, digits: usize) -> Fault {
    Fault::value(format!(
        "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; \
         use sys.set_int_max_str_digits() to increase the limit"
    ))
}

#[cold]
fn too_long_to_write(limit: usize) -> Fault {
    Fault::value(format!(
        "Exceeds the limit ({limit} digits) for integer string conversion; \
         use sys.set_int_max_str_digits() to increase the limit"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(text: &str, base: u32) -> Result<Int, Fault> {
        parse_str(
            Wtf8::from_str(text),
            base,
            kit_python_code::code::DEFAULT_MAX_DIGITS,
        )
    }

    #[test]
    fn grammar() {
        assert_eq!(p(" 1_000 ", 10), Ok(Int::Small(1000)));
        assert_eq!(p("-0x_fF", 0), Ok(Int::Small(-255)));
        assert_eq!(p("0b101", 2), Ok(Int::Small(5)));
        assert_eq!(p("0b1", 16), Ok(Int::Small(0xB1)));
        assert_eq!(p("zz", 36), Ok(Int::Small(1295)));
        assert_eq!(p("٤٢", 10), Ok(Int::Small(42)));
        assert_eq!(p("0_0", 0), Ok(Int::Small(0)));
        assert_eq!(
            p("9223372036854775808", 10),
            Ok(Int::Big(BigInt::from(1u64 << 63)))
        );
        assert_eq!(p("-9223372036854775808", 10), Ok(Int::Small(i64::MIN)));
        for bad in ["", "-", "1__0", "_1", "1_", "0x", "1.0", "+-1", "- 1", "é"] {
            assert_eq!(
                p(bad, 10).unwrap_err().message.to_string_lossy(),
                format!("invalid literal for int() with base 10: '{bad}'")
            );
        }
        assert!(p("010", 0).is_err() && p("0x__1", 0).is_err() && p("2", 2).is_err());
    }

    #[test]
    fn digit_limit() {
        let long = "1".repeat(4301);
        assert_eq!(
            p(&long, 10).unwrap_err().message,
            "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        let big = BigInt::from(10).pow(4300);
        assert!(to_decimal(&big, 4300).is_err());
        assert_eq!(
            to_decimal(&(big.clone() - 1), 4300).unwrap(),
            "9".repeat(4300)
        );
        assert_eq!(
            to_decimal(&big, 0).unwrap(),
            format!("1{}", "0".repeat(4300))
        );
        let deep = BigInt::from(7).pow(30_000u32);
        assert_eq!(decimal(&deep), deep.to_string());
        let round = -BigInt::from(10).pow(20_000u32);
        assert_eq!(decimal(&round), round.to_string());
        assert_eq!(parse(&deep.to_string(), 10, 0), Ok(Int::Big(deep)));
    }

    #[test]
    fn to_float_rounds_half_to_even() {
        let f = |text: &str| to_float(&text.parse().unwrap());
        assert_eq!(f("9007199254740993"), Ok(9007199254740992.0));
        assert_eq!(f("9007199254740995"), Ok(9007199254740996.0));
        assert_eq!(f("-18446744073709551617"), Ok(-18446744073709551616.0));
        assert_eq!(
            to_float(&((BigInt::from(1) << 1024u32) - 1))
                .unwrap_err()
                .message,
            "int too large to convert to float"
        );
        assert_eq!(
            to_float(&((BigInt::from((1u64 << 53) - 1)) << 971u32)),
            Ok(f64::MAX)
        );
        assert_eq!(with_prefix(&BigInt::from(-255), 16), "-0xff");
    }
}
