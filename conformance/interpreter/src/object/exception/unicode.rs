//! The UnicodeError family: which part of a text or of bytes could not be converted, and why.

use super::base::{self, body, field};
use super::{ExceptionDef, class};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::bytes::{self, PyBytes};
use crate::object::obj::Obj;
use crate::object::payload::Payload;
use crate::object::slots::Slots;
use crate::object::str_::{self, PyStr};
use crate::object::{bytes_like, int, protocol};
use crate::prelude::*;
use crate::text::codec::{self, Codec, Errors};
use kit_core::thread::Ctx;

/// Index of `encoding`.
pub const ENCODING: usize = 0;
/// Index of `object`.
pub const OBJECT: usize = 1;
/// Index of `start`.
pub const START: usize = 2;
/// Index of `end`.
pub const END: usize = 3;
/// Index of `reason`.
pub const REASON: usize = 4;

/// What one of the classes takes.
struct Member {
    /// Whether there is an encoding.
    encoding: bool,
    /// Whether the object is bytes.
    bytes: bool,
}

const DECODE: Member = Member {
    encoding: true,
    bytes: true,
};
const ENCODE: Member = Member {
    encoding: true,
    bytes: false,
};
const TRANSLATE: Member = Member {
    encoding: false,
    bytes: false,
};

macro_rules! family {
    ($($(#[$doc:meta])* $name:ident = $class:ident, $member:ident, $str:ident, [$($encoding:expr)?];)*) => {
        $($(#[$doc])*
        pub static $name: ExceptionDef = ExceptionDef {
            id: class::$class,
            slots: Slots {
                init: Some(|ctx, e, args| init(ctx, e, args, &$member)),
                str: Some($str),
                ..Slots::NONE
            },
            methods: &[],
            getset: &[
                $($encoding,)?
                field::<OBJECT>("object"),
                field::<START>("start"),
                field::<END>("end"),
                field::<REASON>("reason"),
            ],
        };)*
    };
}

family! {
    /// `UnicodeDecodeError`.
    DECODE_ERROR = UnicodeDecodeError, DECODE, decode_str, [field::<ENCODING>("encoding")];
    /// `UnicodeEncodeError`.
    ENCODE_ERROR = UnicodeEncodeError, ENCODE, encode_str, [field::<ENCODING>("encoding")];
    /// `UnicodeTranslateError`.
    TRANSLATE_ERROR = UnicodeTranslateError, TRANSLATE, translate_str, [];
}

fn init(ctx: &mut Ctx, exception: &Obj, args: Args<'_>, member: &Member) -> PyResult<()> {
    base::init(ctx, exception, args)?;
    let first = if member.encoding { ENCODING } else { OBJECT };
    let expected = 5 - first;
    if args.pos.len() != expected {
        let given = args.pos.len();
        return Err(raise!(
            ctx,
            TypeError,
            "function takes exactly {expected} arguments ({given} given)"
        ));
    }
    for (offset, value) in args.pos.iter().enumerate() {
        let index = first + offset;
        let mut value = value.clone();
        match index {
            START | END => value = protocol::index(ctx, &value)?,
            OBJECT if member.bytes && value.downcast::<PyBytes>().is_none() => {
                let data = bytes_like::expect_buffer(ctx, &value)?.into_owned();
                value = bytes::new(ctx, &data)?;
            }
            OBJECT if member.bytes => {}
            _ if value.downcast::<PyStr>().is_none() => {
                let class = protocol::type_name(ctx, &value);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "argument {} must be str, not {class}",
                    offset + 1
                ));
            }
            _ => {}
        }
        body(exception).set_field(ctx, index, Some(value));
    }
    Ok(())
}

/// The data that could not be decoded, as the exception has them now.
pub fn data_of(ctx: &Ctx, exception: &Obj) -> Option<Obj> {
    let data = body(exception).field(ctx, OBJECT)?;
    data.downcast::<PyBytes>().is_some().then_some(data)
}

/// `(encoding, start, end, reason)` as text and numbers.
fn parts(ctx: &mut Ctx, exception: &Obj) -> PyResult<(String, i64, i64, String)> {
    let body = body(exception);
    let encoding = body.field(ctx, ENCODING).unwrap_or(Obj::NONE);
    let reason = body.field(ctx, REASON).unwrap_or(Obj::NONE);
    let number = |value: Option<Obj>| value.and_then(|v| int::to_i64(&v)).unwrap_or(0);
    let (start, end) = (number(body.field(ctx, START)), number(body.field(ctx, END)));
    let encoding = protocol::str_string(ctx, &encoding)?;
    Ok((encoding, start, end, protocol::str_string(ctx, &reason)?))
}

/// The object as it is now: what `__str__` of the parts ran may have replaced it.
fn still<T: Payload>(ctx: &mut Ctx, exception: &Obj, before: &Obj, what: &str) -> PyResult {
    let Some(object) = body(exception).field(ctx, OBJECT) else {
        return Err(raise!(ctx, TypeError, "object attribute not set"));
    };
    if !object.is(before) && object.downcast::<T>().is_none() {
        return Err(raise!(ctx, TypeError, "object attribute must be {what}"));
    }
    Ok(object)
}

fn decode_str(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let Some(object) = body(exception).field(ctx, OBJECT) else {
        return str_::new(ctx, "");
    };
    let (encoding, start, end, reason) = parts(ctx, exception)?;
    let object = still::<PyBytes>(ctx, exception, &object, "bytes")?;
    let byte = usize::try_from(start)
        .ok()
        .filter(|_| end == start + 1)
        .and_then(|at| object.downcast::<PyBytes>()?.data().get(at).copied());
    let text = match byte {
        Some(byte) => {
            format!(
                "'{encoding}' codec can't decode byte {byte:#04x} in position {start}: {reason}"
            )
        }
        None => format!(
            "'{encoding}' codec can't decode bytes in position {start}-{}: {reason}",
            end - 1
        ),
    };
    str_::new(ctx, &text)
}

fn encode_str(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    convert_str(ctx, exception, |encoding| {
        format!("'{encoding}' codec can't encode")
    })
}

fn translate_str(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    convert_str(ctx, exception, |_| "can't translate".to_owned())
}

fn convert_str(ctx: &mut Ctx, exception: &Obj, what: impl FnOnce(&str) -> String) -> PyResult {
    let Some(object) = body(exception).field(ctx, OBJECT) else {
        return str_::new(ctx, "");
    };
    let (encoding, start, end, reason) = parts(ctx, exception)?;
    let what = what(&encoding);
    let object = still::<PyStr>(ctx, exception, &object, "str")?;
    let point = usize::try_from(start)
        .ok()
        .filter(|_| end == start + 1)
        .and_then(|at| {
            let body = object.downcast::<PyStr>()?;
            body.text().code_point_at(at, body.is_ascii())
        });
    let text = match point {
        Some(point) => {
            let escape = match point {
                0..0x100 => format!("\\x{point:02x}"),
                0x100..0x10000 => format!("\\u{point:04x}"),
                _ => format!("\\U{point:08x}"),
            };
            format!("{what} character '{escape}' in position {start}: {reason}")
        }
        None => format!(
            "{what} characters in position {start}-{}: {reason}",
            end - 1
        ),
    };
    str_::new(ctx, &text)
}

fn raise_with(
    ctx: &mut Ctx,
    type_id: u32,
    encoding: &str,
    object: Obj,
    start: usize,
    end: usize,
    reason: &str,
) -> Raised {
    let made = str_::new(ctx, encoding).and_then(|encoding| {
        let reason = str_::new(ctx, reason)?;
        let (start, end) = (int::from_usize(ctx, start)?, int::from_usize(ctx, end)?);
        let args = vec![encoding, object, start, end, reason];
        let exception = super::new(ctx, type_id, args.clone())?;
        for (index, value) in args.into_iter().enumerate() {
            body(&exception).set_field(ctx, index, Some(value));
        }
        Ok(exception)
    });
    match made {
        Ok(exception) => super::raise(ctx, exception),
        Err(raised) => raised,
    }
}

/// Stores the UnicodeDecodeError of bytes that `encoding` cannot decode.
#[cold]
pub fn raise_decode_error(
    ctx: &mut Ctx,
    encoding: &str,
    data: &[u8],
    start: usize,
    end: usize,
    reason: &str,
) -> Raised {
    match bytes::new(ctx, data) {
        Ok(object) => raise_with(
            ctx,
            class::UnicodeDecodeError,
            encoding,
            object,
            start,
            end,
            reason,
        ),
        Err(raised) => raised,
    }
}

/// Stores the UnicodeEncodeError of a str where ASCII is wanted, if it is none.
pub fn not_ascii(ctx: &mut Ctx, text: &Obj) -> Option<Raised> {
    let encoded = codec::encode(Codec::Ascii, str_::text_of(text)?, Errors::Strict);
    let (start, end) = encoded.err().map(|error| (error.start, error.end))?;
    Some(raise_encode_error(
        ctx,
        "ascii",
        text.clone(),
        start,
        end,
        "ordinal not in range(128)",
    ))
}

/// Whether the class is that of one of these errors.
pub fn is_one(id: u32) -> bool {
    matches!(
        id,
        class::UnicodeDecodeError | class::UnicodeEncodeError | class::UnicodeTranslateError
    )
}

/// Stores the UnicodeEncodeError of a str with a lone surrogate where UTF-8 is wanted.
#[cold]
pub fn no_surrogates(ctx: &mut Ctx, text: &Obj) -> Raised {
    let surrogate = |point: &u32| (0xD800..0xE000).contains(point);
    let (at, count) = text.downcast::<PyStr>().map_or((0, 1), |body| {
        let points = || body.text().code_points();
        let at = points().take_while(|point| !surrogate(point)).count();
        (at, points().skip(at).take_while(surrogate).count())
    });
    raise_encode_error(
        ctx,
        "utf-8",
        text.clone(),
        at,
        at + count,
        "surrogates not allowed",
    )
}

/// Stores the UnicodeEncodeError of a str that `encoding` cannot encode.
#[cold]
pub fn raise_encode_error(
    ctx: &mut Ctx,
    encoding: &str,
    text: Obj,
    start: usize,
    end: usize,
    reason: &str,
) -> Raised {
    raise_with(
        ctx,
        class::UnicodeEncodeError,
        encoding,
        text,
        start,
        end,
        reason,
    )
}
