//! From instructions with symbolic jumps to units.

use ruff_text_size::TextRange;

use super::{CompileError, Inst, Name, Result, Unit};
use crate::code::{Code, Handler, Positions};
use crate::op::effect::Instruction;
use crate::op::{Op, Operand, Unit as OperandUnit};

/// Encodes a unit.
pub(super) fn assemble(unit: Unit<'_>, filename: Name, instance_attrs: Vec<Name>) -> Result<Code> {
    // Where each instruction starts; a removed one stands where the next does.
    let mut starts = vec![0; unit.insts.len() + 1];
    let mut at = 0;
    for (index, inst) in unit.insts.iter().enumerate() {
        starts[index] = at;
        if !inst.dead {
            at += length(inst);
        }
    }
    starts[unit.insts.len()] = at;
    let total = at;
    let too_large = || CompileError::new("code is too large", TextRange::default());
    let mut code = Code {
        name: unit.name,
        qualname: unit.qualname,
        filename,
        first_line: unit.first_line,
        flags: unit.flags,
        argcount: unit.argcount,
        posonlyargcount: unit.posonlyargcount,
        kwonlyargcount: unit.kwonlyargcount,
        nlocals: unit.local_names.len() as u32,
        nregs: 0,
        local_names: unit.local_names,
        local_kinds: unit.local_kinds,
        first_free: unit.first_free,
        nfree: unit.nfree,
        names: unit.names,
        consts: unit.consts,
        units: Vec::with_capacity(total as usize),
        handlers: Vec::new(),
        positions: Positions::default(),
        instance_attrs,
    };
    for (index, inst) in unit.insts.iter().enumerate().filter(|(_, inst)| !inst.dead) {
        code.positions.push(starts[index], inst.position);
        let end = starts[index] + length(inst);
        let offset = match inst.target {
            Some(label) => {
                let target = starts[unit.labels[label.0].0];
                i64::from(target) - i64::from(end)
            }
            None => 0,
        };
        encode(
            inst,
            i32::try_from(offset).map_err(|_| too_large())?,
            &mut code.units,
        )
        .ok_or_else(too_large)?;
    }
    for region in &unit.regions {
        let (start, end) = (starts[region.start], starts[region.end]);
        if start < end {
            let handler = starts[unit.labels[region.handler.0].0];
            code.handlers.push(Handler {
                start,
                end,
                handler,
                depth: region.depth,
            });
        }
    }
    code.nregs = registers(&code);
    if code.nregs > 0xffff {
        return Err(too_large());
    }
    Ok(code)
}

fn registers(code: &Code) -> u32 {
    let mut count = code.nlocals;
    let mut at = 0;
    while let Ok(instruction) = Instruction::decode(&code.units, at) {
        instruction.registers(&code.units, |_, first, n| {
            if n > 0 {
                count = count.max(first + n);
            }
        });
        at = instruction.next;
    }
    code.handlers
        .iter()
        .fold(count, |count, handler| count.max(handler.depth + 1))
}

fn is_offset(op: Op) -> bool {
    op.info().operands[0] == Operand::Offset24
}

/// Whether an operand needs the `WIDE` prefix.
fn is_wide(inst: &Inst) -> bool {
    let operands = inst.op.info().operands;
    if is_offset(inst.op) {
        return false;
    }
    let signed = |value: u32| i8::try_from(value as i32).is_err();
    match operands[1] {
        Operand::Int16 => inst.a > 0xff,
        Operand::ConstIndex => inst.a > 0xff || inst.b > 0xffff,
        _ => {
            let values = [inst.a, inst.b, inst.c];
            operands
                .into_iter()
                .zip(values)
                .any(|(operand, value)| match operand {
                    Operand::Signed => signed(value),
                    _ => value > 0xff,
                })
        }
    }
}

fn length(inst: &Inst) -> u32 {
    inst.op.unit_count() as u32 + u32::from(is_wide(inst))
}

fn encode(inst: &Inst, offset: i32, units: &mut Vec<u32>) -> Option<()> {
    let op = inst.op as u32;
    if is_offset(inst.op) {
        if !(-(1 << 23)..1 << 23).contains(&offset) {
            return None;
        }
        units.push(op | (offset as u32) << 8);
        return Some(());
    }
    let (mut low, mut high) = ([0u32; 3], [0u32; 3]);
    let values = match inst.op.info().operands[1] {
        Operand::Int16 => [inst.a, inst.b & 0xff, inst.b >> 8 & 0xff],
        Operand::ConstIndex => {
            high[1] = inst.b >> 16 & 0xff;
            high[2] = inst.b >> 24;
            [inst.a, inst.b & 0xff, inst.b >> 8 & 0xff]
        }
        _ => [inst.a, inst.b, inst.c],
    };
    for (index, operand) in inst.op.info().operands.into_iter().enumerate() {
        let value = values[index];
        if operand == Operand::Signed {
            i16::try_from(value as i32).ok()?;
        } else if value > 0xffff {
            return None;
        }
        low[index] = value & 0xff;
        high[index] |= value >> 8 & 0xff;
    }
    if is_wide(inst) {
        units.push(Op::Wide as u32 | high[0] << 8 | high[1] << 16 | high[2] << 24);
    }
    units.push(op | low[0] << 8 | low[1] << 16 | low[2] << 24);
    let mut plain = inst.units.into_iter();
    for unit in inst.op.info().units {
        units.push(match unit {
            OperandUnit::Jump => offset as u32,
            _ => plain.next().unwrap_or(0),
        });
    }
    units.extend(std::iter::repeat_n(0, usize::from(inst.op.info().cache)));
    Some(())
}
