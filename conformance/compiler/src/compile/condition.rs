//! Comparisons, and conditions that jump.

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};
use ruff_text_size::Ranged;

use super::expr::small_int;
use super::{Compiler, Label, Reg, Result};
use crate::code::{Const, Position};
use crate::op::Op;

impl<'a> Compiler<'a> {
    pub(super) fn compare_one(
        &mut self,
        node: &'a ast::ExprCompare,
        op: CmpOp,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
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

    pub(super) fn compare_chain(
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
        self.jump(end, position.implied());
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
                self.jump(target, position.implied());
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
                self.jump(end, position.implied());
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
        self.check_compare(node);
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
            let at = self.position(right.range());
            self.come_to(at);
            let operands = [u32::from(sense), left, i32::from(value) as u32];
            self.emit_jump(op, operands, target, position);
        } else {
            let right = self.comparator(*last, right)?;
            self.compare_and_jump(*last, left, right, target, sense, position);
        }
        if dropped {
            self.jump(end, position.implied());
            self.place(drop);
            // The first comparison may fail before its operand was moved down.
            self.emit(Op::Clear, bottom, 0, 0, position);
            self.emit(Op::Clear, bottom + 1, 0, 0, position);
            if !sense {
                self.jump(target, position.implied());
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
