//! Codecs that a table describes: a string or mapping from bytes to text, or a mapping from text to bytes.

use super::{errors_argument, pair, registry, text_pair};
use crate::error::{PyResult, Raised, raise};
use crate::object::bytes::PyBytes;
use crate::object::dict::{self, PyDict};
use crate::object::exception::unicode::raise_encode_error;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes, bytes_like, int, protocol, str_};
use crate::text::codec::{Codec, Replacement};
use crate::text::wtf8::Wtf8Buf;
use kit_core::thread::Ctx;

const REASON: &str = "character maps to <undefined>";

/// What a mapping has for a number; `None` if nothing.
fn look(ctx: &mut Ctx, mapping: &Obj, key: u32) -> PyResult<Option<Obj>> {
    match protocol::getitem(ctx, mapping, &Obj::small_int(key.into())) {
        Ok(value) if value.is_none() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(raised) if exception::matches(ctx, &raised, class::LookupError) => {
            drop(exception::take(ctx, raised));
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Appends what a code point maps to; false if that is undefined.
fn put(ctx: &mut Ctx, mapping: &Obj, point: u32, out: &mut Vec<u8>) -> PyResult<bool> {
    let Some(value) = look(ctx, mapping, point)? else {
        return Ok(false);
    };
    if let Some(data) = value.downcast::<PyBytes>() {
        out.extend_from_slice(data.data());
        return Ok(true);
    }
    if int::view(&value).is_none() {
        let class = protocol::type_name(ctx, &value);
        return Err(raise!(
            ctx,
            TypeError,
            "character mapping must return integer, bytes or None, not {class}"
        ));
    }
    match int::to_i64(&value).and_then(|value| u8::try_from(value).ok()) {
        Some(byte) => {
            out.push(byte);
            Ok(true)
        }
        None => Err(raise!(
            ctx,
            TypeError,
            "character mapping must be in range(256)"
        )),
    }
}

/// `charmap_encode(str, errors, mapping)`.
pub fn encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "charmap_encode";
    let string = super::string_argument(ctx, args, name)?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let text = string.expect::<PyStr>();
    let count = text.char_count();
    let Some(mapping) = args.get(2).filter(|mapping| !mapping.is_none()) else {
        let data = str_::encode_by(ctx, Codec::Latin1, "latin-1", string, &errors)?;
        let data = bytes::new(ctx, &data)?;
        return pair(ctx, data, count);
    };
    let points: Vec<u32> = text.text().code_points().collect();
    let mut out = Vec::with_capacity(points.len());
    let mut at = 0;
    while at < points.len() {
        if put(ctx, mapping, points[at], &mut out)? {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        let mut scratch = Vec::new();
        while end < points.len() && !put(ctx, mapping, points[end], &mut scratch)? {
            end += 1;
        }
        let raised = raise_encode_error(ctx, "charmap", string.clone(), at, end, REASON);
        if errors == "strict" {
            return Err(raised);
        }
        let error = exception::take(ctx, raised);
        let (answer, next) = registry::ask(ctx, &errors, &error, count)?;
        match registry::replacement(&answer) {
            Replacement::Bytes(data) => out.extend_from_slice(&data),
            Replacement::Text(text) => {
                for point in text.code_points() {
                    if !put(ctx, mapping, point, &mut out)? {
                        return Err(exception::raise(ctx, error));
                    }
                }
            }
        }
        at = next;
    }
    let data = bytes::new(ctx, &out)?;
    pair(ctx, data, points.len())
}

/// Appends what a byte maps to; false if that is undefined.
fn push(ctx: &mut Ctx, mapping: &Obj, byte: u8, out: &mut Wtf8Buf) -> PyResult<bool> {
    if let Some(table) = mapping.downcast_exact::<PyStr>() {
        let point = table.text().code_point_at(byte.into(), table.is_ascii());
        return Ok(match point {
            None | Some(0xFFFE) => false,
            Some(point) => out.push(point),
        });
    }
    let Some(value) = look(ctx, mapping, byte.into())? else {
        return Ok(false);
    };
    if let Some(text) = value.downcast::<PyStr>() {
        if text.char_count() == 1 && text.text().code_points().next() == Some(0xFFFE) {
            return Ok(false);
        }
        out.push_wtf8(text.text());
        return Ok(true);
    }
    if int::view(&value).is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "character mapping must return integer, None or str"
        ));
    }
    let point = int::to_i64(&value).and_then(|value| u32::try_from(value).ok());
    match point {
        Some(0xFFFE) => Ok(false),
        Some(point) if out.push(point) => Ok(true),
        _ => Err(out_of_range(ctx)),
    }
}

fn out_of_range(ctx: &mut Ctx) -> Raised {
    raise!(
        ctx,
        TypeError,
        "character mapping must be in range(0x110000)"
    )
}

/// `charmap_decode(bytes, errors, mapping)`.
pub fn decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "charmap_decode";
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let len = data.len();
    let mut out = Wtf8Buf::with_capacity(len);
    let Some(mapping) = args.get(2).filter(|mapping| !mapping.is_none()) else {
        out.extend_points(data.iter().map(|byte| (*byte).into()));
        return text_pair(ctx, out, len);
    };
    let mut at = 0;
    while at < len {
        if push(ctx, mapping, data[at], &mut out)? {
            at += 1;
            continue;
        }
        let fault = (at, at + 1, REASON);
        at = str_::handle_decode_error(ctx, "charmap", &data, fault, &errors, &mut out)?;
    }
    text_pair(ctx, out, len)
}

/// `charmap_build(str)`: the mapping back.
pub fn build(ctx: &mut Ctx, table: &Obj) -> PyResult {
    let text = str_::expect_text(ctx, table, "charmap_build() argument")?;
    if text.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "bad argument type for built-in operation"
        ));
    }
    let mapping = dict::new(ctx)?;
    for (byte, point) in text.code_points().take(256).enumerate() {
        if point != 0xFFFE {
            let key = Obj::small_int(point.into());
            let value = Obj::small_int(byte as i64);
            mapping.expect::<PyDict>().set(ctx, &key, value)?;
        }
    }
    Ok(mapping)
}
