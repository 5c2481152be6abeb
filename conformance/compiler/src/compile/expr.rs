//! Expressions: names, operators, attributes and items, suspension points.

use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::{CompileError, Compiler, Label, Place, Reg, Result};
use crate::code::{Const, Position, flags};
use crate::op::{Op, special};

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

    pub(super) fn local_in_place(&self, node: &ast::ExprName) -> Option<Reg> {
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
        let mut search = Search(false);
        if self.sees_walrus() {
            exprs.iter().for_each(|expr| search.visit_expr(expr));
        }
        search.0
    }

    /// Whether there is an assignment expression anywhere in the frame.
    pub(super) fn sees_walrus(&self) -> bool {
        let mut at = Some(self.here().inner_scope);
        let mut walrus = false;
        while let Some(id) = at {
            let scope = &self.scopes.all[id];
            walrus |= scope.has_walrus;
            at = if scope.inlined { scope.parent } else { None };
        }
        walrus
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
                // A comparison that is turned round has the place of what turns it round.
                if node.op == UnaryOp::Not
                    && let Expr::Compare(compare) = &*node.operand
                    && let [only] = *compare.ops
                {
                    self.check_compare(compare);
                    if matches!(only, CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn) {
                        return self.compare_one(compare, only.negate(), dst, position);
                    }
                    let operand = self.top();
                    self.compare_one(compare, only, operand, position)?;
                    self.emit(op, dst, operand, 0, position);
                    return Ok(());
                }
                let operand = self.operand(&node.operand)?;
                self.emit(op, dst, operand, 0, position);
            }
            Expr::Lambda(node) => self.lambda(expr, node, dst)?,
            Expr::If(node) => {
                let (orelse, end) = (self.label(), self.label());
                self.jump_if(&node.test, orelse, false)?;
                self.expr_to(&node.body, dst)?;
                let at = self.position(node.body.range()).implied();
                self.jump(end, at);
                self.place(orelse);
                self.expr_to(&node.orelse, dst)?;
                self.place(end);
            }
            Expr::Compare(node) => {
                self.check_compare(node);
                match *node.ops {
                    [only] => self.compare_one(node, only, dst, position)?,
                    _ => self.compare_chain(node, dst, position)?,
                }
            }
            Expr::Call(node) => self.call(node, dst)?,
            Expr::Attribute(node) => self.load_attribute(node, dst)?,
            Expr::Subscript(node) => {
                self.check_subscript(node);
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
        let (last, first) = node.values.split_last().unwrap_or((&node.values[0], &[]));
        for item in first {
            self.keep_if(item, value, node.op == BoolOp::Or, end, position)?;
        }
        self.expr_to(last, value)?;
        self.place(end);
        if value != dst {
            self.emit(Op::Move, dst, value, 0, position);
        }
        Ok(())
    }

    /// Evaluates in the temporary `value`, and jumps to `end` with it if it is as true as `sense` says; else it is dropped. Its
    /// truth is asked once, also where it consists of others.
    fn keep_if(
        &mut self,
        expr: &'a Expr,
        value: Reg,
        sense: bool,
        end: Label,
        position: Position,
    ) -> Result<()> {
        match self.truth(expr) {
            // It is the result: nothing comes to the rest.
            Some(truth) if truth == sense => {
                self.expr_to(expr, value)?;
                self.jump(end, position.implied());
                return Ok(());
            }
            Some(_) => {
                let position = self.position(expr.range());
                self.come_to(position);
                return Ok(());
            }
            None => {}
        }
        if let Expr::BoolOp(node) = expr {
            return self.nested(expr.range(), |this| {
                let next = this.label();
                let last = this.skip_first(node, next, sense, |this, item| {
                    this.keep_if(item, value, sense, end, position)
                })?;
                this.keep_if(last, value, sense, end, position)?;
                this.place(next);
                Ok(())
            });
        }
        self.expr_to(expr, value)?;
        let op = match sense {
            true => Op::JumpTrueKeep,
            false => Op::JumpFalseKeep,
        };
        self.emit_jump(op, [value, 0, 0], end, position);
        Ok(())
    }

    /// Evaluates, and jumps to `target` if it is as true as `sense` says; who asks is at `position`, as in an operand.
    fn skip_if(
        &mut self,
        expr: &'a Expr,
        target: Label,
        sense: bool,
        position: Position,
    ) -> Result<()> {
        if self.truth(expr).is_some() {
            return self.jump_if(expr, target, sense);
        }
        if let Expr::BoolOp(node) = expr {
            return self.nested(expr.range(), |this| {
                let next = this.label();
                let last = this.skip_first(node, next, sense, |this, item| {
                    this.skip_if(item, target, sense, position)
                })?;
                this.skip_if(last, target, sense, position)?;
                this.place(next);
                Ok(())
            });
        }
        let top = self.top();
        let value = self.operand(expr)?;
        let op = if sense { Op::JumpTrue } else { Op::JumpFalse };
        self.emit_jump(op, [value, 0, 0], target, position);
        self.set_top(top);
        Ok(())
    }

    /// All values of `node` but the last, which it returns. Where one decides, that is what `sense` says, and `decided` is called for each;
    /// or the opposite: then it jumps to `next`, and `node` asks.
    fn skip_first(
        &mut self,
        node: &'a ast::ExprBoolOp,
        next: Label,
        sense: bool,
        mut decided: impl FnMut(&mut Self, &'a Expr) -> Result<()>,
    ) -> Result<&'a Expr> {
        let any = node.op == BoolOp::Or;
        let inner = self.position(node.range());
        let (last, first) = node.values.split_last().unwrap_or((&node.values[0], &[]));
        for item in first {
            if any == sense {
                decided(self, item)?;
            } else {
                self.skip_if(item, next, any, inner)?;
            }
        }
        Ok(last)
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

    pub(super) fn slice(
        &mut self,
        node: &'a ast::ExprSlice,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
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

    // --- Suspending ---

    fn require_function(&self, what: &str, range: TextRange) -> Result<()> {
        let function = self.scopes.all[self.here().scope].is_function_like();
        if function {
            Ok(())
        } else {
            Err(CompileError::new(format!("{what} outside function"), range))
        }
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
        // A value in a temporary is the last one, and consumed.
        let live = if self.is_local(value) {
            self.top()
        } else {
            value
        };
        let live = live - self.here().local_names.len() as Reg;
        self.emit(Op::Yield, dst, value, live, position);
        self.anchor(position);
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
