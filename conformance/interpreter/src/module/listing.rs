//! What `dis` is made of: instructions as tuples.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::code::PyCode;
use crate::object::obj::Obj;
use crate::object::{list, str_, tuple};
use crate::op::TABLE;
use crate::op::disassemble::operands;
use crate::op::effect::Instruction;
use kit_core::thread::Ctx;

/// `_kit.instructions(code)`.
pub fn instructions(ctx: &mut Ctx, code: &Obj) -> PyResult {
    let Some(body) = code.downcast::<PyCode>() else {
        return Err(raise!(ctx, TypeError, "instructions() needs a code object"));
    };
    let code = &body.code;
    let number = |number: usize| Obj::small_int(number as i64);
    let mut rows = Vec::new();
    let mut at = 0;
    while let Ok(instruction) = Instruction::decode(&code.units, at) {
        let line = match code.positions.at(instruction.start as u32).line {
            0 => Obj::NONE,
            line => Obj::small_int(line.into()),
        };
        let target = match instruction.target(&code.units) {
            Some(target) => Obj::small_int(target),
            None => Obj::NONE,
        };
        let operands = str_::new(ctx, &operands(code, &instruction).join(", "))?;
        let row = vec![
            number(instruction.start),
            number(instruction.next),
            number(instruction.op as usize),
            operands,
            line,
            target,
            number(instruction.op.info().weight.into()),
        ];
        rows.push(tuple::from_vec(ctx, row)?);
        at = instruction.next;
    }
    list::from_vec(ctx, rows)
}

/// `_kit.operations()`.
pub fn operations(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "operations", 0, 0)?;
    let names = TABLE.iter().map(|info| str_::new(ctx, info.name));
    let names = names.collect::<PyResult<_>>()?;
    list::from_vec(ctx, names)
}
