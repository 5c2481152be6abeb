//! The iterators `iter` makes of any sequence and of any callable.

use super::obj::Obj;
use super::payload::{self, Payload};
use super::slot::Slot;
use super::{ids, int, protocol};
use crate::error::PyResult;
use crate::object::exception::{self, class};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

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
    payload::new(
        ctx,
        SequenceIterator {
            sequence: Slot::new(x.clone()),
            index: AtomicI64::new(0),
        },
    )
}

/// `next` of a sequence iterator.
pub fn sequence_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    let body = iterator.expect::<SequenceIterator>();
    let Some(sequence) = body.sequence.get(ctx, &body.header) else {
        return Ok(None);
    };
    let index = body.index.fetch_add(1, Relaxed);
    let index = int::from_i64(ctx, index)?;
    match protocol::getitem(ctx, &sequence, &index) {
        Ok(item) => Ok(Some(item)),
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
