//! From the parser's tree to nodes.

use super::classes;
use super::function_type::FunctionType;
use super::type_comments::TypeComments;
use crate::compile;
use crate::error::PyResult;
use crate::object::obj::Obj;
use crate::object::object_::PyObject;
use crate::object::type_::PyType;
use crate::object::{code, instance, int, list, payload, str_};
use crate::parse::{LineIndex, Mode, Parsed};
use kit_core::thread::Ctx;
use ruff_python_ast::{self as tree, Expr, Mod, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::collections::HashMap;

/// The node of a parsed text, and of its `comments` that tell types; optimized if `optimize` says how much.
pub fn module(
    ctx: &mut Ctx,
    parsed: &Parsed,
    mode: Mode,
    optimize: Option<u8>,
    comments: TypeComments,
) -> PyResult {
    let mut made = Maker::new(ctx, &parsed.lines)?;
    made.optimize = optimize;
    made.comments = comments;
    match &parsed.tree {
        Mod::Expression(node) => {
            let body = made.expr(&node.body)?;
            made.node("Expression", &[("body", body)])
        }
        Mod::Module(node) => {
            if mode == Mode::Single {
                let body = made.body(&node.body)?;
                return made.node("Interactive", &[("body", body)]);
            }
            let body = made.documented(&node.body)?;
            let ignores = made.ignores()?;
            made.node("Module", &[("body", body), ("type_ignores", ignores)])
        }
    }
}

/// A `FunctionType` node.
pub fn function_type(ctx: &mut Ctx, read: &FunctionType) -> PyResult {
    let mut parameters = Vec::new();
    for parsed in &read.parameters {
        parameters.push(expression(ctx, parsed)?);
    }
    let returns = expression(ctx, &read.returns)?;
    let mut made = Maker::new(ctx, &read.returns.lines)?;
    let parameters = made.list(parameters)?;
    made.node(
        "FunctionType",
        &[("argtypes", parameters), ("returns", returns)],
    )
}

fn expression(ctx: &mut Ctx, parsed: &Parsed) -> PyResult {
    match &parsed.tree {
        Mod::Expression(node) => Maker::new(ctx, &parsed.lines)?.expr(&node.body),
        Mod::Module(_) => Ok(Obj::NONE),
    }
}

type Fields<'a> = &'a [(&'static str, Obj)];

/// Makes nodes.
pub(super) struct Maker<'a> {
    pub(super) ctx: &'a mut Ctx,
    pub(super) lines: &'a LineIndex,
    pub(super) optimize: Option<u8>,
    comments: TypeComments,
    classes: Obj,
    known: HashMap<&'static str, Obj>,
}

impl<'a> Maker<'a> {
    fn new(ctx: &'a mut Ctx, lines: &'a LineIndex) -> PyResult<Maker<'a>> {
        let classes = super::all_classes(ctx)?;
        Ok(Maker {
            ctx,
            lines,
            optimize: None,
            comments: TypeComments::default(),
            classes,
            known: HashMap::new(),
        })
    }

    // --- Nodes and values ---

    fn class(&mut self, name: &'static str) -> PyResult {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let class = classes::find(self.ctx, &self.classes, name)?;
        self.known.insert(name, class.clone());
        Ok(class)
    }

    pub(super) fn node(&mut self, name: &'static str, fields: Fields<'_>) -> PyResult {
        let class = self.class(name)?;
        let id = class.expect::<PyType>().id;
        let made = payload::allocate(self.ctx, id, PyObject)?;
        for (field, value) in fields {
            let field = str_::intern(self.ctx, field);
            instance::set(self.ctx, &made, &field, Some(value.clone()))?;
        }
        Ok(made)
    }

    /// What is told of the types of what begins at `start`.
    fn type_comment(&mut self, start: TextSize) -> PyResult {
        match self.comments.of(start) {
            Some(told) => str_::new(self.ctx, &self.lines.source()[told]),
            None => Ok(Obj::NONE),
        }
    }

    /// Where errors of types are to be ignored.
    fn ignores(&mut self) -> PyResult {
        let mut all = Vec::new();
        for (line, tag) in std::mem::take(&mut self.comments.ignored) {
            let line = Obj::small_int(line.into());
            let tag = str_::new(self.ctx, &tag)?;
            all.push(self.node("TypeIgnore", &[("lineno", line), ("tag", tag)])?);
        }
        self.list(all)
    }

    /// A node with a position.
    pub(super) fn at(
        &mut self,
        range: TextRange,
        name: &'static str,
        fields: Fields<'_>,
    ) -> PyResult {
        let made = self.node(name, fields)?;
        let start = self.lines.location(range.start());
        let end = self.lines.location(range.end());
        let place = [start.line, start.byte_column, end.line, end.byte_column];
        self.place(&made, place.map(i64::from))?;
        Ok(made)
    }

    /// Says where a node begins and ends: line and column.
    pub(super) fn place(&mut self, node: &Obj, place: [i64; 4]) -> PyResult<()> {
        let fields = ["lineno", "col_offset", "end_lineno", "end_col_offset"];
        for (field, value) in fields.into_iter().zip(place) {
            let field = str_::intern(self.ctx, field);
            instance::set(self.ctx, node, &field, Some(Obj::small_int(value)))?;
        }
        Ok(())
    }

    /// The node of an operator or a context, of which there is one.
    fn single(&mut self, name: &'static str) -> PyResult {
        super::singleton(self.ctx, name)
    }

    pub(super) fn list(&mut self, items: Vec<Obj>) -> PyResult {
        list::from_vec(self.ctx, items)
    }

    fn text(&mut self, text: &str) -> PyResult {
        str_::intern_passing(self.ctx, text)
    }

    fn name_or_none(&mut self, name: Option<&tree::Identifier>) -> PyResult {
        match name {
            Some(name) => self.text(name),
            None => Ok(Obj::NONE),
        }
    }

    fn names(&mut self, names: &[tree::Identifier]) -> PyResult {
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            all.push(self.text(name)?);
        }
        self.list(all)
    }

    // --- Statements ---

    pub(super) fn body(&mut self, body: &[Stmt]) -> PyResult {
        let mut all = Vec::with_capacity(body.len());
        for statement in body {
            all.push(self.stmt(statement)?);
        }
        self.list(all)
    }

    /// What ends with a body ends behind the semicolon of that, if there is one.
    fn with_semicolon(&self, range: TextRange) -> TextRange {
        let rest = &self.lines.source()[range.end().to_usize()..];
        let behind = rest.trim_start_matches([' ', '\t', '\x0c']);
        if !behind.starts_with(';') {
            return range;
        }
        let length = rest.len() - behind.len() + 1;
        TextRange::new(range.start(), range.end() + TextSize::of(&rest[..length]))
    }

    /// Where a definition is, from its keyword on.
    fn definition_range(&self, range: TextRange, decorators: &[tree::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else {
            return range;
        };
        let start = compile::after_blanks(self.lines.source(), last.range().end());
        TextRange::new(start.min(range.end()), range.end())
    }

    fn decorators(&mut self, decorators: &[tree::Decorator]) -> PyResult {
        self.exprs(decorators.iter().map(|decorator| &decorator.expression))
    }

    pub(super) fn stmt(&mut self, statement: &Stmt) -> PyResult {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        let range = match statement {
            Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Match(_)
            | Stmt::Try(_) => self.with_semicolon(statement.range()),
            _ => statement.range(),
        };
        match statement {
            Stmt::FunctionDef(node) => {
                let name = self.text(&node.name)?;
                let args = self.parameters(Some(&node.parameters))?;
                let type_comment = self.type_comment(node.start())?;
                let body = self.documented(&node.body)?;
                let decorators = self.decorators(&node.decorator_list)?;
                let returns = self.maybe(node.returns.as_deref())?;
                let parameters = self.type_params(node.type_params.as_deref())?;
                let class = if node.is_async {
                    "AsyncFunctionDef"
                } else {
                    "FunctionDef"
                };
                let range = self.definition_range(range, &node.decorator_list);
                let fields = [
                    ("name", name),
                    ("args", args),
                    ("body", body),
                    ("decorator_list", decorators),
                    ("returns", returns),
                    ("type_comment", type_comment),
                    ("type_params", parameters),
                ];
                self.at(range, class, &fields)
            }
            Stmt::ClassDef(node) => {
                let name = self.text(&node.name)?;
                let (bases, keywords) = match &node.arguments {
                    Some(arguments) => self.arguments(arguments)?,
                    None => (self.list(Vec::new())?, self.list(Vec::new())?),
                };
                let body = self.documented(&node.body)?;
                let decorators = self.decorators(&node.decorator_list)?;
                let parameters = self.type_params(node.type_params.as_deref())?;
                let range = self.definition_range(range, &node.decorator_list);
                let fields = [
                    ("name", name),
                    ("bases", bases),
                    ("keywords", keywords),
                    ("body", body),
                    ("decorator_list", decorators),
                    ("type_params", parameters),
                ];
                self.at(range, "ClassDef", &fields)
            }
            Stmt::Return(node) => {
                let value = self.maybe(node.value.as_deref())?;
                self.at(range, "Return", &[("value", value)])
            }
            Stmt::Delete(node) => {
                let targets = self.exprs(node.targets.iter())?;
                self.at(range, "Delete", &[("targets", targets)])
            }
            Stmt::TypeAlias(node) => {
                let name = self.expr(&node.name)?;
                let parameters = self.type_params(node.type_params.as_deref())?;
                let value = self.expr(&node.value)?;
                let fields = [
                    ("name", name),
                    ("type_params", parameters),
                    ("value", value),
                ];
                self.at(range, "TypeAlias", &fields)
            }
            Stmt::Assign(node) => {
                let targets = self.exprs(node.targets.iter())?;
                let value = self.expr(&node.value)?;
                let type_comment = self.type_comment(node.start())?;
                let fields = [
                    ("targets", targets),
                    ("value", value),
                    ("type_comment", type_comment),
                ];
                self.at(range, "Assign", &fields)
            }
            Stmt::AugAssign(node) => {
                let target = self.expr(&node.target)?;
                let op = self.single(operator(node.op))?;
                let value = self.expr(&node.value)?;
                self.at(
                    range,
                    "AugAssign",
                    &[("target", target), ("op", op), ("value", value)],
                )
            }
            Stmt::AnnAssign(node) => {
                let target = self.expr(&node.target)?;
                let annotation = self.expr(&node.annotation)?;
                let value = self.maybe(node.value.as_deref())?;
                let simple = Obj::small_int(i64::from(node.simple));
                let fields = [
                    ("target", target),
                    ("annotation", annotation),
                    ("value", value),
                    ("simple", simple),
                ];
                self.at(range, "AnnAssign", &fields)
            }
            Stmt::For(node) => {
                let target = self.expr(&node.target)?;
                let iter = self.expr(&node.iter)?;
                let body = self.body(&node.body)?;
                let orelse = self.body(&node.orelse)?;
                let class = if node.is_async { "AsyncFor" } else { "For" };
                let type_comment = self.type_comment(node.start())?;
                let fields = [
                    ("target", target),
                    ("iter", iter),
                    ("body", body),
                    ("orelse", orelse),
                    ("type_comment", type_comment),
                ];
                self.at(range, class, &fields)
            }
            Stmt::While(node) => {
                let test = self.expr(&node.test)?;
                let body = self.body(&node.body)?;
                let orelse = self.body(&node.orelse)?;
                let fields = [("test", test), ("body", body), ("orelse", orelse)];
                self.at(range, "While", &fields)
            }
            Stmt::If(node) => {
                // `elif` is an `if` in the `else` of the one before.
                let mut orelse = Vec::new();
                for clause in node.elif_else_clauses.iter().rev() {
                    match &clause.test {
                        None => {
                            for statement in &clause.body {
                                orelse.push(self.stmt(statement)?);
                            }
                        }
                        Some(test) => {
                            let test = self.expr(test)?;
                            let body = self.body(&clause.body)?;
                            let rest = self.list(std::mem::take(&mut orelse))?;
                            let end = TextRange::new(clause.range.start(), range.end());
                            let fields = [("test", test), ("body", body), ("orelse", rest)];
                            orelse.push(self.at(end, "If", &fields)?);
                        }
                    }
                }
                let test = self.expr(&node.test)?;
                let body = self.body(&node.body)?;
                let orelse = self.list(orelse)?;
                let fields = [("test", test), ("body", body), ("orelse", orelse)];
                self.at(range, "If", &fields)
            }
            Stmt::With(node) => {
                let mut items = Vec::new();
                for item in &node.items {
                    let context = self.expr(&item.context_expr)?;
                    let target = self.maybe(item.optional_vars.as_deref())?;
                    let fields = [("context_expr", context), ("optional_vars", target)];
                    items.push(self.node("withitem", &fields)?);
                }
                let items = self.list(items)?;
                let body = self.body(&node.body)?;
                let class = if node.is_async { "AsyncWith" } else { "With" };
                let type_comment = self.type_comment(node.start())?;
                let fields = [
                    ("items", items),
                    ("body", body),
                    ("type_comment", type_comment),
                ];
                self.at(range, class, &fields)
            }
            Stmt::Match(node) => {
                let subject = self.expr(&node.subject)?;
                let mut cases = Vec::new();
                for case in &node.cases {
                    let pattern = self.pattern(&case.pattern)?;
                    let guard = self.maybe(case.guard.as_deref())?;
                    let body = self.body(&case.body)?;
                    let fields = [("pattern", pattern), ("guard", guard), ("body", body)];
                    cases.push(self.node("match_case", &fields)?);
                }
                let cases = self.list(cases)?;
                self.at(range, "Match", &[("subject", subject), ("cases", cases)])
            }
            Stmt::Raise(node) => {
                let exc = self.maybe(node.exc.as_deref())?;
                let cause = self.maybe(node.cause.as_deref())?;
                self.at(range, "Raise", &[("exc", exc), ("cause", cause)])
            }
            Stmt::Try(node) => {
                let body = self.body(&node.body)?;
                let mut handlers = Vec::new();
                for tree::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    let class = self.maybe(handler.type_.as_deref())?;
                    let name = self.name_or_none(handler.name.as_ref())?;
                    let body = self.body(&handler.body)?;
                    let fields = [("type", class), ("name", name), ("body", body)];
                    let range = self.with_semicolon(handler.range());
                    handlers.push(self.at(range, "ExceptHandler", &fields)?);
                }
                let handlers = self.list(handlers)?;
                let orelse = self.body(&node.orelse)?;
                let finalbody = self.body(&node.finalbody)?;
                let class = if node.is_star { "TryStar" } else { "Try" };
                let fields = [
                    ("body", body),
                    ("handlers", handlers),
                    ("orelse", orelse),
                    ("finalbody", finalbody),
                ];
                self.at(range, class, &fields)
            }
            Stmt::Assert(node) => {
                let test = self.expr(&node.test)?;
                let message = self.maybe(node.msg.as_deref())?;
                self.at(range, "Assert", &[("test", test), ("msg", message)])
            }
            Stmt::Import(node) => {
                let names = self.aliases(&node.names)?;
                self.at(range, "Import", &[("names", names)])
            }
            Stmt::ImportFrom(node) => {
                let module = self.name_or_none(node.module.as_ref())?;
                let names = self.aliases(&node.names)?;
                let level = Obj::small_int(i64::from(node.level));
                let fields = [("module", module), ("names", names), ("level", level)];
                self.at(range, "ImportFrom", &fields)
            }
            Stmt::Global(node) => {
                let names = self.names(&node.names)?;
                self.at(range, "Global", &[("names", names)])
            }
            Stmt::Nonlocal(node) => {
                let names = self.names(&node.names)?;
                self.at(range, "Nonlocal", &[("names", names)])
            }
            Stmt::Expr(node) => {
                let value = self.expr(&node.value)?;
                self.at(range, "Expr", &[("value", value)])
            }
            Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => self.at(range, "Pass", &[]),
            Stmt::Break(_) => self.at(range, "Break", &[]),
            Stmt::Continue(_) => self.at(range, "Continue", &[]),
        }
    }

    fn aliases(&mut self, names: &[tree::Alias]) -> PyResult {
        let mut all = Vec::new();
        for alias in names {
            let name = self.text(&alias.name)?;
            let other = self.name_or_none(alias.asname.as_ref())?;
            all.push(self.at(alias.range(), "alias", &[("name", name), ("asname", other)])?);
        }
        self.list(all)
    }

    fn type_params(&mut self, parameters: Option<&tree::TypeParams>) -> PyResult {
        let mut all = Vec::new();
        for parameter in parameters.into_iter().flat_map(|all| all.iter()) {
            let name = self.text(parameter.name())?;
            let default = self.maybe(parameter.default())?;
            let (class, bound) = match parameter {
                tree::TypeParam::TypeVar(node) => ("TypeVar", node.bound.as_deref()),
                tree::TypeParam::ParamSpec(_) => ("ParamSpec", None),
                tree::TypeParam::TypeVarTuple(_) => ("TypeVarTuple", None),
            };
            let bound = self.maybe(bound)?;
            let mut fields = vec![("name", name)];
            if class == "TypeVar" {
                fields.push(("bound", bound));
            }
            fields.push(("default_value", default));
            all.push(self.at(parameter.range(), class, &fields)?);
        }
        self.list(all)
    }

    // --- Parameters and arguments ---

    fn parameter(&mut self, parameter: &tree::Parameter) -> PyResult {
        let name = self.text(&parameter.name)?;
        let annotation = self.maybe(parameter.annotation.as_deref())?;
        let type_comment = self.type_comment(parameter.name.start())?;
        let fields = [
            ("arg", name),
            ("annotation", annotation),
            ("type_comment", type_comment),
        ];
        // Without the stars.
        let range = TextRange::new(parameter.name.start(), parameter.end());
        self.at(range, "arg", &fields)
    }

    fn parameter_list(&mut self, parameters: &[tree::ParameterWithDefault]) -> PyResult {
        let mut all = Vec::new();
        for parameter in parameters {
            all.push(self.parameter(&parameter.parameter)?);
        }
        self.list(all)
    }

    fn maybe_parameter(&mut self, parameter: Option<&tree::Parameter>) -> PyResult {
        parameter.map_or(Ok(Obj::NONE), |parameter| self.parameter(parameter))
    }

    fn parameters(&mut self, parameters: Option<&tree::Parameters>) -> PyResult {
        let none = tree::Parameters::default();
        let parameters = parameters.unwrap_or(&none);
        let posonly = self.parameter_list(&parameters.posonlyargs)?;
        let args = self.parameter_list(&parameters.args)?;
        let vararg = self.maybe_parameter(parameters.vararg.as_deref())?;
        let kwonly = self.parameter_list(&parameters.kwonlyargs)?;
        let mut kw_defaults = Vec::new();
        for parameter in &parameters.kwonlyargs {
            kw_defaults.push(self.maybe(parameter.default())?);
        }
        let kw_defaults = self.list(kw_defaults)?;
        let kwarg = self.maybe_parameter(parameters.kwarg.as_deref())?;
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let defaults = self.exprs(positional.filter_map(|parameter| parameter.default()))?;
        let fields = [
            ("posonlyargs", posonly),
            ("args", args),
            ("vararg", vararg),
            ("kwonlyargs", kwonly),
            ("kw_defaults", kw_defaults),
            ("kwarg", kwarg),
            ("defaults", defaults),
        ];
        self.node("arguments", &fields)
    }

    /// Positional arguments and keywords.
    fn arguments(&mut self, arguments: &tree::Arguments) -> PyResult<(Obj, Obj)> {
        let mut positional = Vec::new();
        for arg in &arguments.args {
            // The parentheses of a call are those of a generator expression that is alone in it.
            let lone = arguments.args.len() == 1 && arguments.keywords.is_empty();
            positional.push(match arg {
                Expr::Generator(node) if lone && !node.parenthesized => {
                    self.generator(node, arguments.range())?
                }
                arg => self.expr(arg)?,
            });
        }
        let mut keywords = Vec::new();
        for keyword in &arguments.keywords {
            let name = self.name_or_none(keyword.arg.as_ref())?;
            let value = self.expr(&keyword.value)?;
            let fields = [("arg", name), ("value", value)];
            keywords.push(self.at(keyword.range(), "keyword", &fields)?);
        }
        Ok((self.list(positional)?, self.list(keywords)?))
    }

    // --- Expressions ---

    fn maybe(&mut self, expr: Option<&Expr>) -> PyResult {
        expr.map_or(Ok(Obj::NONE), |expr| self.expr(expr))
    }

    fn exprs<'e>(&mut self, exprs: impl Iterator<Item = &'e Expr>) -> PyResult {
        let mut all = Vec::new();
        for expr in exprs {
            all.push(self.expr(expr)?);
        }
        self.list(all)
    }

    fn context(&mut self, context: tree::ExprContext) -> PyResult {
        self.single(match context {
            tree::ExprContext::Store => "Store",
            tree::ExprContext::Del => "Del",
            tree::ExprContext::Load | tree::ExprContext::Invalid => "Load",
        })
    }

    fn generators(&mut self, generators: &[tree::Comprehension]) -> PyResult {
        let mut all = Vec::new();
        for generator in generators {
            let target = self.expr(&generator.target)?;
            let iter = self.expr(&generator.iter)?;
            let ifs = self.exprs(generator.ifs.iter())?;
            let is_async = Obj::small_int(i64::from(generator.is_async));
            let fields = [
                ("target", target),
                ("iter", iter),
                ("ifs", ifs),
                ("is_async", is_async),
            ];
            all.push(self.node("comprehension", &fields)?);
        }
        self.list(all)
    }

    fn generator(&mut self, node: &tree::ExprGenerator, range: TextRange) -> PyResult {
        let elt = self.expr(&node.elt)?;
        let generators = self.generators(&node.generators)?;
        let fields = [("elt", elt), ("generators", generators)];
        self.at(range, "GeneratorExp", &fields)
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> PyResult {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        if let Some(other) = self.optimized(expr)? {
            return Ok(other);
        }
        let range = expr.range();
        match expr {
            Expr::BoolOp(node) => {
                let op = self.single(match node.op {
                    tree::BoolOp::And => "And",
                    tree::BoolOp::Or => "Or",
                })?;
                let values = self.exprs(node.values.iter())?;
                self.at(range, "BoolOp", &[("op", op), ("values", values)])
            }
            Expr::Named(node) => {
                let target = self.expr(&node.target)?;
                let value = self.expr(&node.value)?;
                self.at(range, "NamedExpr", &[("target", target), ("value", value)])
            }
            Expr::BinOp(node) => {
                let left = self.expr(&node.left)?;
                let op = self.single(operator(node.op))?;
                let right = self.expr(&node.right)?;
                let fields = [("left", left), ("op", op), ("right", right)];
                self.at(range, "BinOp", &fields)
            }
            Expr::UnaryOp(node) => {
                let op = self.single(match node.op {
                    tree::UnaryOp::Invert => "Invert",
                    tree::UnaryOp::Not => "Not",
                    tree::UnaryOp::UAdd => "UAdd",
                    tree::UnaryOp::USub => "USub",
                })?;
                let operand = self.expr(&node.operand)?;
                self.at(range, "UnaryOp", &[("op", op), ("operand", operand)])
            }
            Expr::Lambda(node) => {
                let args = self.parameters(node.parameters.as_deref())?;
                let body = self.expr(&node.body)?;
                self.at(range, "Lambda", &[("args", args), ("body", body)])
            }
            Expr::If(node) => {
                let test = self.expr(&node.test)?;
                let body = self.expr(&node.body)?;
                let orelse = self.expr(&node.orelse)?;
                let fields = [("test", test), ("body", body), ("orelse", orelse)];
                self.at(range, "IfExp", &fields)
            }
            Expr::Dict(node) => {
                let mut keys = Vec::new();
                for item in &node.items {
                    keys.push(self.maybe(item.key.as_ref())?);
                }
                let keys = self.list(keys)?;
                let values = self.exprs(node.items.iter().map(|item| &item.value))?;
                self.at(range, "Dict", &[("keys", keys), ("values", values)])
            }
            Expr::Set(node) => {
                let elts = self.exprs(node.elts.iter())?;
                self.at(range, "Set", &[("elts", elts)])
            }
            Expr::ListComp(node) => {
                let elt = self.expr(&node.elt)?;
                let generators = self.generators(&node.generators)?;
                let fields = [("elt", elt), ("generators", generators)];
                self.at(range, "ListComp", &fields)
            }
            Expr::SetComp(node) => {
                let elt = self.expr(&node.elt)?;
                let generators = self.generators(&node.generators)?;
                let fields = [("elt", elt), ("generators", generators)];
                self.at(range, "SetComp", &fields)
            }
            Expr::DictComp(node) => {
                let key = self.maybe(node.key.as_deref())?;
                let value = self.expr(&node.value)?;
                let generators = self.generators(&node.generators)?;
                let fields = [("key", key), ("value", value), ("generators", generators)];
                self.at(range, "DictComp", &fields)
            }
            Expr::Generator(node) => self.generator(node, range),
            Expr::Await(node) => {
                let value = self.expr(&node.value)?;
                self.at(range, "Await", &[("value", value)])
            }
            Expr::Yield(node) => {
                let value = self.maybe(node.value.as_deref())?;
                self.at(range, "Yield", &[("value", value)])
            }
            Expr::YieldFrom(node) => {
                let value = self.expr(&node.value)?;
                self.at(range, "YieldFrom", &[("value", value)])
            }
            Expr::Compare(node) => {
                let left = self.expr(&node.left)?;
                let mut ops = Vec::new();
                for op in &node.ops {
                    ops.push(self.single(comparison(*op))?);
                }
                let ops = self.list(ops)?;
                let comparators = self.exprs(node.comparators.iter())?;
                let fields = [("left", left), ("ops", ops), ("comparators", comparators)];
                self.at(range, "Compare", &fields)
            }
            Expr::Call(node) => {
                let func = self.expr(&node.func)?;
                let (args, keywords) = self.arguments(&node.arguments)?;
                let fields = [("func", func), ("args", args), ("keywords", keywords)];
                self.at(range, "Call", &fields)
            }
            Expr::FString(node) => {
                let mut pieces = Vec::new();
                for part in node.value.as_slice() {
                    match part {
                        tree::FStringPart::Literal(literal) => {
                            add_text(&mut pieces, &literal.value, literal.range());
                        }
                        tree::FStringPart::FString(part) => {
                            gather(&mut pieces, part.elements.iter());
                        }
                    }
                }
                let values = self.pieces(pieces, false)?;
                self.at(range, "JoinedStr", &[("values", values)])
            }
            Expr::TString(node) => {
                let mut pieces = Vec::new();
                for part in node.value.as_slice() {
                    gather(&mut pieces, part.elements.iter());
                }
                let values = self.pieces(pieces, true)?;
                self.at(range, "TemplateStr", &[("values", values)])
            }
            Expr::StringLiteral(node) => {
                let first = node.value.iter().next();
                // An upper-case prefix is none to the tree.
                let source = self.lines.source();
                let unicode = first.is_some_and(|part| {
                    part.flags.prefix().is_unicode()
                        && source[part.range.start().to_usize()..].starts_with('u')
                });
                let kind = if unicode { self.text("u")? } else { Obj::NONE };
                self.constant(expr, kind)
            }
            Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => self.constant(expr, Obj::NONE),
            Expr::Attribute(node) => {
                let value = self.expr(&node.value)?;
                let attr = self.text(&node.attr)?;
                let context = self.context(node.ctx)?;
                let fields = [("value", value), ("attr", attr), ("ctx", context)];
                self.at(range, "Attribute", &fields)
            }
            Expr::Subscript(node) => {
                let value = self.expr(&node.value)?;
                let slice = self.expr(&node.slice)?;
                let context = self.context(node.ctx)?;
                let fields = [("value", value), ("slice", slice), ("ctx", context)];
                self.at(range, "Subscript", &fields)
            }
            Expr::Starred(node) => {
                let value = self.expr(&node.value)?;
                let context = self.context(node.ctx)?;
                self.at(range, "Starred", &[("value", value), ("ctx", context)])
            }
            Expr::Name(node) => {
                let id = self.text(&node.id)?;
                let context = self.context(node.ctx)?;
                self.at(range, "Name", &[("id", id), ("ctx", context)])
            }
            Expr::List(node) => {
                let elts = self.exprs(node.elts.iter())?;
                let context = self.context(node.ctx)?;
                self.at(range, "List", &[("elts", elts), ("ctx", context)])
            }
            Expr::Tuple(node) => {
                let elts = self.exprs(node.elts.iter())?;
                let context = self.context(node.ctx)?;
                self.at(range, "Tuple", &[("elts", elts), ("ctx", context)])
            }
            Expr::Slice(node) => {
                let lower = self.maybe(node.lower.as_deref())?;
                let upper = self.maybe(node.upper.as_deref())?;
                let step = self.maybe(node.step.as_deref())?;
                let fields = [("lower", lower), ("upper", upper), ("step", step)];
                self.at(range, "Slice", &fields)
            }
            // Never part of Python.
            Expr::IpyEscapeCommand(_) => self.at(range, "Pass", &[]),
        }
    }

    fn constant(&mut self, expr: &Expr, kind: Obj) -> PyResult {
        let value = match compile::literal(expr, self.lines) {
            Some(constant) => code::value(self.ctx, &constant)?,
            None => Obj::NONE,
        };
        self.at(
            expr.range(),
            "Constant",
            &[("value", value), ("kind", kind)],
        )
    }

    // --- f-strings and t-strings ---

    fn pieces(&mut self, pieces: Vec<Piece<'_>>, template: bool) -> PyResult {
        let mut all = Vec::new();
        for piece in pieces {
            all.push(match piece {
                Piece::Text(text, range) => {
                    let value = str_::new(self.ctx, &text)?;
                    self.at(range, "Constant", &[("value", value), ("kind", Obj::NONE)])?
                }
                Piece::Field(field) => self.field(field, template)?,
            });
        }
        self.list(all)
    }

    fn field(&mut self, field: &tree::InterpolatedElement, template: bool) -> PyResult {
        let value = self.expr(&field.expression)?;
        let conversion = match field.conversion {
            tree::ConversionFlag::None
                if field.debug_text.is_some() && field.format_spec.is_none() =>
            {
                i64::from(b'r')
            }
            tree::ConversionFlag::None => -1,
            tree::ConversionFlag::Str => i64::from(b's'),
            tree::ConversionFlag::Repr => i64::from(b'r'),
            tree::ConversionFlag::Ascii => i64::from(b'a'),
        };
        let conversion = int::from_i64(self.ctx, conversion)?;
        let spec = match &field.format_spec {
            None => Obj::NONE,
            Some(spec) => {
                let mut pieces = Vec::new();
                gather(&mut pieces, spec.elements.iter());
                // Fields of a format spec are those of an f-string also in a template.
                let values = self.pieces(pieces, false)?;
                // The colon belongs to it.
                let start = spec.range().start() - TextSize::new(1);
                let range = TextRange::new(start, spec.range().end());
                self.at(range, "JoinedStr", &[("values", values)])?
            }
        };
        if !template {
            let fields = [
                ("value", value),
                ("conversion", conversion),
                ("format_spec", spec),
            ];
            return self.at(field.range(), "FormattedValue", &fields);
        }
        let text = compile::interpolation_text(self.lines, field);
        let text = str_::new(self.ctx, &text)?;
        let fields = [
            ("value", value),
            ("str", text),
            ("conversion", conversion),
            ("format_spec", spec),
        ];
        self.at(field.range(), "Interpolation", &fields)
    }

    // --- Patterns ---

    fn patterns(&mut self, patterns: &[Pattern]) -> PyResult {
        let mut all = Vec::new();
        for pattern in patterns {
            all.push(self.pattern(pattern)?);
        }
        self.list(all)
    }

    fn pattern(&mut self, pattern: &Pattern) -> PyResult {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        let range = pattern.range();
        match pattern {
            Pattern::MatchValue(node) => {
                let value = self.pattern_value(&node.value)?;
                self.at(range, "MatchValue", &[("value", value)])
            }
            Pattern::MatchSingleton(node) => {
                let value = match node.value {
                    tree::Singleton::None => Obj::NONE,
                    tree::Singleton::True => Obj::bool(true),
                    tree::Singleton::False => Obj::bool(false),
                };
                self.at(range, "MatchSingleton", &[("value", value)])
            }
            Pattern::MatchSequence(node) => {
                let patterns = self.patterns(&node.patterns)?;
                self.at(range, "MatchSequence", &[("patterns", patterns)])
            }
            Pattern::MatchMapping(node) => {
                let mut keys = Vec::new();
                for key in &node.keys {
                    keys.push(self.pattern_value(key)?);
                }
                let keys = self.list(keys)?;
                let patterns = self.patterns(&node.patterns)?;
                let rest = self.name_or_none(node.rest.as_ref())?;
                let fields = [("keys", keys), ("patterns", patterns), ("rest", rest)];
                self.at(range, "MatchMapping", &fields)
            }
            Pattern::MatchClass(node) => {
                let class = self.expr(&node.cls)?;
                let patterns = self.patterns(&node.arguments.patterns)?;
                let (mut names, mut values) = (Vec::new(), Vec::new());
                for keyword in &node.arguments.keywords {
                    names.push(self.text(&keyword.attr)?);
                    values.push(self.pattern(&keyword.pattern)?);
                }
                let names = self.list(names)?;
                let values = self.list(values)?;
                let fields = [
                    ("cls", class),
                    ("patterns", patterns),
                    ("kwd_attrs", names),
                    ("kwd_patterns", values),
                ];
                self.at(range, "MatchClass", &fields)
            }
            Pattern::MatchStar(node) => {
                let name = self.name_or_none(node.name.as_ref())?;
                self.at(range, "MatchStar", &[("name", name)])
            }
            Pattern::MatchAs(node) => {
                let inner = match &node.pattern {
                    Some(inner) => self.pattern(inner)?,
                    None => Obj::NONE,
                };
                let name = self.name_or_none(node.name.as_ref())?;
                self.at(range, "MatchAs", &[("pattern", inner), ("name", name)])
            }
            Pattern::MatchOr(node) => {
                let patterns = self.patterns(&node.patterns)?;
                self.at(range, "MatchOr", &[("patterns", patterns)])
            }
        }
    }
}

/// A piece of an interpolated string.
enum Piece<'a> {
    Text(String, TextRange),
    Field(&'a tree::InterpolatedElement),
}

fn add_text(pieces: &mut Vec<Piece<'_>>, text: &str, range: TextRange) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Text(last, all)) => {
            last.push_str(text);
            *all = TextRange::new(all.start(), range.end());
        }
        _ => pieces.push(Piece::Text(text.to_owned(), range)),
    }
}

fn gather<'a>(
    pieces: &mut Vec<Piece<'a>>,
    elements: impl Iterator<Item = &'a tree::InterpolatedStringElement>,
) {
    for element in elements {
        match element {
            tree::InterpolatedStringElement::Literal(literal) => {
                add_text(pieces, &literal.value, literal.range());
            }
            tree::InterpolatedStringElement::Interpolation(field) => {
                if let Some(debug) = &field.debug_text {
                    let start = field.range().start() + TextSize::new(1);
                    let end = start + TextSize::of(debug.as_str());
                    let text = compile::without_comments(debug.as_str());
                    add_text(pieces, &text, TextRange::new(start, end));
                }
                pieces.push(Piece::Field(field));
            }
        }
    }
}

fn operator(op: tree::Operator) -> &'static str {
    use tree::Operator::*;
    match op {
        Add => "Add",
        Sub => "Sub",
        Mult => "Mult",
        MatMult => "MatMult",
        Div => "Div",
        Mod => "Mod",
        Pow => "Pow",
        LShift => "LShift",
        RShift => "RShift",
        BitOr => "BitOr",
        BitXor => "BitXor",
        BitAnd => "BitAnd",
        FloorDiv => "FloorDiv",
    }
}

fn comparison(op: tree::CmpOp) -> &'static str {
    use tree::CmpOp::*;
    match op {
        Eq => "Eq",
        NotEq => "NotEq",
        Lt => "Lt",
        LtE => "LtE",
        Gt => "Gt",
        GtE => "GtE",
        Is => "Is",
        IsNot => "IsNot",
        In => "In",
        NotIn => "NotIn",
    }
}
