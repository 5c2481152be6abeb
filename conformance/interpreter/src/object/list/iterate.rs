//! Iterators over lists. Several threads may share one: an item may then come twice or be skipped.

use super::super::by_index::{ByIndex, Sequence};
use super::super::define::{Native, TypeDef, flag, method};
use super::super::iterator_state::{self as state, Before, Empty};
use super::super::obj::Obj;
use super::super::payload::{self, Body, Payload};
use super::super::slot::Slot;
use super::super::slots::Slots;
use super::super::{ids, int, iterator};
use super::PyList;
use crate::error::PyResult;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::{Ctx, Thread};

/// How iterators go over lists.
pub enum InList {}

impl Sequence for InList {
    type Items = PyList;
    const ID: u32 = ids::LIST_ITER;
    const NAME: &'static str = "list_iterator";
    const BEFORE: Before = Before::End;
    const EMPTY: Empty = state::no_list;

    #[inline(always)]
    fn item(items: &Body<PyList>, ctx: &Ctx, index: usize) -> Option<Obj> {
        items.get(ctx, index)
    }

    fn len(items: &Body<PyList>, _: &Ctx) -> usize {
        items.len()
    }
}

/// The body of an iterator over a list.
pub type ListIter = ByIndex<InList>;

/// An iterator over a list from the back.
pub struct ListReverseIter {
    list: Slot,
    /// One more than the index of the next item.
    left: AtomicUsize,
}

// SAFETY: `trace` reports the list.
unsafe impl Payload for ListReverseIter {
    const ID: u32 = ids::LIST_REVERSE_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "list_reverseiterator";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(payload::only_references);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.list.trace(tracer);
    }
}

impl Body<ListReverseIter> {
    /// The next item. Never runs code.
    pub fn next_fast(&self, ctx: &Ctx) -> Option<Obj> {
        let word = self.list.peek();
        if word.is_null() {
            return None;
        }
        let index = self.left.load(Relaxed).wrapping_sub(1);
        let item = if ctx.solo() || self.header.is_unique(ctx.slot()) {
            // SAFETY: nobody else has the iterator, so that the slot's own reference keeps the list, and
            // nothing runs.
            let list = unsafe { &*word.as_object().cast::<Body<PyList>>() };
            list.get(ctx, index)
        } else {
            let list = self.list.get(ctx, &self.header)?;
            list.expect::<PyList>().get(ctx, index)
        };
        if item.is_some() {
            self.left.store(index, Relaxed);
        } else {
            self.list.set(ctx, &self.header, None);
        }
        item
    }
}

/// `reversed(list)`.
pub(super) fn reversed(ctx: &mut Ctx, list: &Obj) -> PyResult {
    let left = list.expect::<PyList>().len();
    payload::new(
        ctx,
        ListReverseIter {
            list: Slot::new(list.clone()),
            left: AtomicUsize::new(left),
        },
    )
}

fn reverse_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    Ok(iterator.expect::<ListReverseIter>().next_fast(ctx))
}

fn reverse_hint(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<ListReverseIter>();
    let left = match body.list.get(ctx, &body.header) {
        Some(list) => {
            let left = body.left.load(Relaxed);
            if left <= list.expect::<PyList>().len() {
                left
            } else {
                0
            }
        }
        None => 0,
    };
    int::from_usize(ctx, left)
}

fn reverse_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<ListReverseIter>();
    let reversed = state::builtin(ctx, "reversed")?;
    match (body.list.get(ctx, &body.header), body.left.load(Relaxed)) {
        (Some(list), left @ 1..) => {
            let last = int::from_usize(ctx, left - 1)?;
            state::reduced(ctx, reversed, vec![list], Some(last))
        }
        _ => {
            let empty = state::no_list(ctx)?;
            state::reduced(ctx, reversed, vec![empty], None)
        }
    }
}

fn reverse_set_state(ctx: &mut Ctx, iterator: &Obj, place: &Obj) -> PyResult {
    let last = state::place(ctx, place)?;
    let body = iterator.expect::<ListReverseIter>();
    if let Some(list) = body.list.get(ctx, &body.header) {
        let left = usize::try_from(last.saturating_add(1)).unwrap_or(0);
        body.left
            .store(left.min(list.expect::<PyList>().len()), Relaxed);
    }
    Ok(Obj::NONE)
}

/// The type of iterators over lists.
pub static LIST_ITER: TypeDef = ListIter::TYPE;

/// The type of iterators over lists from the back.
pub static LIST_REVERSE_ITER: TypeDef = TypeDef {
    id: ids::LIST_REVERSE_ITER,
    name: "list_reverseiterator",
    base: ids::OBJECT,
    layout: ids::LIST_REVERSE_ITER,
    kind: &Body::<ListReverseIter>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        iter: Some(iterator::itself),
        next: Some(reverse_next),
        ..Slots::NONE
    },
    methods: &[
        method("__length_hint__", Native::M0(reverse_hint)),
        method("__reduce__", Native::M0(reverse_reduce)),
        method("__setstate__", Native::M1(reverse_set_state)),
    ],
    getset: &[],
    doc: "",
};
