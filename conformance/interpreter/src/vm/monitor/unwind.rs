//! Events of exceptions: told by what unwinds, which looks for tools only then.

use super::event::*;
use super::instrument::state;
use super::tell::{Place, tell_raised};
use crate::error::Raised;
use crate::object::exception;
use crate::object::obj::Obj;
use crate::vm::frame::{self, Base};
use crate::vm::thread::py;
use kit_core::thread::Ctx;

/// Whether anybody wants to hear of exceptions that are thrown into frames or leave them.
pub fn is_watched(ctx: &Ctx) -> bool {
    let events = &state(ctx).events;
    [PY_THROW, RAISE, EXCEPTION_HANDLED, RERAISE, PY_UNWIND]
        .iter()
        .any(|event| events.tools(*event) != 0)
}

/// The exception on its way has come to this event in the running frame. A tool that raises replaces it.
///
/// # Safety
/// - `base` is the running frame's, and its saved instruction pointer is up to date.
pub unsafe fn passes(ctx: &mut Ctx, base: Base, event: usize) {
    let tools = state(ctx).events.tools(event);
    if tools == 0 || py(ctx).monitor.busy {
        return;
    }
    // SAFETY: as the caller says.
    let place = unsafe { place(ctx, base) };
    let exception = exception::take(ctx, Raised::stored());
    tell_raised(ctx, place, event, tools, exception);
}

/// The exception on its way is handled in the running frame from now on. False: a tool has raised another one.
///
/// # Safety
/// - As [`passes`].
pub unsafe fn handled(ctx: &mut Ctx, base: Base, exception: Obj) -> bool {
    let tools = state(ctx).events.tools(EXCEPTION_HANDLED);
    if tools == 0 || py(ctx).monitor.busy {
        return true;
    }
    // SAFETY: as the caller says.
    let place = unsafe { place(ctx, base) };
    let told = tell_raised(ctx, place, EXCEPTION_HANDLED, tools, exception);
    if told {
        py(ctx).raised = None;
    }
    told
}

/// The running frame is left with the exception on its way.
///
/// # Safety
/// - As [`passes`].
pub unsafe fn leaves(ctx: &mut Ctx, base: Base) {
    // SAFETY: as the caller says.
    unsafe {
        if frame::flags(base) & frame::GENERATOR != 0 {
            // CPython's generators look at each exception that ends them.
            passes(ctx, base, EXCEPTION_HANDLED);
            passes(ctx, base, RERAISE);
        }
        passes(ctx, base, PY_UNWIND);
    }
}

/// The thread goes on at the handler `to`: its line is not told again if it is that of the instruction that raised.
///
/// # Safety
/// - As [`passes`]; `pc` is the handler.
pub unsafe fn goes_on(ctx: &mut Ctx, base: Base, to: u32, pc: *const u32) {
    // SAFETY: as the caller says.
    let place = unsafe { place(ctx, base) };
    if super::instrument::tools(state(ctx), place.code, LINE) != 0
        && place.code.code.positions.at(to).line == place.line()
    {
        py(ctx).monitor.quiet = pc;
    }
}

unsafe fn place<'a>(ctx: &mut Ctx, base: Base) -> Place<'a> {
    // SAFETY: as the callers say.
    unsafe {
        Place {
            code: frame::code(base),
            unit: frame::unit(ctx, base),
            base,
        }
    }
}
