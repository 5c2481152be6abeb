//! Functions, lambdas, annotations, type parameters.

use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Compiler, Place, Reg, Result, Section};
use crate::code::{Code, Const, Name, Position, flags};
use crate::op::{Intrinsic1, Intrinsic2, Op, WINDOW, make_function};
use crate::scope::{Role, ScopeId, ScopeKind, annotations};

/// The function that evaluates annotations.
const ANNOTATE: &str = "__annotate__";

impl<'a> Compiler<'a> {
    // --- Definitions ---

    pub(super) fn function_def(&mut self, node: &'a ast::StmtFunctionDef) -> Result<()> {
        let position = self.definition_position(node.range(), &node.decorator_list);
        let first_line = self.position(node.range()).line;
        let windows = self.decorators(&node.decorator_list)?;
        let dst = self.definition_target(&node.name, windows.is_empty());
        match &node.type_params {
            None => self.function_object(node, dst, position, first_line)?,
            Some(parameters) => {
                self.generic_function(node, parameters, dst, position, first_line)?
            }
        }
        self.decorate(&node.decorator_list, &windows, &node.name, dst, position);
        Ok(())
    }

    /// Where a definition is, from its keyword on.
    pub(super) fn definition_position(
        &self,
        range: TextRange,
        decorators: &[ast::Decorator],
    ) -> Position {
        let Some(last) = decorators.last() else {
            return self.position(range);
        };
        let start = after_blanks(self.lines.source(), last.range().end());
        self.position(TextRange::new(start.min(range.end()), range.end()))
    }

    /// Evaluates decorators, each the callable of a window in the argument of the one before.
    pub(super) fn decorators(&mut self, decorators: &'a [ast::Decorator]) -> Result<Vec<Reg>> {
        let mut windows = Vec::with_capacity(decorators.len());
        for decorator in decorators {
            let window = self.push_expr(&decorator.expression)?;
            windows.push(window);
            self.set_top(window + WINDOW);
        }
        Ok(windows)
    }

    /// Where the defined object is made: its variable, if nothing is done with it first.
    pub(super) fn definition_target(&self, name: &str, undecorated: bool) -> Reg {
        match self.lookup(&self.mangled(name)) {
            Place::Local(register) if undecorated => register,
            _ => self.top(),
        }
    }

    /// Applies decorators to the object at `dst` and binds the name.
    pub(super) fn decorate(
        &mut self,
        decorators: &'a [ast::Decorator],
        windows: &[Reg],
        name: &str,
        dst: Reg,
        position: Position,
    ) {
        let mut value = dst;
        for (decorator, &window) in decorators.iter().zip(windows).rev() {
            let at = self.position(decorator.expression.range());
            self.emit(Op::Call, window, 1, window, at);
            value = window;
        }
        self.set_top(value.max(self.here().local_names.len() as u32));
        self.store_name(name, value, position);
    }

    /// Makes the function of a definition without type parameters of its own.
    fn function_object(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        dst: Reg,
        position: Position,
        first_line: u32,
    ) -> Result<()> {
        let top = self.top();
        let mut given = self.defaults(&node.parameters, position)?;
        given |= self.function_annotations(node, position)?;
        self.function_from(node, given, top, dst, position, first_line)
    }

    fn function_from(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        mut given: u32,
        first: Reg,
        dst: Reg,
        position: Position,
        first_line: u32,
    ) -> Result<()> {
        let code = self.function_code(node, first_line)?;
        given |= self.closure(&code, position);
        self.emit_function(code, given, first, dst, position);
        Ok(())
    }

    fn emit_function(
        &mut self,
        code: Arc<Code>,
        given: u32,
        first: Reg,
        dst: Reg,
        position: Position,
    ) {
        let index = self.constant(Const::Code(code));
        self.emit_units(Op::MakeFunction, [dst, given, first], [index, 0], position);
    }

    /// Makes a function of `code` with nothing but its closure.
    pub(super) fn plain_function(&mut self, code: Arc<Code>, dst: Reg, position: Position) {
        let top = self.top();
        let given = self.closure(&code, position);
        self.emit_function(code, given, top, dst, position);
        self.set_top(top);
    }

    /// The closure tuple of `code` at the top, if it has free variables; the flag that says so.
    fn closure(&mut self, code: &Code, position: Position) -> u32 {
        if code.nfree == 0 {
            return 0;
        }
        let tuple = self.top();
        for name in code.freevars() {
            let register = self.claim();
            if let Some(cell) = self.cell_of(name) {
                self.emit(Op::LoadClosure, register, cell, 0, position);
            }
        }
        self.emit(Op::BuildTuple, tuple, tuple, code.nfree, position);
        self.set_top(tuple + 1);
        make_function::CLOSURE
    }

    /// Evaluates default values to the top; which there are.
    fn defaults(&mut self, parameters: &'a ast::Parameters, position: Position) -> Result<u32> {
        let mut given = 0;
        let positional = || parameters.posonlyargs.iter().chain(&parameters.args);
        let values: Vec<&'a Expr> = positional()
            .filter_map(|parameter| parameter.default.as_deref())
            .collect();
        if !values.is_empty() {
            self.default_tuple(&values, position)?;
            given |= make_function::DEFAULTS;
        }
        let named = parameters
            .kwonlyargs
            .iter()
            .filter(|parameter| parameter.default.is_some());
        let count = named.clone().count();
        if count > 0 {
            let map = self.top();
            for parameter in named {
                if let Some(default) = &parameter.default {
                    let key = self.claim();
                    let name = self.mangled(&parameter.parameter.name);
                    self.load_const(key, Const::Str(name), position);
                    self.push_expr(default)?;
                }
            }
            self.emit(Op::BuildMap, map, map, count as u32, position);
            self.set_top(map + 1);
            given |= make_function::KW_DEFAULTS;
        }
        Ok(given)
    }

    fn default_tuple(&mut self, values: &[&'a Expr], position: Position) -> Result<()> {
        let tuple = self.top();
        let constants: Option<Vec<Const>> = values
            .iter()
            .map(|value| self.constant_value(value))
            .collect();
        match constants {
            Some(constants) => self.load_const(tuple, Const::Tuple(constants.into()), position),
            None => {
                for value in values {
                    self.push_expr(value)?;
                }
                self.emit(Op::BuildTuple, tuple, tuple, values.len() as u32, position);
            }
        }
        self.set_top(tuple + 1);
        Ok(())
    }

    // --- Bodies ---

    /// The dotted name of something defined here.
    pub(super) fn qualify(&self, name: &str) -> Name {
        let mut units = self.units.iter().rev();
        let Some(mut parent) = units.next() else {
            return Arc::from(name);
        };
        if self.scopes.all[parent.scope].kind.is_annotation() {
            match units.next() {
                Some(outer) => parent = outer,
                None => return Arc::from(name),
            }
        }
        let scope = &self.scopes.all[parent.scope];
        if scope.kind == ScopeKind::Module
            || scope.usage(&self.mangled(name)) & crate::scope::usage::GLOBAL != 0
        {
            return Arc::from(name);
        }
        let locals = if scope.kind == ScopeKind::Function {
            ".<locals>"
        } else {
            ""
        };
        Arc::from(format!("{}{locals}.{name}", parent.qualname))
    }

    /// The scope a node made.
    pub(super) fn scope_of<T: Ranged>(&self, node: &T, role: Role) -> Result<ScopeId> {
        let missing = || super::CompileError::new("scope not found", node.range());
        self.scopes.of(node, role).ok_or_else(missing)
    }

    fn function_code(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        first_line: u32,
    ) -> Result<Arc<Code>> {
        let scope = self.scope_of(node, Role::Body)?;
        let name = node.name.as_str();
        let qualname = self.qualify(name);
        let kind = self.function_flags(scope, node.is_async);
        self.begin(scope, Arc::from(name), qualname, first_line, kind)?;
        self.parameters(&node.parameters);
        let start = Position {
            line: first_line,
            end_line: first_line,
            column: 0,
            end_column: 0,
            implicit: false,
        };
        if kind != 0 {
            let unbegun = Position::of_line(first_line);
            self.emit(Op::ReturnGenerator, 0, 0, 0, unbegun);
            self.anchor(start);
        }
        if let Some((text, _)) = self.docstring(&node.body)
            && self.optimize < 2
        {
            self.constant(text);
            self.unit().flags |= flags::HAS_DOCSTRING;
        }
        let body = self.without_docstring(&node.body);
        if body.is_empty() {
            self.come_to(start);
        }
        self.body(body)?;
        let last = self.after(start);
        self.emit(Op::ReturnNone, 0, 0, 0, last);
        self.finish()
    }

    fn function_flags(&self, scope: ScopeId, is_async: bool) -> u32 {
        match (is_async, self.scopes.all[scope].is_generator) {
            (true, true) => flags::ASYNC_GENERATOR,
            (true, false) => flags::COROUTINE,
            (false, true) => flags::GENERATOR,
            (false, false) => 0,
        }
    }

    fn parameters(&mut self, parameters: &ast::Parameters) {
        let unit = self.unit();
        unit.posonlyargcount = parameters.posonlyargs.len() as u32;
        unit.argcount = unit.posonlyargcount + parameters.args.len() as u32;
        unit.kwonlyargcount = parameters.kwonlyargs.len() as u32;
        if parameters.vararg.is_some() {
            unit.flags |= flags::VARARGS;
        }
        if parameters.kwarg.is_some() {
            unit.flags |= flags::VARKEYWORDS;
        }
    }

    pub(super) fn lambda(
        &mut self,
        expr: &'a Expr,
        node: &'a ast::ExprLambda,
        dst: Reg,
    ) -> Result<()> {
        let position = self.position(expr.range());
        let first = self.top();
        let mut given = 0;
        if let Some(parameters) = &node.parameters {
            given = self.defaults(parameters, position)?;
        }
        let scope = self.scope_of(expr, Role::Body)?;
        let kind = self.function_flags(scope, false);
        let qualname = self.qualify("<lambda>");
        self.begin(scope, Arc::from("<lambda>"), qualname, position.line, kind)?;
        if let Some(parameters) = &node.parameters {
            self.parameters(parameters);
        }
        let body_position = self.position(node.body.range());
        if kind != 0 {
            let unbegun = Position::of_line(body_position.line);
            self.emit(Op::ReturnGenerator, 0, 0, 0, unbegun);
        }
        let value = self.operand(&node.body)?;
        self.emit(Op::Return, value, 0, 0, body_position);
        let code = self.finish()?;
        given |= self.closure(&code, position);
        self.emit_function(code, given, first, dst, position);
        Ok(())
    }

    // --- Annotations ---

    fn function_annotations(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        position: Position,
    ) -> Result<u32> {
        let Some(scope) = self.scopes.of(node, Role::Annotate) else {
            return Ok(0);
        };
        let qualname = self.qualify(&format!("{}.{ANNOTATE}", node.name));
        self.begin_evaluator(scope, ANNOTATE, position)?;
        self.unit().qualname = qualname;
        let map = self.claim();
        self.emit(Op::BuildMap, map, map, 0, position);
        let texts = self.scopes.future_annotations();
        for (name, annotation) in annotations(node) {
            let at = self.position(annotation.range());
            let value = match annotation {
                annotation if texts => {
                    let value = self.claim();
                    let text = self.annotation_text(annotation)?;
                    self.load_const(value, text, at);
                    value
                }
                // `*args: *Ts` stands for the one item of `*Ts`.
                Expr::Starred(starred) => {
                    let value = self.push_expr(&starred.value)?;
                    self.emit(Op::Unpack, value, value, 1, at);
                    value
                }
                annotation => self.operand(annotation)?,
            };
            self.add_annotation(map, name, value, position);
        }
        self.emit(Op::Return, map, 0, 0, position);
        let code = self.finish()?;
        let dst = self.top();
        self.plain_function(code, dst, position);
        self.claim();
        Ok(make_function::ANNOTATE)
    }

    fn add_annotation(&mut self, map: Reg, name: &str, value: Reg, position: Position) {
        let key = self.claim();
        let name = self.mangled(name);
        self.load_const(key, Const::Str(name), position);
        self.emit(Op::MapAdd, map, key, value, position);
        self.set_top(map + 1);
    }

    /// Opens the unit of a function that evaluates annotations or the like, in a given format.
    fn begin_evaluator(&mut self, scope: ScopeId, name: &str, position: Position) -> Result<()> {
        let qualname = self.qualify(name);
        self.begin(scope, Arc::from(name), qualname, position.line, 0)?;
        let unit = self.unit();
        unit.argcount = 1;
        unit.posonlyargcount = 1;
        // While names are resolved it has a name that no annotation can mean.
        if let Some(parameter) = unit.local_names.first_mut()
            && name == ANNOTATE
        {
            *parameter = Arc::from("format");
        }
        let check = self.top();
        let kind = Intrinsic1::CheckAnnotateFormat as u32;
        self.emit(Op::Intrinsic1, check, 0, kind, position);
        self.emit(Op::Drop, check, 0, 0, position);
        Ok(())
    }

    /// The `__annotate__` function of a module or class body, in the claimed temporary at the top; `None` without annotations.
    pub(super) fn deferred_annotations(&mut self, position: Position) -> Result<Option<Reg>> {
        let Some(scope) = self.scopes.all[self.here().scope].annotate else {
            return Ok(None);
        };
        let deferred = std::mem::take(&mut self.unit().annotations);
        if deferred.is_empty() {
            return Ok(None);
        }
        self.begin_evaluator(scope, ANNOTATE, position)?;
        let map = self.claim();
        self.emit(Op::BuildMap, map, map, 0, position);
        for (name, node, condition) in deferred {
            let at = self.position(node.range());
            let skip = self.label();
            if let Some(index) = condition {
                let number = self.claim();
                self.load_const(number, Const::Int(index), at);
                let set = self.top();
                self.load_name("__conditional_annotations__", set, at);
                self.claim();
                self.emit_jump(Op::JumpIn, [0, number, set], skip, at);
                self.set_top(number);
            }
            let value = self.operand(&node.annotation)?;
            let key = self.claim();
            self.load_const(key, Const::Str(name), at);
            self.emit(Op::MapAdd, map, key, value, at);
            self.set_top(map + 1);
            self.place(skip);
        }
        self.emit(Op::Return, map, 0, 0, position);
        let code = self.finish()?;
        let dst = self.top();
        self.plain_function(code, dst, position);
        Ok(Some(self.claim()))
    }

    /// Binds a module's `__annotate__`, before anything else runs.
    pub(super) fn module_annotations(&mut self, position: Position) -> Result<()> {
        self.in_section(Section::Early, |this| {
            if let Some(function) = this.deferred_annotations(position)? {
                this.store_name("__annotate__", function, position);
                this.set_top(function);
            }
            Ok(())
        })
    }

    // --- Type parameters ---

    /// Opens the unit that evaluates type parameters, and leaves their tuple in the claimed temporary returned.
    pub(super) fn begin_generic<T: Ranged>(
        &mut self,
        node: &T,
        name: &str,
        parameters: &'a ast::TypeParams,
        arguments: u32,
        position: Position,
        first_line: u32,
    ) -> Result<Reg> {
        let scope = self.scope_of(node, Role::TypeParams)?;
        let name = format!("<generic parameters of {name}>");
        let qualname = self.qualify(&name);
        self.begin(scope, Arc::from(name), qualname, first_line, 0)?;
        self.unit().argcount = arguments;
        let tuple = self.top();
        let mut defaults = false;
        for parameter in parameters.iter() {
            let has_default = parameter.default().is_some();
            if defaults && !has_default {
                let message = format!(
                    "non-default type parameter '{}' follows default type parameter",
                    parameter.name()
                );
                return Err(super::CompileError::new(message, parameter.range()));
            }
            defaults = has_default;
            self.type_parameter(parameter)?;
        }
        self.emit(
            Op::BuildTuple,
            tuple,
            tuple,
            parameters.len() as u32,
            position,
        );
        self.set_top(tuple + 1);
        Ok(tuple)
    }

    fn type_parameter(&mut self, parameter: &'a ast::TypeParam) -> Result<()> {
        let position = self.position(parameter.range());
        let name = parameter.name().as_str();
        let value = self.claim();
        self.load_const(value, Const::Str(name.into()), position);
        match parameter {
            ast::TypeParam::TypeVar(variable) => match &variable.bound {
                Some(bound) => {
                    self.evaluator(parameter, Role::Bound, name, bound)?;
                    let constraints = bound.is_tuple_expr();
                    let kind = if constraints {
                        Intrinsic2::TypeVarWithConstraints
                    } else {
                        Intrinsic2::TypeVarWithBound
                    };
                    self.emit(Op::Intrinsic2, value, value, kind as u32, position);
                }
                None => self.emit(
                    Op::Intrinsic1,
                    value,
                    value,
                    Intrinsic1::TypeVar as u32,
                    position,
                ),
            },
            ast::TypeParam::TypeVarTuple(_) => {
                self.emit(
                    Op::Intrinsic1,
                    value,
                    value,
                    Intrinsic1::TypeVarTuple as u32,
                    position,
                );
            }
            ast::TypeParam::ParamSpec(_) => {
                self.emit(
                    Op::Intrinsic1,
                    value,
                    value,
                    Intrinsic1::ParamSpec as u32,
                    position,
                );
            }
        }
        self.set_top(value + 1);
        if let Some(default) = parameter.default() {
            self.evaluator(parameter, Role::Default, name, default)?;
            let kind = Intrinsic2::SetTypeParamDefault as u32;
            self.emit(Op::Intrinsic2, value, value, kind, position);
            self.set_top(value + 1);
        }
        let copy = self.claim();
        self.emit(Op::Copy, copy, value, 0, position);
        self.store_name(name, copy, position);
        self.set_top(value + 1);
        Ok(())
    }

    /// The function that evaluates `value` when asked, at the top.
    fn evaluator(
        &mut self,
        node: &'a ast::TypeParam,
        role: Role,
        name: &str,
        value: &'a Expr,
    ) -> Result<()> {
        let scope = self.scope_of(node, role)?;
        self.evaluator_of(scope, name, value)
    }

    fn evaluator_of(&mut self, scope: ScopeId, name: &str, value: &'a Expr) -> Result<()> {
        let position = self.position(value.range());
        self.begin_evaluator(scope, name, position)?;
        let result = match value {
            // The default of a TypeVarTuple may be starred.
            Expr::Starred(starred) => {
                let result = self.push_expr(&starred.value)?;
                self.emit(Op::Unpack, result, result, 1, position);
                result
            }
            value => self.operand(value)?,
        };
        self.emit(Op::Return, result, 0, 0, position);
        let code = self.finish()?;
        let function = self.top();
        let defaults = self.claim();
        self.load_const(defaults, Const::Tuple(Arc::new([Const::Int(1)])), position);
        let given = make_function::DEFAULTS | self.closure(&code, position);
        self.emit_function(code, given, function, function, position);
        self.set_top(function + 1);
        Ok(())
    }

    fn generic_function(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        parameters: &'a ast::TypeParams,
        dst: Reg,
        position: Position,
        first_line: u32,
    ) -> Result<()> {
        // Default values are evaluated here, and passed to the function that makes the function.
        let window = self.claim();
        self.set_top(window + WINDOW);
        let first = self.top();
        let given = self.defaults(&node.parameters, position)?;
        let (defaults, kw_defaults) = (
            given & make_function::DEFAULTS,
            given & make_function::KW_DEFAULTS,
        );
        match (defaults, kw_defaults) {
            (0, 0) => {
                self.load_const(first, Const::None, position);
                self.load_const(first + 1, Const::None, position);
            }
            (0, _) => {
                self.emit(Op::Move, first + 1, first, 0, position);
                self.load_const(first, Const::None, position);
            }
            (_, 0) => self.load_const(first + 1, Const::None, position),
            _ => {}
        }
        self.set_top(first + 2);
        let tuple = self.begin_generic(node, &node.name, parameters, 2, position, first_line)?;
        let function = self.top();
        let mut parts = 0;
        for (flag, register) in [
            (make_function::DEFAULTS, 0),
            (make_function::KW_DEFAULTS, 1),
        ] {
            if given & flag != 0 {
                let copy = self.claim();
                self.emit(Op::Copy, copy, register, 0, position);
                parts |= flag;
            }
        }
        parts |= self.function_annotations(node, position)?;
        self.function_from(node, parts, function, function, position, first_line)?;
        self.set_top(function + 1);
        let pair = self.claim();
        self.emit(Op::Move, pair, tuple, 0, position);
        let kind = Intrinsic2::SetFunctionTypeParams as u32;
        self.emit(Op::Intrinsic2, tuple, function, kind, position);
        self.emit(Op::Return, tuple, 0, 0, position);
        let code = self.finish()?;
        self.plain_function(code, window, position);
        self.emit(Op::Call, window, 2, dst, position);
        self.set_top(window);
        Ok(())
    }

    pub(super) fn type_alias(&mut self, node: &'a ast::StmtTypeAlias) -> Result<()> {
        let position = self.position(node.range());
        let name = match &*node.name {
            Expr::Name(name) => name.id.as_str(),
            _ => "",
        };
        let dst = match &node.type_params {
            None => {
                let alias = self.top();
                self.alias_object(node, name, None, position)?;
                alias
            }
            Some(parameters) => {
                let window = self.claim();
                let tuple =
                    self.begin_generic(node, name, parameters, 0, position, position.line)?;
                self.alias_object(node, name, Some(tuple), position)?;
                self.emit(Op::Return, tuple + 1, 0, 0, position);
                let code = self.finish()?;
                self.plain_function(code, window, position);
                self.emit(Op::Call, window, 0, window, position);
                window
            }
        };
        self.set_top(dst + 1);
        self.store(&node.name, dst)
    }

    /// The alias at the top.
    fn alias_object(
        &mut self,
        node: &'a ast::StmtTypeAlias,
        name: &str,
        parameters: Option<Reg>,
        position: Position,
    ) -> Result<()> {
        let first = self.claim();
        self.load_const(first, Const::Str(name.into()), position);
        let second = self.claim();
        match parameters {
            Some(tuple) => self.emit(Op::Move, second, tuple, 0, position),
            None => self.load_const(second, Const::None, position),
        }
        let scope = self.scope_of(node, Role::Body)?;
        self.evaluator_of(scope, name, &node.value)?;
        self.emit(Op::BuildTuple, first, first, 3, position);
        self.emit(
            Op::Intrinsic1,
            first,
            first,
            Intrinsic1::TypeAlias as u32,
            position,
        );
        self.set_top(first + 1);
        Ok(())
    }
}

/// The offset of the next thing in a text that is no space and no comment.
pub fn after_blanks(source: &str, from: TextSize) -> TextSize {
    let bytes = source.as_bytes();
    let mut at = from.to_usize();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                while bytes.get(at).is_some_and(|&byte| byte != b'\n') {
                    at += 1;
                }
            }
            // The parentheses around a decorator are not part of its expression.
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'\\' | b')' => at += 1,
            _ => break,
        }
    }
    u32::try_from(at).map_or(from, TextSize::from)
}
