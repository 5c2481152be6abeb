//! Calls: windows, keywords, unpacked arguments, `super`.

use std::sync::Arc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::display::MAX_TOGETHER;
use super::{Compiler, Place, Reg, Result};
use crate::code::{Const, Position, flags, local};
use crate::op::{Op, WINDOW};
use crate::scope::{CompileError, ScopeKind};

impl<'a> Compiler<'a> {
    pub(super) fn call(&mut self, node: &'a ast::ExprCall, dst: Reg) -> Result<()> {
        let before = self.warned.len();
        self.call_once(node, dst)?;
        if is_inlined(node) {
            // CPython makes code for two ways to go, and warns for each.
            self.warned.extend_from_within(before..);
        }
        Ok(())
    }

    fn call_once(&mut self, node: &'a ast::ExprCall, dst: Reg) -> Result<()> {
        let position = self.position(node.range());
        let arguments = &node.arguments;
        let window = self.top();
        check_keywords(&arguments.keywords)?;
        self.check_callee(&node.func);
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
                let values = arguments.keywords.iter().map(|keyword| &keyword.value);
                let lent = self.keeps_locals(arguments.args.iter().chain(values));
                self.emit_units(
                    Op::LoadMethod,
                    [window, receiver, lent.into()],
                    [index, 0],
                    at,
                );
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
    fn finish_call(
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
        let values: Vec<&'a Expr> = arguments
            .args
            .iter()
            .chain(arguments.keywords.iter().map(|keyword| &keyword.value))
            .collect();
        for (index, value) in values.iter().enumerate() {
            self.push_argument(value, &values[index + 1..])?;
        }
        let mut names = Vec::new();
        for keyword in &arguments.keywords {
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

    /// Evaluates an argument to the top of the window; a local lends it if it keeps it while the `later` ones are
    /// evaluated. It then keeps it until the call is over, since the frame does nothing meanwhile.
    fn push_argument(&mut self, value: &'a Expr, later: &[&'a Expr]) -> Result<()> {
        if let Expr::Name(name) = value
            && let Some(register) = self.local_in_place(name)
            && self.keeps_locals(later.iter().copied())
        {
            let position = self.position(value.range());
            self.check_bound(register, position);
            let top = self.claim();
            self.emit(Op::Lend, top, register, 0, position);
            return Ok(());
        }
        self.push_expr(value).map(drop)
    }

    /// Whether evaluating the expressions assigns no local, and does not suspend the frame.
    fn keeps_locals<'e>(&self, mut exprs: impl Iterator<Item = &'e Expr>) -> bool {
        struct Search(bool);
        impl<'e> Visitor<'e> for Search {
            fn visit_expr(&mut self, expr: &'e Expr) {
                self.0 |= matches!(
                    expr,
                    Expr::Named(_) | Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Await(_)
                );
                if !self.0 {
                    visitor::walk_expr(self, expr);
                }
            }
            fn visit_comprehension(&mut self, comprehension: &'e ast::Comprehension) {
                self.0 |= comprehension.is_async;
                visitor::walk_comprehension(self, comprehension);
            }
        }
        let suspends = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        if self.here().flags & suspends == 0 && !self.sees_walrus() {
            return true;
        }
        let mut search = Search(false);
        exprs.all(|expr| {
            search.visit_expr(expr);
            !search.0
        })
    }

    /// A call with `*` or `**` of the callable in the claimed `window`.
    fn call_unpacked(
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
        self.set_top(map);
        if let [only] = keywords
            && only.arg.is_none()
        {
            // The call takes what it needs of it.
            return self.push_expr(&only.value).map(drop);
        }
        let together = keywords
            .iter()
            .take(MAX_TOGETHER / 2)
            .take_while(|keyword| keyword.arg.is_some())
            .count();
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
    pub(super) fn is_super(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else { return false };
        let Expr::Name(name) = &*call.func else {
            return false;
        };
        let scope = &self.scopes.all[self.here().scope];
        if name.id != "super"
            || self.lookup("super") != Place::Global
            || !call.arguments.keywords.is_empty()
        {
            return false;
        }
        match &*call.arguments.args {
            [] => {
                scope.kind == ScopeKind::Function
                    && self.here().inner_scope == self.here().scope
                    && self.here().argcount > 0
                    && self.cell_of("__class__").is_some()
            }
            [first, second] => !first.is_starred_expr() && !second.is_starred_expr(),
            _ => false,
        }
    }

    /// Fills the window of a fused `super` access at the top; the number of arguments written.
    pub(super) fn super_window(&mut self, expr: &'a Expr) -> Result<u32> {
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
}

/// Whether CPython runs a generator expression in the place of this call, where its name is the built-in function's.
fn is_inlined(node: &ast::ExprCall) -> bool {
    matches!(&*node.func, Expr::Name(name) if matches!(&*name.id, "all" | "any" | "tuple"))
        && matches!(*node.arguments.args, [Expr::Generator(_)])
        && node.arguments.keywords.is_empty()
}

/// Refuses keywords of which two have the same name.
pub(super) fn check_keywords(keywords: &[ast::Keyword]) -> Result<()> {
    for (index, keyword) in keywords.iter().enumerate() {
        let Some(name) = &keyword.arg else { continue };
        let same = |other: &&ast::Keyword| other.arg.as_deref() == Some(name.as_str());
        if let Some(again) = keywords[index + 1..].iter().find(same) {
            let message = format!("keyword argument repeated: {name}");
            return Err(CompileError::new(message, again.range()));
        }
    }
    Ok(())
}

/// Whether a call's arguments have no `*` and no `**`.
pub(super) fn is_plain(arguments: &ast::Arguments) -> bool {
    !arguments.args.iter().any(Expr::is_starred_expr)
        && arguments
            .keywords
            .iter()
            .all(|keyword| keyword.arg.is_some())
}
