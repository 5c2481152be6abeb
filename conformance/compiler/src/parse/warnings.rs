//! What Python warns about when it compiles a text: valid code that is likely a mistake.
//!
//! | stage | what |
//! |---|---|
//! | tokens | escape sequences that mean nothing, numbers that run into a keyword |
//! | control flow | `return`, `break` and `continue` that leave a `finally` block (PEP 765) |
//! | meaning | `is` with a literal, `assert` on a tuple, literals that are called or badly indexed |
//!
//! Python goes through a text once for each, so all warnings of a stage come before those of the next.

use std::ops::Range;

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{self as ast, AnyNodeRef, CmpOp, Expr, Mod, Number, Stmt, StringFlags};
use ruff_text_size::{Ranged, TextRange};

use super::{Parsed, SyntaxError, SyntaxErrorKind};

/// A warning about a text.
#[derive(Clone, Debug)]
pub struct SyntaxWarning {
    /// What is shown.
    pub message: String,
    /// What the SyntaxError says that the warning becomes where warnings are errors.
    pub as_error: String,
    /// What it is about.
    pub range: TextRange,
}

impl SyntaxWarning {
    /// The line to be shown.
    pub fn line(&self, parsed: &Parsed) -> u32 {
        parsed.lines.line(self.range.start())
    }

    /// The error that the warning becomes where warnings are errors.
    pub fn into_error(self, parsed: &Parsed, filename: &str, with_text: bool) -> SyntaxError {
        let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, self.as_error, filename);
        let (start, end) = (
            parsed.lines.location(self.range.start()),
            parsed.lines.location(self.range.end()),
        );
        (error.line, error.column) = (start.line as i32, start.char_column as i32 + 1);
        (error.end_line, error.end_column) = (end.line as i32, end.char_column as i32 + 1);
        error.text = with_text.then(|| parsed.lines.line_with_newline(start.line).to_owned());
        error
    }
}

/// The warnings about a text that compiles, in Python's order.
pub fn warnings(parsed: &Parsed) -> Vec<SyntaxWarning> {
    parsed.with_room(|| find(parsed)).unwrap_or_default()
}

fn find(parsed: &Parsed) -> Vec<SyntaxWarning> {
    let mut walk = Walk {
        source: parsed.lines.source(),
        stage: Stage::Tokens,
        places: vec![Place::default()],
        specs: 0,
        raw: false,
        found: Vec::new(),
    };
    for stage in [Stage::Tokens, Stage::Flow, Stage::Meaning] {
        walk.stage = stage;
        match &parsed.tree {
            Mod::Module(module) => module.body.iter().for_each(|s| walk.visit_stmt(s)),
            Mod::Expression(tree) => walk.visit_expr(&tree.body),
        }
    }
    walk.found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Tokens,
    Flow,
    Meaning,
}

/// What a statement is inside of, as far as a `finally` block is.
#[derive(Clone, Copy, Default)]
struct Place {
    in_finally: bool,
    in_function: bool,
    in_loop: bool,
}

struct Walk<'a> {
    source: &'a str,
    stage: Stage,
    places: Vec<Place>,
    /// How many format specs are around: their escapes are not looked at.
    specs: u32,
    /// Whether the f-string around is raw.
    raw: bool,
    found: Vec<SyntaxWarning>,
}

impl<'a> Walk<'a> {
    fn warn(&mut self, range: TextRange, message: impl Into<String>) {
        let message: String = message.into();
        self.found.push(SyntaxWarning {
            as_error: message.clone(),
            message,
            range,
        });
    }

    fn place(&self) -> Place {
        self.places.last().copied().unwrap_or_default()
    }

    fn within(&mut self, place: Place, body: impl FnOnce(&mut Self)) {
        self.places.push(place);
        body(self);
        self.places.pop();
    }

    // --- Tokens

    /// Looks for an escape sequence that means nothing in a part of a literal; only the first counts.
    fn escapes(&mut self, body: Range<usize>, bytes: bool) {
        let text = self.source.as_bytes();
        let mut at = body.start;
        while let Some(found) = memchr::memchr(b'\\', &text[at..body.end]) {
            let start = at + found;
            let Some(&kind) = text.get(start + 1) else {
                return;
            };
            let octal = text[start + 1..]
                .iter()
                .take(3)
                .take_while(|byte| (b'0'..=b'7').contains(byte))
                .count();
            let too_large = octal == 3 && kind > b'3';
            // CPython has made a character of its own of a backslash in front of what is not ASCII.
            let known = b"\n\\'\"abfnrtvx01234567".contains(&kind)
                || !bytes && (b"uUN".contains(&kind) || !kind.is_ascii());
            if known && !too_large {
                at = start + 2;
                if at > body.end {
                    return;
                }
                continue;
            }
            let Some(c) = self.source[start + 1..].chars().next() else {
                return;
            };
            let end = start + 1 + if too_large { 3 } else { c.len_utf8() };
            let shown = &self.source[start..end];
            let kind = if too_large { "octal escape" } else { "escape" };
            let range = TextRange::new((start as u32).into(), (end as u32).into());
            let hint = format!("Did you mean \"\\{shown}\"? A raw string is also an option.");
            let what = format!("\"{shown}\" is an invalid {kind} sequence.");
            self.found.push(SyntaxWarning {
                message: format!("{what} Such sequences will not work in the future. {hint}"),
                as_error: format!("{what} {hint}"),
                range,
            });
            return;
        }
    }

    /// Looks for a number that a keyword follows without a space.
    fn number(&mut self, literal: &ast::ExprNumberLiteral) {
        let (start, end) = (literal.start().to_usize(), literal.end().to_usize());
        let follows = self.source.as_bytes().get(end);
        if !follows.is_some_and(u8::is_ascii_alphabetic) {
            return;
        }
        let text = &self.source[start..end];
        let kind = match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("0x") => "hexadecimal",
            Some("0o") => "octal",
            Some("0b") => "binary",
            _ if matches!(literal.value, Number::Complex { .. }) => "imaginary",
            _ => "decimal",
        };
        let last = TextRange::new((end as u32 - 1).into(), (end as u32).into());
        self.warn(last, format!("invalid {kind} literal"));
    }

    fn tokens(&mut self, node: AnyNodeRef<'a>) {
        let span = |range: TextRange, prefix: usize, quotes: usize| {
            range.start().to_usize() + prefix + quotes..range.end().to_usize() - quotes
        };
        match node {
            AnyNodeRef::StringLiteral(literal) if !literal.flags.prefix().is_raw() => {
                let flags = literal.flags;
                let quotes = if flags.is_triple_quoted() { 3 } else { 1 };
                let prefix = flags.prefix().as_str().len();
                self.escapes(span(literal.range, prefix, quotes), false);
            }
            AnyNodeRef::BytesLiteral(literal) if !literal.flags.prefix().is_raw() => {
                let flags = literal.flags;
                let quotes = if flags.is_triple_quoted() { 3 } else { 1 };
                let prefix = flags.prefix().as_str().len();
                self.escapes(span(literal.range, prefix, quotes), true);
            }
            AnyNodeRef::InterpolatedStringLiteralElement(element)
                if !self.raw && self.specs == 0 =>
            {
                self.escapes(span(element.range, 0, 0), false);
            }
            AnyNodeRef::ExprNumberLiteral(literal) => self.number(literal),
            _ => {}
        }
    }

    // --- Control flow

    fn flow(&mut self, statement: &'a Stmt) {
        let place = self.place();
        let leaves = match statement {
            Stmt::Return(_) if place.in_finally && !place.in_function => Some("return"),
            Stmt::Break(_) if place.in_finally && !place.in_loop => Some("break"),
            Stmt::Continue(_) if place.in_finally && !place.in_loop => Some("continue"),
            _ => None,
        };
        if let Some(word) = leaves {
            self.warn(statement.range(), format!("'{word}' in a 'finally' block"));
        }
        match statement {
            Stmt::FunctionDef(_) => {
                let place = Place {
                    in_finally: place.in_finally,
                    in_function: true,
                    in_loop: false,
                };
                self.within(place, |this| source_order::walk_stmt(this, statement));
            }
            Stmt::For(ast::StmtFor { body, orelse, .. })
            | Stmt::While(ast::StmtWhile { body, orelse, .. }) => {
                let inside = Place {
                    in_loop: true,
                    ..place
                };
                self.within(inside, |this| this.visit_body(body));
                self.visit_body(orelse);
            }
            Stmt::Try(node) => {
                self.visit_body(&node.body);
                for handler in &node.handlers {
                    self.visit_except_handler(handler);
                }
                self.visit_body(&node.orelse);
                let inside = Place {
                    in_finally: true,
                    in_function: false,
                    in_loop: false,
                };
                self.within(inside, |this| this.visit_body(&node.finalbody));
            }
            _ => source_order::walk_stmt(self, statement),
        }
    }

    // --- Meaning

    fn compare(&mut self, node: &'a ast::ExprCompare) {
        let mut left = &*node.left;
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            let literal = is_argument(left).or_else(|| is_argument(right));
            if let (CmpOp::Is | CmpOp::IsNot, Some(class)) = (op, literal) {
                let (is, equal) = match op {
                    CmpOp::Is => ("is", "=="),
                    _ => ("is not", "!="),
                };
                let message = format!("\"{is}\" with '{class}' literal. Did you mean \"{equal}\"?");
                return self.warn(node.range, message);
            }
            left = right;
        }
    }

    fn subscript(&mut self, node: &'a ast::ExprSubscript) {
        const HINT: &str = "perhaps you missed a comma?";
        let Some(class) = type_of(&node.value) else {
            return;
        };
        if matches!(
            class,
            "NoneType"
                | "ellipsis"
                | "bool"
                | "int"
                | "float"
                | "complex"
                | "set"
                | "generator"
                | TEMPLATE
                | "function"
        ) {
            let message = format!("'{class}' object is not subscriptable; {HINT}");
            self.warn(node.value.range(), message);
        } else if class != "dict"
            && let Some(index) = type_of(&node.slice)
            && !matches!(index, "int" | "bool" | "slice")
        {
            let message =
                format!("{class} indices must be integers or slices, not {index}; {HINT}");
            self.warn(node.value.range(), message);
        }
    }

    fn meaning(&mut self, node: AnyNodeRef<'a>) {
        match node {
            AnyNodeRef::ExprCompare(node) => self.compare(node),
            AnyNodeRef::ExprCall(node) => {
                if let Some(class) = type_of(&node.func)
                    && class != "function"
                {
                    let message =
                        format!("'{class}' object is not callable; perhaps you missed a comma?");
                    self.warn(node.func.range(), message);
                }
            }
            AnyNodeRef::ExprSubscript(node) if node.ctx.is_load() => self.subscript(node),
            AnyNodeRef::StmtAssert(node) => {
                if matches!(&*node.test, Expr::Tuple(tuple) if !tuple.elts.is_empty()) {
                    let message = "assertion is always true, perhaps remove parentheses?";
                    self.warn(node.range, message);
                }
            }
            _ => {}
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> source_order::TraversalSignal {
        match self.stage {
            Stage::Tokens => self.tokens(node),
            Stage::Meaning => self.meaning(node),
            Stage::Flow => {}
        }
        source_order::TraversalSignal::Traverse
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match self.stage {
            Stage::Flow => self.flow(statement),
            _ => source_order::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.stage == Stage::Flow {
            // Expressions hold no statements.
            return;
        }
        // Long sums nest to the left: walk down in a loop.
        let Expr::BinOp(_) = expr else {
            return source_order::walk_expr(self, expr);
        };
        let (mut left, mut rights) = (expr, Vec::new());
        while let Expr::BinOp(node) = left {
            rights.push(&*node.right);
            left = &node.left;
        }
        self.visit_expr(left);
        for right in rights.into_iter().rev() {
            self.visit_expr(right);
        }
    }

    fn visit_f_string(&mut self, string: &'a ast::FString) {
        let outer = std::mem::replace(&mut self.raw, string.flags.prefix().is_raw());
        source_order::walk_f_string(self, string);
        self.raw = outer;
    }

    fn visit_t_string(&mut self, string: &'a ast::TString) {
        let outer = std::mem::replace(&mut self.raw, string.flags.prefix().is_raw());
        source_order::walk_t_string(self, string);
        self.raw = outer;
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        match element {
            ast::InterpolatedStringElement::Literal(literal) => {
                self.enter_node(AnyNodeRef::from(literal));
            }
            ast::InterpolatedStringElement::Interpolation(field) => {
                let specs = std::mem::take(&mut self.specs);
                self.visit_expr(&field.expression);
                if let Some(spec) = &field.format_spec {
                    self.specs = specs + 1;
                    for element in &spec.elements {
                        self.visit_interpolated_string_element(element);
                    }
                }
                self.specs = specs;
            }
        }
    }
}

const TEMPLATE: &str = "string.templatelib.Template";

/// The name of the type that a literal or a display has; `None` where it cannot be told.
fn type_of(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::BooleanLiteral(_) => "bool",
        Expr::Name(node) if node.id == "__debug__" => "bool",
        Expr::NumberLiteral(node) => match node.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        Expr::StringLiteral(_) | Expr::FString(_) => "str",
        Expr::BytesLiteral(_) => "bytes",
        Expr::TString(_) => TEMPLATE,
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::Slice(_) => "slice",
        _ => return None,
    })
}

/// The type of a constant that has no identity of its own.
fn is_argument(expr: &Expr) -> Option<&'static str> {
    fn is_constant(expr: &Expr) -> bool {
        match expr {
            Expr::Tuple(tuple) => tuple.elts.iter().all(is_constant),
            Expr::NoneLiteral(_) | Expr::EllipsisLiteral(_) | Expr::BooleanLiteral(_) => true,
            other => is_argument(other).is_some(),
        }
    }
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) => type_of(expr),
        Expr::Tuple(_) if is_constant(expr) => Some("tuple"),
        _ => None,
    }
}
