//! Subscripts of sequences: indices that count from the end, and slices.

use super::exception::class;
use super::obj::Obj;
use super::slice::PySlice;
use super::{ids, protocol};
use crate::error::{PyResult, raise};
use crate::object::type_::type_of;
use crate::prelude::*;
use crate::vm::outside;
use kit_core::thread::Ctx;

/// What stands between the brackets.
pub enum Key {
    /// An index, negative ones from the end.
    At(i64),
    /// A slice.
    Range(Bounds),
}

/// A slice as it was written, before the length is known.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Where it starts.
    pub start: i64,
    /// Where it stops.
    pub stop: i64,
    /// The distance between items; neither 0 nor `i64::MIN`.
    pub step: i64,
}

/// The items a slice selects of a sequence: all indices are inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first index; for an empty span, where it lies.
    pub start: usize,
    /// The distance between indices.
    pub step: i64,
    /// How many.
    pub count: usize,
}

impl Bounds {
    /// The items selected of `len`.
    pub fn span(self, len: usize) -> Span {
        let (start, _, count) = self.clamp(len as i64);
        Span {
            // A backward span that selects nothing may start at −1.
            start: start.max(0) as usize,
            step: self.step,
            count: count as usize,
        }
    }

    /// Start, stop and number of items for a sequence of `len`.
    pub fn clamp(self, len: i64) -> (i64, i64, i64) {
        let backward = self.step < 0;
        let clamp = |at: i64| {
            let at = if at < 0 { at.saturating_add(len) } else { at };
            if at < 0 {
                if backward { -1 } else { 0 }
            } else if at >= len {
                if backward { len - 1 } else { len }
            } else {
                at
            }
        };
        let (start, stop) = (clamp(self.start), clamp(self.stop));
        let count = if backward {
            if stop < start {
                (start - stop - 1) / -self.step + 1
            } else {
                0
            }
        } else if start < stop {
            (stop - start - 1) / self.step + 1
        } else {
            0
        };
        (start, stop, count)
    }
}

impl Span {
    /// The indices, in order.
    pub fn indices(self) -> impl Iterator<Item = usize> {
        (0..self.count as i64).map(move |n| (self.start as i64 + n * self.step) as usize)
    }

    /// The same items from the front to the back.
    pub fn ascending(self) -> Span {
        if self.step > 0 || self.count == 0 {
            return Span {
                step: self.step.max(1),
                ..self
            };
        }
        Span {
            start: (self.start as i64 + (self.count as i64 - 1) * self.step) as usize,
            step: -self.step,
            count: self.count,
        }
    }
}

/// Whether the value can serve as an index.
pub fn is_index(ctx: &Ctx, value: &Obj) -> bool {
    value.as_small_int().is_some()
        || type_of(ctx, value).slots(ctx).index.is_some()
        || protocol::is_instance_of(ctx, value, ids::INT)
}

/// Reads the key of a sequence; TypeError says that `what` ("list indices") must be integers or slices.
#[inline]
pub fn key(ctx: &mut Ctx, key: &Obj, what: &str) -> PyResult<Key> {
    if let Some(at) = key.as_small_int() {
        return Ok(Key::At(at));
    }
    if let Some(slice) = key.downcast::<PySlice>() {
        return Ok(Key::Range(slice.bounds(ctx)?));
    }
    if is_index(ctx, key) {
        return protocol::index_i64(ctx, key, Some(class::IndexError)).map(Key::At);
    }
    let given = protocol::type_name(ctx, key);
    Err(raise!(
        ctx,
        TypeError,
        "{what} must be integers or slices, not {given}"
    ))
}

/// The place of an index in a sequence of `len`, if it is inside.
#[inline(always)]
pub fn place(at: i64, len: usize) -> Option<usize> {
    let at = if at < 0 { at + len as i64 } else { at };
    (0..len as i64).contains(&at).then_some(at as usize)
}

/// A bound as the methods `index` and `insert` take it: clamped to `0..=len`.
pub fn clamp_bound(at: i64, len: usize) -> usize {
    let at = if at < 0 {
        at.saturating_add(len as i64)
    } else {
        at
    };
    at.clamp(0, len as i64) as usize
}

/// A part of a slice that is not `None`: any index, saturated.
pub fn bound(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    bound_among(ctx, value, "integers or None or have")
}

/// A bound of `index(x, start, stop)` where `None` is none: any index, saturated.
pub fn bound_not_none(ctx: &mut Ctx, value: &Obj) -> PyResult<i64> {
    bound_among(ctx, value, "integers or have")
}

fn bound_among(ctx: &mut Ctx, value: &Obj, wanted: &str) -> PyResult<i64> {
    if let Some(at) = value.as_small_int() {
        return Ok(at);
    }
    if !is_index(ctx, value) {
        return Err(raise!(
            ctx,
            TypeError,
            "slice indices must be {wanted} an __index__ method"
        ));
    }
    protocol::index_i64(ctx, value, None)
}

/// The number of items of `sequence * factor`; TypeError unless it is a number.
pub fn repetitions(ctx: &mut Ctx, factor: &Obj) -> PyResult<usize> {
    if !is_index(ctx, factor) {
        let given = protocol::type_name(ctx, factor);
        return Err(raise!(
            ctx,
            TypeError,
            "can't multiply sequence by non-int of type '{given}'"
        ));
    }
    let count = protocol::index_i64(ctx, factor, Some(class::OverflowError))?;
    Ok(count.max(0) as usize)
}

/// `items` repeated, if there is memory.
pub fn repeated(items: &[Obj], count: usize) -> Option<Vec<Obj>> {
    let total = items.len().checked_mul(count)?;
    if !outside::fits(total.checked_mul(size_of::<Obj>())?) {
        return None;
    }
    let mut result: Vec<Obj> = Vec::new();
    result.try_reserve_exact(total).ok()?;
    if let [item] = items {
        result.resize(total, item.clone());
    } else if !items.is_empty() {
        (0..count).for_each(|_| result.extend_from_slice(items));
    }
    Some(result)
}
