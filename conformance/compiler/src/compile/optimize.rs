//! Constants: which expressions are, and what they are worth.
//!
//! What is folded, and the limits on it, follow CPython, since programs can see the result (`co_consts`, identity). Nothing that
//! could raise is folded.

use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};
use ruff_python_ast::{self as ast, Expr, Number, Operator, UnaryOp};

use super::Compiler;
use crate::code::Const;
use crate::parse::LineIndex;

/// Bits an integer may have after multiplying or raising.
const MAX_INT_BITS: u64 = 128;
/// Items a folded sequence may have.
const MAX_COLLECTION: usize = 256;
/// Length of a folded string.
const MAX_STRING: usize = 4096;

impl<'a> Compiler<'a> {
    /// The value of `expr` if it is constant.
    pub(super) fn constant_value(&self, expr: &Expr) -> Option<Const> {
        self.fold(expr, 0)
    }

    fn fold(&self, expr: &Expr, depth: u32) -> Option<Const> {
        if depth > 100 {
            return None;
        }
        match expr {
            Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_) => literal(expr, self.lines),
            Expr::Name(node) if node.id == "__debug__" => Some(Const::Bool(self.optimize == 0)),
            Expr::Tuple(node) => {
                let items: Option<Vec<Const>> = node
                    .elts
                    .iter()
                    .map(|item| self.fold(item, depth + 1))
                    .collect();
                Some(Const::Tuple(items?.into()))
            }
            Expr::UnaryOp(node) => {
                let operand = self.fold(&node.operand, depth + 1)?;
                unary(node.op, &operand)
            }
            Expr::BinOp(node) => {
                // The right side first: it is short in long chains.
                let right = self.fold(&node.right, depth + 1)?;
                let left = self.fold(&node.left, depth + 1)?;
                binary(node.op, &left, &right)
            }
            Expr::Subscript(node) if node.ctx == ast::ExprContext::Load => {
                let index = match self.fold(&node.slice, depth + 1)? {
                    Const::Int(index) => index,
                    _ => return None,
                };
                match self.fold(&node.value, depth + 1)? {
                    Const::Tuple(items) => items.get(position(index, items.len())?).cloned(),
                    Const::Bytes(bytes) => bytes
                        .get(position(index, bytes.len())?)
                        .map(|&byte| Const::Int(i64::from(byte))),
                    Const::Str(text) if text.is_ascii() => {
                        let at = position(index, text.len())?;
                        text.get(at..at + 1).map(|one| Const::Str(one.into()))
                    }
                    _ => None,
                }
            }
            Expr::FString(node) => {
                // An f-string without replacement fields is a string.
                let mut text = String::new();
                for part in node.value.as_slice() {
                    match part {
                        ast::FStringPart::Literal(literal) => {
                            if literal.value.contains('\u{fffd}') {
                                return None;
                            }
                            text.push_str(&literal.value);
                        }
                        ast::FStringPart::FString(fstring) => {
                            for element in fstring.elements.iter() {
                                text.push_str(&element.as_literal()?.value);
                            }
                        }
                    }
                }
                Some(Const::Str(text.into()))
            }
            _ => None,
        }
    }

    /// Whether `expr` is certainly true or certainly false, and needs no evaluation to know.
    pub(super) fn truth(&mut self, expr: &Expr) -> Option<bool> {
        let value = self.constant_value(expr)?;
        let truth = is_true(&value);
        self.unit().first_constant.get_or_insert(value);
        Some(truth)
    }

    /// The value of a string literal, lone surrogates included.
    pub(super) fn string_value(&self, value: &ast::StringLiteralValue) -> Const {
        string_value(self.lines, value)
    }
}

/// The value of a literal: a number, a string, bytes, `True`, `None`, `...`; of a text with these lines.
pub fn literal(expr: &Expr, lines: &LineIndex) -> Option<Const> {
    Some(match expr {
        Expr::NumberLiteral(node) => number(&node.value)?,
        Expr::BooleanLiteral(node) => Const::Bool(node.value),
        Expr::NoneLiteral(_) => Const::None,
        Expr::EllipsisLiteral(_) => Const::Ellipsis,
        Expr::StringLiteral(node) => string_value(lines, &node.value),
        Expr::BytesLiteral(node) => Const::Bytes(node.value.bytes().collect::<Vec<u8>>().into()),
        _ => return None,
    })
}

/// The number that a pattern gives with a sign, or as a sum.
pub fn number_of_pattern(expr: &Expr) -> Option<Const> {
    match expr {
        Expr::NumberLiteral(node) => number(&node.value),
        Expr::UnaryOp(node) => match &*node.operand {
            Expr::NumberLiteral(operand) => unary(node.op, &number(&operand.value)?),
            _ => None,
        },
        Expr::BinOp(node) => match (&*node.left, &*node.right) {
            (Expr::NumberLiteral(_) | Expr::UnaryOp(_), Expr::NumberLiteral(right)) => {
                let left = number_of_pattern(&node.left)?;
                binary(node.op, &left, &number(&right.value)?)
            }
            _ => None,
        },
        _ => None,
    }
}

fn number(value: &Number) -> Option<Const> {
    Some(match value {
        Number::Int(int) => integer(int)?,
        Number::Float(value) => Const::Float(*value),
        Number::Complex { real, imag } => Const::Complex(*real, *imag),
    })
}

fn string_value(lines: &LineIndex, value: &ast::StringLiteralValue) -> Const {
    // The parser cannot represent lone surrogates, and writes U+FFFD for them.
    if value.iter().any(|part| part.value.contains('\u{fffd}')) {
        let mut bytes = Vec::new();
        for part in value.iter() {
            decode_literal(lines, part, &mut bytes);
        }
        return match String::from_utf8(bytes) {
            Ok(text) => Const::Str(text.into()),
            Err(error) => Const::Wtf8(error.into_bytes().into()),
        };
    }
    Const::Str(value.to_str().into())
}

/// Appends the WTF-8 of one literal, decoding escapes of surrogates from the source.
fn decode_literal(lines: &LineIndex, part: &ast::StringLiteral, out: &mut Vec<u8>) {
    if !part.value.contains('\u{fffd}') || part.flags.prefix().is_raw() {
        out.extend_from_slice(part.value.as_bytes());
        return;
    }
    let source = lines.source();
    let text = &source[part.range.start().to_usize()..part.range.end().to_usize()];
    // Each U+FFFD of the value is one `\u` or `\U` escape of a surrogate, or a U+FFFD in the source.
    let mut escapes = surrogates(text).into_iter();
    for character in part.value.chars() {
        let code = if character == '\u{fffd}' {
            escapes.next().unwrap_or(0xfffd)
        } else {
            character as u32
        };
        match char::from_u32(code) {
            Some(character) => {
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
            None => out.extend_from_slice(&[
                0xe0 | (code >> 12) as u8,
                0x80 | (code >> 6 & 0x3f) as u8,
                0x80 | (code & 0x3f) as u8,
            ]),
        }
    }
}

/// What the U+FFFD characters of a literal's value stand for, in order.
fn surrogates(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\u{fffd}']) {
        if !rest[at..].starts_with('\\') {
            found.push(0xfffd);
            rest = &rest[at + '\u{fffd}'.len_utf8()..];
            continue;
        }
        let escape = &rest[at + 1..];
        let digits = match escape.chars().next() {
            Some('u') => 4,
            Some('U') => 8,
            Some('N') => {
                if escape.starts_with("N{REPLACEMENT CHARACTER}") {
                    found.push(0xfffd);
                }
                0
            }
            _ => 0,
        };
        if digits > 0
            && let Some(code) = escape.get(1..1 + digits)
            && let Ok(code) = u32::from_str_radix(code, 16)
            && (code == 0xfffd || (0xd800..0xe000).contains(&code))
        {
            found.push(code);
        }
        let skip = escape.chars().next().map_or(0, char::len_utf8);
        rest = &escape[skip..];
    }
    found
}

/// The value of an integer literal.
fn integer(int: &ast::Int) -> Option<Const> {
    if let Some(small) = int.as_i64() {
        return Some(Const::Int(small));
    }
    let text: String = int.to_string().chars().filter(|&c| c != '_').collect();
    let lower = text.to_ascii_lowercase();
    let value = match lower.as_bytes() {
        [b'0', b'x', ..] => BigInt::parse_bytes(&lower.as_bytes()[2..], 16),
        [b'0', b'o', ..] => BigInt::parse_bytes(&lower.as_bytes()[2..], 8),
        [b'0', b'b', ..] => BigInt::parse_bytes(&lower.as_bytes()[2..], 2),
        digits => BigInt::parse_bytes(digits, 10),
    };
    value.map(from_big)
}

fn from_big(value: BigInt) -> Const {
    match value.to_i64() {
        Some(small) => Const::Int(small),
        None => Const::BigInt(Arc::new(value)),
    }
}

fn to_big(value: &Const) -> Option<BigInt> {
    match value {
        Const::Int(value) => Some(BigInt::from(*value)),
        Const::Bool(value) => Some(BigInt::from(i64::from(*value))),
        Const::BigInt(value) => Some((**value).clone()),
        _ => None,
    }
}

fn to_float(value: &Const) -> Option<f64> {
    match value {
        Const::Float(value) => Some(*value),
        // Exact for what a double represents; larger ones are left to run time.
        Const::Int(value) if value.unsigned_abs() <= 1 << 53 => Some(*value as f64),
        Const::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}

/// The truth of a constant.
fn is_true(value: &Const) -> bool {
    match value {
        Const::None => false,
        Const::Bool(value) => *value,
        Const::Int(value) => *value != 0,
        Const::BigInt(value) => !value.is_zero(),
        Const::Float(value) => *value != 0.0,
        Const::Complex(re, im) => *re != 0.0 || *im != 0.0,
        Const::Str(value) => !value.is_empty(),
        Const::Wtf8(value) | Const::Bytes(value) => !value.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
        Const::Ellipsis | Const::Slice(_) | Const::Code(_) => true,
    }
}

fn position(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if index < 0 { index + length } else { index };
    if (0..length).contains(&at) {
        usize::try_from(at).ok()
    } else {
        None
    }
}

fn unary(op: UnaryOp, operand: &Const) -> Option<Const> {
    match (op, operand) {
        (UnaryOp::Not, operand) => Some(Const::Bool(!is_true(operand))),
        (UnaryOp::USub, Const::Float(value)) => Some(Const::Float(-value)),
        (UnaryOp::UAdd, Const::Float(value)) => Some(Const::Float(*value)),
        (UnaryOp::USub, Const::Complex(re, im)) => Some(Const::Complex(-re, -im)),
        (UnaryOp::UAdd, Const::Complex(re, im)) => Some(Const::Complex(*re, *im)),
        // Deprecated: left to run time, which warns.
        (UnaryOp::Invert, Const::Bool(_)) => None,
        (op, operand) => {
            let value = to_big(operand)?;
            Some(from_big(match op {
                UnaryOp::USub => -value,
                UnaryOp::UAdd => value,
                _ => -value - 1,
            }))
        }
    }
}

fn binary(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    match (op, left, right) {
        (Operator::Add, Const::Str(a), Const::Str(b)) if a.len() + b.len() <= MAX_STRING => {
            Some(Const::Str(format!("{a}{b}").into()))
        }
        (Operator::Add, Const::Bytes(a), Const::Bytes(b)) if a.len() + b.len() <= MAX_STRING => {
            Some(Const::Bytes([&a[..], &b[..]].concat().into()))
        }
        (Operator::Add, Const::Tuple(a), Const::Tuple(b))
            if a.len() + b.len() <= MAX_COLLECTION =>
        {
            Some(Const::Tuple([&a[..], &b[..]].concat().into()))
        }
        (Operator::Mult, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_), Const::Int(count)) => {
            repeat(left, *count)
        }
        (Operator::Mult, Const::Int(count), Const::Str(_) | Const::Bytes(_) | Const::Tuple(_)) => {
            repeat(right, *count)
        }
        (_, Const::Complex(..), _) | (_, _, Const::Complex(..)) => complex(op, left, right),
        (_, Const::Float(_), _) | (_, _, Const::Float(_)) => {
            float(op, to_float(left)?, to_float(right)?).map(Const::Float)
        }
        _ => integers(op, left, right),
    }
}

fn repeat(value: &Const, count: i64) -> Option<Const> {
    let count = usize::try_from(count.max(0)).ok()?;
    Some(match value {
        Const::Str(text) if text.len().checked_mul(count)? <= MAX_STRING => {
            Const::Str(text.repeat(count).into())
        }
        Const::Bytes(bytes) if bytes.len().checked_mul(count)? <= MAX_STRING => {
            Const::Bytes(bytes.repeat(count).into())
        }
        Const::Tuple(items) if items.len().checked_mul(count)? <= MAX_COLLECTION => Const::Tuple(
            std::iter::repeat_n(&items[..], count)
                .flatten()
                .cloned()
                .collect(),
        ),
        _ => return None,
    })
}

fn complex(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    // Only sums with a real left side, as complex literals are written: `1+2j`.
    match (op, left, right) {
        (Operator::Add, left, Const::Complex(re, im)) => {
            to_float(left).map(|real| Const::Complex(real + re, *im))
        }
        (Operator::Sub, left, Const::Complex(re, im)) => {
            to_float(left).map(|real| Const::Complex(real - re, -im))
        }
        _ => None,
    }
}

fn float(op: Operator, a: f64, b: f64) -> Option<f64> {
    match op {
        Operator::Add => Some(a + b),
        Operator::Sub => Some(a - b),
        Operator::Mult => Some(a * b),
        Operator::Div if b != 0.0 => Some(a / b),
        // The rest has rounding rules of its own, at run time.
        _ => None,
    }
}

fn integers(op: Operator, left: &Const, right: &Const) -> Option<Const> {
    let bools = matches!((left, right), (Const::Bool(_), Const::Bool(_)));
    let (a, b) = (to_big(left)?, to_big(right)?);
    let value = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult if a.bits() + b.bits() <= MAX_INT_BITS => a * b,
        Operator::FloorDiv if !b.is_zero() => num_integer::Integer::div_floor(&a, &b),
        Operator::Mod if !b.is_zero() => num_integer::Integer::mod_floor(&a, &b),
        Operator::Div if !b.is_zero() => {
            let (a, b) = (a.to_i64()?, b.to_i64()?);
            let exact = |value: i64| value.unsigned_abs() <= 1 << 53;
            return (exact(a) && exact(b)).then(|| Const::Float(a as f64 / b as f64));
        }
        Operator::LShift if !b.is_negative() => {
            let by = b.to_u64()?;
            if !a.is_zero() && (by > MAX_INT_BITS || a.bits() > MAX_INT_BITS - by) {
                return None;
            }
            a << by.min(MAX_INT_BITS)
        }
        Operator::RShift if !b.is_negative() => a >> b.to_u64().filter(|&by| by < 1 << 20)?,
        Operator::Pow if !b.is_negative() => {
            let by = b.to_u32()?;
            if !a.is_zero() && a.bits().checked_mul(u64::from(by))? > MAX_INT_BITS {
                return None;
            }
            a.pow(by)
        }
        Operator::BitAnd | Operator::BitOr | Operator::BitXor => {
            let value = match op {
                Operator::BitAnd => a & b,
                Operator::BitOr => a | b,
                _ => a ^ b,
            };
            if bools {
                return Some(Const::Bool(!value.is_zero()));
            }
            value
        }
        _ => return None,
    };
    Some(from_big(value))
}
