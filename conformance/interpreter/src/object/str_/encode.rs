//! Text to bytes and back: what `str.encode`, `bytes.decode` and `str(data, encoding)` share.

use super::super::exception::unicode::{raise_decode_error, raise_encode_error};
use super::super::obj::Obj;
use super::{PyStr, from_buf, from_wtf8};
use crate::error::{PyResult, Raised, raise};
use crate::text::codec::{self, Codec, CodecError, Errors};
use crate::text::escape;
use crate::text::wtf8::Wtf8;
use crate::vm::outside;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

/// What an encoding's name stands for.
enum Encoding {
    /// A codec as it is.
    Plain(Codec),
    /// UTF-8 with a mark in front.
    Utf8Signed,
    /// UTF-16 with a mark in front.
    Utf16,
    /// UTF-32 with a mark in front.
    Utf32,
    /// Python's own escapes.
    UnicodeEscape,
}

/// The encoding of a name, whatever its case and punctuation.
fn by_name(name: &str) -> Option<Encoding> {
    use Encoding::*;
    let name: String = name
        .chars()
        .map(|c| match c {
            '_' | ' ' => '-',
            c => c.to_ascii_lowercase(),
        })
        .collect();
    Some(match name.as_str() {
        "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Plain(Codec::Utf8),
        "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" | "iso646-us" => Plain(Codec::Ascii),
        "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "iso88591"
        | "8859" | "cp819" | "iso-8859-1-1987" => Plain(Codec::Latin1),
        "utf-16-le" | "utf-16le" | "utf16-le" | "unicodelittleunmarked" => Plain(Codec::Utf16Le),
        "utf-16-be" | "utf-16be" | "utf16-be" | "unicodebigunmarked" => Plain(Codec::Utf16Be),
        "utf-32-le" | "utf-32le" | "utf32-le" => Plain(Codec::Utf32Le),
        "utf-32-be" | "utf-32be" | "utf32-be" => Plain(Codec::Utf32Be),
        "utf-8-sig" | "utf8-sig" => Utf8Signed,
        "utf-16" | "utf16" | "u16" => Utf16,
        "utf-32" | "utf32" | "u32" => Utf32,
        "unicode-escape" | "unicodeescape" => UnicodeEscape,
        _ => return None,
    })
}

fn unknown(ctx: &mut Ctx, encoding: &str) -> Raised {
    raise!(ctx, LookupError, "unknown encoding: {encoding}")
}

/// Encodes a str.
pub fn encode(ctx: &mut Ctx, string: &Obj, encoding: &str, errors: &str) -> PyResult<Vec<u8>> {
    let text = string.expect::<PyStr>().text();
    outside::room(ctx, most_encoded(text, encoding, errors).saturating_mul(2))?;
    let (codec, mark): (Codec, &[u8]) = match by_name(encoding) {
        Some(Encoding::Plain(codec)) => (codec, b""),
        Some(Encoding::Utf8Signed) => (Codec::Utf8, b"\xEF\xBB\xBF"),
        Some(Encoding::Utf16) => (Codec::Utf16Le, b"\xFF\xFE"),
        Some(Encoding::Utf32) => (Codec::Utf32Le, b"\xFF\xFE\0\0"),
        Some(Encoding::UnicodeEscape) => return Ok(escape::encode_unicode(text)),
        None => return Err(unknown(ctx, encoding)),
    };
    let handler = Errors::from_name(errors);
    match codec::encode(codec, text, handler.unwrap_or(Errors::Strict)) {
        Ok(data) if mark.is_empty() => Ok(data),
        Ok(data) => Ok([mark, &data].concat()),
        Err(error) => Err(match handler {
            None => unknown_handler(ctx, errors),
            Some(_) => {
                let CodecError {
                    start, end, reason, ..
                } = error;
                raise_encode_error(ctx, codec.name(), string.clone(), start, end, reason)
            }
        }),
    }
}

fn unknown_handler(ctx: &mut Ctx, errors: &str) -> Raised {
    raise!(ctx, LookupError, "unknown error handler name '{errors}'")
}

/// Decodes bytes to a str.
pub fn decode(ctx: &mut Ctx, data: &[u8], encoding: &str, errors: &str) -> PyResult {
    if data.is_empty() {
        // Not even the encoding is looked up.
        return Ok(rt(ctx).short_string(b""));
    }
    let (codec, skip) = match by_name(encoding) {
        Some(Encoding::Plain(codec)) => (codec, 0),
        Some(Encoding::Utf8Signed) => {
            let marked = data.starts_with(b"\xEF\xBB\xBF");
            (Codec::Utf8, if marked { 3 } else { 0 })
        }
        Some(Encoding::Utf16) => Codec::utf16_by_mark(data),
        Some(Encoding::Utf32) => Codec::utf32_by_mark(data),
        Some(Encoding::UnicodeEscape) => return decode_escapes(ctx, data, errors),
        None => return Err(unknown(ctx, encoding)),
    };
    let data = &data[skip..];
    // Well-formed UTF-8, ASCII included, is stored as it comes.
    if matches!(codec, Codec::Utf8 | Codec::Ascii)
        && let Ok(text) = std::str::from_utf8(data)
        && (codec == Codec::Utf8 || data.is_ascii())
    {
        return from_wtf8(ctx, Wtf8::from_str(text));
    }
    let handler = Errors::from_name(errors);
    match codec::decode(codec, data, handler.unwrap_or(Errors::Strict)) {
        Ok(text) => from_buf(ctx, text),
        Err(error) => Err(match handler {
            None if errors != "namereplace" => unknown_handler(ctx, errors),
            None | Some(Errors::XmlCharRefReplace) => raise!(
                ctx,
                TypeError,
                "don't know how to handle UnicodeDecodeError in error callback"
            ),
            Some(_) => {
                let CodecError {
                    start, end, reason, ..
                } = error;
                raise_decode_error(ctx, codec.name(), data, start, end, reason)
            }
        }),
    }
}

fn decode_escapes(ctx: &mut Ctx, data: &[u8], errors: &str) -> PyResult {
    let handler = Errors::from_name(errors);
    let decoded = escape::decode_unicode(
        data,
        |_| None,
        |error, out| match handler {
            Some(Errors::Ignore) => Ok(error.end),
            Some(Errors::Replace) => {
                out.push(0xFFFD);
                Ok(error.end)
            }
            _ => Err(error),
        },
    );
    match decoded {
        Ok(text) => from_buf(ctx, text),
        Err(error) => Err(raise_decode_error(
            ctx,
            "unicodeescape",
            data,
            error.start,
            error.end,
            error.reason,
        )),
    }
}

/// The most bytes that a text becomes: what is beyond a codec may be shown as `&#1114111;`.
fn most_encoded(text: &Wtf8, encoding: &str, errors: &str) -> usize {
    let len = text.byte_len();
    match by_name(encoding) {
        _ if len < SMALL => 0,
        Some(Encoding::Plain(Codec::Utf32Le | Codec::Utf32Be) | Encoding::Utf32) => {
            text.char_count().saturating_mul(4)
        }
        Some(Encoding::Plain(Codec::Utf16Le | Codec::Utf16Be) | Encoding::Utf16) => {
            text.char_count().saturating_mul(2)
        }
        _ if errors == "strict" || text.is_ascii() => len,
        _ => len.saturating_mul(4),
    }
}

/// Texts of fewer bytes are encoded as they come.
const SMALL: usize = 16 << 10;
