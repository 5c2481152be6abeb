//! `async_generator`, and what its methods return: awaitables that resume it.
//!
//! `asend`, `athrow` and `aclose` run nothing: they make an awaitable, which resumes the generator when it is awaited. What the
//! generator's body awaits is yielded to the event loop; what the body yields ends the awaitable, as its result. The two are told
//! apart by how the frame sleeps: behind a delegate, or at a yield of its own ([`PyThread::awaits`](crate::vm::thread::PyThread)).
//!
//! | an awaitable is | and                                                       |
//! |-----------------|-----------------------------------------------------------|
//! | `INIT`          | not awaited; dying so is worth a warning                  |
//! | `BEGUN`         | it has the generator: `busy` is set, others are refused   |
//! | `DONE`          | cannot be awaited again                                   |

use super::coroutine::{CLOSED, advance, next_of, send, swallow, throw};
use super::define::{Native, TypeDef, flag, getter, member, method};
use super::exception::class;
use super::generator::{self, NAME, PyGenerator, QUALNAME};
use super::iterator::itself;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::Slots;
use super::tuple::{self, PyTuple};
use super::type_::type_id_of;
use super::{exception, generic_alias, ids, protocol};
use crate::error::{PyResult, Raised, raise};
use crate::module::warnings;
use crate::prelude::*;
use crate::vm::generate::{self, Resume, Resumed};
use crate::vm::report::report_unraisable;
use crate::vm::thread::py;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::frame::coroutine::State;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

const INIT: u8 = 0;
const BEGUN: u8 = 1;
const DONE: u8 = 2;

/// The body of an awaitable. The flags and states are hints, relaxed: who runs the generator is decided by the generator's own
/// state.
pub struct Awaitable {
    generator: Obj,
    /// The value to send; the tuple of what is to be thrown, or null to close.
    input: Option<Obj>,
    state: AtomicU8,
}

// SAFETY: `trace` reports both.
unsafe impl Payload for Awaitable {
    const ID: u32 = ids::ASYNC_GENERATOR_ASEND;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "async_generator_asend";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.generator.word());
        if let Some(input) = &self.input {
            tracer.word(input.word());
        }
    }
}

fn make(ctx: &mut Ctx, type_id: u32, generator: &Obj, input: Option<Obj>) -> PyResult {
    introduce(ctx, generator)?;
    let generator = generator.clone();
    let body = Awaitable {
        generator,
        input,
        state: AtomicU8::new(INIT),
    };
    payload::allocate(ctx, type_id, body)
}

/// Tells the thread's hooks of a generator that is iterated over for the first time.
fn introduce(ctx: &mut Ctx, generator: &Obj) -> PyResult<()> {
    let body = generator.expect::<PyGenerator>();
    if body.hooked.swap(true, Relaxed) {
        return Ok(());
    }
    let finalizer = py(ctx).finalizer.clone();
    if finalizer.is_some() {
        body.extra.set(ctx, &body.header, finalizer);
    }
    if let Some(first) = py(ctx).first_iteration.clone() {
        protocol::call(ctx, &first, core::slice::from_ref(generator))?;
    }
    Ok(())
}

/// `generator.__anext__()`.
pub fn anext(ctx: &mut Ctx, generator: &Obj) -> PyResult {
    make(ctx, ids::ASYNC_GENERATOR_ASEND, generator, Some(Obj::NONE))
}

fn asend(ctx: &mut Ctx, generator: &Obj, value: &Obj) -> PyResult {
    let input = Some(value.clone());
    make(ctx, ids::ASYNC_GENERATOR_ASEND, generator, input)
}

fn athrow(ctx: &mut Ctx, generator: &Obj, args: &[Obj]) -> PyResult {
    generator::warn_of_signature(ctx, args, "athrow")?;
    let input = tuple::from_vec(ctx, args.to_vec())?;
    make(ctx, ids::ASYNC_GENERATOR_ATHROW, generator, Some(input))
}

fn aclose(ctx: &mut Ctx, generator: &Obj) -> PyResult {
    make(ctx, ids::ASYNC_GENERATOR_ATHROW, generator, None)
}

/// The exception of a generator that another awaitable has.
#[cold]
fn is_busy(ctx: &mut Ctx, awaitable: &Body<Awaitable>, method: &str) -> Raised {
    awaitable.state.store(DONE, Relaxed);
    raise!(
        ctx,
        RuntimeError,
        "{method}(): asynchronous generator is already running"
    )
}

/// What resuming the generator means to the awaitable.
fn conclude(ctx: &mut Ctx, generator: &Obj, result: PyResult<Resumed>) -> PyResult<Resumed> {
    let body = generator.expect::<PyGenerator>();
    let concluded = match result {
        Ok(Resumed::Yielded(value)) if py(ctx).awaits => return Ok(Resumed::Yielded(value)),
        Ok(Resumed::Yielded(value)) => Ok(Resumed::Returned(value)),
        Ok(Resumed::Returned(_)) => {
            body.closed.store(true, Relaxed);
            let end = class::StopAsyncIteration;
            Err(exception::raise_args(ctx, end, Vec::new()))
        }
        Err(raised) => {
            if exception::matches(ctx, &raised, class::StopAsyncIteration)
                || exception::matches(ctx, &raised, class::GeneratorExit)
            {
                body.closed.store(true, Relaxed);
            }
            Err(raised)
        }
    };
    body.busy.store(false, Relaxed);
    concluded
}

/// Resumes what `asend` and `__anext__` return.
pub fn resume_asend(ctx: &mut Ctx, awaitable: &Obj, input: Resume) -> PyResult<Resumed> {
    let body = awaitable.expect::<Awaitable>();
    let generator = &body.generator;
    let mut input = input;
    match body.state.load(Relaxed) {
        DONE => {
            return Err(raise!(
                ctx,
                RuntimeError,
                "cannot reuse already awaited __anext__()/asend()"
            ));
        }
        INIT => {
            if generator.expect::<PyGenerator>().busy.swap(true, Relaxed) {
                return Err(is_busy(ctx, body, "anext"));
            }
            body.state.store(BEGUN, Relaxed);
            let is_none = match &input {
                Resume::Next => true,
                Resume::Send(value) => value.is_none(),
                Resume::Throw(_) => false,
            };
            if is_none && let Some(value) = &body.input {
                input = Resume::Send(value.clone());
            }
        }
        _ => {}
    }
    let result = generate::resume(ctx, generator, input);
    let concluded = conclude(ctx, generator, result);
    if !matches!(concluded, Ok(Resumed::Yielded(_))) {
        body.state.store(DONE, Relaxed);
    }
    concluded
}

/// Resumes what `athrow` and `aclose` return.
pub fn resume_athrow(ctx: &mut Ctx, awaitable: &Obj, input: Resume) -> PyResult<Resumed> {
    let body = awaitable.expect::<Awaitable>();
    let generator = &body.generator;
    let inner = generator.expect::<PyGenerator>();
    let state = body.state.load(Relaxed);
    if state == DONE {
        return Err(raise!(
            ctx,
            RuntimeError,
            "cannot reuse already awaited aclose()/athrow()"
        ));
    }
    let mut input = input;
    let sends = !matches!(input, Resume::Throw(_));
    if sends && inner.coroutine.state() == State::Cleared {
        body.state.store(DONE, Relaxed);
        inner.busy.store(false, Relaxed);
        return Ok(Resumed::Returned(Obj::NONE));
    }
    if state == INIT {
        if inner.busy.load(Relaxed) {
            let method = if body.input.is_some() {
                "athrow"
            } else {
                "aclose"
            };
            return Err(is_busy(ctx, body, method));
        }
        if sends {
            if inner.closed.load(Relaxed) {
                body.state.store(DONE, Relaxed);
                let end = class::StopAsyncIteration;
                return Err(exception::raise_args(ctx, end, Vec::new()));
            }
            if matches!(&input, Resume::Send(value) if !value.is_none()) {
                return Err(raise!(
                    ctx,
                    RuntimeError,
                    "can't send non-None value to a just-started coroutine"
                ));
            }
            let exception = match &body.input {
                Some(args) => generator::thrown(ctx, args.expect::<PyTuple>().items()),
                None => exception::new(ctx, class::GeneratorExit, Vec::new()),
            };
            match exception {
                Ok(exception) => input = Resume::Throw(exception),
                Err(raised) => {
                    body.state.store(DONE, Relaxed);
                    return Err(raised);
                }
            }
            if body.input.is_none() {
                inner.closed.store(true, Relaxed);
            }
        }
        body.state.store(BEGUN, Relaxed);
        inner.busy.store(true, Relaxed);
    }
    let result = generate::resume(ctx, generator, input);
    let concluded = if body.input.is_some() {
        conclude(ctx, generator, result)
    } else {
        conclude_close(ctx, inner, result)
    };
    if !matches!(concluded, Ok(Resumed::Yielded(_))) {
        body.state.store(DONE, Relaxed);
    }
    concluded
}

/// As [`conclude`], for `aclose`: the generator is to end.
fn conclude_close(
    ctx: &mut Ctx,
    generator: &Body<PyGenerator>,
    result: PyResult<Resumed>,
) -> PyResult<Resumed> {
    let result = match result {
        Ok(Resumed::Yielded(value)) if py(ctx).awaits => return Ok(Resumed::Yielded(value)),
        Ok(Resumed::Yielded(_)) => Err(raise!(
            ctx,
            RuntimeError,
            "async generator ignored GeneratorExit"
        )),
        Ok(Resumed::Returned(_)) => Ok(Obj::NONE),
        Err(raised) => Err(raised),
    };
    generator.busy.store(false, Relaxed);
    let ends = [class::StopAsyncIteration, class::GeneratorExit];
    swallow(ctx, result, &ends).map(Resumed::Returned)
}

/// `close()` of an awaitable.
pub fn close(ctx: &mut Ctx, awaitable: &Obj) -> PyResult {
    if awaitable.expect::<Awaitable>().state.load(Relaxed) == DONE {
        return Ok(Obj::NONE);
    }
    let exit = exception::new(ctx, class::GeneratorExit, Vec::new())?;
    let result = match generate::drive(ctx, awaitable, Resume::Throw(exit)) {
        Ok(Resumed::Yielded(_)) => {
            Err(raise!(ctx, RuntimeError, "coroutine ignored GeneratorExit"))
        }
        Ok(Resumed::Returned(_)) => Ok(Obj::NONE),
        Err(raised) => Err(raised),
    };
    swallow(ctx, result, CLOSED)
}

fn finalize_awaitable(ctx: &mut Ctx, awaitable: &Obj) -> PyResult<()> {
    let body = awaitable.expect::<Awaitable>();
    if body.state.load(Relaxed) == INIT {
        let method = match (type_id_of(awaitable), &body.input) {
            (ids::ASYNC_GENERATOR_ASEND, _) => "asend",
            (_, Some(_)) => "athrow",
            (_, None) => "aclose",
        };
        let name = generator::qualname_of(ctx, &body.generator);
        if let Err(raised) = warnings::unawaited_method(ctx, method, &name, &body.generator) {
            exception::report_unawaited(ctx, raised, awaitable);
        }
    }
    Ok(())
}

fn finalize(ctx: &mut Ctx, generator: &Obj) -> PyResult<()> {
    let body = generator.expect::<PyGenerator>();
    if body.coroutine.state() == State::Cleared {
        return Ok(());
    }
    if !body.closed.load(Relaxed)
        && let Some(finalizer) = body.extra.get(ctx, &body.header)
    {
        let result = protocol::call(ctx, &finalizer, core::slice::from_ref(generator));
        if let Err(raised) = result {
            let exception = exception::take(ctx, raised);
            let place = "while finalizing generator";
            report_unraisable(ctx, &exception, place, Some(generator));
        }
        return Ok(());
    }
    generator::finalize(ctx, generator)
}

fn running(_: &mut Ctx, generator: &Obj) -> PyResult {
    let busy = generator.expect::<PyGenerator>().busy.load(Relaxed);
    Ok(Obj::bool(busy))
}

/// `async_generator`.
pub static ASYNC_GENERATOR: TypeDef = TypeDef {
    id: ids::ASYNC_GENERATOR,
    name: "async_generator",
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
        method("__aiter__", Native::S0(itself)),
        method("__anext__", Native::S0(anext)),
        method("asend", Native::M1(asend)),
        method("athrow", Native::MN(1, 3, athrow)),
        method("aclose", Native::M0(aclose)),
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
    ],
    getset: &[
        NAME,
        QUALNAME,
        getter("ag_frame", generator::frame),
        member("ag_running", running),
        getter("ag_code", generator::code),
        getter("ag_await", generator::delegate),
        getter("ag_suspended", generator::suspended),
    ],
    doc: "",
};

macro_rules! awaitable {
    ($(#[$doc:meta])* $static:ident, $id:ident, $name:literal) => {
        $(#[$doc])*
        pub static $static: TypeDef = TypeDef {
            id: ids::$id,
            name: $name,
            base: ids::OBJECT,
            layout: ids::ASYNC_GENERATOR_ASEND,
            kind: &Body::<Awaitable>::KIND,
            flags: flag::IMMUTABLE | flag::NO_NEW,
            slots: Slots {
                finalize: Some(finalize_awaitable),
                iter: Some(itself),
                next: Some(next_of),
                ..Slots::NONE
            },
            methods: &[
                method("__next__", Native::S0(advance)),
                method("__await__", Native::S0(itself)),
                method("send", Native::M1(send)),
                method("throw", Native::MN(1, 3, throw)),
                method("close", Native::M0(close)),
            ],
            getset: &[],
            doc: "",
        };
    };
}

awaitable!(
    /// What `asend` and `__anext__` return.
    ASEND,
    ASYNC_GENERATOR_ASEND,
    "async_generator_asend"
);
awaitable!(
    /// What `athrow` and `aclose` return.
    ATHROW,
    ASYNC_GENERATOR_ATHROW,
    "async_generator_athrow"
);
