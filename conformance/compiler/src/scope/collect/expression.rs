//! Expressions.

use super::Collector;
use crate::scope::{Comprehension, Role, ScopeKind, usage};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext};
use ruff_text_size::Ranged;

impl Collector {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.read(&name.id),
                ExprContext::Store => self.bind(&name.id, name.range()),
                ExprContext::Del => {
                    if name.id == "__debug__" {
                        return self.fail("cannot delete __debug__", name.range());
                    }
                    self.add(&name.id, usage::ASSIGNED);
                }
            },
            Expr::Named(node) => self.walrus(node),
            Expr::BinOp(outermost) => {
                // Long sums nest to the left; do not recurse along them.
                let mut spine = vec![outermost];
                let mut left = &*outermost.left;
                while let Expr::BinOp(node) = left {
                    spine.push(node);
                    left = &node.left;
                }
                self.visit_expr(left);
                for node in spine.into_iter().rev() {
                    self.visit_expr(&node.right);
                }
            }
            Expr::Lambda(node) => {
                if let Some(parameters) = &node.parameters {
                    self.defaults(parameters);
                }
                self.within(expr, Role::Body, ScopeKind::Function, |this| {
                    if let Some(parameters) = &node.parameters {
                        this.parameters(parameters);
                    }
                    this.visit_expr(&node.body);
                });
            }
            Expr::ListComp(node) => {
                let elements = [Some(&*node.elt), None];
                self.comprehension(expr, Comprehension::List, elements, &node.generators);
            }
            Expr::SetComp(node) => {
                let elements = [Some(&*node.elt), None];
                self.comprehension(expr, Comprehension::Set, elements, &node.generators);
            }
            Expr::Generator(node) => {
                let elements = [Some(&*node.elt), None];
                self.comprehension(expr, Comprehension::Generator, elements, &node.generators);
            }
            Expr::DictComp(node) => {
                let elements = [node.key.as_deref(), Some(&*node.value)];
                self.comprehension(expr, Comprehension::Dict, elements, &node.generators);
            }
            Expr::Yield(node) => {
                self.yields(node.range());
                visitor::walk_expr(self, expr);
            }
            Expr::YieldFrom(node) => {
                self.yields(node.range());
                visitor::walk_expr(self, expr);
            }
            Expr::Await(node) => {
                if let Some(what) = self.annotation_kind() {
                    let message = format!("await expression cannot be used within {what}");
                    return self.fail(message, node.range());
                }
                if self.in_comprehension() {
                    self.here().is_coroutine = true;
                } else if !self.may_wait() {
                    let function = self.here().is_function_like();
                    let place = if function {
                        "async function"
                    } else {
                        "function"
                    };
                    return self.fail(format!("'await' outside {place}"), node.range());
                }
                visitor::walk_expr(self, expr);
            }
            Expr::Attribute(node) => {
                if node.ctx == ExprContext::Store {
                    if &*node.attr == "__debug__" {
                        return self.fail("cannot assign to __debug__", node.range());
                    }
                    if matches!(&*node.value, Expr::Name(name) if name.id == "self") {
                        self.instance_attribute(&node.attr);
                    }
                }
                self.visit_expr(&node.value);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}
