//! Iterating and unpacking.

use super::frame::Base;
use super::generate;
use super::outside;
use super::slow::{borrow, consume, is_temporary, store};
use crate::error::{PyResult, raise};
use crate::object::dict::{DictIter, Items, Keys, Values};
use crate::object::functional::{Enumerate, Zip};
use crate::object::list::PyList;
use crate::object::list::iterate::ListIter;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::range::RangeIter;
use crate::object::str_::StrAsciiIter;
use crate::object::tuple::{PyTuple, TupleIter};
use crate::object::{ids, list, protocol};
use crate::op::Op;
use crate::prelude::*;
use kit_core::object::Word;
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

/// `GET_ITER`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn get_iter(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let iterator = protocol::iter(ctx, &borrow(base, b))?;
        consume(ctx, base, b);
        store(ctx, base, a, iterator);
    }
    Ok(())
}

/// The next item of an iterator of a built-in type; `None` when it must be asked properly.
///
/// # Safety
/// - `iterator` is in a register, and is an object.
#[inline(always)]
pub unsafe fn quick_next(ctx: &Ctx, iterator: Word) -> Option<StackRef> {
    // SAFETY: by the contract.
    unsafe {
        let object = iterator.as_object();
        let type_id = (*object).type_id();
        if type_id == ids::RANGE_ITER {
            let range = &*object.cast::<Body<RangeIter>>();
            return range.next_fast(ctx).map(|item| item.into_ref(ctx));
        }
        if type_id == ids::LIST_ITER {
            let list = &*object.cast::<Body<ListIter>>();
            return list.next_fast(ctx).map(|item| item.into_ref(ctx));
        }
        quick_next_other(ctx, object, type_id)
    }
}

#[inline(never)]
unsafe fn quick_next_other(
    ctx: &Ctx,
    object: *const kit_core::object::Header,
    type_id: u32,
) -> Option<StackRef> {
    // SAFETY: as the caller says.
    unsafe {
        match type_id {
            ids::TUPLE_ITER => (*object.cast::<Body<TupleIter>>())
                .next_fast(ctx)
                .map(|item| item.into_ref(ctx)),
            ids::DICT_KEY_ITER => (*object.cast::<Body<DictIter<Keys>>>())
                .quick_next(ctx)
                .map(|item| item.into_ref(ctx)),
            ids::DICT_VALUE_ITER => (*object.cast::<Body<DictIter<Values>>>())
                .quick_next(ctx)
                .map(|item| item.into_ref(ctx)),
            ids::STR_ASCII_ITER => (*object.cast::<Body<StrAsciiIter>>())
                .next_fast(ctx)
                .map(|item| item.into_ref(ctx)),
            _ => None,
        }
    }
}

/// What a `FOR_ITER` comes to.
pub enum Next {
    /// An item.
    Item(StackRef),
    /// A pair that the `UNPACK` behind it would take apart: its parts are in their registers already.
    Unpacked,
    /// The end.
    End,
}

/// The length of `UNPACK`.
pub const UNPACK_UNITS: usize = 2;

/// The first of the two registers into which the instruction `unit` unpacks the temporary `b`, if that is what it does.
unsafe fn unpacks_pair(base: Base, unit: u32, b: usize) -> Option<usize> {
    let pair = unit as u8 == Op::Unpack as u8 && unit >> 24 == 2;
    // SAFETY: as the caller says.
    let temporary = pair && (unit >> 16 & 0xff) as usize == b && unsafe { is_temporary(base, b) };
    temporary.then_some((unit >> 8 & 0xff) as usize)
}

/// The next item of the iterator in `r[a]`, for `r[b]`, in front of the instruction `behind`.
///
/// # Safety
/// - `base` is the running frame's, at a `FOR_ITER`; `behind` is the unit behind that.
#[inline(never)]
pub unsafe fn next(ctx: &mut Ctx, base: Base, a: usize, b: usize, behind: u32) -> PyResult<Next> {
    // SAFETY: by the contract. No pair is made of what would be taken apart at once.
    let iterator = unsafe {
        let iterator = borrow(base, a);
        let pairs = matches!(
            crate::object::type_::type_id_of(&iterator),
            ids::ENUMERATE | ids::DICT_ITEM_ITER | ids::ZIP
        ) && iterator
            .downcast_exact::<Zip>()
            .is_none_or(|zip| zip.width() == 2);
        if pairs && let Some(first) = unpacks_pair(base, behind, b) {
            let pair = match iterator.downcast_exact::<Enumerate>() {
                Some(iterator) => iterator.next_entry(ctx)?,
                None if let Some(zip) = iterator.downcast_exact::<Zip>() => zip.next_pair(ctx)?,
                None => iterator.expect::<DictIter<Items>>().next_item(ctx)?,
            };
            let Some((one, two)) = pair else {
                ctx.drain();
                return Ok(Next::End);
            };
            store(ctx, base, first, one);
            store(ctx, base, first + 1, two);
            return Ok(Next::Unpacked);
        }
        iterator
    };
    let item = match crate::object::type_::type_id_of(&iterator) {
        ids::GENERATOR => generate::next_of(ctx, &iterator)?,
        _ => protocol::next(ctx, &iterator)?,
    };
    ctx.drain();
    Ok(item.map_or(Next::End, |item| Next::Item(item.into_ref(ctx))))
}

/// `UNPACK`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn unpack(ctx: &mut Ctx, base: Base, a: usize, b: usize, count: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let source = borrow(base, b);
        if let Some(tuple) = source.downcast_exact::<PyTuple>()
            && tuple.items().len() == count
        {
            // The tuple outlives the writes, even if one of them replaces the register it is in.
            let keeper = if is_temporary(base, b) || (a..a + count).contains(&b) {
                (*base.add(b)).take()
            } else {
                StackRef::NULL
            };
            for (index, item) in tuple.items().iter().enumerate() {
                store(ctx, base, a + index, item.clone());
            }
            keeper.close(ctx);
            return Ok(());
        }
        if let Some(list) = source.downcast_exact::<PyList>()
            && let Some(items) = list.few(ctx, count)
        {
            consume(ctx, base, b);
            for (index, item) in items.into_iter().take(count).enumerate() {
                store(ctx, base, a + index, item);
            }
            return Ok(());
        }
        let items = exactly(ctx, &source, count)?;
        consume(ctx, base, b);
        for (index, item) in items.into_iter().enumerate() {
            store(ctx, base, a + index, item);
        }
    }
    Ok(())
}

fn iterator_of(ctx: &mut Ctx, source: &Obj) -> PyResult {
    let slots = crate::object::type_::type_of(ctx, source).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() {
        let class = protocol::type_name(ctx, source);
        return Err(raise!(
            ctx,
            TypeError,
            "cannot unpack non-iterable {class} object"
        ));
    }
    protocol::iter(ctx, source)
}

/// Exactly `count` items of an iterable.
fn exactly(ctx: &mut Ctx, source: &Obj, count: usize) -> PyResult<Vec<Obj>> {
    let iterator = iterator_of(ctx, source)?;
    let mut items = Vec::with_capacity(count);
    while items.len() < count {
        match protocol::next(ctx, &iterator)? {
            Some(item) => items.push(item),
            None => {
                let got = items.len();
                return Err(raise!(
                    ctx,
                    ValueError,
                    "not enough values to unpack (expected {count}, got {got})"
                ));
            }
        }
    }
    if protocol::next(ctx, &iterator)?.is_some() {
        // Where the length is known the message tells it.
        let known = matches!(
            crate::object::type_::type_id_of(source),
            ids::LIST | ids::TUPLE | ids::DICT
        );
        if known {
            let got = protocol::len(ctx, source)?;
            return Err(raise!(
                ctx,
                ValueError,
                "too many values to unpack (expected {count}, got {got})"
            ));
        }
        return Err(raise!(
            ctx,
            ValueError,
            "too many values to unpack (expected {count})"
        ));
    }
    Ok(items)
}

/// `UNPACK_EX`.
///
/// # Safety
/// - `base` is the running frame's.
#[inline(never)]
pub unsafe fn unpack_ex(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    counts: u32,
) -> PyResult<()> {
    let (before, after) = ((counts & 0xffff) as usize, (counts >> 16) as usize);
    // SAFETY: by the contract.
    unsafe {
        let source = borrow(base, b);
        let iterator = iterator_of(ctx, &source)?;
        let mut items = Vec::new();
        protocol::for_each(ctx, &iterator, |ctx, item| {
            outside::push(ctx, &mut items, item)
        })?;
        let got = items.len();
        if got < before + after {
            let wanted = before + after;
            return Err(raise!(
                ctx,
                ValueError,
                "not enough values to unpack (expected at least {wanted}, got {got})"
            ));
        }
        let tail = items.split_off(got - after);
        let middle = items.split_off(before);
        let middle = list::from_vec(ctx, middle)?;
        consume(ctx, base, b);
        let all = items
            .into_iter()
            .chain(core::iter::once(middle))
            .chain(tail);
        for (index, item) in all.enumerate() {
            store(ctx, base, a + index, item);
        }
    }
    Ok(())
}
