//! Text to bytes and back: what `str.encode`, `bytes.decode` and `str(data, encoding)` share.

use super::super::bytearray::PyByteArray;
use super::super::bytes::{self, PyBytes};
use super::super::exception::unicode::{raise_decode_error, raise_encode_error};
use super::super::obj::Obj;
use super::super::{bytes_like, exception, protocol};
use super::{PyStr, from_buf, from_wtf8};
use crate::error::{PyResult, Raised, raise};
use crate::module::codecs::registry;
use crate::prelude::*;
use crate::text::codec::{self, Codec, CodecError, Errors, Replacement};
use crate::text::escape;
use crate::text::names;
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use crate::vm::thread::rt;
use alloc::borrow::Cow;
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

/// Encodes with a codec of the registry.
fn encode_registered(
    ctx: &mut Ctx,
    string: &Obj,
    encoding: &str,
    errors: &str,
) -> PyResult<Vec<u8>> {
    let codec = registry::lookup_text(ctx, encoding, "codecs.encode()")?;
    let data = registry::convert_noted(ctx, (&codec, encoding), 0, string, Some(errors))?;
    if data.downcast::<PyBytes>().is_some() || data.downcast::<PyByteArray>().is_some() {
        return Ok(bytes_like::expect_buffer(ctx, &data)?.into_owned());
    }
    let class = protocol::type_name(ctx, &data);
    Err(raise!(
        ctx,
        TypeError,
        "'{encoding}' encoder returned '{class}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
    ))
}

/// Decodes with a codec of the registry.
fn decode_registered(ctx: &mut Ctx, data: &[u8], encoding: &str, errors: &str) -> PyResult {
    let codec = registry::lookup_text(ctx, encoding, "codecs.decode()")?;
    let data = bytes::new(ctx, data)?;
    let text = registry::convert_noted(ctx, (&codec, encoding), 1, &data, Some(errors))?;
    if text.downcast::<PyStr>().is_some() {
        return Ok(text);
    }
    let class = protocol::type_name(ctx, &text);
    Err(raise!(
        ctx,
        TypeError,
        "'{encoding}' decoder returned '{class}' instead of 'str'; use codecs.decode() to decode to arbitrary types"
    ))
}

/// Encodes a str.
pub fn encode(ctx: &mut Ctx, string: &Obj, encoding: &str, errors: &str) -> PyResult<Vec<u8>> {
    encode_here(ctx, string, encoding, errors)
        .map_err(|raised| noted(ctx, raised, "encoding", encoding))
}

/// The error of a codec that CPython looks up in the registry, with the note that its failures get there.
fn noted(ctx: &mut Ctx, raised: Raised, doing: &str, encoding: &str) -> Raised {
    if by_name(encoding).is_none() || is_direct(encoding) {
        return raised;
    }
    let note = format!("{doing} with '{encoding}' codec failed");
    exception::base::with_note(ctx, raised, &note)
}

/// Whether CPython knows the encoding by this name itself.
fn is_direct(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    matches!(
        name.as_str(),
        "utf-8"
            | "utf8"
            | "utf-16"
            | "utf16"
            | "utf-32"
            | "utf32"
            | "ascii"
            | "us-ascii"
            | "latin-1"
            | "latin1"
            | "iso-8859-1"
            | "iso8859-1"
    )
}

fn encode_here(ctx: &mut Ctx, string: &Obj, encoding: &str, errors: &str) -> PyResult<Vec<u8>> {
    let text = string.expect::<PyStr>().text();
    outside::room(ctx, most_encoded(text, encoding, errors).saturating_mul(2))?;
    let (codec, mark): (Codec, &[u8]) = match by_name(encoding) {
        Some(Encoding::Plain(codec)) => (codec, b""),
        Some(Encoding::Utf8Signed) => (Codec::Utf8, b"\xEF\xBB\xBF"),
        Some(Encoding::Utf16) => (Codec::Utf16Le, b"\xFF\xFE"),
        Some(Encoding::Utf32) => (Codec::Utf32Le, b"\xFF\xFE\0\0"),
        Some(Encoding::UnicodeEscape) => return Ok(escape::encode_unicode(text)),
        None => return encode_registered(ctx, string, encoding, errors),
    };
    let shown = match codec {
        Codec::Utf16Le if !mark.is_empty() => "utf-16",
        Codec::Utf32Le if !mark.is_empty() => "utf-32",
        codec => codec.name(),
    };
    let data = encode_by(ctx, codec, shown, string, errors)?;
    if mark.is_empty() {
        Ok(data)
    } else {
        Ok([mark, &data].concat())
    }
}

/// Why an encoder has stopped.
enum Stopped {
    Raised(Raised),
    Unfit(CodecError),
}

/// Encodes a str with a codec that messages call `shown`, with any error handler.
pub fn encode_by(
    ctx: &mut Ctx,
    codec: Codec,
    shown: &str,
    string: &Obj,
    errors: &str,
) -> PyResult<Vec<u8>> {
    let body = string.expect::<PyStr>();
    let text = body.text();
    if let Some(handler) = Errors::from_name(errors) {
        return match codec::encode(codec, text, handler) {
            Ok(data) => Ok(data),
            Err(error) => Err(refuse_encode(ctx, shown, string, error)),
        };
    }
    let len = body.char_count();
    let encoded = codec::encode_with(
        codec,
        text,
        |error| {
            let unfit = error;
            let raised = refuse_encode(ctx, shown, string, error);
            let error = exception::take(ctx, raised);
            let (text, at) = registry::ask(ctx, errors, &error, len).map_err(Stopped::Raised)?;
            let replacement = registry::replacement(&text);
            // Of Unicode's encodings only ASCII and whole units are taken.
            let fits = match &replacement {
                _ if matches!(codec, Codec::Latin1 | Codec::Ascii) => true,
                Replacement::Text(text) => text.is_ascii(),
                Replacement::Bytes(bytes) => bytes.len().is_multiple_of(codec.unit()),
            };
            match fits {
                true => Ok((replacement, at)),
                false => Err(Stopped::Unfit(unfit)),
            }
        },
        Stopped::Unfit,
    );
    encoded.map_err(|stopped| match stopped {
        Stopped::Raised(raised) => raised,
        Stopped::Unfit(error) => refuse_encode(ctx, shown, string, error),
    })
}

fn refuse_encode(ctx: &mut Ctx, shown: &str, string: &Obj, error: CodecError) -> Raised {
    let CodecError {
        start, end, reason, ..
    } = error;
    raise_encode_error(ctx, shown, string.clone(), start, end, reason)
}

/// Decodes bytes to a str.
pub fn decode(ctx: &mut Ctx, data: &[u8], encoding: &str, errors: &str) -> PyResult {
    decode_here(ctx, data, encoding, errors)
        .map_err(|raised| noted(ctx, raised, "decoding", encoding))
}

fn decode_here(ctx: &mut Ctx, data: &[u8], encoding: &str, errors: &str) -> PyResult {
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
        Some(Encoding::UnicodeEscape) => {
            let text = decode_escapes(ctx, data, errors)?;
            return from_buf(ctx, text);
        }
        None => return decode_registered(ctx, data, encoding, errors),
    };
    // Well-formed UTF-8, ASCII included, is stored as it comes.
    if matches!(codec, Codec::Utf8 | Codec::Ascii)
        && let Ok(text) = core::str::from_utf8(&data[skip..])
        && (codec == Codec::Utf8 || data.is_ascii())
    {
        return from_wtf8(ctx, Wtf8::from_str(text));
    }
    let text = decode_by(ctx, codec, data, skip, errors)?;
    from_buf(ctx, text)
}

/// Decodes bytes behind the first `skip`, with any error handler.
pub fn decode_by(
    ctx: &mut Ctx,
    codec: Codec,
    data: &[u8],
    skip: usize,
    errors: &str,
) -> PyResult<Wtf8Buf> {
    let refuse = |ctx: &mut Ctx, error: CodecError| {
        let (start, end) = (error.start + skip, error.end + skip);
        raise_decode_error(ctx, codec.name(), data, start, end, error.reason)
    };
    let rest = &data[skip..];
    match Errors::from_name(errors) {
        Some(Errors::XmlCharRefReplace) | None => decode_asking(ctx, codec, data, skip, errors),
        Some(handler) => {
            // What a byte that does not fit is shown as, at most.
            let most = match (codec, handler) {
                (Codec::Utf8 | Codec::Ascii, Errors::BackslashReplace) => 4,
                (Codec::Utf8 | Codec::Ascii, Errors::Replace | Errors::SurrogateEscape) => 3,
                _ => 1,
            };
            outside::room(ctx, rest.len().saturating_mul(most))?;
            codec::decode(codec, rest, handler).map_err(|error| refuse(ctx, error))
        }
    }
}

/// Decodes with a handler that is asked about each error.
fn decode_asking(
    ctx: &mut Ctx,
    codec: Codec,
    data: &[u8],
    skip: usize,
    errors: &str,
) -> PyResult<Wtf8Buf> {
    ask_and_go_on(ctx, codec.name(), data, skip, errors, |data, ask| {
        codec::decode_with(codec, data, |error, out| {
            ask((error.start, error.end, error.reason), out)
        })
    })
}

/// Asks what to do about a part of the data, for a reason; what is to be put out is appended. Where to go on.
type Ask<'a> = dyn FnMut((usize, usize, &str), &mut Wtf8Buf) -> Result<usize, Option<Raised>> + 'a;

/// Decodes with a handler that is asked about each error, and may give other data to go on with.
fn ask_and_go_on(
    ctx: &mut Ctx,
    name: &str,
    data: &[u8],
    skip: usize,
    errors: &str,
    decode: impl Fn(&[u8], &mut Ask<'_>) -> Result<Wtf8Buf, Option<Raised>>,
) -> PyResult<Wtf8Buf> {
    let mut text = Wtf8Buf::new();
    let (mut data, mut from) = (Cow::Borrowed(data), skip);
    loop {
        let mut other = None;
        let decoded = decode(&data[from..], &mut |(start, end, reason), out| {
            let (start, end) = (start + from, end + from);
            let raised = raise_decode_error(ctx, name, &data, start, end, reason);
            let raised = exception::take(ctx, raised);
            let (shown, at) = registry::ask(ctx, errors, &raised, data.len()).map_err(Some)?;
            out.push_wtf8(shown.expect::<PyStr>().text());
            if let Some(now) = exception::unicode::data_of(ctx, &raised)
                && now.expect::<PyBytes>().data() != &*data
            {
                other = Some((core::mem::take(out), now, at));
                return Err(None);
            }
            // In front of the mark there is nothing to decode.
            Ok(at.saturating_sub(from))
        });
        match decoded {
            Ok(rest) => {
                text.push_wtf8(&rest);
                return Ok(text);
            }
            Err(Some(raised)) => return Err(raised),
            Err(None) => {}
        }
        if let Some((done, now, at)) = other {
            text.push_wtf8(&done);
            data = Cow::Owned(now.expect::<PyBytes>().data().to_vec());
            from = at;
        }
    }
}

/// Lets the handler `errors` do something about what was raised; where to go on.
fn handle(
    ctx: &mut Ctx,
    errors: &str,
    raised: Raised,
    len: usize,
    out: &mut Wtf8Buf,
) -> PyResult<usize> {
    let error = exception::take(ctx, raised);
    let (text, at) = registry::ask(ctx, errors, &error, len)?;
    out.push_wtf8(text.expect::<PyStr>().text());
    // Where the handler has left nothing to go on with, that is the end.
    match exception::unicode::data_of(ctx, &error) {
        Some(now) if now.expect::<PyBytes>().data().len() == at => Ok(len),
        _ => Ok(at),
    }
}

/// Lets a handler do something about the part of the data from the first place to the second, for the reason given;
/// where to go on.
pub fn handle_decode_error(
    ctx: &mut Ctx,
    shown: &str,
    data: &[u8],
    (start, end, reason): (usize, usize, &str),
    errors: &str,
    out: &mut Wtf8Buf,
) -> PyResult<usize> {
    let raised = raise_decode_error(ctx, shown, data, start, end, reason);
    if errors == "strict" {
        return Err(raised);
    }
    handle(ctx, errors, raised, data.len(), out)
}

/// Decodes Python's own escapes.
pub fn decode_escapes(ctx: &mut Ctx, data: &[u8], errors: &str) -> PyResult<Wtf8Buf> {
    if Errors::from_name(errors).is_none() {
        return ask_and_go_on(ctx, "unicodeescape", data, 0, errors, |data, ask| {
            escape::decode_unicode(data, names::by_name, |error, out| {
                ask((error.start, error.end, error.reason), out)
            })
        });
    }
    escape::decode_unicode(data, names::by_name, |error, out| {
        let fault = (error.start, error.end, error.reason);
        handle_decode_error(ctx, "unicodeescape", data, fault, errors, out)
    })
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
