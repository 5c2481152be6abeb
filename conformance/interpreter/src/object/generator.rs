//! `generator`, and what coroutines and async generators share with it: a function's frame that is put away between the times it runs.
//!
//! While it is not running, the function and the registers are kept here, moved as they were in the frame:
//! counted references and deferred ones, which the collector follows without counting. Who may touch them is
//! said by the state ([`kit_core::frame::coroutine`]): who resumes the body, or ends it; and whoever is alone
//! with the object or has stopped the world. Another thread that wants to run it then gets a ValueError, as does the
//! generator itself.

use super::code::PyCode;
use super::define::{GetSet, Native, TypeDef, flag, getter, method};
use super::exception::{PyException, class};
use super::frame::PyFrame;
use super::ids;
use super::iterator::itself;
use super::obj::Obj;
use super::payload::{Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::str_::{self, PyStr};
use super::tuple::PyTuple;
use super::type_::{PyType, type_id_of};
use super::{exception, generic_alias, protocol};
use crate::error::{PyResult, raise};
use crate::module::warnings;
use crate::op::Op;
use crate::prelude::*;
use crate::vm::except;
use crate::vm::generate::{self, Resume, Resumed};
use crate::vm::monitor::unwind;
use crate::vm::observe::{self, Busy};
use core::cell::UnsafeCell;
use core::sync::atomic::AtomicBool;
use kit_core::backend::heap::HeapKind;
use kit_core::frame::coroutine::{Coroutine, Refusal, Running, State};
use kit_core::object::{Tracer, Word};
use kit_core::thread::Ctx;

/// What a frame waits for, and what it has kept: one word, which is passed in a register and written at once.
///
/// | bits  | are                                                                                    |
/// |-------|----------------------------------------------------------------------------------------|
/// | 0–7   | the [`Wait`]                                                                           |
/// | 8–23  | the register of what comes back: the value sent, or the iterator's result              |
/// | 24    | of a `YIELD_FROM`: whether it has a `WIDE` prefix                                      |
/// | 25    | whether it is plain, see [`Point::plain`]                                              |
/// | 32–63 | how many of the first registers may hold something; of a `YIELD_FROM`, the iterator is the last of them |
#[derive(Clone, Copy)]
pub struct Point(u64);

/// Where a body waits.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Wait {
    /// At its `RETURN_GENERATOR`: to be started.
    Start,
    /// At a `YIELD`.
    Yield,
    /// At a `YIELD_FROM`: what is sent goes on, by the register after the iterator.
    From,
}

/// See the table of [`Point`].
const WIDE: u64 = 1 << 24;
/// See the table of [`Point`].
const PLAIN: u64 = 1 << 25;

impl Point {
    const fn new(wait: Wait, wide: bool, to: u16, live: u32) -> Point {
        let prefix = if wide { WIDE } else { 0 };
        Point(wait as u64 | (to as u64) << 8 | prefix | (live as u64) << 32)
    }

    /// To be started, with `locals` locals.
    pub const fn start(locals: u32) -> Point {
        Point::new(Wait::Start, false, 0, locals)
    }

    /// At a `YIELD`.
    #[inline(always)]
    pub const fn at_yield(to: u16, live: u32) -> Point {
        Point::new(Wait::Yield, false, to, live)
    }

    /// The same, of a body that handles no exception and keeps none of who resumed it, and whose frame has no object. Said of
    /// what has no prefix only.
    #[inline(always)]
    pub const fn plain(self) -> Point {
        debug_assert!(!self.is_wide());
        Point(self.0 | PLAIN)
    }

    /// The same, without that being known.
    pub const fn any(self) -> Point {
        Point(self.0 & !PLAIN)
    }

    /// Whether that is known, of a body that runs or sleeps.
    #[inline(always)]
    pub const fn is_plain(self) -> bool {
        self.0 & PLAIN != 0
    }

    /// Whether it is this and plain.
    #[inline(always)]
    pub const fn is_plainly(self, wait: Wait) -> bool {
        const REGISTER: u64 = 0xffff << 8;
        self.0 as u32 & !(REGISTER as u32) == (PLAIN as u32 | wait as u32)
    }

    /// The instruction that drops what comes back to a plain `YIELD`.
    #[inline(always)]
    pub const fn dropping(self) -> u32 {
        (self.0 as u32)
            .wrapping_sub(PLAIN as u32 | Wait::Yield as u32)
            .wrapping_add(Op::Drop as u32)
    }

    /// At a `YIELD_FROM`.
    #[inline(always)]
    pub const fn from(to: u16, iterator: u16, wide: bool) -> Point {
        Point::new(Wait::From, wide, to, iterator as u32 + 1)
    }

    /// Where the body waits.
    #[inline(always)]
    pub const fn wait(self) -> Wait {
        match self.0 as u8 {
            0 => Wait::Start,
            1 => Wait::Yield,
            _ => Wait::From,
        }
    }

    /// See the table.
    #[inline(always)]
    pub const fn is_wide(self) -> bool {
        self.0 & WIDE != 0
    }

    /// The register of what comes back.
    #[inline(always)]
    pub const fn to(self) -> usize {
        (self.0 >> 8) as u16 as usize
    }

    /// How many registers may hold something; the others are dead.
    #[inline(always)]
    pub const fn live(self) -> usize {
        (self.0 >> 32) as usize
    }

    /// Of a `YIELD_FROM`: the register of the iterator.
    #[inline(always)]
    pub const fn iterator(self) -> usize {
        self.live() - 1
    }
}

/// Registers that are moved together.
pub const TOGETHER: usize = 4;

/// How many words are kept of a frame of this code: those that are moved together are all there.
pub fn words_of(code: &PyCode) -> usize {
    1 + (code.nregs.max(1) as usize).next_multiple_of(TOGETHER)
}

/// A frame that is put away.
pub struct Saved {
    /// The word of the function, then the registers; those that are dead are no references. Valid while the frame is here, empty once the
    /// body is over.
    pub words: Box<[Word]>,
    /// The unit of the instruction it stopped at.
    pub unit: u32,
    /// What it waits for; while the body runs, whether it is plain.
    pub point: Point,
    /// Whether the body is handling an exception of its own.
    pub handling: bool,
    /// That exception, while the frame is here.
    pub handled: Option<Obj>,
    /// The exception its resumer handles, while the body runs.
    pub outer: Option<Obj>,
    /// The frame object, if anybody has looked at the frame.
    pub frame: Option<Obj>,
}

/// The body of a generator, coroutine or async generator.
pub struct PyGenerator {
    /// Where the frame is.
    pub coroutine: Coroutine,
    /// The code, kept without a count.
    code: Word,
    /// `__name__`, where it is not the code's.
    name: Slot,
    /// `__qualname__`, where it is not the code's.
    qualname: Slot,
    /// Where a coroutine was made; the `finalizer` hook of an async generator.
    pub extra: Slot,
    /// Of an async generator: whether `asend` and the like are under way, and whether there is nothing more to come.
    pub busy: AtomicBool,
    /// See above.
    pub closed: AtomicBool,
    /// Whether an async generator has heard of the thread's hooks.
    pub hooked: AtomicBool,
    saved: UnsafeCell<Saved>,
}

// SAFETY: `saved` is touched by the one who changed the state, see the module.
unsafe impl Sync for PyGenerator {}

// SAFETY: `trace` reports what the body owns: the words only while they are here. The exception its resumer
// handles is reported by nobody and so counts as a reference from outside, which it is.
unsafe impl Payload for PyGenerator {
    const ID: u32 = ids::GENERATOR;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "generator";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.code);
        self.name.trace(tracer);
        self.qualname.trace(tracer);
        self.extra.trace(tracer);
        if self.coroutine.state().sleeps() {
            // SAFETY: the frame is here, and no thread runs that could take it.
            let saved = unsafe { &*self.saved.get() };
            tracer.words(&saved.words);
            for kept in [&saved.handled, &saved.frame].into_iter().flatten() {
                tracer.word(kept.word());
            }
        }
    }

    fn clear(&self, ctx: &mut Ctx) {
        // SAFETY: garbage: only the collector uses it.
        if let Ok(running) = unsafe { self.coroutine.try_resume_alone() } {
            self.discard(ctx, running, false);
        }
    }

    fn leave(&self, ctx: &Ctx) {
        if self.coroutine.state().sleeps() {
            // SAFETY: nobody runs the body, and nobody else has a reference to the generator.
            unsafe {
                let saved = self.saved();
                if let Some(frame) = saved.frame.take() {
                    observe::retire(ctx, saved, frame);
                }
            }
        }
    }
}

impl PyGenerator {
    /// Calls `visit` with the words of the frame, if it is here: the function, then the registers.
    ///
    /// # Safety
    /// - The world is stopped.
    pub unsafe fn each_saved(&self, visit: &mut dyn FnMut(usize, Word)) {
        if self.coroutine.state().sleeps() {
            // SAFETY: the frame is here, and no thread runs that could take it.
            let saved = unsafe { &*self.saved.get() };
            for (index, word) in saved.words.iter().enumerate() {
                visit(index, *word);
            }
        }
    }

    /// The word of the code.
    pub fn code_word(&self) -> Word {
        self.code
    }

    /// A generator that waits at `unit` to be started, with `words` for its frame, all null.
    pub fn new(
        code: &Body<PyCode>,
        unit: u32,
        words: Box<[Word]>,
        name: Option<Obj>,
        qualname: Option<Obj>,
    ) -> PyGenerator {
        PyGenerator {
            coroutine: Coroutine::new(),
            code: Word::object(&raw const code.header).deferred(),
            name: Slot::from_option(name),
            qualname: Slot::from_option(qualname),
            extra: Slot::empty(),
            busy: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            hooked: AtomicBool::new(false),
            saved: UnsafeCell::new(Saved {
                words,
                unit,
                point: Point::start(code.nlocals),
                handling: false,
                handled: None,
                outer: None,
                frame: None,
            }),
        }
    }

    /// The code.
    #[inline(always)]
    pub fn code(&self) -> &Body<PyCode> {
        // SAFETY: the collector follows the reference, so the code lives as long as the generator.
        unsafe { &*self.code.as_object().cast::<Body<PyCode>>() }
    }

    /// The code as a value.
    fn code_object(&self) -> Obj {
        // SAFETY: as above.
        unsafe { Obj::copy_word(self.code) }
    }

    /// The frame.
    ///
    /// # Safety
    /// - The caller has taken it, is alone with the object, or has stopped the world; and uses no other reference to it.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn saved(&self) -> &mut Saved {
        // SAFETY: nobody else may touch it.
        unsafe { &mut *self.saved.get() }
    }

    /// Ends the body. The words are not valid any more: they were moved out.
    ///
    /// # Safety
    /// - The caller has taken the frame, and uses it no more.
    pub unsafe fn finish(&self, running: Running<'_>) {
        // SAFETY: as the caller says.
        let saved = unsafe { self.saved() };
        saved.words = Box::default();
        saved.handled = None;
        saved.outer = None;
        running.clear();
    }

    /// Ends a body that does not run, for one who has taken the frame: drops what the frame holds, or leaves it to the frame
    /// object if `keep` says so and anybody has that.
    fn discard(&self, ctx: &Ctx, running: Running<'_>, keep: bool) {
        // SAFETY: the caller has taken the frame; the words are dropped once, after the state says that
        // they are not there any more.
        unsafe {
            let saved = self.saved();
            if let Some(frame) = saved.frame.take() {
                if keep {
                    observe::retire(ctx, saved, frame);
                } else {
                    frame.expect::<PyFrame>().take_over(saved.unit);
                }
            }
            let words = core::mem::take(&mut self.saved().words);
            self.finish(running);
            drop_words(&words);
        }
    }

    /// `frame.clear()`: ends a body that has not begun; false when it is over already.
    pub fn cancel(&self, ctx: &Ctx) -> Result<bool, Busy> {
        match self.coroutine.try_begin() {
            Ok(running) => {
                self.discard(ctx, running, true);
                Ok(true)
            }
            Err(State::Cleared) => Ok(false),
            Err(State::Executing) => Err(Busy::Executing),
            Err(_) => Err(Busy::Suspended),
        }
    }

    /// Looks at a frame that does not run; `None` when there is none. `f` runs no code and waits for nothing.
    ///
    /// # Safety
    /// - There is no other thread, or the world is stopped.
    pub unsafe fn look<R>(&self, f: impl FnOnce(&mut Saved) -> R) -> Option<R> {
        // SAFETY: the frame is here, and nobody else can take it before we are done.
        self.coroutine
            .state()
            .sleeps()
            .then(|| f(unsafe { self.saved() }))
    }
}

/// Takes the frame of a generator, to run the body or to end it.
#[inline(always)]
pub fn claim<'a>(ctx: &Ctx, generator: &'a Body<PyGenerator>) -> Result<Running<'a>, Refusal> {
    if ctx.solo() {
        // SAFETY: there is no other thread.
        unsafe { generator.coroutine.try_resume_alone() }
    } else {
        generator.coroutine.try_resume()
    }
}

/// As [`claim`], for a caller that has a reference of its own, and not one that it borrows of an object others may share: if
/// it is the only one, nobody else can get at the generator.
///
/// # Safety
/// - The caller owns a count of the generator.
#[inline(always)]
pub unsafe fn claim_own<'a>(
    ctx: &Ctx,
    generator: &'a Body<PyGenerator>,
) -> Result<Running<'a>, Refusal> {
    if ctx.solo() || generator.header.is_unique(ctx.slot()) {
        // SAFETY: there is no other thread, or no other reference.
        unsafe { generator.coroutine.try_resume_alone() }
    } else {
        generator.coroutine.try_resume()
    }
}

/// Drops the references in the words of a frame.
///
/// # Safety
/// - The caller gives them up.
unsafe fn drop_words(words: &[Word]) {
    for word in words {
        // SAFETY: as the caller says; a deferred reference owns nothing.
        drop(unsafe { Obj::from_nullable(*word) });
    }
}

impl Drop for PyGenerator {
    fn drop(&mut self) {
        if self.coroutine.state().sleeps() {
            // SAFETY: the frame is here, and nobody can reach it any more.
            unsafe { drop_words(&self.saved.get_mut().words) };
        }
    }
}

// --- Closing ---------------------------------------------------------------------------------------------------

/// What a generator is called in messages.
pub fn kind(generator: &Obj) -> &'static str {
    match type_id_of(generator) {
        ids::COROUTINE => "coroutine",
        ids::ASYNC_GENERATOR => "async generator",
        _ => "generator",
    }
}

/// `generator.close()`: ends the body by raising GeneratorExit in it.
pub fn close(ctx: &mut Ctx, generator: &Obj) -> PyResult {
    let body = generator.expect::<PyGenerator>();
    match claim(ctx, body) {
        Err(Refusal::Executing) => return Err(generate::executing(ctx, generator)),
        Err(Refusal::Cleared) => return Ok(Obj::NONE),
        Ok(running) => {
            // SAFETY: claimed just now, and given back or ended below.
            let saved = unsafe { body.saved() };
            let idle = match saved.point.wait() {
                Wait::Start => true,
                Wait::Yield => {
                    body.code().code.handler_at(saved.unit).is_none() && !unwind::is_watched(ctx)
                }
                Wait::From => false,
            };
            if idle {
                // Nothing in the body would notice.
                body.discard(ctx, running, true);
                ctx.drain();
                return Ok(Obj::NONE);
            }
            // What follows may collect garbage, and the collector wants to see the frame.
            running.put_back();
        }
    }
    let exit = exception::new(ctx, class::GeneratorExit, Vec::new())?;
    match generate::resume(ctx, generator, Resume::Throw(exit)) {
        Ok(Resumed::Returned(value)) => Ok(value),
        Ok(Resumed::Yielded(_)) => {
            let kind = kind(generator);
            Err(raise!(ctx, RuntimeError, "{kind} ignored GeneratorExit"))
        }
        Err(raised)
            if exception::matches(ctx, &raised, class::GeneratorExit)
                || exception::matches(ctx, &raised, class::StopIteration) =>
        {
            exception::take(ctx, raised);
            Ok(Obj::NONE)
        }
        Err(raised) => Err(raised),
    }
}

/// What happens to a generator that nobody refers to any more: its `finally` blocks run.
pub fn finalize(ctx: &mut Ctx, generator: &Obj) -> PyResult<()> {
    let state = generator.expect::<PyGenerator>().coroutine.state();
    if matches!(state, State::Suspended | State::Delegating) {
        close(ctx, generator)?;
    }
    Ok(())
}

// --- Methods ---------------------------------------------------------------------------------------------------

/// The value that was yielded; StopIteration with the value that was returned.
pub fn answer(ctx: &mut Ctx, resumed: Resumed) -> PyResult {
    match resumed {
        Resumed::Yielded(value) => Ok(value),
        Resumed::Returned(value) => Err(generate::stop(ctx, value)),
    }
}

/// `generator.__next__()`: what a `next(generator)` that sees the returned value calls.
pub fn advance(ctx: &mut Ctx, generator: &Obj) -> PyResult {
    let resumed = generate::resume(ctx, generator, Resume::Next)?;
    answer(ctx, resumed)
}

/// `generator.send(value)`.
pub fn send(ctx: &mut Ctx, generator: &Obj, value: &Obj) -> PyResult {
    let resumed = generate::resume(ctx, generator, Resume::Send(value.clone()))?;
    answer(ctx, resumed)
}

/// `generator.throw(exception)`, or the older `throw(class, value, traceback)`.
pub fn throw(ctx: &mut Ctx, generator: &Obj, args: &[Obj]) -> PyResult {
    warn_of_signature(ctx, args, "throw")?;
    let exception = thrown(ctx, args)?;
    let resumed = generate::resume(ctx, generator, Resume::Throw(exception))?;
    answer(ctx, resumed)
}

/// Warns of a `throw` with more than the exception.
pub fn warn_of_signature(ctx: &mut Ctx, args: &[Obj], method: &str) -> PyResult<()> {
    if args.len() < 2 {
        return Ok(());
    }
    let message = format!(
        "the (type, exc, tb) signature of {method}() is deprecated, use the single-arg signature instead."
    );
    warnings::warn(ctx, class::DeprecationWarning, &message)
}

/// The exception the arguments of `throw` describe.
pub fn thrown(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let Some(first) = args.first() else {
        return Err(raise!(
            ctx,
            TypeError,
            "throw expected at least 1 argument, got 0"
        ));
    };
    let value = args.get(1).filter(|value| !value.is_none());
    let traceback = args.get(2).filter(|traceback| !traceback.is_none());
    if let Some(traceback) = traceback
        && type_id_of(traceback) != ids::TRACEBACK
    {
        return Err(raise!(
            ctx,
            TypeError,
            "throw() third argument must be a traceback object"
        ));
    }
    let exception = if first.downcast::<PyException>().is_some() {
        if value.is_some() {
            return Err(raise!(
                ctx,
                TypeError,
                "instance exception may not have a separate value"
            ));
        }
        first.clone()
    } else if except::is_exception_class(ctx, first) {
        let is_instance = value.is_some_and(|value| {
            let class = first.expect::<PyType>();
            value.downcast::<PyException>().is_some()
                && super::type_::type_of(ctx, value).is_subtype(ctx, class)
        });
        let args = match value {
            None => &[],
            Some(value) => match value.downcast::<PyTuple>() {
                Some(tuple) => tuple.items(),
                None => core::slice::from_ref(value),
            },
        };
        match value {
            Some(value) if is_instance => value.clone(),
            // Where there is no exception to be had, what says so is thrown.
            _ => match except::instantiate(ctx, first, args) {
                Ok(exception) => exception,
                Err(raised) => exception::take(ctx, raised),
            },
        }
    } else {
        let class = protocol::type_name(ctx, first);
        return Err(raise!(
            ctx,
            TypeError,
            "exceptions must be classes or instances deriving from BaseException, not {class}"
        ));
    };
    if let Some(traceback) = traceback {
        let body = exception.expect::<PyException>();
        body.traceback
            .set(ctx, &body.header, Some(traceback.clone()));
    }
    Ok(exception)
}

fn name_of(ctx: &Ctx, generator: &Obj) -> Obj {
    let body = generator.expect::<PyGenerator>();
    body.name
        .get(ctx, &body.header)
        .unwrap_or_else(|| body.code().name.clone())
}

/// `__qualname__`.
pub fn qualname_of(ctx: &Ctx, generator: &Obj) -> Obj {
    let body = generator.expect::<PyGenerator>();
    body.qualname
        .get(ctx, &body.header)
        .unwrap_or_else(|| body.code().qualname.clone())
}

fn set_name(ctx: &mut Ctx, generator: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = generator.expect::<PyGenerator>();
    match value {
        Some(value) if value.downcast::<PyStr>().is_some() => {
            body.name.set(ctx, &body.header, Some(value.clone()));
            Ok(())
        }
        _ => Err(raise!(
            ctx,
            TypeError,
            "__name__ must be set to a string object"
        )),
    }
}

fn set_qualname(ctx: &mut Ctx, generator: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = generator.expect::<PyGenerator>();
    match value {
        Some(value) if value.downcast::<PyStr>().is_some() => {
            body.qualname.set(ctx, &body.header, Some(value.clone()));
            Ok(())
        }
        _ => Err(raise!(
            ctx,
            TypeError,
            "__qualname__ must be set to a string object"
        )),
    }
}

/// `repr(generator)`.
pub fn repr(ctx: &mut Ctx, generator: &Obj) -> PyResult {
    let name = qualname_of(ctx, generator);
    let name = name.expect::<PyStr>().as_str_lossy().into_owned();
    let kind = match type_id_of(generator) {
        ids::ASYNC_GENERATOR => "async_generator",
        _ => kind(generator),
    };
    str_::new(
        ctx,
        &format!(
            "<{kind} object {name} at {:#x}>",
            protocol::address(generator)
        ),
    )
}

/// `gi_running`.
pub fn running(_: &mut Ctx, generator: &Obj) -> PyResult {
    let state = generator.expect::<PyGenerator>().coroutine.state();
    Ok(Obj::bool(state == State::Executing))
}

/// `gi_suspended`.
pub fn suspended(_: &mut Ctx, generator: &Obj) -> PyResult {
    let state = generator.expect::<PyGenerator>().coroutine.state();
    Ok(Obj::bool(matches!(
        state,
        State::Suspended | State::Delegating
    )))
}

/// `gi_code`.
pub fn code(_: &mut Ctx, generator: &Obj) -> PyResult {
    Ok(generator.expect::<PyGenerator>().code_object())
}

/// The iterator that a `yield from` or `await` of the generator drives now.
pub fn delegate(ctx: &mut Ctx, generator: &Obj) -> PyResult {
    let coroutine = &generator.expect::<PyGenerator>().coroutine;
    if let Some(found) = coroutine.delegate(ctx) {
        // SAFETY: taken just now, and made a value before anything can happen.
        let found = unsafe { Obj::from_nullable_ref(found.into_ref()) };
        return Ok(found.unwrap_or(Obj::NONE));
    }
    let found = observe::with_stopped(ctx, |_, _| {
        let word = coroutine.delegate_word();
        if word.is_object() {
            // SAFETY: the frame keeps it, and nobody runs that could drop it. The next time nothing need be stopped.
            unsafe { (*word.as_object()).publish() };
        }
        // SAFETY: as above.
        (!word.is_null()).then(|| unsafe { Obj::copy_word(word) })
    });
    Ok(found.flatten().unwrap_or(Obj::NONE))
}

/// `gi_frame`.
pub fn frame(ctx: &mut Ctx, generator: &Obj) -> PyResult {
    Ok(observe::of_generator(ctx, generator)?.unwrap_or(Obj::NONE))
}

/// `__name__`.
pub const NAME: GetSet = GetSet {
    name: "__name__",
    get: |ctx, g| Ok(name_of(ctx, g)),
    set: Some(set_name),
    member: false,
};
/// `__qualname__`.
pub const QUALNAME: GetSet = GetSet {
    name: "__qualname__",
    get: |ctx, g| Ok(qualname_of(ctx, g)),
    set: Some(set_qualname),
    member: false,
};

/// `generator`.
pub static GENERATOR: TypeDef = TypeDef {
    id: ids::GENERATOR,
    name: "generator",
    base: ids::OBJECT,
    layout: ids::GENERATOR,
    kind: &Body::<PyGenerator>::KIND,
    flags: flag::IMMUTABLE | flag::NO_NEW,
    slots: Slots {
        finalize: Some(finalize),
        repr: Some(repr),
        iter: Some(itself),
        next: Some(generate::next_of),
        ..Slots::NONE
    },
    methods: &[
        method("__next__", Native::S0(advance)),
        method("send", Native::M1(send)),
        method("throw", Native::MN(1, 3, throw)),
        method("close", Native::M0(close)),
        method(
            "__class_getitem__",
            Native::C1(generic_alias::class_getitem),
        ),
    ],
    getset: &[
        NAME,
        QUALNAME,
        getter("gi_frame", frame),
        getter("gi_running", running),
        getter("gi_code", code),
        getter("gi_yieldfrom", delegate),
        getter("gi_suspended", suspended),
    ],
    doc: "",
};
