//! Functions that make text of values and values of text.

use crate::error::{PyResult, raise};
use crate::number::int_text;
use crate::object::args::Args;
use crate::object::bytes::PyBytes;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::type_id_of;
use crate::object::{bytes_like, ids, int, protocol};
use crate::text::str_repr;
use crate::text::wtf8::Wtf8Buf;
use kit_core::thread::Ctx;

/// `repr(object)`.
pub fn repr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    protocol::repr(ctx, value)
}

/// `ascii(object)`.
pub fn ascii(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let text = protocol::repr(ctx, value)?;
    let body = text.expect::<PyStr>();
    if body.is_ascii() {
        return Ok(text);
    }
    let mut out = Wtf8Buf::with_capacity(body.bytes().len());
    for point in body.text().code_points() {
        if point < 0x80 {
            out.push(point);
        } else {
            str_repr::push_escape(&mut out, point);
        }
    }
    str_::from_buf(ctx, out)
}

/// `chr(i)`.
pub fn chr(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let number = protocol::index_i64(ctx, value, None)?;
    let mut text = Wtf8Buf::default();
    match u32::try_from(number) {
        Ok(point) if point < 0x11_0000 => {
            text.push(point);
            str_::from_buf(ctx, text)
        }
        _ => Err(raise!(ctx, ValueError, "chr() arg not in range(0x110000)")),
    }
}

/// `ord(c)`.
pub fn ord(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let (count, point) = if let Some(text) = value.downcast::<PyStr>() {
        (text.char_count(), text.text().code_points().next())
    } else if value.downcast::<PyBytes>().is_some() || type_id_of(value) == ids::BYTEARRAY {
        let data = bytes_like::expect_buffer(ctx, value)?;
        (data.len(), data.first().map(|&byte| u32::from(byte)))
    } else {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "ord() expected string of length 1, but {class} found"
        ));
    };
    match point {
        Some(point) if count == 1 => Ok(Obj::small_int(i64::from(point))),
        _ => Err(raise!(
            ctx,
            TypeError,
            "ord() expected a character, but string of length {count} found"
        )),
    }
}

fn in_base(ctx: &mut Ctx, value: &Obj, base: u32) -> PyResult {
    let value = protocol::index(ctx, value)?;
    if let Some(int::View::Big(value)) = int::view(&value) {
        int::room_to_write(ctx, value, base)?;
    }
    let value = int::to_big(&value).unwrap_or_default();
    let text = int_text::with_prefix(&value, base);
    str_::new(ctx, &text)
}

/// `bin(number)`.
pub fn bin(ctx: &mut Ctx, value: &Obj) -> PyResult {
    in_base(ctx, value, 2)
}

/// `oct(number)`.
pub fn oct(ctx: &mut Ctx, value: &Obj) -> PyResult {
    in_base(ctx, value, 8)
}

/// `hex(number)`.
pub fn hex(ctx: &mut Ctx, value: &Obj) -> PyResult {
    in_base(ctx, value, 16)
}

/// `format(value, spec)`.
pub fn format(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "format", 1, 2)?;
    let spec = match args.pos.get(1) {
        Some(spec) if spec.downcast::<PyStr>().is_none() => {
            let class = str_::argument_type(ctx, spec);
            return Err(raise!(
                ctx,
                TypeError,
                "format() argument 2 must be str, not {class}"
            ));
        }
        Some(spec) => spec.clone(),
        None => str_::new(ctx, "")?,
    };
    format_value(ctx, &args.pos[0], &spec)
}

/// `format(value, spec)`, as f-strings and `str.format` use it.
pub fn format_value(ctx: &mut Ctx, value: &Obj, spec: &Obj) -> PyResult {
    if spec.expect::<PyStr>().bytes().is_empty() {
        let id = type_id_of(value);
        if id == ids::STR {
            return Ok(value.clone());
        }
        if id == ids::INT || id == ids::FLOAT {
            return protocol::str(ctx, value);
        }
    }
    let class = protocol::type_name(ctx, value);
    match protocol::call_special(ctx, value, &names(ctx).format, core::slice::from_ref(spec))? {
        Some(text) if text.downcast::<PyStr>().is_some() => Ok(text),
        Some(other) => {
            let other = protocol::type_name(ctx, &other);
            Err(raise!(
                ctx,
                TypeError,
                "__format__ must return a str, not {other}"
            ))
        }
        None => Err(raise!(
            ctx,
            TypeError,
            "Type {class} doesn't define __format__"
        )),
    }
}
