//! `int`: small ones are immediates; the rest are objects around a big integer.

use super::ids;
use super::obj::Obj;
use super::payload::{self, Payload};
use crate::error::PyResult;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

/// The body of an int that is not an immediate: too large for one, or an instance of a derived class.
pub struct PyInt {
    /// The value.
    pub value: BigInt,
}

// SAFETY: numbers hold no references.
unsafe impl Payload for PyInt {
    const ID: u32 = ids::INT;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "int";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// The int with this value.
#[inline]
pub fn from_i64(ctx: &mut Ctx, value: i64) -> PyResult {
    match Word::int(value) {
        // SAFETY: an immediate.
        Some(word) => Ok(unsafe { Obj::from_word(word) }),
        None => payload::new(
            ctx,
            PyInt {
                value: BigInt::from(value),
            },
        ),
    }
}

/// The int with this value.
pub fn from_usize(ctx: &mut Ctx, value: usize) -> PyResult {
    match i64::try_from(value) {
        Ok(value) => from_i64(ctx, value),
        Err(_) => from_big(ctx, BigInt::from(value)),
    }
}

/// The int with this value.
pub fn from_big(ctx: &mut Ctx, value: BigInt) -> PyResult {
    match value.to_i64().and_then(Word::int) {
        // SAFETY: an immediate.
        Some(word) => Ok(unsafe { Obj::from_word(word) }),
        None => payload::new(ctx, PyInt { value }),
    }
}

/// The value of an int (or bool) if it fits.
#[inline]
pub fn to_i64(value: &Obj) -> Option<i64> {
    if let Some(value) = value.as_small_int() {
        return Some(value);
    }
    match value.downcast::<PyInt>() {
        Some(big) => big.value.to_i64(),
        None if value.is_true() => Some(1),
        None if value.is_false() => Some(0),
        None => None,
    }
}

/// The value of an int (or bool).
pub fn to_big(value: &Obj) -> Option<BigInt> {
    match value.downcast::<PyInt>() {
        Some(big) => Some(big.value.clone()),
        None => to_i64(value).map(BigInt::from),
    }
}

/// Whether an int is below zero.
pub fn is_negative(value: &Obj) -> bool {
    match value.downcast::<PyInt>() {
        Some(big) => big.value.sign() == Sign::Minus,
        None => value.as_small_int().is_some_and(|v| v < 0),
    }
}
