//! `_codecs`: encoders and decoders as functions that say how much they have read, and the registries.
//!
//! | file         | what                                          |
//! |--------------|-----------------------------------------------|
//! | [`registry`] | codecs and error handlers by name             |
//! | `charmap`    | codecs that a table describes                 |
//! | `utf7`       | UTF-7                                         |

use crate::error::{PyResult, raise};
use crate::module::warnings;
use crate::object::args::Args;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{class, unicode};
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::{bytes, bytes_like, int, protocol, str_, tuple};
use crate::text::codec::{self, Codec};
use crate::text::escape;
use crate::text::str_repr;
use crate::text::wtf8::Wtf8Buf;
use kit_core::thread::Ctx;

mod charmap;
pub mod registry;
mod utf7;

/// `(value, length)`.
fn pair(ctx: &mut Ctx, value: Obj, len: usize) -> PyResult {
    let len = int::from_usize(ctx, len)?;
    tuple::from_vec(ctx, vec![value, len])
}

fn text_pair(ctx: &mut Ctx, text: Wtf8Buf, len: usize) -> PyResult {
    let text = str_::from_buf(ctx, text)?;
    pair(ctx, text, len)
}

/// The argument `errors`, in which `None` is `strict`.
fn errors_argument(ctx: &mut Ctx, args: &[Obj], at: usize, name: &str) -> PyResult<String> {
    match args.get(at).filter(|errors| !errors.is_none()) {
        None => Ok("strict".to_owned()),
        Some(errors) => {
            let what = format!("{name}() argument {}", at + 1);
            if errors.downcast::<PyStr>().is_none() {
                let class = str_::argument_type(ctx, errors);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "{what} must be str or None, not {class}"
                ));
            }
            registry::name_argument(ctx, errors, &what)
        }
    }
}

fn string_argument<'a>(ctx: &mut Ctx, args: &'a [Obj], name: &str) -> PyResult<&'a Obj> {
    let what = format!("{name}() argument 1");
    str_::expect_text(ctx, &args[0], &what)?;
    Ok(&args[0])
}

fn is_final(ctx: &mut Ctx, args: &[Obj], at: usize, default: bool) -> PyResult<bool> {
    args.get(at)
        .map_or(Ok(default), |value| protocol::truth(ctx, value))
}

/// `NAME(str, errors)`.
fn encode(
    ctx: &mut Ctx,
    args: &[Obj],
    name: &str,
    codec: Codec,
    shown: &str,
    mark: &[u8],
) -> PyResult {
    let string = string_argument(ctx, args, name)?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let data = str_::encode_by(ctx, codec, shown, string, &errors)?;
    let data = if mark.is_empty() {
        bytes::new(ctx, &data)?
    } else {
        bytes::new(ctx, &[mark, &data].concat())?
    };
    pair(ctx, data, string.expect::<PyStr>().char_count())
}

/// How many bytes at the end may be the beginning of something.
fn incomplete(codec: Codec, data: &[u8]) -> usize {
    let big = matches!(codec, Codec::Utf16Be);
    match codec {
        Codec::Utf8 => match data {
            // The beginning of a surrogate, which a handler may pass.
            [.., 0xED, 0xA0..=0xBF] => 2,
            _ => codec::utf8_incomplete_tail(data),
        },
        Codec::Utf16Le | Codec::Utf16Be => {
            let odd = data.len() % 2;
            let whole = &data[..data.len() - odd];
            let high = match whole {
                [.., a, b] => matches!(if big { a } else { b }, 0xD8..=0xDB),
                _ => false,
            };
            odd + if high { 2 } else { 0 }
        }
        Codec::Utf32Le | Codec::Utf32Be => data.len() % 4,
        Codec::Latin1 | Codec::Ascii => 0,
    }
}

/// Decodes what is complete behind the first `skip` bytes, or everything when it is final: the text, and the bytes read.
fn decode_part(
    ctx: &mut Ctx,
    codec: Codec,
    data: &[u8],
    skip: usize,
    errors: &str,
    last: bool,
) -> PyResult<(Wtf8Buf, usize)> {
    let len = if last {
        data.len()
    } else {
        data.len() - incomplete(codec, &data[skip..])
    };
    let text = str_::decode_by(ctx, codec, &data[..len], skip, errors)?;
    Ok((text, len))
}

/// `NAME(bytes, errors, final)`.
fn decode(ctx: &mut Ctx, args: &[Obj], name: &str, codec: Codec) -> PyResult {
    let simple = matches!(codec, Codec::Ascii | Codec::Latin1);
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let last = simple || is_final(ctx, args, 2, false)?;
    let (text, len) = decode_part(ctx, codec, &data, 0, &errors, last)?;
    text_pair(ctx, text, len)
}

macro_rules! plain {
    ($($encode:ident, $decode:ident = $codec:ident;)*) => {$(
        fn $encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
            let codec = Codec::$codec;
            encode(ctx, args, stringify!($encode), codec, codec.name(), b"")
        }
        fn $decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
            decode(ctx, args, stringify!($decode), Codec::$codec)
        }
    )*};
}

plain! {
    utf_8_encode, utf_8_decode = Utf8;
    latin_1_encode, latin_1_decode = Latin1;
    ascii_encode, ascii_decode = Ascii;
    utf_16_le_encode, utf_16_le_decode = Utf16Le;
    utf_16_be_encode, utf_16_be_decode = Utf16Be;
    utf_32_le_encode, utf_32_le_decode = Utf32Le;
    utf_32_be_encode, utf_32_be_decode = Utf32Be;
}

/// Which of the three forms an encoder is asked for: 0 with a mark, −1 little, 1 big.
fn order(ctx: &mut Ctx, args: &[Obj]) -> PyResult<i64> {
    args.get(2)
        .map_or(Ok(0), |order| protocol::c_int(ctx, order).map(i64::from))
}

/// As [`order`], once the arguments before it are right.
fn encoded_order(ctx: &mut Ctx, args: &[Obj], name: &str) -> PyResult<i64> {
    string_argument(ctx, args, name)?;
    errors_argument(ctx, args, 1, name)?;
    order(ctx, args)
}

fn utf_16_encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "utf_16_encode";
    match encoded_order(ctx, args, name)? {
        0 => encode(ctx, args, name, Codec::Utf16Le, "utf-16", b"\xFF\xFE"),
        ..0 => encode(ctx, args, name, Codec::Utf16Le, "utf-16", b""),
        _ => encode(ctx, args, name, Codec::Utf16Be, "utf-16", b""),
    }
}

fn utf_32_encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "utf_32_encode";
    match encoded_order(ctx, args, name)? {
        0 => encode(ctx, args, name, Codec::Utf32Le, "utf-32", b"\xFF\xFE\0\0"),
        ..0 => encode(ctx, args, name, Codec::Utf32Le, "utf-32", b""),
        _ => encode(ctx, args, name, Codec::Utf32Be, "utf-32", b""),
    }
}

/// The codec that the mark in front asks for, the length of that mark, and −1 or 1 for its order; nothing when the mark
/// is still to come.
fn by_mark(wide: bool, data: &[u8], last: bool) -> (Codec, usize, i64) {
    let need = if wide { 4 } else { 2 };
    if data.len() < need && !last {
        return (if wide { Codec::Utf32Le } else { Codec::Utf16Le }, 0, 0);
    }
    let (codec, skip) = if wide {
        Codec::utf32_by_mark(data)
    } else {
        Codec::utf16_by_mark(data)
    };
    let order = match (skip, codec) {
        (0, _) => 0,
        (_, Codec::Utf16Le | Codec::Utf32Le) => -1,
        _ => 1,
    };
    (codec, skip, order)
}

fn decode_marked(ctx: &mut Ctx, args: &[Obj], name: &str, wide: bool, more: bool) -> PyResult {
    let data = bytes_like::expect_buffer(ctx, &args[0])?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let order = if more { order(ctx, args)? } else { 0 };
    let last = is_final(ctx, args, if more { 3 } else { 2 }, false)?;
    let (codec, skip, order) = match (order, wide) {
        (0, _) => by_mark(wide, &data, last),
        (..0, false) => (Codec::Utf16Le, 0, order),
        (_, false) => (Codec::Utf16Be, 0, order),
        (..0, true) => (Codec::Utf32Le, 0, order),
        (_, true) => (Codec::Utf32Be, 0, order),
    };
    let (text, len) = decode_part(ctx, codec, &data, skip, &errors, last)?;
    if !more {
        return text_pair(ctx, text, len);
    }
    let text = str_::from_buf(ctx, text)?;
    let len = int::from_usize(ctx, len)?;
    tuple::from_vec(ctx, vec![text, len, Obj::small_int(order)])
}

fn utf_16_decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    decode_marked(ctx, args, "utf_16_decode", false, false)
}

fn utf_16_ex_decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    decode_marked(ctx, args, "utf_16_ex_decode", false, true)
}

fn utf_32_decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    decode_marked(ctx, args, "utf_32_decode", true, false)
}

fn utf_32_ex_decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    decode_marked(ctx, args, "utf_32_ex_decode", true, true)
}

// --- Escapes -------------------------------------------------------------------------------------

/// The bytes of an argument that may also be an ASCII str.
fn bytes_or_text(ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<u8>> {
    match value.downcast::<PyStr>() {
        Some(text) if text.text().has_surrogates() => Err(unicode::no_surrogates(ctx, value)),
        Some(text) => Ok(text.bytes().to_vec()),
        None => Ok(bytes_like::expect_buffer(ctx, value)?.into_owned()),
    }
}

fn escape_encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let Some(data) = args[0].downcast::<bytes::PyBytes>() else {
        let class = str_::argument_type(ctx, &args[0]);
        return Err(raise!(
            ctx,
            TypeError,
            "escape_encode() argument 1 must be bytes, not {class}"
        ));
    };
    errors_argument(ctx, args, 1, "escape_encode")?;
    let mut text = String::new();
    for byte in data.data() {
        match byte {
            b'\'' => text.push_str("\\'"),
            byte => {
                let one = str_repr::bytes_repr(std::slice::from_ref(byte));
                // Without the letter and the quotes.
                text.push_str(&one[2..one.len() - 1]);
            }
        }
    }
    let len = data.data().len();
    let text = bytes::new(ctx, text.as_bytes())?;
    pair(ctx, text, len)
}

/// Warns of the first backslash that is followed by none of `known`, or by an octal number beyond a byte.
fn warn_of_escapes(ctx: &mut Ctx, data: &[u8], known: &[u8], prefix: &str) -> PyResult<()> {
    let mut rest = data;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let Some(&next) = rest.get(at + 1) else { break };
        let octal = rest[at + 1..]
            .iter()
            .take(3)
            .take_while(|digit| matches!(digit, b'0'..=b'7'))
            .count();
        let (what, len) = if !known.contains(&next) {
            ("escape", 1)
        } else if octal == 3 && next >= b'4' {
            ("octal escape", 3)
        } else {
            rest = &rest[at + 2..];
            continue;
        };
        let text: String = rest[at + 1..at + 1 + len]
            .iter()
            .map(|&byte| char::from(byte))
            .collect();
        let message = format!(
            "{prefix}\"\\{text}\" is an invalid {what} sequence. Such sequences will not work in the future. "
        );
        return warnings::warn(ctx, class::DeprecationWarning, &message);
    }
    Ok(())
}

fn escape_decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let data = bytes_or_text(ctx, &args[0])?;
    let errors = errors_argument(ctx, args, 1, "escape_decode")?;
    warn_of_escapes(ctx, &data, b"\n\\'\"abfnrtvx01234567", "b")?;
    let mut out = Vec::with_capacity(data.len());
    let mut start = 0;
    loop {
        match escape::decode_bytes(&data[start..]) {
            Ok(more) => {
                out.extend_from_slice(&more);
                break;
            }
            Err(error) => {
                let (at, end) = (start + error.start, start + error.end);
                let before = escape::decode_bytes(&data[start..at]).unwrap_or_default();
                out.extend_from_slice(&before);
                if error.reason.starts_with("Trailing") {
                    return Err(raise!(ctx, ValueError, "{}", error.reason));
                }
                match errors.as_str() {
                    "strict" => {
                        return Err(raise!(
                            ctx,
                            ValueError,
                            "invalid \\x escape at position {at}"
                        ));
                    }
                    "replace" => out.push(b'?'),
                    "ignore" => {}
                    other => {
                        return Err(raise!(
                            ctx,
                            ValueError,
                            "decoding error; unknown error handling code: {other}"
                        ));
                    }
                }
                start = end.max(at + 2).min(data.len());
            }
        }
    }
    let out = bytes::new(ctx, &out)?;
    pair(ctx, out, data.len())
}

fn unicode_escape_encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "unicode_escape_encode";
    let string = string_argument(ctx, args, name)?.expect::<PyStr>();
    errors_argument(ctx, args, 1, name)?;
    let data = escape::encode_unicode(string.text());
    let data = bytes::new(ctx, &data)?;
    pair(ctx, data, string.char_count())
}

/// How many bytes at the end may be the beginning of an escape.
fn unfinished_escape(data: &[u8], raw: bool) -> usize {
    let tail = data.len().saturating_sub(if raw { 9 } else { 256 });
    let Some(at) = data[tail..].iter().rposition(|byte| *byte == b'\\') else {
        return 0;
    };
    let at = tail + at;
    let slashes = data[..=at].iter().rev().take_while(|byte| **byte == b'\\');
    if slashes.count() % 2 == 0 {
        return 0;
    }
    let rest = &data[at + 1..];
    let hex = |count: usize| {
        let digits = &rest[1..];
        digits.len() < count && digits.iter().all(u8::is_ascii_hexdigit)
    };
    let open = match rest.first() {
        None => true,
        Some(b'u') => hex(4),
        Some(b'U') => hex(8),
        Some(b'x') if !raw => hex(2),
        Some(b'0'..=b'7') if !raw => {
            rest.len() < 3 && rest.iter().all(|digit| (b'0'..=b'7').contains(digit))
        }
        Some(b'N') if !raw => rest.len() == 1 || rest[1] == b'{' && !rest.contains(&b'}'),
        _ => false,
    };
    if open { data.len() - at } else { 0 }
}

fn unicode_escape_decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "unicode_escape_decode";
    let data = bytes_or_text(ctx, &args[0])?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let len = if is_final(ctx, args, 2, true)? {
        data.len()
    } else {
        data.len() - unfinished_escape(&data, false)
    };
    warn_of_escapes(ctx, &data[..len], b"\n\\'\"abfnrtvxuUN01234567", "")?;
    let text = str_::decode_escapes(ctx, &data[..len], &errors)?;
    text_pair(ctx, text, len)
}

fn raw_unicode_escape_encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "raw_unicode_escape_encode";
    let string = string_argument(ctx, args, name)?.expect::<PyStr>();
    errors_argument(ctx, args, 1, name)?;
    let mut data = Vec::with_capacity(string.bytes().len());
    for point in string.text().code_points() {
        match point {
            0..0x100 => data.push(point as u8),
            0x100..0x1_0000 => data.extend_from_slice(format!("\\u{point:04x}").as_bytes()),
            _ => data.extend_from_slice(format!("\\U{point:08x}").as_bytes()),
        }
    }
    let data = bytes::new(ctx, &data)?;
    pair(ctx, data, string.char_count())
}

fn raw_unicode_escape_decode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let name = "raw_unicode_escape_decode";
    let data = bytes_or_text(ctx, &args[0])?;
    let errors = errors_argument(ctx, args, 1, name)?;
    let len = if is_final(ctx, args, 2, true)? {
        data.len()
    } else {
        data.len() - unfinished_escape(&data, true)
    };
    let whole = &data[..len];
    let mut text = Wtf8Buf::with_capacity(len);
    let mut at = 0;
    while at < len {
        if whole[at] != b'\\' {
            text.push(whole[at].into());
            at += 1;
            continue;
        }
        // Two backslashes stand for themselves.
        let digits = match whole.get(at + 1) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(next) => {
                text.push(b'\\'.into());
                text.push((*next).into());
                at += 2;
                continue;
            }
            None => {
                text.push(b'\\'.into());
                break;
            }
        };
        let field = &whole[at + 2..];
        let read = field
            .iter()
            .take(digits)
            .take_while(|d| d.is_ascii_hexdigit());
        let read = read.count();
        let value = std::str::from_utf8(&field[..read])
            .ok()
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let end = at + 2 + read;
        let reason = match value {
            Some(value) if read == digits => {
                if text.push(value) {
                    at = end;
                    continue;
                }
                "\\Uxxxxxxxx out of range"
            }
            _ if digits == 4 => "truncated \\uXXXX escape",
            _ => "truncated \\UXXXXXXXX escape",
        };
        at = str_::handle_decode_error(
            ctx,
            "rawunicodeescape",
            whole,
            (at, end, reason),
            &errors,
            &mut text,
        )?;
    }
    text_pair(ctx, text, len)
}

fn readbuffer_encode(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let data = bytes_or_text(ctx, &args[0])?;
    errors_argument(ctx, args, 1, "readbuffer_encode")?;
    let len = data.len();
    let data = bytes::new(ctx, &data)?;
    pair(ctx, data, len)
}

// --- Any codec -----------------------------------------------------------------------------------

fn any(ctx: &mut Ctx, args: Args<'_>, name: &'static str, index: usize) -> PyResult {
    let signature = crate::object::args::Signature {
        name,
        params: &["obj", "encoding", "errors"],
        posonly: 0,
        positional: 3,
        required: 1,
    };
    let [value, encoding, errors] = args.bind(ctx, &signature)?;
    let encoding = match encoding {
        Some(encoding) => {
            registry::name_argument(ctx, encoding, &format!("{name}() argument 'encoding'"))?
        }
        None => "utf-8".to_owned(),
    };
    let errors = match errors {
        Some(errors) => Some(registry::name_argument(
            ctx,
            errors,
            &format!("{name}() argument 'errors'"),
        )?),
        None => None,
    };
    let codec = registry::lookup(ctx, &encoding)?;
    let value = value.unwrap_or(Obj::none());
    registry::convert_noted(ctx, (&codec, &encoding), index, value, errors.as_deref())
}

/// `_codecs`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_codecs",
    functions: &[
        method("encode", Native::F(|ctx, args| any(ctx, args, "encode", 0))),
        method("decode", Native::F(|ctx, args| any(ctx, args, "decode", 1))),
        method("utf_8_encode", Native::FN(1, 2, utf_8_encode)),
        method("utf_8_decode", Native::FN(1, 3, utf_8_decode)),
        method("latin_1_encode", Native::FN(1, 2, latin_1_encode)),
        method("latin_1_decode", Native::FN(1, 2, latin_1_decode)),
        method("ascii_encode", Native::FN(1, 2, ascii_encode)),
        method("ascii_decode", Native::FN(1, 2, ascii_decode)),
        method("utf_16_encode", Native::FN(1, 3, utf_16_encode)),
        method("utf_16_decode", Native::FN(1, 3, utf_16_decode)),
        method("utf_16_ex_decode", Native::FN(1, 4, utf_16_ex_decode)),
        method("utf_16_le_encode", Native::FN(1, 2, utf_16_le_encode)),
        method("utf_16_le_decode", Native::FN(1, 3, utf_16_le_decode)),
        method("utf_16_be_encode", Native::FN(1, 2, utf_16_be_encode)),
        method("utf_16_be_decode", Native::FN(1, 3, utf_16_be_decode)),
        method("utf_32_encode", Native::FN(1, 3, utf_32_encode)),
        method("utf_32_decode", Native::FN(1, 3, utf_32_decode)),
        method("utf_32_ex_decode", Native::FN(1, 4, utf_32_ex_decode)),
        method("utf_32_le_encode", Native::FN(1, 2, utf_32_le_encode)),
        method("utf_32_le_decode", Native::FN(1, 3, utf_32_le_decode)),
        method("utf_32_be_encode", Native::FN(1, 2, utf_32_be_encode)),
        method("utf_32_be_decode", Native::FN(1, 3, utf_32_be_decode)),
        method("utf_7_encode", Native::FN(1, 2, utf7::encode)),
        method("utf_7_decode", Native::FN(1, 3, utf7::decode)),
        method("charmap_encode", Native::FN(1, 3, charmap::encode)),
        method("charmap_decode", Native::FN(1, 3, charmap::decode)),
        method("charmap_build", Native::F1(charmap::build)),
        method("escape_encode", Native::FN(1, 2, escape_encode)),
        method("escape_decode", Native::FN(1, 2, escape_decode)),
        method(
            "unicode_escape_encode",
            Native::FN(1, 2, unicode_escape_encode),
        ),
        method(
            "unicode_escape_decode",
            Native::FN(1, 3, unicode_escape_decode),
        ),
        method(
            "raw_unicode_escape_encode",
            Native::FN(1, 2, raw_unicode_escape_encode),
        ),
        method(
            "raw_unicode_escape_decode",
            Native::FN(1, 3, raw_unicode_escape_decode),
        ),
        method("readbuffer_encode", Native::FN(1, 2, readbuffer_encode)),
    ],
    types: &[],
    populate: registry::populate,
    doc: "",
};
