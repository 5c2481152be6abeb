//! Executing an instruction that is instrumented.
//!
//! ```text
//!  before:  PY_START or PY_RESUME, LINE, INSTRUCTION, then PY_RETURN, PY_YIELD or CALL
//!  the instruction itself, alone: what the compiler made, with the operands of the image
//!  after:   JUMP, BRANCH_LEFT or BRANCH_RIGHT, C_RETURN or C_RAISE, STOP_ITERATION
//! ```
//!
//! A tool may raise: the exception is then raised at the instruction. It may move the frame ([`super::jump`]), which then goes on
//! there; and it may change who is told of what.
//!
//! Calls that are told make a frame for Python functions only; anything else, classes included, is called and has
//! returned before the next instruction, so that it can be told of.

use super::State;
use super::event::*;
use super::instrument::{settle, state, tools_at};
use super::sites::{Site, target};
use super::tell::{Place, What, tell};
use crate::error::{PyResult, Raised};
use crate::object::attribute;
use crate::object::bound_method::PyBoundMethod;
use crate::object::code_places;
use crate::object::exception::{self, class};
use crate::object::generator::PyGenerator;
use crate::object::ids;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol;
use crate::object::slot_wrapper::generic;
use crate::object::tuple::PyTuple;
use crate::object::type_::{type_id_of, type_of};
use crate::op::effect::Instruction;
use crate::op::{Op, Operand};
use crate::prelude::*;
use crate::vm::execute::{At, Flow, one};
use crate::vm::frame::{self, Base};
use crate::vm::generate::{self, Resume, Resumed};
use crate::vm::thread::py;
use core::mem;
use core::ptr::fn_addr_eq;
use kit_core::frame::layout::{HEADER, PC, unpack_pointer};
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

/// A call that is told.
struct Told {
    callable: Obj,
    first: Option<Obj>,
    tools: u8,
}

impl Told {
    fn what(&self) -> What<'_> {
        What::Call(&self.callable, self.first.as_ref())
    }

    /// Tells how the call has ended. A tool that has disabled it hears of its end; one that wants to hear of no calls any more does not.
    fn ends(&self, ctx: &mut Ctx, place: Place<'_>, event: usize) -> PyResult<()> {
        let tools = self.tools & super::instrument::tools(state(ctx), place.code, CALL);
        tell(ctx, place, event, tools, &self.what()).map(drop)
    }

    /// Whether a Python function is called, whose own events say the rest.
    fn is_python(&self) -> bool {
        type_id_of(&self.callable) == ids::FUNCTION
    }
}

const RAISED: Flow = Flow::Raised { recorded: false };

/// Executes the instruction at `at`, which is instrumented, and tells who wants to hear of it.
///
/// # Safety
/// - As [`execute`](crate::vm::execute::execute); the instruction's operation is `INSTRUMENTED`, and the frame's saved instruction
///   pointer at it.
#[cold]
#[inline(never)]
pub unsafe fn step(ctx: &mut Ctx, at: &mut At) -> Flow {
    let At { base, pc } = *at;
    // SAFETY: the running frame, which keeps its code; `pc` is an instruction of it.
    unsafe {
        let code = frame::code(base);
        let unit = frame::unit(ctx, base);
        let place = Place { code, unit, base };
        let site = &code.watched.sites(code).units[unit as usize];
        let quiet = mem::replace(&mut py(ctx).monitor.quiet, core::ptr::null()) == pc;
        let Ok(instruction) = Instruction::decode(&code.code.units, unit as usize) else {
            unreachable!("verified code decodes");
        };
        let resumed = mem::replace(&mut py(ctx).monitor.resumed, core::ptr::null_mut()) == base;
        let watch = !py(ctx).monitor.busy;
        let mut told = None;
        if watch {
            let before = Before {
                place,
                pc,
                site,
                quiet,
                resumed,
                instruction: &instruction,
            };
            match before.tell(ctx) {
                Ok(call) => told = call,
                Err(Stop::Raised) => return RAISED,
                Err(Stop::Moved(to)) => {
                    moved(ctx, at, to);
                    return Flow::Next;
                }
            }
        }
        // Alone, with the operation that the compiler made.
        let units = &code.code.units;
        let is_wide = instruction.at != unit as usize;
        let word = units[instruction.at];
        let high = if is_wide {
            at.pc = pc.add(1);
            units[unit as usize]
        } else {
            let negative =
                instruction.op.info().operands[2] == Operand::Signed && (word as i32) < 0;
            if negative { 0xff00_0000 } else { 0 }
        };
        if watch && instruction.op == Op::ForIter {
            return for_iter(ctx, at, place, site, &instruction);
        }
        py(ctx).monitor.plain_call = told.as_ref().is_some_and(|told| !told.is_python());
        let delegate = (watch && instruction.op == Op::YieldFrom)
            .then(|| Obj::copy_word((*base.add(instruction.b as usize)).word()));
        let flow = one(ctx, at, word, high);
        py(ctx).monitor.plain_call = false;
        if !watch {
            if matches!(flow, Flow::Next) && at.base == base {
                settle(ctx, code, unit, pc);
            }
            return flow;
        }
        // What the instruction has dropped ends here, where it can be told of.
        ctx.drain();
        match flow {
            Flow::Next if at.base == base => {
                let after = After {
                    place,
                    site,
                    instruction: &instruction,
                    told: told.as_ref(),
                    delegate: delegate.as_ref(),
                };
                let next = at.pc;
                match after.tell(ctx, pc, next) {
                    Ok(()) => {}
                    Err(Stop::Raised) => {
                        at.pc = pc;
                        return RAISED;
                    }
                    Err(Stop::Moved(to)) => moved(ctx, at, to),
                }
                settle(ctx, code, unit, pc);
                Flow::Next
            }
            Flow::Raised { .. } if at.base == base => {
                if let Some(told) = told.filter(|told| !told.is_python()) {
                    let exception = exception::take(ctx, Raised::stored());
                    if told.ends(ctx, place, C_RAISE).is_ok() {
                        let _ = exception::raise_again(ctx, exception);
                    }
                }
                flow
            }
            flow => flow,
        }
    }
}

/// A tool has moved the frame, which goes on there. It is not told that it comes there, unless it begins again.
fn moved(ctx: &mut Ctx, at: &mut At, to: *const u32) {
    let local = &mut py(ctx).monitor;
    if !mem::take(&mut local.again) {
        local.quiet = to;
    }
    at.pc = to;
}

/// Tells tools of a jump, or a branch, that was made from `pc`: to the unit `went`, which they are told is `to`.
///
/// # Safety
/// - `place` is where `pc` is, and the running frame's saved instruction pointer is at it.
unsafe fn told_way(
    ctx: &mut Ctx,
    place: Place<'_>,
    pc: *const u32,
    site: &Site,
    event: usize,
    [went, to]: [u32; 2],
) -> Result<(), Stop> {
    let outer = py(ctx).monitor.landing.replace(went);
    let told = told_at(ctx, place, site, event, &What::Unit(to));
    py(ctx).monitor.landing = outer;
    told?;
    // SAFETY: as the caller says.
    let at: *const u32 = unsafe { unpack_pointer(frame::header(place.base, PC)) };
    if at == pc {
        Ok(())
    } else {
        Err(Stop::Moved(at))
    }
}

/// Tells tools of an event at an instruction.
fn told_at(
    ctx: &mut Ctx,
    place: Place<'_>,
    site: &Site,
    event: usize,
    what: &What<'_>,
) -> PyResult<()> {
    let tools = tools_at(state(ctx), place.code, site, event);
    if tools == 0 || !site.may_be(event) {
        return Ok(());
    }
    let disabled = tell(ctx, place, event, tools, what)?;
    if disabled != 0 {
        site.disable(event, disabled);
        let other = match event {
            BRANCH_LEFT => BRANCH_RIGHT,
            BRANCH_RIGHT => BRANCH_LEFT,
            _ => return Ok(()),
        };
        site.disable(other, disabled & state(ctx).told_both());
    }
    Ok(())
}

/// What is told before the instruction.
struct Before<'a> {
    place: Place<'a>,
    pc: *const u32,
    site: &'a Site,
    /// The thread comes from an instruction of the same line.
    quiet: bool,
    /// The frame was resumed at this instruction.
    resumed: bool,
    instruction: &'a Instruction,
}

/// Why the instruction is not executed.
enum Stop {
    /// A tool has raised.
    Raised,
    /// A tool has moved the frame.
    Moved(*const u32),
}

impl From<Raised> for Stop {
    fn from(_: Raised) -> Stop {
        Stop::Raised
    }
}

impl Before<'_> {
    /// Tells the tools of an event at the instruction.
    unsafe fn told(&self, ctx: &mut Ctx, event: usize, what: &What<'_>) -> Result<(), Stop> {
        if told_at(ctx, self.place, self.site, event, what).is_err() {
            return Err(Stop::Raised);
        }
        // SAFETY: as for `step`.
        let at: *const u32 = unsafe { unpack_pointer(frame::header(self.place.base, PC)) };
        if at == self.pc {
            Ok(())
        } else {
            Err(Stop::Moved(at))
        }
    }

    /// Tells that the frame begins, or goes on, at this line.
    unsafe fn starts(
        &self,
        ctx: &mut Ctx,
        event: usize,
        line: u32,
        offset: i64,
    ) -> Result<(), Stop> {
        if !self.site.may_be(event) {
            return Ok(());
        }
        py(ctx).monitor.starting = (self.place.base, line, offset);
        // SAFETY: as for `step`.
        let result = unsafe { self.told(ctx, event, &What::Nothing) };
        py(ctx).monitor.starting.0 = core::ptr::null_mut();
        result
    }

    /// Tells what there is to tell; returns the call that the instruction is, if somebody wants to hear of it.
    unsafe fn tell(&self, ctx: &mut Ctx) -> Result<Option<Told>, Stop> {
        let Before { place, site, .. } = *self;
        // A frame that was moved to its beginning does not begin.
        let begins = site.may_be(PY_START) && !self.quiet;
        // SAFETY: as for `step`, here and below.
        unsafe {
            if begins {
                self.starts(ctx, PY_START, first_line(place), 0)?;
            }
            if (self.resumed || self.instruction.op != Op::YieldFrom) && !self.quiet {
                // What it goes on with may be of another line than the `yield` before it.
                let unit = match self.instruction.op {
                    Op::YieldFrom => place.unit,
                    _ => place.unit.saturating_sub(1),
                };
                let line = place.code.code.positions.at(unit).line;
                self.starts(ctx, PY_RESUME, line, code_places::offset(unit))?;
            }
        }
        if site.may_be(LINE) && !self.quiet && !self.resumed {
            let line = place.line();
            // The line of `def` is told of again if its beginning is.
            let is_known = begins && line == first_line(place) && {
                let state = state(ctx);
                tools_at(state, place.code, site, PY_START) == 0
            };
            if !is_known {
                // SAFETY: as for `step`.
                unsafe { self.told(ctx, LINE, &What::Line(line))? };
            }
        }
        // SAFETY: as for `step`.
        unsafe {
            self.told(ctx, INSTRUCTION, &What::Nothing)?;
            let register = |index: u32| Obj::copy_word((*place.base.add(index as usize)).word());
            match self.instruction.op {
                Op::Return => {
                    let value = register(self.instruction.a);
                    self.told(ctx, PY_RETURN, &What::Value(&value))?;
                }
                Op::ReturnNone => {
                    self.told(ctx, PY_RETURN, &What::Value(&Obj::NONE))?;
                }
                Op::Yield => {
                    let value = register(self.instruction.b);
                    self.told(ctx, PY_YIELD, &What::Value(&value))?;
                }
                _ if site.may_be(CALL) => {
                    let tools = tools_at(state(ctx), place.code, site, CALL);
                    if tools != 0
                        && let Some(told) = called(ctx, place.base, self.instruction, tools)
                    {
                        self.told(ctx, CALL, &told.what())?;
                        return Ok(Some(told));
                    }
                }
                _ => {}
            }
        }
        Ok(None)
    }
}

/// The line at which a body begins.
pub fn first_line(place: Place<'_>) -> u32 {
    code_places::first_line(&place.code.code)
}

/// What an instruction calls, and with what first; `None` if that does not exist.
///
/// # Safety
/// - `base` is the running frame's, about to execute the call.
unsafe fn called(ctx: &mut Ctx, base: Base, instruction: &Instruction, tools: u8) -> Option<Told> {
    // SAFETY: the window of the call holds what the instruction needs.
    unsafe {
        let a = instruction.a as usize;
        let word = |index: usize| (*base.add(index)).word();
        if instruction.op == Op::WithEnter {
            let manager = Obj::copy_word(word(instruction.b as usize));
            return Some(Told {
                callable: attribute::lookup_special(ctx, &manager, &names(ctx).enter)?,
                first: Some(manager),
                tools,
            });
        }
        // A window that `super` is looked up in has no callable yet.
        let supers = matches!(instruction.op, Op::LoadSuperAttr | Op::LoadSuperMethod);
        let mut callable = if supers {
            Obj::NONE
        } else {
            Obj::copy_word(word(a))
        };
        let mut first = match instruction.op {
            Op::CallEx => match Obj::borrow_word(&word(a + HEADER)).downcast::<PyTuple>() {
                Some(tuple) => tuple.items().first().cloned(),
                None => None,
            },
            Op::CallMethod | Op::CallMethodKw if !word(a + HEADER).is_null() => {
                Some(Obj::copy_word(word(a + HEADER)))
            }
            Op::CallMethod | Op::CallMethodKw => {
                (instruction.b > 0).then(|| Obj::copy_word(word(a + HEADER + 1)))
            }
            Op::LoadSuperAttr | Op::LoadSuperMethod => {
                callable = Obj::copy_word(word(a + HEADER));
                (instruction.b > 0).then(|| Obj::copy_word(word(a + HEADER + 1)))
            }
            _ => (instruction.b > 0).then(|| Obj::copy_word(word(a + HEADER))),
        };
        if instruction.op != Op::CallEx
            && let Some(method) = callable.downcast_exact::<PyBoundMethod>()
        {
            first = Some(method.receiver.clone());
            callable = method.function.clone();
        }
        Some(Told {
            callable,
            first,
            tools,
        })
    }
}

/// What is told after the instruction, which did not leave its frame.
struct After<'a> {
    place: Place<'a>,
    site: &'a Site,
    instruction: &'a Instruction,
    told: Option<&'a Told>,
    /// What a `yield from` has exhausted.
    delegate: Option<&'a Obj>,
}

impl After<'_> {
    unsafe fn tell(&self, ctx: &mut Ctx, pc: *const u32, next: *const u32) -> Result<(), Stop> {
        let After {
            place,
            site,
            instruction,
            ..
        } = *self;
        // SAFETY: as for `step`; both are in the image that the thread runs.
        let went = unsafe { next.offset_from(pc) } + place.unit as isize;
        let went = went as u32;
        if let Some(told) = self.told
            && !told.is_python()
        {
            told.ends(ctx, place, C_RETURN)?;
        }
        if let Some((left, right)) = code_places::ways(&place.code.code, instruction) {
            let (event, to) = if went == instruction.next as u32 {
                (BRANCH_LEFT, left)
            } else {
                (BRANCH_RIGHT, right)
            };
            // SAFETY: as for `step`.
            unsafe { told_way(ctx, place, pc, site, event, [went, to])? };
        } else if target(&place.code.code, instruction).is_some() {
            // SAFETY: as for `step`.
            unsafe { told_way(ctx, place, pc, site, JUMP, [went, went])? };
        }
        if let Some(delegate) = self.delegate {
            // SAFETY: the instruction has written its result.
            let value = unsafe { Obj::copy_word((*place.base.add(instruction.a as usize)).word()) };
            if delegate.downcast::<PyGenerator>().is_some() {
                exhausted(ctx, place, site, value)?;
            } else if !value.is_none() {
                answered(ctx, place, value)?;
            }
        }
        hush(ctx, place, site, went, next);
        Ok(())
    }
}

/// Notes that the line of the instruction that comes next is known.
fn hush(ctx: &mut Ctx, place: Place<'_>, site: &Site, went: u32, next: *const u32) {
    if site.hushes && place.code.code.positions.at(went).line == place.line() {
        py(ctx).monitor.quiet = next;
    }
}

/// Tells that something else than a generator has answered with `value`, which takes an exception.
fn answered(ctx: &mut Ctx, place: Place<'_>, value: Obj) -> PyResult<()> {
    if state(ctx).events.tools(RAISE) == 0 {
        return Ok(());
    }
    let stop = exception::new(ctx, class::StopIteration, vec![value])?;
    stopped(ctx, place, &stop)
}

/// Tells that a StopIteration has come from an iterator.
fn stopped(ctx: &mut Ctx, place: Place<'_>, stop: &Obj) -> PyResult<()> {
    let tools = state(ctx).events.tools(RAISE);
    if tools == 0 {
        return Ok(());
    }
    tell(ctx, place, RAISE, tools, &What::Exception(stop)).map(drop)
}

/// Tells that a generator has returned `value`.
fn exhausted(ctx: &mut Ctx, place: Place<'_>, site: &Site, value: Obj) -> PyResult<()> {
    if tools_at(state(ctx), place.code, site, STOP_ITERATION) == 0 {
        return Ok(());
    }
    let args = if value.is_none() {
        Vec::new()
    } else {
        vec![value]
    };
    let stop = exception::new(ctx, class::StopIteration, args)?;
    told_at(ctx, place, site, STOP_ITERATION, &What::Exception(&stop))
}

type NextSlot = fn(&mut Ctx, &Obj) -> PyResult<Option<Obj>>;

/// How an iterator has ended.
enum Ended {
    /// A generator has returned this.
    Returned(Obj),
    /// A `__next__` of the program has raised this StopIteration.
    Raised(Obj),
    /// With nothing to tell of.
    Quietly,
}

impl Ended {
    fn tell(self, ctx: &mut Ctx, place: Place<'_>, site: &Site) -> PyResult<()> {
        match self {
            Self::Quietly => Ok(()),
            Self::Raised(stop) => stopped(ctx, place, &stop),
            Self::Returned(value) => {
                let told = |event| tools_at(state(ctx), place.code, site, event) != 0;
                let instrumented = [LINE, INSTRUCTION, BRANCH_LEFT, BRANCH_RIGHT];
                if !instrumented.into_iter().any(told) {
                    return exhausted(ctx, place, site, value);
                }
                // CPython asks there for the next item as anybody does, who sees a StopIteration with a value only.
                if value.is_none() {
                    return Ok(());
                }
                answered(ctx, place, value)
            }
        }
    }
}

/// The next item of what is no generator, or how it has ended.
fn next_of(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Result<Obj, Ended>> {
    let next = type_of(ctx, iterator).slots(ctx).next;
    if !next.is_some_and(|next| fn_addr_eq(next, generic::next as NextSlot)) {
        let item = protocol::next(ctx, iterator)?;
        return Ok(item.ok_or(Ended::Quietly));
    }
    match generic::next_or_raise(ctx, iterator) {
        Ok(value) => Ok(Ok(value)),
        Err(raised) if exception::matches(ctx, &raised, class::StopIteration) => {
            Ok(Err(Ended::Raised(exception::take(ctx, raised))))
        }
        Err(raised) => Err(raised),
    }
}

/// `FOR_ITER`: a generator is run here, for what it returns is told.
unsafe fn for_iter(
    ctx: &mut Ctx,
    at: &mut At,
    place: Place<'_>,
    site: &Site,
    instruction: &Instruction,
) -> Flow {
    let base = place.base;
    let start = at.pc;
    // SAFETY: as for `step`.
    unsafe {
        // A prefix comes first.
        let pc = start.sub(instruction.at - place.unit as usize);
        let iterator = Obj::copy_word((*base.add(instruction.a as usize)).word());
        let item = if type_id_of(&iterator) == ids::GENERATOR {
            generate::resume(ctx, &iterator, Resume::Next).map(|resumed| match resumed {
                Resumed::Yielded(value) => Ok(value),
                Resumed::Returned(value) => Err(Ended::Returned(value)),
            })
        } else {
            next_of(ctx, &iterator)
        };
        let next = instruction.next as u32;
        let (event, went, ended) = match item {
            Err(_) => return RAISED,
            Ok(Ok(value)) => {
                frame::put(ctx, base, instruction.b as usize, value);
                (BRANCH_LEFT, next, None)
            }
            Ok(Err(ended)) => {
                StackRef::clear(base.add(instruction.a as usize), ctx);
                let target = target(&place.code.code, instruction).unwrap_or(next as usize);
                (BRANCH_RIGHT, target as u32, Some(ended))
            }
        };
        let ways = code_places::ways(&place.code.code, instruction);
        let (left, right) = ways.unwrap_or((went, went));
        let to = if event == BRANCH_LEFT { left } else { right };
        let mut told = told_way(ctx, place, pc, site, event, [went, to]);
        if let (Ok(()), Some(ended)) = (&told, ended) {
            told = ended.tell(ctx, place, site).map_err(Stop::from);
        }
        match told {
            Ok(()) => {
                at.pc = pc.offset(went as isize - place.unit as isize);
                hush(ctx, place, site, went, at.pc);
            }
            Err(Stop::Raised) => {
                at.pc = pc;
                return RAISED;
            }
            Err(Stop::Moved(to)) => moved(ctx, at, to),
        }
        settle(ctx, place.code, place.unit, pc);
    }
    Flow::Next
}

/// `YIELD_FROM`, executed alone, is about to yield what its iterator has yielded.
///
/// # Safety
/// - `base` is the running frame's, its saved instruction pointer at the instruction.
pub unsafe fn delegated(ctx: &mut Ctx, base: Base, value: &Obj) -> PyResult<()> {
    if py(ctx).monitor.busy {
        return Ok(());
    }
    // SAFETY: the running frame, which keeps its code.
    let (code, mut unit) = unsafe { (frame::code(base), frame::unit(ctx, base)) };
    if tools(state(ctx), code) == 0 {
        return Ok(());
    }
    let sites = code.watched.sites(code);
    if sites.units[unit as usize].events == 0 {
        // Behind its prefix.
        unit -= 1;
    }
    let place = Place { code, unit, base };
    let site = &sites.units[unit as usize];
    told_at(ctx, place, site, PY_YIELD, &What::Value(value))
}

fn tools(state: &State, code: &Body<crate::object::code::PyCode>) -> u8 {
    super::instrument::tools(state, code, PY_YIELD)
}
