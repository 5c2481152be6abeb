//! Running frames: the loop of [`super::execute`], and what becomes of exceptions that leave it.

use super::except;
use super::execute::{At, Flow, execute};
use super::frame::{self, Base, DELEGATE, ENTRY, GENERATOR, LOOP};
use super::monitor::{event, unwind};
use super::thread::py;
use crate::error::{PyResult, Raised};
use crate::object::obj::Obj;
use kit_core::frame::layout::{PC, pack_pointer, unpack_pointer};
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

/// Runs the frame at `entry`, whose flags say `ENTRY` or `GENERATOR`, until it returns, yields or
/// raises. The frame is gone then (a generator's is back in the generator).
///
/// # Safety
/// - `entry` is the base of a complete frame on this thread's stack, above all others.
pub unsafe fn run(ctx: &mut Ctx, entry: Base) -> PyResult {
    // SAFETY: as the caller says.
    unsafe { run_from(ctx, entry, None) }
}

/// As [`run`]; an exception in `pending` is raised at the saved instruction first.
///
/// # Safety
/// - As [`run`].
pub unsafe fn run_from(ctx: &mut Ctx, entry: Base, pending: Option<Raised>) -> PyResult {
    py(ctx).base = entry;
    // SAFETY: the frame is complete; its header holds the saved pointer.
    let pc = unsafe { unpack_pointer(frame::header(entry, PC)) };
    let mut at = At { base: entry, pc };
    if pending.is_some() {
        // SAFETY: the running frame, at the instruction at which the exception is thrown in.
        unsafe { unwind::passes(ctx, entry, event::PY_THROW) };
    }
    let mut flow = if pending.is_some() || ctx.poll() {
        Flow::Raised { recorded: false }
    } else {
        Flow::Next
    };
    loop {
        match flow {
            // SAFETY: `at` is in the running frame; its code was verified.
            Flow::Next => flow = unsafe { execute::<false>(ctx, &mut at, 0, 0) },
            Flow::Returned(value) => return Ok(value),
            Flow::Raised { recorded } => {
                // SAFETY: as above.
                unsafe { unwind_frames(ctx, &mut at, recorded)? };
                flow = Flow::Next;
            }
        }
    }
}

/// Finds the handler of the exception on its way, leaving frames that have none; an error when it leaves the frame
/// that was entered from outside the loop.
///
/// # Safety
/// - `at` is the instruction that raised, in the running frame.
#[cold]
unsafe fn unwind_frames(ctx: &mut Ctx, at: &mut At, mut recorded: bool) -> PyResult<()> {
    // A tool has raised: nobody is told.
    let mut silent = false;
    loop {
        let At { base, pc } = *at;
        // SAFETY: `base` is the running frame's, `pc` at the instruction that raised.
        unsafe {
            *base.offset(PC) = StackRef::immediate(pack_pointer(pc));
            if !recorded {
                except::record(ctx, base);
                unwind::passes(ctx, base, event::RAISE);
            } else if !silent {
                unwind::passes(ctx, base, event::RERAISE);
            }
            (recorded, silent) = (false, false);
            if let Some(handler) = except::handle(ctx, base) {
                let units = frame::code(base).units(ctx);
                let to = units.add(handler.handler as usize);
                let exception = Obj::copy_word((*base.add(handler.depth as usize)).word());
                unwind::leads(ctx, base);
                if !unwind::handled(ctx, base, handler.handler, exception) {
                    // A tool has raised, at the handler.
                    at.pc = to;
                    (recorded, silent) = (true, true);
                    continue;
                }
                unwind::goes_on(ctx, base, handler.handler, to);
                at.pc = to;
                return Ok(());
            }
            unwind::leaves(ctx, base);
            unwind::settle(ctx, base);
            let header = frame::flags(base);
            let previous = frame::previous(base);
            let raised = except::leave(ctx, base, header, previous, Raised::stored());
            if header & (LOOP | DELEGATE) != 0 {
                py(ctx).depth -= 1;
            } else if header & (ENTRY | GENERATOR) != 0 {
                return Err(raised);
            }
            at.base = previous;
            at.pc = unpack_pointer(frame::header(previous, PC));
        }
    }
}
