//! The classes of nodes, made from the grammar of syntax trees.

use crate::error::PyResult;
use crate::module::support;
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{generic_alias, ids, str_, tuple, union_};
use kit_core::thread::Ctx;

/// Nodes and their fields: `*` says list, `?` that there may be none.
///
/// Each line is a sum (`name = A(...) | B(...)`) or a product (`name = (...)`); behind `@` are the attributes.
const GRAMMAR: &str = "\
mod = Module(stmt* body, type_ignore* type_ignores) | Interactive(stmt* body) | Expression(expr body) | FunctionType(expr* argtypes, expr returns)
stmt = FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params) \
| AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params) \
| ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params) \
| Return(expr? value) | Delete(expr* targets) | Assign(expr* targets, expr value, string? type_comment) \
| TypeAlias(expr name, type_param* type_params, expr value) | AugAssign(expr target, operator op, expr value) \
| AnnAssign(expr target, expr annotation, expr? value, int simple) \
| For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment) \
| AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment) \
| While(expr test, stmt* body, stmt* orelse) | If(expr test, stmt* body, stmt* orelse) \
| With(withitem* items, stmt* body, string? type_comment) | AsyncWith(withitem* items, stmt* body, string? type_comment) \
| Match(expr subject, match_case* cases) | Raise(expr? exc, expr? cause) \
| Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody) \
| TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody) \
| Assert(expr test, expr? msg) | Import(alias* names) | ImportFrom(identifier? module, alias* names, int? level) \
| Global(identifier* names) | Nonlocal(identifier* names) | Expr(expr value) | Pass | Break | Continue @ position
expr = BoolOp(boolop op, expr* values) | NamedExpr(expr target, expr value) | BinOp(expr left, operator op, expr right) \
| UnaryOp(unaryop op, expr operand) | Lambda(arguments args, expr body) | IfExp(expr test, expr body, expr orelse) \
| Dict(expr?* keys, expr* values) | Set(expr* elts) | ListComp(expr elt, comprehension* generators) \
| SetComp(expr elt, comprehension* generators) | DictComp(expr key, expr value, comprehension* generators) \
| GeneratorExp(expr elt, comprehension* generators) | Await(expr value) | Yield(expr? value) | YieldFrom(expr value) \
| Compare(expr left, cmpop* ops, expr* comparators) | Call(expr func, expr* args, keyword* keywords) \
| FormattedValue(expr value, int conversion, expr? format_spec) \
| Interpolation(expr value, constant str, int conversion, expr? format_spec) | JoinedStr(expr* values) | TemplateStr(expr* values) \
| Constant(constant value, string? kind) | Attribute(expr value, identifier attr, expr_context ctx) \
| Subscript(expr value, expr slice, expr_context ctx) | Starred(expr value, expr_context ctx) | Name(identifier id, expr_context ctx) \
| List(expr* elts, expr_context ctx) | Tuple(expr* elts, expr_context ctx) | Slice(expr? lower, expr? upper, expr? step) @ position
expr_context = Load | Store | Del
boolop = And | Or
operator = Add | Sub | Mult | MatMult | Div | Mod | Pow | LShift | RShift | BitOr | BitXor | BitAnd | FloorDiv
unaryop = Invert | Not | UAdd | USub
cmpop = Eq | NotEq | Lt | LtE | Gt | GtE | Is | IsNot | In | NotIn
comprehension = (expr target, expr iter, expr* ifs, int is_async)
excepthandler = ExceptHandler(expr? type, identifier? name, stmt* body) @ position
arguments = (arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr?* kw_defaults, arg? kwarg, expr* defaults)
arg = (identifier arg, expr? annotation, string? type_comment) @ position
keyword = (identifier? arg, expr value) @ position
alias = (identifier name, identifier? asname) @ position
withitem = (expr context_expr, expr? optional_vars)
match_case = (pattern pattern, expr? guard, stmt* body)
pattern = MatchValue(expr value) | MatchSingleton(constant value) | MatchSequence(pattern* patterns) \
| MatchMapping(expr* keys, pattern* patterns, identifier? rest) \
| MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns) \
| MatchStar(identifier? name) | MatchAs(pattern? pattern, identifier? name) | MatchOr(pattern* patterns) @ place
type_ignore = TypeIgnore(int lineno, string tag)
type_param = TypeVar(identifier name, expr? bound, expr? default_value) | ParamSpec(identifier name, expr? default_value) \
| TypeVarTuple(identifier name, expr? default_value) @ place
";

/// A class of nodes, as the grammar has it.
struct Definition<'a> {
    name: &'a str,
    /// The sum it belongs to.
    base: Option<&'a str>,
    fields: Vec<(&'a str, &'a str)>,
    doc: String,
    attributes: &'a [&'static str],
    /// Attributes that may be missing.
    optional: &'a [&'static str],
    is_sum: bool,
}

fn fields_of(text: &str) -> Vec<(&str, &str)> {
    let inside = text.split_once('(').map_or("", |(_, rest)| rest);
    let inside = inside.trim_end_matches(')');
    let fields = inside.split(", ").filter(|field| !field.is_empty());
    fields.filter_map(|field| field.split_once(' ')).collect()
}

const POSITION: &[&str] = &["lineno", "col_offset", "end_lineno", "end_col_offset"];

fn definitions(mut add: impl FnMut(Definition<'_>) -> PyResult<()>) -> PyResult<()> {
    for line in GRAMMAR.lines() {
        let (line, attributes, optional) = match line.split_once(" @ ") {
            Some((line, "position")) => (line, POSITION, &POSITION[2..]),
            Some((line, _)) => (line, POSITION, &[][..]),
            None => (line, &[][..], &[][..]),
        };
        let Some((name, body)) = line.split_once(" = ") else {
            continue;
        };
        if body.starts_with('(') {
            add(Definition {
                name,
                base: None,
                fields: fields_of(body),
                doc: format!("{name}{body}"),
                attributes,
                optional,
                is_sum: false,
            })?;
            continue;
        }
        let alternatives: Vec<&str> = body.split(" | ").collect();
        let simple = alternatives.iter().all(|text| !text.contains('('));
        let separator = if simple {
            " | ".to_owned()
        } else {
            format!("\n{} | ", " ".repeat(name.len()))
        };
        add(Definition {
            name,
            base: None,
            fields: Vec::new(),
            doc: format!("{name} = {}", alternatives.join(&separator)),
            attributes,
            optional,
            is_sum: true,
        })?;
        for text in alternatives {
            add(Definition {
                name: text.split('(').next().unwrap_or(text),
                base: Some(name),
                fields: fields_of(text),
                doc: text.to_owned(),
                attributes: &[],
                optional: &[],
                is_sum: false,
            })?;
        }
    }
    Ok(())
}

/// The type that a field of this kind has, as `_field_types` says it.
fn field_type(ctx: &mut Ctx, classes: &Obj, kind: &str) -> PyResult {
    let (kind, list) = match kind.strip_suffix('*') {
        Some(kind) => (kind.trim_end_matches('?'), true),
        None => (kind, false),
    };
    let (kind, optional) = match kind.strip_suffix('?') {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let class = match kind {
        "identifier" | "string" => type_object(ctx, ids::STR),
        "int" => type_object(ctx, ids::INT),
        "constant" => type_object(ctx, ids::OBJECT),
        name => find(ctx, classes, name)?,
    };
    if list {
        let list = type_object(ctx, ids::LIST);
        return generic_alias::new(ctx, &list, &class);
    }
    if optional {
        return union_::from_members(ctx, &[class, Obj::NONE]);
    }
    Ok(class)
}

/// The class with this name.
pub fn find(ctx: &mut Ctx, classes: &Obj, name: &str) -> PyResult {
    let name = str_::intern_text(ctx, name)?;
    let found = classes.expect::<PyDict>().get_name(ctx, &name);
    Ok(found.unwrap_or(Obj::NONE))
}

fn names_tuple<'a>(ctx: &mut Ctx, names: impl Iterator<Item = &'a str>) -> PyResult {
    let mut all = Vec::new();
    for name in names {
        all.push(str_::intern_text(ctx, name)?);
    }
    tuple::from_vec(ctx, all)
}

/// Makes all classes: a dict of them by name.
pub fn make(ctx: &mut Ctx) -> PyResult {
    let classes = dict::new(ctx)?;
    let root = type_object(ctx, ids::tailed::AST);
    definitions(|definition| {
        let fields = names_tuple(ctx, definition.fields.iter().map(|(_, name)| *name))?;
        let mut namespace = vec![
            ("_fields", fields.clone()),
            ("__match_args__", fields),
            ("__doc__", str_::new(ctx, &definition.doc)?),
        ];
        if definition.base.is_none() {
            let attributes = names_tuple(ctx, definition.attributes.iter().copied())?;
            namespace.push(("_attributes", attributes));
        }
        for name in definition.optional {
            namespace.push((name, Obj::NONE));
        }
        for (kind, name) in &definition.fields {
            if kind.ends_with('?') {
                namespace.push((name, Obj::NONE));
            }
        }
        let base = match definition.base {
            Some(base) => find(ctx, &classes, base)?,
            None => root.clone(),
        };
        let class = support::class(ctx, "ast", definition.name, vec![base], &namespace)?;
        let name = str_::intern_text(ctx, definition.name)?;
        classes.expect::<PyDict>().set_name(ctx, &name, class)
    })?;
    // What fields are may be defined further below.
    definitions(|definition| {
        if definition.is_sum {
            return Ok(());
        }
        let types = dict::new(ctx)?;
        for (kind, name) in &definition.fields {
            let kind = field_type(ctx, &classes, kind)?;
            let name = str_::intern_text(ctx, name)?;
            types.expect::<PyDict>().set_name(ctx, &name, kind)?;
        }
        let class = find(ctx, &classes, definition.name)?;
        support::add(ctx, &class, "_field_types", types.clone())?;
        support::add(ctx, &class, "__annotations__", types)
    })?;
    Ok(classes)
}
