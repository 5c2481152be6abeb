//! What `dis` is made of: instructions as tuples.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::code::PyCode;
use crate::object::code_places;
use crate::object::obj::Obj;
use crate::object::{list, str_, tuple};
use crate::op::disassemble::operands;
use crate::op::effect::Instruction;
use crate::op::{Op, Operand, Unit};
use kit_core::thread::Ctx;

/// `_kit.instructions(code)`.
pub fn instructions(ctx: &mut Ctx, code: &Obj) -> PyResult {
    let Some(body) = code.downcast::<PyCode>() else {
        return Err(raise!(ctx, TypeError, "instructions() needs a code object"));
    };
    let code = &body.code;
    let offset = |unit: usize| Obj::small_int(code_places::offset(unit as u32));
    let mut rows = Vec::new();
    let mut at = 0;
    while let Ok(instruction) = Instruction::decode(&code.units, at) {
        let line = match code.positions.at(instruction.start as u32).line {
            0 => Obj::NONE,
            line => Obj::small_int(line.into()),
        };
        let target = match instruction.target(&code.units) {
            Some(target) => offset(target as usize),
            None => Obj::NONE,
        };
        let operands = str_::new(ctx, &operands(code, &instruction).join(", "))?;
        let row = vec![
            offset(instruction.start),
            offset(instruction.next),
            Obj::small_int(instruction.op as i64),
            operands,
            line,
            target,
            Obj::small_int(instruction.op.info().weight.into()),
        ];
        rows.push(tuple::from_vec(ctx, row)?);
        at = instruction.next;
    }
    list::from_vec(ctx, rows)
}

/// `_kit.operations()`.
pub fn operations(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "operations", 0, 0)?;
    let names = Op::TABLE.iter().map(|info| str_::new(ctx, info.name));
    let names = names.collect::<PyResult<_>>()?;
    list::from_vec(ctx, names)
}

/// `_kit.traits()`.
pub fn traits(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "traits", 0, 0)?;
    let mut rows = Vec::with_capacity(Op::TABLE.len());
    for (number, info) in Op::TABLE.iter().enumerate() {
        let any = |wanted: &[Operand]| info.operands.iter().any(|one| wanted.contains(one));
        let op = Op::from_u8(number as u8);
        let traits = [
            (
                "arg",
                info.operands != [Operand::Unused; 3] || !info.units.is_empty(),
            ),
            (
                "const",
                any(&[Operand::ConstIndex]) || info.units.contains(&Unit::Const),
            ),
            ("name", info.units.contains(&Unit::Name)),
            (
                "jump",
                any(&[Operand::Offset24]) || info.units.contains(&Unit::Jump),
            ),
            ("free", any(&[Operand::Cell])),
            (
                "local",
                any(&[Operand::Local, Operand::Read, Operand::Write, Operand::Keep]),
            ),
            ("exc", matches!(op, Some(Op::PushExc | Op::PopExc))),
        ];
        let has = traits.into_iter().filter(|(_, has)| *has);
        let has = has.map(|(name, _)| str_::intern(ctx, name)).collect();
        rows.push(tuple::from_vec(ctx, has)?);
    }
    list::from_vec(ctx, rows)
}
