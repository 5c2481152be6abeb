//! Iterators that go over a sequence by index: lists, tuples, bytes, bytearrays and ASCII strings have them.
//!
//! Several threads may share one: an item may then come twice or be skipped.

use super::define::{Method, Native, TypeDef, flag, method};
use super::iterator_state::{self as state, Before, Empty};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::{ids, int, iterator};
use crate::error::PyResult;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::{Ctx, Thread};

/// What a sequence needs for such an iterator.
pub trait Sequence: 'static {
    /// The body of the sequence.
    type Items: Payload;
    /// The iterator's type.
    const ID: u32;
    /// What it is called.
    const NAME: &'static str;
    /// What `__setstate__` makes of a place in front of the first item.
    const BEFORE: Before;
    /// What `__reduce__` has an iterator go over that is at its end.
    const EMPTY: Empty;

    /// The item at `index`, if there are so many. Runs no code.
    fn item(items: &Body<Self::Items>, ctx: &Ctx, index: usize) -> Option<Obj>;

    /// How many there are.
    fn len(items: &Body<Self::Items>, ctx: &Ctx) -> usize;
}

/// The body of an iterator.
pub struct ByIndex<S> {
    /// The sequence, an `S::Items`; empty at the end.
    sequence: Slot,
    /// The index of the next item. Relaxed: it stands for itself.
    index: AtomicUsize,
    of: PhantomData<fn() -> S>,
}

// SAFETY: `trace` reports the sequence.
unsafe impl<S: Sequence> Payload for ByIndex<S> {
    const ID: u32 = S::ID;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = S::NAME;
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(payload::only_references);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.sequence.trace(tracer);
    }
}

impl<S: Sequence> Body<ByIndex<S>> {
    /// The next item. Never runs code.
    #[inline(always)]
    pub fn next_fast(&self, ctx: &Ctx) -> Option<Obj> {
        let word = self.sequence.peek();
        if word.is_null() {
            return None;
        }
        let index = self.index.load(Relaxed);
        let item = if ctx.solo() || self.header.is_unique(ctx.slot()) {
            // SAFETY: nobody else has the iterator, so that the slot's own reference keeps the sequence, and nothing runs; it is
            // what `iter` has looked at.
            S::item(unsafe { &*word.as_object().cast() }, ctx, index)
        } else {
            let sequence = self.sequence.get(ctx, &self.header)?;
            S::item(sequence.expect(), ctx, index)
        };
        if item.is_some() {
            self.index.store(index + 1, Relaxed);
        } else {
            self.sequence.set(ctx, &self.header, None);
        }
        item
    }
}

/// `iter(sequence)`.
pub fn iter<S: Sequence>(ctx: &mut Ctx, sequence: &Obj) -> PyResult {
    sequence.expect::<S::Items>();
    let body = ByIndex::<S> {
        sequence: Slot::new(sequence.clone()),
        index: AtomicUsize::new(0),
        of: PhantomData,
    };
    payload::new(ctx, body)
}

fn next<S: Sequence>(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    Ok(iterator.expect::<ByIndex<S>>().next_fast(ctx))
}

fn length_hint<S: Sequence>(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<ByIndex<S>>();
    let left = match body.sequence.get(ctx, &body.header) {
        Some(sequence) => S::len(sequence.expect(), ctx).saturating_sub(body.index.load(Relaxed)),
        None => 0,
    };
    int::from_usize(ctx, left)
}

fn reduce<S: Sequence>(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<ByIndex<S>>();
    let sequence = body.sequence.get(ctx, &body.header);
    state::over(ctx, sequence, body.index.load(Relaxed), S::EMPTY)
}

fn set_state<S: Sequence>(ctx: &mut Ctx, iterator: &Obj, place: &Obj) -> PyResult {
    let body = iterator.expect::<ByIndex<S>>();
    let sequence = (&body.sequence, &body.header);
    state::go_to(
        ctx,
        sequence,
        &body.index,
        place,
        S::BEFORE,
        |ctx, sequence| S::len(sequence.expect(), ctx),
    )
}

impl<S: Sequence> ByIndex<S> {
    const METHODS: &'static [Method] = &[
        method("__length_hint__", Native::M0(length_hint::<S>)),
        method("__reduce__", Native::M0(reduce::<S>)),
        method("__setstate__", Native::M1(set_state::<S>)),
    ];

    /// The iterator's type.
    pub const TYPE: TypeDef = TypeDef {
        id: S::ID,
        name: S::NAME,
        base: ids::OBJECT,
        layout: S::ID,
        kind: &Body::<ByIndex<S>>::KIND,
        flags: flag::NO_NEW | flag::IMMUTABLE,
        slots: Slots {
            iter: Some(iterator::itself),
            next: Some(next::<S>),
            ..Slots::NONE
        },
        methods: Self::METHODS,
        getset: &[],
        doc: "",
    };
}
