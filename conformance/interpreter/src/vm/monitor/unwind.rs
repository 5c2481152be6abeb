//! Events of exceptions: told by what unwinds, which looks for tools only then.

use super::event::*;
use super::instrument::state;
use super::tell::{Place, tell_raised};
use crate::error::Raised;
use crate::object::code_places;
use crate::object::exception::{self, PyException};
use crate::object::obj::Obj;
use crate::object::traceback::PyTraceback;
use crate::op::Op;
use crate::vm::frame::{self, Base};
use crate::vm::thread::py;
use kit_core::frame::layout::{PC, pack_pointer};
use kit_core::refcount::stack_ref::StackRef;
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

/// The exception on its way is handled in the running frame from now on, at the unit `to`. False: a tool has raised another one.
///
/// # Safety
/// - As [`passes`].
pub unsafe fn handled(ctx: &mut Ctx, base: Base, to: u32, exception: Obj) -> bool {
    let tools = state(ctx).events.tools(EXCEPTION_HANDLED);
    if tools == 0 || py(ctx).monitor.busy {
        return true;
    }
    // SAFETY: as the caller says.
    let place = Place {
        unit: to,
        ..unsafe { place(ctx, base) }
    };
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
        let shown = raised_at(ctx, base);
        if let Some((line, offset)) = shown {
            py(ctx).monitor.starting = (base, line, offset);
        }
        if frame::flags(base) & frame::GENERATOR != 0 {
            // CPython's generators look at each exception that ends them.
            passes(ctx, base, EXCEPTION_HANDLED);
            passes(ctx, base, RERAISE);
        }
        passes(ctx, base, PY_UNWIND);
        if shown.is_some() {
            py(ctx).monitor.starting.0 = core::ptr::null_mut();
        }
    }
}

/// The exception on its way leads to a handler of the running frame. What raises it again behind that, and is nowhere in the source, raises it
/// where it was raised now.
///
/// # Safety
/// - As [`passes`].
pub unsafe fn leads(ctx: &mut Ctx, base: Base) {
    // SAFETY: as the caller says.
    let place = unsafe { place(ctx, base) };
    if py(ctx).monitor.led.0 != base || !raises_again(&place) {
        py(ctx).monitor.led = (base, place.unit);
    }
}

/// The running frame is being left: it is where it has raised the exception on its way, for who still has its object.
///
/// # Safety
/// - As [`passes`].
pub unsafe fn settle(ctx: &mut Ctx, base: Base) {
    let (led, unit) = py(ctx).monitor.led;
    if led != base {
        return;
    }
    py(ctx).monitor.led.0 = core::ptr::null_mut();
    // SAFETY: as the caller says; the unit is one of the code that the frame runs.
    unsafe {
        let place = place(ctx, base);
        if raises_again(&place) && (unit as usize) < place.code.code.units.len() {
            let pc = place.code.units(ctx).add(unit as usize);
            *base.offset(PC) = StackRef::immediate(pack_pointer(pc));
        }
    }
}

/// Whether what is done here is to raise an exception again, nowhere in the source.
fn raises_again(place: &Place<'_>) -> bool {
    let unit = place.code.code.units.get(place.unit as usize);
    unit.is_some_and(|unit| *unit as u8 == Op::Reraise as u8) && place.line() == 0
}

/// Where the running frame has raised the exception on its way, by line and offset, if what raises it again is nowhere in the source.
unsafe fn raised_at(ctx: &mut Ctx, base: Base) -> Option<(u32, i64)> {
    if state(ctx).events.tools(PY_UNWIND) == 0 {
        return None;
    }
    // SAFETY: as the callers say.
    let place = unsafe { place(ctx, base) };
    if place.line() != 0 {
        return None;
    }
    let (led, unit) = py(ctx).monitor.led;
    if led == base {
        let line = place.code.code.positions.at(unit).line;
        return Some((line, code_places::offset(unit)));
    }
    let raised = py(ctx).raised.clone()?;
    let body = raised.downcast::<PyException>()?;
    let entry = body.traceback.get(ctx, &body.header)?;
    let entry = entry.expect::<PyTraceback>();
    let is_here = entry.frame().place.base_of(ctx.slot()) == Some(base);
    is_here.then(|| (entry.position().line, entry.offset()))
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
