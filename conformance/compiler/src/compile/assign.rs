//! Assignment in all its forms, and deletion.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::expr::{in_place_op, small_int};
use super::{CompileError, Compiler, Place, Reg, Result};
use crate::code::{Const, Position};
use crate::op::Op;
use crate::scope::ScopeKind;

impl<'a> Compiler<'a> {
    pub(super) fn assign(&mut self, targets: &'a [Expr], value: &'a Expr) -> Result<()> {
        if let [target] = targets {
            return self.assign_one(target, value);
        }
        let top = self.top();
        let value = self.push_expr(value)?;
        let position = targets
            .first()
            .map_or_else(Position::default, |target| self.position(target.range()));
        for (index, target) in targets.iter().enumerate() {
            let last = index + 1 == targets.len();
            let register = if last {
                value
            } else {
                let copy = self.claim();
                self.emit(Op::Copy, copy, value, 0, position);
                copy
            };
            self.store(target, register)?;
            self.set_top(if last { top } else { value + 1 });
        }
        Ok(())
    }

    pub(super) fn assign_one(&mut self, target: &'a Expr, value: &'a Expr) -> Result<()> {
        match target {
            Expr::Name(name) => {
                if let Place::Local(register) = self.lookup(&self.mangled(&name.id)) {
                    return self.expr_to(value, register);
                }
            }
            Expr::Tuple(ast::ExprTuple { elts: targets, .. })
            | Expr::List(ast::ExprList { elts: targets, .. }) => {
                let values = match value {
                    Expr::Tuple(tuple) => &tuple.elts[..],
                    Expr::List(list) => &list.elts[..],
                    _ => &[],
                };
                let starred = targets.iter().chain(values).any(Expr::is_starred_expr);
                if values.len() == targets.len() && !starred && (1..=30).contains(&values.len()) {
                    return self.assign_parallel(targets, values);
                }
            }
            _ => {}
        }
        let register = self.operand_before(value, &[target])?;
        self.store(target, register)
    }

    /// `a, b = b, a` without a tuple.
    fn assign_parallel(&mut self, targets: &'a [Expr], values: &'a [Expr]) -> Result<()> {
        let mut registers = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let later: Vec<&Expr> = values[index + 1..].iter().chain(targets).collect();
            let register = match value {
                Expr::Name(_) => {
                    let bottom = self.top();
                    let register = self.operand_before(value, &later)?;
                    if register < bottom && self.may_store(&targets[..index], register) {
                        let copy = self.claim();
                        self.emit(Op::Copy, copy, register, 0, self.position(value.range()));
                        copy
                    } else {
                        register
                    }
                }
                _ => self.push_expr(value)?,
            };
            registers.push(register);
        }
        for (target, register) in targets.iter().zip(registers) {
            let top = self.top();
            self.store(target, register)?;
            self.set_top(top);
        }
        Ok(())
    }

    /// Whether storing to the targets may change the local `register`.
    fn may_store(&self, targets: &[Expr], register: Reg) -> bool {
        targets.iter().any(|target| match target {
            Expr::Name(name) => self.lookup(&self.mangled(&name.id)) == Place::Local(register),
            Expr::Attribute(_) | Expr::Subscript(_) => false,
            _ => true,
        })
    }

    /// Stores `register` (a temporary is consumed) to a target.
    pub(super) fn store(&mut self, target: &'a Expr, register: Reg) -> Result<()> {
        let position = self.position(target.range());
        match target {
            Expr::Name(name) => {
                self.store_name(&name.id, register, position);
            }
            Expr::Attribute(node) => {
                let object = self.operand(&node.value)?;
                let position = self.attribute_position(position, node);
                let name = self.mangled(&node.attr);
                let index = self.name_index(&name);
                self.emit_units(Op::StoreAttr, [object, register, 0], [index, 0], position);
            }
            Expr::Subscript(node) => {
                let object = self.operand_before(&node.value, &[&node.slice])?;
                let key = self.operand(&node.slice)?;
                self.emit(Op::StoreSubscr, object, key, register, position);
            }
            Expr::Tuple(node) => self.unpack(&node.elts, register, position, node.range())?,
            Expr::List(node) => self.unpack(&node.elts, register, position, node.range())?,
            Expr::Starred(node) => {
                let message = "starred assignment target must be in a list or tuple";
                return Err(CompileError::new(message, node.range()));
            }
            other => {
                return Err(CompileError::new(
                    "cannot assign to expression",
                    other.range(),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn store_name(&mut self, name: &str, register: Reg, position: Position) {
        let name = self.mangled(name);
        match self.lookup(&name) {
            Place::Local(local) => {
                if local != register {
                    self.emit(Op::Move, local, register, 0, position);
                }
            }
            Place::Cell(cell) => self.emit(Op::StoreCell, cell, register, 0, position),
            Place::Global => {
                let index = self.name_index(&name);
                self.emit_units(Op::StoreGlobal, [register, 0, 0], [index, 0], position);
            }
            _ => {
                let index = self.name_index(&name);
                self.emit_units(Op::StoreName, [register, 0, 0], [index, 0], position);
            }
        }
    }

    fn unpack(
        &mut self,
        targets: &'a [Expr],
        register: Reg,
        position: Position,
        range: TextRange,
    ) -> Result<()> {
        let mut star = None;
        for (index, target) in targets.iter().enumerate() {
            if target.is_starred_expr() && star.replace(index).is_some() {
                let message = "multiple starred expressions in assignment";
                return Err(CompileError::new(message, range));
            }
        }
        let count = targets.len() as u32;
        let direct = self.consecutive_locals(targets);
        let from_top = !self.is_local(register) && register + 1 == self.top();
        let first = direct.unwrap_or(if from_top { register } else { self.top() });
        match star {
            None => self.emit(Op::Unpack, first, register, count, position),
            Some(index) => {
                let (before, after) = (index as u32, count - index as u32 - 1);
                if before > 0xff || after > 0xffff {
                    let message = "too many expressions in star-unpacking assignment";
                    return Err(CompileError::new(message, range));
                }
                let counts = before | after << 16;
                self.emit_units(Op::UnpackEx, [first, register, 0], [counts, 0], position);
            }
        }
        if direct.is_some() {
            return Ok(());
        }
        self.set_top(first + count);
        for (at, target) in (first..).zip(targets) {
            let target = match target {
                Expr::Starred(starred) => &starred.value,
                target => target,
            };
            self.store(target, at)?;
            self.set_top(first + count);
        }
        self.set_top(first);
        Ok(())
    }

    /// The first of the registers, if the targets are locals in consecutive registers.
    fn consecutive_locals(&self, targets: &[Expr]) -> Option<Reg> {
        let mut first = None;
        for (index, target) in targets.iter().enumerate() {
            let target = match target {
                Expr::Starred(starred) => &starred.value,
                target => target,
            };
            let Expr::Name(name) = target else {
                return None;
            };
            let Place::Local(register) = self.lookup(&self.mangled(&name.id)) else {
                return None;
            };
            let start = register.checked_sub(index as u32)?;
            if *first.get_or_insert(start) != start {
                return None;
            }
        }
        first
    }

    pub(super) fn aug_assign(
        &mut self,
        node: &'a ast::StmtAugAssign,
        position: Position,
    ) -> Result<()> {
        match &*node.target {
            Expr::Name(name) => {
                let at = self.position(name.range());
                let mangled = self.mangled(&name.id);
                if let Place::Local(register) = self.lookup(&mangled) {
                    let left = self.operand_before(&node.target, &[&node.value])?;
                    return self.in_place(node, register, left, position);
                }
                let left = self.top();
                self.load_name(&name.id, left, at);
                self.claim();
                self.in_place(node, left, left, position)?;
                self.store_name(&name.id, left, at);
            }
            Expr::Attribute(target) => {
                let at = self.attribute_position(self.position(target.range()), target);
                let object = self.operand_before(&target.value, &[&node.value])?;
                let again = self.keep(object, position);
                let value = self.claim_over(again);
                let name = self.mangled(&target.attr);
                let index = self.name_index(&name);
                self.emit_units(Op::LoadAttr, [value, again, 0], [index, 0], at);
                self.in_place(node, value, value, position)?;
                self.emit_units(Op::StoreAttr, [object, value, 0], [index, 0], at);
            }
            Expr::Subscript(target) => {
                let at = self.position(target.range());
                let later = [&*target.slice, &*node.value];
                let object = self.operand_before(&target.value, &later)?;
                let key = self.operand_before(&target.slice, &[&node.value])?;
                let bottom = self.top();
                let (object2, key2) = (self.keep(object, position), self.keep(key, position));
                self.set_top(bottom);
                let value = self.claim();
                self.emit(Op::Subscr, value, object2, key2, at);
                self.in_place(node, value, value, position)?;
                self.emit(Op::StoreSubscr, object, key, value, at);
            }
            other => {
                let message = "illegal expression for augmented assignment";
                return Err(CompileError::new(message, other.range()));
            }
        }
        Ok(())
    }

    /// The operand again, to be read twice: a temporary is copied.
    pub(super) fn keep(&mut self, register: Reg, position: Position) -> Reg {
        if self.is_local(register) {
            return register;
        }
        let copy = self.claim();
        self.emit(Op::Copy, copy, register, 0, position);
        copy
    }

    /// A temporary for the result of reading `register`: itself if it is a temporary.
    fn claim_over(&mut self, register: Reg) -> Reg {
        if self.is_local(register) {
            self.claim()
        } else {
            register
        }
    }

    fn in_place(
        &mut self,
        node: &'a ast::StmtAugAssign,
        dst: Reg,
        left: Reg,
        position: Position,
    ) -> Result<()> {
        let immediate = match node.op {
            ast::Operator::Add => Some(Op::IAddImm),
            ast::Operator::Sub => Some(Op::ISubImm),
            _ => None,
        };
        let top = self.top();
        if let Some((value, op)) = small_int(&node.value).zip(immediate) {
            self.emit(op, dst, left, i32::from(value) as u32, position);
        } else {
            let right = self.operand(&node.value)?;
            self.emit(in_place_op(node.op), dst, left, right, position);
        }
        self.set_top(top);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: &'a Expr) -> Result<()> {
        let position = self.position(target.range());
        let top = self.top();
        match target {
            Expr::Name(node) => {
                let name = self.mangled(&node.id);
                match self.lookup(&name) {
                    Place::Local(register) => self.emit(Op::DeleteLocal, register, 0, 0, position),
                    Place::Cell(cell) => self.emit(Op::DeleteCell, cell, 0, 0, position),
                    place => {
                        let global = place == Place::Global;
                        let op = if global {
                            Op::DeleteGlobal
                        } else {
                            Op::DeleteName
                        };
                        let index = self.name_index(&name);
                        self.emit_units(op, [0; 3], [index, 0], position);
                    }
                }
            }
            Expr::Attribute(node) => {
                let object = self.operand(&node.value)?;
                let position = self.attribute_position(position, node);
                let name = self.mangled(&node.attr);
                let index = self.name_index(&name);
                self.emit_units(Op::DeleteAttr, [object, 0, 0], [index, 0], position);
            }
            Expr::Subscript(node) => {
                let object = self.operand_before(&node.value, &[&node.slice])?;
                let key = self.operand(&node.slice)?;
                self.emit(Op::DeleteSubscr, object, key, 0, position);
            }
            Expr::Tuple(node) => node.elts.iter().try_for_each(|item| self.delete(item))?,
            Expr::List(node) => node.elts.iter().try_for_each(|item| self.delete(item))?,
            other => return Err(CompileError::new("cannot delete expression", other.range())),
        }
        self.set_top(top);
        Ok(())
    }

    pub(super) fn ann_assign(
        &mut self,
        node: &'a ast::StmtAnnAssign,
        position: Position,
    ) -> Result<()> {
        if let Some(value) = &node.value {
            self.assign_one(&node.target, value)?;
        }
        let kind = self.scopes.all[self.here().scope].kind;
        let in_body = matches!(kind, ScopeKind::Module | ScopeKind::Class);
        match &*node.target {
            Expr::Name(name) if node.simple => {
                if !in_body {
                    return Ok(());
                }
                let mangled = self.mangled(&name.id);
                if self.scopes.future_annotations() {
                    return self.store_annotation(&mangled, &node.annotation, position);
                }
                let conditional = kind == ScopeKind::Module || self.here().conditional > 0;
                let index = if conditional {
                    let unit = self.unit();
                    let index = unit.conditional_annotations;
                    unit.conditional_annotations += 1;
                    let set = self.top();
                    match self.cell_of("__conditional_annotations__") {
                        Some(cell) if kind == ScopeKind::Class => {
                            self.emit(Op::LoadCell, set, cell, 0, position)
                        }
                        _ => self.load_name("__conditional_annotations__", set, position),
                    }
                    self.claim();
                    let number = self.claim();
                    self.load_const(number, Const::Int(index), position);
                    self.emit(Op::SetAdd, set, number, 0, position);
                    self.emit(Op::Drop, set, 0, 0, position);
                    Some(index)
                } else {
                    None
                };
                self.unit().annotations.push((mangled, node, index));
                return Ok(());
            }
            Expr::Attribute(target) if node.value.is_none() => {
                self.expression_statement(&target.value, position)?;
            }
            Expr::Subscript(target) if node.value.is_none() => {
                self.expression_statement(&target.value, position)?;
                self.expression_statement(&target.slice, position)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// `__annotations__[name] = "annotation"`.
    fn store_annotation(
        &mut self,
        name: &str,
        annotation: &'a Expr,
        position: Position,
    ) -> Result<()> {
        let map = self.top();
        self.load_name("__annotations__", map, position);
        self.claim();
        let key = self.claim();
        self.load_const(key, Const::Str(name.into()), position);
        let text = self.claim();
        let value = self.annotation_text(annotation)?;
        self.load_const(text, value, position);
        self.emit(Op::StoreSubscr, map, key, text, position);
        Ok(())
    }
}
