//! Lists, tuples, sets and dicts as written.

use ruff_python_ast::{self as ast, Expr};

use super::{Compiler, Reg, Result};
use crate::code::{Const, Position};
use crate::op::Op;

/// Items of a display that are evaluated before it is built; more are added one by one.
pub(super) const MAX_TOGETHER: usize = 30;

impl<'a> Compiler<'a> {
    /// Builds in a temporary with `f`, then moves to `dst` if that is a local. `f` gets the claimed temporary.
    fn in_temporary(
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

    pub(super) fn list(&mut self, items: &'a [Expr], dst: Reg, position: Position) -> Result<()> {
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

    pub(super) fn constants(&self, items: &[Expr]) -> Option<Vec<Const>> {
        items.iter().map(|item| self.constant_value(item)).collect()
    }

    /// Makes a new list of `items`, some starred, in the claimed temporary `list`.
    fn extend_list(&mut self, list: Reg, items: &'a [Expr], position: Position) -> Result<()> {
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

    pub(super) fn tuple(&mut self, items: &'a [Expr], dst: Reg, position: Position) -> Result<()> {
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

    pub(super) fn set(&mut self, items: &'a [Expr], dst: Reg, position: Position) -> Result<()> {
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
                // By way of a frozenset, which decides the order as it does in CPython.
                let frozen = this.claim();
                this.load_const(frozen, Const::FrozenSet(values.into()), position);
                this.emit(Op::SetUpdate, set, frozen, 0, position);
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

    pub(super) fn dict(
        &mut self,
        items: &'a [ast::DictItem],
        dst: Reg,
        position: Position,
    ) -> Result<()> {
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
}
