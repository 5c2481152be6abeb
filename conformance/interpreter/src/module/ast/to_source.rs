//! From nodes to source text, for the parser: compiling nodes means compiling this text, whose offsets stand for the positions that
//! the nodes say they have.
//!
//! The text is written to be read by the parser only. Every expression has parentheses of its own, so that no node begins or ends
//! where another one does, and each offset stands for one position. What cannot be written is refused, as is what the language
//! has no meaning for.

use super::classes;
use crate::error::{PyResult, Raised, raise};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_id_of, type_of};
use crate::object::{ids, int, protocol, str_};
use crate::parse::Mode;
use kit_core::thread::Ctx;
use std::collections::HashMap;
use std::fmt::Write as _;

/// A text that stands for nodes.
pub struct Written {
    /// The text.
    pub text: String,
    /// Which line and column its offsets stand for.
    pub places: Vec<(u32, (u32, u32))>,
    /// How interpolations were written, by the offset of their expression.
    pub expressions: HashMap<u32, String>,
}

/// The class of root nodes for this mode.
fn root(mode: Mode) -> &'static str {
    match mode {
        Mode::Exec => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
    }
}

/// Checks that a node is a root for this mode.
///
/// # Errors
/// TypeError: it is not.
pub fn check_root(ctx: &mut Ctx, node: &Obj, mode: Mode) -> PyResult<()> {
    check_class(ctx, node, root(mode))
}

/// Checks that a node is of the class `wanted`.
///
/// # Errors
/// TypeError: it is not.
pub fn check_class(ctx: &mut Ctx, node: &Obj, wanted: &str) -> PyResult<()> {
    let class = super::class(ctx, wanted)?;
    let id = class.expect::<PyType>().id;
    if protocol::is_instance_of(ctx, node, id) {
        return Ok(());
    }
    let given = protocol::type_name(ctx, node);
    Err(raise!(
        ctx,
        TypeError,
        "expected {wanted} node, got {given}"
    ))
}

/// Writes the root node for this mode.
pub fn module(ctx: &mut Ctx, node: &Obj, mode: Mode) -> PyResult<Written> {
    check_root(ctx, node, mode)?;
    let mut writer = Writer::new(ctx)?;
    let wanted = root(mode);
    if mode == Mode::Eval {
        let body = writer.required(node, wanted, "body")?;
        writer.expr(&body, Context::Load)?;
    } else {
        for statement in writer.list(node, wanted, "body")? {
            writer.stmt(&statement)?;
        }
    }
    Ok(writer.written)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Load,
    Store,
    Del,
}

impl Context {
    fn name(self) -> &'static str {
        match self {
            Context::Load => "Load",
            Context::Store => "Store",
            Context::Del => "Del",
        }
    }
}

/// Lines and columns from a node: start, end.
#[derive(Clone, Copy)]
struct Span([u32; 4]);

struct Writer<'a> {
    ctx: &'a mut Ctx,
    /// Names of the classes of nodes, by type id.
    names: HashMap<u32, String>,
    written: Written,
    indent: usize,
}

impl<'a> Writer<'a> {
    fn new(ctx: &'a mut Ctx) -> PyResult<Writer<'a>> {
        let all = super::all_classes(ctx)?;
        let mut names = HashMap::new();
        for name in protocol::collect(ctx, &all)? {
            let text = protocol::str_string(ctx, &name)?;
            let class = classes::find(ctx, &all, &text)?;
            if let Some(class) = class.downcast::<PyType>() {
                names.insert(class.id, text);
            }
        }
        Ok(Writer {
            ctx,
            names,
            written: Written {
                text: String::new(),
                places: Vec::new(),
                expressions: HashMap::new(),
            },
            indent: 0,
        })
    }

    // --- Reading nodes ---

    /// The name of the class of nodes that a value belongs to.
    fn class_of(&self, node: &Obj) -> Option<String> {
        let ids = type_of(self.ctx, node).mro_ids(self.ctx);
        ids.iter().find_map(|id| self.names.get(id)).cloned()
    }

    fn invalid<T>(&mut self, message: &str) -> PyResult<T> {
        Err(raise!(self.ctx, ValueError, "{message}"))
    }

    /// A field, `None` if it is missing.
    fn field(&mut self, node: &Obj, name: &str) -> PyResult {
        let name = str_::intern_text(self.ctx, name)?;
        let found = protocol::find_attr(self.ctx, node, &name)?;
        Ok(found.unwrap_or(Obj::NONE))
    }

    fn missing(&mut self, class: &str, name: &str) -> Raised {
        raise!(
            self.ctx,
            TypeError,
            "required field \"{name}\" missing from {class}"
        )
    }

    /// A field that must be there and not be `None`.
    fn required(&mut self, node: &Obj, class: &str, name: &str) -> PyResult {
        let key = str_::intern_text(self.ctx, name)?;
        let Some(found) = protocol::find_attr(self.ctx, node, &key)? else {
            return Err(self.missing(class, name));
        };
        if found.is_none() {
            return self.invalid(&format!("field '{name}' is required for {class}"));
        }
        Ok(found)
    }

    fn list(&mut self, node: &Obj, class: &str, name: &str) -> PyResult<Vec<Obj>> {
        let key = str_::intern_text(self.ctx, name)?;
        let Some(found) = protocol::find_attr(self.ctx, node, &key)? else {
            return Ok(Vec::new());
        };
        match found.downcast::<PyList>() {
            Some(items) => Ok(items.to_vec(self.ctx)),
            None => {
                let given = protocol::type_name(self.ctx, &found);
                Err(raise!(
                    self.ctx,
                    TypeError,
                    "{class} field \"{name}\" must be a list, not a {given}"
                ))
            }
        }
    }

    fn filled(&mut self, node: &Obj, class: &str, name: &str) -> PyResult<Vec<Obj>> {
        let items = self.list(node, class, name)?;
        if items.is_empty() {
            return self.invalid(&format!("empty {name} on {class}"));
        }
        Ok(items)
    }

    fn number(&mut self, value: &Obj) -> PyResult<i64> {
        match int::to_i64(value) {
            Some(number) if i32::try_from(number).is_ok() => Ok(number),
            _ => {
                let text = protocol::repr_string(self.ctx, value)?;
                self.invalid(&format!("invalid integer value: {text}"))
            }
        }
    }

    fn integer(&mut self, node: &Obj, name: &str, default: i64) -> PyResult<i64> {
        let value = self.field(node, name)?;
        if value.is_none() {
            return Ok(default);
        }
        self.number(&value)
    }

    /// The position of a node; `kind` is the sum that it belongs to.
    fn span(&mut self, node: &Obj, kind: &str) -> PyResult<Span> {
        let mut start = [0; 2];
        for (value, name) in start.iter_mut().zip(["lineno", "col_offset"]) {
            let key = str_::intern(self.ctx, name);
            let Some(found) = protocol::find_attr(self.ctx, node, &key)? else {
                return Err(self.missing(kind, name));
            };
            *value = self.number(&found)?;
        }
        let [line, column] = start;
        let end_line = self.integer(node, "end_lineno", line)?;
        let end_column = self.integer(node, "end_col_offset", column)?;
        if line > end_line {
            return self.invalid(&format!(
                "AST node line range ({line}, {end_line}) is not valid"
            ));
        }
        if (line < 0 && end_line != line) || (column < 0 && column != end_column) {
            return self.invalid(&format!(
                "AST node column range ({column}, {end_column}) for line range ({line}, {end_line}) is not valid"
            ));
        }
        if line == end_line && column > end_column {
            return self.invalid(&format!(
                "line {line}, column {column}-{end_column} is not a valid range"
            ));
        }
        let plain = |value: i64| u32::try_from(value).unwrap_or(0);
        Ok(Span([line, column, end_line, end_column].map(plain)))
    }

    // --- Writing ---

    fn push(&mut self, text: &str) {
        self.written.text.push_str(text);
    }

    fn offset(&self) -> u32 {
        self.written.text.len() as u32
    }

    fn begin(&mut self, span: Span) {
        let Span([line, column, ..]) = span;
        let offset = self.offset();
        self.written.places.push((offset, (line, column)));
    }

    fn end(&mut self, span: Span) {
        let Span([.., line, column]) = span;
        let offset = self.offset();
        self.written.places.push((offset, (line, column)));
    }

    fn identifier(&mut self, value: &Obj) -> PyResult<()> {
        let Some(text) = value.downcast::<PyStr>() else {
            return Err(raise!(
                self.ctx,
                TypeError,
                "AST identifier must be of type str"
            ));
        };
        let text = text.as_str_lossy().into_owned();
        self.name(&text)
    }

    fn name(&mut self, text: &str) -> PyResult<()> {
        if matches!(text, "None" | "True" | "False") {
            return self.invalid(&format!(
                "identifier field can't represent '{text}' constant"
            ));
        }
        let starts = text
            .chars()
            .next()
            .is_some_and(|c| c == '_' || c.is_alphabetic() || !c.is_ascii());
        let word = |c: char| c == '_' || c.is_alphanumeric() || !c.is_ascii();
        if !starts || !text.chars().all(word) {
            return self.invalid(&format!("identifier field can't represent '{text}'"));
        }
        self.push(text);
        Ok(())
    }

    fn identifier_field(&mut self, node: &Obj, class: &str, name: &str) -> PyResult<()> {
        let value = self.required(node, class, name)?;
        self.identifier(&value)
    }

    fn dotted(&mut self, value: &Obj) -> PyResult<()> {
        match value.downcast::<PyStr>() {
            Some(text) if *text.as_str_lossy() != *"*" => {
                let text = text.as_str_lossy().into_owned();
                for (number, part) in text.split('.').enumerate() {
                    if number > 0 {
                        self.push(".");
                    }
                    self.name(part)?;
                }
                Ok(())
            }
            Some(_) => {
                self.push("*");
                Ok(())
            }
            None => self.identifier(value),
        }
    }

    // --- Statements ---

    fn line(&mut self) {
        let indent = self.indent;
        self.written.text.extend(std::iter::repeat_n(' ', indent));
    }

    fn block(&mut self, body: &[Obj]) -> PyResult<()> {
        self.push(":\n");
        self.indent += 1;
        for statement in body {
            self.stmt(statement)?;
        }
        self.indent -= 1;
        Ok(())
    }

    fn body(&mut self, node: &Obj, class: &str) -> PyResult<()> {
        let body = self.filled(node, class, "body")?;
        self.block(&body)
    }

    /// `word:` and a block, unless it is empty.
    fn clause(&mut self, node: &Obj, class: &str, field: &str, word: &str) -> PyResult<()> {
        let body = self.list(node, class, field)?;
        if body.is_empty() {
            return Ok(());
        }
        self.line();
        self.push(word);
        self.block(&body)
    }

    fn wrong<T>(&mut self, kind: &str, node: &Obj) -> PyResult<T> {
        let text = protocol::repr_string(self.ctx, node)?;
        Err(raise!(
            self.ctx,
            TypeError,
            "expected some sort of {kind}, but got {text}"
        ))
    }

    fn stmt(&mut self, node: &Obj) -> PyResult<()> {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        if node.is_none() {
            return self.invalid("None disallowed in statement list");
        }
        let span = self.span(node, "stmt")?;
        let Some(class) = self.class_of(node) else {
            return self.wrong("stmt", node);
        };
        let class = class.as_str();
        if let "FunctionDef" | "AsyncFunctionDef" | "ClassDef" = class {
            self.definition(node, class, span)?;
            self.end(span);
            return Ok(());
        }
        self.line();
        self.begin(span);
        match class {
            "Return" => {
                self.push("return ");
                self.maybe(node, "value")?;
            }
            "Delete" => {
                self.push("del ");
                for target in self.filled(node, class, "targets")? {
                    self.expr(&target, Context::Del)?;
                    self.push(", ");
                }
            }
            "Assign" => {
                for target in self.filled(node, class, "targets")? {
                    self.expr(&target, Context::Store)?;
                    self.push(" = ");
                }
                self.load(node, class, "value")?;
            }
            "TypeAlias" => {
                self.push("type ");
                let name = self.required(node, class, "name")?;
                if self.class_of(&name).as_deref() != Some("Name") {
                    return Err(raise!(self.ctx, TypeError, "TypeAlias with non-Name name"));
                }
                self.identifier_field(&name, "Name", "id")?;
                self.type_params(node, class)?;
                self.push(" = ");
                self.load(node, class, "value")?;
            }
            "AugAssign" => {
                let target = self.required(node, class, "target")?;
                self.expr(&target, Context::Store)?;
                let op = self.operator(node, class)?;
                let _ = write!(self.written.text, " {op}= ");
                self.load(node, class, "value")?;
            }
            "AnnAssign" => {
                let target = self.required(node, class, "target")?;
                let simple = self.integer(node, "simple", 0)? != 0;
                let is_name = self.class_of(&target).as_deref() == Some("Name");
                if simple && !is_name {
                    return Err(raise!(
                        self.ctx,
                        TypeError,
                        "AnnAssign with simple non-Name target"
                    ));
                }
                if simple {
                    let span = self.span(&target, "expr")?;
                    self.begin(span);
                    self.identifier_field(&target, "Name", "id")?;
                    self.end(span);
                } else {
                    self.expr(&target, Context::Store)?;
                }
                self.push(": ");
                self.load(node, class, "annotation")?;
                let value = self.field(node, "value")?;
                if !value.is_none() {
                    self.push(" = ");
                    self.expr(&value, Context::Load)?;
                }
            }
            "For" | "AsyncFor" => {
                self.push(if class == "For" { "for " } else { "async for " });
                let target = self.required(node, class, "target")?;
                self.expr(&target, Context::Store)?;
                self.push(" in ");
                self.load(node, class, "iter")?;
                self.body(node, class)?;
                self.clause(node, class, "orelse", "else")?;
            }
            "While" => {
                self.push("while ");
                self.load(node, class, "test")?;
                self.body(node, class)?;
                self.clause(node, class, "orelse", "else")?;
            }
            "If" => self.branches(node)?,
            "With" | "AsyncWith" => {
                self.push(if class == "With" {
                    "with "
                } else {
                    "async with "
                });
                for (index, item) in self.filled(node, class, "items")?.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.load(item, "withitem", "context_expr")?;
                    let target = self.field(item, "optional_vars")?;
                    if !target.is_none() {
                        self.push(" as ");
                        self.expr(&target, Context::Store)?;
                    }
                }
                self.body(node, class)?;
            }
            "Match" => {
                self.push("match ");
                self.load(node, class, "subject")?;
                self.push(":\n");
                self.indent += 1;
                for case in self.filled(node, class, "cases")? {
                    self.line();
                    self.push("case ");
                    let pattern = self.required(&case, "match_case", "pattern")?;
                    self.pattern(&pattern, false)?;
                    let guard = self.field(&case, "guard")?;
                    if !guard.is_none() {
                        self.push(" if ");
                        self.expr(&guard, Context::Load)?;
                    }
                    self.body(&case, "match_case")?;
                }
                self.indent -= 1;
            }
            "Raise" => {
                self.push("raise ");
                let exc = self.maybe(node, "exc")?;
                let cause = self.field(node, "cause")?;
                if !cause.is_none() {
                    if !exc {
                        return self.invalid("Raise with cause but no exception");
                    }
                    self.push(" from ");
                    self.expr(&cause, Context::Load)?;
                }
            }
            "Try" | "TryStar" => self.try_statement(node, class)?,
            "Assert" => {
                self.push("assert ");
                self.load(node, class, "test")?;
                let message = self.field(node, "msg")?;
                if !message.is_none() {
                    self.push(", ");
                    self.expr(&message, Context::Load)?;
                }
            }
            "Import" => {
                self.push("import ");
                self.aliases(node, class)?;
            }
            "ImportFrom" => {
                let level = self.integer(node, "level", 0)?;
                if level < 0 {
                    return self.invalid("Negative ImportFrom level");
                }
                self.push("from ");
                self.push(&".".repeat(level.min(1 << 16) as usize));
                let module = self.field(node, "module")?;
                if !module.is_none() {
                    self.dotted(&module)?;
                }
                self.push(" import ");
                self.aliases(node, class)?;
            }
            "Global" | "Nonlocal" => {
                self.push(if class == "Global" {
                    "global "
                } else {
                    "nonlocal "
                });
                for (index, name) in self.filled(node, class, "names")?.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.identifier(name)?;
                }
            }
            "Expr" => self.load(node, class, "value")?,
            "Pass" => self.push("pass"),
            "Break" => self.push("break"),
            "Continue" => self.push("continue"),
            _ => return self.wrong("stmt", node),
        }
        if self.written.text.ends_with('\n') {
            // A compound statement ends where its last line does.
            self.written.text.pop();
        }
        self.end(span);
        self.push("\n");
        Ok(())
    }

    fn branches(&mut self, node: &Obj) -> PyResult<()> {
        let mut node = node.clone();
        self.push("if ");
        loop {
            self.load(&node, "If", "test")?;
            self.body(&node, "If")?;
            let orelse = self.list(&node, "If", "orelse")?;
            let chained = match &orelse[..] {
                [one] => self.class_of(one).as_deref() == Some("If"),
                _ => false,
            };
            if !chained {
                return self.clause(&node, "If", "orelse", "else");
            }
            node = orelse[0].clone();
            let span = self.span(&node, "stmt")?;
            self.line();
            self.begin(span);
            self.push("elif ");
        }
    }

    fn try_statement(&mut self, node: &Obj, class: &str) -> PyResult<()> {
        self.push("try");
        self.body(node, class)?;
        let handlers = self.list(node, class, "handlers")?;
        let orelse = self.list(node, class, "orelse")?;
        let finalbody = self.list(node, class, "finalbody")?;
        if handlers.is_empty() && finalbody.is_empty() {
            return self.invalid(&format!(
                "{class} has neither except handlers nor finalbody"
            ));
        }
        if handlers.is_empty() && !orelse.is_empty() {
            return self.invalid(&format!("{class} has orelse but no except handlers"));
        }
        for handler in handlers {
            let span = self.span(&handler, "excepthandler")?;
            self.line();
            self.begin(span);
            self.push(if class == "Try" {
                "except "
            } else {
                "except* "
            });
            self.maybe(&handler, "type")?;
            let name = self.field(&handler, "name")?;
            if !name.is_none() {
                self.push(" as ");
                self.identifier(&name)?;
            }
            self.body(&handler, "ExceptHandler")?;
        }
        self.clause(node, class, "orelse", "else")?;
        self.clause(node, class, "finalbody", "finally")
    }

    fn definition(&mut self, node: &Obj, class: &str, span: Span) -> PyResult<()> {
        for decorator in self.list(node, class, "decorator_list")? {
            let span = self.span(&decorator, "expr")?;
            self.line();
            self.begin(span);
            self.push("@");
            self.expr(&decorator, Context::Load)?;
            self.push("\n");
        }
        self.line();
        self.begin(span);
        self.push(match class {
            "FunctionDef" => "def ",
            "AsyncFunctionDef" => "async def ",
            _ => "class ",
        });
        self.identifier_field(node, class, "name")?;
        self.type_params(node, class)?;
        self.push("(");
        if class == "ClassDef" {
            self.arguments(node, class, "bases")?;
            self.push(")");
        } else {
            let parameters = self.required(node, class, "args")?;
            self.parameters(&parameters)?;
            self.push(")");
            let returns = self.field(node, "returns")?;
            if !returns.is_none() {
                self.push(" -> ");
                self.expr(&returns, Context::Load)?;
            }
        }
        self.body(node, class)
    }

    fn aliases(&mut self, node: &Obj, class: &str) -> PyResult<()> {
        for (index, alias) in self.filled(node, class, "names")?.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            let span = self.span(alias, "alias")?;
            self.begin(span);
            let name = self.required(alias, "alias", "name")?;
            self.dotted(&name)?;
            let other = self.field(alias, "asname")?;
            if !other.is_none() {
                self.push(" as ");
                self.identifier(&other)?;
            }
            self.end(span);
        }
        Ok(())
    }

    fn type_params(&mut self, node: &Obj, class: &str) -> PyResult<()> {
        let parameters = self.list(node, class, "type_params")?;
        if parameters.is_empty() {
            return Ok(());
        }
        self.push("[");
        for parameter in parameters {
            let span = self.span(&parameter, "type_param")?;
            let Some(class) = self.class_of(&parameter) else {
                return self.wrong("type_param", &parameter);
            };
            self.begin(span);
            self.push(match &*class {
                "ParamSpec" => "**",
                "TypeVarTuple" => "*",
                _ => "",
            });
            self.identifier_field(&parameter, &class, "name")?;
            if class == "TypeVar" {
                let bound = self.field(&parameter, "bound")?;
                if !bound.is_none() {
                    self.push(": ");
                    self.expr(&bound, Context::Load)?;
                }
            }
            let default = self.field(&parameter, "default_value")?;
            if !default.is_none() {
                self.push(" = ");
                self.expr(&default, Context::Load)?;
            }
            self.end(span);
            self.push(", ");
        }
        self.push("]");
        Ok(())
    }

    // --- Parameters and arguments ---

    fn parameter(&mut self, node: &Obj) -> PyResult<()> {
        let span = self.span(node, "arg")?;
        self.begin(span);
        self.identifier_field(node, "arg", "arg")?;
        let annotation = self.field(node, "annotation")?;
        if !annotation.is_none() {
            self.push(": ");
            self.expr(&annotation, Context::Load)?;
        }
        self.end(span);
        Ok(())
    }

    fn default(&mut self, default: Option<&Obj>) -> PyResult<()> {
        if let Some(default) = default
            && !default.is_none()
        {
            self.push(" = ");
            self.expr(default, Context::Load)?;
        }
        self.push(", ");
        Ok(())
    }

    fn parameters(&mut self, node: &Obj) -> PyResult<()> {
        let class = "arguments";
        let posonly = self.list(node, class, "posonlyargs")?;
        let args = self.list(node, class, "args")?;
        let kwonly = self.list(node, class, "kwonlyargs")?;
        let defaults = self.list(node, class, "defaults")?;
        let kw_defaults = self.list(node, class, "kw_defaults")?;
        let count = posonly.len() + args.len();
        let wrong = if defaults.len() > count {
            Some("more positional defaults than args on arguments")
        } else if kwonly.len() != kw_defaults.len() {
            Some("length of kwonlyargs is not the same as kw_defaults on arguments")
        } else {
            None
        };
        if let Some(message) = wrong {
            // Faults of the parameters are told of first.
            for arg in posonly.iter().chain(&args).chain(&kwonly) {
                self.parameter(arg)?;
            }
            return self.invalid(message);
        }
        let first = count - defaults.len();
        for (index, arg) in posonly.iter().chain(&args).enumerate() {
            if index == posonly.len() && index > 0 {
                self.push("/, ");
            }
            self.parameter(arg)?;
            let default = index
                .checked_sub(first)
                .and_then(|index| defaults.get(index));
            self.default(default)?;
        }
        if !posonly.is_empty() && args.is_empty() {
            self.push("/, ");
        }
        let vararg = self.field(node, "vararg")?;
        if !vararg.is_none() {
            self.push("*");
            self.parameter(&vararg)?;
            self.push(", ");
        } else if !kwonly.is_empty() {
            self.push("*, ");
        }
        for (arg, default) in kwonly.iter().zip(&kw_defaults) {
            self.parameter(arg)?;
            self.default(Some(default))?;
        }
        let kwarg = self.field(node, "kwarg")?;
        if !kwarg.is_none() {
            self.push("**");
            self.parameter(&kwarg)?;
        }
        Ok(())
    }

    fn arguments(&mut self, node: &Obj, class: &str, positional: &str) -> PyResult<()> {
        for arg in self.list(node, class, positional)? {
            self.expr(&arg, Context::Load)?;
            self.push(", ");
        }
        for keyword in self.list(node, class, "keywords")? {
            let span = self.span(&keyword, "keyword")?;
            self.begin(span);
            let name = self.field(&keyword, "arg")?;
            if name.is_none() {
                self.push("**");
            } else {
                self.identifier(&name)?;
                self.push("=");
            }
            self.load(&keyword, "keyword", "value")?;
            self.end(span);
            self.push(", ");
        }
        Ok(())
    }

    // --- Expressions ---

    /// A field that is an expression with a value.
    fn load(&mut self, node: &Obj, class: &str, name: &str) -> PyResult<()> {
        let value = self.required(node, class, name)?;
        self.expr(&value, Context::Load)
    }

    /// A field that is such an expression, if it is there; whether it is.
    fn maybe(&mut self, node: &Obj, name: &str) -> PyResult<bool> {
        let value = self.field(node, name)?;
        if value.is_none() {
            return Ok(false);
        }
        self.expr(&value, Context::Load)?;
        Ok(true)
    }

    fn exprs(&mut self, items: &[Obj], context: Context) -> PyResult<()> {
        for item in items {
            self.expr(item, context)?;
            self.push(", ");
        }
        Ok(())
    }

    fn operator(&mut self, node: &Obj, class: &str) -> PyResult<&'static str> {
        let op = self.required(node, class, "op")?;
        let name = self.class_of(&op);
        let name = name.as_deref().unwrap_or_default();
        let known = OPERATORS.iter().find(|(known, _)| *known == name);
        match known {
            Some((_, text)) => Ok(text),
            None => self.wrong("operator", &op),
        }
    }

    fn check_context(&mut self, node: &Obj, wanted: Context) -> PyResult<()> {
        let given = self.field(node, "ctx")?;
        let given = match self.class_of(&given) {
            Some(given) => given,
            None if given.is_none() => "Load".to_owned(),
            None => return self.wrong("expr_context", &given),
        };
        if given != wanted.name() {
            return self.invalid(&format!(
                "expression must have {} context but has {given} instead",
                wanted.name()
            ));
        }
        Ok(())
    }

    fn expr(&mut self, node: &Obj, context: Context) -> PyResult<()> {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        if node.is_none() {
            return self.invalid("None disallowed in expression list");
        }
        let span = self.span(node, "expr")?;
        let Some(class) = self.class_of(node) else {
            return self.wrong("expr", node);
        };
        match &*class {
            "Name" | "Attribute" | "Subscript" | "Starred" | "List" | "Tuple" => {
                self.check_context(node, context)?;
            }
            _ if context != Context::Load => {
                return self.invalid(&format!(
                    "expression which can't be assigned to in {} context",
                    context.name()
                ));
            }
            _ => {}
        }
        let bare = matches!(&*class, "Starred" | "Slice");
        if !bare {
            self.push("(");
        }
        self.begin(span);
        self.inside(node, &class, context)?;
        self.end(span);
        if !bare {
            self.push(")");
        }
        Ok(())
    }

    fn inside(&mut self, node: &Obj, class: &str, context: Context) -> PyResult<()> {
        match class {
            "BoolOp" => {
                let values = self.list(node, class, "values")?;
                if values.len() < 2 {
                    return self.invalid("BoolOp with less than 2 values");
                }
                let op = self.required(node, class, "op")?;
                let word = match self.class_of(&op).as_deref() {
                    Some("And") => " and ",
                    Some("Or") => " or ",
                    _ => return self.wrong("boolop", &op),
                };
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.push(word);
                    }
                    self.expr(value, Context::Load)?;
                }
            }
            "NamedExpr" => {
                let target = self.required(node, class, "target")?;
                if self.class_of(&target).as_deref() != Some("Name") {
                    return Err(raise!(
                        self.ctx,
                        TypeError,
                        "NamedExpr target must be a Name"
                    ));
                }
                let span = self.span(&target, "expr")?;
                self.begin(span);
                self.identifier_field(&target, "Name", "id")?;
                self.push(" := ");
                self.load(node, class, "value")?;
            }
            "BinOp" => {
                self.load(node, class, "left")?;
                let op = self.operator(node, class)?;
                self.push(op);
                self.load(node, class, "right")?;
            }
            "UnaryOp" => {
                let op = self.required(node, class, "op")?;
                self.push(match self.class_of(&op).as_deref() {
                    Some("Invert") => "~",
                    Some("Not") => "not ",
                    Some("UAdd") => "+",
                    Some("USub") => "-",
                    _ => return self.wrong("unaryop", &op),
                });
                self.load(node, class, "operand")?;
            }
            "Lambda" => {
                self.push("lambda ");
                let parameters = self.required(node, class, "args")?;
                self.parameters(&parameters)?;
                self.push(": ");
                self.load(node, class, "body")?;
            }
            "IfExp" => {
                self.load(node, class, "body")?;
                self.push(" if ");
                self.load(node, class, "test")?;
                self.push(" else ");
                self.load(node, class, "orelse")?;
            }
            "Dict" => {
                let keys = self.list(node, class, "keys")?;
                let values = self.list(node, class, "values")?;
                if keys.len() != values.len() {
                    return self.invalid("Dict doesn't have the same number of keys as values");
                }
                self.push("{");
                for (key, value) in keys.iter().zip(&values) {
                    if key.is_none() {
                        self.push("**");
                    } else {
                        self.expr(key, Context::Load)?;
                        self.push(": ");
                    }
                    self.expr(value, Context::Load)?;
                    self.push(", ");
                }
                self.push("}");
            }
            "Set" => {
                let items = self.list(node, class, "elts")?;
                self.push("{");
                if items.is_empty() {
                    self.push("*()");
                }
                self.exprs(&items, Context::Load)?;
                self.push("}");
            }
            "ListComp" => {
                self.push("[");
                self.comprehension(node, class, &["elt"])?;
                self.push("]");
            }
            "SetComp" => {
                self.push("{");
                self.comprehension(node, class, &["elt"])?;
                self.push("}");
            }
            "DictComp" => {
                self.push("{");
                self.comprehension(node, class, &["key", "value"])?;
                self.push("}");
            }
            "GeneratorExp" => {
                self.push("(");
                self.comprehension(node, class, &["elt"])?;
                self.push(")");
            }
            "Await" => {
                self.push("await ");
                self.load(node, class, "value")?;
            }
            "Yield" => {
                self.push("yield ");
                self.maybe(node, "value")?;
            }
            "YieldFrom" => {
                self.push("yield from ");
                self.load(node, class, "value")?;
            }
            "Compare" => {
                let ops = self.list(node, class, "ops")?;
                let comparators = self.list(node, class, "comparators")?;
                if comparators.is_empty() {
                    return self.invalid("Compare with no comparators");
                }
                if comparators.len() != ops.len() {
                    return self
                        .invalid("Compare has a different number of comparators and operands");
                }
                self.load(node, class, "left")?;
                for (op, value) in ops.iter().zip(&comparators) {
                    let name = self.class_of(op);
                    let name = name.as_deref().unwrap_or_default();
                    let Some((_, text)) = COMPARISONS.iter().find(|(known, _)| *known == name)
                    else {
                        return self.wrong("cmpop", op);
                    };
                    self.push(text);
                    self.expr(value, Context::Load)?;
                }
            }
            "Call" => {
                self.load(node, class, "func")?;
                self.push("(");
                self.arguments(node, class, "args")?;
                self.push(")");
            }
            "FormattedValue" | "Interpolation" => {
                self.push(if class == "Interpolation" {
                    "t\""
                } else {
                    "f\""
                });
                self.replacement(node, class)?;
                self.push("\"");
            }
            "JoinedStr" => {
                self.push("f\"");
                self.pieces(node, class, false)?;
                self.push("\"");
            }
            "TemplateStr" => {
                self.push("t\"");
                self.pieces(node, class, false)?;
                self.push("\"");
            }
            "Constant" => {
                let key = str_::intern(self.ctx, "value");
                let Some(value) = protocol::find_attr(self.ctx, node, &key)? else {
                    return Err(self.missing(class, "value"));
                };
                self.constant(&value)?;
            }
            "Attribute" => {
                self.load(node, class, "value")?;
                self.push(".");
                self.identifier_field(node, class, "attr")?;
            }
            "Subscript" => {
                self.load(node, class, "value")?;
                self.push("[");
                let slice = self.required(node, class, "slice")?;
                self.index(&slice)?;
                self.push("]");
            }
            "Starred" => {
                self.push("*");
                let value = self.required(node, class, "value")?;
                self.expr(&value, context)?;
            }
            "Name" => self.identifier_field(node, class, "id")?,
            "List" => {
                let items = self.list(node, class, "elts")?;
                self.push("[");
                self.exprs(&items, context)?;
                self.push("]");
            }
            "Tuple" => {
                let items = self.list(node, class, "elts")?;
                self.push("(");
                self.exprs(&items, context)?;
                self.push(")");
            }
            "Slice" => {
                self.maybe(node, "lower")?;
                self.push(":");
                self.maybe(node, "upper")?;
                let step = self.field(node, "step")?;
                if !step.is_none() {
                    self.push(":");
                    self.expr(&step, Context::Load)?;
                }
            }
            _ => return self.wrong("expr", node),
        }
        Ok(())
    }

    /// What stands in brackets: slices may be items of a tuple only there.
    fn index(&mut self, node: &Obj) -> PyResult<()> {
        if self.class_of(node).as_deref() == Some("Tuple") {
            let items = self.list(node, "Tuple", "elts")?;
            let sliced = items
                .iter()
                .any(|item| self.class_of(item).as_deref() == Some("Slice"));
            if sliced {
                self.check_context(node, Context::Load)?;
                let span = self.span(node, "expr")?;
                self.begin(span);
                self.exprs(&items, Context::Load)?;
                self.end(span);
                return Ok(());
            }
        }
        self.expr(node, Context::Load)
    }

    /// The items of a comprehension, and what they are made from, whose faults are told of first.
    fn comprehension(&mut self, node: &Obj, class: &str, items: &[&str]) -> PyResult<()> {
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                self.push(": ");
            }
            if let Err(raised) = self.load(node, class, item) {
                self.generators(node, class)?;
                return Err(raised);
            }
        }
        self.generators(node, class)
    }

    fn generators(&mut self, node: &Obj, class: &str) -> PyResult<()> {
        let generators = self.list(node, class, "generators")?;
        if generators.is_empty() {
            return self.invalid("comprehension with no generators");
        }
        let class = "comprehension";
        for generator in generators {
            let is_async = self.integer(&generator, "is_async", 0)? != 0;
            self.push(if is_async { " async for " } else { " for " });
            let target = self.required(&generator, class, "target")?;
            self.expr(&target, Context::Store)?;
            self.push(" in ");
            self.load(&generator, class, "iter")?;
            for condition in self.list(&generator, class, "ifs")? {
                self.push(" if ");
                self.expr(&condition, Context::Load)?;
            }
        }
        Ok(())
    }

    // --- Constants ---

    fn constant(&mut self, value: &Obj) -> PyResult<()> {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        match type_id_of(value) {
            ids::NONE_TYPE => self.push("None"),
            ids::ELLIPSIS => self.push("..."),
            ids::BOOL => self.push(if value.is(&Obj::bool(true)) {
                "True"
            } else {
                "False"
            }),
            ids::INT => {
                let big = int::to_big(value).unwrap_or_default();
                let text = big.to_str_radix(16);
                match text.strip_prefix('-') {
                    Some(text) => {
                        let _ = write!(self.written.text, "-0x{text}");
                    }
                    None => {
                        let _ = write!(self.written.text, "0x{text}");
                    }
                }
            }
            ids::FLOAT | ids::COMPLEX => {
                let text = protocol::repr_string(self.ctx, value)?;
                let text = text.replace("inf", "1e999").replace("nan", "(1e999-1e999)");
                self.push(&text);
            }
            ids::STR => {
                self.push("\"");
                self.string(value, false)?;
                self.push("\"");
            }
            ids::BYTES => {
                let data = crate::module::io::bytes_of(self.ctx, value)?;
                self.push("b\"");
                for byte in data {
                    let _ = write!(self.written.text, "\\x{byte:02x}");
                }
                self.push("\"");
            }
            ids::TUPLE => {
                self.push("(");
                for item in value.expect::<PyTuple>().items() {
                    self.constant(item)?;
                    self.push(", ");
                }
                self.push(")");
            }
            ids::FROZENSET => {
                self.push("frozenset((");
                for item in protocol::collect(self.ctx, value)? {
                    self.constant(&item)?;
                    self.push(", ");
                }
                self.push("))");
            }
            _ => {
                let given = protocol::type_name(self.ctx, value);
                return Err(raise!(
                    self.ctx,
                    TypeError,
                    "got an invalid type in Constant: {given}"
                ));
            }
        }
        Ok(())
    }

    /// The characters of a string, escaped; in an f-string braces too.
    fn string(&mut self, value: &Obj, braces: bool) -> PyResult<()> {
        let Some(text) = value.downcast::<PyStr>() else {
            let given = protocol::type_name(self.ctx, value);
            return Err(raise!(
                self.ctx,
                TypeError,
                "got an invalid type in Constant: {given}"
            ));
        };
        let points: Vec<u32> = text.text().code_points().collect();
        for point in points {
            match char::from_u32(point) {
                Some(c @ ('{' | '}')) if braces => {
                    self.written.text.push(c);
                    self.written.text.push(c);
                }
                Some(c)
                    if c == '\u{fffd}'
                        || (!matches!(c, '"' | '\\') && (' '..='~').contains(&c)) =>
                {
                    self.written.text.push(c);
                }
                _ if point <= 0xff => {
                    let _ = write!(self.written.text, "\\x{point:02x}");
                }
                _ if point <= 0xffff => {
                    let _ = write!(self.written.text, "\\u{point:04x}");
                }
                _ => {
                    let _ = write!(self.written.text, "\\U{point:08x}");
                }
            }
        }
        Ok(())
    }

    // --- f-strings and t-strings ---

    fn pieces(&mut self, node: &Obj, class: &str, spec: bool) -> PyResult<()> {
        for piece in self.list(node, class, "values")? {
            let Some(kind) = self.class_of(&piece) else {
                return self.wrong("expr", &piece);
            };
            match &*kind {
                "Constant" => {
                    let value = self.required(&piece, "Constant", "value")?;
                    self.string(&value, !spec)?;
                }
                "FormattedValue" | "Interpolation" => self.replacement(&piece, &kind)?,
                "JoinedStr" => self.pieces(&piece, &kind, spec)?,
                _ => {
                    // Any other value is formatted as it is.
                    self.push("{");
                    self.expr(&piece, Context::Load)?;
                    self.push("}");
                }
            }
        }
        Ok(())
    }

    fn replacement(&mut self, node: &Obj, class: &str) -> PyResult<()> {
        self.push("{");
        let text = if class == "Interpolation" {
            let text = self.field(node, "str")?;
            Some(protocol::str_string(self.ctx, &text)?)
        } else {
            None
        };
        // The expression begins behind its parenthesis.
        let start = self.offset() + 1;
        self.load(node, class, "value")?;
        if let Some(text) = text {
            self.written.expressions.insert(start, text);
        }
        match self.integer(node, "conversion", -1)? {
            -1 => {}
            115 => self.push("!s"),
            114 => self.push("!r"),
            97 => self.push("!a"),
            other => {
                return Err(raise!(
                    self.ctx,
                    SystemError,
                    "Unrecognized conversion character {other}"
                ));
            }
        }
        let spec = self.field(node, "format_spec")?;
        if !spec.is_none() {
            self.push(":");
            match self.class_of(&spec).as_deref() {
                Some("JoinedStr") => self.pieces(&spec, "JoinedStr", true)?,
                _ => {
                    self.push("{");
                    self.expr(&spec, Context::Load)?;
                    self.push("}");
                }
            }
        }
        self.push("}");
        Ok(())
    }

    // --- Patterns ---

    fn pattern(&mut self, node: &Obj, star: bool) -> PyResult<()> {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        let span = self.span(node, "pattern")?;
        let Some(class) = self.class_of(node) else {
            return self.wrong("pattern", node);
        };
        let class = class.as_str();
        if class == "MatchStar" {
            if !star {
                return self.invalid("can't use MatchStar here");
            }
            self.begin(span);
            self.push("*");
            self.capture(node, "name")?;
            self.end(span);
            return Ok(());
        }
        self.push("(");
        self.begin(span);
        match class {
            "MatchValue" => {
                let value = self.required(node, class, "value")?;
                if self.is_singleton(&value)? {
                    return self.invalid("unexpected constant inside of a literal pattern");
                }
                self.pattern_value(&value)?;
            }
            "MatchSingleton" => {
                let value = self.field(node, "value")?;
                if !value.is_none() && type_id_of(&value) != ids::BOOL {
                    return self.invalid("MatchSingleton can only contain True, False and None");
                }
                self.constant(&value)?;
            }
            "MatchSequence" => {
                self.push("[");
                for pattern in self.list(node, class, "patterns")? {
                    self.pattern(&pattern, true)?;
                    self.push(", ");
                }
                self.push("]");
            }
            "MatchMapping" => {
                let keys = self.list(node, class, "keys")?;
                let patterns = self.list(node, class, "patterns")?;
                if keys.len() != patterns.len() {
                    return self
                        .invalid("MatchMapping doesn't have the same number of keys as patterns");
                }
                self.push("{");
                for (key, pattern) in keys.iter().zip(&patterns) {
                    self.pattern_value(key)?;
                    self.push(": ");
                    self.pattern(pattern, false)?;
                    self.push(", ");
                }
                let rest = self.field(node, "rest")?;
                if !rest.is_none() {
                    self.push("**");
                    self.capture(node, "rest")?;
                }
                self.push("}");
            }
            "MatchClass" => {
                let names = self.list(node, class, "kwd_attrs")?;
                let values = self.list(node, class, "kwd_patterns")?;
                if names.len() != values.len() {
                    return self.invalid(
                        "MatchClass doesn't have the same number of keyword attributes as patterns",
                    );
                }
                let matched = self.required(node, class, "cls")?;
                self.dotted_expr(&matched)?;
                self.push("(");
                for pattern in self.list(node, class, "patterns")? {
                    self.pattern(&pattern, false)?;
                    self.push(", ");
                }
                for (name, pattern) in names.iter().zip(&values) {
                    self.identifier(name)?;
                    self.push("=");
                    self.pattern(pattern, false)?;
                    self.push(", ");
                }
                self.push(")");
            }
            "MatchAs" => {
                let inner = self.field(node, "pattern")?;
                if !inner.is_none() {
                    let name = self.field(node, "name")?;
                    if name.is_none() {
                        return self
                            .invalid("MatchAs must specify a target name if a pattern is given");
                    }
                    self.pattern(&inner, false)?;
                    self.push(" as ");
                }
                self.capture(node, "name")?;
            }
            "MatchOr" => {
                let patterns = self.list(node, class, "patterns")?;
                if patterns.len() < 2 {
                    return self.invalid("MatchOr requires at least 2 patterns");
                }
                for (index, pattern) in patterns.iter().enumerate() {
                    if index > 0 {
                        self.push(" | ");
                    }
                    self.pattern(pattern, false)?;
                }
            }
            _ => return self.wrong("pattern", node),
        }
        self.end(span);
        self.push(")");
        Ok(())
    }

    /// Whether a node is `None`, `True` or `False`.
    fn is_singleton(&mut self, node: &Obj) -> PyResult<bool> {
        if self.class_of(node).as_deref() != Some("Constant") {
            return Ok(false);
        }
        let value = self.field(node, "value")?;
        Ok(value.is_none() || type_id_of(&value) == ids::BOOL)
    }

    /// A name to bind, or `_`.
    fn capture(&mut self, node: &Obj, field: &str) -> PyResult<()> {
        let name = self.field(node, field)?;
        if name.is_none() {
            self.push("_");
            return Ok(());
        }
        if name
            .downcast::<PyStr>()
            .is_some_and(|name| name.bytes() == b"_")
        {
            return self.invalid("can't capture name '_' in patterns");
        }
        self.identifier(&name)
    }

    /// A literal or a dotted name: patterns have no parentheses around values.
    fn pattern_value(&mut self, node: &Obj) -> PyResult<()> {
        let span = self.span(node, "expr")?;
        let Some(class) = self.class_of(node) else {
            return self.wrong("expr", node);
        };
        match &*class {
            "Constant" => {
                let value = self.field(node, "value")?;
                let plain = matches!(
                    type_id_of(&value),
                    ids::INT | ids::FLOAT | ids::COMPLEX | ids::STR | ids::BYTES | ids::BOOL
                );
                if !plain && !value.is_none() {
                    return self.invalid("unexpected constant inside of a literal pattern");
                }
                self.begin(span);
                self.constant(&value)?;
                self.end(span);
            }
            "UnaryOp" => {
                self.begin(span);
                self.push("-");
                let operand = self.required(node, "UnaryOp", "operand")?;
                self.pattern_value(&operand)?;
                self.end(span);
            }
            "BinOp" => {
                self.begin(span);
                let left = self.required(node, "BinOp", "left")?;
                self.pattern_value(&left)?;
                let op = self.operator(node, "BinOp")?;
                self.push(op);
                let right = self.required(node, "BinOp", "right")?;
                self.pattern_value(&right)?;
                self.end(span);
            }
            "Attribute" => self.dotted_expr(node)?,
            _ => {
                return self.invalid("patterns may only match literals and attribute lookups");
            }
        }
        Ok(())
    }

    fn dotted_expr(&mut self, node: &Obj) -> PyResult<()> {
        let marker = 0u8;
        super::check_depth(self.ctx, &raw const marker)?;
        let span = self.span(node, "expr")?;
        match self.class_of(node).as_deref() {
            Some("Name") => {
                self.check_context(node, Context::Load)?;
                self.begin(span);
                self.identifier_field(node, "Name", "id")?;
            }
            Some("Attribute") => {
                self.check_context(node, Context::Load)?;
                let value = self.required(node, "Attribute", "value")?;
                self.dotted_expr(&value)?;
                self.push(".");
                self.identifier_field(node, "Attribute", "attr")?;
            }
            _ => {
                return self
                    .invalid("MatchClass cls field can only contain Name or Attribute nodes.");
            }
        }
        self.end(span);
        Ok(())
    }
}

const OPERATORS: &[(&str, &str)] = &[
    ("Add", "+"),
    ("Sub", "-"),
    ("Mult", "*"),
    ("MatMult", "@"),
    ("Div", "/"),
    ("Mod", "%"),
    ("Pow", "**"),
    ("LShift", "<<"),
    ("RShift", ">>"),
    ("BitOr", "|"),
    ("BitXor", "^"),
    ("BitAnd", "&"),
    ("FloorDiv", "//"),
];

const COMPARISONS: &[(&str, &str)] = &[
    ("Eq", " == "),
    ("NotEq", " != "),
    ("Lt", " < "),
    ("LtE", " <= "),
    ("Gt", " > "),
    ("GtE", " >= "),
    ("Is", " is "),
    ("IsNot", " is not "),
    ("In", " in "),
    ("NotIn", " not in "),
];

/// Whether a value is a node.
pub fn is_node(ctx: &Ctx, x: &Obj) -> bool {
    protocol::is_instance_of(ctx, x, ids::tailed::AST)
}
