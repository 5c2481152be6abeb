//! Statements: docstrings, branches, loops, `raise`, `assert`.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{BlockKind, CompileError, Compiler, Place, Reg, Result};
use crate::code::{Const, Position, flags};
use crate::op::Op;

impl<'a> Compiler<'a> {
    pub(super) fn body(&mut self, body: &'a [Stmt]) -> Result<()> {
        for statement in body {
            self.statement(statement)?;
        }
        Ok(())
    }

    /// Compiles a body that may not run.
    fn branch(&mut self, body: &'a [Stmt]) -> Result<()> {
        self.unit().conditional += 1;
        self.body(body)?;
        self.unit().conditional -= 1;
        Ok(())
    }

    /// Compiles what cannot be reached, only to find what is wrong with it.
    fn unreached(&mut self, body: &'a [Stmt]) -> Result<()> {
        let unit = self.here();
        let (insts, labels) = (unit.insts.len(), unit.labels.len());
        let (regions, consts) = (unit.regions.len(), unit.consts.len());
        self.branch(body)?;
        let unit = self.unit();
        unit.insts.truncate(insts);
        unit.labels.truncate(labels);
        unit.regions.truncate(regions);
        unit.consts.truncate(consts);
        unit.const_index
            .retain(|_, index| (*index as usize) < consts);
        Ok(())
    }

    pub(super) fn statement(&mut self, statement: &'a Stmt) -> Result<()> {
        let top = self.top();
        self.nested(statement.range(), |this| this.statement_inner(statement))?;
        self.set_top(top);
        Ok(())
    }

    fn statement_inner(&mut self, statement: &'a Stmt) -> Result<()> {
        let position = self.position(statement.range());
        match statement {
            Stmt::FunctionDef(node) => self.function_def(node),
            Stmt::ClassDef(node) => self.class_def(node),
            Stmt::Return(node) => self.return_statement(node, position),
            Stmt::Delete(node) => node
                .targets
                .iter()
                .try_for_each(|target| self.delete(target)),
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Assign(node) => self.assign(&node.targets, &node.value),
            Stmt::AugAssign(node) => self.aug_assign(node, position),
            Stmt::AnnAssign(node) => self.ann_assign(node, position),
            Stmt::For(node) if node.is_async => self.async_for(node),
            Stmt::For(node) => self.for_loop(node),
            Stmt::While(node) => self.while_loop(node),
            Stmt::If(node) => self.if_statement(node),
            Stmt::With(node) => self.with_statement(node),
            Stmt::Match(node) => self.match_statement(node),
            Stmt::Raise(node) => self.raise(node, position),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Assert(node) => self.assert(node, position),
            Stmt::Import(node) => self.import(node, position),
            Stmt::ImportFrom(node) => self.import_from(node, position),
            Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::Pass(_) => {
                self.come_to(position);
                Ok(())
            }
            Stmt::Expr(node) => self.expression_statement(&node.value, position),
            Stmt::Break(node) => self.break_or_continue(true, node.range()),
            Stmt::Continue(node) => self.break_or_continue(false, node.range()),
            Stmt::IpyEscapeCommand(node) => Err(CompileError::new("invalid syntax", node.range())),
        }
    }

    pub(super) fn expression_statement(
        &mut self,
        value: &'a Expr,
        position: Position,
    ) -> Result<()> {
        if self.interactive && self.units.len() == 1 {
            let register = self.operand(value)?;
            self.emit(Op::PrintExpr, register, 0, 0, position);
            return Ok(());
        }
        if self.constant_value(value).is_some() {
            self.come_to(position);
            return Ok(());
        }
        let register = self.operand(value)?;
        if !self.is_local(register) {
            self.emit(Op::Drop, register, 0, 0, position);
        }
        Ok(())
    }

    // --- Docstrings ---

    /// The docstring that opens a body.
    pub(super) fn docstring(&self, body: &'a [Stmt]) -> Option<(Const, TextRange)> {
        if self.interactive && self.units.len() == 1 {
            return None;
        }
        let Stmt::Expr(node) = body.first()? else {
            return None;
        };
        let Expr::StringLiteral(literal) = &*node.value else {
            return None;
        };
        let text = match self.string_value(&literal.value) {
            Const::Str(text) => Const::Str(clean_docstring(&text).into()),
            other => other,
        };
        Some((text, literal.range()))
    }

    /// The body after its docstring.
    pub(super) fn without_docstring(&self, body: &'a [Stmt]) -> &'a [Stmt] {
        if self.docstring(body).is_some() {
            &body[1..]
        } else {
            body
        }
    }

    /// What opens a module or class body: annotations, then the docstring.
    pub(super) fn body_start(
        &mut self,
        body: &'a [Stmt],
        start: Position,
        module: bool,
    ) -> Result<()> {
        let scope = &self.scopes.all[self.here().scope];
        let in_namespace = self.here().flags & flags::COROUTINE == 0;
        if in_namespace && self.scopes.future_annotations() && has_annotations(body) {
            self.emit(Op::SetupAnnotations, 0, 0, 0, start);
        }
        if scope.conditional_annotations {
            let set = self.top();
            self.emit(Op::BuildSet, set, set, 0, start);
            match self.cell_of("__conditional_annotations__") {
                Some(cell) if !module => self.emit(Op::StoreCell, cell, set, 0, start),
                _ => self.store_name("__conditional_annotations__", set, start),
            }
        }
        if let Some((text, range)) = self.docstring(body)
            && self.optimize < 2
        {
            let position = self.position(range);
            let value = self.top();
            self.load_const(value, text, position);
            let index = self.name_index("__doc__");
            let position = if module {
                position
            } else {
                self.position(range)
            };
            self.emit_units(Op::StoreName, [value, 0, 0], [index, 0], position);
        }
        Ok(())
    }

    // --- Control flow ---

    fn if_statement(&mut self, node: &'a ast::StmtIf) -> Result<()> {
        let end = self.label();
        let first = (Some(&*node.test), &node.body[..], node.range());
        let rest = node
            .elif_else_clauses
            .iter()
            .map(|clause| (clause.test.as_ref(), &clause.body[..], clause.range));
        let clauses: Vec<(Option<&'a Expr>, &'a [Stmt], TextRange)> =
            std::iter::once(first).chain(rest).collect();
        for (index, (test, body, range)) in clauses.iter().enumerate() {
            let truth = test.map_or(Some(true), |test| self.truth(test));
            if let (Some(_), Some(test)) = (truth, test) {
                let position = self.position(test.range());
                self.come_to(position);
            }
            match truth {
                Some(false) => {
                    self.unreached(body)?;
                    continue;
                }
                Some(true) => {
                    self.branch(body)?;
                    for (_, body, _) in &clauses[index + 1..] {
                        self.unreached(body)?;
                    }
                    break;
                }
                None => {}
            }
            let next = self.label();
            if let Some(test) = test {
                self.jump_if(test, next, false)?;
            }
            self.branch(body)?;
            if index + 1 < clauses.len() {
                let last = body.last().map_or(*range, Ranged::range);
                let last = self.position(last);
                let last = self.after(last);
                self.jump(end, last);
            }
            self.place(next);
        }
        self.place(end);
        Ok(())
    }

    fn while_loop(&mut self, node: &'a ast::StmtWhile) -> Result<()> {
        let (head, orelse, end) = (self.label(), self.label(), self.label());
        let position = self.position(node.test.range());
        let truth = self.truth(&node.test);
        if truth == Some(false) {
            self.come_to(position);
            self.push_block(
                BlockKind::Loop {
                    head,
                    end,
                    iterator: None,
                },
                None,
            );
            self.in_blocks(1, node.range(), |this| this.unreached(&node.body))?;
            self.pop_block();
            return self.branch(&node.orelse);
        }
        self.place(head);
        if truth.is_some() {
            self.come_to(position);
        }
        self.jump_if(&node.test, orelse, false)?;
        self.push_block(
            BlockKind::Loop {
                head,
                end,
                iterator: None,
            },
            None,
        );
        self.in_blocks(1, node.range(), |this| this.branch(&node.body))?;
        self.pop_block();
        let last = self.after(position);
        self.emit_jump(Op::JumpBack, [0; 3], head, last);
        self.place(orelse);
        self.branch(&node.orelse)?;
        self.place(end);
        Ok(())
    }

    /// Evaluates what a loop iterates over: nobody sees a display, so it may be a constant or a tuple.
    pub(super) fn iterable(&mut self, iter: &'a Expr) -> Result<Reg> {
        if let Some(value) = self.constant_display(iter) {
            let register = self.claim();
            self.load_const(register, value, self.position(iter.range()));
            return Ok(register);
        }
        self.operand(iter)
    }

    /// The iterator of a loop, in a new temporary.
    pub(super) fn iterator(&mut self, iter: &'a Expr, is_async: bool) -> Result<Reg> {
        let top = self.top();
        let value = if is_async {
            self.operand(iter)?
        } else {
            self.iterable(iter)?
        };
        let op = if is_async { Op::GetAiter } else { Op::GetIter };
        self.set_top(top);
        let iterator = self.claim();
        self.emit(op, iterator, value, 0, self.position(iter.range()));
        Ok(iterator)
    }

    fn for_loop(&mut self, node: &'a ast::StmtFor) -> Result<()> {
        let (head, orelse, end) = (self.label(), self.label(), self.label());
        let position = self.position(node.iter.range());
        let iterator = self.iterator(&node.iter, false)?;
        self.place(head);
        self.for_iter(iterator, &node.target, orelse, position)?;
        self.push_block(
            BlockKind::Loop {
                head,
                end,
                iterator: Some(iterator),
            },
            None,
        );
        self.in_blocks(1, node.range(), |this| this.branch(&node.body))?;
        self.pop_block();
        let last = self.after(position);
        self.emit_jump(Op::JumpBack, [0; 3], head, last);
        self.place(orelse);
        self.set_top(iterator);
        self.branch(&node.orelse)?;
        self.place(end);
        Ok(())
    }

    /// The next item of `iterator`, stored to `target`.
    pub(super) fn for_iter(
        &mut self,
        iterator: Reg,
        target: &'a Expr,
        exhausted: super::Label,
        position: Position,
    ) -> Result<()> {
        if let Expr::Name(name) = target
            && let Place::Local(register) = self.lookup(&self.mangled(&name.id))
        {
            self.emit_jump(Op::ForIter, [iterator, register, 0], exhausted, position);
            return Ok(());
        }
        let item = self.claim();
        self.emit_jump(Op::ForIter, [iterator, item, 0], exhausted, position);
        self.store(target, item)?;
        self.set_top(item);
        Ok(())
    }

    pub(super) fn async_for(&mut self, node: &'a ast::StmtFor) -> Result<()> {
        let (head, finished, end) = (self.label(), self.label(), self.label());
        let position = self.position(node.iter.range());
        let iterator = self.iterator(&node.iter, true)?;
        self.place(head);
        // Waiting for an item is what the whole statement does.
        let whole = self.position(node.range());
        self.async_next(iterator, &node.target, finished, whole)?;
        self.push_block(
            BlockKind::Loop {
                head,
                end,
                iterator: Some(iterator),
            },
            None,
        );
        self.in_blocks(1, node.range(), |this| this.branch(&node.body))?;
        self.pop_block();
        self.emit_jump(Op::JumpBack, [0; 3], head, position.implied());
        self.place(finished);
        self.emit(Op::EndAsyncFor, iterator, iterator + 1, 0, position);
        self.set_top(iterator);
        self.branch(&node.orelse)?;
        self.place(end);
        Ok(())
    }

    /// Awaits the next item of `iterator`, stored to `target`; at the end continues at `finished`, the exception after the iterator.
    pub(super) fn async_next(
        &mut self,
        iterator: Reg,
        target: &'a Expr,
        finished: super::Label,
        position: Position,
    ) -> Result<()> {
        let item = self.claim();
        self.push_block(BlockKind::Protected, Some((finished, iterator + 1)));
        self.emit(Op::GetAnext, item, iterator, 0, position);
        self.drive(item, item, 1, position);
        self.pop_block();
        self.store(target, item)?;
        self.set_top(item);
        Ok(())
    }

    pub(super) fn raise(&mut self, node: &'a ast::StmtRaise, position: Position) -> Result<()> {
        let Some(exception) = &node.exc else {
            self.emit(Op::RaiseActive, 0, 0, 0, position);
            return Ok(());
        };
        match &node.cause {
            None => {
                let exception = self.operand(exception)?;
                self.emit(Op::Raise, exception, 0, 0, position);
            }
            Some(cause) => {
                let exception = self.operand_before(exception, &[cause])?;
                let cause = self.operand(cause)?;
                self.emit(Op::RaiseFrom, exception, cause, 0, position);
            }
        }
        Ok(())
    }

    pub(super) fn assert(&mut self, node: &'a ast::StmtAssert, _position: Position) -> Result<()> {
        self.check_assert(node);
        if self.optimize > 0 {
            return Ok(());
        }
        let (fail, end) = (self.label(), self.label());
        if self.truth(&node.test).is_some() {
            let position = self.position(node.test.range());
            self.come_to(position);
        }
        self.jump_if(&node.test, fail, false)?;
        let at = self.position(node.test.range()).implied();
        self.jump(end, at);
        self.cold(|this| {
            this.place(fail);
            let at = this.position(node.test.range());
            match &node.msg {
                None => this.emit(Op::RaiseAssertion, 0, 0, 0, at),
                Some(message) => {
                    let message = this.operand(message)?;
                    this.emit(Op::RaiseAssertion, message, 0, 1, at);
                }
            }
            Ok(())
        })?;
        self.place(end);
        Ok(())
    }
}

/// Whether a body has simple annotations, looking into blocks but not into functions or classes.
fn has_annotations(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::AnnAssign(_) => true,
        Stmt::If(node) => {
            has_annotations(&node.body)
                || node
                    .elif_else_clauses
                    .iter()
                    .any(|clause| has_annotations(&clause.body))
        }
        Stmt::For(node) => has_annotations(&node.body) || has_annotations(&node.orelse),
        Stmt::While(node) => has_annotations(&node.body) || has_annotations(&node.orelse),
        Stmt::With(node) => has_annotations(&node.body),
        Stmt::Match(node) => node.cases.iter().any(|case| has_annotations(&case.body)),
        Stmt::Try(node) => {
            has_annotations(&node.body)
                || has_annotations(&node.orelse)
                || has_annotations(&node.finalbody)
                || node
                    .handlers
                    .iter()
                    .any(|ast::ExceptHandler::ExceptHandler(handler)| {
                        has_annotations(&handler.body)
                    })
        }
        _ => false,
    })
}

/// Removes from a docstring the indentation all its lines but the first share.
fn clean_docstring(text: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' => {
                let spaces = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                expanded.push(character);
                column = 0;
            }
            _ => {
                expanded.push(character);
                column += 1;
            }
        }
    }
    let mut lines = expanded.split('\n');
    let first = lines.next().unwrap_or("").trim_start_matches(' ');
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let margin = lines
        .clone()
        .filter(|line| indent(line) < line.len())
        .map(indent)
        .min()
        .unwrap_or(0);
    let mut cleaned = String::from(first);
    for line in lines {
        cleaned.push('\n');
        cleaned.push_str(&line[margin.min(indent(line))..]);
    }
    cleaned
}
