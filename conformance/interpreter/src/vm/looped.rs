//! Generators on the usual way: their frames to the stack and back.
//!
//! A `for` loop or a `yield from` runs a generator in the same execution of the loop: the frame is put on the stack above the frame that asks, and
//! `LOOP` or `DELEGATE` among its flags says that its `yield` continues the `for` loop below, or suspends the frame below as well. A native function runs
//! one in an execution of its own ([`enter`]). A register of the frame that asks, or the native function, keeps the generator, so the frame above only borrows it.
//!
//! Nearly all values are passed by a body that waits at a `YIELD` whose result it drops, or for a delegate; and is plain ([`Point::plain`]); in a
//! thread that handles no exception and has its image of the code. [`quick`] and [`suspend_plain`] look for that first: what is left to do
//! then calls nothing. Everything else is done as for any other way to resume ([`super::generate`]).

use super::frame::{self, Base, DELEGATE, GENERATOR, LOOP};
use super::generate::{self, generator_of, put_on_stack, resumes};
use super::thread::{PyThread, py};
use crate::object::generator::{self, Point, PyGenerator, TOGETHER, Wait};
use crate::object::ids;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::op::Op;
use core::ptr;
use kit_core::frame::coroutine::State;
use kit_core::frame::layout::{AUX, CODE, FUNC, HEADER, PC, pack_pointer};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef};
use kit_core::thread::Ctx;

/// `DROP`, without its operand.
const DROP: u32 = Op::Drop as u32;

/// Nothing was resumed.
const REFUSED: (Base, *const u32) = (ptr::null_mut(), ptr::null());

/// `FOR_ITER` over the generator in `r[a]`: puts its frame on the stack, to continue there until it yields for
/// register `dst`, and returns the frame and its next instruction. Null when that needs more than a new frame, or cannot be done.
///
/// # Safety
/// - `base` is the running frame's, its saved instruction pointer at a FOR_ITER without a prefix.
#[inline(never)]
pub unsafe fn resume(ctx: &mut Ctx, base: Base, a: usize, dst: u32) -> (Base, *const u32) {
    // SAFETY: by the contract.
    unsafe {
        let meta = frame::meta(GENERATOR | LOOP, 0, dst);
        let (body, is_alone) = waiting(ctx, base, a);
        usual(ctx, base, body, is_alone, meta)
            .unwrap_or_else(|| otherwise::<LOOP>(ctx, base, a, meta))
    }
}

/// As [`resume`], of a body that waits at a plain `YIELD`; `None`, with nothing done, if it does not, or something is unusual.
///
/// # Safety
/// - As [`resume`]; `thread` is the context's.
#[inline(always)]
pub unsafe fn resume_plain(
    ctx: &mut Ctx,
    thread: *mut PyThread,
    base: Base,
    a: usize,
    dst: u32,
) -> Option<(Base, *const u32)> {
    // SAFETY: by the contract; the register keeps the generator while the frame above it runs.
    unsafe {
        let meta = frame::meta(GENERATOR | LOOP, 0, dst);
        let (body, is_alone) = waiting(ctx, base, a);
        quick::<true>(ctx, thread, base, body, is_alone, meta)
    }
}

/// The generator in `r[a]`, and whether nobody else can get at it.
///
/// # Safety
/// - The register holds a generator or coroutine, and keeps it while the result is used.
#[inline(always)]
unsafe fn waiting<'a>(ctx: &Ctx, base: Base, a: usize) -> (&'a Body<PyGenerator>, bool) {
    // SAFETY: by the contract.
    unsafe {
        let word = (*base.add(a)).word();
        let body = &*word.as_object().cast::<Body<PyGenerator>>();
        let is_alone = ctx.solo() || !word.is_deferred() && body.header.is_unique(ctx.slot());
        (body, is_alone)
    }
}

/// For a native function that wants the next value: puts the frame of the generator on the stack, above that of the running code, to be run next
/// ([`go_on`](super::run::go_on)); null, with nothing done, where that needs more. The caller leaves the call when that is done: [`PyThread`]'s `depth`.
///
/// # Safety
/// - The caller keeps the generator.
#[inline(never)]
pub unsafe fn enter(ctx: &mut Ctx, body: &Body<PyGenerator>) -> (Base, *const u32) {
    // SAFETY: as `Ctx::poll` has it. What is requested is handled where the body is resumed the other way.
    let requested = unsafe { ctx.thread().core.poll() };
    let base = py(ctx).base;
    if requested != 0 || base.is_null() {
        return REFUSED;
    }
    // Who lends the generator may lend it to others.
    let is_alone = ctx.solo();
    let meta = frame::meta(GENERATOR, 0, 0);
    // SAFETY: the running frame's; the caller keeps the generator.
    unsafe { usual(ctx, base, body, is_alone, meta) }.unwrap_or(REFUSED)
}

/// Whether [`delegate`] may be tried: the word is of a generator or a coroutine.
///
/// # Safety
/// - What it refers to is alive.
#[inline(always)]
pub unsafe fn may_delegate(iterator: Word) -> bool {
    // SAFETY: by the contract.
    iterator.is_object()
        && matches!(
            unsafe { (*iterator.as_object()).type_id() },
            ids::GENERATOR | ids::COROUTINE
        )
}

/// `YIELD_FROM` of the generator or coroutine in `r[b]`: as [`resume`], with the value in the register behind it, until it returns for register `dst`.
///
/// # Safety
/// - `base` is the running frame's, its saved instruction pointer at a YIELD_FROM without a prefix.
#[inline(never)]
pub unsafe fn delegate(ctx: &mut Ctx, base: Base, b: usize, dst: u32) -> (Base, *const u32) {
    // SAFETY: by the contract.
    unsafe {
        let meta = frame::meta(GENERATOR | DELEGATE, 2, dst);
        let is_next = is_none((*base.add(b + 1)).word());
        let (body, is_alone) = waiting(ctx, base, b);
        let resumed = match is_next {
            true => usual(ctx, base, body, is_alone, meta),
            false => None,
        };
        match resumed {
            Some(resumed) => {
                // None.
                (*base.add(b + 1)).take().close_uncounted();
                resumed
            }
            None => otherwise::<DELEGATE>(ctx, base, b, meta),
        }
    }
}

/// As [`quick`], of a body that waits at either.
///
/// # Safety
/// - As [`quick`].
#[inline(always)]
unsafe fn usual(
    ctx: &mut Ctx,
    base: Base,
    body: &Body<PyGenerator>,
    is_alone: bool,
    meta: Word,
) -> Option<(Base, *const u32)> {
    let thread: *mut PyThread = py(ctx);
    // SAFETY: as the caller says.
    unsafe {
        match body.coroutine.state() {
            State::Suspended => quick::<true>(ctx, thread, base, body, is_alone, meta),
            State::Delegating => quick::<false>(ctx, thread, base, body, is_alone, meta),
            _ => None,
        }
    }
}

/// Puts the frame of a body that waits at a plain `YIELD`, or with `IS_YIELD` false, for a delegate, above the running frame `base`, to be sent None there;
/// `None`, with nothing done, if it does not, or something is unusual. Returns the frame and its next instruction, which is in its header too.
///
/// # Safety
/// - `base` is the running frame's, of `thread`, which is the context's; `meta` is what the new frame's header says.
/// - Something keeps the generator while the new frame is there. With `is_alone`, no other thread can get at it before this returns.
#[inline(always)]
unsafe fn quick<const IS_YIELD: bool>(
    ctx: &mut Ctx,
    thread: *mut PyThread,
    base: Base,
    body: &Body<PyGenerator>,
    is_alone: bool,
    meta: Word,
) -> Option<(Base, *const u32)> {
    // SAFETY: as the caller says. The frame is ours once it is claimed; every word moves once.
    unsafe {
        let (wait, state) = if IS_YIELD {
            (Wait::Yield, State::Suspended)
        } else {
            (Wait::From, State::Delegating)
        };
        let running = match is_alone {
            true if body.coroutine.state() != state => return None,
            true => body.coroutine.resume_from(state),
            false => {
                core::hint::cold_path();
                body.coroutine.try_resume_from(state).ok()?
            }
        };
        let (code, saved) = (body.code(), body.saved());
        let units = code.copies.near_units((*thread).copy_index).cast_const();
        let callee = base.add(frame::code(base).nregs as usize + HEADER);
        let point = saved.point;
        let from = units.wrapping_add(saved.unit as usize);
        // A statement that is just a `yield` drops what it is sent. Neither may be instrumented.
        let is_usual = || match IS_YIELD {
            true => *from.add(1) == DROP | (point.to() as u32) << 8,
            false => *from as u8 == Op::YieldFrom as u8,
        };
        if !point.is_plain_at(wait)
            || (*thread).handled.is_some()
            || (*thread).depth >= (*thread).depth_limit
            || units.is_null()
            || !ctx.stack().fits(callee, code.nregs as usize + TOGETHER)
            || !is_usual()
        {
            running.put_back();
            return None;
        }
        running.enter();
        (*thread).depth += 1;
        (*thread).base = callee;
        let (words, live) = (saved.words.as_ptr(), point.live());
        in_groups(live, |index| {
            // Volatile, here and in `suspend_plain`: one word at a time. The loads of a wider copy would wait for the stores that
            // have just written the registers.
            let word = words.add(1 + index).read_volatile();
            callee.add(index).write(StackRef::from_steal(ctx, word));
        });
        let next = if IS_YIELD {
            from.add(2)
        } else {
            *callee.add(live) = StackRef::immediate(Obj::NONE.into_word());
            from
        };
        *callee.offset(FUNC) = StackRef::from_steal(ctx, *words);
        frame::write_header(ctx, callee, code, base, next, meta);
        *callee.offset(AUX) = Fresh::from_borrow(ctx, Borrowed::to(&body.header)).into_ref();
        Some((callee, next))
    }
}

/// Calls `move_one` with the numbers of the first `live` registers, and of more: of whole groups, and at least of one. The words behind those that
/// are live are no references. Few bodies have more than a group: one is done without a loop.
#[inline(always)]
fn in_groups(live: usize, mut move_one: impl FnMut(usize)) {
    for index in 0..TOGETHER {
        move_one(index);
    }
    if live > TOGETHER {
        for index in TOGETHER..live.next_multiple_of(TOGETHER) {
            move_one(index);
        }
    }
}

fn is_none(word: Word) -> bool {
    Word::same(word, Obj::none().word())
}

/// As [`resume`] or [`delegate`], whatever the body waits for; null if it cannot be resumed like this.
///
/// # Safety
/// - As there; `meta` is what the frame's header says.
#[inline(never)]
unsafe fn otherwise<const FLAG: u32>(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    meta: Word,
) -> (Base, *const u32) {
    // SAFETY: as in `quick`. What was claimed and is not resumed is given back.
    unsafe {
        let word = (*base.add(a)).word();
        let body = &*word.as_object().cast::<Body<PyGenerator>>();
        let registers = body.code().nregs as usize;
        let top = base.add(frame::code(base).nregs as usize);
        let thread = py(ctx);
        let wanted = HEADER + registers + TOGETHER;
        if thread.depth >= thread.depth_limit || !ctx.stack().fits(top, wanted) {
            return REFUSED;
        }
        let claimed = if word.is_deferred() {
            generator::claim(ctx, body)
        } else {
            generator::claim_own(ctx, body)
        };
        let Ok(running) = claimed else {
            return REFUSED;
        };
        let (unit, point) = (body.saved().unit as usize, body.saved().point);
        let sent = base.add(a + 1);
        let has_sent = FLAG == DELEGATE && !is_none((*sent).word());
        if has_sent && point.wait() == Wait::Start {
            running.put_back();
            return REFUSED;
        }
        py(ctx).depth += 1;
        let callee = top.add(HEADER);
        let keeper = Fresh::from_borrow(ctx, (*base.add(a)).borrow()).into_ref();
        let units = put_on_stack(ctx, body, callee, keeper, meta);
        running.enter();
        let value = if FLAG == DELEGATE {
            (*sent).take()
        } else {
            StackRef::immediate(Obj::NONE.into_word())
        };
        let next = match point.wait() {
            Wait::Start => {
                // None.
                value.close_uncounted();
                unit + 1
            }
            Wait::Yield => {
                StackRef::set(callee.add(point.to()), ctx, value);
                unit + 1
            }
            Wait::From => {
                *callee.add(point.live()) = value;
                let at = unit - usize::from(point.is_wide());
                resumes(ctx, callee, units.add(at));
                at
            }
        };
        let next = units.add(next);
        *callee.offset(PC) = StackRef::immediate(pack_pointer(next));
        (callee, next)
    }
}

/// `YIELD`, `YIELD_FROM`: moves the frame back into its generator, to wait at `point`.
///
/// # Safety
/// - `base` is the running frame's, a generator's, and `pc` its instruction. It is gone afterwards. `point` is of that instruction.
#[inline(never)]
pub unsafe fn suspend(ctx: &mut Ctx, base: Base, point: Point, pc: *const u32) {
    // SAFETY: as the caller says.
    unsafe {
        let header = frame::flags(base);
        if point.is_wide() || suspend_plain(py(ctx), base, point, pc).is_none() {
            *base.offset(PC) = StackRef::immediate(pack_pointer(pc));
            generate::suspend(ctx, base, point);
        }
        let thread = py(ctx);
        if header & (LOOP | DELEGATE) != 0 {
            thread.depth -= 1;
        } else {
            thread.yielded = true;
            thread.awaits = point.wait() == Wait::From;
        }
    }
}

/// As [`suspend`], if the body is plain: returns the frame below. `None`, with nothing done, if not. The caller leaves the call: [`PyThread`]'s `depth`.
///
/// # Safety
/// - As [`suspend`]; `point` is of an instruction without a prefix, and `thread` the context's.
#[inline(always)]
pub unsafe fn suspend_plain(
    thread: *mut PyThread,
    base: Base,
    point: Point,
    pc: *const u32,
) -> Option<Base> {
    // SAFETY: as the caller says; every word moves once. Nothing here runs code of the language.
    unsafe {
        let body = generator_of(base);
        let saved = body.saved();
        let unit = frame::code(base)
            .copies
            .near_offset((*thread).copy_index, pc)
            .filter(|_| saved.point.is_plain())?;
        let previous = frame::previous(base);
        (*thread).base = previous;
        saved.unit = unit;
        saved.point = point.plain();
        let (words, live) = (saved.words.as_mut_ptr(), point.live());
        in_groups(live, |index| {
            let word = base.add(index).read_volatile().into_word();
            words.add(1 + index).write(word);
        });
        in_groups(live, |index| base.add(index).write(StackRef::NULL));
        *words = (*base.offset(FUNC)).take().into_word();
        (*base.offset(CODE)).take().close_uncounted();
        (*base.offset(AUX)).take().close_uncounted();
        let running = body.coroutine.running();
        if point.wait() == Wait::From {
            // The frame has it, and keeps it until it is resumed.
            running.delegate(*words.add(live));
        } else {
            running.suspend();
        }
        Some(previous)
    }
}
