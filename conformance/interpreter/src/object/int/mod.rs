//! `int`: small ones are immediates; the rest are objects around a big integer.

use super::define::{TypeDef, flag};
use super::ids;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::Slots;
use crate::error::PyResult;
use crate::vm::outside;
use alloc::borrow::Cow;
use kit_core::backend::heap::HeapKind;
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

pub mod convert;
mod methods;
mod ops;

pub use convert::{bytes_of, format_with, from_f64, max_digits, parse_text, plain, repr, to_text};
pub use ops::{
    abs, add, and, compare, divmod, floordiv, invert, lshift, mul, neg, or, order_float, pow, rem,
    room_to_write, rshift, sub, to_f64 as view_to_f64, truediv, xor,
};

/// `int`.
pub static INT: TypeDef = TypeDef {
    id: ids::INT,
    name: "int",
    base: ids::OBJECT,
    layout: ids::INT,
    kind: &Body::<PyInt>::KIND,
    flags: flag::BASE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(convert::new),
        repr: Some(convert::repr),
        hash: Some(ops::hash),
        compare: Some(ops::compare),
        bool: Some(ops::truth),
        int: Some(convert::plain),
        index: Some(convert::plain),
        float: Some(convert::to_float_obj),
        neg: Some(ops::neg),
        pos: Some(convert::plain),
        abs: Some(ops::abs),
        invert: Some(ops::invert),
        add: Some(ops::add),
        sub: Some(ops::sub),
        mul: Some(ops::mul),
        truediv: Some(ops::truediv),
        floordiv: Some(ops::floordiv),
        rem: Some(ops::rem),
        divmod: Some(ops::divmod),
        pow: Some(ops::pow),
        lshift: Some(ops::lshift),
        rshift: Some(ops::rshift),
        and: Some(ops::and),
        or: Some(ops::or),
        xor: Some(ops::xor),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    doc: "int([x]) -> integer\nint(x, base=10) -> integer",
};

/// The value of an int or bool, looked at in place.
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    /// An immediate, or a bool.
    Small(i64),
    /// The number in an object's body, which may be small in an instance of a derived class.
    Big(&'a BigInt),
}

impl<'a> View<'a> {
    /// As a big integer.
    #[inline]
    pub fn big(self) -> Cow<'a, BigInt> {
        match self {
            View::Small(value) => Cow::Owned(BigInt::from(value)),
            View::Big(value) => Cow::Borrowed(value),
        }
    }

    /// The value, if it fits.
    #[inline]
    pub fn to_i64(self) -> Option<i64> {
        match self {
            View::Small(value) => Some(value),
            View::Big(value) => value.to_i64(),
        }
    }

    /// The value, if it has at most 126 bits: sums and shifts of such are computed without a big integer.
    #[inline]
    pub fn to_wide(self) -> Option<i128> {
        let value = match self {
            View::Small(value) => return Some(value.into()),
            View::Big(value) => value,
        };
        let mut digits = value.iter_u64_digits();
        if digits.len() > 2 {
            return None;
        }
        let low = digits.next().unwrap_or(0);
        let high = digits.next().unwrap_or(0);
        if high >> 62 != 0 {
            return None;
        }
        let magnitude = (u128::from(high) << 64 | u128::from(low)) as i128;
        Some(match value.sign() {
            Sign::Minus => -magnitude,
            _ => magnitude,
        })
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        match self {
            View::Small(value) => value == 0,
            View::Big(value) => value.sign() == Sign::NoSign,
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        match self {
            View::Small(value) => value < 0,
            View::Big(value) => value.sign() == Sign::Minus,
        }
    }
}

/// Looks at an int or bool, instances of derived classes included; `None` for anything else.
#[inline(always)]
pub fn view(value: &Obj) -> Option<View<'_>> {
    match value.as_small_int() {
        Some(value) => Some(View::Small(value)),
        None => view_slow(value),
    }
}

fn view_slow(value: &Obj) -> Option<View<'_>> {
    if value.is_true() {
        return Some(View::Small(1));
    }
    if value.is_false() {
        return Some(View::Small(0));
    }
    value.downcast::<PyInt>().map(|body| View::Big(&body.value))
}

/// The body of an int that is not an immediate: too large for one, or an instance of a derived class.
pub struct PyInt {
    /// The value.
    pub value: BigInt,
}

impl PyInt {
    /// The body of an int, with its digits counted.
    pub fn new(value: BigInt) -> PyInt {
        outside::adjust(digits(&value));
        PyInt { value }
    }
}

impl Drop for PyInt {
    fn drop(&mut self) {
        outside::adjust(-digits(&self.value));
    }
}

/// Bytes that the digits of an int take.
fn digits(value: &BigInt) -> isize {
    (value.bits().div_ceil(64) * 8) as isize
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
        None => payload::new(ctx, PyInt::new(BigInt::from(value))),
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
        None => payload::new(ctx, PyInt::new(value)),
    }
}

/// The int with this value.
#[inline]
pub fn from_wide(ctx: &mut Ctx, value: i128) -> PyResult {
    match i64::try_from(value) {
        Ok(value) => from_i64(ctx, value),
        Err(_) => payload::new(ctx, PyInt::new(BigInt::from(value))),
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
