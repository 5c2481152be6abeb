//! What Python warns about when it compiles a text: valid code that is likely a mistake.
//!
//! | stage | what |
//! |---|---|
//! | [literals](super::second_pass) | escape sequences that mean nothing, numbers that run into a keyword |
//! | control flow | `return`, `break` and `continue` that leave a `finally` block (PEP 765) |
//! | [compiling](crate::compile) | `is` with a literal, `assert` on a tuple, literals that are called or badly indexed |
//!
//! Python goes through a text once for each, so all warnings of a stage come before those of the next. The first are made before it knows
//! whether the text is a program at all.

use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{self as ast, Expr, Mod, Stmt};
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

impl SyntaxWarning {
    /// A warning about the part `range` of a tree whose offsets refer to `lines`.
    pub fn about(lines: &LineIndex, filename: &str, range: TextRange, message: String) -> Self {
        let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, &*message, filename);
        let (start, end) = (lines.location(range.start()), lines.location(range.end()));
        (error.line, error.column) = (start.line as i32, start.char_column as i32 + 1);
        (error.end_line, error.end_column) = (end.line as i32, end.char_column as i32 + 1);
        error.text = Some(lines.line_with_newline(start.line).to_owned());
        SyntaxWarning {
            message,
            line: start.line,
            error,
            range: Some(range),
        }
    }
}

/// The warnings about a text that are made before it is compiled, in Python's order.
pub fn early_warnings(parsed: &Parsed, filename: &str) -> Vec<SyntaxWarning> {
    let walk = || {
        let mut walk = Walk {
            lines: &parsed.lines,
            filename,
            places: vec![Place::default()],
            found: Vec::new(),
        };
        if let Mod::Module(module) = &parsed.tree {
            module.body.iter().for_each(|s| walk.visit_stmt(s));
        }
        walk.found
    };
    let mut found = literal_warnings(parsed);
    found.extend(parsed.with_room(walk).unwrap_or_default());
    found
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
    places: Vec<Place>,
    found: Vec<SyntaxWarning>,
}

impl<'a> Walk<'a> {
    fn warn(&mut self, range: TextRange, message: String) {
        let warning = SyntaxWarning::about(self.lines, self.filename, range, message);
        self.found.push(warning);
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
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.flow(statement);
    }

    /// Expressions hold no statements.
    fn visit_expr(&mut self, _: &'a Expr) {}
}
