//! Calling tools.
//!
//! While a tool is told of something, nobody is told of what it does: the thread is *busy*. Tools are told one after the other, the
//! last first; an exception of one ends the event, and is raised where the event was.

use super::event::*;
use super::instrument::state;
use super::trace;
use super::{PROFILE, USER_TOOLS};
use crate::error::{PyResult, raise};
use crate::object::code::PyCode;
use crate::object::code_places;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::{exception, protocol};
use crate::prelude::*;
use crate::vm::frame::Base;
use crate::vm::thread::py;
use kit_core::object::Word;
use kit_core::thread::Ctx;

/// Where something happens.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The code, which the running frame keeps.
    pub code: &'a Body<PyCode>,
    /// The unit of the instruction.
    pub unit: u32,
    /// The running frame.
    pub base: Base,
}

impl Place<'_> {
    /// The code object.
    pub fn code_object(&self) -> Obj {
        // SAFETY: the frame keeps the code.
        unsafe { Obj::copy_word(Word::object(&raw const self.code.header)) }
    }

    /// The line of the instruction; 0 if it has none.
    pub fn line(&self) -> u32 {
        self.code.code.positions.at(self.unit).line
    }
}

/// What tools are told of an event, besides the code and the instruction.
pub enum What<'a> {
    /// Nothing.
    Nothing,
    /// A line, instead of the instruction.
    Line(u32),
    /// Another unit.
    Unit(u32),
    /// What is returned or yielded.
    Value(&'a Obj),
    /// The exception.
    Exception(&'a Obj),
    /// The callable and its first argument, if there is one.
    Call(&'a Obj, Option<&'a Obj>),
}

/// An instruction's offset, as programs see it.
pub fn offset(unit: u32) -> Obj {
    Obj::small_int(code_places::offset(unit))
}

/// Tells the tools of an event. Returns those that do not want to hear of it here any more.
pub fn tell(
    ctx: &mut Ctx,
    place: Place<'_>,
    event: usize,
    mut tools: u8,
    what: &What<'_>,
) -> PyResult<u8> {
    let mut disabled = 0;
    while tools != 0 {
        let tool = tools.ilog2() as usize;
        tools &= !(1 << tool);
        if tool >= PROFILE {
            trace::tell(ctx, tool, place, event, what)?;
            continue;
        }
        let Some(callback) = state(ctx).tool(tool).callbacks[event].clone() else {
            continue;
        };
        let args = arguments(ctx, place, what);
        let answer = busy(ctx, place, event, |ctx| {
            protocol::call(ctx, &callback, &args)
        })?;
        let disable = state(ctx).disable.get();
        if !disable.is_some_and(|disable| disable.is(&answer)) {
            continue;
        }
        if event >= LOCAL {
            debug_assert!(tool < USER_TOOLS);
            let removed = state(ctx).tool(tool).callbacks[event].take();
            drop(removed);
            return Err(raise!(
                ctx,
                ValueError,
                "Cannot disable {} events. Callback removed.",
                NAMES[event]
            ));
        }
        disabled |= 1 << tool;
    }
    Ok(disabled)
}

/// Runs `body` while nobody is told of anything else.
pub fn busy<R>(
    ctx: &mut Ctx,
    place: Place<'_>,
    event: usize,
    body: impl FnOnce(&mut Ctx) -> R,
) -> R {
    let local = &mut py(ctx).monitor;
    local.busy = true;
    local.told = place.base;
    let outer = local.telling.replace(event);
    let result = body(ctx);
    let local = &mut py(ctx).monitor;
    local.busy = false;
    local.telling = outer;
    result
}

fn arguments(ctx: &mut Ctx, place: Place<'_>, what: &What<'_>) -> Vec<Obj> {
    let (starting, _, start) = py(ctx).monitor.starting;
    let at = if starting == place.base && !matches!(what, What::Exception(_)) {
        Obj::small_int(start)
    } else {
        offset(place.unit)
    };
    let mut args = vec![place.code_object(), at];
    match what {
        What::Nothing => {}
        What::Line(line) => args[1] = Obj::small_int(i64::from(*line)),
        What::Unit(unit) => args.push(offset(*unit)),
        What::Value(value) | What::Exception(value) => args.push((*value).clone()),
        What::Call(callable, first) => {
            args.push((*callable).clone());
            let missing = || state(ctx).missing.get().cloned().unwrap_or(Obj::NONE);
            args.push(first.map_or_else(missing, |first| first.clone()));
        }
    }
    args
}

/// Tells tools of an event while an exception is on its way. False: a tool has raised another one, which is stored.
pub fn tell_raised(
    ctx: &mut Ctx,
    place: Place<'_>,
    event: usize,
    tools: u8,
    exception: Obj,
) -> bool {
    match tell(ctx, place, event, tools, &What::Exception(&exception)) {
        Ok(_) => {
            let _ = exception::raise_again(ctx, exception);
            true
        }
        Err(_) => false,
    }
}
