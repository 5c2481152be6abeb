//! What Python warns about when it compiles a text: valid code that is likely a mistake.
//!
//! | stage | what |
//! |---|---|
//! | [literals](super::second_pass) | escape sequences that mean nothing, numbers that run into a keyword |
//! | control flow | `return`, `break` and `continue` that leave a `finally` block (PEP 765) |
//! | meaning | `is` with a literal, `assert` on a tuple, literals that are called or badly indexed |
//!
//! Python goes through a text once for each, so all warnings of a stage come before those of the next. The first are made before it knows
//! whether the text is a program at all.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{self as ast, AnyNodeRef, CmpOp, Expr, Mod, Number, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::{LineIndex, Parsed, SyntaxError, SyntaxErrorKind};

/// A warning about a text.
#[derive(Clone, Debug)]
pub struct SyntaxWarning {
    /// What is shown.
    pub message: String,
    /// The line to be shown.
    pub line: u32,
    /// The error that it becomes where warnings are errors.
    pub error: SyntaxError,
    /// The part of a tree that it is about, if it is; whose text is shown if it comes from a file.
    pub range: Option<TextRange>,
}

/// The warnings of a text's literals, in Python's order: those that it is read with.
pub fn literal_warnings(parsed: &Parsed) -> Vec<SyntaxWarning> {
    parsed.warned.clone()
}

/// The warnings about a text that are made before its names are looked at, in Python's order.
pub fn early_warnings(parsed: &Parsed, filename: &str) -> Vec<SyntaxWarning> {
    let mut found = literal_warnings(parsed);
    found.extend(find(parsed, filename, Stage::Flow));
    found
}

/// The warnings about a text that compiles which are made as it is compiled, in Python's order.
pub fn late_warnings(parsed: &Parsed, filename: &str) -> Vec<SyntaxWarning> {
    find(parsed, filename, Stage::Meaning)
}

fn find(parsed: &Parsed, filename: &str, stage: Stage) -> Vec<SyntaxWarning> {
    let walk = || {
        let mut walk = Walk {
            lines: &parsed.lines,
            filename,
            stage,
            places: vec![Place::default()],
            found: Vec::new(),
        };
        match &parsed.tree {
            Mod::Module(module) => module.body.iter().for_each(|s| walk.visit_stmt(s)),
            Mod::Expression(tree) => walk.visit_expr(&tree.body),
        }
        walk.found
    };
    parsed.with_room(walk).unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Flow,
    Meaning,
}

/// What a statement is inside of, as far as a `finally` block is.
#[derive(Clone, Copy, Default)]
struct Place {
    in_finally: bool,
    in_loop: bool,
}

struct Walk<'a> {
    lines: &'a LineIndex,
    filename: &'a str,
    stage: Stage,
    places: Vec<Place>,
    found: Vec<SyntaxWarning>,
}

impl<'a> Walk<'a> {
    fn warn(&mut self, range: TextRange, message: impl Into<String>) {
        let message: String = message.into();
        let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, &*message, self.filename);
        let (start, end) = (
            self.lines.location(range.start()),
            self.lines.location(range.end()),
        );
        (error.line, error.column) = (start.line as i32, start.char_column as i32 + 1);
        (error.end_line, error.end_column) = (end.line as i32, end.char_column as i32 + 1);
        error.text = Some(self.lines.line_with_newline(start.line).to_owned());
        self.found.push(SyntaxWarning {
            message,
            line: start.line,
            error,
            range: Some(range),
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

    // --- Control flow

    fn flow(&mut self, statement: &'a Stmt) {
        let place = self.place();
        let leaves = match statement {
            Stmt::Return(_) if place.in_finally => Some("return"),
            Stmt::Break(_) if place.in_finally && !place.in_loop => Some("break"),
            Stmt::Continue(_) if place.in_finally && !place.in_loop => Some("continue"),
            _ => None,
        };
        if let Some(word) = leaves {
            self.warn(statement.range(), format!("'{word}' in a 'finally' block"));
        }
        match statement {
            Stmt::FunctionDef(_) => {
                self.within(Place::default(), |this| {
                    source_order::walk_stmt(this, statement)
                });
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
