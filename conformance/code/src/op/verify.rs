//! Refusing code that the VM could not run safely.
//!
//! The compiler's output always passes; code read from a file might not. What is checked: every instruction decodes; jumps and
//! handlers land on the start of one; registers, constants and names exist and are of the right kind (a temporary where one is
//! consumed as part of a group, a local where one is named); caches are zero; control does not run off the end; on
//! every path, temporaries are live where they are read and dead where they are written.

use super::effect::{Access, DecodeError, Instruction};
use super::{Op, Operand, Unit};
use crate::code::{Code, Const};

/// What is wrong with code, and at which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The units do not decode.
    Decode(usize, DecodeError),
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
    /// A temporary is read where it may be dead, or written where it may be live.
    Liveness(usize, u32),
    /// A local is assigned, or the frame suspended, while the local lends its value to a call.
    Lent(usize),
    /// The header's numbers contradict each other.
    Header,
}

/// Checks `code` and all code nested in it.
pub fn verify(code: &Code) -> Result<(), VerifyError> {
    header(code)?;
    let mut starts = vec![false; code.units.len()];
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < code.units.len() {
        let instruction =
            Instruction::decode(&code.units, at).map_err(|error| VerifyError::Decode(at, error))?;
        starts[at] = true;
        at = instruction.next;
        decoded.push(instruction);
    }
    if !decoded.last().is_some_and(|last| last.op.info().terminal) {
        return Err(VerifyError::FallsOff);
    }
    let lands = |target: i64| {
        usize::try_from(target)
            .ok()
            .and_then(|target| starts.get(target))
            .copied()
            .unwrap_or(false)
    };
    for instruction in &decoded {
        registers(code, instruction)?;
        units(code, instruction)?;
        if let Some(target) = instruction.target(&code.units)
            && !lands(target)
        {
            return Err(VerifyError::Target(instruction.start, target));
        }
    }
    for handler in &code.handlers {
        let end = handler.end as usize;
        let in_order = handler.start < handler.end;
        if !in_order || !lands(i64::from(handler.start)) || !lands(i64::from(handler.handler)) {
            return Err(VerifyError::Target(
                handler.start as usize,
                i64::from(handler.handler),
            ));
        }
        if end > code.units.len() || (end < code.units.len() && !starts[end]) {
            return Err(VerifyError::Target(handler.start as usize, end as i64));
        }
        if handler.depth < code.nlocals || handler.depth >= code.nregs {
            return Err(VerifyError::Register(handler.start as usize, handler.depth));
        }
    }
    super::liveness::check(code, &decoded)?;
    for constant in &code.consts {
        if let Const::Code(inner) = constant {
            verify(inner)?;
        }
    }
    Ok(())
}

fn header(code: &Code) -> Result<(), VerifyError> {
    let nlocals = code.nlocals as usize;
    let parameters = u64::from(code.argcount) + u64::from(code.kwonlyargcount);
    let sound = code.local_names.len() == nlocals
        && code.local_kinds.len() == nlocals
        && code.nlocals <= code.nregs
        && code.nregs <= 0xffff
        && parameters <= u64::from(code.nlocals)
        && code.posonlyargcount <= code.argcount
        && u64::from(code.first_free) + u64::from(code.nfree) <= u64::from(code.nlocals);
    if sound {
        Ok(())
    } else {
        Err(VerifyError::Header)
    }
}

fn registers(code: &Code, instruction: &Instruction) -> Result<(), VerifyError> {
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
            Operand::Local | Operand::Cell => value >= code.nlocals,
            Operand::Window => value < code.nlocals,
            // An empty group reads nothing, so its first register may be anything.
            Operand::First => value < code.nlocals && instruction_reads_group(code, instruction),
            _ => false,
        };
        if wrong {
            return Err(VerifyError::RegisterKind(start, value));
        }
    }
    let consumed_only = matches!(
        instruction.op,
        Op::Drop | Op::JumpTrueKeep | Op::JumpFalseKeep | Op::PopExc
    );
    if consumed_only && instruction.a < code.nlocals {
        return Err(VerifyError::RegisterKind(start, instruction.a));
    }
    Ok(())
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
