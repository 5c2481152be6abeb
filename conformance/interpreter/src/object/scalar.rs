//! Items of binary data: what a letter of `struct`, `array` or a memoryview's format stands for, as bytes and as a value.

use super::obj::Obj;
use super::protocol;
use super::type_::type_of;
use super::{bytes, complex, float, int};
use crate::error::{PyResult, Raised, raise};
use crate::number::complex_text::Complex;
use kit_core::thread::Ctx;
use num_bigint::{BigInt, Sign};
#[cfg(not(feature = "std"))]
use num_traits::Float as _;

/// Why a value does not become an item.
pub enum Unfit {
    /// It is of the wrong type.
    Type,
    /// It is too large or too small.
    Range,
    /// Asking it raised.
    Raised(Raised),
}

impl From<Raised> for Unfit {
    fn from(raised: Raised) -> Unfit {
        Unfit::Raised(raised)
    }
}

/// Whether the machine's numbers begin with their highest byte.
pub const NATIVE_BIG: bool = cfg!(target_endian = "big");

/// Bytes of a native item, which is also what it is aligned to but for complex numbers; `None` for letters that are
/// no single item.
pub fn native_size(code: u8) -> Option<usize> {
    Some(match code {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'P' | b'd' | b'F' => 8,
        b'D' => 16,
        _ => return None,
    })
}

/// What a native item is aligned to.
pub fn native_align(code: u8) -> usize {
    match code {
        b'F' => 4,
        b'D' => 8,
        _ => native_size(code).unwrap_or(1),
    }
}

/// Bytes of an item of a format with a fixed layout.
pub fn standard_size(code: u8) -> Option<usize> {
    Some(match code {
        b'l' | b'L' => 4,
        b'n' | b'N' | b'P' => return None,
        _ => return native_size(code),
    })
}

/// Whether a letter stands for whole numbers, and whether these have a sign.
pub fn integer(code: u8) -> Option<bool> {
    Some(match code {
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => true,
        b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' => false,
        _ => return None,
    })
}

/// The least and the largest number of so many bytes.
pub fn bounds(signed: bool, size: usize) -> (i128, i128) {
    let bits = size as u32 * 8;
    if signed {
        (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        (0, (1 << bits) - 1)
    }
}

/// The bytes as a number, lowest first.
fn load(data: &[u8], big: bool) -> u64 {
    let shift = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    if big {
        data.iter().fold(0, shift)
    } else {
        data.iter().rev().fold(0, shift)
    }
}

fn store(data: &mut [u8], big: bool, value: u64) {
    let size = data.len();
    for (at, byte) in data.iter_mut().enumerate() {
        let place = if big { size - 1 - at } else { at };
        *byte = (value >> (8 * place)) as u8;
    }
}

/// A half-precision number.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        0x1F if fraction == 0.0 => sign * f64::INFINITY,
        0x1F => f64::from_bits(
            u64::from(bits & 0x8000) << 48 | 0x7FF << 52 | u64::from(bits & 0x3FF) << 42,
        ),
        _ => sign * (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// The nearest half-precision number; `None` if it would be infinite.
pub fn f64_to_half(value: f64) -> Option<u16> {
    let sign = ((value.to_bits() >> 48) & 0x8000) as u16;
    if value.is_nan() {
        let payload = (value.to_bits() >> 42 & 0x3FF) as u16;
        return Some(sign | 0x7C00 | if payload == 0 { 0x200 } else { payload });
    }
    if value.is_infinite() {
        return Some(sign | 0x7C00);
    }
    let value = value.abs();
    // The distance between neighbours, exact; a quotient by it is exact too.
    let exponent = ((value.to_bits() >> 52) as i32 - 1023).clamp(-14, 15);
    let units = crate::host::round_ties_even(value / 2f64.powi(exponent - 10));
    if units >= 2048.0 && exponent == 15 {
        return None;
    }
    // A carry out of the fraction goes into the exponent.
    let base = ((exponent + 14) as u16) << 10;
    let bits = base + units as u16;
    (bits < 0x7C00).then_some(sign | bits)
}

/// The value of an item.
pub fn unpack(ctx: &mut Ctx, code: u8, big: bool, data: &[u8]) -> PyResult {
    if let Some(signed) = integer(code) {
        let value = load(data, big);
        if signed {
            let shift = 64 - 8 * data.len() as u32;
            return int::from_i64(ctx, ((value << shift) as i64) >> shift);
        }
        return match i64::try_from(value) {
            Ok(value) => int::from_i64(ctx, value),
            Err(_) => int::from_big(ctx, BigInt::from(value)),
        };
    }
    match code {
        b'c' => bytes::new(ctx, data),
        b'?' => Ok(Obj::bool(data.iter().any(|byte| *byte != 0))),
        b'P' => int::from_big(ctx, BigInt::from(load(data, big))),
        b'F' | b'D' => {
            let half = data.len() / 2;
            let (real, imag) = (real(&data[..half], big), real(&data[half..], big));
            complex::new(ctx, Complex { re: real, im: imag })
        }
        _ => float::new(ctx, real(data, big)),
    }
}

fn real(data: &[u8], big: bool) -> f64 {
    let bits = load(data, big);
    match data.len() {
        2 => half_to_f64(bits as u16),
        4 => f32::from_bits(bits as u32).into(),
        _ => f64::from_bits(bits),
    }
}

/// Writes the item that a value becomes.
pub fn pack(ctx: &mut Ctx, code: u8, big: bool, value: &Obj, data: &mut [u8]) -> Result<(), Unfit> {
    if let Some(signed) = integer(code) {
        let number = whole(ctx, value)?;
        let (least, most) = bounds(signed, data.len());
        let fits = i128::try_from(&number).is_ok_and(|n| (least..=most).contains(&n));
        if !fits {
            return Err(Unfit::Range);
        }
        store(data, big, low_bits(&number));
        return Ok(());
    }
    match code {
        b'c' => match value.downcast::<bytes::PyBytes>().map(|b| b.data()) {
            Some([byte]) => data[0] = *byte,
            _ => return Err(Unfit::Type),
        },
        b'?' => data[0] = protocol::truth(ctx, value)?.into(),
        b'P' => {
            let number = whole(ctx, value)?;
            if number.bits() > 64 {
                return Err(Unfit::Range);
            }
            store(data, big, low_bits(&number));
        }
        b'F' | b'D' => {
            let Some(number) = complex::convert(ctx, value)? else {
                return Err(Unfit::Type);
            };
            let (real, imag) = (number.re, number.im);
            let half = data.len() / 2;
            let letter = if code == b'F' { b'f' } else { b'd' };
            put_real(ctx, letter, big, real, &mut data[..half])?;
            put_real(ctx, letter, big, imag, &mut data[half..])?;
        }
        _ => {
            let Some(number) = float::convert(ctx, value)? else {
                return Err(Unfit::Type);
            };
            put_real(ctx, code, big, number, data)?;
        }
    }
    Ok(())
}

fn put_real(ctx: &mut Ctx, code: u8, big: bool, value: f64, data: &mut [u8]) -> PyResult<()> {
    let bits = match code {
        b'e' => f64_to_half(value).map(u64::from),
        b'f' => {
            let narrow = value as f32;
            let overflow = narrow.is_infinite() && value.is_finite();
            (!overflow).then_some(narrow.to_bits().into())
        }
        _ => Some(value.to_bits()),
    };
    let Some(bits) = bits else {
        let letter = char::from(code);
        return Err(raise!(
            ctx,
            OverflowError,
            "float too large to pack with {letter} format"
        ));
    };
    store(data, big, bits);
    Ok(())
}

/// The number that an int, or what has an index, means.
fn whole(ctx: &mut Ctx, value: &Obj) -> Result<BigInt, Unfit> {
    if let Some(number) = int::to_big(value) {
        return Ok(number);
    }
    if type_of(ctx, value).slots(ctx).index.is_none() {
        return Err(Unfit::Type);
    }
    let index = protocol::index(ctx, value)?;
    int::to_big(&index).ok_or(Unfit::Type)
}

/// The lowest 64 bits, in two's complement.
fn low_bits(number: &BigInt) -> u64 {
    let low = number.iter_u64_digits().next().unwrap_or(0);
    if number.sign() == Sign::Minus {
        low.wrapping_neg()
    } else {
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_to_even_and_come_back() {
        for bits in (0..=0x7C00u16).chain(0x8000..=0xFC00) {
            assert_eq!(f64_to_half(half_to_f64(bits)), Some(bits));
        }
        assert_eq!(f64_to_half(65519.0), Some(0x7BFF));
        assert_eq!(f64_to_half(65520.0), None);
        assert_eq!(f64_to_half(2049.0), f64_to_half(2048.0));
        assert_eq!(f64_to_half(2f64.powi(-25)), Some(0));
        assert_eq!(f64_to_half(1.5 * 2f64.powi(-25)), Some(1));
        assert!(half_to_f64(0x7E00).is_nan());
    }
}
