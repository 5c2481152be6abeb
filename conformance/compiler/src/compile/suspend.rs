//! Whether a module awaits outside of its functions and classes, where that is allowed.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Mod, Stmt};

/// Whether there is an `await`, `async for`, `async with` or asynchronous comprehension in what the module itself runs.
pub(super) fn awaits(tree: &Mod) -> bool {
    let mut search = Search(false);
    match tree {
        Mod::Module(module) => search.visit_body(&module.body),
        Mod::Expression(expression) => search.visit_expr(&expression.body),
    }
    search.0
}

struct Search(bool);

impl<'a> Visitor<'a> for Search {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(node) => {
                for decorator in &node.decorator_list {
                    self.visit_decorator(decorator);
                }
                visitor::walk_parameters(self, &node.parameters);
            }
            Stmt::ClassDef(node) => {
                for decorator in &node.decorator_list {
                    self.visit_decorator(decorator);
                }
                if let Some(arguments) = &node.arguments {
                    visitor::walk_arguments(self, arguments);
                }
            }
            Stmt::For(ast::StmtFor { is_async: true, .. })
            | Stmt::With(ast::StmtWith { is_async: true, .. }) => self.0 = true,
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Await(_) => self.0 = true,
            Expr::Lambda(node) => {
                if let Some(parameters) = &node.parameters {
                    visitor::walk_parameters(self, parameters);
                }
            }
            // Only what it iterates over first is evaluated here.
            Expr::Generator(node) => {
                if let Some(first) = node.generators.first() {
                    self.visit_expr(&first.iter);
                }
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'a ast::Comprehension) {
        self.0 |= comprehension.is_async;
        visitor::walk_comprehension(self, comprehension);
    }
}
