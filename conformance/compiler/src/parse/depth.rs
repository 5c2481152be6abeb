//! Texts that nest deeper than the stack of a thread allows.
//!
//! Parsing, walking and dropping a syntax tree take native stack with its depth, which a text of so many bytes can make about that
//! large: `a.b.b.b…`. A text that is not short is parsed on a stack of its own, which has room for whatever it holds; a tree
//! that is deep is walked and dropped on one too; and one that nests deeper than [`DEEPEST`] is refused.

use super::{Parsed, SyntaxError, SyntaxErrorKind};
use crate::scope::{DEEPEST, MAX_DEPTH, TOO_DEEP};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{AtomicNodeIndex, Expr, Mod, ModModule, Operator, Pattern, Stmt};
use ruff_text_size::TextRange;

/// A text with no more bytes is parsed on the stack of whoever asks.
const SHORT: usize = 24_000;
/// The stack that a text may need, for each of its bytes.
const STACK_PER_BYTE: usize = 1 << 10;
/// The stack that any text may need.
const STACK: usize = 8 << 20;
/// The stack that the compiler may need for each level of a tree.
const STACK_PER_LEVEL: usize = STACK / MAX_DEPTH as usize;

/// What Python says of a text that its parser has no stack for.
const OVERFLOWED: &str = "Parser stack overflowed - Python source too complex to parse";

/// Operands in a row: dropping their tree takes native stack for each.
const MOST_TERMS: u32 = 50_000;

/// What `work` gives on a stack of its own; `None` if the system has no room for such a stack.
pub(super) fn on_stack<T: Send>(bytes: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(bytes.saturating_add(STACK));
        builder.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// Runs `parse` where there is stack for a text of `len` bytes, and measures the tree.
pub(super) fn with_room(
    len: usize,
    filename: &str,
    parse: impl FnOnce() -> Result<Parsed, SyntaxError> + Send,
) -> Result<Parsed, SyntaxError> {
    // Each level takes a byte at least.
    if len <= MAX_DEPTH as usize {
        return parse();
    }
    let refused = || SyntaxError::new(SyntaxErrorKind::Stack, OVERFLOWED, filename);
    let stack = len.saturating_mul(STACK_PER_BYTE);
    let measured = |parsed: &mut Parsed, most| match measure(&parsed.tree, most) {
        Ok(depth) => {
            parsed.depth = depth;
            Ok(())
        }
        Err(found) => {
            parsed.depth = most;
            Err(found.error(filename))
        }
    };
    if len <= SHORT {
        let mut parsed = parse()?;
        if measured(&mut parsed, MAX_DEPTH).is_err() {
            on_stack(stack, || measured(&mut parsed, DEEPEST)).unwrap_or_else(|| Err(refused()))?;
        }
        return Ok(parsed);
    }
    on_stack(stack, || {
        let mut parsed = parse()?;
        measured(&mut parsed, DEEPEST)?;
        Ok(parsed)
    })
    .unwrap_or_else(|| Err(refused()))
}

impl Parsed {
    /// What `walk` gives where there is stack for walking the tree; `None` if the system has no room for that.
    pub fn with_room<T: Send>(&self, walk: impl FnOnce() -> T + Send) -> Option<T> {
        if self.depth <= MAX_DEPTH {
            return Some(walk());
        }
        on_stack(self.depth as usize * STACK_PER_LEVEL, walk)
    }
}

impl Drop for Parsed {
    fn drop(&mut self) {
        if self.depth <= MAX_DEPTH {
            return;
        }
        let nothing = Mod::Module(ModModule {
            node_index: AtomicNodeIndex::NONE,
            range: TextRange::default(),
            body: Default::default(),
        });
        let mut tree = Some(std::mem::replace(&mut self.tree, nothing));
        if self.with_room(|| drop(tree.take())).is_none() {
            // No stack is left to drop it on: better that it stays.
            std::mem::forget(tree);
        }
    }
}

/// Who goes down into what stands deeper than it may.
#[derive(Clone, Copy)]
enum TooDeep {
    /// What Python's parser goes down into: operands on the right.
    Parsed,
    /// What its compiler goes down into: what stands on the left, which its parser takes in a row.
    Compiled,
}

impl TooDeep {
    fn of(expr: &Expr) -> TooDeep {
        match expr {
            Expr::UnaryOp(_) | Expr::BinOp(_) | Expr::Lambda(_) | Expr::If(_) => TooDeep::Parsed,
            _ => TooDeep::Compiled,
        }
    }

    fn error(self, filename: &str) -> SyntaxError {
        match self {
            TooDeep::Parsed => SyntaxError::new(SyntaxErrorKind::Stack, OVERFLOWED, filename),
            TooDeep::Compiled => SyntaxError::new(SyntaxErrorKind::Depth, TOO_DEEP, filename),
        }
    }
}

/// How deep a tree nests, or what stands deeper than `most`.
fn measure(tree: &Mod, most: u32) -> Result<u32, TooDeep> {
    let mut search = Search {
        most,
        within: TooDeep::Compiled,
        depth: 0,
        deepest: 0,
        found: None,
    };
    match tree {
        Mod::Module(module) => search.visit_body(&module.body),
        Mod::Expression(expression) => search.visit_expr(&expression.body),
    }
    search.found.map_or(Ok(search.deepest), Err)
}

struct Search {
    most: u32,
    /// What is said if what is in here is too deep.
    within: TooDeep,
    depth: u32,
    deepest: u32,
    found: Option<TooDeep>,
}

impl Search {
    fn inside(&mut self, what: TooDeep, visit: impl FnOnce(&mut Self)) {
        if self.found.is_some() {
            return;
        }
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth > self.most {
            self.found = Some(self.within);
        } else {
            let outer = std::mem::replace(&mut self.within, what);
            visit(self);
            self.within = outer;
        }
        self.depth -= 1;
    }
}

impl<'a> Visitor<'a> for Search {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.inside(TooDeep::Compiled, |this| {
            visitor::walk_stmt(this, statement)
        });
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        // The compiler takes `a + b + c` in a row, however long.
        let mut expr = expr;
        let mut terms = 0;
        while let Expr::BinOp(node) = expr
            && node.op != Operator::Pow
        {
            self.visit_expr(&node.right);
            terms += 1;
            if terms > MOST_TERMS {
                self.found.get_or_insert(TooDeep::Compiled);
                return;
            }
            expr = &node.left;
        }
        self.inside(TooDeep::of(expr), |this| visitor::walk_expr(this, expr));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.inside(TooDeep::Compiled, |this| {
            visitor::walk_pattern(this, pattern)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::parse::{Mode, SyntaxErrorKind, parse};

    #[test]
    fn what_nests_a_million_times_is_refused() {
        use SyntaxErrorKind::{Depth, Stack};
        for (source, kind) in [
            (format!("a{}", ".b".repeat(1_000_000)), Depth),
            (format!("a{}", "()".repeat(500_000)), Depth),
            (format!("a{}", "+a".repeat(500_000)), Depth),
            (format!("{}a", "-".repeat(500_000)), Stack),
            (format!("a{}", "**a".repeat(100_000)), Stack),
            (format!("{}a", "a if a else ".repeat(100_000)), Stack),
        ] {
            let error = parse(&source, "<text>", Mode::Exec).unwrap_err();
            assert_eq!(error.kind, kind);
        }
        let chain = format!("a{}", ".b".repeat(20_000));
        assert!(parse(&chain, "<text>", Mode::Exec).is_ok());
        // Short, and deeper than the thread's own stack.
        let chain = format!("{}a", "-".repeat(23_000));
        assert!(parse(&chain, "<text>", Mode::Exec).is_ok());
        let open = parse(&"(".repeat(150), "<text>", Mode::Eval).unwrap_err();
        assert_eq!(open.message, "'(' was never closed");
        let sum = format!("a{}", "+a".repeat(20_000));
        assert!(parse(&sum, "<text>", Mode::Exec).is_ok());
        let flat = format!("[{}]", "a, ".repeat(100_000));
        assert!(parse(&flat, "<text>", Mode::Exec).is_ok());
    }
}
