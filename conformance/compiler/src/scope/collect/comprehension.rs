//! Comprehensions, and the assignment expressions that leave them.

use super::Collector;
use crate::scope::{Comprehension, Role, ScopeKind, usage};
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

/// What is said of a comprehension that nothing waits for.
pub(super) const OUTSIDE_ASYNC: &str =
    "asynchronous comprehension outside of an asynchronous function";

impl Collector {
    pub(super) fn comprehension(
        &mut self,
        node: &Expr,
        kind: Comprehension,
        elements: [Option<&Expr>; 2],
        generators: &[ast::Comprehension],
    ) {
        let Some((first, rest)) = generators.split_first() else {
            return;
        };
        self.iterables += 1;
        self.visit_expr(&first.iter);
        self.iterables -= 1;
        let id = self.enter(ScopeKind::Comprehension(kind), Some(self.at), None);
        self.key(node, Role::Body, id);
        self.inside(id, |this| {
            if !this.here().inlined {
                this.add(".0", usage::PARAMETER);
            }
            if first.is_async {
                this.here().is_coroutine = true;
            }
            this.iteration_target(&first.target);
            for condition in &first.ifs {
                this.visit_expr(condition);
            }
            for generator in rest {
                if generator.is_async {
                    this.here().is_coroutine = true;
                }
                this.iterables += 1;
                this.visit_expr(&generator.iter);
                this.iterables -= 1;
                this.iteration_target(&generator.target);
                for condition in &generator.ifs {
                    this.visit_expr(condition);
                }
            }
            for element in elements.into_iter().flatten() {
                this.visit_expr(element);
            }
        });
        if self.scopes.all[id].is_coroutine && kind != Comprehension::Generator {
            if self.in_comprehension() {
                self.here().is_coroutine = true;
            } else if !self.may_wait() {
                self.fail(OUTSIDE_ASYNC, node.range());
            }
        }
        if self.scopes.all[id].has_walrus {
            self.here().has_walrus = true;
        }
    }

    /// Binds the names of a comprehension's target.
    fn iteration_target(&mut self, target: &Expr) {
        let mut names = Vec::new();
        bound_names(target, &mut names);
        self.visit_expr(target);
        for name in names {
            let mangled = self.mangled(&name.id);
            let used = self.here().usage(&mangled);
            if used & (usage::GLOBAL | usage::NONLOCAL | usage::NAMED) != 0 {
                let message = format!(
                    "comprehension inner loop cannot rebind assignment expression target '{}'",
                    name.id
                );
                return self.fail(message, name.range());
            }
            self.here().add(&mangled, usage::ITERATED);
        }
    }

    /// `name := value`: inside comprehensions, binds in the function around them.
    pub(super) fn walrus(&mut self, node: &ast::ExprNamed) {
        self.here().has_walrus = true;
        let Expr::Name(target) = &*node.target else {
            return self.visit_expr(&node.value);
        };
        if self.iterables > 0 {
            let message =
                "assignment expression cannot be used in a comprehension iterable expression";
            return self.fail(message, node.range());
        }
        if let Some(what) = self.annotation_kind() {
            return self.fail(
                format!("named expression cannot be used within {what}"),
                node.range(),
            );
        }
        if matches!(self.scopes.all[self.at].kind, ScopeKind::Comprehension(_)) {
            self.walrus_in_comprehension(target);
        } else {
            self.bind(&target.id, target.range());
        }
        self.visit_expr(&node.value);
    }

    fn walrus_in_comprehension(&mut self, target: &ast::ExprName) {
        let name = self.mangled(&target.id);
        let mut host = self.at;
        let mut inner = Vec::new();
        while matches!(self.scopes.all[host].kind, ScopeKind::Comprehension(_)) {
            if self.scopes.all[host].usage(&name) & usage::ITERATED != 0 {
                let message = format!(
                    "assignment expression cannot rebind comprehension iteration variable '{}'",
                    target.id
                );
                return self.fail(message, target.range());
            }
            inner.push(host);
            let Some(parent) = self.scopes.all[host].parent else {
                break;
            };
            host = parent;
        }
        let scope = &mut self.scopes.all[host];
        scope.has_walrus = true;
        let in_comprehension = match scope.kind {
            ScopeKind::Class => {
                let message =
                    "assignment expression within a comprehension cannot be used in a class body";
                return self.fail(message, target.range());
            }
            ScopeKind::TypeParams | ScopeKind::TypeVariable | ScopeKind::TypeAlias => {
                let place = match scope.kind {
                    ScopeKind::TypeParams => "within the definition of a generic",
                    ScopeKind::TypeVariable => "in a TypeVar bound",
                    _ => "in a type alias",
                };
                let message =
                    format!("assignment expression within a comprehension cannot be used {place}");
                return self.fail(message, target.range());
            }
            ScopeKind::Module => {
                scope.add(&name, usage::GLOBAL);
                usage::GLOBAL
            }
            _ if scope.usage(&name) & usage::GLOBAL != 0 => {
                scope.add(&name, usage::ASSIGNED);
                usage::GLOBAL
            }
            _ => {
                scope.add(&name, usage::ASSIGNED);
                usage::NONLOCAL
            }
        };
        for id in inner {
            let scope = &mut self.scopes.all[id];
            scope.add(
                &name,
                if scope.inlined {
                    usage::USED | usage::NAMED
                } else {
                    in_comprehension
                },
            );
        }
    }

    pub(super) fn yields(&mut self, range: TextRange) {
        if let Some(what) = self.annotation_kind() {
            return self.fail(
                format!("yield expression cannot be used within {what}"),
                range,
            );
        }
        let inside = match self.scopes.all[self.at].kind {
            ScopeKind::Comprehension(Comprehension::List) => "list comprehension",
            ScopeKind::Comprehension(Comprehension::Set) => "set comprehension",
            ScopeKind::Comprehension(Comprehension::Dict) => "dict comprehension",
            ScopeKind::Comprehension(Comprehension::Generator) => "generator expression",
            ScopeKind::Function => {
                self.here().is_generator = true;
                return;
            }
            // Refused where it is compiled.
            _ => return,
        };
        self.fail(format!("'yield' inside {inside}"), range);
    }
}

fn bound_names<'a>(target: &'a Expr, names: &mut Vec<&'a ast::ExprName>) {
    match target {
        Expr::Name(name) => names.push(name),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| bound_names(item, names)),
        Expr::List(list) => list.elts.iter().for_each(|item| bound_names(item, names)),
        Expr::Starred(starred) => bound_names(&starred.value, names),
        _ => {}
    }
}
