//! Decoding, and what an instruction does to registers.

use super::table::make_function;
use super::{Op, Operand, Unit, WINDOW};

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The operation.
    pub op: Op,
    /// Operands with the bits of a `WIDE` prefix; for `JUMP` and `JUMP_BACK` all three bytes are in `a`.
    pub a: u32,
    /// See `a`. For two-byte fields the whole field.
    pub b: u32,
    /// See `a`; signed operands are sign-extended to 32 bits.
    pub c: u32,
    /// The first unit: of the `WIDE` prefix if there is one.
    pub start: usize,
    /// The unit of the operation itself.
    pub at: usize,
    /// The first unit after operand units and caches.
    pub next: usize,
}

/// Why units do not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No operation has this number.
    UnknownOp(u8),
    /// The code ends inside the instruction.
    Truncated,
    /// A `WIDE` prefix before an instruction that takes none.
    BadPrefix,
}

/// What happens to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read; a temporary is consumed.
    Read,
    /// Read and kept.
    Keep,
    /// Written.
    Write,
}

impl Instruction {
    /// Decodes the instruction at `start`.
    pub fn decode(units: &[u32], start: usize) -> Result<Instruction, DecodeError> {
        let mut at = start;
        let mut unit = *units.get(at).ok_or(DecodeError::Truncated)?;
        let mut high = [0u32; 3];
        let mut wide = false;
        let byte = |unit: u32, index: u32| (unit >> (8 * (index + 1))) & 0xff;
        if unit & 0xff == Op::Wide as u32 {
            wide = true;
            high = [byte(unit, 0), byte(unit, 1), byte(unit, 2)];
            at += 1;
            unit = *units.get(at).ok_or(DecodeError::Truncated)?;
        }
        let number = (unit & 0xff) as u8;
        let op = Op::from_u8(number)
            .filter(|op| *op != Op::Instrumented)
            .ok_or(DecodeError::UnknownOp(number))?;
        let next = at + op.unit_count();
        if next > units.len() {
            return Err(DecodeError::Truncated);
        }
        let mut values = [0u32; 3];
        for (index, operand) in op.info().operands.into_iter().enumerate() {
            let low = byte(unit, index as u32);
            values[index] = match operand {
                Operand::Signed if wide => ((low | high[index] << 8) as u16 as i16) as i32 as u32,
                Operand::Signed => low as u8 as i8 as i32 as u32,
                _ => low | high[index] << 8,
            };
        }
        match op.info().operands {
            [Operand::Offset24, ..] => {
                values = [((unit as i32) >> 8) as u32, 0, 0];
            }
            [_, Operand::Int16, _] => {
                values[1] = ((unit >> 16) as u16 as i16) as i32 as u32;
                values[2] = 0;
            }
            [_, Operand::ConstIndex, _] => {
                values[1] = unit >> 16 | high[1] << 16 | high[2] << 24;
                values[2] = 0;
            }
            _ => {}
        }
        if op == Op::Wide || (wide && op.info().operands[0] == Operand::Offset24) {
            return Err(DecodeError::BadPrefix);
        }
        Ok(Instruction {
            op,
            a: values[0],
            b: values[1],
            c: values[2],
            start,
            at,
            next,
        })
    }

    /// The operand unit of the given index.
    pub fn unit(&self, units: &[u32], index: usize) -> u32 {
        units[self.at + 1 + index]
    }

    /// Where the instruction may jump to.
    pub fn target(&self, units: &[u32]) -> Option<i64> {
        let offset = match self.op {
            Op::Jump | Op::JumpBack => self.a as i32,
            _ => {
                let index = self
                    .op
                    .info()
                    .units
                    .iter()
                    .position(|&unit| unit == Unit::Jump)?;
                self.unit(units, index) as i32
            }
        };
        Some(self.next as i64 + i64::from(offset))
    }

    /// Calls `f` with each range of registers the instruction touches (first, count), reads before writes.
    ///
    /// A call window counts as read from its first register to its last argument.
    pub fn registers(&self, units: &[u32], mut f: impl FnMut(Access, u32, u32)) {
        let values = [self.a, self.b, self.c];
        let operands = self.op.info().operands;
        for (operand, value) in operands.into_iter().zip(values) {
            match operand {
                Operand::Read => {
                    if self.op == Op::RaiseAssertion && self.c == 0 {
                        continue;
                    }
                    f(Access::Read, value, 1)
                }
                Operand::Keep | Operand::Cell => f(Access::Keep, value, 1),
                Operand::Local => f(Access::Keep, value, 1),
                Operand::First => f(Access::Read, value, self.consumed()),
                Operand::Window => f(Access::Read, value, self.window()),
                _ => {}
            }
        }
        for (operand, value) in operands.into_iter().zip(values) {
            match operand {
                Operand::Write => f(Access::Write, value, 1),
                Operand::WriteFirst => f(Access::Write, value, self.written(units)),
                _ => {}
            }
        }
    }

    /// How many registers a call window spans, up to its last argument.
    pub fn window(&self) -> u32 {
        WINDOW
            + match self.op {
                Op::Call | Op::CallKw => self.b,
                Op::CallMethod | Op::CallMethodKw => self.b + 1,
                Op::CallEx => 2,
                Op::LoadMethod => 1,
                Op::LoadSuperAttr | Op::LoadSuperMethod => 3,
                _ => 0,
            }
    }

    /// How many consecutive temporaries a `First` operand stands for.
    fn consumed(&self) -> u32 {
        match self.op {
            Op::Slice | Op::BuildInterpolation => 3,
            Op::FormatSpec | Op::Intrinsic2 | Op::YieldFrom => 2,
            Op::BuildMap => self.c.saturating_mul(2),
            Op::MakeFunction => {
                let all = make_function::DEFAULTS
                    | make_function::KW_DEFAULTS
                    | make_function::ANNOTATE
                    | make_function::CLOSURE;
                (self.b & all).count_ones()
            }
            _ => self.c,
        }
    }

    /// How many consecutive registers a `WriteFirst` operand stands for.
    fn written(&self, units: &[u32]) -> u32 {
        match self.op {
            Op::CopyFree => self.b,
            Op::Unpack => self.c,
            Op::UnpackEx => {
                let counts = self.unit(units, 0);
                (counts & 0xffff) + 1 + (counts >> 16)
            }
            _ => 2,
        }
    }
}
