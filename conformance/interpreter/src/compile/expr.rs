//! Expressions: values, conditions, calls.

use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::{CompileError, Compiler, Label, Place, Reg, Result};
use crate::code::{Const, Position, flags, local};
use crate::op::{Op, WINDOW, special};
use crate::scope::ScopeKind;

/// Items of a display that are evaluated before it is built; more are added one by one.
const MAX_TOGETHER: usize = 30;

impl<'a> Compiler<'a> {
    /// Evaluates into the temporary at the top, and claims it.
    pub(super) fn push_expr(&mut self, expr: &'a Expr) -> Result<Reg> {
        let dst = self.top();
        self.expr_to(expr, dst)?;
        Ok(self.claim())
    }

    /// Evaluates to wherever the value is: a local in place, or a new temporary.
    pub(super) fn operand(&mut self, expr: &'a Expr) -> Result<Reg> {
        match expr {
            Expr::Name(node) => {
                if let Some(register) = self.local_in_place(node) {
                    self.check_bound(register, self.position(node.range()));
                    return Ok(register);
                }
            }
            Expr::Named(node) => {
                if let Expr::Name(target) = &*node.target
                    && let Place::Local(register) = self.lookup(&self.mangled(&target.id))
                {
                    self.expr_to(&node.value, register)?;
                    return Ok(register);
                }
            }
            _ => {}
        }
        self.push_expr(expr)
    }

    fn local_in_place(&self, node: &ast::ExprName) -> Option<Reg> {
        if node.id == "__debug__" {
            return None;
        }
        match self.lookup(&self.mangled(&node.id)) {
            Place::Local(register) => Some(register),
            _ => None,
        }
    }

    /// As `operand`, for a value that is used after `later` have been evaluated: a local that they may assign is copied.
    pub(super) fn operand_before(&mut self, expr: &'a Expr, later: &[&Expr]) -> Result<Reg> {
        if self.may_assign(later) {
            self.push_expr(expr)
        } else {
            self.operand(expr)
        }
    }

    /// Whether evaluating any of the expressions may assign a local.
    pub(super) fn may_assign(&self, exprs: &[&Expr]) -> bool {
        struct Search(bool);
        impl<'e> Visitor<'e> for Search {
            fn visit_expr(&mut self, expr: &'e Expr) {
                self.0 |= expr.is_named_expr();
                if !self.0 {
                    visitor::walk_expr(self, expr);
                }
            }
        }
        let mut at = Some(self.here().inner_scope);
        let mut walrus = false;
        while let Some(id) = at {
            let scope = &self.scopes.all[id];
            walrus |= scope.has_walrus;
            at = if scope.inlined { scope.parent } else { None };
        }
        let mut search = Search(false);
        if walrus {
            exprs.iter().for_each(|expr| search.visit_expr(expr));
        }
        search.0
    }

    /// Evaluates into `dst`: a local, or the temporary at the top, which stays unclaimed.
    pub(super) fn expr_to(&mut self, expr: &'a Expr, dst: Reg) -> Result<()> {
        let top = self.top();
        self.nested(expr.range(), |this| this.expr_into(expr, dst))?;
        self.set_top(top);
        Ok(())
    }

    fn expr_into(&mut self, expr: &'a Expr, dst: Reg) -> Result<()> {
        let position = self.position(expr.range());
        if let Some(value) = self.constant_value(expr) {
            self.load_const(dst, value, position);
            return Ok(());
        }
        match expr {
            Expr::Name(node) => self.load_name(&node.id, dst, position),
            Expr::Named(node) => {
                if let Expr::Name(target) = &*node.target
                    && let Place::Local(register) = self.lookup(&self.mangled(&target.id))
                {
                    self.expr_to(&node.value, register)?;
                    if register != dst {
                        self.emit(Op::Copy, dst, register, 0, position);
                    }
                    return Ok(());
                }
                let value = self.push_expr(&node.value)?;
                let copy = self.claim();
                self.emit(Op::Copy, copy, value, 0, position);
                self.store(&node.target, copy)?;
                if value != dst {
                    self.emit(Op::Move, dst, value, 0, position);
                }
            }
            Expr::BoolOp(node) => self.bool_op(node, dst, position)?,
            Expr::BinOp(node) => self.bin_op(node, dst)?,
            Expr::UnaryOp(node) => {
                let op = match node.op {
                    UnaryOp::Not => Op::Not,
                    UnaryOp::USub => Op::Neg,
                    UnaryOp::UAdd => Op::Pos,
                    UnaryOp::Invert => Op::Invert,
                };
                if node.op == UnaryOp::Not
                    && let Expr::Compare(compare) = &*node.operand
                    && let [only @ (CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn)] =
                        *compare.ops
                {
                    return self.compare_one(compare, only.negate(), dst);
                }
                let operand = self.operand(&node.operand)?;
                self.emit(op, dst, operand, 0, position);
            }
            Expr::Lambda(node) => self.lambda(expr, node, dst)?,
            Expr::If(node) => {
                let (orelse, end) = (self.label(), self.label());
                self.jump_if(&node.test, orelse, false)?;
                self.expr_to(&node.body, dst)?;
                self.jump(end, self.position(node.body.range()));
                self.place(orelse);
                self.expr_to(&node.orelse, dst)?;
                self.place(end);
            }
            Expr::Compare(node) => match *node.ops {
                [only] => self.compare_one(node, only, dst)?,
                _ => self.compare_chain(node, dst, position)?,
            },
            Expr::Call(node) => self.call(node, dst)?,
            Expr::Attribute(node) => self.load_attribute(node, dst)?,
            Expr::Subscript(node) => {
                let value = self.operand_before(&node.value, &[&node.slice])?;
                self.subscript(value, &node.slice, dst, position)?;
            }
            Expr::Slice(node) => self.slice(node, dst, position)?,
            Expr::List(node) => self.list(&node.elts, dst, position)?,
            Expr::Tuple(node) => self.tuple(&node.elts, dst, position)?,
            Expr::Set(node) => self.set(&node.elts, dst, position)?,
            Expr::Dict(node) => self.dict(&node.items, dst, position)?,
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(expr, dst)?;
            }
            Expr::FString(node) => self.fstring(node, dst, position)?,
            Expr::TString(node) => self.tstring(node, dst, position)?,
            Expr::Await(node) => {
                self.require_async("'await'", node.range())?;
                let value = self.operand(&node.value)?;
                self.await_value(value, dst, 0, position);
            }
            Expr::Yield(node) => {
                self.require_function("'yield'", node.range())?;
                let value = match &node.value {
                    Some(value) => self.operand(value)?,
                    None => {
                        let none = self.claim();
                        self.load_const(none, Const::None, position);
                        none
                    }
                };
                self.yield_value(value, dst, position);
            }
            Expr::YieldFrom(node) => {
                self.require_function("'yield from'", node.range())?;
                if self.here().flags & (flags::COROUTINE | flags::ASYNC_GENERATOR) != 0 {
                    return Err(CompileError::new(
                        "'yield from' inside async function",
                        node.range(),
                    ));
                }
                let value = self.operand(&node.value)?;
                let iterator = if self.is_local(value) {
                    self.claim()
                } else {
                    value
                };
                self.emit(Op::GetYieldFromIter, iterator, value, 0, position);
                self.drive(iterator, dst, 0, position);
            }
            Expr::Starred(node) => {
                return Err(CompileError::new(
                    "can't use starred expression here",
                    node.range(),
                ));
            }
            Expr::IpyEscapeCommand(node) => {
                return Err(CompileError::new("invalid syntax", node.range()));
            }
            // Folded above; a literal too large to fold does not exist.
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => {
                return Err(CompileError::new("invalid literal", expr.range()));
            }
        }
        Ok(())
    }

    // --- Names ---

    pub(super) fn load_name(&mut self, name: &str, dst: Reg, position: Position) {
        let name = self.mangled(name);
        match self.lookup(&name) {
            Place::Local(register) => {
                self.check_bound(register, position);
                if register != dst {
                    self.emit(Op::Copy, dst, register, 0, position);
                }
            }
            Place::Cell(cell) => self.emit(Op::LoadCell, dst, cell, 0, position),
            Place::Global => {
                let index = self.name_index(&name);
                self.emit_units(Op::LoadGlobal, [dst, 0, 0], [index, 0], position);
            }
            Place::Namespace => {
                let index = self.name_index(&name);
                self.emit_units(Op::LoadName, [dst, 0, 0], [index, 0], position);
            }
            Place::ClassOrCell(cell) => {
                let index = self.name_index(&name);
                let mapping = self.top();
                self.emit(Op::LoadLocals, mapping, 0, 0, position);
                self.emit_units(Op::LoadDictCell, [dst, mapping, cell], [index, 0], position);
            }
            Place::ClassDictOrCell(class, cell) => {
                let index = self.name_index(&name);
                let mapping = self.top();
                self.emit(Op::LoadCell, mapping, class, 0, position);
                self.emit_units(Op::LoadDictCell, [dst, mapping, cell], [index, 0], position);
            }
            Place::ClassDictOrGlobal(class) => {
                let index = self.name_index(&name);
                let mapping = self.top();
                self.emit(Op::LoadCell, mapping, class, 0, position);
                self.emit_units(Op::LoadDictGlobal, [dst, mapping, 0], [index, 0], position);
            }
        }
    }

    // --- Operators ---

    fn bin_op(&mut self, outermost: &'a ast::ExprBinOp, dst: Reg) -> Result<()> {
        // Long sums nest to the left: walk down, then compute on the way up.
        let mut spine = vec![outermost];
        let mut node = outermost;
        while let Expr::BinOp(left) = &*node.left {
            if self.constant_value(&node.left).is_some() {
                break;
            }
            spine.push(left);
            node = left;
        }
        let bottom = self.top();
        let later: Vec<&Expr> = spine.iter().map(|node| &*node.right).collect();
        let mut left = self.operand_before(&node.left, &later)?;
        while let Some(node) = spine.pop() {
            let position = self.position(node.range());
            let last = spine.is_empty();
            let immediate = small_int(&node.right).zip(immediate_op(node.op));
            let right = match immediate {
                Some((value, _)) => i32::from(value) as u32,
                None => self.operand(&node.right)?,
            };
            let op = immediate.map_or(binary_op(node.op), |(_, op)| op);
            self.set_top(bottom);
            let to = if last { dst } else { self.claim() };
            self.emit(op, to, left, right, position);
            left = to;
        }
        Ok(())
    }

    fn bool_op(&mut self, node: &'a ast::ExprBoolOp, dst: Reg, position: Position) -> Result<()> {
        let end = self.label();
        let value = self.top();
        let op = if node.op == BoolOp::And {
            Op::JumpFalseKeep
        } else {
            Op::JumpTrueKeep
        };
        let (last, first) = node.values.split_last().unwrap_or((&node.values[0], &[]));
        for item in first {
            self.expr_to(item, value)?;
            self.emit_jump(op, [value, 0, 0], end, position);
        }
        self.expr_to(last, value)?;
        self.place(end);
        if value != dst {
            self.emit(Op::Move, dst, value, 0, position);
        }
        Ok(())
    }

    fn compare_one(&mut self, node: &'a ast::ExprCompare, op: CmpOp, dst: Reg) -> Result<()> {
        let position = self.position(node.range());
        let right = &node.comparators[0];
        let left = self.operand_before(&node.left, &[right])?;
        let right = self.comparator(op, right)?;
        self.emit(compare_op(op), dst, left, right, position);
        Ok(())
    }

    /// The right side of a comparison: `in` a display of constants tests a constant.
    fn comparator(&mut self, op: CmpOp, right: &'a Expr) -> Result<Reg> {
        if matches!(op, CmpOp::In | CmpOp::NotIn)
            && let Some(value) = self.constant_display(right)
        {
            let register = self.claim();
            self.load_const(register, value, self.position(right.range()));
            return Ok(register);
        }
        self.operand(right)
    }

    /// A list or set display of constants, as the tuple or frozenset that serves as well when nobody can change it.
    pub(super) fn constant_display(&self, expr: &Expr) -> Option<Const> {
        let all = |items: &[Expr]| -> Option<Vec<Const>> {
            items.iter().map(|item| self.constant_value(item)).collect()
        };
        match expr {
            Expr::List(node) => Some(Const::Tuple(all(&node.elts)?.into())),
            Expr::Set(node) => {
                let mut items: Vec<Const> = Vec::new();
                for item in all(&node.elts)? {
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
                Some(Const::FrozenSet(items.into()))
            }
            _ => None,
        }
    }

    fn compare_chain(
        &mut self,
        node: &'a ast::ExprCompare,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
        let value = self.claim();
        let (fail, end) = (self.label(), self.label());
        let count = node.ops.len();
        let later: Vec<&Expr> = node.comparators.iter().collect();
        let mut left = self.operand_before(&node.left, &later)?;
        for (index, (&op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            if index + 1 == count {
                let right = self.comparator(op, right)?;
                self.emit(compare_op(op), value, left, right, position);
                break;
            }
            let (copy, middle) = self.chain_middle(right, &later[index + 1..])?;
            self.emit(compare_op(op), value, left, copy, position);
            left = middle;
            if !self.is_local(middle) {
                // Whichever comparison fails, the operand left over is next to the value.
                left = value + 1;
                if middle != left {
                    self.emit(Op::Move, left, middle, 0, position);
                }
            }
            self.emit_jump(Op::JumpFalseKeep, [value, 0, 0], fail, position);
            self.set_top(if self.is_local(left) {
                value + 1
            } else {
                value + 2
            });
        }
        self.jump(end, position);
        self.place(fail);
        self.emit(Op::Clear, value + 1, 0, 0, position);
        self.place(end);
        if value != dst {
            self.emit(Op::Move, dst, value, 0, position);
        }
        Ok(())
    }

    /// An operand between two comparisons: where the first finds it, and where the second does.
    fn chain_middle(&mut self, expr: &'a Expr, later: &[&Expr]) -> Result<(Reg, Reg)> {
        let position = self.position(expr.range());
        let middle = self.operand_before(expr, later)?;
        if self.is_local(middle) {
            return Ok((middle, middle));
        }
        let copy = self.claim();
        self.emit(Op::Copy, copy, middle, 0, position);
        Ok((copy, middle))
    }

    // --- Conditions ---

    /// Jumps to `target` if `expr` is as true as `sense` says, else falls through.
    pub(super) fn jump_if(&mut self, expr: &'a Expr, target: Label, sense: bool) -> Result<()> {
        let top = self.top();
        self.nested(expr.range(), |this| this.jump_if_inner(expr, target, sense))?;
        self.set_top(top);
        Ok(())
    }

    fn jump_if_inner(&mut self, expr: &'a Expr, target: Label, sense: bool) -> Result<()> {
        let position = self.position(expr.range());
        if let Some(truth) = self.truth(expr) {
            if truth == sense {
                self.jump(target, position);
            }
            return Ok(());
        }
        match expr {
            Expr::UnaryOp(node) if node.op == UnaryOp::Not => {
                return self.jump_if(&node.operand, target, !sense);
            }
            Expr::BoolOp(node) => {
                // `and` jumps when any is false, `or` when any is true.
                let any = node.op == BoolOp::Or;
                if any == sense {
                    for value in &node.values {
                        self.jump_if(value, target, sense)?;
                    }
                } else {
                    let skip = self.label();
                    let (last, first) = node.values.split_last().unwrap_or((&node.values[0], &[]));
                    for value in first {
                        self.jump_if(value, skip, any)?;
                    }
                    self.jump_if(last, target, sense)?;
                    self.place(skip);
                }
                return Ok(());
            }
            Expr::If(node) => {
                let (orelse, end) = (self.label(), self.label());
                self.jump_if(&node.test, orelse, false)?;
                self.jump_if(&node.body, target, sense)?;
                self.jump(end, position);
                self.place(orelse);
                self.jump_if(&node.orelse, target, sense)?;
                self.place(end);
                return Ok(());
            }
            Expr::Compare(node) => return self.jump_compare(node, target, sense),
            _ => {}
        }
        let value = self.operand(expr)?;
        let op = if sense { Op::JumpTrue } else { Op::JumpFalse };
        self.emit_jump(op, [value, 0, 0], target, position);
        Ok(())
    }

    fn jump_compare(
        &mut self,
        node: &'a ast::ExprCompare,
        target: Label,
        sense: bool,
    ) -> Result<()> {
        let position = self.position(node.range());
        let later: Vec<&Expr> = node.comparators.iter().collect();
        if let ([op @ (CmpOp::Is | CmpOp::IsNot)], Expr::NoneLiteral(_)) =
            (&*node.ops, &node.comparators[0])
        {
            let value = self.operand(&node.left)?;
            let jumps_on_none = (*op == CmpOp::Is) == sense;
            let op = if jumps_on_none {
                Op::JumpNone
            } else {
                Op::JumpNotNone
            };
            self.emit_jump(op, [value, 0, 0], target, position);
            return Ok(());
        }
        let bottom = self.top();
        let mut left = self.operand_before(&node.left, &later)?;
        let (last, first) = node.ops.split_last().unwrap_or((&CmpOp::Eq, &[]));
        let (drop, end) = (self.label(), self.label());
        let mut dropped = false;
        for (index, &op) in first.iter().enumerate() {
            let right = &node.comparators[index];
            let middle = self.chain_middle(right, &later[index + 1..])?;
            let live = !self.is_local(middle.1);
            // With an operand live, a failure first drops it.
            let out = match (live, sense) {
                (true, _) => drop,
                (false, true) => end,
                (false, false) => target,
            };
            dropped |= live;
            self.compare_and_jump(op, left, middle.0, out, false, position);
            left = middle.1;
            if live && left != bottom {
                // Whichever comparison fails, the live operand is in one place.
                self.emit(Op::Move, bottom, left, 0, position);
                left = bottom;
            }
            self.set_top(if live { bottom + 1 } else { bottom });
        }
        let right = &node.comparators[first.len()];
        if let Some(value) = small_int(right)
            && let Some(op) = immediate_compare(*last)
        {
            let operands = [u32::from(sense), left, i32::from(value) as u32];
            self.emit_jump(op, operands, target, position);
        } else {
            let right = self.comparator(*last, right)?;
            self.compare_and_jump(*last, left, right, target, sense, position);
        }
        if dropped {
            self.jump(end, position);
            self.place(drop);
            // The first comparison may fail before its operand was moved down.
            self.emit(Op::Clear, bottom, 0, 0, position);
            self.emit(Op::Clear, bottom + 1, 0, 0, position);
            if !sense {
                self.jump(target, position);
            }
        }
        self.place(end);
        Ok(())
    }

    fn compare_and_jump(
        &mut self,
        op: CmpOp,
        left: Reg,
        right: Reg,
        target: Label,
        sense: bool,
        position: Position,
    ) {
        let (op, sense) = match op {
            CmpOp::Lt => (Op::JumpLt, sense),
            CmpOp::LtE => (Op::JumpLe, sense),
            CmpOp::Eq => (Op::JumpEq, sense),
            CmpOp::NotEq => (Op::JumpNe, sense),
            CmpOp::Gt => (Op::JumpGt, sense),
            CmpOp::GtE => (Op::JumpGe, sense),
            CmpOp::Is => (Op::JumpIs, sense),
            CmpOp::IsNot => (Op::JumpIs, !sense),
            CmpOp::In => (Op::JumpIn, sense),
            CmpOp::NotIn => (Op::JumpIn, !sense),
        };
        self.emit_jump(op, [u32::from(sense), left, right], target, position);
    }

    // --- Attributes and items ---

    /// Where an attribute access is: on the line of the attribute, if the expression spans several.
    pub(super) fn attribute_position(
        &self,
        mut position: Position,
        node: &ast::ExprAttribute,
    ) -> Position {
        let whole = self.position(node.range());
        if position.line != whole.end_line {
            position.line = whole.end_line;
            // Where the name does not fit on the line, it was not written there: only the line is known.
            let length = node.attr.chars().count() as u32;
            position.column = whole.end_column.saturating_sub(length);
        }
        position
    }

    fn load_attribute(&mut self, node: &'a ast::ExprAttribute, dst: Reg) -> Result<()> {
        let position = self.attribute_position(self.position(node.range()), node);
        let name = self.mangled(&node.attr);
        if self.is_super(&node.value) {
            let window = self.top();
            let arguments = self.super_window(&node.value)?;
            let index = self.name_index(&name);
            self.emit_units(
                Op::LoadSuperAttr,
                [window, arguments, dst],
                [index, 0],
                position,
            );
            return Ok(());
        }
        let value = self.operand(&node.value)?;
        let index = self.name_index(&name);
        self.emit_units(Op::LoadAttr, [dst, value, 0], [index, 0], position);
        Ok(())
    }

    /// `r[dst] = r[value][slice]`.
    fn subscript(
        &mut self,
        value: Reg,
        slice: &'a Expr,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
        if let Some(index) = small_int(slice) {
            self.emit(Op::SubscrImm, dst, value, i32::from(index) as u32, position);
            return Ok(());
        }
        let key = self.operand(slice)?;
        self.emit(Op::Subscr, dst, value, key, position);
        Ok(())
    }

    fn slice(&mut self, node: &'a ast::ExprSlice, dst: Reg, position: Position) -> Result<()> {
        let parts = [&node.lower, &node.upper, &node.step];
        let values: Option<Vec<Const>> = parts
            .iter()
            .map(|part| {
                part.as_deref()
                    .map_or(Some(Const::None), |part| self.constant_value(part))
            })
            .collect();
        if let Some(values) = values
            && let Ok(values) = <[Const; 3]>::try_from(values)
        {
            self.load_const(dst, Const::Slice(Arc::new(values)), position);
            return Ok(());
        }
        let first = self.top();
        for part in parts {
            match part {
                Some(part) => {
                    self.push_expr(part)?;
                }
                None => {
                    let none = self.claim();
                    self.load_const(none, Const::None, position);
                }
            }
        }
        self.emit(Op::Slice, dst, first, 0, position);
        Ok(())
    }

    // --- Displays ---

    /// Builds in a temporary with `f`, then moves to `dst` if that is a local. `f` gets the claimed temporary.
    pub(super) fn in_temporary(
        &mut self,
        dst: Reg,
        position: Position,
        f: impl FnOnce(&mut Self, Reg) -> Result<()>,
    ) -> Result<()> {
        let value = self.claim();
        f(self, value)?;
        if value != dst {
            self.emit(Op::Move, dst, value, 0, position);
        }
        Ok(())
    }

    pub(super) fn push_all(&mut self, exprs: &'a [Expr]) -> Result<Reg> {
        let first = self.top();
        for expr in exprs {
            self.push_expr(expr)?;
        }
        Ok(first)
    }

    fn list(&mut self, items: &'a [Expr], dst: Reg, position: Position) -> Result<()> {
        let starred = items.iter().any(Expr::is_starred_expr);
        if !starred && items.len() <= MAX_TOGETHER && (items.len() < 3 || !self.all_constant(items))
        {
            let first = self.push_all(items)?;
            self.emit(Op::BuildList, dst, first, items.len() as u32, position);
            return Ok(());
        }
        self.in_temporary(dst, position, |this, list| {
            this.extend_list(list, items, position)
        })
    }

    fn all_constant(&self, items: &[Expr]) -> bool {
        items.iter().all(|item| self.constant_value(item).is_some())
    }

    fn constants(&self, items: &[Expr]) -> Option<Vec<Const>> {
        items.iter().map(|item| self.constant_value(item)).collect()
    }

    /// Makes a new list of `items`, some starred, in the claimed temporary `list`.
    pub(super) fn extend_list(
        &mut self,
        list: Reg,
        items: &'a [Expr],
        position: Position,
    ) -> Result<()> {
        if items.len() >= 3
            && let Some(values) = self.constants(items)
        {
            self.emit(Op::BuildList, list, list + 1, 0, position);
            let tuple = self.claim();
            self.load_const(tuple, Const::Tuple(values.into()), position);
            self.emit(Op::ListExtend, list, tuple, 0, position);
            self.set_top(list + 1);
            return Ok(());
        }
        let together = items
            .iter()
            .take(MAX_TOGETHER)
            .take_while(|item| !item.is_starred_expr())
            .count();
        self.set_top(list);
        let first = self.push_all(&items[..together])?;
        self.emit(Op::BuildList, list, first, together as u32, position);
        self.set_top(list + 1);
        for item in &items[together..] {
            match item {
                Expr::Starred(starred) => {
                    let value = self.operand(&starred.value)?;
                    self.emit(Op::ListExtend, list, value, 0, position);
                }
                item => {
                    let value = self.operand(item)?;
                    self.emit(Op::ListAppend, list, value, 0, position);
                }
            }
            self.set_top(list + 1);
        }
        Ok(())
    }

    fn tuple(&mut self, items: &'a [Expr], dst: Reg, position: Position) -> Result<()> {
        if items.len() <= MAX_TOGETHER && !items.iter().any(Expr::is_starred_expr) {
            let first = self.push_all(items)?;
            self.emit(Op::BuildTuple, dst, first, items.len() as u32, position);
            return Ok(());
        }
        let list = self.claim();
        self.extend_list(list, items, position)?;
        self.emit(Op::ListToTuple, dst, list, 0, position);
        Ok(())
    }

    fn set(&mut self, items: &'a [Expr], dst: Reg, position: Position) -> Result<()> {
        let starred = items.iter().any(Expr::is_starred_expr);
        if !starred && items.len() <= MAX_TOGETHER && (items.len() < 3 || !self.all_constant(items))
        {
            let first = self.push_all(items)?;
            self.emit(Op::BuildSet, dst, first, items.len() as u32, position);
            return Ok(());
        }
        self.in_temporary(dst, position, |this, set| {
            this.emit(Op::BuildSet, set, set + 1, 0, position);
            if let Some(values) = this.constants(items) {
                let tuple = this.claim();
                this.load_const(tuple, Const::Tuple(values.into()), position);
                this.emit(Op::SetUpdate, set, tuple, 0, position);
                return Ok(());
            }
            for item in items {
                match item {
                    Expr::Starred(starred) => {
                        let value = this.operand(&starred.value)?;
                        this.emit(Op::SetUpdate, set, value, 0, position);
                    }
                    item => {
                        let value = this.operand(item)?;
                        this.emit(Op::SetAdd, set, value, 0, position);
                    }
                }
                this.set_top(set + 1);
            }
            Ok(())
        })
    }

    fn dict(&mut self, items: &'a [ast::DictItem], dst: Reg, position: Position) -> Result<()> {
        let together = items
            .iter()
            .take(MAX_TOGETHER / 2)
            .take_while(|item| item.key.is_some())
            .count();
        if together == items.len() {
            let first = self.push_pairs(items)?;
            self.emit(Op::BuildMap, dst, first, together as u32, position);
            return Ok(());
        }
        self.in_temporary(dst, position, |this, map| {
            this.set_top(map);
            let first = this.push_pairs(&items[..together])?;
            this.emit(Op::BuildMap, map, first, together as u32, position);
            this.set_top(map + 1);
            for item in &items[together..] {
                match &item.key {
                    Some(key) => {
                        let key = this.operand_before(key, &[&item.value])?;
                        let value = this.operand(&item.value)?;
                        this.emit(Op::MapAdd, map, key, value, position);
                    }
                    None => {
                        let value = this.operand(&item.value)?;
                        this.emit(Op::DictUpdate, map, value, 0, position);
                    }
                }
                this.set_top(map + 1);
            }
            Ok(())
        })
    }

    fn push_pairs(&mut self, items: &'a [ast::DictItem]) -> Result<Reg> {
        let first = self.top();
        for item in items {
            if let Some(key) = &item.key {
                self.push_expr(key)?;
            }
            self.push_expr(&item.value)?;
        }
        Ok(first)
    }

    // --- Calls ---

    fn call(&mut self, node: &'a ast::ExprCall, dst: Reg) -> Result<()> {
        let position = self.position(node.range());
        let arguments = &node.arguments;
        let window = self.top();
        let plain = is_plain(arguments);
        if let Expr::Attribute(attribute) = &*node.func
            && plain
        {
            let name = self.mangled(&attribute.attr);
            let at = self.attribute_position(self.position(attribute.range()), attribute);
            if self.is_super(&attribute.value) {
                let count = self.super_window(&attribute.value)?;
                let index = self.name_index(&name);
                self.emit_units(Op::LoadSuperMethod, [window, count, 0], [index, 0], at);
            } else {
                let receiver = self.operand(&attribute.value)?;
                let index = self.name_index(&name);
                self.emit_units(Op::LoadMethod, [window, receiver, 0], [index, 0], at);
            }
            self.set_top(window + WINDOW + 1);
            let position = self.attribute_position(position, attribute);
            return self.finish_call(window, arguments, dst, true, position);
        }
        self.push_expr(&node.func)?;
        if plain {
            self.set_top(window + WINDOW);
            return self.finish_call(window, arguments, dst, false, position);
        }
        self.call_unpacked(window, &arguments.args, &arguments.keywords, dst, position)
    }

    /// Evaluates arguments without `*` or `**` to the top of the window, and calls.
    pub(super) fn finish_call(
        &mut self,
        window: Reg,
        arguments: &'a ast::Arguments,
        dst: Reg,
        method: bool,
        position: Position,
    ) -> Result<()> {
        if let [Expr::Generator(only)] = &*arguments.args
            && !only.parenthesized
        {
            self.parentheses = Some(arguments.range());
        }
        self.push_all(&arguments.args)?;
        let mut names = Vec::new();
        for keyword in &arguments.keywords {
            self.push_expr(&keyword.value)?;
            if let Some(name) = &keyword.arg {
                names.push(Const::Str(name.as_str().into()));
            }
        }
        let count = (arguments.args.len() + names.len()) as u32;
        if names.is_empty() {
            let op = if method { Op::CallMethod } else { Op::Call };
            self.emit(op, window, count, dst, position);
        } else {
            let names = self.constant(Const::Tuple(names.into()));
            let op = if method { Op::CallMethodKw } else { Op::CallKw };
            self.emit_units(op, [window, count, dst], [names, 0], position);
        }
        Ok(())
    }

    /// A call with `*` or `**` of the callable in the claimed `window`.
    pub(super) fn call_unpacked(
        &mut self,
        window: Reg,
        args: &'a [Expr],
        keywords: &'a [ast::Keyword],
        dst: Reg,
        position: Position,
    ) -> Result<()> {
        self.set_top(window + WINDOW);
        match args {
            [Expr::Starred(only)] => {
                self.push_expr(&only.value)?;
            }
            args => {
                let tuple = self.top();
                if args.is_empty() {
                    self.load_const(tuple, Const::Tuple(Arc::new([])), position);
                } else {
                    self.tuple(args, tuple, position)?;
                }
                self.set_top(tuple);
                self.claim();
            }
        }
        self.unpacked_keywords(window, keywords, position)?;
        self.emit(Op::CallEx, window, 0, dst, position);
        Ok(())
    }

    /// The keyword mapping of a `CALL_EX`, at the top.
    pub(super) fn unpacked_keywords(
        &mut self,
        window: Reg,
        keywords: &'a [ast::Keyword],
        position: Position,
    ) -> Result<()> {
        let map = self.claim();
        if keywords.is_empty() {
            self.emit(Op::Clear, map, 0, 0, position);
            return Ok(());
        }
        let together = keywords
            .iter()
            .take(MAX_TOGETHER / 2)
            .take_while(|keyword| keyword.arg.is_some())
            .count();
        self.set_top(map);
        self.push_keywords(&keywords[..together])?;
        self.emit(Op::BuildMap, map, map, together as u32, position);
        self.set_top(map + 1);
        let mut rest = &keywords[together..];
        while let Some((keyword, after)) = rest.split_first() {
            if keyword.arg.is_some() {
                let count = rest
                    .iter()
                    .take(MAX_TOGETHER / 2)
                    .take_while(|keyword| keyword.arg.is_some())
                    .count();
                let more = self.top();
                self.push_keywords(&rest[..count])?;
                self.emit(Op::BuildMap, more, more, count as u32, position);
                self.emit(Op::DictMerge, map, more, window, position);
                rest = &rest[count..];
            } else {
                let value = self.operand(&keyword.value)?;
                self.emit(Op::DictMerge, map, value, window, position);
                rest = after;
            }
            self.set_top(map + 1);
        }
        Ok(())
    }

    fn push_keywords(&mut self, keywords: &'a [ast::Keyword]) -> Result<()> {
        for keyword in keywords {
            if let Some(name) = &keyword.arg {
                let position = self.position(keyword.range());
                let key = self.claim();
                self.load_const(key, Const::Str(name.as_str().into()), position);
            }
            self.push_expr(&keyword.value)?;
        }
        Ok(())
    }

    /// Whether `expr` is `super()` or `super(a, b)` that the fused instructions can serve.
    fn is_super(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else { return false };
        let Expr::Name(name) = &*call.func else {
            return false;
        };
        let scope = &self.scopes.all[self.here().unit_scope()];
        if name.id != "super"
            || self.lookup("super") != Place::Global
            || !call.arguments.keywords.is_empty()
        {
            return false;
        }
        match &*call.arguments.args {
            [] => {
                scope.kind == ScopeKind::Function
                    && self.here().inner_scope == self.here().unit_scope()
                    && self.here().argcount > 0
                    && self.cell_of("__class__").is_some()
            }
            [first, second] => !first.is_starred_expr() && !second.is_starred_expr(),
            _ => false,
        }
    }

    /// Fills the window of a fused `super` access at the top; the number of arguments written.
    fn super_window(&mut self, expr: &'a Expr) -> Result<u32> {
        let Expr::Call(call) = expr else { return Ok(0) };
        let window = self.top();
        self.set_top(window + WINDOW);
        self.push_expr(&call.func)?;
        if call.arguments.args.is_empty() {
            let position = self.position(call.range());
            if let Some(cell) = self.cell_of("__class__") {
                let class = self.claim();
                self.emit(Op::LoadCell, class, cell, 0, position);
            }
            let first = self.claim();
            let in_cell = self.here().local_kinds[0] & local::CELL != 0;
            if in_cell {
                self.emit(Op::LoadCell, first, 0, 0, position);
            } else {
                self.check_bound(0, position);
                self.emit(Op::Copy, first, 0, 0, position);
            }
            return Ok(0);
        }
        self.push_all(&call.arguments.args)?;
        Ok(2)
    }

    // --- Suspending ---

    pub(super) fn require_function(&self, what: &str, range: TextRange) -> Result<()> {
        let function = self.scopes.all[self.here().scope].is_function_like();
        if function {
            Ok(())
        } else {
            Err(CompileError::new(format!("{what} outside function"), range))
        }
    }

    pub(super) fn require_async(&self, what: &str, range: TextRange) -> Result<()> {
        self.require_function(what, range)?;
        if self.here().flags & (flags::COROUTINE | flags::ASYNC_GENERATOR) == 0 {
            return Err(CompileError::new(
                format!("{what} outside async function"),
                range,
            ));
        }
        Ok(())
    }

    /// Yields the operand `value`; what is sent goes to `dst`.
    pub(super) fn yield_value(&mut self, value: Reg, dst: Reg, position: Position) {
        let mut value = value;
        if self.here().flags & flags::ASYNC_GENERATOR != 0 {
            let wrapped = if self.is_local(value) {
                self.claim()
            } else {
                value
            };
            self.emit(Op::AsyncGenWrap, wrapped, value, 0, position);
            value = wrapped;
        }
        self.emit(Op::Yield, dst, value, 0, position);
    }

    /// Awaits the operand `value`, the last temporary claimed or a local.
    pub(super) fn await_value(&mut self, value: Reg, dst: Reg, kind: u32, position: Position) {
        let iterator = if self.is_local(value) {
            self.claim()
        } else {
            value
        };
        self.emit(Op::GetAwaitable, iterator, value, kind, position);
        self.drive(iterator, dst, 1, position);
    }

    /// Drives the iterator in the last temporary claimed until it returns.
    pub(super) fn drive(&mut self, iterator: Reg, dst: Reg, kind: u32, position: Position) {
        self.emit(Op::LoadSpecial, iterator + 1, special::NONE, 0, position);
        self.emit(Op::YieldFrom, dst, iterator, kind, position);
    }
}

impl super::Unit<'_> {
    fn unit_scope(&self) -> usize {
        self.scope
    }
}

/// Whether a call's arguments have no `*` and no `**`.
pub(super) fn is_plain(arguments: &ast::Arguments) -> bool {
    !arguments.args.iter().any(Expr::is_starred_expr)
        && arguments
            .keywords
            .iter()
            .all(|keyword| keyword.arg.is_some())
}

/// The value of an integer literal, or a negated one, that fits an immediate operand.
pub(super) fn small_int(expr: &Expr) -> Option<i8> {
    match expr {
        Expr::NumberLiteral(node) => match &node.value {
            ast::Number::Int(value) => value.as_i8(),
            _ => None,
        },
        Expr::UnaryOp(node) if node.op == UnaryOp::USub => match &*node.operand {
            Expr::NumberLiteral(_) => small_int(&node.operand)?.checked_neg(),
            _ => None,
        },
        _ => None,
    }
}

fn immediate_op(op: Operator) -> Option<Op> {
    Some(match op {
        Operator::Add => Op::AddImm,
        Operator::Sub => Op::SubImm,
        Operator::Mult => Op::MulImm,
        Operator::FloorDiv => Op::FloorDivImm,
        Operator::Mod => Op::ModImm,
        Operator::BitAnd => Op::AndImm,
        _ => return None,
    })
}

fn immediate_compare(op: CmpOp) -> Option<Op> {
    Some(match op {
        CmpOp::Lt => Op::JumpLtImm,
        CmpOp::LtE => Op::JumpLeImm,
        CmpOp::Eq => Op::JumpEqImm,
        CmpOp::NotEq => Op::JumpNeImm,
        CmpOp::Gt => Op::JumpGtImm,
        CmpOp::GtE => Op::JumpGeImm,
        _ => return None,
    })
}

fn compare_op(op: CmpOp) -> Op {
    match op {
        CmpOp::Lt => Op::Lt,
        CmpOp::LtE => Op::Le,
        CmpOp::Eq => Op::Eq,
        CmpOp::NotEq => Op::Ne,
        CmpOp::Gt => Op::Gt,
        CmpOp::GtE => Op::Ge,
        CmpOp::Is => Op::Is,
        CmpOp::IsNot => Op::IsNot,
        CmpOp::In => Op::In,
        CmpOp::NotIn => Op::NotIn,
    }
}

fn binary_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::Add,
        Operator::Sub => Op::Sub,
        Operator::Mult => Op::Mul,
        Operator::MatMult => Op::MatMul,
        Operator::Div => Op::TrueDiv,
        Operator::Mod => Op::Mod,
        Operator::Pow => Op::Pow,
        Operator::LShift => Op::LShift,
        Operator::RShift => Op::RShift,
        Operator::BitOr => Op::Or,
        Operator::BitXor => Op::Xor,
        Operator::BitAnd => Op::And,
        Operator::FloorDiv => Op::FloorDiv,
    }
}

/// The in-place form of an operator.
pub(super) fn in_place_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::IAdd,
        Operator::Sub => Op::ISub,
        Operator::Mult => Op::IMul,
        Operator::MatMult => Op::IMatMul,
        Operator::Div => Op::ITrueDiv,
        Operator::Mod => Op::IMod,
        Operator::Pow => Op::IPow,
        Operator::LShift => Op::ILShift,
        Operator::RShift => Op::IRShift,
        Operator::BitOr => Op::IOr,
        Operator::BitXor => Op::IXor,
        Operator::BitAnd => Op::IAnd,
        Operator::FloorDiv => Op::IFloorDiv,
    }
}
