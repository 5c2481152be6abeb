//! Parsing texts that may nest deeper than the stack of a thread allows.
//!
//! Parsing and dropping a syntax tree take native stack with its depth, which a text of so many bytes can make about that large:
//! `a.b.b.b…`. A text that is not short is parsed on a stack of its own, which has room for whatever it holds, and a tree that
//! is too deep for the compiler never leaves it.

use super::{LineIndex, Parsed, SyntaxError, SyntaxErrorKind};
use crate::scope::{MAX_DEPTH, TOO_DEEP};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Mod, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};

/// A text with no more bytes is parsed on the stack of whoever asks.
const SHORT: usize = 24_000;
/// The stack that a text may need, for each of its bytes.
const STACK_PER_BYTE: usize = 1 << 10;
/// The stack that any text may need.
const STACK: usize = 8 << 20;

/// Operands in a row: dropping their tree takes native stack for each.
const MOST_TERMS: u32 = 50_000;

/// Runs `parse` where there is stack for a text of `len` bytes.
pub(super) fn with_room(
    len: usize,
    filename: &str,
    parse: impl FnOnce() -> Result<Parsed, SyntaxError> + Send,
) -> Result<Parsed, SyntaxError> {
    if len <= SHORT {
        return parse();
    }
    let refused = || SyntaxError::new(SyntaxErrorKind::Syntax, TOO_DEEP, filename);
    std::thread::scope(|scope| {
        let stack = len.saturating_mul(STACK_PER_BYTE).saturating_add(STACK);
        let builder = std::thread::Builder::new().stack_size(stack);
        let worker = builder.spawn_scoped(scope, || {
            let parsed = parse()?;
            match first_too_deep(&parsed.tree) {
                None => Ok(parsed),
                Some(range) => Err(too_deep(range, &parsed.lines, filename)),
            }
        });
        match worker {
            Ok(worker) => worker.join().unwrap_or_else(|_| Err(refused())),
            // The system has no room for such a stack.
            Err(_) => Err(refused()),
        }
    })
}

fn too_deep(range: TextRange, lines: &LineIndex, filename: &str) -> SyntaxError {
    let (start, end) = (lines.location(range.start()), lines.location(range.end()));
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, TOO_DEEP, filename);
    error.line = number(start.line);
    error.column = number(start.byte_column + 1);
    error.end_line = number(end.line);
    error.end_column = number(end.byte_column + 1);
    error
}

/// What stands deeper in a tree than the compiler goes.
fn first_too_deep(tree: &Mod) -> Option<TextRange> {
    let mut search = Search::default();
    match tree {
        Mod::Module(module) => search.visit_body(&module.body),
        Mod::Expression(expression) => search.visit_expr(&expression.body),
    }
    search.found
}

#[derive(Default)]
struct Search {
    depth: u32,
    found: Option<TextRange>,
}

impl Search {
    fn inside(&mut self, range: TextRange, visit: impl FnOnce(&mut Self)) {
        if self.found.is_some() {
            return;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.found = Some(range);
        } else {
            visit(self);
        }
        self.depth -= 1;
    }
}

impl<'a> Visitor<'a> for Search {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.inside(statement.range(), |this| {
            visitor::walk_stmt(this, statement)
        });
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        // The compiler takes `a + b + c` in a row, however long.
        let mut expr = expr;
        let mut terms = 0;
        while let Expr::BinOp(node) = expr {
            self.visit_expr(&node.right);
            terms += 1;
            if terms > MOST_TERMS {
                self.found.get_or_insert(node.range());
                return;
            }
            expr = &node.left;
        }
        self.inside(expr.range(), |this| visitor::walk_expr(this, expr));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.inside(pattern.range(), |this| visitor::walk_pattern(this, pattern));
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::{Mode, parse};

    #[test]
    fn what_nests_a_million_times_is_refused() {
        for source in [
            format!("a{}", ".b".repeat(1_000_000)),
            format!("a{}", "()".repeat(500_000)),
            format!("{}a", "-".repeat(500_000)),
            format!("a{}", "+a".repeat(500_000)),
        ] {
            let error = parse(&source, "<text>", Mode::Exec).unwrap_err();
            assert_eq!(error.message, crate::scope::TOO_DEEP);
        }
        let sum = format!("a{}", "+a".repeat(20_000));
        assert!(parse(&sum, "<text>", Mode::Exec).is_ok());
        let flat = format!("[{}]", "a, ".repeat(100_000));
        assert!(parse(&flat, "<text>", Mode::Exec).is_ok());
    }
}
