//! Functions, classes and type aliases: parameters, type parameters, bodies.

use super::Collector;
use crate::code::Name;
use crate::scope::{Role, ScopeKind, usage};
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};
use std::rc::Rc;

impl Collector {
    pub(super) fn parameters(&mut self, parameters: &ast::Parameters) {
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

    pub(super) fn parameter(&mut self, parameter: &ast::Parameter) {
        let name = self.mangled(&parameter.name);
        // Without the stars in front.
        let range = TextRange::new(parameter.name.start(), parameter.end());
        if self.here().usage(&name) & usage::PARAMETER != 0 {
            let message = format!(
                "duplicate argument '{}' in function definition",
                parameter.name
            );
            self.fail(message, range);
        }
        if &*name == "__debug__" {
            self.fail("cannot assign to __debug__", range);
        }
        self.here().add(&name, usage::PARAMETER);
    }

    pub(super) fn defaults(&mut self, parameters: &ast::Parameters) {
        let all = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .chain(&parameters.kwonlyargs);
        for default in all.filter_map(|parameter| parameter.default.as_deref()) {
            self.visit_expr(default);
        }
    }

    pub(super) fn type_parameters(&mut self, parameters: &ast::TypeParams) {
        for parameter in parameters.iter() {
            let name = self.mangled(parameter.name());
            let reserved = match parameter.name().as_str() {
                "__classdict__" => {
                    Some("reserved name '__classdict__' cannot be used for type parameter")
                }
                "__debug__" => Some("cannot assign to __debug__"),
                _ => None,
            };
            if let Some(message) = reserved {
                self.fail(message, parameter.range());
            }
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

    pub(super) fn function(&mut self, node: &ast::StmtFunctionDef) {
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

    pub(super) fn class(&mut self, node: &ast::StmtClassDef) {
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
                    let names = parameters
                        .iter()
                        .map(|parameter| Name::from(parameter.name().as_str()));
                    let names = names.chain([".type_params", ".generic_base"].map(Name::from));
                    this.here().private = Some(Name::from(node.name.as_str()));
                    this.here().mangled = Some(Rc::new(names.collect()));
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
}
