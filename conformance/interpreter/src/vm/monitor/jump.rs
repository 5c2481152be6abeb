//! `frame.f_lineno = n`: a debugger moves a frame to another line.
//!
//! Only while a tool is told of a line of that frame, or of its `yield`, and only to where every live temporary is one that the frame
//! has, of the same kind: an iterator may become that of another loop, an exception stays one. What the frame has beyond
//! that is dropped, and locals that are unbound become None, since code that was compiled for certain
//! paths does not look.

use super::event::{
    BRANCH_LEFT, BRANCH_RIGHT, C_RETURN, CALL, JUMP, LINE, PY_RESUME, PY_START, PY_YIELD,
};
use super::sites::{decode, target};
use crate::code::{Code, local};
use crate::error::{PyResult, raise};
use crate::module::warnings::warn;
use crate::object::code_places;
use crate::object::exception::class;
use crate::object::frame::PyFrame;
use crate::object::int;
use crate::object::obj::Obj;
use crate::op::effect::{Access, Instruction};
use crate::op::{Op, WINDOW};
use crate::prelude::*;
use crate::vm::except;
use crate::vm::frame::{self, Base};
use crate::vm::thread::py;
use kit_core::frame::layout::{PC, pack_pointer};
use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

/// What a temporary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Temporary {
    Dead,
    /// Of a `for` loop.
    Iterator,
    /// Of an `async for` loop.
    AsyncIterator,
    /// That a handler has got.
    Exception,
    /// What was handled before it.
    Saved,
    /// How a `with` ends.
    Exit,
    /// What the instruction at this unit wrote.
    Other(u32),
    /// Paths disagree.
    Unclear,
}

type Temporaries = Vec<Temporary>;

/// Moves the frame to the line `value`.
pub fn set_line(ctx: &mut Ctx, frame: &Obj, value: &Obj) -> PyResult<()> {
    if value.as_small_int().is_none() && int::view(value).is_none()
        || value.is_true()
        || value.is_false()
    {
        return Err(raise!(ctx, ValueError, "lineno must be an integer"));
    }
    let only = "can only jump from a 'line' trace event";
    let body = frame.expect::<PyFrame>();
    match py(ctx).monitor.telling {
        None => {
            let message = "f_lineno can only be set in a trace function";
            return Err(raise!(ctx, ValueError, "{message}"));
        }
        Some(LINE | PY_YIELD | PY_RESUME | JUMP | BRANCH_LEFT | BRANCH_RIGHT) => {}
        Some(PY_START) => {
            let message = "can't jump from the 'call' trace event of a new frame";
            return Err(raise!(ctx, ValueError, "{message}"));
        }
        Some(CALL | C_RETURN) => {
            return Err(raise!(ctx, ValueError, "can't jump during a call"));
        }
        Some(_) => {
            return Err(raise!(ctx, ValueError, "{only}"));
        }
    }
    let Some(line) = int::to_i64(value).and_then(|line| i32::try_from(line).ok()) else {
        return Err(raise!(ctx, ValueError, "lineno out of range"));
    };
    let code = body.code();
    if i64::from(line) < i64::from(code.code.first_line) {
        let message = "comes before the current code block";
        return Err(raise!(ctx, ValueError, "line {line} {message}"));
    }
    let all = decode(&code.code);
    let entry = code.watched.sites(code).entry as usize;
    let line_of = |at: usize| code.code.positions.at(at as u32).comes_to().unwrap_or(0);
    // Where a function begins, its line is that of its `def`.
    let first = code_places::first_line(&code.code);
    let begins = [(entry, first)].into_iter().filter(|_| first != 0);
    let later = all
        .iter()
        .map(|one| (one.start, line_of(one.start)))
        .chain(begins)
        .filter(|(start, at)| *start >= entry && *at >= line as u32);
    let Some(line) = later.map(|(_, at)| at).min() else {
        let message = "comes after the current code block";
        return Err(raise!(ctx, ValueError, "line {line} {message}"));
    };
    // The frame that is told of is the innermost of those that were not called since.
    let told = py(ctx).monitor.told;
    let Some(base) = body.place.base_of(ctx.slot()).filter(|base| *base == told) else {
        return Err(raise!(ctx, ValueError, "{only}"));
    };
    let states = states(&code.code, &all);
    // SAFETY: a frame of this thread.
    let unit = unsafe { frame::unit(ctx, base) } as usize;
    let unit = py(ctx).monitor.landing.map_or(unit, |unit| unit as usize);
    let Some(here) = states[unit].clone() else {
        let message = "can't jump from unreachable code";
        return Err(raise!(ctx, ValueError, "{message}"));
    };
    let again = first != 0 && line == first;
    let mut best: Option<(usize, usize)> = again.then_some((entry, 0));
    // Why not, by what is there where the line begins: where the fewest temporaries live.
    let mut refusal = ("cannot find bytecode for specified line", usize::MAX);
    for at in all.iter().map(|one| one.start) {
        if at < entry || line_of(at) != line {
            continue;
        }
        match &states[at] {
            Some(there) if fits(&here, there) => {
                let depth = depth(there);
                if best.is_none_or(|(_, deepest)| depth > deepest) {
                    best = Some((at, depth));
                }
            }
            Some(there) if depth(there) < refusal.1 => refusal = (explain(there), depth(there)),
            Some(_) => {}
            None => {}
        }
    }
    let Some((to, _)) = best else {
        return Err(raise!(ctx, ValueError, "{}", refusal.0));
    };
    bind(ctx, base, &code.code)?;
    py(ctx).monitor.again = again && to == entry;
    // SAFETY: the frame waits for the tool that is told of it, so its temporaries are as they are between two instructions;
    // those that are live at both places stay.
    unsafe {
        let there = states[to].as_deref().unwrap_or(&[]);
        leave(ctx, base, code.nlocals as usize, &here, there);
        let pc = code.units(ctx).add(to);
        *base.offset(PC) = StackRef::immediate(pack_pointer(pc));
    }
    Ok(())
}

/// Whether a frame with the temporaries `here` can go on where they are to be `there`.
fn fits(here: &[Temporary], there: &[Temporary]) -> bool {
    here.iter().zip(there).all(|(here, there)| {
        *there == Temporary::Dead || here == there && *here != Temporary::Unclear
    })
}

fn depth(state: &[Temporary]) -> usize {
    state
        .iter()
        .rposition(|one| *one != Temporary::Dead)
        .map_or(0, |last| last + 1)
}

fn explain(there: &[Temporary]) -> &'static str {
    match depth(there).checked_sub(1).map(|last| there[last]) {
        Some(Temporary::Saved | Temporary::Exception) => {
            "can't jump into an 'except' block as there's no exception"
        }
        Some(Temporary::Iterator | Temporary::AsyncIterator) => {
            "can't jump into the body of a for loop"
        }
        _ => "incompatible stacks",
    }
}

/// Binds the variables that are unbound to None.
fn bind(ctx: &mut Ctx, base: Base, code: &Code) -> PyResult<()> {
    let kinds = code.local_kinds.iter().enumerate();
    let unbound: Vec<usize> = kinds
        .filter(|(_, kind)| **kind & (local::CELL | local::FREE | local::HIDDEN) == 0)
        .map(|(index, _)| index)
        // SAFETY: locals of the frame.
        .filter(|index| unsafe { (*base.add(*index)).is_null() })
        .collect();
    // A comprehension's are unbound when it does not run, and stay so.
    let hidden = code.local_kinds.iter().enumerate();
    let hidden = hidden.filter(|(index, kind)| {
        // SAFETY: as above.
        **kind & (local::HIDDEN | local::LOCAL) == local::HIDDEN | local::LOCAL
            && unsafe { (*base.add(*index)).is_null() }
    });
    let count = unbound.len() + hidden.count();
    if count == 0 {
        return Ok(());
    }
    let plural = if count == 1 { "" } else { "s" };
    warn(
        ctx,
        class::RuntimeWarning,
        &format!("assigning None to {count} unbound local{plural}"),
    )?;
    for index in unbound {
        // SAFETY: as above.
        unsafe {
            if (*base.add(index)).is_null() {
                *base.add(index) = StackRef::immediate(Obj::NONE.into_word());
            }
        }
    }
    Ok(())
}

/// Drops the temporaries that are not to be there, the last first; what was handled before an exception is handled again.
///
/// # Safety
/// - `base` is the base of a frame of this thread between two instructions, and `here` says what its temporaries are.
unsafe fn leave(
    ctx: &mut Ctx,
    base: Base,
    nlocals: usize,
    here: &[Temporary],
    there: &[Temporary],
) {
    for (index, (here, there)) in here.iter().zip(there).enumerate().rev() {
        if *there != Temporary::Dead || *here == Temporary::Dead {
            continue;
        }
        // SAFETY: as the caller says.
        unsafe {
            if *here == Temporary::Saved {
                except::pop(ctx, base, nlocals + index);
            } else {
                StackRef::clear(base.add(nlocals + index), ctx);
            }
        }
    }
}

/// What the temporaries are before each instruction; `None` where control does not come.
fn states(code: &Code, all: &[Instruction]) -> Vec<Option<Temporaries>> {
    let mut known: Vec<Option<Temporaries>> = vec![None; code.units.len()];
    let mut at = vec![usize::MAX; code.units.len()];
    for (index, instruction) in all.iter().enumerate() {
        at[instruction.start] = index;
    }
    let dead = vec![Temporary::Dead; (code.nregs - code.nlocals) as usize];
    let mut work = vec![(0, dead)];
    while let Some((unit, state)) = work.pop() {
        let merged = match known.get(unit) {
            Some(Some(before)) => {
                let merged: Temporaries = before
                    .iter()
                    .zip(&state)
                    .map(|(a, b)| if a == b { *a } else { Temporary::Unclear })
                    .collect();
                if merged == *before {
                    continue;
                }
                merged
            }
            Some(None) => state,
            None => continue,
        };
        known[unit] = Some(merged.clone());
        let Some(instruction) = all.get(at[unit]) else {
            continue;
        };
        if let Some(handler) = code.handler_at(unit as u32) {
            let depth = (handler.depth - code.nlocals) as usize;
            let mut caught = merged.clone();
            caught[depth..].fill(Temporary::Dead);
            caught[depth] = Temporary::Exception;
            work.push((handler.handler as usize, caught));
        }
        let (next, taken) = after(code, instruction, merged);
        if let Some(target) = target(code, instruction) {
            work.push((target, taken));
        }
        if !instruction.op.info().terminal {
            work.push((instruction.next, next));
        }
    }
    known
}

/// What the temporaries are after an instruction, and where it jumps to.
fn after(
    code: &Code,
    instruction: &Instruction,
    mut state: Temporaries,
) -> (Temporaries, Temporaries) {
    let set = |state: &mut Temporaries, register: u32, to: Temporary| {
        if let Some(index) = register.checked_sub(code.nlocals) {
            state[index as usize] = to;
        }
    };
    let (a, unit) = (instruction.a, instruction.start as u32);
    let window = |state: &mut Temporaries| {
        for register in a..a + instruction.window() {
            set(state, register, Temporary::Dead);
        }
    };
    let kept = state.get((a.wrapping_sub(code.nlocals)) as usize).copied();
    match instruction.op {
        Op::Call
        | Op::CallKw
        | Op::CallMethod
        | Op::CallMethodKw
        | Op::CallEx
        | Op::LoadSuperAttr
        | Op::LoadSuperMethod => window(&mut state),
        Op::LoadMethod => set(&mut state, instruction.b, Temporary::Dead),
        Op::Clear => set(&mut state, a, Temporary::Dead),
        _ => instruction.registers(&code.units, |access, first, count| {
            if access == Access::Read {
                for register in first..first + count {
                    set(&mut state, register, Temporary::Dead);
                }
            }
        }),
    }
    let mut taken = state.clone();
    match (instruction.op, kept) {
        (Op::JumpTrueKeep | Op::JumpFalseKeep, Some(kept)) => set(&mut taken, a, kept),
        (Op::ForIter, _) => set(&mut taken, a, Temporary::Dead),
        _ => {}
    }
    let written = match instruction.op {
        Op::GetIter => Temporary::Iterator,
        Op::GetAiter => Temporary::AsyncIterator,
        Op::PushExc => Temporary::Saved,
        _ => Temporary::Other(unit),
    };
    match instruction.op {
        Op::LoadMethod | Op::LoadSuperMethod => {
            set(&mut state, a, written);
            set(&mut state, a + WINDOW, written);
        }
        Op::Clear => {}
        _ => instruction.registers(&code.units, |access, first, count| {
            if access == Access::Write {
                for register in first..first + count {
                    set(&mut state, register, written);
                }
            }
        }),
    }
    if matches!(instruction.op, Op::WithEnter | Op::AsyncWithEnter) {
        set(&mut state, a, Temporary::Exit);
    }
    (state, taken)
}
