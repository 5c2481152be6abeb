//! Formatting: `str % args`, `str.format`, `str.format_map`, and `str.__format__`.

use super::super::args::Args;
use super::super::exception::{self, class};
use super::super::obj::Obj;
use super::super::percent::{Arguments, number};
use super::super::type_::{full_name, type_of};
use super::super::{int, protocol};
use super::{PyStr, from_buf, from_part, from_wtf8, intern_wtf8, text_of};
use crate::error::{OrRaise, PyResult, fault, raise};
use crate::text::format_spec;
use crate::text::format_string::{
    Field, FieldName, First, MAX_DEPTH, Numbering, Piece, Step, Template, too_deep,
    unknown_conversion,
};
use crate::text::percent;
use crate::text::str_repr::push_escape;
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// The text of a format spec, which must be a str.
pub fn expect_spec<'a>(ctx: &mut Ctx, spec: &'a Obj) -> PyResult<&'a Wtf8> {
    super::expect_text(ctx, spec, "__format__() argument")
}

/// `format(x, spec)` of a str.
pub fn format_with(ctx: &mut Ctx, x: &Obj, spec: &Wtf8) -> PyResult {
    let text = x.expect::<PyStr>().text();
    if spec.is_empty() {
        return from_part(ctx, x, text);
    }
    let class = protocol::type_name(ctx, x);
    let laid_out = format_spec::format_str(text, spec, &class).or_raise(ctx)?;
    from_buf(ctx, laid_out)
}

// --- str % args ----------------------------------------------------------------------------------

/// `template % args`.
pub(super) fn rem(ctx: &mut Ctx, template: &Obj, args: &Obj) -> PyResult {
    let Some(text) = text_of(template) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let mut args = Arguments::new(ctx, args, true);
    if !text.as_bytes().contains(&b'%') && !text.is_empty() {
        args.finish(ctx, "string")?;
        return Ok(template.clone());
    }
    let mut out = Wtf8Buf::with_capacity(text.byte_len() + 16);
    for piece in percent::Template::text(text) {
        let field = match piece.or_raise(ctx)? {
            percent::Piece::Literal(literal) => {
                // SAFETY: the literals of a text template are parts of it between ASCII bytes.
                out.push_wtf8(unsafe { Wtf8::from_bytes_unchecked(literal) });
                continue;
            }
            percent::Piece::Field(field) => field,
        };
        let given = if field.is_plain() {
            let value = args.next(ctx)?;
            if push_plain(ctx, &mut out, field.code, value)? {
                continue;
            }
            Some(value)
        } else {
            None
        };
        let looked_up;
        let by_key = match field.key {
            Some(key) => {
                // SAFETY: a key is the part of the text between two ASCII parentheses.
                let key = from_wtf8(ctx, unsafe { Wtf8::from_bytes_unchecked(key) })?;
                looked_up = args.lookup(ctx, &key)?;
                Some(&looked_up)
            }
            None => None,
        };
        let resolved = args.resolve(ctx, &field)?;
        outside::room_behind(ctx, out.byte_len(), resolved.width)?;
        let value = match (by_key, given) {
            (Some(value), _) | (None, Some(value)) => value,
            (None, None) => args.next(ctx)?,
        };
        match char::from_u32(field.code) {
            Some('s') => {
                let shown = protocol::str(ctx, value)?;
                let len = shown.expect::<PyStr>().text().byte_len();
                outside::room_behind(ctx, out.byte_len(), len)?;
                out.push_wtf8(&resolved.format_text(shown.expect::<PyStr>().text()));
            }
            Some('r') => {
                let shown = protocol::repr(ctx, value)?;
                let len = shown.expect::<PyStr>().text().byte_len();
                outside::room_behind(ctx, out.byte_len(), len)?;
                out.push_wtf8(&resolved.format_text(shown.expect::<PyStr>().text()));
            }
            Some('a') => {
                let shown = protocol::repr(ctx, value)?;
                let shown = ascii_only(shown.expect::<PyStr>().text());
                outside::room_behind(ctx, out.byte_len(), shown.byte_len())?;
                out.push_wtf8(&resolved.format_text(&shown));
            }
            Some('c') => {
                let point = character(ctx, value)?;
                if let Some(shown) = resolved.format_char(point) {
                    out.push_wtf8(&shown);
                }
            }
            _ => match number(ctx, &field, &resolved, value, true)? {
                Some(shown) => out.push_str(&shown),
                None => return Err(fault(ctx, field.unsupported())),
            },
        }
    }
    args.finish(ctx, "string")?;
    from_buf(ctx, out)
}

/// Shows a string or a small integer as a field without anything but its letter does; false if that is another one.
fn push_plain(ctx: &mut Ctx, out: &mut Wtf8Buf, code: u32, value: &Obj) -> PyResult<bool> {
    match (code as u8, value.as_small_int()) {
        (b's' | b'd' | b'i' | b'r', Some(number)) => {
            out.push_str(super::write_int(number, &mut [0; 20]));
            Ok(true)
        }
        (b's', None) => {
            let Some(text) = value.downcast_exact::<PyStr>() else {
                return Ok(false);
            };
            outside::room_behind(ctx, out.byte_len(), text.text().byte_len())?;
            out.push_wtf8(text.text());
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The character that `%c` shows.
fn character(ctx: &mut Ctx, value: &Obj) -> PyResult<u32> {
    if let Some(text) = text_of(value) {
        let mut points = text.code_points();
        if let (Some(point), None) = (points.next(), points.next()) {
            return Ok(point);
        }
        let len = text.char_count();
        return Err(raise!(
            ctx,
            TypeError,
            "%c requires an int or a unicode character, not a string of length {len}"
        ));
    }
    let whole = match protocol::index(ctx, value) {
        Ok(whole) => whole,
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            let _ = exception::take(ctx, raised);
            let class = type_of(ctx, value).to_obj();
            let class = full_name(ctx, &class)?;
            let class = class.strip_prefix("__main__.").unwrap_or(&class);
            return Err(raise!(
                ctx,
                TypeError,
                "%c requires an int or a unicode character, not {class}"
            ));
        }
        Err(raised) => return Err(raised),
    };
    match int::to_i64(&whole) {
        Some(point @ 0..=0x10FFFF) => Ok(point as u32),
        _ => Err(raise!(ctx, OverflowError, "%c arg not in range(0x110000)")),
    }
}

// --- str.format ----------------------------------------------------------------------------------

/// Where the fields of a template find their values.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// `str.format`
    Args(Args<'a>),
    /// `str.format_map`
    Mapping(&'a Obj),
}

pub(super) fn format(ctx: &mut Ctx, template: &Obj, args: Args<'_>) -> PyResult {
    expand_all(ctx, template, Source::Args(args))
}

pub(super) fn format_map(ctx: &mut Ctx, template: &Obj, mapping: &Obj) -> PyResult {
    expand_all(ctx, template, Source::Mapping(mapping))
}

/// `template.format(*args, **kwargs)`.
pub fn format_template(ctx: &mut Ctx, template: &Obj, args: Args<'_>) -> PyResult {
    format(ctx, template, args)
}

fn expand_all(ctx: &mut Ctx, template: &Obj, source: Source<'_>) -> PyResult {
    let text = template.expect::<PyStr>().text();
    let bare = !text
        .as_bytes()
        .iter()
        .any(|byte| matches!(byte, b'{' | b'}'));
    if bare && !text.is_empty() {
        return Ok(template.clone());
    }
    let mut numbering = Numbering::default();
    let mut out = Wtf8Buf::with_capacity(text.byte_len() + 16);
    expand(ctx, text, source, &mut numbering, MAX_DEPTH, &mut out)?;
    from_buf(ctx, out)
}

/// Appends the template with its fields replaced; fields may nest `depth` deep.
fn expand(
    ctx: &mut Ctx,
    template: &Wtf8,
    source: Source<'_>,
    numbering: &mut Numbering,
    depth: usize,
    out: &mut Wtf8Buf,
) -> PyResult<()> {
    if depth == 0 {
        return Err(fault(ctx, too_deep()));
    }
    for piece in Template::new(template) {
        let field = match piece.or_raise(ctx)? {
            Piece::Literal(literal) => {
                out.push_wtf8(literal);
                continue;
            }
            Piece::Field(field) => field,
        };
        let value = value_of(ctx, &field, source, numbering)?;
        let value = match field.conversion {
            None => value,
            Some(letter) => match char::from_u32(letter) {
                Some('r') => protocol::repr(ctx, &value)?,
                Some('s') => protocol::str(ctx, &value)?,
                Some('a') => ascii(ctx, &value)?,
                _ => return Err(fault(ctx, unknown_conversion(letter))),
            },
        };
        let mut expanded = Wtf8Buf::new();
        let spec = if field.spec_has_fields {
            expand(ctx, field.spec, source, numbering, depth - 1, &mut expanded)?;
            &*expanded
        } else {
            field.spec
        };
        if spec.is_empty()
            && let Some(text) = value.downcast_exact::<PyStr>()
        {
            outside::room_behind(ctx, out.byte_len(), text.text().byte_len())?;
            out.push_wtf8(text.text());
            continue;
        }
        let spec = from_wtf8(ctx, spec)?;
        let shown = protocol::format(ctx, &value, &spec)?;
        let shown = shown.expect::<PyStr>().text();
        outside::room_behind(ctx, out.byte_len(), shown.byte_len())?;
        out.push_wtf8(shown);
    }
    Ok(())
}

/// `ascii(value)`.
pub fn ascii(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let shown = protocol::repr(ctx, value)?;
    let body = shown.expect::<PyStr>();
    if body.is_ascii() {
        return Ok(shown);
    }
    let text = ascii_only(body.text());
    from_buf(ctx, text)
}

/// The text with escapes for everything but ASCII.
fn ascii_only(text: &Wtf8) -> Wtf8Buf {
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    for point in text.code_points() {
        if point < 0x80 {
            out.push(point);
        } else {
            push_escape(&mut out, point);
        }
    }
    out
}

/// The value a field names.
fn value_of(
    ctx: &mut Ctx,
    field: &Field<'_>,
    source: Source<'_>,
    numbering: &mut Numbering,
) -> PyResult {
    let name = FieldName::parse(field.name).or_raise(ctx)?;
    let first = name.first;
    let index = match source {
        Source::Mapping(_) if !matches!(first, First::Name(_)) => {
            return Err(raise!(
                ctx,
                ValueError,
                "Format string contains positional fields"
            ));
        }
        _ => numbering.resolve(first).or_raise(ctx)?,
    };
    let mut value = match (source, index, first) {
        (Source::Args(args), Some(index), _) => match args.pos.get(index) {
            Some(value) => value.clone(),
            None => {
                return Err(raise!(
                    ctx,
                    IndexError,
                    "Replacement index {index} out of range for positional args tuple"
                ));
            }
        },
        (Source::Args(args), None, First::Name(key)) => {
            let named = args.names.iter().zip(args.values);
            let mut matching =
                named.filter(|(name, _)| text_of(name).is_some_and(|name| name == key));
            match matching.next() {
                Some((_, value)) => value.clone(),
                None => {
                    let key = from_wtf8(ctx, key)?;
                    return Err(exception::raise_args(ctx, class::KeyError, vec![key]));
                }
            }
        }
        (Source::Mapping(mapping), _, First::Name(key)) => {
            let key = from_wtf8(ctx, key)?;
            protocol::getitem(ctx, mapping, &key)?
        }
        _ => Obj::NONE,
    };
    for step in name {
        value = match step.or_raise(ctx)? {
            Step::Attribute(attribute) => {
                let attribute = intern_wtf8(ctx, attribute)?;
                protocol::getattr(ctx, &value, &attribute)?
            }
            Step::Index(index) => {
                let index = int::from_usize(ctx, index)?;
                protocol::getitem(ctx, &value, &index)?
            }
            Step::Key(key) => {
                let key = from_wtf8(ctx, key)?;
                protocol::getitem(ctx, &value, &key)?
            }
        };
    }
    Ok(value)
}
