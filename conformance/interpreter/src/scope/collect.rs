//! Finding the scopes, and what each does with each name.

use std::collections::{BTreeSet, HashMap};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Mod, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{
    CompileError, Comprehension, MAX_DEPTH, Role, Scope, ScopeId, ScopeKind, Scopes, TOO_DEEP,
    address, mangle, usage,
};
use crate::code::Name;

/// Collects and resolves the scopes of a tree.
pub fn collect(tree: &Mod, future_annotations: bool) -> Result<Scopes, CompileError> {
    let mut collector = Collector {
        scopes: Scopes {
            future_annotations,
            ..Scopes::default()
        },
        at: 0,
        conditional: false,
        iterables: 0,
        depth: 0,
        error: None,
    };
    collector.enter(ScopeKind::Module, None, None);
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

struct Collector {
    scopes: Scopes,
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
            is_generator: false,
            is_coroutine: false,
            has_walrus: false,
            sees_class,
            annotate: None,
            conditional_annotations: false,
            instance_attrs: Vec::new(),
            nonlocals: Vec::new(),
        });
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
        let iterables = std::mem::take(&mut self.iterables);
        visit(self);
        self.at = outer;
        self.conditional = conditional;
        self.iterables = iterables;
    }

    fn fail(&mut self, message: impl Into<String>, range: TextRange) {
        if self.error.is_none() {
            self.error = Some(CompileError::new(message, range));
        }
    }

    fn here(&mut self) -> &mut Scope {
        &mut self.scopes.all[self.at]
    }

    fn mangled(&self, name: &str) -> Name {
        mangle(self.scopes.all[self.at].private.as_ref(), name)
    }

    fn add(&mut self, name: &str, what: u16) {
        let name = self.mangled(name);
        self.here().add(&name, what);
    }

    fn bind(&mut self, name: &str, range: TextRange) {
        if name == "__debug__" {
            self.fail("cannot assign to __debug__", range);
        }
        self.add(name, usage::ASSIGNED);
    }

    fn read(&mut self, name: &str) {
        self.add(name, usage::USED);
        let function = self.scopes.all[self.at].is_function_like();
        if name == "super" && function {
            self.add("__class__", usage::USED);
        }
        if self.scopes.all[self.at].sees_class {
            self.add("__classdict__", usage::USED);
        }
    }

    /// Collects a body that may not run.
    fn branch(&mut self, body: &[Stmt]) {
        let outer = std::mem::replace(&mut self.conditional, true);
        self.visit_body(body);
        self.conditional = outer;
    }

    fn declare(&mut self, names: &[ast::Identifier], range: TextRange, what: u16) {
        let word = if what == usage::GLOBAL {
            "global"
        } else {
            "nonlocal"
        };
        if what == usage::NONLOCAL && self.scopes.all[self.at].kind == ScopeKind::Module {
            return self.fail("nonlocal declaration not allowed at module level", range);
        }
        for name in names {
            let mangled = self.mangled(name);
            let used = self.here().usage(&mangled);
            let problem = if used & usage::PARAMETER != 0 {
                Some(format!("name '{name}' is parameter and {word}"))
            } else if used & (usage::GLOBAL | usage::NONLOCAL) & !what != 0 {
                Some(format!("name '{name}' is nonlocal and global"))
            } else if used & usage::ANNOTATED != 0 {
                Some(format!("annotated name '{name}' can't be {word}"))
            } else if used & usage::ASSIGNED != 0 && used & what == 0 {
                Some(format!(
                    "name '{name}' is assigned to before {word} declaration"
                ))
            } else if used & usage::USED != 0 && used & what == 0 {
                Some(format!("name '{name}' is used prior to {word} declaration"))
            } else {
                None
            };
            if let Some(problem) = problem {
                return self.fail(problem, range);
            }
            self.here().add(&mangled, what);
            if what == usage::NONLOCAL {
                self.here().nonlocals.push((mangled, range));
            }
        }
    }

    fn parameters(&mut self, parameters: &ast::Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        for parameter in positional.chain(&parameters.kwonlyargs) {
            self.parameter(&parameter.parameter);
        }
        for parameter in [&parameters.vararg, &parameters.kwarg]
            .into_iter()
            .flatten()
        {
            self.parameter(parameter);
        }
    }

    fn parameter(&mut self, parameter: &ast::Parameter) {
        let name = self.mangled(&parameter.name);
        if self.here().usage(&name) & usage::PARAMETER != 0 {
            let message = format!(
                "duplicate argument '{}' in function definition",
                parameter.name
            );
            self.fail(message, parameter.range());
        }
        if &*name == "__debug__" {
            self.fail("cannot assign to __debug__", parameter.range());
        }
        self.here().add(&name, usage::PARAMETER);
    }

    fn defaults(&mut self, parameters: &ast::Parameters) {
        let all = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .chain(&parameters.kwonlyargs);
        for default in all.filter_map(|parameter| parameter.default.as_deref()) {
            self.visit_expr(default);
        }
    }

    fn annotations(&mut self, node: &ast::StmtFunctionDef) {
        if self.scopes.future_annotations {
            return;
        }
        let all = annotations(node);
        if all.is_empty() {
            return;
        }
        self.within(node, Role::Annotate, ScopeKind::Annotation, |this| {
            this.add("format", usage::PARAMETER);
            for (_, annotation) in all {
                this.visit_expr(annotation);
            }
        });
    }

    fn type_parameters(&mut self, parameters: &ast::TypeParams) {
        for parameter in parameters.iter() {
            let name = self.mangled(parameter.name());
            if self.here().usage(&name) & usage::TYPE_PARAMETER != 0 {
                let message = format!("duplicate type parameter '{}'", parameter.name());
                self.fail(message, parameter.range());
            }
            self.here().add(&name, usage::TYPE_PARAMETER);
            if let ast::TypeParam::TypeVar(variable) = parameter
                && let Some(bound) = &variable.bound
            {
                self.evaluator(parameter, Role::Bound, bound);
            }
            if let Some(default) = parameter.default() {
                self.evaluator(parameter, Role::Default, default);
            }
        }
    }

    fn evaluator(&mut self, node: &ast::TypeParam, role: Role, value: &Expr) {
        self.within(node, role, ScopeKind::TypeVariable, |this| {
            this.add(".format", usage::PARAMETER);
            this.visit_expr(value);
        });
    }

    fn function(&mut self, node: &ast::StmtFunctionDef) {
        for decorator in &node.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.defaults(&node.parameters);
        let body = |this: &mut Self| {
            this.annotations(node);
            let id = this.within(node, Role::Body, ScopeKind::Function, |this| {
                this.here().is_coroutine = node.is_async;
                this.parameters(&node.parameters);
                this.visit_body(&node.body);
            });
            debug_assert!(this.scopes.all[id].is_function_like());
        };
        match &node.type_params {
            None => body(self),
            Some(parameters) => {
                self.within(node, Role::TypeParams, ScopeKind::TypeParams, |this| {
                    this.add(".defaults", usage::PARAMETER);
                    this.add(".kwdefaults", usage::PARAMETER);
                    this.type_parameters(parameters);
                    body(this);
                });
            }
        }
        self.bind(&node.name, node.range());
    }

    fn class(&mut self, node: &ast::StmtClassDef) {
        for decorator in &node.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        let name = self.mangled(&node.name);
        let body = |this: &mut Self| {
            if let Some(arguments) = &node.arguments {
                this.visit_arguments(arguments);
            }
            let private = Some(Name::from(node.name.as_str()));
            let id = this.enter(ScopeKind::Class, Some(this.at), private);
            this.key(node, Role::Body, id);
            this.inside(id, |this| {
                for implicit in ["__module__", "__qualname__"] {
                    this.add(implicit, usage::ASSIGNED);
                }
                if node.type_params.is_some() {
                    this.add("__type_params__", usage::ASSIGNED);
                    this.add(".type_params", usage::USED);
                }
                this.visit_body(&node.body);
            });
        };
        match &node.type_params {
            None => body(self),
            Some(parameters) => {
                self.within(node, Role::TypeParams, ScopeKind::TypeParams, |this| {
                    this.here().private = Some(Name::from(node.name.as_str()));
                    this.add(".type_params", usage::ASSIGNED);
                    this.add(".generic_base", usage::ASSIGNED);
                    this.type_parameters(parameters);
                    body(this);
                });
            }
        }
        if &*name == "__debug__" {
            self.fail("cannot assign to __debug__", node.range());
        }
        self.here().add(&name, usage::ASSIGNED);
    }

    fn annotated(&mut self, node: &ast::StmtAnnAssign) {
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
            let what = if node.simple {
                usage::ANNOTATED | usage::ASSIGNED
            } else {
                usage::ASSIGNED
            };
            if node.simple || node.value.is_some() {
                self.here().add(&mangled, what);
            }
        } else {
            self.visit_expr(&node.target);
        }
        if self.scopes.future_annotations {
            return;
        }
        let kind = self.scopes.all[self.at].kind;
        let in_body = matches!(kind, ScopeKind::Module | ScopeKind::Class);
        if !in_body {
            // Annotations in functions are never evaluated, but their syntax is checked.
            let mut check = AnnotationCheck { error: None };
            check.visit_expr(&node.annotation);
            if let Some(error) = check.error {
                self.fail(error.message, error.range);
            }
            return;
        }
        if !(name.is_some() && node.simple) {
            // The annotation of an attribute or item is not kept, nor evaluated.
            return;
        }
        let id = match self.scopes.all[self.at].annotate {
            Some(id) => id,
            None => {
                let id = self.enter(ScopeKind::Annotation, Some(self.at), None);
                self.here().annotate = Some(id);
                self.inside(id, |this| this.add("format", usage::PARAMETER));
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

    fn comprehension(
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
        let iterables = self.iterables;
        let id = self.enter(ScopeKind::Comprehension(kind), Some(self.at), None);
        self.key(node, Role::Body, id);
        self.inside(id, |this| {
            this.iterables = iterables;
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
            self.here().is_coroutine |= self.scopes.all[self.at].is_function_like();
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
            self.add(name, usage::ITERATED);
        }
    }

    /// `name := value`: inside comprehensions, binds in the function around them.
    fn walrus(&mut self, node: &ast::ExprNamed) {
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
            ScopeKind::Module => {
                scope.add(&name, usage::GLOBAL);
                usage::GLOBAL
            }
            _ if scope.usage(&name) & usage::GLOBAL != 0 => usage::GLOBAL,
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
                    usage::USED
                } else {
                    in_comprehension
                },
            );
        }
    }

    /// What the current scope is, if it is an annotation scope of some kind.
    fn annotation_kind(&self) -> Option<&'static str> {
        match self.scopes.all[self.at].kind {
            ScopeKind::Annotation => Some("an annotation"),
            ScopeKind::TypeParams => Some("the definition of a generic"),
            ScopeKind::TypeVariable => Some("a TypeVar bound"),
            ScopeKind::TypeAlias => Some("a type alias"),
            _ => None,
        }
    }

    fn yields(&mut self, range: TextRange) {
        if let Some(what) = self.annotation_kind() {
            return self.fail(
                format!("yield expression cannot be used within {what}"),
                range,
            );
        }
        let what = match self.scopes.all[self.at].kind {
            ScopeKind::Comprehension(Comprehension::List) => "list comprehension",
            ScopeKind::Comprehension(Comprehension::Set) => "set comprehension",
            ScopeKind::Comprehension(Comprehension::Dict) => "dict comprehension",
            ScopeKind::Comprehension(Comprehension::Generator) => "generator expression",
            ScopeKind::Function => {
                self.here().is_generator = true;
                return;
            }
            _ => return self.fail("'yield' outside function", range),
        };
        self.fail(format!("'yield' inside {what}"), range);
    }

    fn statement(&mut self, statement: &Stmt) {
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
                // The target is read, then written.
                if let Expr::Name(name) = &*node.target {
                    self.read(&name.id);
                }
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
                    self.bind(first, alias.range());
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
                    self.bind(name, alias.range());
                }
            }
            Stmt::Global(node) => self.declare(&node.names, node.range(), usage::GLOBAL),
            Stmt::Nonlocal(node) => self.declare(&node.names, node.range(), usage::NONLOCAL),
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn expr(&mut self, expr: &Expr) {
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
                if matches!(self.scopes.all[self.at].kind, ScopeKind::Comprehension(_)) {
                    self.here().is_coroutine = true;
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

    fn instance_attribute(&mut self, attr: &str) {
        let mut at = self.at;
        while let Some(parent) = self.scopes.all[at].parent {
            at = parent;
            if self.scopes.all[at].kind == ScopeKind::Class {
                let name = mangle(self.scopes.all[at].private.as_ref(), attr);
                let attrs = &mut self.scopes.all[at].instance_attrs;
                if !attrs.contains(&name) {
                    attrs.push(name);
                }
                return;
            }
        }
    }
}

impl<'a> Visitor<'a> for Collector {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if self.error.is_some() {
            return;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
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
        if self.depth > MAX_DEPTH {
            self.fail(TOO_DEEP, expr.range());
        } else {
            self.expr(expr);
        }
        self.depth -= 1;
    }

    fn visit_arguments(&mut self, arguments: &'a ast::Arguments) {
        for (index, keyword) in arguments.keywords.iter().enumerate() {
            let Some(name) = &keyword.arg else { continue };
            let same = |other: &ast::Keyword| other.arg.as_deref() == Some(name.as_str());
            if arguments.keywords[..index].iter().any(same) {
                return self.fail(
                    format!("keyword argument repeated: {name}"),
                    keyword.range(),
                );
            }
        }
        visitor::walk_arguments(self, arguments);
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

fn bound_names<'a>(target: &'a Expr, names: &mut Vec<&'a str>) {
    match target {
        Expr::Name(name) => names.push(&name.id),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| bound_names(item, names)),
        Expr::List(list) => list.elts.iter().for_each(|item| bound_names(item, names)),
        Expr::Starred(starred) => bound_names(&starred.value, names),
        _ => {}
    }
}
