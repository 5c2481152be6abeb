//! What the compiler warns of as it comes to it: literals that are compared by identity, called or badly indexed, and assertions of tuples.

use ruff_python_ast::{self as ast, CmpOp, Expr, Number};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use crate::parse::SyntaxWarning;

impl Compiler<'_> {
    fn warn(&mut self, range: TextRange, message: String) {
        if self.quiet == 0 {
            let warning = SyntaxWarning::about(self.lines, &self.filename, range, message);
            self.warned.push(warning);
        }
    }

    /// Compiles what was compiled before, and warned of.
    pub(super) fn quietly<T>(&mut self, compile: impl FnOnce(&mut Self) -> T) -> T {
        self.quiet += 1;
        let result = compile(self);
        self.quiet -= 1;
        result
    }

    pub(super) fn check_compare(&mut self, node: &ast::ExprCompare) {
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

    pub(super) fn check_subscript(&mut self, node: &ast::ExprSubscript) {
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

    pub(super) fn check_callee(&mut self, func: &Expr) {
        if let Some(class) = type_of(func)
            && class != "function"
        {
            let message = format!("'{class}' object is not callable; perhaps you missed a comma?");
            self.warn(func.range(), message);
        }
    }

    pub(super) fn check_assert(&mut self, node: &ast::StmtAssert) {
        if matches!(&*node.test, Expr::Tuple(tuple) if !tuple.elts.is_empty()) {
            let message = "assertion is always true, perhaps remove parentheses?";
            self.warn(node.range, message.into());
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
