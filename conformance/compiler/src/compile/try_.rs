//! `try` in its forms.
//!
//! A handler finds the exception in `r[d]` and saves the handled exception before it in `r[d+1]`; everything it does is protected by a
//! second range whose handler restores `r[d+1]` and lets the newer exception, in `r[d+2]`, go on. The body of a
//! `finally` is compiled once for each way to reach it.

use ruff_python_ast::{self as ast, ExceptHandler};
use ruff_text_size::Ranged;

use super::{BlockKind, CompileError, Compiler, Label, Place, Reg, Result};
use crate::code::Position;
use crate::op::{Op, special};

impl<'a> Compiler<'a> {
    pub(super) fn try_statement(&mut self, node: &'a ast::StmtTry) -> Result<()> {
        let position = self.position(node.range());
        self.come_to(position);
        self.unit().conditional += 1;
        if node.finalbody.is_empty() {
            self.try_body(node)?;
        } else {
            self.try_finally(node)?;
        }
        self.unit().conditional -= 1;
        Ok(())
    }

    /// The statements that handlers protect. There is always something to protect, or the handlers would be no code of the function.
    fn protected(&mut self, node: &'a ast::StmtTry) -> Result<()> {
        let before = self.unit().insts.len();
        self.in_blocks(1, node.range(), |this| this.body(&node.body))?;
        if self.unit().insts.len() == before {
            let position = self.position(node.range());
            self.come_to(position);
        }
        Ok(())
    }

    fn try_body(&mut self, node: &'a ast::StmtTry) -> Result<()> {
        if node.handlers.is_empty() {
            return self.body(&node.body);
        }
        if node.is_star {
            self.try_group(node)
        } else {
            self.try_except(node)
        }
    }

    fn try_finally(&mut self, node: &'a ast::StmtTry) -> Result<()> {
        let exception = self.top();
        let (handler, end) = (self.label(), self.label());
        let position = self.position(node.range());
        self.push_block(
            BlockKind::Finally {
                body: &node.finalbody,
            },
            Some((handler, exception)),
        );
        self.in_blocks(1, node.range(), |this| this.try_body(node))?;
        self.pop_block();
        self.body(&node.finalbody)?;
        let last = self.after(position);
        self.jump(end, last);
        self.cold(|this| {
            let position = position.implied();
            let saved = exception + 1;
            let cleanup = this.label();
            this.place(handler);
            this.emit(Op::PushExc, saved, exception, 0, Position::default());
            this.set_top(saved + 1);
            let kind = BlockKind::Handler {
                exception,
                name: None,
            };
            this.push_block(kind, Some((cleanup, saved + 1)));
            this.quietly(|this| {
                this.in_blocks(1, node.range(), |this| this.body(&node.finalbody))
            })?;
            let position = this.after(position);
            this.emit(Op::Reraise, exception, 0, 0, position);
            this.pop_block();
            this.restore_and_reraise(cleanup, saved);
            Ok(())
        })?;
        self.place(end);
        self.set_top(exception);
        Ok(())
    }

    /// The handler that protects a handler. What a handler raises again comes here too: who follows exceptions is told as CPython tells it.
    fn restore_and_reraise(&mut self, label: Label, saved: Reg) {
        self.place(label);
        self.emit(Op::PopExc, saved, 0, 0, Position::default());
        self.emit(Op::Reraise, saved + 1, 0, 0, Position::default());
    }

    fn try_except(&mut self, node: &'a ast::StmtTry) -> Result<()> {
        let exception = self.top();
        let saved = exception + 1;
        let (handler, end) = (self.label(), self.label());
        self.push_block(BlockKind::Protected, Some((handler, exception)));
        self.protected(node)?;
        self.pop_block();
        self.body(&node.orelse)?;
        let position = self.position(node.range()).implied();
        let last = self.after(position);
        self.jump(end, last);
        self.cold(|this| {
            let cleanup = this.label();
            this.place(handler);
            // A clause with a type begins with that; one without, here.
            let begins = match node.handlers.first() {
                Some(ExceptHandler::ExceptHandler(clause)) if clause.type_.is_none() => {
                    this.position(clause.range())
                }
                _ => Position::default(),
            };
            this.emit(Op::PushExc, saved, exception, 0, begins);
            this.set_top(saved + 1);
            let last = node.handlers.len() - 1;
            let mut caught_all = false;
            let mut position = position;
            for (index, ExceptHandler::ExceptHandler(clause)) in node.handlers.iter().enumerate() {
                if clause.type_.is_none() && index < last {
                    return Err(CompileError::new(
                        "default 'except:' must be last",
                        clause.range(),
                    ));
                }
                caught_all |= clause.type_.is_none();
                if clause.type_.is_none() && index > 0 {
                    let position = this.position(clause.range());
                    this.come_to(position);
                }
                position = this.position(clause.range()).implied();
                this.in_blocks(2, clause.range(), |this| {
                    this.except_clause(clause, exception, cleanup, end)
                })?;
            }
            if !caught_all {
                let block = BlockKind::Handler {
                    exception,
                    name: None,
                };
                this.push_block(block, Some((cleanup, saved + 1)));
                this.emit(Op::Reraise, exception, 0, 0, position);
                this.pop_block();
            }
            this.restore_and_reraise(cleanup, saved);
            Ok(())
        })?;
        self.place(end);
        self.set_top(exception);
        Ok(())
    }

    fn except_clause(
        &mut self,
        clause: &'a ast::ExceptHandlerExceptHandler,
        exception: Reg,
        cleanup: Label,
        end: Label,
    ) -> Result<()> {
        let saved = exception + 1;
        let position = self.position(clause.range());
        let next = self.label();
        if let Some(kind) = &clause.type_ {
            let block = BlockKind::Handler {
                exception,
                name: None,
            };
            self.push_block(block, Some((cleanup, saved + 1)));
            let kind = self.operand(kind)?;
            self.emit_jump(Op::JumpNotExc, [exception, kind, 0], next, position);
            self.pop_block();
            self.set_top(saved + 1);
        }
        match &clause.name {
            None => {
                let block = BlockKind::Handler {
                    exception,
                    name: None,
                };
                self.push_block(block, Some((cleanup, saved + 1)));
                self.body(&clause.body)?;
                self.pop_block();
                let last = self.after(position);
                self.emit(Op::PopExc, saved, 0, 0, last);
                self.emit(Op::Drop, exception, 0, 0, last);
                self.jump(end, last);
            }
            Some(name) => {
                let forget = self.label();
                let last = clause
                    .body
                    .last()
                    .map_or(position, |last| self.position(last.range()))
                    .implied();
                self.bind_exception(name, exception, position);
                let block = BlockKind::Handler {
                    exception,
                    name: Some(name),
                };
                self.push_block(block, Some((forget, saved + 1)));
                self.body(&clause.body)?;
                self.pop_block();
                let last = self.after(last);
                self.emit(Op::PopExc, saved, 0, 0, last);
                self.emit(Op::Drop, exception, 0, 0, last);
                self.forget(name, last);
                self.jump(end, last);
                self.place(forget);
                self.set_top(saved + 2);
                self.forget(name, Position::default());
                self.emit(Op::PopExc, saved, 0, 0, Position::default());
                self.emit(Op::Reraise, saved + 1, 0, 0, Position::default());
            }
        }
        self.set_top(saved + 1);
        self.place(next);
        Ok(())
    }

    /// `name = exception`, which stays.
    fn bind_exception(&mut self, name: &str, exception: Reg, position: Position) {
        if let Place::Local(register) = self.lookup(&self.mangled(name)) {
            return self.emit(Op::Copy, register, exception, 0, position);
        }
        let copy = self.claim();
        self.emit(Op::Copy, copy, exception, 0, position);
        self.store_name(name, copy, position);
        self.set_top(copy);
    }

    /// Unbinds the name of an `except` clause, which may be unbound already.
    pub(super) fn forget(&mut self, name: &str, position: Position) {
        let mangled = self.mangled(name);
        let place = self.lookup(&mangled);
        if let Place::Local(register) = place {
            return self.emit(Op::Clear, register, 0, 0, position);
        }
        let none = self.top();
        self.emit(Op::LoadSpecial, none, special::NONE, 0, position);
        self.store_name(name, none, position);
        match place {
            Place::Cell(cell) => self.emit(Op::DeleteCell, cell, 0, 0, position),
            place => {
                let global = place == Place::Global;
                let op = if global {
                    Op::DeleteGlobal
                } else {
                    Op::DeleteName
                };
                let index = self.name_index(&mangled);
                self.emit_units(op, [0; 3], [index, 0], position);
            }
        }
    }

    /// `except*`: each clause takes its part of the group; what clauses raise and what nobody took is raised at the end.
    ///
    /// | register | holds                                |
    /// |----------|--------------------------------------|
    /// | `d`      | the exception                        |
    /// | `d+1`    | the handled exception before it      |
    /// | `d+2`    | list of what clauses raised          |
    /// | `d+3`    | what is left; then the clause's part |
    /// | `d+4`    | what the clause leaves               |
    fn try_group(&mut self, node: &'a ast::StmtTry) -> Result<()> {
        let exception = self.top();
        let (saved, raised, part, rest) =
            (exception + 1, exception + 2, exception + 3, exception + 4);
        let (handler, end) = (self.label(), self.label());
        let position = self.position(node.range());
        self.push_block(BlockKind::Protected, Some((handler, exception)));
        self.protected(node)?;
        self.pop_block();
        self.body(&node.orelse)?;
        let last = self.after(position);
        self.jump(end, last);
        self.cold(|this| {
            let position = position.implied();
            let cleanup = this.label();
            this.place(handler);
            this.emit(Op::PushExc, saved, exception, 0, Position::default());
            this.push_block(BlockKind::GroupHandler, Some((cleanup, raised)));
            this.emit(Op::BuildList, raised, part, 0, position);
            this.emit(Op::Copy, part, exception, 0, position);
            for ExceptHandler::ExceptHandler(clause) in &node.handlers {
                this.set_top(rest);
                this.in_blocks(2, clause.range(), |this| this.group_clause(clause, raised))?;
            }
            this.emit(Op::ListAppend, raised, part, 0, position);
            this.set_top(part);
            this.emit(Op::PrepReraiseStar, raised, exception, raised, position);
            this.pop_block();
            this.emit(Op::PopExc, saved, 0, 0, position);
            let done = this.label();
            this.emit(Op::Copy, part, raised, 0, position);
            this.emit_jump(Op::JumpNone, [part, 0, 0], done, position);
            this.emit(Op::Reraise, raised, 0, 0, position);
            this.place(done);
            this.emit(Op::Drop, raised, 0, 0, position);
            this.jump(end, position);
            this.place(cleanup);
            this.emit(Op::PopExc, saved, 0, 0, Position::default());
            this.emit(Op::Reraise, raised, 0, 0, Position::default());
            Ok(())
        })?;
        self.place(end);
        self.set_top(exception);
        Ok(())
    }

    fn group_clause(
        &mut self,
        clause: &'a ast::ExceptHandlerExceptHandler,
        raised: Reg,
    ) -> Result<()> {
        let (part, rest) = (raised + 1, raised + 2);
        let position = self.position(clause.range());
        let (unmatched, failed, next) = (self.label(), self.label(), self.label());
        let Some(kind) = &clause.type_ else {
            return Err(CompileError::new(
                "expected one or more exception types",
                clause.range(),
            ));
        };
        let kind = self.operand(kind)?;
        self.emit(Op::ExcGroupMatch, part, part, kind, position);
        let test = rest + 1;
        self.set_top(test);
        self.emit(Op::Copy, test, part, 0, position);
        self.emit_jump(Op::JumpNone, [test, 0, 0], unmatched, position);
        self.push_block(BlockKind::Protected, Some((failed, test)));
        match &clause.name {
            Some(name) => self.store_name(name, part, position),
            None => self.emit(Op::Drop, part, 0, 0, position),
        }
        self.body(&clause.body)?;
        self.pop_block();
        let position = position.implied();
        if let Some(name) = &clause.name {
            self.forget(name, position);
        }
        self.jump(next, position);
        self.place(failed);
        self.set_top(test + 1);
        self.emit(Op::ListAppend, raised, test, 0, position);
        if let Some(name) = &clause.name {
            self.forget(name, position);
        }
        self.jump(next, position);
        self.place(unmatched);
        self.emit(Op::Drop, part, 0, 0, position);
        self.place(next);
        // A clause that failed to take its part still holds it.
        self.emit(Op::Clear, part, 0, 0, position);
        self.emit(Op::Move, part, rest, 0, position);
        self.set_top(rest);
        Ok(())
    }
}
