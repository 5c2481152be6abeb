//! `_string`: templates of `str.format` taken apart, for `string.Formatter`.

use crate::error::{OrRaise, PyResult, raise};
use crate::object::define::{ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::{int, list, protocol, tuple};
use crate::text::format_string::{FieldName, First, Piece, Step, Template};
use crate::text::wtf8::Wtf8;
use kit_core::thread::Ctx;

/// `_string`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_string",
    functions: &[
        method("formatter_parser", Native::F1(parser)),
        method("formatter_field_name_split", Native::F1(split)),
    ],
    types: &[],
    populate: |_, _| Ok(()),
    doc: "string helper module",
};

fn text<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<&'a Wtf8> {
    match x.downcast::<PyStr>() {
        Some(body) => Ok(body.payload.text()),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(ctx, TypeError, "expected str, got {class}"))
        }
    }
}

/// Rows of literal text, field name, spec and conversion.
fn parser(ctx: &mut Ctx, template: &Obj) -> PyResult {
    let pieces = Template::new(text(ctx, template)?);
    let mut rows = Vec::new();
    // Text that is waiting for the field behind it; with a doubled brace at its end it goes alone.
    let mut literal: Option<&Wtf8> = None;
    let mut flush = |ctx: &mut Ctx, literal: Option<&Wtf8>, field: [Obj; 3]| -> PyResult<()> {
        let empty = Wtf8::from_str("");
        let literal = str_::from_wtf8(ctx, literal.unwrap_or(empty))?;
        let [name, spec, conversion] = field;
        let row = tuple::from_vec(ctx, vec![literal, name, spec, conversion])?;
        rows.push(row);
        Ok(())
    };
    const ALONE: [Obj; 3] = [Obj::NONE, Obj::NONE, Obj::NONE];
    for piece in pieces {
        match piece.or_raise(ctx)? {
            Piece::Literal(more) => {
                if literal.is_some() {
                    flush(ctx, literal.take(), ALONE)?;
                }
                literal = Some(more);
            }
            Piece::Field(field) => {
                let name = str_::from_wtf8(ctx, field.name)?;
                let spec = str_::from_wtf8(ctx, field.spec)?;
                let conversion = match field.conversion {
                    Some(letter) => str_::from_point(ctx, letter)?,
                    None => Obj::NONE,
                };
                // A doubled brace ends its piece: what follows is a piece of its own.
                if literal.is_some_and(|text| {
                    text.as_bytes().ends_with(b"{") || text.as_bytes().ends_with(b"}")
                }) {
                    flush(ctx, literal.take(), ALONE)?;
                }
                flush(ctx, literal.take(), [name, spec, conversion])?;
            }
        }
    }
    if literal.is_some() {
        flush(ctx, literal, ALONE)?;
    }
    let rows = list::from_vec(ctx, rows)?;
    protocol::iter(ctx, &rows)
}

/// What a field name begins with, and the steps that follow, as pairs of whether it is an attribute and what.
fn split(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let parts = FieldName::parse(text(ctx, name)?).or_raise(ctx)?;
    let first = match parts.first {
        First::Auto => str_::new(ctx, "")?,
        First::Index(index) => int::from_usize(ctx, index)?,
        First::Name(name) => str_::from_wtf8(ctx, name)?,
    };
    let mut steps = Vec::new();
    for step in parts {
        let (attribute, value) = match step.or_raise(ctx)? {
            Step::Attribute(name) => (true, str_::from_wtf8(ctx, name)?),
            Step::Index(index) => (false, int::from_usize(ctx, index)?),
            Step::Key(key) => (false, str_::from_wtf8(ctx, key)?),
        };
        steps.push(tuple::from_vec(ctx, vec![Obj::bool(attribute), value])?);
    }
    let steps = list::from_vec(ctx, steps)?;
    let steps = protocol::iter(ctx, &steps)?;
    tuple::from_vec(ctx, vec![first, steps])
}
