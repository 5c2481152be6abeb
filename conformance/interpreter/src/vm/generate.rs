//! Generators: making them, moving their frames to the stack and back, `yield from`.
//!
//! To resume a generator is to run its frame on top of the stack: as a call of its own ([`run_from`]), or, where a
//! `for` loop asks for the next value, in the same execution of the loop as the frame that asks ([`super::looped`]). The
//! frame leaves the stack when the body yields ([`suspend`]), returns ([`leave`]) or fails ([`fail`]); which
//! of the first two it was is in [`super::thread::PyThread::yielded`].
//!
//! The exception that is handled where a generator is resumed is what the body sees as handled too, as
//! long as it handles none of its own. What it handles itself goes to sleep and wakes up with it.

use super::frame::{self, Base, CHUNK, DELEGATE, ENTRY, GENERATOR, INIT, LOOP, OBSERVED};
use super::observe;
use super::report;
use super::run::run_from;
use super::thread::{PyThread, py};
use crate::code::flags;
use crate::error::{PyResult, Raised, no_memory, raise};
use crate::object::exception::{self, PyException, base as base_exception, class, simple};
use crate::object::frame::PyFrame;
use crate::object::generator::{self, Point, PyGenerator, Saved, Wait};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::type_::type_id_of;
use crate::object::{anext_awaitable, async_generator, coroutine, ids, protocol};
use crate::op::Op;
use crate::prelude::*;
use kit_core::frame::coroutine::{Refusal, State};
use kit_core::frame::layout::{AUX, CODE, FUNC, HEADER, PC, pack_pointer, unpack_pointer};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

/// What a generator is resumed with.
pub enum Resume {
    /// Nothing.
    Next,
    /// The value of its `yield`.
    Send(Obj),
    /// An exception, raised at its `yield`.
    Throw(Obj),
}

/// What resuming a generator led to.
pub enum Resumed {
    /// It yielded this.
    Yielded(Obj),
    /// It returned this.
    Returned(Obj),
}

/// What driving the iterator of a `yield from` led to.
pub use Resumed as Delegated;

// --- Making ----------------------------------------------------------------------------------------------------

/// `RETURN_GENERATOR`: moves the running frame into a new generator, which continues at `next`.
///
/// # Safety
/// - `base` is the running frame's; its temporaries are dead. The caller leaves it next.
/// - `next` is the unit after the instruction, in this thread's copy of the code.
#[inline(never)]
pub unsafe fn create(ctx: &mut Ctx, base: Base, next: *const u32) -> PyResult<Obj> {
    // SAFETY: as the caller says; every word moves once.
    unsafe {
        let (code, function) = (frame::code(base), frame::function(base));
        let type_id = match code.code.flags & (flags::COROUTINE | flags::ASYNC_GENERATOR) {
            0 => ids::GENERATOR,
            flags::COROUTINE => ids::COROUTINE,
            _ => ids::ASYNC_GENERATOR,
        };
        let unit = code.copies.offset_in(py(ctx).copy_index, next.sub(1));
        let mut words = Vec::new();
        let len = generator::words_of(code);
        if words.try_reserve_exact(len).is_err() {
            return Err(no_memory(ctx));
        }
        words.resize(len, Word::NULL);
        // The names are the code's unless somebody has changed the function's.
        let own = |ctx: &Ctx, slot: &Slot, usual: &Obj| {
            if Word::same(slot.peek(), usual.word()) {
                None
            } else {
                slot.get(ctx, &function.header)
            }
        };
        let name = own(ctx, &function.name, &code.name);
        let qualname = own(ctx, &function.qualname, &code.qualname);
        let body = PyGenerator::new(code, unit, words.into_boxed_slice(), name, qualname);
        let generator = payload::allocate(ctx, type_id, body)?;
        if type_id == ids::COROUTINE && py(ctx).origin_depth > 0 {
            coroutine::set_origin(ctx, &generator, frame::previous(base))?;
        }
        let saved = generator.expect::<PyGenerator>().saved();
        saved.words[0] = (*base.offset(FUNC)).take().into_word();
        for index in 0..code.nlocals as usize {
            let register = &mut *base.add(index);
            // What the caller lent does not outlive it; the cells are the function's, which stays.
            if index < code.code.first_free as usize {
                register.make_heap_safe(ctx);
            }
            saved.words[1 + index] = register.take().into_word();
        }
        Ok(generator)
    }
}

// --- Resuming --------------------------------------------------------------------------------------------------

/// Resumes a generator, coroutine or async generator until it yields, returns or raises.
pub fn resume(ctx: &mut Ctx, generator: &Obj, input: Resume) -> PyResult<Resumed> {
    protocol::recursive(ctx, "", |ctx| {
        frame::deepen(ctx)?;
        let result = enter(ctx, generator, input);
        py(ctx).depth -= 1;
        result
    })
}

fn enter(ctx: &mut Ctx, generator: &Obj, input: Resume) -> PyResult<Resumed> {
    let body = generator.expect::<PyGenerator>();
    let code = body.code();
    match body.coroutine.state() {
        State::Cleared => return finished(ctx, generator, input),
        State::Created if matches!(&input, Resume::Send(value) if !value.is_none()) => {
            let kind = generator::kind(generator);
            return Err(raise!(
                ctx,
                TypeError,
                "can't send non-None value to a just-started {kind}"
            ));
        }
        _ => {}
    }
    // Those that are moved together may be more than there are.
    let (start, begun) = frame::room(ctx, code.nregs as usize + generator::TOGETHER)?;
    let running = match generator::claim(ctx, body) {
        Ok(running) => running,
        Err(refusal) => {
            if begun {
                frame::leave_chunk(ctx);
            }
            return match refusal {
                Refusal::Cleared => finished(ctx, generator, input),
                Refusal::Executing => Err(executing(ctx, generator)),
            };
        }
    };
    // SAFETY: the frame is ours since `claim`. `room` gives words for it; it is complete before anything else
    // happens, and off the stack again when `run_from` returns.
    unsafe {
        let (unit, point) = (body.saved().unit as usize, body.saved().point);
        let base = start.add(HEADER);
        let flags = GENERATOR | if begun { CHUNK } else { 0 };
        let keeper = generator.clone().into_ref(ctx);
        let units = put_on_stack(ctx, body, base, keeper, frame::meta(flags, 0, 0));
        running.enter();
        let mut pending = None;
        let next = match (point.wait(), input) {
            (Wait::From, Resume::Throw(exception)) => {
                let (to, iterator) = (point.to(), point.iterator());
                match throw_into(ctx, base, iterator, exception) {
                    Ok(Resumed::Yielded(value)) => {
                        suspend(ctx, base, point);
                        return Ok(Resumed::Yielded(value));
                    }
                    Ok(Resumed::Returned(value)) => {
                        let done = frame::take(base, iterator);
                        frame::put(ctx, base, to, value);
                        done.release(ctx);
                        // The instruction and its cache unit.
                        unit + 2
                    }
                    Err(raised) => {
                        let exception = exception::take(ctx, raised);
                        pending = Some(raise_inside(ctx, body.saved(), exception));
                        unit
                    }
                }
            }
            (_, Resume::Throw(exception)) => {
                pending = Some(raise_inside(ctx, body.saved(), exception));
                unit
            }
            (wait, input) => {
                let value = match input {
                    Resume::Send(value) => value,
                    _ => Obj::NONE,
                };
                match wait {
                    Wait::Start => unit + 1,
                    Wait::Yield => {
                        frame::put(ctx, base, point.to(), value);
                        unit + 1
                    }
                    Wait::From => {
                        frame::put(ctx, base, point.live(), value);
                        let at = unit - usize::from(point.is_wide());
                        resumes(ctx, base, units.add(at));
                        at
                    }
                }
            }
        };
        *base.offset(PC) = StackRef::immediate(pack_pointer(units.add(next)));
        let value = run_from(ctx, base, pending)?;
        Ok(if py(ctx).yielded {
            Resumed::Yielded(value)
        } else {
            Resumed::Returned(value)
        })
    }
}

/// What is handled where the generator is resumed waits outside; what the body handles is handled now.
#[cold]
#[inline(never)]
fn begin_inside(saved: &mut Saved, thread: &mut PyThread) {
    saved.point = saved.point.any();
    saved.outer = thread.handled.clone();
    if saved.handling {
        thread.handled = saved.handled.take();
    }
}

/// Raises what is thrown into a body. Its context is what the body handles, if it does; what is handled outside is none of its
/// business.
#[cold]
fn raise_inside(ctx: &mut Ctx, saved: &Saved, exception: Obj) -> Raised {
    match saved.handling {
        true => exception::raise(ctx, exception),
        false => exception::raise_again(ctx, exception),
    }
}

/// Moves the frame of a generator to the stack, and makes it the running frame. Returns the units that it runs; where
/// it goes on is for the caller to write.
///
/// # Safety
/// - The caller has taken the generator's frame, and `base` has room for it.
/// - `keeper` is the generator, and stays alive as long as the frame is there.
#[inline(always)]
pub(super) unsafe fn put_on_stack(
    ctx: &mut Ctx,
    body: &Body<PyGenerator>,
    base: Base,
    keeper: StackRef,
    meta: Word,
) -> *const u32 {
    // SAFETY: as the caller says; every word moves once.
    unsafe {
        let (code, saved) = (body.code(), body.saved());
        // Like those of a call, registers beyond the live ones need not be written.
        let words = saved.words.as_ptr();
        for index in 0..saved.point.live() {
            let word = words.add(1 + index).read_volatile();
            base.add(index).write(StackRef::from_steal(ctx, word));
        }
        *base.offset(FUNC) = StackRef::from_steal(ctx, *words);
        let units = code.units(ctx).cast_const();
        let thread = py(ctx);
        let previous = thread.base;
        if saved.handling || thread.handled.is_some() {
            begin_inside(saved, thread);
        }
        thread.base = base;
        if let Some(frame) = &saved.frame {
            frame.expect::<PyFrame>().place.enter(base, ctx.slot());
        }
        let unit = units.add(saved.unit as usize);
        frame::write_header(ctx, base, code, previous, unit, meta);
        *base.offset(AUX) = keeper;
        units
    }
}

/// The frame at `base` is resumed at the `YIELD_FROM` at `pc`, which does not know by itself if somebody is to be told.
///
/// # Safety
/// - `pc` is an instruction in this thread's image.
#[inline(always)]
pub(super) unsafe fn resumes(ctx: &mut Ctx, base: Base, pc: *const u32) {
    // SAFETY: as the caller says.
    if unsafe { *pc } as u8 == Op::Instrumented as u8 {
        py(ctx).monitor.resumed = base;
    }
}

/// What resuming a generator whose body is over leads to.
#[cold]
fn finished(ctx: &mut Ctx, generator: &Obj, input: Resume) -> PyResult<Resumed> {
    if type_id_of(generator) == ids::COROUTINE {
        return Err(raise!(
            ctx,
            RuntimeError,
            "cannot reuse already awaited coroutine"
        ));
    }
    match input {
        Resume::Throw(exception) => Err(exception::raise_again(ctx, exception)),
        _ => Ok(Resumed::Returned(Obj::NONE)),
    }
}

/// The exception of a generator that somebody runs.
#[cold]
pub fn executing(ctx: &mut Ctx, generator: &Obj) -> Raised {
    let kind = generator::kind(generator);
    raise!(ctx, ValueError, "{kind} already executing")
}

/// Stores the StopIteration of a generator that returned `value`.
pub fn stop(ctx: &mut Ctx, value: Obj) -> Raised {
    let args = if value.is_none() {
        Vec::new()
    } else {
        vec![value]
    };
    exception::raise_args(ctx, class::StopIteration, args)
}

/// The next value of a generator; `None` when it returns, whatever it returns.
pub fn next_of(ctx: &mut Ctx, generator: &Obj) -> PyResult<Option<Obj>> {
    match resume(ctx, generator, Resume::Next)? {
        Resumed::Yielded(value) => Ok(Some(value)),
        Resumed::Returned(_) => Ok(None),
    }
}

// --- Leaving the stack -----------------------------------------------------------------------------------------

/// The generator whose frame this is.
///
/// # Safety
/// - `base` is a generator's frame, which stays while the result is used.
pub(super) unsafe fn generator_of<'a>(base: Base) -> &'a Body<PyGenerator> {
    // SAFETY: `AUX` keeps the generator.
    unsafe {
        &*frame::header(base, AUX)
            .as_object()
            .cast::<Body<PyGenerator>>()
    }
}

/// Restores the exception that is handled outside of the generator; returns what was handled inside.
///
/// # Safety
/// - `base` is the running frame's, a generator's.
unsafe fn restore_handled(ctx: &mut Ctx, base: Base) -> Option<Obj> {
    // SAFETY: who runs the frame has it to itself.
    let saved = unsafe { generator_of(base).saved() };
    core::mem::replace(&mut py(ctx).handled, saved.outer.take())
}

/// `YIELD`, `YIELD_FROM`: moves the running frame back into its generator, to wait at `point`.
///
/// # Safety
/// - `base` is the running frame's, a generator's, and its saved instruction pointer is up to date. It is gone
///   afterwards. `point` is of that instruction.
#[inline(never)]
pub unsafe fn suspend(ctx: &mut Ctx, base: Base, point: Point) {
    // SAFETY: as the caller says; every word moves once. Nothing here runs code of the language.
    unsafe {
        let body = generator_of(base);
        let unit = frame::unit(ctx, base);
        let saved = body.saved();
        let (live, before) = (point.live(), saved.point.live());
        if let Some(frame) = &saved.frame {
            let frame = frame.expect::<PyFrame>();
            frame.settle(ctx);
            frame.place.suspend();
        }
        saved.unit = unit;
        saved.point = match saved.handling || saved.frame.is_some() || point.is_wide() {
            true => point.any(),
            false => point.plain(),
        };
        if saved.handling || saved.outer.is_some() || py(ctx).handled.is_some() {
            let inner = restore_handled(ctx, base);
            if saved.handling {
                saved.handled = inner;
            }
        }
        let words = saved.words.as_mut_ptr();
        for index in 0..live {
            // Volatile, here and in `put_on_stack`: one word at a time. The loads of a wider copy would wait for the
            // stores that have just written the registers.
            let register = base.add(index);
            words
                .add(1 + index)
                .write(register.read_volatile().into_word());
            register.write(StackRef::NULL);
        }
        // What was there the last time and is not now.
        for index in live..before {
            words.add(1 + index).write_volatile(Word::NULL);
        }
        *words = (*base.offset(FUNC)).take().into_word();
        (*base.offset(CODE)).take().close_uncounted();
        let keeper = (*base.offset(AUX)).take();
        let thread = py(ctx);
        thread.base = frame::previous(base);
        thread.yielded = true;
        thread.awaits = point.wait() == Wait::From;
        if frame::flags(base) & CHUNK != 0 {
            frame::leave_chunk(ctx);
        }
        let running = body.coroutine.running();
        if point.wait() == Wait::From {
            // The frame has it, and keeps it until it is resumed.
            running.delegate(saved.words[1 + point.iterator()]);
        } else {
            running.suspend();
        }
        keeper.close(ctx);
    }
}

/// Returning from a frame whose flags say more than that its caller continues: `Some` when
/// [`super::run::run`] returns the value, `None` when the caller continues: with the result in its register, or,
/// if it is a loop, at its end.
///
/// # Safety
/// - `base` is the running frame's, with these flags; it is gone afterwards. `value` is an owned value.
/// - The frame's registers from `registers` on are dead; `value` was in register `from`, if that is one.
#[inline(never)]
pub unsafe fn leave(
    ctx: &mut Ctx,
    base: Base,
    value: StackRef,
    header: u32,
    registers: usize,
    from: usize,
) -> PyResult<Option<Obj>> {
    // SAFETY: as the caller says.
    unsafe {
        let value = Obj::from_ref(value);
        let previous = frame::previous(base);
        let seen = header & OBSERVED != 0
            || header & GENERATOR != 0 && generator_of(base).saved().frame.is_some();
        if seen && from < frame::code(base).nlocals as usize {
            // A variable that is returned was moved out of its register; the frame object shows it.
            *base.add(from) = value.clone().into_ref(ctx);
        }
        if header & GENERATOR != 0 {
            drop(restore_handled(ctx, base));
            finish(ctx, base);
            frame::clear(ctx, base, registers, previous);
            if header & LOOP != 0 {
                py(ctx).depth -= 1;
                value.release(ctx);
                return Ok(None);
            }
            if header & DELEGATE != 0 {
                py(ctx).depth -= 1;
                let at: *const u32 = unpack_pointer(frame::header(previous, PC));
                let iterator = frame::take(previous, (*at >> 16 & 0xff) as usize);
                frame::put(ctx, previous, (header >> 16) as usize, value);
                iterator.release(ctx);
                return Ok(None);
            }
            py(ctx).yielded = false;
            return Ok(Some(value));
        }
        if header & OBSERVED != 0 {
            observe::leave(ctx, base, previous);
        }
        if header & ENTRY != 0 {
            frame::clear(ctx, base, registers, previous);
            return Ok(Some(value));
        }
        if header & INIT == 0 {
            frame::clear(ctx, base, registers, previous);
            py(ctx).depth -= 1;
            frame::put(ctx, previous, (header >> 16) as usize, value);
            return Ok(None);
        }
        let instance = Obj::from_ref((*base.offset(AUX)).take());
        frame::clear(ctx, base, registers, previous);
        py(ctx).depth -= 1;
        if !value.is_none() {
            let class = protocol::type_name(ctx, &value);
            return Err(raise!(
                ctx,
                TypeError,
                "__init__() should return None, not '{class}'"
            ));
        }
        frame::put(ctx, previous, (header >> 16) as usize, instance);
        Ok(None)
    }
}

/// Ends the generator whose frame is being left, and gives the frame object what it is to keep.
///
/// # Safety
/// - `base` is the running frame's, a generator's. The caller clears it next.
unsafe fn finish(ctx: &mut Ctx, base: Base) {
    // SAFETY: as the caller says; who runs the frame has it to itself.
    unsafe {
        let generator = generator_of(base);
        if let Some(frame) = generator.saved().frame.take() {
            // Who resumed it last is not its caller any more.
            observe::depart(ctx, base, core::ptr::null_mut(), frame);
        }
        generator.finish(generator.coroutine.running());
    }
}

/// An exception leaves the body of a generator: ends the generator. A StopIteration becomes a RuntimeError, so
/// that it is not taken for the end of an iteration; unless it was thrown where nothing of the body had run.
///
/// # Safety
/// - `base` is the running frame's, a generator's. The caller clears it next.
#[cold]
pub unsafe fn fail(ctx: &mut Ctx, base: Base, raised: Raised) -> Raised {
    // SAFETY: as the caller says; `AUX` keeps the generator until the frame is cleared.
    let (generator, began) = unsafe {
        let saved = generator_of(base).saved();
        let began = saved.point.wait() != Wait::Start || frame::unit(ctx, base) != saved.unit;
        drop(restore_handled(ctx, base));
        finish(ctx, base);
        (Obj::borrow_word((*base.offset(AUX)).as_word()), began)
    };
    if !began {
        return raised;
    }
    let kind = generator::kind(generator);
    let what = if exception::matches(ctx, &raised, class::StopIteration) {
        "StopIteration"
    } else if type_id_of(generator) == ids::ASYNC_GENERATOR
        && exception::matches(ctx, &raised, class::StopAsyncIteration)
    {
        "StopAsyncIteration"
    } else {
        return raised;
    };
    let cause = exception::take(ctx, raised);
    let raised = raise!(ctx, RuntimeError, "{kind} raised {what}");
    if let Some(exception) = py(ctx).raised.clone()
        && let Some(body) = exception.downcast::<PyException>()
    {
        body.context.set(ctx, &body.header, Some(cause.clone()));
        base_exception::set_cause_of(ctx, &exception, Some(cause));
    }
    raised
}

// --- Handled exceptions ----------------------------------------------------------------------------------------

/// Notes that the body handles an exception of its own; false when it did already.
///
/// # Safety
/// - `base` is the running frame's, a generator's.
pub unsafe fn begin_handling(base: Base) -> bool {
    // SAFETY: who runs the frame has it to itself.
    let saved = unsafe { generator_of(base).saved() };
    saved.point = saved.point.any();
    !core::mem::replace(&mut saved.handling, true)
}

/// Notes that the body handles none any more; returns what is handled outside of it.
///
/// # Safety
/// - As [`begin_handling`].
pub unsafe fn end_handling(base: Base) -> Option<Obj> {
    // SAFETY: who runs the frame has it to itself.
    let saved = unsafe { generator_of(base).saved() };
    saved.handling = false;
    saved.outer.clone()
}

// --- yield from ------------------------------------------------------------------------------------------------

/// Whether the value is a generator, a coroutine or the like: what can be driven without calling a method.
pub fn is_native(value: &Obj) -> bool {
    matches!(
        type_id_of(value),
        ids::GENERATOR
            | ids::COROUTINE
            | ids::COROUTINE_WRAPPER
            | ids::ASYNC_GENERATOR_ASEND
            | ids::ASYNC_GENERATOR_ATHROW
            | ids::ANEXT_AWAITABLE
    )
}

/// Resumes a generator, a coroutine, or what stands for one.
///
/// `value` is one of [`is_native`].
pub fn drive(ctx: &mut Ctx, value: &Obj, input: Resume) -> PyResult<Resumed> {
    match type_id_of(value) {
        ids::GENERATOR | ids::COROUTINE => resume(ctx, value, input),
        ids::COROUTINE_WRAPPER => resume(ctx, coroutine::wrapped(value), input),
        ids::ASYNC_GENERATOR_ASEND => async_generator::resume_asend(ctx, value, input),
        ids::ASYNC_GENERATOR_ATHROW => async_generator::resume_athrow(ctx, value, input),
        _ => anext_awaitable::resume(ctx, value, input),
    }
}

/// Closes what [`drive`] resumes.
pub fn shut(ctx: &mut Ctx, value: &Obj) -> PyResult {
    match type_id_of(value) {
        ids::GENERATOR | ids::COROUTINE => generator::close(ctx, value),
        ids::COROUTINE_WRAPPER => generator::close(ctx, coroutine::wrapped(value)),
        ids::ANEXT_AWAITABLE => anext_awaitable::close(ctx, value),
        _ => async_generator::close(ctx, value),
    }
}

/// What the result of a method of an iterator means: StopIteration is its end.
fn outcome(ctx: &mut Ctx, result: PyResult) -> PyResult<Resumed> {
    match result {
        Ok(value) => Ok(Resumed::Yielded(value)),
        Err(raised) if exception::matches(ctx, &raised, class::StopIteration) => {
            let stop = exception::take(ctx, raised);
            Ok(Resumed::Returned(simple::stop_value(ctx, &stop)))
        }
        Err(raised) => Err(raised),
    }
}

/// Sends a value to an iterator: `next` when it is None, as `yield from` does.
pub fn send(ctx: &mut Ctx, iterator: &Obj, value: Obj) -> PyResult<Resumed> {
    if is_native(iterator) {
        return drive(ctx, iterator, Resume::Send(value));
    }
    if !value.is_none() {
        let result = protocol::call_method(ctx, iterator, &names(ctx).send, &[value]);
        return outcome(ctx, result);
    }
    if type_id_of(iterator) >= ids::FIRST_DYNAMIC {
        // The method itself, for the value of its StopIteration.
        return match protocol::call_special(ctx, iterator, &names(ctx).next, &[]) {
            Ok(Some(value)) => Ok(Resumed::Yielded(value)),
            Ok(None) => {
                let class = protocol::type_name(ctx, iterator);
                Err(raise!(
                    ctx,
                    TypeError,
                    "'{class}' object is not an iterator"
                ))
            }
            Err(raised) => outcome(ctx, Err(raised)),
        };
    }
    match protocol::next(ctx, iterator) {
        Ok(Some(value)) => Ok(Resumed::Yielded(value)),
        Ok(None) => Ok(Resumed::Returned(Obj::NONE)),
        Err(raised) => outcome(ctx, Err(raised)),
    }
}

/// `YIELD_FROM`: sends `r[b+1]`, consumed, to the iterator `r[b]`, which stays while it yields.
///
/// # Safety
/// - `base` is the running frame's; both registers are temporaries that hold values.
#[inline(never)]
pub unsafe fn delegate(ctx: &mut Ctx, base: Base, b: usize) -> PyResult<Delegated> {
    // SAFETY: as the caller says; only this frame's code changes its registers, and it waits.
    unsafe {
        let value = frame::take(base, b + 1);
        let resumed = send(ctx, Obj::borrow_word((*base.add(b)).as_word()), value)?;
        if matches!(resumed, Resumed::Returned(_)) {
            frame::take(base, b).release(ctx);
        }
        Ok(resumed)
    }
}

/// Throws an exception into the iterator `r[b]` that a `yield from` drives, or closes it for a GeneratorExit. An
/// error is to be raised in the frame: the same exception, where the iterator does not take it.
///
/// # Safety
/// - `base` is the running frame's; the register holds the iterator.
unsafe fn throw_into(ctx: &mut Ctx, base: Base, b: usize, exception: Obj) -> PyResult<Resumed> {
    // SAFETY: as the caller says; the register keeps its value while the frame waits.
    let iterator = unsafe { Obj::borrow_word((*base.add(b)).as_word()) };
    throw(ctx, iterator, exception)
}

/// Closes an iterator, if it can be closed.
pub fn close(ctx: &mut Ctx, iterator: &Obj) -> PyResult<()> {
    if is_native(iterator) {
        shut(ctx, iterator)?;
        return Ok(());
    }
    match protocol::find_attr(ctx, iterator, &names(ctx).close) {
        Ok(Some(close)) => protocol::call(ctx, &close, &[]).map(drop),
        Ok(None) => Ok(()),
        // It cannot be known how to close it; nobody is told but who reads what was ignored.
        Err(raised) => {
            let error = exception::take(ctx, raised);
            report::report_unraisable(ctx, &error, "while closing generator", Some(iterator));
            Ok(())
        }
    }
}

/// Throws an exception into an iterator, or closes it for a GeneratorExit, which is then on its way.
pub fn throw(ctx: &mut Ctx, iterator: &Obj, exception: Obj) -> PyResult<Resumed> {
    if exception::is_instance(ctx, &exception, class::GeneratorExit) {
        close(ctx, iterator)?;
        return Err(exception::raise_again(ctx, exception));
    }
    if is_native(iterator) {
        return drive(ctx, iterator, Resume::Throw(exception));
    }
    match protocol::find_attr(ctx, iterator, &names(ctx).throw)? {
        Some(throw) => {
            let result = protocol::call(ctx, &throw, &[exception]);
            outcome(ctx, result)
        }
        // It is raised where the generator waits for the iterator, and there a StopIteration says what that returned.
        None => {
            let raised = exception::raise_again(ctx, exception);
            outcome(ctx, Err(raised))
        }
    }
}

/// `GET_YIELD_FROM_ITER`: `r[a]` = the iterator that `yield from r[b]` drives.
///
/// # Safety
/// - `base` is the running frame's; the operand holds a value.
#[inline(never)]
pub unsafe fn yield_from_iter(ctx: &mut Ctx, base: Base, a: usize, b: usize) -> PyResult<()> {
    // SAFETY: as the caller says.
    unsafe {
        let value = frame::take_or_copy(ctx, base, b);
        let iterator = match type_id_of(&value) {
            ids::GENERATOR => value,
            ids::COROUTINE => {
                if frame::code(base).code.flags & (flags::COROUTINE | flags::ITERABLE_COROUTINE)
                    == 0
                {
                    return Err(raise!(
                        ctx,
                        TypeError,
                        "cannot 'yield from' a coroutine object in a non-coroutine generator"
                    ));
                }
                value
            }
            _ => protocol::iter(ctx, &value)?,
        };
        frame::put(ctx, base, a, iterator);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::object::define::TypeDef;
    use crate::object::dict::{self, PyDict};
    use crate::object::exception::{self, HIERARCHY};
    use crate::object::type_::type_object;
    use crate::object::{ids, protocol, registry, str_};
    use crate::parse::Mode;
    use crate::vm::exec;
    use crate::vm::start::with_interpreter;

    /// Runs a program with the built-in types as its builtins and returns `repr(result)`.
    fn result_of(source: &str) -> String {
        with_interpreter(|ctx| {
            let builtins = dict::new(ctx).unwrap();
            let types = registry::TYPES
                .iter()
                .map(|def: &&TypeDef| (def.name, def.id));
            let exceptions = HIERARCHY
                .iter()
                .enumerate()
                .map(|(index, (name, _))| (*name, ids::FIRST_DYNAMIC + index as u32));
            for (name, id) in types.chain(exceptions) {
                let (name, class) = (str_::intern(ctx, name), type_object(ctx, id));
                builtins
                    .expect::<PyDict>()
                    .set_name(ctx, &name, class)
                    .unwrap();
            }
            let globals = dict::new(ctx).unwrap();
            for (name, value) in [
                ("__builtins__", builtins),
                ("__name__", str_::new(ctx, "test").unwrap()),
            ] {
                let name = str_::intern(ctx, name);
                globals
                    .expect::<PyDict>()
                    .set_name(ctx, &name, value)
                    .unwrap();
            }
            if let Err(raised) = exec::exec_source(ctx, source, "test", Mode::Exec, &globals) {
                let exception = exception::take(ctx, raised);
                return protocol::repr_string(ctx, &exception).unwrap();
            }
            let name = str_::intern(ctx, "result");
            let result = globals.expect::<PyDict>().get_name(ctx, &name).unwrap();
            protocol::repr_string(ctx, &result).unwrap()
        })
    }

    #[test]
    fn values_go_out_and_in() {
        let source = "
def counter(n):
    got = []
    for i in range(n):
        got.append((yield i * 10))
    return got
g = counter(3)
result = [g.send(None), g.send('a'), g.__next__()]
try:
    g.send('c')
except StopIteration as stop:
    result.append(stop.value)
result.append([x for x in counter(4)])
result.append([x for x in g])
";
        assert_eq!(
            result_of(source),
            "[0, 10, 20, ['a', None, 'c'], [0, 10, 20, 30], []]"
        );
    }

    #[test]
    fn refusals_name_their_reason() {
        let source = "
result = []
def f():
    try:
        g.send(None)
    except ValueError as e:
        yield str(e)
g = f()
try:
    g.send(1)
except TypeError as e:
    result.append(str(e))
result.append(g.send(None))
";
        assert_eq!(
            result_of(source),
            r#"["can't send non-None value to a just-started generator", 'generator already executing']"#
        );
    }

    #[test]
    fn delegation_passes_values_exceptions_and_results() {
        let source = "
log = []
def inner():
    while True:
        try:
            x = yield len_
            log.append(x)
            if x == 'stop':
                return 'done'
        except KeyError as e:
            log.append(('caught', e.args))
        except GeneratorExit:
            log.append('closed')
            raise
len_ = 7
def outer():
    r = yield from inner()
    log.append(r)
    yield from [1, 2]
    r = yield from It()
    log.append(r)
def stop(self):
    raise StopIteration('value')
It = type('It', (), {'__iter__': lambda self: self, '__next__': stop})
g = outer()
log.append(g.send(None)); log.append(g.send('x')); log.append(g.throw(KeyError, 5)); log.append(g.send('stop')); log.append(g.send(None))
try:
    g.send(None)
except StopIteration:
    log.append('end')
h = outer()
h.send(None)
log.append(h.close())
result = log
";
        assert_eq!(
            result_of(source),
            "[7, 'x', 7, ('caught', (5,)), 7, 'stop', 'done', 1, 2, 'value', 'end', 'closed', None]"
        );
    }

    #[test]
    fn a_stop_iteration_from_the_body_is_an_error() {
        let source = "
def f():
    raise StopIteration(3)
    yield
try:
    f().send(None)
except RuntimeError as e:
    result = [str(e), e.__cause__.value, e.__context__ is e.__cause__]
";
        assert_eq!(
            result_of(source),
            "['generator raised StopIteration', 3, True]"
        );
    }

    #[test]
    fn closing_and_dropping_run_the_finally_blocks() {
        let source = "
result = []
def f(name):
    try:
        yield 1
        yield 2
    finally:
        result.append(name)
g = f('closed'); g.send(None); g.close()
g = f('dropped'); g.send(None); g = None
g = f('never started'); g.close(); g = None
def stubborn():
    try:
        yield
    except GeneratorExit:
        yield 3
g = stubborn(); g.send(None)
try:
    g.close()
except RuntimeError as e:
    result.append(str(e))
";
        assert_eq!(
            result_of(source),
            "['closed', 'dropped', 'generator ignored GeneratorExit']"
        );
    }

    #[test]
    fn what_is_handled_outside_stays_outside() {
        let source = "
result = []
def f():
    try:
        raise KeyError('own')
    except KeyError:
        yield 1
        try:
            raise ValueError
        except ValueError as e:
            result.append(e.__context__)
    try:
        raise ValueError
    except ValueError as e:
        result.append(e.__context__)
    yield 2
g = f()
try:
    raise IndexError('first')
except IndexError:
    g.send(None)
try:
    raise ValueError
except ValueError as e:
    result.append(e.__context__)
try:
    raise OSError('second')
except OSError:
    g.send(None)
";
        assert_eq!(
            result_of(source),
            "[None, KeyError('own'), OSError('second')]"
        );
    }

    #[test]
    fn with_statements_enter_exit_and_suppress() {
        let source = "
result = []
def leave(self, kind, value, traceback):
    result.append(kind is None or (kind.__name__, value.args))
    return True
M = type('M', (), {'__enter__': lambda self: 'entered', '__exit__': leave})
with M() as x:
    result.append(x)
with M():
    raise KeyError(1)
try:
    with 3: pass
except TypeError as e:
    result.append(str(e))
";
        assert_eq!(
            result_of(source),
            r#"['entered', True, ('KeyError', (1,)), "'int' object does not support the context manager protocol (missed __exit__ method)"]"#
        );
    }

    #[test]
    fn except_star_splits_groups() {
        let source = "
result = []
try:
    try:
        raise ExceptionGroup('g', [ValueError(1), KeyError(2), OSError(3)])
    except* ValueError as e:
        result.append(e.exceptions)
    except* KeyError as e:
        result.append(e.exceptions)
except ExceptionGroup as e:
    result.append(e.exceptions)
";
        assert_eq!(
            result_of(source),
            "[(ValueError(1),), (KeyError(2),), (OSError(3),)]"
        );
    }
}
