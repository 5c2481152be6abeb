//! What nodes are asked for optimized: `__debug__` is a constant, docstrings may be gone, numbers of patterns are folded, and `%` with a
//! tuple is an f-string where that means the same.

use super::from_tree::Maker;
use crate::compile;
use crate::error::PyResult;
use crate::object::obj::Obj;
use crate::object::{code, str_};
use ruff_python_ast::{self as tree, Expr, ExprContext, Operator, Stmt};
use ruff_text_size::Ranged;

/// A width or a precision of so many digits is left to run time.
const MAX_DIGITS: usize = 3;

/// A piece of a format that `%` is used with.
enum Piece {
    Text(String),
    /// The conversion, and how wide and exact it is.
    Field(char, String),
}

/// The value of a docstring, if the body begins with one.
fn docstring(body: &[Stmt]) -> Option<&Expr> {
    match body.first()? {
        Stmt::Expr(node) if node.value.is_string_literal_expr() => Some(&node.value),
        _ => None,
    }
}

impl Maker<'_> {
    /// The body of a module, a function or a class.
    pub(super) fn documented(&mut self, body: &[Stmt]) -> PyResult {
        let text = docstring(body).filter(|_| self.optimize == Some(2));
        let Some(text) = text else {
            return self.body(body);
        };
        let rest = &body[1..];
        let mut all = Vec::with_capacity(body.len());
        if rest.is_empty() {
            let start = self.lines.location(text.range().start());
            let place = [
                start.line,
                start.byte_column,
                start.line,
                start.byte_column + 4,
            ];
            let pass = self.node("Pass", &[])?;
            self.place(&pass, place.map(i64::from))?;
            all.push(pass);
        }
        for (number, statement) in rest.iter().enumerate() {
            // It was none, and does not become one.
            if let Some(text) = docstring(rest).filter(|_| number == 0) {
                let value = self.expr(text)?;
                let values = self.list(vec![value])?;
                let value = self.at(text.range(), "JoinedStr", &[("values", values)])?;
                all.push(self.at(statement.range(), "Expr", &[("value", value)])?);
            } else {
                all.push(self.stmt(statement)?);
            }
        }
        self.list(all)
    }

    /// What an expression becomes, if that is another.
    pub(super) fn optimized(&mut self, expr: &Expr) -> PyResult<Option<Obj>> {
        let Some(level) = self.optimize else {
            return Ok(None);
        };
        match expr {
            Expr::Name(node) if node.ctx == ExprContext::Load && node.id == "__debug__" => {
                let fields = [("value", Obj::bool(level == 0)), ("kind", Obj::NONE)];
                self.at(expr.range(), "Constant", &fields).map(Some)
            }
            Expr::BinOp(node) if node.op == Operator::Mod => self.formatted(node),
            _ => Ok(None),
        }
    }

    /// The value of a pattern, or the key of one.
    pub(super) fn pattern_value(&mut self, expr: &Expr) -> PyResult {
        let signed = matches!(expr, Expr::UnaryOp(_) | Expr::BinOp(_));
        let folded = (signed && self.optimize.is_some())
            .then(|| compile::number_of_pattern(expr))
            .flatten();
        let Some(folded) = folded else {
            return self.expr(expr);
        };
        let value = code::value(self.ctx, &folded)?;
        let fields = [("value", value), ("kind", Obj::NONE)];
        self.at(expr.range(), "Constant", &fields)
    }

    /// `"..." % (a, b)` as an f-string.
    fn formatted(&mut self, node: &tree::ExprBinOp) -> PyResult<Option<Obj>> {
        let (Expr::StringLiteral(format), Expr::Tuple(given)) = (&*node.left, &*node.right) else {
            return Ok(None);
        };
        let format = format.value.to_str();
        // Lone surrogates are written with another character in the tree.
        if given.elts.iter().any(Expr::is_starred_expr) || format.contains('\u{fffd}') {
            return Ok(None);
        }
        let Some(pieces) = pieces(format) else {
            return Ok(None);
        };
        let fields = pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Field(..)));
        if fields.count() != given.elts.len() {
            return Ok(None);
        }
        let mut given = given.elts.iter();
        let mut values = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => values.push(self.nowhere(&text)?),
                Piece::Field(conversion, spec) => {
                    let Some(argument) = given.next() else {
                        return Ok(None);
                    };
                    let value = self.expr(argument)?;
                    let spec = match spec.as_str() {
                        "" => Obj::NONE,
                        spec => self.nowhere(spec)?,
                    };
                    let conversion = Obj::small_int(i64::from(u32::from(conversion)));
                    let fields = [
                        ("value", value),
                        ("conversion", conversion),
                        ("format_spec", spec),
                    ];
                    values.push(self.at(argument.range(), "FormattedValue", &fields)?);
                }
            }
        }
        let values = self.list(values)?;
        self.at(node.range(), "JoinedStr", &[("values", values)])
            .map(Some)
    }

    /// A text that has no position.
    fn nowhere(&mut self, text: &str) -> PyResult {
        let value = str_::new(self.ctx, text)?;
        let made = self.node("Constant", &[("value", value), ("kind", Obj::NONE)])?;
        self.place(&made, [-1; 4])?;
        Ok(made)
    }
}

/// What a format for `%` consists of, if it is simple enough.
fn pieces(format: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = format.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let mut left = false;
        while let Some(flag) = rest.next_if(|c| matches!(c, '-' | '+' | ' ' | '#' | '0')) {
            left |= flag == '-';
        }
        let number = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut digits = String::new();
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            (digits.len() < MAX_DIGITS).then_some(digits)
        };
        let width = number(&mut rest)?;
        let mut spec = String::new();
        if !width.is_empty() {
            spec.push_str(if left { "" } else { ">" });
            spec.push_str(&width);
        }
        if rest.next_if_eq(&'.').is_some() {
            let exact: u32 = match number(&mut rest)?.as_str() {
                "" => 0,
                digits => digits.parse().ok()?,
            };
            spec.push_str(&format!(".{exact}"));
        }
        let conversion = rest.next_if(|c| matches!(c, 's' | 'r' | 'a'))?;
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(Piece::Field(conversion, spec));
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Some(pieces)
}
