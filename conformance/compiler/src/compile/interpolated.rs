//! f-strings and t-strings.

use ruff_python_ast::{self as ast, ConversionFlag, InterpolatedStringElement};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::{Compiler, Reg, Result};
use crate::code::{Const, Position};
use crate::op::Op;
use crate::parse::LineIndex;
use crate::scope::CompileError;

/// More pieces are joined a part at a time.
const MAX_PIECES: u32 = 4096;
/// Format specs may lie so deep in each other.
const MAX_SPECS: u32 = 2;

/// A piece of an interpolated string.
enum Piece<'a> {
    Text(String),
    Field(&'a ast::InterpolatedElement),
}

impl<'a> Compiler<'a> {
    pub(super) fn fstring(
        &mut self,
        node: &'a ast::ExprFString,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
        let mut pieces = Vec::new();
        for part in node.value.as_slice() {
            match part {
                ast::FStringPart::Literal(literal) => add_text(&mut pieces, &literal.value),
                ast::FStringPart::FString(part) => gather(&mut pieces, part.elements.iter()),
            }
        }
        self.join(&pieces, dst, position)
    }

    /// The concatenation of the pieces.
    fn join(&mut self, pieces: &[Piece<'a>], dst: Reg, position: Position) -> Result<()> {
        match pieces {
            [] => self.load_const(dst, Const::Str("".into()), position),
            [Piece::Text(text)] => self.load_const(dst, Const::Str(text.as_str().into()), position),
            [Piece::Field(field)] => self.field(field, dst)?,
            pieces => {
                let first = self.top();
                for piece in pieces {
                    if self.top() - first == MAX_PIECES {
                        self.emit(Op::BuildString, first, first, MAX_PIECES, position);
                        self.set_top(first + 1);
                    }
                    let register = self.top();
                    match piece {
                        Piece::Text(text) => {
                            self.load_const(register, Const::Str(text.as_str().into()), position);
                        }
                        Piece::Field(field) => self.field(field, register)?,
                    }
                    self.claim();
                }
                let count = self.top() - first;
                self.emit(Op::BuildString, dst, first, count, position);
            }
        }
        Ok(())
    }

    /// One formatted replacement field.
    fn field(&mut self, field: &'a ast::InterpolatedElement, dst: Reg) -> Result<()> {
        let top = self.top();
        let position = self.position(field.range());
        let conversion = conversion(field);
        match &field.format_spec {
            None => {
                let value = self.operand(&field.expression)?;
                self.emit(Op::Format, dst, value, conversion, position);
            }
            Some(spec) => {
                let value = self.push_expr(&field.expression)?;
                self.format_spec(spec, position)?;
                self.emit(Op::FormatSpec, dst, value, conversion, position);
            }
        }
        self.set_top(top);
        Ok(())
    }

    /// A format spec, in the claimed temporary at the top.
    fn format_spec(
        &mut self,
        spec: &'a ast::InterpolatedStringFormatSpec,
        position: Position,
    ) -> Result<()> {
        let fields = spec.elements.iter().any(|piece| !piece.is_literal());
        if self.spec_depth == MAX_SPECS && fields {
            let colon = spec.range().start() - TextSize::new(1);
            let message = "f-string: expressions nested too deeply";
            return Err(CompileError::new(message, TextRange::empty(colon)));
        }
        let mut pieces = Vec::new();
        gather(&mut pieces, spec.elements.iter());
        let register = self.top();
        self.spec_depth += 1;
        self.join(&pieces, register, position)?;
        self.spec_depth -= 1;
        self.set_top(register + 1);
        Ok(())
    }

    pub(super) fn tstring(
        &mut self,
        node: &'a ast::ExprTString,
        dst: Reg,
        position: Position,
    ) -> Result<()> {
        let mut pieces = Vec::new();
        for part in node.value.as_slice() {
            gather(&mut pieces, part.elements.iter());
        }
        // A template has a string, maybe empty, before, between and after its interpolations.
        let mut strings = vec![String::new()];
        let mut fields = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    if let Some(last) = strings.last_mut() {
                        last.push_str(&text);
                    }
                }
                Piece::Field(field) => {
                    strings.push(String::new());
                    fields.push(field);
                }
            }
        }
        let strings: Vec<Const> = strings
            .into_iter()
            .map(|text| Const::Str(text.into()))
            .collect();
        let tuple = self.claim();
        self.load_const(tuple, Const::Tuple(strings.into()), position);
        let first = self.top();
        for field in &fields {
            self.interpolation(field)?;
        }
        self.emit(Op::BuildTuple, first, first, fields.len() as u32, position);
        self.emit(Op::BuildTemplate, dst, tuple, first, position);
        Ok(())
    }

    /// One Interpolation, in the claimed temporary at the top.
    fn interpolation(&mut self, field: &'a ast::InterpolatedElement) -> Result<()> {
        let position = self.position(field.range());
        let value = self.push_expr(&field.expression)?;
        let text = self.claim();
        let source = interpolation_text(self.lines, field);
        self.load_const(text, Const::Str(source.into()), position);
        match &field.format_spec {
            Some(spec) => self.format_spec(spec, position)?,
            None => {
                let spec = self.claim();
                self.load_const(spec, Const::Str("".into()), position);
            }
        }
        self.emit(
            Op::BuildInterpolation,
            value,
            value,
            conversion(field),
            position,
        );
        self.set_top(value + 1);
        Ok(())
    }
}

/// The conversion operand of a field: `f"{x=}"` shows the repr.
fn conversion(field: &ast::InterpolatedElement) -> u32 {
    match field.conversion {
        ConversionFlag::None if field.debug_text.is_some() && field.format_spec.is_none() => 2,
        ConversionFlag::None => 0,
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
    }
}

fn add_text(pieces: &mut Vec<Piece<'_>>, text: &str) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

fn gather<'a>(
    pieces: &mut Vec<Piece<'a>>,
    elements: impl Iterator<Item = &'a InterpolatedStringElement>,
) {
    for element in elements {
        match element {
            InterpolatedStringElement::Literal(literal) => add_text(pieces, &literal.value),
            InterpolatedStringElement::Interpolation(field) => {
                if let Some(text) = &field.debug_text {
                    add_text(pieces, &without_comments(text.as_str()));
                }
                pieces.push(Piece::Field(field));
            }
        }
    }
}

/// How the expression of an interpolation is written, spaces around it included but no comment behind it.
pub fn interpolation_text(lines: &LineIndex, field: &ast::InterpolatedElement) -> String {
    let expression = field.expression.range();
    if let Some(text) = lines.expression(expression.start()) {
        return text.to_owned();
    }
    let source = lines.source();
    let start = field.range().start().to_usize() + 1;
    let mut end = expression.end().to_usize();
    let mut comment = false;
    for character in source[end..].chars() {
        match character {
            '\n' => comment = false,
            '#' => comment = true,
            '!' | ':' | '}' | '=' if !comment => break,
            _ => {}
        }
        end += character.len_utf8();
    }
    without_comments(&source[start..end])
}

/// What is written in braces, without the comments in it.
pub fn without_comments(text: &str) -> String {
    if !text.contains('#') {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    // The quotes that the string around ends with.
    let mut quotes = "";
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        match character {
            '\\' if !quotes.is_empty() => {
                length += rest[1..].chars().next().map_or(0, char::len_utf8);
            }
            '"' | '\'' if quotes.is_empty() => {
                let triple = rest.starts_with("\"\"\"") || rest.starts_with("'''");
                length = if triple { 3 } else { 1 };
                quotes = &rest[..length];
            }
            _ if !quotes.is_empty() && rest.starts_with(quotes) => {
                length = quotes.len();
                quotes = "";
            }
            '#' if quotes.is_empty() => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            _ => {}
        }
        kept.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    kept
}
