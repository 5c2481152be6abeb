//! Statements: assignment, control flow, imports.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::expr::{in_place_op, small_int};
use super::{Block, BlockKind, CompileError, Compiler, Place, Reg, Result};
use crate::code::{Const, Position, flags};
use crate::op::{Op, WINDOW};
use crate::scope::ScopeKind;

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
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) => Ok(()),
            Stmt::Expr(node) => self.expression_statement(&node.value, position),
            Stmt::Break(node) => self.break_or_continue(true, node.range()),
            Stmt::Continue(node) => self.break_or_continue(false, node.range()),
            Stmt::IpyEscapeCommand(node) => Err(CompileError::new("invalid syntax", node.range())),
        }
    }

    fn expression_statement(&mut self, value: &'a Expr, position: Position) -> Result<()> {
        if self.interactive && self.units.len() == 1 {
            let register = self.operand(value)?;
            self.emit(Op::PrintExpr, register, 0, 0, position);
            return Ok(());
        }
        if self.constant_value(value).is_some() {
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
        if self.scopes.future_annotations && has_annotations(body) {
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

    // --- Assignment ---

    fn assign(&mut self, targets: &'a [Expr], value: &'a Expr) -> Result<()> {
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

    fn aug_assign(&mut self, node: &'a ast::StmtAugAssign, position: Position) -> Result<()> {
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
    fn keep(&mut self, register: Reg, position: Position) -> Reg {
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

    fn delete(&mut self, target: &'a Expr) -> Result<()> {
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

    fn ann_assign(&mut self, node: &'a ast::StmtAnnAssign, position: Position) -> Result<()> {
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
                if self.scopes.future_annotations {
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
        let value = self.annotation_text(annotation);
        self.load_const(text, value, position);
        self.emit(Op::StoreSubscr, map, key, text, position);
        Ok(())
    }

    /// An annotation as text: its source, on one line.
    pub(super) fn annotation_text(&self, annotation: &Expr) -> Const {
        let range = annotation.range();
        let source = &self.lines.source()[range.start().to_usize()..range.end().to_usize()];
        if source.contains('\n') {
            Const::Str(
                source
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
                    .into(),
            )
        } else {
            Const::Str(source.into())
        }
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
            match truth {
                Some(false) => continue,
                Some(true) => {
                    self.branch(body)?;
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
                self.jump(end, self.position(last));
            }
            self.place(next);
        }
        self.place(end);
        Ok(())
    }

    fn while_loop(&mut self, node: &'a ast::StmtWhile) -> Result<()> {
        let (head, orelse, end) = (self.label(), self.label(), self.label());
        let position = self.position(node.test.range());
        if self.truth(&node.test) == Some(false) {
            return self.branch(&node.orelse);
        }
        self.place(head);
        self.jump_if(&node.test, orelse, false)?;
        self.push_block(
            BlockKind::Loop {
                head,
                end,
                iterator: None,
            },
            None,
        );
        self.branch(&node.body)?;
        self.pop_block();
        self.emit_jump(Op::JumpBack, [0; 3], head, position);
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
        self.branch(&node.body)?;
        self.pop_block();
        let last = node
            .body
            .last()
            .map_or(position, |last| self.position(last.range()));
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

    fn async_for(&mut self, node: &'a ast::StmtFor) -> Result<()> {
        self.require_async("'async for'", node.range())?;
        let (head, finished, end) = (self.label(), self.label(), self.label());
        let position = self.position(node.iter.range());
        let iterator = self.iterator(&node.iter, true)?;
        self.place(head);
        self.async_next(iterator, &node.target, finished, position)?;
        self.push_block(
            BlockKind::Loop {
                head,
                end,
                iterator: Some(iterator),
            },
            None,
        );
        self.branch(&node.body)?;
        self.pop_block();
        self.emit_jump(Op::JumpBack, [0; 3], head, position);
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

    fn break_or_continue(&mut self, is_break: bool, range: TextRange) -> Result<()> {
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
        let left = self.leave(index + 1, None, position)?;
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

    fn return_statement(&mut self, node: &'a ast::StmtReturn, position: Position) -> Result<()> {
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
        let left = self.leave(0, Some(value), position)?;
        match (value, constant) {
            (Some(value), _) => self.emit(Op::Return, value, 0, 0, position),
            (None, None | Some(Const::None)) => self.emit(Op::ReturnNone, 0, 0, 0, position),
            (None, Some(constant)) => {
                let value = self.top();
                self.load_const(value, constant, position);
                self.emit(Op::Return, value, 0, 0, position);
            }
        }
        self.reenter(left);
        Ok(())
    }

    /// Emits what leaving the blocks from `keep` on takes, innermost first. They must be reentered.
    fn leave(
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
                if let Some((name, at)) = name {
                    self.forget(name, at);
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

    fn raise(&mut self, node: &'a ast::StmtRaise, position: Position) -> Result<()> {
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

    fn assert(&mut self, node: &'a ast::StmtAssert, _position: Position) -> Result<()> {
        if self.optimize > 0 {
            return Ok(());
        }
        let (fail, end) = (self.label(), self.label());
        self.jump_if(&node.test, fail, false)?;
        self.jump(end, self.position(node.test.range()));
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

    // --- Imports ---

    fn import(&mut self, node: &'a ast::StmtImport, position: Position) -> Result<()> {
        for alias in &node.names {
            let module = self.top();
            self.load_const(module, Const::None, position);
            self.claim();
            let name = alias.name.as_str();
            let index = self.name_index(name);
            self.emit_units(Op::ImportName, [module, module, 0], [index, 0], position);
            match &alias.asname {
                None => {
                    let first = name.split('.').next().unwrap_or(name);
                    self.store_name(first, module, position);
                }
                Some(asname) => {
                    // `import a.b.c as d` binds the innermost module.
                    for part in name.split('.').skip(1) {
                        let inner = self.claim();
                        let index = self.name_index(part);
                        self.emit_units(Op::ImportFrom, [inner, module, 0], [index, 0], position);
                        self.emit(Op::Drop, module, 0, 0, position);
                        self.emit(Op::Move, module, inner, 0, position);
                        self.set_top(module + 1);
                    }
                    self.store_name(asname, module, position);
                }
            }
            self.set_top(module);
        }
        Ok(())
    }

    fn import_from(&mut self, node: &'a ast::StmtImportFrom, position: Position) -> Result<()> {
        let module = self.top();
        let names: Vec<Const> = node
            .names
            .iter()
            .map(|alias| Const::Str(alias.name.as_str().into()))
            .collect();
        self.load_const(module, Const::Tuple(names.into()), position);
        self.claim();
        let index = self.name_index(node.module.as_deref().unwrap_or(""));
        self.emit_units(
            Op::ImportName,
            [module, module, 0],
            [index, node.level],
            position,
        );
        for alias in &node.names {
            if &*alias.name == "*" {
                self.emit(Op::ImportStar, module, 0, 0, position);
                return Ok(());
            }
            let value = self.claim();
            let index = self.name_index(&alias.name);
            self.emit_units(Op::ImportFrom, [value, module, 0], [index, 0], position);
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            self.store_name(name, value, position);
            self.set_top(value);
        }
        self.emit(Op::Drop, module, 0, 0, position);
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
