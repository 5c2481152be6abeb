//! `return`, `break` and `continue`: leaving blocks early, running what they owe on the way out.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::{Block, BlockKind, CompileError, Compiler, Reg, Result};
use crate::code::{Const, Position, flags};
use crate::op::{Op, WINDOW};
use crate::scope::ScopeKind;

impl<'a> Compiler<'a> {
    pub(super) fn break_or_continue(&mut self, is_break: bool, range: TextRange) -> Result<()> {
        let position = self.position(range);
        let blocks = &self.here().blocks;
        let mut target = None;
        for (index, block) in blocks.iter().enumerate().rev() {
            match block.kind {
                BlockKind::Loop {
                    head,
                    end,
                    iterator,
                } => {
                    target = Some((index, head, end, iterator));
                    break;
                }
                BlockKind::GroupHandler => {
                    let message =
                        "'break', 'continue' and 'return' cannot appear in an except* block";
                    return Err(CompileError::new(message, range));
                }
                _ => {}
            }
        }
        let Some((index, head, end, iterator)) = target else {
            let message = if is_break {
                "'break' outside loop"
            } else {
                "'continue' not properly in loop"
            };
            return Err(CompileError::new(message, range));
        };
        let runs = self.runs_when_left(index + 1);
        if runs {
            self.come_to(position);
        }
        let left = self.leave(index + 1, None, position)?;
        let position = if runs { self.after(position) } else { position };
        if is_break {
            if let Some(iterator) = iterator {
                self.emit(Op::Drop, iterator, 0, 0, position);
            }
            self.jump(end, position);
        } else {
            self.emit_jump(Op::JumpBack, [0; 3], head, position);
        }
        self.reenter(left);
        Ok(())
    }

    pub(super) fn return_statement(
        &mut self,
        node: &'a ast::StmtReturn,
        position: Position,
    ) -> Result<()> {
        let scope = &self.scopes.all[self.here().scope];
        if scope.kind != ScopeKind::Function {
            return Err(CompileError::new("'return' outside function", node.range()));
        }
        if node.value.is_some() && self.here().flags & flags::ASYNC_GENERATOR != 0 {
            let message = "'return' with value in async generator";
            return Err(CompileError::new(message, node.range()));
        }
        let blocks = &self.here().blocks;
        if blocks
            .iter()
            .any(|block| matches!(block.kind, BlockKind::GroupHandler))
        {
            let message = "'break', 'continue' and 'return' cannot appear in an except* block";
            return Err(CompileError::new(message, node.range()));
        }
        let quiet =
            |block: &Block<'_>| matches!(block.kind, BlockKind::Loop { .. } | BlockKind::Protected);
        let runs_code = !blocks.iter().all(quiet);
        let constant = node
            .value
            .as_ref()
            .and_then(|value| self.constant_value(value));
        let value = match &node.value {
            Some(_) if constant.is_some() => None,
            Some(value) if runs_code => Some(self.push_expr(value)?),
            Some(value) => Some(self.operand(value)?),
            None => None,
        };
        let runs = self.runs_when_left(0);
        if runs && value.is_none() {
            self.come_to(position);
        }
        let left = self.leave(0, Some(value), position)?;
        let position = if runs { self.after(position) } else { position };
        // A value in a temporary is the last one, and consumed.
        let live = value.filter(|value| !self.is_local(*value));
        let live = live.unwrap_or(self.top()) - self.here().local_names.len() as Reg;
        match (value, constant) {
            (Some(value), _) => self.emit(Op::Return, value, live, 0, position),
            (None, None | Some(Const::None)) => self.emit(Op::ReturnNone, 0, live, 0, position),
            (None, Some(constant)) => {
                let value = self.top();
                self.load_const(value, constant, position);
                self.emit(Op::Return, value, live, 0, position);
            }
        }
        self.reenter(left);
        Ok(())
    }

    /// Whether one of the blocks from `keep` on runs code of the program when it is left: the statement that leaves is then
    /// come to before that, and what it does itself comes behind.
    fn runs_when_left(&self, keep: usize) -> bool {
        let runs = |block: &Block<'_>| {
            matches!(
                block.kind,
                BlockKind::Finally { .. } | BlockKind::With { .. }
            )
        };
        self.here().blocks[keep..].iter().any(runs)
    }

    /// Emits what leaving the blocks from `keep` on takes, innermost first. They must be reentered.
    pub(super) fn leave(
        &mut self,
        keep: usize,
        returning: Option<Option<Reg>>,
        position: Position,
    ) -> Result<Vec<Block<'a>>> {
        let mut left = Vec::new();
        while self.here().blocks.len() > keep {
            let Some(block) = self.unit().blocks.pop() else {
                break;
            };
            self.unit().close_region(&block);
            let kind = block.kind;
            left.push(block);
            self.leave_block(kind, returning, position)?;
        }
        Ok(left)
    }

    fn leave_block(
        &mut self,
        kind: BlockKind<'a>,
        returning: Option<Option<Reg>>,
        position: Position,
    ) -> Result<()> {
        match kind {
            BlockKind::Protected | BlockKind::GroupHandler => {}
            BlockKind::Loop { iterator, .. } => {
                // Returning drops what is live; only code that runs before sees the difference.
                let quiet = |block: &Block<'_>| {
                    matches!(block.kind, BlockKind::Loop { .. } | BlockKind::Protected)
                };
                let runs_code = !self.here().blocks.iter().all(quiet);
                if let Some(iterator) = iterator
                    && returning.is_some()
                    && runs_code
                {
                    self.emit(Op::Drop, iterator, 0, 0, position);
                }
            }
            BlockKind::Finally { body } => {
                let top = self.top();
                // A `break` in the body would discard the value being returned.
                let value = returning.flatten().filter(|&value| !self.is_local(value));
                if let Some(value) = value {
                    self.push_block(BlockKind::Value(value), None);
                }
                self.body(body)?;
                if value.is_some() {
                    self.pop_block();
                }
                self.set_top(top);
            }
            BlockKind::Value(value) => self.emit(Op::Drop, value, 0, 0, position),
            BlockKind::Handler { exception, name } => {
                self.emit(Op::PopExc, exception + 1, 0, 0, position);
                self.emit(Op::Drop, exception, 0, 0, position);
                if let Some(name) = name {
                    self.forget(name, position.implied());
                }
            }
            BlockKind::With {
                exit,
                is_async,
                position,
            } => {
                let top = self.top();
                let window = self.claim();
                self.emit(Op::Move, window, exit, 0, position);
                self.call_exit(window, is_async, position);
                self.set_top(top);
            }
        }
        Ok(())
    }

    /// Calls the `__exit__` in `window` with three Nones and drops the result.
    pub(super) fn call_exit(&mut self, window: Reg, is_async: bool, position: Position) {
        for argument in 0..3 {
            self.load_const(window + WINDOW + argument, Const::None, position);
        }
        self.emit(Op::Call, window, 3, window, position);
        self.set_top(window + 1);
        if is_async {
            self.await_value(window, window, 2, position);
        }
        self.emit(Op::Drop, window, 0, 0, position);
        self.set_top(window);
    }

    /// Makes the blocks that `leave` left current again.
    fn reenter(&mut self, left: Vec<Block<'a>>) {
        let unit = self.unit();
        let start = unit.insts.len();
        for mut block in left.into_iter().rev() {
            if let Some(region) = &mut block.region {
                region.0 = start;
            }
            unit.blocks.push(block);
        }
    }
}
