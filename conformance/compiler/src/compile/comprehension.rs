//! Comprehensions and generator expressions.
//!
//! A list, set or dict comprehension is compiled in place. Its variables have registers (or cells) of their own, made empty again when it
//! ends, in whatever way. A generator expression is a function of one argument, its first iterator.

use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::{BlockKind, CompileError, Compiler, Label, Reg, Result};
use crate::code::{Position, flags};
use crate::op::{Op, WINDOW};
use crate::scope::{Comprehension, Role, ScopeId};

/// The parts of a comprehension.
#[derive(Clone, Copy)]
struct Parts<'a> {
    kind: Comprehension,
    /// What is collected: an element, or a dict's key (and then a value).
    element: &'a Expr,
    value: Option<&'a Expr>,
    generators: &'a [ast::Comprehension],
    /// Of the whole.
    position: Position,
}

impl<'a> Compiler<'a> {
    pub(super) fn comprehension(&mut self, expr: &'a Expr, dst: Reg) -> Result<()> {
        let range = self.parentheses.take().unwrap_or(expr.range());
        let position = self.position(range);
        let scope = self.scope_of(expr, Role::Body)?;
        let parts = match expr {
            Expr::ListComp(node) => parts(Comprehension::List, &node.elt, &node.generators),
            Expr::SetComp(node) => parts(Comprehension::Set, &node.elt, &node.generators),
            Expr::Generator(node) => parts(Comprehension::Generator, &node.elt, &node.generators),
            Expr::DictComp(node) => {
                let Some(key) = &node.key else {
                    let message = "dict unpacking cannot be used in dict comprehension";
                    return Err(CompileError::of_names(message, expr.range()));
                };
                Parts {
                    value: Some(&node.value),
                    ..parts(Comprehension::Dict, key, &node.generators)
                }
            }
            other => return Err(CompileError::new("invalid comprehension", other.range())),
        };
        let parts = Parts { position, ..parts };
        if self.scopes.all[scope].inlined {
            self.inlined(scope, parts, dst, position)
        } else {
            self.comprehension_function(scope, parts, dst, position)
        }
    }

    fn inlined(
        &mut self,
        scope: ScopeId,
        parts: Parts<'a>,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
        let result = self.claim();
        let Some(first) = parts.generators.first() else {
            return Ok(());
        };
        let iterator = self.iterator(&first.iter, first.is_async)?;
        self.empty(parts.kind, result, position);
        let outer = std::mem::replace(&mut self.unit().inner_scope, scope);
        let info = &self.scopes.all[scope];
        let hidden: Vec<(Reg, bool)> = info
            .symbols
            .iter()
            .filter_map(|(name, _)| {
                let register = *self.here().registers.get(&(scope, name.clone()))?;
                Some((register, info.cells.contains(name)))
            })
            .collect();
        for &(register, cell) in &hidden {
            if cell {
                self.emit(Op::MakeCell, register, 0, 0, position);
            }
        }
        let cleanup = self.label();
        self.push_block(BlockKind::Protected, Some((cleanup, result)));
        self.loops(parts, 0, iterator, result)?;
        self.pop_block();
        self.unit().inner_scope = outer;
        for &(register, _) in &hidden {
            self.emit(Op::Clear, register, 0, 0, position);
        }
        let done = self.label();
        self.jump(done, position.implied());
        self.cold(|this| {
            this.place(cleanup);
            for &(register, _) in &hidden {
                this.emit(Op::Clear, register, 0, 0, position);
            }
            this.emit(Op::Reraise, result, 0, 0, position);
            Ok(())
        })?;
        self.place(done);
        if result != dst {
            self.emit(Op::Move, dst, result, 0, position);
        }
        Ok(())
    }

    fn empty(&mut self, kind: Comprehension, result: Reg, position: Position) {
        let op = match kind {
            Comprehension::Set => Op::BuildSet,
            Comprehension::Dict => Op::BuildMap,
            _ => Op::BuildList,
        };
        let first = self.top();
        self.emit(op, result, first, 0, position);
    }

    /// The loops from generator `index` on, the iterator of which is live; collects into `result`.
    fn loops(&mut self, parts: Parts<'a>, index: usize, iterator: Reg, result: Reg) -> Result<()> {
        let range = parts.generators[index].range();
        self.nested(range, |this| this.one_loop(parts, index, iterator, result))
    }

    fn one_loop(
        &mut self,
        parts: Parts<'a>,
        index: usize,
        iterator: Reg,
        result: Reg,
    ) -> Result<()> {
        let generator = &parts.generators[index];
        let at = self.position(generator.iter.range());
        let (head, next, exhausted) = (self.label(), self.label(), self.label());
        self.place(head);
        if generator.is_async {
            self.async_next(iterator, &generator.target, exhausted, parts.position)?;
        } else {
            self.for_iter(iterator, &generator.target, exhausted, at)?;
        }
        self.body_of_loop(parts, index, next, result)?;
        let element_position = self.position(parts.element.range());
        self.place(next);
        self.emit_jump(Op::JumpBack, [0; 3], head, element_position);
        self.place(exhausted);
        if generator.is_async {
            self.emit(Op::EndAsyncFor, iterator, iterator + 1, 0, at);
        }
        self.set_top(iterator);
        Ok(())
    }

    /// What runs for each item of generator `index`; a false condition jumps to `next`.
    fn body_of_loop(
        &mut self,
        parts: Parts<'a>,
        index: usize,
        next: Label,
        result: Reg,
    ) -> Result<()> {
        for condition in &parts.generators[index].ifs {
            self.jump_if(condition, next, false)?;
        }
        let Some(inner) = parts.generators.get(index + 1) else {
            let position = self.position(parts.element.range());
            return self.collect(parts, result, position);
        };
        match only_item(inner) {
            // `for y in [value]` is an assignment.
            Some(value) => {
                let top = self.top();
                self.assign_one(&inner.target, value)?;
                self.set_top(top);
                self.nested(inner.range(), |this| {
                    this.body_of_loop(parts, index + 1, next, result)
                })
            }
            None => {
                let iterator = self.iterator(&inner.iter, inner.is_async)?;
                self.loops(parts, index + 1, iterator, result)
            }
        }
    }

    fn collect(&mut self, parts: Parts<'a>, result: Reg, position: Position) -> Result<()> {
        let top = self.top();
        match (parts.kind, parts.value) {
            (Comprehension::Dict, Some(value)) => {
                let pair = TextRange::new(parts.element.start(), value.end());
                let position = self.position(pair);
                let key = self.operand_before(parts.element, &[value])?;
                let value = self.operand(value)?;
                self.emit(Op::MapAdd, result, key, value, position);
            }
            (Comprehension::Generator, _) => {
                let value = self.operand(parts.element)?;
                let sent = self.top();
                self.yield_value(value, sent, position);
                self.emit(Op::Drop, sent, 0, 0, position);
            }
            (kind, _) => {
                let value = self.operand(parts.element)?;
                let op = if kind == Comprehension::Set {
                    Op::SetAdd
                } else {
                    Op::ListAppend
                };
                self.emit(op, result, value, 0, position);
            }
        }
        self.set_top(top);
        Ok(())
    }

    /// A comprehension as a function, called at once with its first iterator.
    fn comprehension_function(
        &mut self,
        scope: ScopeId,
        parts: Parts<'a>,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
        let Some(first) = parts.generators.first() else {
            return Ok(());
        };
        let (name, mut kind) = match parts.kind {
            Comprehension::Generator => ("<genexpr>", flags::GENERATOR),
            Comprehension::List => ("<listcomp>", 0),
            Comprehension::Set => ("<setcomp>", 0),
            Comprehension::Dict => ("<dictcomp>", 0),
        };
        if self.scopes.all[scope].is_coroutine {
            kind = if kind == 0 {
                flags::COROUTINE
            } else {
                flags::ASYNC_GENERATOR
            };
        }
        let qualname = self.qualify(name);
        let window = self.claim();
        self.begin(scope, Arc::from(name), qualname, position.line, kind)?;
        self.unit().argcount = 1;
        if kind != 0 {
            let unbegun = Position::of_line(position.line);
            self.emit(Op::ReturnGenerator, 0, 0, 0, unbegun);
            self.anchor(position);
        }
        let result = self.claim();
        let generator = parts.kind == Comprehension::Generator;
        if !generator {
            self.empty(parts.kind, result, position);
        }
        let iterator = if generator { result } else { self.claim() };
        self.emit(Op::Copy, iterator, 0, 0, position);
        self.loops(parts, 0, iterator, result)?;
        if generator {
            let last = self.position(first.iter.range()).implied();
            self.emit(Op::ReturnNone, 0, 0, 0, last);
        } else {
            self.emit(Op::Return, result, 0, 0, position);
        }
        let code = self.finish()?;
        self.plain_function(code, window, position);
        self.set_top(window + WINDOW);
        self.iterator(&first.iter, first.is_async)?;
        self.emit(Op::Call, window, 1, window, position);
        self.set_top(window + 1);
        if kind == flags::COROUTINE {
            self.await_value(window, window, 0, position);
        }
        if window != dst {
            self.emit(Op::Move, dst, window, 0, position);
        }
        Ok(())
    }
}

/// The item of an iterable written as a list or tuple of one.
fn only_item(generator: &ast::Comprehension) -> Option<&Expr> {
    let items = match &generator.iter {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    match &items[..] {
        [item] if !generator.is_async && !item.is_starred_expr() => Some(item),
        _ => None,
    }
}

fn parts<'a>(
    kind: Comprehension,
    element: &'a Expr,
    generators: &'a [ast::Comprehension],
) -> Parts<'a> {
    Parts {
        kind,
        element,
        value: None,
        generators,
        position: Position::default(),
    }
}
