//! Comparisons, hashes and truth.

use super::{address, recursive, type_name};
use crate::error::{PyResult, raise};
use crate::object::obj::Obj;
use crate::object::slots::Comparison;
use crate::object::str_::PyStr;
use crate::object::type_::type_of;
use kit_core::thread::Ctx;

/// `hash(value)`.
#[inline]
pub fn hash(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    if let Some(text) = value.downcast_exact::<PyStr>() {
        return Ok(text.hash(ctx));
    }
    match type_of(ctx, value).slots(ctx).hash {
        Some(hash) => recursive(ctx, "", |ctx| hash(ctx, value)),
        None => unhashable(ctx, value),
    }
}

/// The `hash` of types whose instances cannot be hashed.
pub fn unhashable(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    let class = type_name(ctx, value);
    Err(raise!(ctx, TypeError, "unhashable type: '{class}'"))
}

/// The hash of an object by identity: objects lie at multiples of 16, while constants differ in those bits.
pub fn identity_hash(_: &mut Ctx, value: &Obj) -> PyResult<i64> {
    Ok(address(value).rotate_right(4) as i64)
}

/// `bool(value)`.
#[inline]
pub fn truth(ctx: &mut Ctx, value: &Obj) -> PyResult<bool> {
    let word = value.word();
    if word.is_constant() {
        if value.is_not_implemented() {
            return Err(raise!(
                ctx,
                TypeError,
                "NotImplemented should not be used in a boolean context"
            ));
        }
        return Ok(!(value.is_false() || value.is_none()));
    }
    if word.is_int() {
        return Ok(word.as_int() != 0);
    }
    if word.is_float() {
        return Ok(word.as_float() != 0.0);
    }
    if let Some(text) = value.downcast_exact::<PyStr>() {
        return Ok(text.char_count() != 0);
    }
    let slots = type_of(ctx, value).slots(ctx);
    let (bool, len) = (slots.bool, slots.len);
    match (bool, len) {
        (Some(bool), _) => bool(ctx, value),
        (None, Some(len)) => Ok(len(ctx, value)? != 0),
        (None, None) => Ok(true),
    }
}

/// `a < b` and so on, as the comparison returned it.
pub fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    recursive(ctx, " in comparison", |ctx| {
        let (left, right) = (type_of(ctx, a), type_of(ctx, b));
        let (forward, backward) = (left.slots(ctx).compare, right.slots(ctx).compare);
        let reflected_first = !core::ptr::eq(left, right) && right.is_subtype(ctx, left);
        if reflected_first && let Some(backward) = backward {
            let result = backward(ctx, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if let Some(forward) = forward {
            let result = forward(ctx, a, b, op)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if !reflected_first && let Some(backward) = backward {
            let result = backward(ctx, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        match op {
            Comparison::Eq => Ok(Obj::bool(a.is(b))),
            Comparison::Ne => Ok(Obj::bool(!a.is(b))),
            _ => {
                let (left, right) = (type_name(ctx, a), type_name(ctx, b));
                let symbol = op.symbol();
                Err(raise!(
                    ctx,
                    TypeError,
                    "'{symbol}' not supported between instances of '{left}' and '{right}'"
                ))
            }
        }
    })
}

/// The truth of `a < b` and so on.
pub fn compare_truth(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult<bool> {
    let result = compare(ctx, a, b, op)?;
    truth(ctx, &result)
}

/// `a is b or a == b`, as containers compare.
#[inline]
pub fn equals(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult<bool> {
    if a.is(b) {
        return Ok(true);
    }
    let (x, y) = (a.word(), b.word());
    if x.is_int() && y.is_int() {
        return Ok(false);
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<PyStr>(), b.downcast_exact::<PyStr>()) {
        return Ok(x.bytes() == y.bytes());
    }
    compare_truth(ctx, a, b, Comparison::Eq)
}
