//! Finding the scopes, and what each does with each name.
//!
//! | file            | what                                            |
//! |-----------------|-------------------------------------------------|
//! | `statement`     | statements                                      |
//! | `expression`    | expressions                                     |
//! | `name`          | reading, binding, `global`, `nonlocal`          |
//! | `definition`    | functions, classes, type parameters             |
//! | `annotation`    | annotations                                     |
//! | `comprehension` | comprehensions, `:=`, `yield`                   |

mod annotation;
mod comprehension;
mod definition;
mod expression;
mod name;
mod statement;

pub use annotation::annotations;

use super::{
    CompileError, Comprehension, DEEPEST, Role, Scope, ScopeId, ScopeKind, Scopes, TOO_DEEP,
    address, usage,
};
use crate::code::Name;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Mod, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::collections::{BTreeSet, HashMap};

/// Collects and resolves the scopes of a tree; `awaits` says that the module itself may wait.
///
/// # Errors
/// What is wrong with names, and with what waits or imports from `__future__` where it may not: Python finds it in the same walk.
pub fn collect(tree: &Mod, futures: Futures, awaits: bool) -> Result<Scopes, CompileError> {
    let mut collector = Collector {
        scopes: Scopes {
            futures: futures.bits,
            ..Scopes::default()
        },
        opening: futures.end,
        at: 0,
        conditional: false,
        iterables: 0,
        depth: 0,
        error: None,
    };
    collector.enter(ScopeKind::Module, None, None);
    collector.here().is_coroutine = awaits;
    match tree {
        Mod::Module(module) => {
            collector.key(tree, Role::Body, 0);
            collector.visit_body(&module.body);
        }
        Mod::Expression(expression) => collector.visit_expr(&expression.body),
    }
    if let Some(error) = collector.error {
        return Err(error);
    }
    let mut scopes = collector.scopes;
    super::resolve::resolve(&mut scopes)?;
    Ok(scopes)
}

/// What a module imports from `__future__` where that is allowed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Futures {
    /// What is asked for ([`flags::FUTURES`](crate::code::flags::FUTURES)).
    pub bits: u32,
    /// Where the last of these imports ends.
    pub end: TextSize,
}

struct Collector {
    scopes: Scopes,
    /// Behind it there must be no import from `__future__`.
    opening: TextSize,
    at: ScopeId,
    /// Inside a block of the current module or class body that may not run.
    conditional: bool,
    /// Nesting of iterables of comprehensions.
    iterables: u32,
    /// Nesting of expressions and statements.
    depth: u32,
    error: Option<CompileError>,
}

impl Collector {
    fn enter(
        &mut self,
        kind: ScopeKind,
        parent: Option<ScopeId>,
        private: Option<Name>,
    ) -> ScopeId {
        let id = self.scopes.all.len();
        let outer = parent.map(|parent| &self.scopes.all[parent]);
        let annotation_like = matches!(
            kind,
            ScopeKind::Annotation
                | ScopeKind::TypeParams
                | ScopeKind::TypeVariable
                | ScopeKind::TypeAlias
        );
        let outer_sees =
            outer.is_some_and(|outer| outer.sees_class || outer.kind == ScopeKind::Class);
        let eager = matches!(
            kind,
            ScopeKind::Comprehension(
                Comprehension::List | Comprehension::Set | Comprehension::Dict
            )
        );
        let mangled = outer
            .filter(|_| kind != ScopeKind::Class)
            .and_then(|outer| outer.mangled.clone());
        let private = private.or_else(|| outer.and_then(|outer| outer.private.clone()));
        let sees_class = annotation_like && outer_sees;
        let inlined = eager && !outer.is_some_and(|outer| outer.sees_class);
        self.scopes.all.push(Scope {
            kind,
            parent,
            children: Vec::new(),
            inlined,
            symbols: Vec::new(),
            index: HashMap::new(),
            cells: BTreeSet::new(),
            frees: BTreeSet::new(),
            private,
            mangled,
            is_generator: false,
            is_coroutine: false,
            has_walrus: false,
            sees_class,
            annotate: None,
            conditional_annotations: false,
            instance_attrs: Vec::new(),
            declared: Vec::new(),
        });
        let texts = kind == ScopeKind::Annotation && self.scopes.future_annotations();
        if sees_class && !texts {
            // Whether or not a name is looked up there.
            self.inside(id, |this| this.add("__classdict__", usage::USED));
        }
        if let Some(parent) = parent {
            self.scopes.all[parent].children.push(id);
        }
        id
    }

    fn key<T>(&mut self, node: &T, role: Role, id: ScopeId) {
        self.scopes.keys.insert((address(node), role), id);
    }

    /// Visits what is in a new scope of the node, inside the current one.
    fn within<T>(
        &mut self,
        node: &T,
        role: Role,
        kind: ScopeKind,
        visit: impl FnOnce(&mut Self),
    ) -> ScopeId {
        let id = self.enter(kind, Some(self.at), None);
        self.key(node, role, id);
        self.inside(id, visit);
        id
    }

    fn inside(&mut self, id: ScopeId, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.at, id);
        let conditional = std::mem::take(&mut self.conditional);
        visit(self);
        self.at = outer;
        self.conditional = conditional;
    }

    fn fail(&mut self, message: impl Into<String>, range: TextRange) {
        if self.error.is_none() {
            self.error = Some(CompileError::of_names(message, range));
        }
    }

    /// Whether what is waited for here is waited for by an `async def`, or by a module that may.
    fn may_wait(&mut self) -> bool {
        let here = self.here();
        matches!(here.kind, ScopeKind::Function | ScopeKind::Module) && here.is_coroutine
    }

    fn in_comprehension(&mut self) -> bool {
        matches!(self.here().kind, ScopeKind::Comprehension(_))
    }

    /// `what` is a statement that waits.
    fn waiting_statement(&mut self, what: &str, range: TextRange) {
        if !self.may_wait() {
            self.fail(format!("'{what}' outside async function"), range);
        }
    }

    fn here(&mut self) -> &mut Scope {
        &mut self.scopes.all[self.at]
    }
}

impl<'a> Visitor<'a> for Collector {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.error.is_some() {
            return;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            self.fail(TOO_DEEP, statement.range());
        } else {
            self.statement(statement);
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.error.is_some() {
            return;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            self.fail(TOO_DEEP, expr.range());
        } else {
            self.expr(expr);
        }
        self.depth -= 1;
    }

    fn visit_keyword(&mut self, keyword: &'a ast::Keyword) {
        if let Some(name) = &keyword.arg
            && name.as_str() == "__debug__"
        {
            self.fail("cannot assign to __debug__", keyword.range());
        }
        self.visit_expr(&keyword.value);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.visit_pattern(inner);
                }
                if let Some(name) = &node.name {
                    self.bind(name, name.range());
                }
            }
            Pattern::MatchStar(node) => {
                if let Some(name) = &node.name {
                    self.bind(name, name.range());
                }
            }
            Pattern::MatchClass(node) => {
                for keyword in &node.arguments.keywords {
                    if &*keyword.attr == "__debug__" {
                        self.fail("cannot assign to __debug__", keyword.pattern.range());
                    }
                }
                visitor::walk_pattern(self, pattern);
            }
            Pattern::MatchMapping(node) => {
                visitor::walk_pattern(self, pattern);
                if let Some(rest) = &node.rest {
                    self.bind(rest, rest.range());
                }
            }
            _ => visitor::walk_pattern(self, pattern),
        }
    }
}
