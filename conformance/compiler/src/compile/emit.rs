//! Writing instructions, constants and labels into the open unit.

use super::unit::{Inst, Label, Section};
use super::{Compiler, Reg, Result};
use crate::code::{Const, Name, Position};
use crate::op::{Op, special};
use std::sync::Arc;

/// The operand `c` of a `NOP` that is an anchor.
pub(super) const ANCHOR: u32 = 1;

impl<'a> Compiler<'a> {
    pub(super) fn emit(&mut self, op: Op, a: u32, b: u32, c: u32, position: Position) {
        self.push(op, [a, b, c], [0; 2], None, position);
    }

    /// Emits an instruction with operand units.
    pub(super) fn emit_units(
        &mut self,
        op: Op,
        operands: [u32; 3],
        units: [u32; 2],
        position: Position,
    ) {
        self.push(op, operands, units, None, position);
    }

    pub(super) fn emit_jump(
        &mut self,
        op: Op,
        operands: [u32; 3],
        target: Label,
        position: Position,
    ) {
        self.push(op, operands, [0; 2], Some(target), position);
    }

    pub(super) fn jump(&mut self, target: Label, position: Position) {
        self.emit_jump(Op::Jump, [0; 3], target, position);
    }

    /// Something begins at the next instruction: a body, or what follows a `yield`. Nothing else comes to that instruction, or this one
    /// stays in front of it (see [`super::flow`]).
    pub(super) fn anchor(&mut self, position: Position) {
        self.emit(Op::Nop, 0, 0, ANCHOR, position.implied());
    }

    /// The program comes to a place where there is nothing to do: this stays if nothing else says so.
    pub(super) fn come_to(&mut self, position: Position) {
        self.emit(Op::Nop, 0, 0, 0, position);
    }

    /// For what is done without being written: the place of what came before.
    pub(super) fn after(&mut self, otherwise: Position) -> Position {
        let unit = self.unit();
        let section = unit.section;
        let before = unit.insts.iter().rev();
        before
            // Nothing comes behind what raises an exception again.
            .filter(|inst| inst.section == section && inst.op != Op::Reraise)
            .find(|inst| inst.position.line != 0)
            .map_or(otherwise, |inst| inst.position)
            .implied()
    }

    pub(super) fn push(
        &mut self,
        op: Op,
        [a, b, c]: [u32; 3],
        units: [u32; 2],
        target: Option<Label>,
        position: Position,
    ) {
        let unit = self.unit();
        let section = unit.section;
        unit.insts.push(Inst {
            op,
            a,
            b,
            c,
            units,
            target,
            position,
            section,
            dead: false,
        });
    }

    pub(super) fn label(&mut self) -> Label {
        let unit = self.unit();
        unit.labels.push((usize::MAX, Section::Main));
        Label(unit.labels.len() - 1)
    }

    /// The label stands for the next instruction.
    pub(super) fn place(&mut self, label: Label) {
        let unit = self.unit();
        unit.labels[label.0] = (unit.insts.len(), unit.section);
    }

    /// Emits what runs rarely, away from the rest. It must end in a jump, return or raise.
    pub(super) fn cold<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.in_section(Section::Cold, f)
    }

    pub(super) fn in_section<T>(
        &mut self,
        section: Section,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let outer = std::mem::replace(&mut self.unit().section, section);
        let result = f(self);
        self.unit().section = outer;
        result
    }

    pub(super) fn constant(&mut self, value: Const) -> u32 {
        let unit = self.unit();
        unit.first_constant.get_or_insert_with(|| value.clone());
        if let Some(&index) = unit.const_index.get(&value) {
            return index;
        }
        let index = unit.consts.len() as u32;
        unit.consts.push(value.clone());
        unit.const_index.insert(value, index);
        index
    }

    pub(super) fn name_index(&mut self, name: &str) -> u32 {
        let unit = self.unit();
        if let Some(&index) = unit.name_index.get(name) {
            return index;
        }
        let name: Name = Arc::from(name);
        let index = unit.names.len() as u32;
        unit.names.push(name.clone());
        unit.name_index.insert(name, index);
        index
    }

    pub(super) fn load_const(&mut self, dst: Reg, value: Const, position: Position) {
        let first = &mut self.unit().first_constant;
        first.get_or_insert_with(|| value.clone());
        let word = match value {
            Const::None => Some(special::NONE),
            Const::Bool(false) => Some(special::FALSE),
            Const::Bool(true) => Some(special::TRUE),
            Const::Ellipsis => Some(special::ELLIPSIS),
            _ => None,
        };
        if let Some(word) = word {
            return self.emit(Op::LoadSpecial, dst, word, 0, position);
        }
        if let Const::Int(number) = value
            && let Ok(small) = i16::try_from(number)
        {
            return self.emit(Op::LoadInt, dst, i32::from(small) as u32, 0, position);
        }
        let index = self.constant(value);
        self.emit(Op::LoadConst, dst, index, 0, position);
    }

    /// Says that an operand is read from the local `register`.
    pub(super) fn check_bound(&mut self, register: Reg, position: Position) {
        self.emit(Op::CheckBound, register, 0, 0, position);
    }
}
