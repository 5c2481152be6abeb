//! Refusing code that the VM could not run safely.
//!
//! The compiler's output always passes; code read from a file might not. What passes causes no undefined behaviour and no panic, and comes to
//! safepoints, whoever made it. What is checked:
//!
//! - Every instruction decodes, and has zeros where it has no operand; jumps and handlers land on the start of one; control does not run
//!   off the end, and every loop polls (`progress`).
//! - Registers, constants and names exist and are of the right kind: a temporary where one is consumed as part of a group, a local where one is
//!   named, a register for cells where a cell is wanted; caches are zero.
//! - A body begins as its header says: with its closure, its cells, and if it is a generator's, with making that, once.
//! - On every path, registers hold what they are taken for (`registers`).
//!
//! What values are is known to the VM: an instruction asks, unless `registers` says that it knows.

use super::effect::{Access, DecodeError, Instruction};
use super::{Op, Operand, Unit, progress, registers, special};
use crate::code::{Code, Const, flags, local};
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// What is wrong with code, and at which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The units do not decode.
    Decode(usize, DecodeError),
    /// An operand that the instruction does not have is not zero, or one has a value without a meaning.
    Operand(usize),
    /// A jump or handler does not land on an instruction.
    Target(usize, i64),
    /// There is no such register.
    Register(usize, u32),
    /// A temporary where a local must be, or the reverse.
    RegisterKind(usize, u32),
    /// There is no such constant, or it is of the wrong type.
    Constant(usize, u32),
    /// There is no such name.
    Name(usize, u32),
    /// A cache is not zero.
    Cache(usize),
    /// Control runs off the end.
    FallsOff,
    /// A register is read where it may be empty, or written where it may hold something.
    Liveness(usize, u32),
    /// A register may hold something else than the instruction needs.
    Kind(usize, u32),
    /// A local is assigned, or the frame suspended, while the local lends its value to a call.
    Lent(usize),
    /// An instruction that belongs to the beginning of a body, or to that of another kind of code.
    Misplaced(usize),
    /// A loop does not poll.
    Endless(usize),
    /// The header's numbers contradict each other.
    Header,
    /// Places in the source are given for units that are not there, or are out of range.
    Positions,
    /// Code is nested so deeply, or paths through it are so many, that it was made to be so.
    TooComplex,
}

/// Checks `code` and all code nested in it.
pub fn verify(code: &Code) -> Result<(), VerifyError> {
    verify_within(code, &mut registers::BUDGET.clone(), DEEPEST)
}

/// Checks `code`, but not what is nested in it: that is code that was compiled, or checked.
pub fn verify_outermost(code: &Code) -> Result<(), VerifyError> {
    let mut count = 0;
    count_nested(code, &mut count, DEEPEST)?;
    verify_one(code, &mut registers::BUDGET.clone())
}

/// How deep code may be nested.
const DEEPEST: u32 = 200;
/// How much code may be nested in one.
const MOST: u32 = 1 << 20;

fn verify_within(code: &Code, budget: &mut u64, deepest: u32) -> Result<(), VerifyError> {
    verify_one(code, budget)?;
    nested(code, deepest, |inner, deepest| {
        verify_within(inner, budget, deepest)
    })
}

fn count_nested(code: &Code, count: &mut u32, deepest: u32) -> Result<(), VerifyError> {
    *count += 1;
    if *count > MOST {
        return Err(VerifyError::TooComplex);
    }
    nested(code, deepest, |inner, deepest| {
        count_nested(inner, count, deepest)
    })
}

/// Calls `each` with the code among the constants, and how deep more may be nested in it.
fn nested(
    code: &Code,
    deepest: u32,
    mut each: impl FnMut(&Code, u32) -> Result<(), VerifyError>,
) -> Result<(), VerifyError> {
    fn of(
        constants: &[Const],
        deepest: u32,
        each: &mut impl FnMut(&Code, u32) -> Result<(), VerifyError>,
    ) -> Result<(), VerifyError> {
        for constant in constants {
            match constant {
                Const::Code(inner) => {
                    let deepest = deepest.checked_sub(1).ok_or(VerifyError::TooComplex)?;
                    each(inner, deepest)?;
                }
                Const::Tuple(items) | Const::FrozenSet(items) => of(items, deepest, each)?,
                Const::Slice(items) => of(&items[..], deepest, each)?,
                _ => {}
            }
        }
        Ok(())
    }
    of(&code.consts, deepest, &mut each)
}

/// Code and its instructions.
pub(super) struct Layout<'a> {
    pub(super) code: &'a Code,
    pub(super) instructions: &'a [Instruction],
    /// For each of them, the handler of what it raises.
    pub(super) handlers: Vec<Option<usize>>,
    /// For each unit, the instruction that starts there.
    starts: Vec<u32>,
}

/// No instruction starts there.
const INSIDE: u32 = u32::MAX;

impl Layout<'_> {
    /// Which instruction starts at a unit, where one does.
    pub(super) fn index(&self, unit: usize) -> usize {
        self.starts[unit] as usize
    }

    /// The unit, if an instruction starts there.
    fn lands(&self, target: i64) -> Option<usize> {
        let unit = usize::try_from(target).ok()?;
        (*self.starts.get(unit)? != INSIDE).then_some(unit)
    }
}

fn verify_one(code: &Code, budget: &mut u64) -> Result<(), VerifyError> {
    header(code)?;
    let mut starts = vec![INSIDE; code.units.len()];
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < code.units.len() {
        let instruction =
            Instruction::decode(&code.units, at).map_err(|error| VerifyError::Decode(at, error))?;
        starts[at] = decoded.len() as u32;
        at = instruction.next;
        decoded.push(instruction);
    }
    if !decoded.last().is_some_and(|last| last.op.info().terminal) {
        return Err(VerifyError::FallsOff);
    }
    let mut layout = Layout {
        code,
        instructions: &decoded,
        handlers: Vec::new(),
        starts,
    };
    let begins = prologue(&layout)?;
    for instruction in &decoded {
        operands(code, instruction)?;
        register_operands(code, instruction)?;
        units(code, instruction)?;
        if let Some(target) = instruction.target(&code.units)
            && layout.lands(target).is_none_or(|unit| unit < begins)
        {
            return Err(VerifyError::Target(instruction.start, target));
        }
    }
    for handler in &code.handlers {
        let (start, end, to) = (handler.start, handler.end, handler.handler);
        let lands = |unit: u32| {
            let unit = layout.lands(unit.into());
            unit.is_some_and(|unit| unit >= begins)
        };
        if start >= end || !lands(start) || !lands(to) {
            return Err(VerifyError::Target(start as usize, i64::from(to)));
        }
        if end as usize != code.units.len() && !lands(end) {
            return Err(VerifyError::Target(start as usize, i64::from(end)));
        }
        if handler.depth < code.nlocals || handler.depth >= code.nregs {
            return Err(VerifyError::Register(start as usize, handler.depth));
        }
    }
    layout.handlers = innermost(&layout);
    progress::check(&layout)?;
    registers::check(&layout, budget)
}

/// For each instruction, the first of the handlers around it.
fn innermost(layout: &Layout<'_>) -> Vec<Option<usize>> {
    let handlers = &layout.code.handlers;
    let mut edges: Vec<(u32, bool, usize)> = Vec::with_capacity(2 * handlers.len());
    for (index, handler) in handlers.iter().enumerate() {
        edges.push((handler.start, true, index));
        edges.push((handler.end, false, index));
    }
    edges.sort_unstable();
    let mut edges = edges.into_iter().peekable();
    let mut around = BTreeSet::new();
    let instructions = layout.instructions.iter();
    let found = instructions.map(|instruction| {
        while let Some((_, begins, index)) =
            edges.next_if(|(unit, ..)| *unit as usize <= instruction.start)
        {
            if begins {
                around.insert(index);
            } else {
                around.remove(&index);
            }
        }
        around.first().copied()
    });
    found.collect()
}

/// Checks how the body begins. Returns the unit that nothing jumps in front of, or is protected in front of: where the body of a generator
/// begins, which is made once, and without which nothing of it is run.
fn prologue(layout: &Layout<'_>) -> Result<usize, VerifyError> {
    let code = layout.code;
    let kinds = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
    let generates = code.flags & kinds != 0;
    let is = |flag: u32| code.flags & flag != 0;
    let sound = (code.flags & kinds).count_ones() <= 1
        && (is(flags::OPTIMIZED) || !generates)
        && (is(flags::GENERATOR) || !is(flags::ITERABLE_COROUTINE));
    if !sound {
        return Err(VerifyError::Header);
    }
    let mut begins = None;
    let mut early = true;
    for (index, instruction) in layout.instructions.iter().enumerate() {
        let fits = match instruction.op {
            Op::CopyFree => {
                index == 0
                    && code.nfree > 0
                    && (instruction.a, instruction.b) == (code.first_free, code.nfree)
            }
            Op::ReturnGenerator => {
                let fits = generates && early;
                begins = Some(instruction.next);
                early = false;
                fits
            }
            Op::Yield | Op::YieldFrom => generates,
            // A generator's frame has the generator where others have their namespace.
            Op::LoadName
            | Op::StoreName
            | Op::DeleteName
            | Op::LoadLocals
            | Op::SetupAnnotations
            | Op::ImportStar => !generates,
            _ => true,
        };
        if !fits {
            return Err(VerifyError::Misplaced(instruction.start));
        }
        early &= matches!(instruction.op, Op::CopyFree | Op::MakeCell);
    }
    match begins {
        Some(begins) => Ok(begins),
        None if generates => Err(VerifyError::Misplaced(0)),
        None => Ok(0),
    }
}

fn header(code: &Code) -> Result<(), VerifyError> {
    let nlocals = code.nlocals as usize;
    let last_free = u64::from(code.first_free) + u64::from(code.nfree);
    let sound = code.local_names.len() == nlocals
        && code.local_kinds.len() == nlocals
        && code.nlocals <= code.nregs
        && code.nregs <= 0xffff
        && code.argcount <= code.nlocals
        && code.kwonlyargcount <= code.nlocals
        && code.parameters() <= code.first_free
        && code.posonlyargcount <= code.argcount
        && last_free <= u64::from(code.nlocals);
    if !sound {
        return Err(VerifyError::Header);
    }
    let frees = code.first_free..last_free as u32;
    for (register, kind) in (0..).zip(&code.local_kinds) {
        let (parameter, free) = (kind & local::PARAMETER != 0, kind & local::FREE != 0);
        if parameter != (register < code.parameters()) || free != frees.contains(&register) {
            return Err(VerifyError::Header);
        }
    }
    let in_range = |number: u32| i32::try_from(number).is_ok();
    let sound = in_range(code.first_line)
        && code.positions.runs().all(|(start, place)| {
            (start as usize) < code.units.len()
                && in_range(place.line)
                && in_range(place.end_line)
                && in_range(place.column)
                && in_range(place.end_column)
        });
    if sound {
        Ok(())
    } else {
        Err(VerifyError::Positions)
    }
}

/// Checks that bytes which the instruction does not look at are zero, which the VM compares some with, and numbers among the operands.
fn operands(code: &Code, instruction: &Instruction) -> Result<(), VerifyError> {
    let unit = code.units[instruction.at];
    let prefix = match instruction.at - instruction.start {
        0 => 0,
        _ => code.units[instruction.start],
    };
    let all = instruction.op.info().operands;
    let unused = instruction.op != Op::Nop
        && all.iter().enumerate().any(|(index, operand)| {
            let byte = 0xff << (8 * (index + 1));
            match operand {
                Operand::Unused => (unit | prefix) & byte != 0,
                // Only the other operand is wider behind a prefix.
                Operand::Int16 => prefix & byte != 0,
                _ => false,
            }
        });
    let meaningless = match instruction.op {
        Op::LoadSpecial => instruction.b > special::NOT_IMPLEMENTED,
        Op::LoadMethod => instruction.c > 1,
        Op::Lend => instruction.b >= code.nlocals || instruction.a < code.nlocals,
        _ => false,
    };
    if unused || meaningless {
        return Err(VerifyError::Operand(instruction.start));
    }
    Ok(())
}

fn register_operands(code: &Code, instruction: &Instruction) -> Result<(), VerifyError> {
    let start = instruction.start;
    let mut result = Ok(());
    instruction.registers(&code.units, |access, first, count| {
        let end = u64::from(first) + u64::from(count);
        if end > u64::from(code.nregs) {
            result = Err(VerifyError::Register(start, first));
        }
        let crosses = first < code.nlocals && end > u64::from(code.nlocals);
        if crosses && access == Access::Write {
            result = Err(VerifyError::RegisterKind(start, first));
        }
    });
    result?;
    let values = [instruction.a, instruction.b, instruction.c];
    for (operand, value) in instruction.op.info().operands.into_iter().zip(values) {
        let wrong = match operand {
            Operand::Local => value >= code.nlocals,
            Operand::Cell => !holds_cell(code, value),
            Operand::Window => value < code.nlocals,
            // An empty group reads nothing, so its first register may be anything.
            Operand::First => value < code.nlocals && instruction_reads_group(code, instruction),
            _ => false,
        };
        if wrong {
            return Err(VerifyError::RegisterKind(start, value));
        }
    }
    // What is moved out of its register, or may be Null, or is borrowed while other code runs.
    let (a, b) = (instruction.a, instruction.b);
    let temporaries = match instruction.op {
        Op::Drop
        | Op::JumpTrueKeep
        | Op::JumpFalseKeep
        | Op::PushExc
        | Op::PopExc
        | Op::Reraise
        | Op::ForIter
        | Op::ListAppend
        | Op::ListExtend
        | Op::SetUpdate
        | Op::MapAdd
        | Op::DictUpdate
        | Op::DictMerge
        | Op::WithEnter
        | Op::AsyncWithEnter => a,
        Op::ListToTuple | Op::YieldFrom => b,
        Op::EndAsyncFor => a.min(b),
        _ => return Ok(()),
    };
    if temporaries < code.nlocals {
        return Err(VerifyError::RegisterKind(start, temporaries));
    }
    Ok(())
}

/// Whether a register is one of those for cells, which are not assigned from outside while they hold one.
fn holds_cell(code: &Code, register: u32) -> bool {
    let kind = code.local_kinds.get(register as usize);
    kind.is_some_and(|kind| kind & (local::CELL | local::FREE) != 0)
}

fn instruction_reads_group(code: &Code, instruction: &Instruction) -> bool {
    let mut any = false;
    let group = if instruction.op == Op::MakeFunction {
        instruction.c
    } else {
        instruction.b
    };
    instruction.registers(&code.units, |access, first, count| {
        any |= access == Access::Read && first == group && count > 0;
    });
    any
}

fn are_names(constants: &[Const]) -> bool {
    let is_name = |one: &Const| matches!(one, Const::Str(_) | Const::Wtf8(_));
    constants.iter().all(is_name)
}

fn units(code: &Code, instruction: &Instruction) -> Result<(), VerifyError> {
    let start = instruction.start;
    let constant = |index: u32| {
        code.consts
            .get(index as usize)
            .ok_or(VerifyError::Constant(start, index))
    };
    if instruction.op.info().operands[1] == Operand::ConstIndex {
        constant(instruction.b)?;
    }
    if instruction.op == Op::MakeCell && !holds_cell(code, instruction.a) {
        return Err(VerifyError::RegisterKind(start, instruction.a));
    }
    for (index, unit) in instruction.op.info().units.iter().enumerate() {
        let value = instruction.unit(&code.units, index);
        match unit {
            Unit::Const => {
                let fits = match (instruction.op, constant(value)?) {
                    (Op::MakeFunction, Const::Code(_)) => true,
                    (Op::MakeFunction, _) => false,
                    (Op::CallKw | Op::CallMethodKw, Const::Tuple(names)) => {
                        names.len() <= instruction.b as usize && are_names(names)
                    }
                    (Op::MatchClass, Const::Tuple(names)) => are_names(names),
                    _ => false,
                };
                if !fits {
                    return Err(VerifyError::Constant(start, value));
                }
            }
            Unit::Name if value as usize >= code.names.len() => {
                return Err(VerifyError::Name(start, value));
            }
            _ => {}
        }
    }
    let caches = instruction.next - usize::from(instruction.op.info().cache)..instruction.next;
    if code.units[caches].iter().any(|&unit| unit != 0) {
        return Err(VerifyError::Cache(start));
    }
    Ok(())
}
