//! The iterators `iter` makes of any sequence and of any callable.

use super::define::{Method, Native, TypeDef, flag, method};
use super::iterator_state as state;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::{ids, int, protocol};
use crate::error::{PyResult, raise};
use crate::object::exception::{self, class};
use core::sync::atomic::{AtomicI64, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// An iterator over `x[0]`, `x[1]`, … up to IndexError.
pub struct SequenceIterator {
    sequence: Slot,
    index: AtomicI64,
}

// SAFETY: `trace` reports the sequence.
unsafe impl Payload for SequenceIterator {
    const ID: u32 = ids::SEQ_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "iterator";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.sequence.trace(tracer);
    }
}

/// An iterator over a sequence.
pub fn sequence(ctx: &mut Ctx, x: &Obj) -> PyResult {
    sequence_as(ctx, ids::SEQ_ITER, x)
}

/// An iterator over a sequence whose type is the one with the id `class`.
pub fn sequence_as(ctx: &mut Ctx, class: u32, x: &Obj) -> PyResult {
    let body = SequenceIterator {
        sequence: Slot::new(x.clone()),
        index: AtomicI64::new(0),
    };
    payload::allocate(ctx, class, body)
}

/// `next` of a sequence iterator.
pub fn sequence_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let body = iterator.expect::<SequenceIterator>();
    let Some(sequence) = body.sequence.get(ctx, &body.header) else {
        return Ok(None);
    };
    let index = body.index.load(Relaxed);
    if index == i64::MAX {
        return Err(raise!(ctx, OverflowError, "iter index too large"));
    }
    let key = int::from_i64(ctx, index)?;
    match protocol::getitem(ctx, &sequence, &key) {
        Ok(item) => {
            // Relaxed: threads that share the iterator may get an item twice.
            body.index.store(index + 1, Relaxed);
            Ok(Some(item))
        }
        Err(raised)
            if exception::matches(ctx, &raised, class::IndexError)
                || exception::matches(ctx, &raised, class::StopIteration) =>
        {
            exception::take(ctx, raised);
            body.sequence.set(ctx, &body.header, None);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// `iter` of an iterator.
pub fn itself(_: &mut Ctx, iterator: &Obj) -> PyResult {
    Ok(iterator.clone())
}

fn sequence_hint(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<SequenceIterator>();
    let Some(sequence) = body.sequence.get(ctx, &body.header) else {
        return Ok(Obj::small_int(0));
    };
    if super::type_::type_of(ctx, &sequence)
        .slots(ctx)
        .len
        .is_none()
    {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let len = protocol::len(ctx, &sequence)? as i64;
    int::from_i64(ctx, (len - body.index.load(Relaxed)).max(0))
}

/// An iterator over the results of calls, up to one that equals a sentinel.
pub struct CallableIterator {
    callable: Slot,
    sentinel: Slot,
}

// SAFETY: `trace` reports both.
unsafe impl Payload for CallableIterator {
    const ID: u32 = ids::CALL_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "callable_iterator";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.callable.trace(tracer);
        self.sentinel.trace(tracer);
    }
}

/// `iter(callable, sentinel)`.
pub fn callable(ctx: &mut Ctx, callable: &Obj, sentinel: &Obj) -> PyResult {
    payload::new(
        ctx,
        CallableIterator {
            callable: Slot::new(callable.clone()),
            sentinel: Slot::new(sentinel.clone()),
        },
    )
}

fn callable_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let body = iterator.expect::<CallableIterator>();
    let (Some(callable), Some(sentinel)) = (
        body.callable.get(ctx, &body.header),
        body.sentinel.get(ctx, &body.header),
    ) else {
        return Ok(None);
    };
    let ended = match protocol::call(ctx, &callable, &[]) {
        Ok(value) if !protocol::equals(ctx, &sentinel, &value)? => {
            // The call may have used the iterator up.
            let ended = body.callable.peek().is_null();
            return Ok((!ended).then_some(value));
        }
        Ok(_) => Ok(None),
        Err(raised) if exception::matches(ctx, &raised, class::StopIteration) => {
            exception::take(ctx, raised);
            Ok(None)
        }
        Err(raised) => return Err(raised),
    };
    body.callable.set(ctx, &body.header, None);
    body.sentinel.set(ctx, &body.header, None);
    ended
}

fn sequence_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<SequenceIterator>();
    let sequence = body.sequence.get(ctx, &body.header);
    let index = body.index.load(Relaxed) as usize;
    state::over(ctx, sequence, index, state::no_tuple)
}

fn sequence_set_state(ctx: &mut Ctx, iterator: &Obj, place: &Obj) -> PyResult {
    let place = state::place(ctx, place)?;
    let body = iterator.expect::<SequenceIterator>();
    body.index.store(place.max(0), Relaxed);
    Ok(Obj::NONE)
}

fn callable_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<CallableIterator>();
    let (callable, sentinel) = (
        body.callable.get(ctx, &body.header),
        body.sentinel.get(ctx, &body.header),
    );
    match (callable, sentinel) {
        (Some(callable), Some(sentinel)) => {
            let iter = state::iter_function(ctx)?;
            state::reduced(ctx, iter, vec![callable, sentinel], None)
        }
        _ => state::over(ctx, None, 0, state::no_tuple),
    }
}

/// A type of iterators over sequences.
const fn sequence_type(id: u32, name: &'static str, methods: &'static [Method]) -> TypeDef {
    TypeDef {
        id,
        name,
        base: ids::OBJECT,
        layout: ids::SEQ_ITER,
        kind: &Body::<SequenceIterator>::KIND,
        flags: flag::NO_NEW | flag::IMMUTABLE,
        slots: Slots {
            iter: Some(itself),
            next: Some(sequence_next),
            ..Slots::NONE
        },
        methods,
        getset: &[],
        doc: "",
    }
}

/// The type of iterators over any sequence.
pub static SEQ_ITER: TypeDef = sequence_type(
    ids::SEQ_ITER,
    "iterator",
    &[
        method("__length_hint__", Native::M0(sequence_hint)),
        method("__reduce__", Native::M0(sequence_reduce)),
        method("__setstate__", Native::M1(sequence_set_state)),
    ],
);

/// The type of iterators over a memoryview.
pub static MEMORY_ITER: TypeDef = sequence_type(ids::MEMORY_ITER, "memory_iterator", &[]);

/// The type of iterators over an array.
pub static ARRAY_ITER: TypeDef = sequence_type(
    ids::ARRAY_ITER,
    "array.arrayiterator",
    &[
        method("__reduce__", Native::M0(sequence_reduce)),
        method("__setstate__", Native::M1(sequence_set_state)),
    ],
);

/// The type of iterators over the results of calls.
pub static CALL_ITER: TypeDef = TypeDef {
    id: ids::CALL_ITER,
    name: "callable_iterator",
    base: ids::OBJECT,
    layout: ids::CALL_ITER,
    kind: &Body::<CallableIterator>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        iter: Some(itself),
        next: Some(callable_next),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(callable_reduce))],
    getset: &[],
    doc: "",
};
