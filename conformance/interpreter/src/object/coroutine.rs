//! `coroutine`, and `coroutine_wrapper`: what its `__await__` returns.
//!
//! A coroutine is a generator that is awaited instead of iterated over. One that was never begun says so when it dies; with
//! `sys.set_coroutine_origin_tracking_depth` it can also say where it was made.

use super::define::{Native, TypeDef, flag, getter, member, method};
use super::exception::class;
use super::generator::{self, NAME, PyGenerator, QUALNAME};
use super::iterator::itself;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::Slots;
use super::str_::PyStr;
use super::type_::type_id_of;
use super::{exception, generic_alias, ids, protocol, tuple};
use crate::error::PyResult;
use crate::module::warnings;
use crate::prelude::*;
use crate::vm::frame::Base;
use crate::vm::generate::{self, Resume, Resumed};
use crate::vm::observe;
use crate::vm::thread::py;
use kit_core::backend::heap::HeapKind;
use kit_core::frame::coroutine::State;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// Notes where a coroutine is made: the callers from the frame at `from` on.
///
/// # Safety
/// - `from` is the base of a frame of the calling thread, complete, or null.
#[cold]
pub unsafe fn set_origin(ctx: &mut Ctx, coroutine: &Obj, from: Base) -> PyResult<()> {
    let depth = py(ctx).origin_depth as usize;
    // SAFETY: as the caller says.
    let origin = unsafe { observe::origin(ctx, from, depth) }?;
    let origin = tuple::from_vec(ctx, origin)?;
    let body = coroutine.expect::<PyGenerator>();
    body.extra.set(ctx, &body.header, Some(origin));
    Ok(())
}

/// Warns that nobody has awaited a coroutine.
pub fn warn_coroutine(ctx: &mut Ctx, about: &Obj) {
    let args = core::slice::from_ref(about);
    let Err(raised) = warnings::call(ctx, "_warn_unawaited_coroutine", args) else {
        return;
    };
    let is_warning = exception::matches(ctx, &raised, class::RuntimeWarning);
    exception::report_unawaited(ctx, raised, about);
    // What should have warned is broken.
    if !is_warning && let Ok(name) = protocol::getattr_str(ctx, about, "__qualname__") {
        let name = name.downcast::<PyStr>().map(|name| name.as_str_lossy());
        let text = format!("coroutine '{}' was never awaited", name.unwrap_or_default());
        if let Err(raised) = warnings::warn(ctx, class::RuntimeWarning, &text) {
            exception::report_unawaited(ctx, raised, about);
        }
    }
}

fn finalize(ctx: &mut Ctx, coroutine: &Obj) -> PyResult<()> {
    if coroutine.expect::<PyGenerator>().coroutine.state() == State::Created {
        warn_coroutine(ctx, coroutine);
        return Ok(());
    }
    generator::finalize(ctx, coroutine)
}

fn origin(ctx: &mut Ctx, coroutine: &Obj) -> PyResult {
    let body = coroutine.expect::<PyGenerator>();
    Ok(body.extra.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

/// The qualified name, for messages.
pub fn qualname(ctx: &Ctx, generator: &Obj) -> String {
    let name = generator::qualname_of(ctx, generator);
    name.expect::<PyStr>().as_str_lossy().into_owned()
}

/// `coroutine`.
pub static COROUTINE: TypeDef = TypeDef {
    id: ids::COROUTINE,
    name: "coroutine",
    base: ids::OBJECT,
    layout: ids::GENERATOR,
    kind: &Body::<PyGenerator>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: Slots {
        finalize: Some(finalize),
        repr: Some(generator::repr),
        ..Slots::NONE
    },
    methods: &[
        method("send", Native::M1(generator::send)),
        method("throw", Native::MN(1, 3, generator::throw)),
        method("close", Native::M0(generator::close)),
        method("__await__", Native::S0(wrap)),
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
    ],
    getset: &[
        NAME,
        QUALNAME,
        getter("cr_frame", generator::frame),
        getter("cr_running", generator::running),
        getter("cr_code", generator::code),
        getter("cr_await", generator::delegate),
        getter("cr_suspended", generator::suspended),
        member("cr_origin", origin),
    ],
    doc: "",
};

// --- The iterator of a coroutine ---------------------------------------------------------------------------------

/// Drives a coroutine by `next`, `send` and `throw`.
pub struct CoroutineWrapper {
    coroutine: Obj,
}

// SAFETY: `trace` reports the coroutine.
unsafe impl Payload for CoroutineWrapper {
    const ID: u32 = ids::COROUTINE_WRAPPER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "coroutine_wrapper";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.coroutine.word());
    }
}

/// `coroutine.__await__()`.
fn wrap(ctx: &mut Ctx, coroutine: &Obj) -> PyResult {
    let coroutine = coroutine.clone();
    payload::new(ctx, CoroutineWrapper { coroutine })
}

/// The coroutine that a wrapper drives.
pub fn wrapped(wrapper: &Obj) -> &Obj {
    &wrapper.expect::<CoroutineWrapper>().payload.coroutine
}

/// `next` of what [`generate::drive`] resumes.
pub fn next_of(ctx: &mut Ctx, awaitable: &Obj) -> PyResult<Option<Obj>> {
    match generate::drive(ctx, awaitable, Resume::Next)? {
        Resumed::Yielded(value) => Ok(Some(value)),
        Resumed::Returned(_) => Ok(None),
    }
}

/// `__next__` of it: shows what is returned.
pub fn advance(ctx: &mut Ctx, awaitable: &Obj) -> PyResult {
    let resumed = generate::drive(ctx, awaitable, Resume::Next)?;
    generator::answer(ctx, resumed)
}

/// `send` of it.
pub fn send(ctx: &mut Ctx, awaitable: &Obj, value: &Obj) -> PyResult {
    let resumed = generate::drive(ctx, awaitable, Resume::Send(value.clone()))?;
    generator::answer(ctx, resumed)
}

/// `throw` of it.
pub fn throw(ctx: &mut Ctx, awaitable: &Obj, args: &[Obj]) -> PyResult {
    generator::warn_of_signature(ctx, args, "throw")?;
    let exception = generator::thrown(ctx, args)?;
    let resumed = generate::drive(ctx, awaitable, Resume::Throw(exception))?;
    generator::answer(ctx, resumed)
}

/// Whether the exception is one with which iterators and awaitables end; it is dropped then.
pub fn swallow(ctx: &mut Ctx, result: PyResult, ends: &[u32]) -> PyResult {
    match result {
        Err(raised)
            if ends
                .iter()
                .any(|&end| exception::matches(ctx, &raised, end)) =>
        {
            exception::take(ctx, raised);
            Ok(Obj::NONE)
        }
        result => result,
    }
}

/// The exceptions with which closing an awaitable of an async generator ends well.
pub const CLOSED: &[u32] = &[
    class::StopIteration,
    class::StopAsyncIteration,
    class::GeneratorExit,
];

/// `coroutine_wrapper`.
pub static COROUTINE_WRAPPER: TypeDef = TypeDef {
    id: ids::COROUTINE_WRAPPER,
    name: "coroutine_wrapper",
    base: ids::OBJECT,
    layout: ids::COROUTINE_WRAPPER,
    kind: &Body::<CoroutineWrapper>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: Slots {
        iter: Some(itself),
        next: Some(next_of),
        ..Slots::NONE
    },
    methods: &[
        method("__next__", Native::S0(advance)),
        method("send", Native::M1(send)),
        method("throw", Native::MN(1, 3, throw)),
        method("close", Native::M0(generate::shut)),
    ],
    getset: &[],
    doc: "",
};

/// The iterator that awaiting a value drives; the TypeError for what cannot be awaited is `refusal`'s.
pub fn iterator_of(
    ctx: &mut Ctx,
    value: &Obj,
    refusal: impl FnOnce(&mut Ctx, &Obj) -> crate::error::Raised,
) -> PyResult {
    use crate::code::flags;
    use crate::error::raise;
    match type_id_of(value) {
        ids::COROUTINE
        | ids::ASYNC_GENERATOR_ASEND
        | ids::ASYNC_GENERATOR_ATHROW
        | ids::ANEXT_AWAITABLE => return Ok(value.clone()),
        ids::GENERATOR if is_iterable_coroutine(value) => return Ok(value.clone()),
        _ => {}
    }
    let await_ = &super::names::names(ctx).await_;
    let Some(iterator) = protocol::call_special(ctx, value, await_, &[])? else {
        return Err(refusal(ctx, value));
    };
    let is_coroutine = match type_id_of(&iterator) {
        ids::COROUTINE => true,
        ids::GENERATOR => is_iterable_coroutine(&iterator),
        _ => false,
    };
    if is_coroutine {
        return Err(raise!(ctx, TypeError, "__await__() returned a coroutine"));
    }
    if super::type_::type_of(ctx, &iterator)
        .slots(ctx)
        .next
        .is_none()
    {
        let class = protocol::type_name(ctx, &iterator);
        return Err(raise!(
            ctx,
            TypeError,
            "__await__() returned non-iterator of type '{class}'"
        ));
    }
    return Ok(iterator);

    /// Whether `types.coroutine` made an awaitable of the generator's function.
    fn is_iterable_coroutine(generator: &Obj) -> bool {
        let body = generator.expect::<PyGenerator>();
        body.code().code.flags & flags::ITERABLE_COROUTINE != 0
    }
}
