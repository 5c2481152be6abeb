//! `template % args` of bytes.

use super::super::bytes::{self, PyBytes};
use super::super::exception::{self};
use super::super::index;
use super::super::memoryview::PyMemoryView;
use super::super::obj::Obj;
use super::super::percent::{Arguments, number};
use super::super::protocol;
use super::super::str_::PyStr;
use super::{buffer, data, special};
use crate::error::{OrRaise, PyResult, Raised, fault, raise};
use crate::prelude::*;
use crate::text::percent;
use crate::vm::outside;
use kit_core::thread::Ctx;

/// The bytes of `template % args`.
pub fn rem(ctx: &mut Ctx, template: &[u8], args: &Obj) -> PyResult<Vec<u8>> {
    let mut args = Arguments::new(ctx, args, false);
    let mut out = Vec::with_capacity(template.len() + 16);
    for piece in percent::Template::bytes(template) {
        let field = match piece.or_raise(ctx)? {
            percent::Piece::Literal(literal) => {
                out.extend_from_slice(literal);
                continue;
            }
            percent::Piece::Field(field) => field,
        };
        let looked_up;
        let by_key = match field.key {
            Some(key) => {
                let key = bytes::new(ctx, key)?;
                looked_up = args.lookup(ctx, &key)?;
                Some(&looked_up)
            }
            None => None,
        };
        let resolved = args.resolve(ctx, &field)?;
        outside::room_behind(ctx, out.len(), resolved.width)?;
        let value = match by_key {
            Some(value) => value,
            None => args.next(ctx)?,
        };
        match char::from_u32(field.code) {
            Some('s' | 'b') => {
                let shown = bytes_for_percent(ctx, value)?;
                outside::room_behind(ctx, out.len(), shown.len())?;
                out.extend(resolved.format_bytes(&shown));
            }
            Some('a' | 'r') => {
                let shown = protocol::ascii(ctx, value)?;
                outside::room_behind(ctx, out.len(), shown.expect::<PyStr>().bytes().len())?;
                out.extend(resolved.format_bytes(shown.expect::<PyStr>().bytes()));
            }
            Some('c') => {
                let byte = byte_for_percent(ctx, value)?;
                out.extend(resolved.format_bytes(&[byte]));
            }
            _ => match number(ctx, &field, &resolved, value, false)? {
                Some(shown) => out.extend_from_slice(shown.as_bytes()),
                None => return Err(fault(ctx, field.unsupported())),
            },
        }
    }
    args.finish(ctx, "bytes")?;
    Ok(out)
}

fn bytes_for_percent(ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<u8>> {
    if let Some(result) = special(ctx, value)? {
        return Ok(result.expect::<PyBytes>().data().to_vec());
    }
    if let Some(data) = data(ctx, value)? {
        return Ok(data.into_owned());
    }
    let class = protocol::type_name(ctx, value);
    Err(raise!(
        ctx,
        TypeError,
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{class}'"
    ))
}

fn byte_for_percent(ctx: &mut Ctx, value: &Obj) -> PyResult<u8> {
    let wrong = |ctx: &mut Ctx, what: &str| -> Raised {
        raise!(
            ctx,
            TypeError,
            "%c requires an integer in range(256) or a single byte, not {what}"
        )
    };
    if value.downcast::<PyMemoryView>().is_none()
        && let Some(data) = buffer(ctx, value)
    {
        if let [byte] = *data {
            return Ok(byte);
        }
        let class = protocol::type_name(ctx, value);
        let what = format!("a {class} object of length {}", data.len());
        return Err(wrong(ctx, &what));
    }
    match protocol::index_i64(ctx, value, None) {
        Ok(value) => match u8::try_from(value) {
            Ok(byte) => Ok(byte),
            Err(_) => Err(raise!(ctx, OverflowError, "%c arg not in range(256)")),
        },
        Err(raised) if !index::is_index(ctx, value) => {
            let _ = exception::take(ctx, raised);
            let class = protocol::type_name(ctx, value);
            Err(wrong(ctx, &class))
        }
        Err(raised) => Err(raised),
    }
}
