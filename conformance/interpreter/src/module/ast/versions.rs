//! `feature_version`: what an older Python 3 has no grammar for is refused.

use crate::parse::Parsed;
use crate::scope::CompileError;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as tree, Expr, Mod, Operator, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

/// What the first construct of a text that 3.`version` lacks is refused with.
pub fn refused(parsed: &Parsed, version: u32) -> Option<CompileError> {
    let found = parsed.with_room(|| {
        let mut finder = Finder {
            source: parsed.lines.source(),
            version,
            found: None,
        };
        match &parsed.tree {
            Mod::Module(node) => finder.visit_body(&node.body),
            Mod::Expression(node) => finder.visit_expr(&node.body),
        }
        finder.found
    });
    found.flatten()
}

/// Looks at what is inside first, as the parser that reads it does.
struct Finder<'a> {
    source: &'a str,
    version: u32,
    found: Option<CompileError>,
}

impl Finder<'_> {
    /// `what` came with 3.`since`.
    fn needs(&mut self, since: u32, what: &str, range: TextRange) {
        if self.version >= since || self.found.is_some() {
            return;
        }
        let message = format!("{what} only supported in Python 3.{since} and greater");
        self.found = Some(CompileError::new(message, range));
    }

    /// The bracket or quote that ends it.
    fn last(range: TextRange) -> TextRange {
        let start = range.start().max(range.end() - TextSize::new(1));
        TextRange::new(start, range.end())
    }

    /// The character that follows, blanks aside.
    fn behind(&self, range: TextRange) -> TextRange {
        let rest = &self.source[range.end().to_usize()..];
        let behind = rest.trim_start_matches([' ', '\t', '\x0c']);
        let start = range.end() + TextSize::of(rest) - TextSize::of(behind);
        let length = behind.chars().next().map_or(0, |c| c.len_utf8() as u32);
        TextRange::at(start, TextSize::new(length))
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        visitor::walk_stmt(self, statement);
        let (since, what) = match statement {
            Stmt::AnnAssign(node) if node.simple => (6, "Variable annotation syntax is"),
            Stmt::AnnAssign(_) => (6, "Variable annotations syntax is"),
            Stmt::AugAssign(node) if node.op == Operator::MatMult => (5, "The '@' operator is"),
            Stmt::FunctionDef(node) if node.is_async => (5, "Async functions are"),
            Stmt::For(node) if node.is_async => (5, "Async for loops are"),
            Stmt::With(node) if node.is_async => (5, "Async with statements are"),
            Stmt::Try(node) if node.is_star => (11, "Exception groups are"),
            Stmt::Match(_) => (10, "Pattern matching is"),
            Stmt::TypeAlias(_) => (12, "Type statement is"),
            _ => return,
        };
        self.needs(since, what, self.behind(statement.range()));
    }

    fn visit_except_handler(&mut self, handler: &'a tree::ExceptHandler) {
        visitor::walk_except_handler(self, handler);
        let tree::ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(Expr::Tuple(classes)) = handler.type_.as_deref()
            && !classes.parenthesized
        {
            let what = "except expressions without parentheses are";
            self.needs(14, what, self.behind(handler.range()));
        }
    }

    fn visit_parameters(&mut self, parameters: &'a tree::Parameters) {
        visitor::walk_parameters(self, parameters);
        if !parameters.posonlyargs.is_empty() {
            let what = "Positional-only parameters are";
            let range = parameters.range();
            let range = match self.source[range].ends_with(')') {
                true => Self::last(range),
                false => self.behind(range),
            };
            self.needs(8, what, range);
        }
    }

    fn visit_type_params(&mut self, parameters: &'a tree::TypeParams) {
        visitor::walk_type_params(self, parameters);
        self.needs(
            12,
            "Type parameter lists are",
            Self::last(parameters.range()),
        );
    }

    fn visit_type_param(&mut self, parameter: &'a tree::TypeParam) {
        visitor::walk_type_param(self, parameter);
        if parameter.default().is_some() {
            let what = "Type parameter defaults are";
            self.needs(13, what, self.behind(parameter.range()));
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'a tree::Comprehension) {
        visitor::walk_comprehension(self, comprehension);
        if comprehension.is_async {
            let what = "Async comprehensions are";
            self.needs(6, what, self.behind(comprehension.range()));
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        visitor::walk_expr(self, expr);
        let range = expr.range();
        let (since, what) = match expr {
            Expr::Named(_) => (8, "Assignment expressions are"),
            Expr::BinOp(node) if node.op == Operator::MatMult => (5, "The '@' operator is"),
            Expr::Await(_) => (5, "Await expressions are"),
            Expr::TString(_) => return self.needs(14, "t-strings are", Self::last(range)),
            Expr::NumberLiteral(_) if self.source[range].contains('_') => {
                return self.needs(6, "Underscores in numeric literals are", range);
            }
            _ => return,
        };
        self.needs(since, what, self.behind(range));
    }
}
