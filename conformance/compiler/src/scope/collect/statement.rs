//! Statements.

use super::Collector;
use crate::scope::{Role, ScopeKind, usage};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::Ranged;

impl Collector {
    /// Collects a body that may not run.
    fn branch(&mut self, body: &[Stmt]) {
        let outer = std::mem::replace(&mut self.conditional, true);
        self.visit_body(body);
        self.conditional = outer;
    }

    pub(super) fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(node) => self.function(node),
            Stmt::ClassDef(node) => self.class(node),
            Stmt::TypeAlias(node) => {
                let value = |this: &mut Self| {
                    this.within(node, Role::Body, ScopeKind::TypeAlias, |this| {
                        this.add(".format", usage::PARAMETER);
                        this.visit_expr(&node.value);
                    });
                };
                match &node.type_params {
                    None => value(self),
                    Some(parameters) => {
                        self.within(node, Role::TypeParams, ScopeKind::TypeParams, |this| {
                            this.type_parameters(parameters);
                            value(this);
                        });
                    }
                }
                self.visit_expr(&node.name);
            }
            Stmt::AnnAssign(node) => self.annotated(node),
            Stmt::AugAssign(node) => {
                // Reading a target that is also written counts as no use of its own.
                self.visit_expr(&node.target);
                self.visit_expr(&node.value);
            }
            Stmt::If(node) => {
                self.visit_expr(&node.test);
                self.branch(&node.body);
                for clause in &node.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                    }
                    self.branch(&clause.body);
                }
            }
            Stmt::For(node) => {
                if node.is_async {
                    self.waiting_statement("async for", node.range());
                }
                self.visit_expr(&node.iter);
                self.visit_expr(&node.target);
                self.branch(&node.body);
                self.branch(&node.orelse);
            }
            Stmt::While(node) => {
                self.visit_expr(&node.test);
                self.branch(&node.body);
                self.branch(&node.orelse);
            }
            Stmt::With(node) => {
                if node.is_async {
                    self.waiting_statement("async with", node.range());
                }
                for item in &node.items {
                    self.visit_expr(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.visit_expr(target);
                    }
                }
                self.branch(&node.body);
            }
            Stmt::Match(node) => {
                self.visit_expr(&node.subject);
                for case in &node.cases {
                    self.visit_pattern(&case.pattern);
                    if let Some(guard) = &case.guard {
                        self.visit_expr(guard);
                    }
                    self.branch(&case.body);
                }
            }
            Stmt::Try(node) => {
                self.branch(&node.body);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    if let Some(kind) = &handler.type_ {
                        self.visit_expr(kind);
                    }
                    if let Some(name) = &handler.name {
                        self.bind(name, name.range());
                    }
                    self.branch(&handler.body);
                }
                self.branch(&node.orelse);
                self.branch(&node.finalbody);
            }
            Stmt::Import(node) => {
                for alias in &node.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let first = name.split('.').next().unwrap_or_default();
                    self.import(first, alias.range());
                }
            }
            Stmt::ImportFrom(node) => {
                for alias in &node.names {
                    if &*alias.name == "*" {
                        if self.at != 0 {
                            self.fail("import * only allowed at module level", alias.range());
                        }
                        continue;
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.import(name, alias.range());
                }
                let future = node.level == 0 && node.module.as_deref() == Some("__future__");
                if future && node.start() >= self.opening {
                    let message = "from __future__ imports must occur at the beginning of the file";
                    self.fail(message, node.range());
                }
            }
            Stmt::Global(node) => self.declare(&node.names, node.range(), usage::GLOBAL),
            Stmt::Nonlocal(node) => self.declare(&node.names, node.range(), usage::NONLOCAL),
            _ => visitor::walk_stmt(self, statement),
        }
    }
}
