//! `with` and `async with`.
//!
//! ```text
//! r[d]   = __exit__, live in the body; exceptions of the body arrive in r[d+1]
//! normal:       r[d](None, None, None)
//! exceptional:  r[d](type, value, traceback) with the exception handled; true swallows it
//! ```

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{BlockKind, Compiler, Result};
use crate::code::Position;
use crate::op::Op;

impl<'a> Compiler<'a> {
    pub(super) fn with_statement(&mut self, node: &'a ast::StmtWith) -> Result<()> {
        self.with_items(node, &node.items)
    }

    fn with_items(&mut self, node: &'a ast::StmtWith, items: &'a [ast::WithItem]) -> Result<()> {
        let Some((item, rest)) = items.split_first() else {
            self.unit().conditional += 1;
            self.body(&node.body)?;
            self.unit().conditional -= 1;
            return Ok(());
        };
        let position = self.position(item.context_expr.range());
        let exit = self.top();
        let manager = self.operand(&item.context_expr)?;
        let op = if node.is_async {
            Op::AsyncWithEnter
        } else {
            Op::WithEnter
        };
        self.emit(op, exit, manager, 0, position);
        self.set_top(exit + 2);
        let entered = exit + 1;
        if node.is_async {
            self.await_value(entered, entered, 1, position);
        }
        let (handler, end) = (self.label(), self.label());
        let kind = BlockKind::With {
            exit,
            is_async: node.is_async,
            position,
        };
        self.push_block(kind, Some((handler, entered)));
        match &item.optional_vars {
            Some(target) => self.store(target, entered)?,
            None => self.emit(Op::Drop, entered, 0, 0, position),
        }
        self.set_top(entered);
        self.in_blocks(1, item.context_expr.range(), |this| {
            this.with_items(node, rest)
        })?;
        self.set_top(entered);
        self.pop_block();
        self.call_exit(exit, node.is_async, position);
        self.jump(end, position.implied());
        self.cold(|this| {
            let (suppress, cleanup) = (this.label(), this.label());
            let (exception, saved) = (exit + 1, exit + 2);
            this.place(handler);
            this.set_top(saved + 1);
            this.emit(Op::PushExc, saved, exception, 0, position);
            this.push_block(BlockKind::Protected, Some((cleanup, saved + 1)));
            let result = this.claim();
            this.emit(Op::WithExcept, result, exit, exception, position);
            if node.is_async {
                this.await_value(result, result, 2, position);
            }
            this.emit_jump(Op::JumpTrue, [result, 0, 0], suppress, position);
            this.emit(Op::Reraise, exception, 0, 0, position);
            this.pop_block();
            this.place(suppress);
            this.emit(Op::PopExc, saved, 0, 0, position);
            this.emit(Op::Drop, exception, 0, 0, position);
            this.emit(Op::Drop, exit, 0, 0, position);
            this.jump(end, position.implied());
            this.place(cleanup);
            this.emit(Op::PopExc, saved, 0, 0, Position::default());
            this.emit(Op::Reraise, saved + 1, 0, 0, Position::default());
            Ok(())
        })?;
        self.place(end);
        self.set_top(exit);
        Ok(())
    }
}
