//! What `anext(iterator, default)` returns: the awaitable of `__anext__()`, which ends with the default instead of a
//! StopAsyncIteration.

use super::coroutine::{advance, iterator_of, next_of, send, throw};
use super::define::{Native, TypeDef, flag, method};
use super::exception::class;
use super::iterator::itself;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::{exception, ids};
use crate::error::PyResult;
use crate::vm::awaiting;
use crate::vm::generate::{self, Resume, Resumed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// An awaitable with a default.
pub struct AnextAwaitable {
    awaitable: Obj,
    default: Obj,
    /// What drives the awaitable, once it was asked for.
    iterator: Slot,
}

// SAFETY: `trace` reports all three.
unsafe impl Payload for AnextAwaitable {
    const ID: u32 = ids::ANEXT_AWAITABLE;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "anext_awaitable";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.awaitable.word());
        tracer.word(self.default.word());
        self.iterator.trace(tracer);
    }
}

/// `awaitable` with a default.
pub fn new(ctx: &mut Ctx, awaitable: Obj, default: Obj) -> PyResult {
    let iterator = Slot::empty();
    payload::new(
        ctx,
        AnextAwaitable {
            awaitable,
            default,
            iterator,
        },
    )
}

fn iterator(ctx: &mut Ctx, body: &Body<AnextAwaitable>) -> PyResult {
    if let Some(iterator) = body.iterator.get(ctx, &body.header) {
        return Ok(iterator);
    }
    let iterator = iterator_of(ctx, &body.awaitable, awaiting::no_awaitable)?;
    Ok(body.iterator.get_or_put(ctx, &body.header, iterator))
}

/// See [`generate::drive`].
pub fn resume(ctx: &mut Ctx, awaitable: &Obj, input: Resume) -> PyResult<Resumed> {
    let body = awaitable.expect::<AnextAwaitable>();
    let iterator = iterator(ctx, body)?;
    let result = match input {
        Resume::Next => generate::send(ctx, &iterator, Obj::NONE),
        Resume::Send(value) => generate::send(ctx, &iterator, value),
        Resume::Throw(exception) => generate::throw(ctx, &iterator, exception),
    };
    match result {
        Err(raised) if exception::matches(ctx, &raised, class::StopAsyncIteration) => {
            exception::take(ctx, raised);
            Ok(Resumed::Returned(body.default.clone()))
        }
        result => result,
    }
}

/// See [`generate::shut`].
pub fn close(ctx: &mut Ctx, awaitable: &Obj) -> PyResult {
    let iterator = iterator(ctx, awaitable.expect::<AnextAwaitable>())?;
    generate::close(ctx, &iterator)?;
    Ok(Obj::NONE)
}

/// `anext_awaitable`.
pub static ANEXT_AWAITABLE: TypeDef = TypeDef {
    id: ids::ANEXT_AWAITABLE,
    name: "anext_awaitable",
    base: ids::OBJECT,
    layout: ids::ANEXT_AWAITABLE,
    kind: &Body::<AnextAwaitable>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: Slots {
        iter: Some(itself),
        next: Some(next_of),
        ..Slots::NONE
    },
    methods: &[
        method("__next__", Native::S0(advance)),
        method("__await__", Native::S0(itself)),
        method("send", Native::M1(send)),
        method("throw", Native::MN(1, 3, throw)),
        method("close", Native::M0(generate::shut)),
    ],
    getset: &[],
    doc: "",
};
