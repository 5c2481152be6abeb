//! Generators that a `for` loop or a `yield from` runs, in the same execution of the loop: their frames on the way to the stack and back.
//!
//! The generator's frame is put on the stack above the frame that asks, and `LOOP` or `DELEGATE` among its flags says that its `yield` continues
//! the `for` loop below, or suspends the frame below as well. A register of that frame keeps the generator, so the frame above only borrows it.
//!
//! Nearly all values are passed by a body that waits at a `YIELD` whose result it drops, or for a delegate; handles no exception and has no frame
//! object; in a thread that handles none and has its image of the code. [`resume`] and [`suspend`] look for that first: what is left to do
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
use kit_core::frame::layout::{AUX, CODE, FUNC, HEADER, META, PC, PREV, pack_pointer};
use kit_core::object::Word;
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef};
use kit_core::thread::Ctx;

/// `FOR_ITER` over the generator `word`: puts its frame on the stack, to continue there until it yields for the loop's
/// register, and returns the frame and its next instruction. Null when that needs more than a new frame, or cannot be done.
///
/// # Safety
/// - `base` is the running frame's, its saved instruction pointer at the FOR_ITER `unit` without a prefix, whose iterator is `word`.
/// - `thread` is this thread's.
#[inline(never)]
pub unsafe fn resume(
    ctx: &mut Ctx,
    base: Base,
    word: Word,
    unit: u32,
    thread: *mut PyThread,
) -> (Base, *const u32) {
    let meta = frame::meta(GENERATOR | LOOP, 0, unit >> 16 & 0xff);
    // SAFETY: by the contract.
    unsafe {
        quick::<true>(ctx, base, word, meta, thread)
            .unwrap_or_else(|| otherwise::<LOOP>(ctx, base, (unit >> 8 & 0xff) as usize, meta))
    }
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
    let meta = frame::meta(GENERATOR | DELEGATE, 2, dst);
    // SAFETY: by the contract.
    unsafe {
        let (word, sent) = ((*base.add(b)).word(), base.add(b + 1));
        if is_none((*sent).word())
            && let Some(resumed) = quick::<true>(ctx, base, word, meta, ctx.host().cast())
        {
            // None.
            (*sent).take().close_uncounted();
            return resumed;
        }
        otherwise::<DELEGATE>(ctx, base, b, meta)
    }
}

/// Resumes a body that waits at a plain `YIELD`, or with `IS_YIELD` false, for a delegate; `None`, with nothing done, if it does not, or
/// something is unusual. It is sent None.
///
/// What is known of the frame that does not depend on the body goes to its place at once: the fewer values wait in machine registers, the
/// fewer of those have to be saved. Words above the running frame may hold anything but references.
///
/// # Safety
/// - `base` is the running frame's, a register of which keeps the generator or coroutine `word`. `meta` is what the header of the frame is to
///   say, and `thread` this thread's.
#[inline(always)]
unsafe fn quick<const IS_YIELD: bool>(
    ctx: &mut Ctx,
    base: Base,
    word: Word,
    meta: Word,
    thread: *mut PyThread,
) -> Option<(Base, *const u32)> {
    let (wait, state) = if IS_YIELD {
        (Wait::Yield, State::Suspended)
    } else {
        (Wait::From, State::Delegating)
    };
    // SAFETY: as the callers say. The register keeps the generator while the frame waits. Nobody else gets at it; every word moves once.
    unsafe {
        let body = &*word.as_object().cast::<Body<PyGenerator>>();
        let is_alone = ctx.solo() || !word.is_deferred() && body.header.is_unique(ctx.slot());
        if !is_alone {
            return None;
        }
        let code = body.code();
        let callee = base.add(frame::code(base).nregs as usize + HEADER);
        if !ctx.stack().fits(callee, code.nregs as usize + TOGETHER) {
            return None;
        }
        *callee.offset(META) = StackRef::immediate(meta);
        *callee.offset(PREV) = StackRef::immediate(pack_pointer(base));
        if body.coroutine.state() != state {
            return None;
        }
        let saved = body.saved();
        let point = saved.point;
        if !point.is_plainly(wait) || (*thread).handled.is_some() {
            return None;
        }
        let units = code.copies.near_units((*thread).copy_index).cast_const();
        if units.is_null() {
            return None;
        }
        let from = units.add(saved.unit as usize);
        // A statement that is just a `yield` drops what it is sent. Neither may be instrumented.
        let is_usual = if IS_YIELD {
            *from.add(1) == point.dropping()
        } else {
            *from as u8 == Op::YieldFrom as u8
        };
        if !is_usual || (*thread).depth >= (*thread).depth_limit {
            return None;
        }
        body.coroutine.resume_from(state).enter();
        (*thread).depth += 1;
        (*thread).base = callee;
        let next = if IS_YIELD { from.add(2) } else { from };
        *callee.offset(PC) = StackRef::immediate(pack_pointer(next));
        *callee.offset(CODE) = Fresh::from_borrow(ctx, Borrowed::to(&code.header)).into_ref();
        *callee.offset(AUX) = Fresh::from_borrow(ctx, Borrowed::to(&body.header)).into_ref();
        let (words, live) = (saved.words.as_ptr(), point.live());
        *callee.offset(FUNC) = StackRef::from_steal(ctx, *words);
        move_in(ctx, words, callee, 0);
        if live > TOGETHER {
            move_rest_in(ctx, words, callee, live);
        }
        if !IS_YIELD {
            *callee.add(live) = StackRef::immediate(Obj::NONE.into_word());
        }
        Some((callee, next))
    }
}

/// Moves the registers from `done` on to the stack, more than are live as a rule: the words behind those are no references.
///
/// # Safety
/// - `words` are a sleeping generator's, whose frame the caller has; the frame at `base` has room for all of them, and gets each once.
#[inline(always)]
unsafe fn move_in(ctx: &Ctx, words: *const Word, base: Base, done: usize) {
    for index in done..done + TOGETHER {
        // Volatile, here and in `move_out`: one word at a time. The loads of a wider copy would wait for the stores that have
        // just written the registers.
        // SAFETY: by the contract.
        unsafe {
            let word = words.add(1 + index).read_volatile();
            base.add(index).write(StackRef::from_steal(ctx, word));
        }
    }
}

/// [`move_in`] of all registers but the first.
///
/// # Safety
/// - As [`move_in`], and `live` of them are live.
#[inline(never)]
unsafe fn move_rest_in(ctx: &Ctx, words: *const Word, base: Base, live: usize) {
    for done in (TOGETHER..live).step_by(TOGETHER) {
        // SAFETY: by the contract.
        unsafe { move_in(ctx, words, base, done) };
    }
}

/// Moves the registers from `done` on from the stack.
///
/// # Safety
/// - As [`move_in`], the other way.
#[inline(always)]
unsafe fn move_out(words: *mut Word, base: Base, done: usize) {
    // SAFETY: by the contract.
    unsafe {
        for index in done..done + TOGETHER {
            let word = base.add(index).read_volatile().into_word();
            words.add(1 + index).write(word);
        }
        for index in done..done + TOGETHER {
            base.add(index).write(StackRef::NULL);
        }
    }
}

/// [`move_out`] of all registers but the first.
///
/// # Safety
/// - As [`move_out`], and `live` of them are live.
#[inline(never)]
unsafe fn move_rest_out(words: *mut Word, base: Base, live: usize) {
    for done in (TOGETHER..live).step_by(TOGETHER) {
        // SAFETY: by the contract.
        unsafe { move_out(words, base, done) };
    }
}

fn is_none(word: Word) -> bool {
    Word::same(word, Obj::none().word())
}

/// As [`quick`], whatever the body waits for; null if it cannot be resumed like this.
///
/// # Safety
/// - As [`quick`].
#[inline(never)]
unsafe fn otherwise<const FLAG: u32>(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    meta: Word,
) -> (Base, *const u32) {
    const REFUSED: (Base, *const u32) = (ptr::null_mut(), ptr::null());
    // SAFETY: as in `quick`. What was claimed and is not resumed is given back.
    unsafe {
        let (word, sent) = ((*base.add(a)).word(), base.add(a + 1));
        let has_sent = FLAG == DELEGATE && !is_none((*sent).word());
        if !has_sent && let Some(resumed) = quick::<false>(ctx, base, word, meta, ctx.host().cast())
        {
            if FLAG == DELEGATE {
                // None.
                (*sent).take().close_uncounted();
            }
            return resumed;
        }
        let body = &*word.as_object().cast::<Body<PyGenerator>>();
        let registers = body.code().nregs as usize;
        let top = base.add(frame::code(base).nregs as usize);
        let thread = py(ctx);
        if thread.depth >= thread.depth_limit
            || !ctx.stack().fits(top, HEADER + registers + TOGETHER)
        {
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

/// `YIELD`, `YIELD_FROM` in a frame that another one waits for: moves it back into its generator, to wait at `point`.
///
/// # Safety
/// - `base` is the running frame's, with the flag `LOOP` or `DELEGATE`, and `pc` its instruction. It is gone afterwards.
///   `point` is of that instruction.
#[inline(never)]
pub unsafe fn suspend(ctx: &mut Ctx, base: Base, point: Point, pc: *const u32) {
    // SAFETY: as the caller says.
    unsafe {
        if !suspend_plain(ctx.host().cast(), base, point, pc) {
            py(ctx).depth -= 1;
            *base.offset(PC) = StackRef::immediate(pack_pointer(pc));
            generate::suspend(ctx, base, point);
        }
    }
}

/// As [`suspend`], if that is plain; false, with nothing done, if not.
///
/// # Safety
/// - As [`suspend`]; `thread` is this thread's.
#[inline(always)]
pub unsafe fn suspend_plain(
    thread: *mut PyThread,
    base: Base,
    point: Point,
    pc: *const u32,
) -> bool {
    // SAFETY: as the caller says; every word moves once. Nothing here runs code of the language.
    unsafe {
        let body = generator_of(base);
        let saved = body.saved();
        let code = frame::code(base);
        let live = point.live();
        let before = saved.point;
        if !before.is_plain() || before.live() > live || point.is_wide() {
            return false;
        }
        let Some(unit) = code.copies.near_offset((*thread).copy_index, pc) else {
            return false;
        };
        // The body handles nothing, and neither does who resumed it; but for code that was made to forget what it handles.
        (*thread).depth -= 1;
        (*thread).base = frame::previous(base);
        saved.unit = unit;
        saved.point = point.plain();
        let words = saved.words.as_mut_ptr();
        move_out(words, base, 0);
        if live > TOGETHER {
            move_rest_out(words, base, live);
        }
        let function = (*base.offset(FUNC)).take();
        (*base.offset(CODE)).take().close_uncounted();
        (*base.offset(AUX)).take().close_uncounted();
        *words = function.into_word();
        let running = body.coroutine.running();
        if point.wait() == Wait::From {
            // The frame has it, and keeps it until it is resumed.
            running.delegate(*words.add(live));
        } else {
            running.suspend();
        }
    }
    true
}
