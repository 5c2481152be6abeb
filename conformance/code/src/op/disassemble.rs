//! Listings of code.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use super::effect::Instruction;
use super::{Operand, Unit};
use crate::code::{Code, Const};

/// Lists the instructions of `code`, one a line: unit, name, operands, operand units; then its exception table.
///
/// Registers are written `r3` or, for locals, by name; jump targets `-> unit`. Nested code is not entered.
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < code.units.len() {
        match Instruction::decode(&code.units, at) {
            Ok(instruction) => {
                line(&mut out, code, &instruction);
                at = instruction.next;
            }
            Err(error) => {
                let _ = writeln!(out, "{at:4}  ?? {error:?}");
                break;
            }
        }
    }
    for handler in &code.handlers {
        let _ = writeln!(
            out,
            "{}..{} -> {} depth {}",
            handler.start, handler.end, handler.handler, handler.depth
        );
    }
    out
}

/// Lists `code` and all code nested in it.
pub fn disassemble_all(code: &Code) -> String {
    let mut out = format!("{}:\n{}", code.qualname, disassemble(code));
    for constant in &code.consts {
        if let Const::Code(inner) = constant {
            out.push('\n');
            out.push_str(&disassemble_all(inner));
        }
    }
    out
}

/// Writes a constant as source would have it, more or less.
pub fn constant(value: &Const) -> String {
    let list = |items: &[Const]| items.iter().map(constant).collect::<Vec<_>>().join(", ");
    match value {
        Const::None => "None".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Bool(value) => if *value { "True" } else { "False" }.into(),
        Const::Int(value) => value.to_string(),
        Const::BigInt(value) => value.to_string(),
        Const::Float(value) => format!("{value:?}"),
        Const::Complex(re, im) => format!("({re:?}, {im:?}j)"),
        Const::Str(value) => format!("{value:?}"),
        Const::Wtf8(value) | Const::Bytes(value) => format!("b\"{}\"", value.escape_ascii()),
        Const::Tuple(items) => format!("({})", list(items)),
        Const::FrozenSet(items) => format!("frozenset({})", list(items)),
        Const::Slice(items) => format!("slice({})", list(&items[..])),
        Const::Code(code) => format!("<code {}>", code.qualname),
    }
}

fn register(code: &Code, index: u32) -> String {
    match code.local_names.get(index as usize) {
        Some(name) => name.to_string(),
        None => format!("r{index}"),
    }
}

/// What an instruction works on, but for where it jumps to: registers, constants, names and numbers.
pub fn operands(code: &Code, instruction: &Instruction) -> Vec<String> {
    let info = instruction.op.info();
    let mut parts = Vec::new();
    let values = [instruction.a, instruction.b, instruction.c];
    for (operand, value) in info.operands.into_iter().zip(values) {
        match operand {
            Operand::Unused | Operand::Offset24 => {}
            Operand::Number => parts.push(value.to_string()),
            Operand::Signed => parts.push((value as i32).to_string()),
            Operand::Int16 => {
                parts.push((instruction.b as i32).to_string());
                break;
            }
            Operand::ConstIndex => {
                let value = code.consts.get(instruction.b as usize);
                parts.push(value.map_or("?".into(), constant));
                break;
            }
            _ => parts.push(register(code, value)),
        }
    }
    for (index, unit) in info.units.iter().enumerate() {
        let value = instruction.unit(&code.units, index);
        parts.push(match unit {
            Unit::Const => code.consts.get(value as usize).map_or("?".into(), constant),
            Unit::Name => code
                .names
                .get(value as usize)
                .map_or("?".into(), |name| format!("'{name}'")),
            Unit::Number => value.to_string(),
            Unit::Jump => continue,
        });
    }
    parts
}

fn line(out: &mut String, code: &Code, instruction: &Instruction) {
    let info = instruction.op.info();
    let mut parts = operands(code, instruction);
    if let Some(target) = instruction.target(&code.units) {
        parts.push(format!("-> {target}"));
    }
    let _ = writeln!(
        out,
        "{:4}  {:16} {}",
        instruction.start,
        info.name,
        parts.join(", ")
    );
    while out.ends_with(" \n") {
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
}
