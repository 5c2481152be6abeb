//! Annotations: those of functions, and those of variables, which each module and class collects in a scope.

use super::Collector;
use super::comprehension::OUTSIDE_ASYNC;
use crate::code::Name;
use crate::scope::{CompileError, Role, ScopeKind, usage};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

impl Collector {
    pub(super) fn annotations(&mut self, node: &ast::StmtFunctionDef) {
        let all = annotations(node);
        if all.is_empty() {
            return;
        }
        let texts = self.scopes.future_annotations();
        if texts {
            for (_, annotation) in &all {
                self.check_annotation(annotation);
            }
        }
        self.within(node, Role::Annotate, ScopeKind::Annotation, |this| {
            this.add(".format", usage::PARAMETER);
            for (_, annotation) in all.into_iter().filter(|_| !texts) {
                this.visit_expr(annotation);
            }
        });
    }

    pub(super) fn annotated(&mut self, node: &ast::StmtAnnAssign) {
        if let Some(value) = &node.value {
            self.visit_expr(value);
        }
        let name = match &*node.target {
            Expr::Name(name) => Some(name),
            _ => None,
        };
        if let Some(name) = name {
            let mangled = self.mangled(&name.id);
            let used = self.here().usage(&mangled);
            if self.at != 0 && used & (usage::GLOBAL | usage::NONLOCAL) != 0 && node.simple {
                let word = if used & usage::GLOBAL != 0 {
                    "global"
                } else {
                    "nonlocal"
                };
                self.fail(
                    format!("annotated name '{}' can't be {word}", name.id),
                    node.range(),
                );
            }
            if name.id == "__debug__" {
                self.fail("cannot assign to __debug__", name.range());
            }
            let what = match (node.simple, &node.value) {
                (true, None) => usage::ANNOTATED,
                (true, Some(_)) => usage::ANNOTATED | usage::ASSIGNED,
                (false, _) => usage::ASSIGNED,
            };
            if node.simple || node.value.is_some() {
                self.here().add(&mangled, what);
            }
        } else {
            self.visit_expr(&node.target);
        }
        if self.scopes.future_annotations() {
            return self.check_annotation(&node.annotation);
        }
        let kind = self.scopes.all[self.at].kind;
        let in_body = matches!(kind, ScopeKind::Module | ScopeKind::Class);
        if !in_body {
            // Annotations in functions are never evaluated, but their syntax is checked.
            return self.check_annotation(&node.annotation);
        }
        if !(name.is_some() && node.simple) {
            // The annotation of an attribute or item is not kept, nor evaluated.
            return self.check_annotation(&node.annotation);
        }
        let id = match self.scopes.all[self.at].annotate {
            Some(id) => id,
            None => {
                let id = self.enter(ScopeKind::Annotation, Some(self.at), None);
                self.here().annotate = Some(id);
                self.inside(id, |this| this.add(".format", usage::PARAMETER));
                id
            }
        };
        if kind == ScopeKind::Module || self.conditional {
            self.here().conditional_annotations = true;
            self.add("__conditional_annotations__", usage::ASSIGNED);
            self.inside(id, |this| {
                let name = Name::from("__conditional_annotations__");
                this.here().add(&name, usage::USED);
            });
        }
        self.inside(id, |this| this.visit_expr(&node.annotation));
    }

    fn check_annotation(&mut self, annotation: &Expr) {
        let mut check = AnnotationCheck { error: None };
        check.visit_expr(annotation);
        if let Some(error) = check.error {
            self.fail(error.message, error.range);
        }
    }

    /// What the current scope is, if it is an annotation scope of some kind.
    pub(super) fn annotation_kind(&self) -> Option<&'static str> {
        match self.scopes.all[self.at].kind {
            ScopeKind::Annotation => Some("an annotation"),
            ScopeKind::TypeParams => Some("the definition of a generic"),
            ScopeKind::TypeVariable => Some("a TypeVar bound"),
            ScopeKind::TypeAlias => Some("a type alias"),
            _ => None,
        }
    }
}

/// Whether a comprehension waits.
fn awaits(comprehension: &Expr) -> bool {
    struct Search(bool);
    impl<'a> Visitor<'a> for Search {
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Await(_) => self.0 = true,
                Expr::Lambda(_) | Expr::Generator(_) => {}
                _ => visitor::walk_expr(self, expr),
            }
        }
        fn visit_comprehension(&mut self, comprehension: &'a ast::Comprehension) {
            self.0 |= comprehension.is_async;
            visitor::walk_comprehension(self, comprehension);
        }
    }
    let mut search = Search(false);
    visitor::walk_expr(&mut search, comprehension);
    search.0
}

/// Refuses what may not stand in an annotation that is not evaluated.
struct AnnotationCheck {
    error: Option<CompileError>,
}

impl<'a> Visitor<'a> for AnnotationCheck {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let what = match expr {
            Expr::Yield(_) | Expr::YieldFrom(_) => "yield",
            Expr::Await(_) => "await",
            Expr::Named(_) => "named",
            // What runs later may do anything; only defaults are evaluated with the annotation.
            Expr::Lambda(node) => {
                if let Some(parameters) = &node.parameters {
                    visitor::walk_parameters(self, parameters);
                }
                return;
            }
            Expr::Generator(node) => {
                if let Some(first) = node.generators.first() {
                    self.visit_expr(&first.iter);
                }
                return;
            }
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) if awaits(expr) => {
                self.error
                    .get_or_insert_with(|| CompileError::new(OUTSIDE_ASYNC, expr.range()));
                return;
            }
            _ => return visitor::walk_expr(self, expr),
        };
        let message = format!("{what} expression cannot be used within an annotation");
        self.error
            .get_or_insert_with(|| CompileError::new(message, expr.range()));
    }
}

/// The annotations of a function's parameters and result, in the order they are evaluated.
pub fn annotations(node: &ast::StmtFunctionDef) -> Vec<(&str, &Expr)> {
    let parameters = &node.parameters;
    let mut all = Vec::new();
    let mut order: Vec<&ast::Parameter> = Vec::new();
    order.extend(
        parameters
            .posonlyargs
            .iter()
            .map(|parameter| &parameter.parameter),
    );
    order.extend(parameters.args.iter().map(|parameter| &parameter.parameter));
    order.extend(parameters.vararg.as_deref());
    order.extend(
        parameters
            .kwonlyargs
            .iter()
            .map(|parameter| &parameter.parameter),
    );
    order.extend(parameters.kwarg.as_deref());
    for parameter in order {
        if let Some(annotation) = &parameter.annotation {
            all.push((parameter.name.as_str(), &**annotation));
        }
    }
    if let Some(returns) = &node.returns {
        all.push(("return", returns));
    }
    all
}
