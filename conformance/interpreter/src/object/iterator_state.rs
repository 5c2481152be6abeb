//! `__reduce__` and `__setstate__` of iterators: what is left of one, and going to a place.
//!
//! An iterator reduces to a call of `iter` (or of its class) with what it goes over, and to the index of its
//! next item where it has one.

use super::obj::Obj;
use super::slot::Slot;
use super::{int, list, protocol, str_, tuple};
use crate::error::{PyResult, raise};
use crate::object::dict::PyDict;
use crate::prelude::*;
use crate::vm::thread::rt;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::object::Header;
use kit_core::thread::Ctx;

/// `(callable, arguments)`, or with the state behind them.
pub fn reduced(ctx: &mut Ctx, callable: Obj, args: Vec<Obj>, state: Option<Obj>) -> PyResult {
    let args = tuple::from_vec(ctx, args)?;
    let mut parts = vec![callable, args];
    parts.extend(state);
    tuple::from_vec(ctx, parts)
}

/// The function `iter`, as the program finds it.
pub fn iter_function(ctx: &mut Ctx) -> PyResult {
    builtin(ctx, "iter")
}

/// A built-in function, as the program finds it.
pub fn builtin(ctx: &mut Ctx, name: &str) -> PyResult {
    let key = str_::intern_text(ctx, name)?;
    let found = rt(ctx)
        .builtins
        .get()
        .and_then(|space| space.expect::<PyDict>().get_name(ctx, &key));
    match found {
        Some(found) => Ok(found),
        None => Err(raise!(ctx, AttributeError, "{name}")),
    }
}

/// `(iter, (sequence,), index)`; without a sequence `(iter, (empty,))`.
pub fn over(ctx: &mut Ctx, sequence: Option<Obj>, index: usize, empty: Empty) -> PyResult {
    let iter = iter_function(ctx)?;
    let Some(sequence) = sequence else {
        let empty = empty(ctx)?;
        return reduced(ctx, iter, vec![empty], None);
    };
    let index = int::from_usize(ctx, index)?;
    reduced(ctx, iter, vec![sequence], Some(index))
}

/// `(iter, ([what is left],))`: `rest` is an iterator at the same place, which is used up.
pub fn rest(ctx: &mut Ctx, rest: &Obj) -> PyResult {
    let items = protocol::collect(ctx, rest)?;
    let items = list::from_vec(ctx, items)?;
    let iter = iter_function(ctx)?;
    reduced(ctx, iter, vec![items], None)
}

/// Makes what an iterator at its end goes over.
pub type Empty = fn(&mut Ctx) -> PyResult;

/// `[]`.
pub fn no_list(ctx: &mut Ctx) -> PyResult {
    list::from_vec(ctx, Vec::new())
}

/// `()`.
pub fn no_tuple(ctx: &mut Ctx) -> PyResult {
    Ok(crate::vm::thread::empty_tuple(ctx))
}

/// `''`.
pub fn no_string(ctx: &mut Ctx) -> PyResult {
    str_::new(ctx, "")
}

/// The place that `__setstate__` is given.
pub fn place(ctx: &mut Ctx, state: &Obj) -> PyResult<i64> {
    if int::view(state).is_none() {
        return Err(raise!(ctx, TypeError, "an integer is required"));
    }
    match int::to_i64(state) {
        Some(place) => Ok(place),
        None => Err(protocol::too_large(ctx, "ssize_t")),
    }
}

/// What a place in front of the first item means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The first item.
    First,
    /// The end.
    End,
}

/// `__setstate__` of an iterator over `len` items in the slot of `owner`, which is empty at the end.
pub fn go_to(
    ctx: &mut Ctx,
    (items, owner): (&Slot, &Header),
    index: &AtomicUsize,
    state: &Obj,
    before: Before,
    len: impl FnOnce(&mut Ctx, &Obj) -> usize,
) -> PyResult {
    let place = place(ctx, state)?;
    if let Some(sequence) = items.get(ctx, owner) {
        if place < 0 && before == Before::End {
            items.set(ctx, owner, None);
        } else {
            let len = len(ctx, &sequence);
            // Relaxed: as in every step of the iterator.
            index.store(usize::try_from(place).unwrap_or(0).min(len), Relaxed);
        }
    }
    Ok(Obj::NONE)
}
