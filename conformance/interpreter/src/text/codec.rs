//! Text to bytes and back: UTF-8, UTF-16, UTF-32, Latin-1 and ASCII, with error handlers.
//!
//! Each codec runs until something does not fit and hands a [`CodecError`] to a handler, which says
//! what to put there and where to go on. The built-in handlers are [`Errors`]; one written in
//! Python plugs into [`decode_with`] and [`encode_with`].

use super::str_repr::push_escape;
use super::wtf8::{Wtf8, Wtf8Buf};
use crate::prelude::*;

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// UTF-8.
    Utf8,
    /// One byte per code point below 256.
    Latin1,
    /// One byte per code point below 128.
    Ascii,
    /// UTF-16, little endian, no mark.
    Utf16Le,
    /// UTF-16, big endian, no mark.
    Utf16Be,
    /// UTF-32, little endian, no mark.
    Utf32Le,
    /// UTF-32, big endian, no mark.
    Utf32Be,
}

impl Codec {
    /// The name error messages show.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Utf8 => "utf-8",
            Codec::Latin1 => "latin-1",
            Codec::Ascii => "ascii",
            Codec::Utf16Le => "utf-16-le",
            Codec::Utf16Be => "utf-16-be",
            Codec::Utf32Le => "utf-32-le",
            Codec::Utf32Be => "utf-32-be",
        }
    }

    /// The codec `utf-16` input means by its mark, and the mark's length.
    pub fn utf16_by_mark(bytes: &[u8]) -> (Codec, usize) {
        match bytes {
            [0xFF, 0xFE, ..] => (Codec::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Codec::Utf16Be, 2),
            _ => (Codec::Utf16Le, 0),
        }
    }

    /// The codec `utf-32` input means by its mark, and the mark's length.
    pub fn utf32_by_mark(bytes: &[u8]) -> (Codec, usize) {
        match bytes {
            [0xFF, 0xFE, 0, 0, ..] => (Codec::Utf32Le, 4),
            [0, 0, 0xFE, 0xFF, ..] => (Codec::Utf32Be, 4),
            _ => (Codec::Utf32Le, 0),
        }
    }

    /// The bytes of a code unit.
    pub fn unit(self) -> usize {
        match self {
            Codec::Utf8 | Codec::Latin1 | Codec::Ascii => 1,
            Codec::Utf16Le | Codec::Utf16Be => 2,
            Codec::Utf32Le | Codec::Utf32Be => 4,
        }
    }

    fn is_big(self) -> bool {
        matches!(self, Codec::Utf16Be | Codec::Utf32Be)
    }
}

/// What did not fit: bytes `start..end` when decoding, code points when encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecError {
    /// The codec.
    pub codec: Codec,
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Why.
    pub reason: &'static str,
}

/// A built-in error handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// Raise.
    Strict,
    /// Leave out.
    Ignore,
    /// U+FFFD when decoding, `?` when encoding.
    Replace,
    /// `\xhh` and its like.
    BackslashReplace,
    /// `&#ddd;`; for encoding only.
    XmlCharRefReplace,
    /// Bytes 80..FF as U+DC80..U+DCFF, and back.
    SurrogateEscape,
    /// Surrogates as if they were characters.
    SurrogatePass,
}

impl Errors {
    /// The handler of a name; `None` for names that only a registry may know.
    pub fn from_name(name: &str) -> Option<Errors> {
        Some(match name {
            "strict" => Errors::Strict,
            "ignore" => Errors::Ignore,
            "replace" => Errors::Replace,
            "backslashreplace" => Errors::BackslashReplace,
            "xmlcharrefreplace" => Errors::XmlCharRefReplace,
            "surrogateescape" => Errors::SurrogateEscape,
            "surrogatepass" => Errors::SurrogatePass,
            _ => return None,
        })
    }
}

// ---- decoding --------------------------------------------------------------------------------

/// Decodes bytes with a built-in handler.
pub fn decode(codec: Codec, bytes: &[u8], errors: Errors) -> Result<Wtf8Buf, CodecError> {
    decode_with(codec, bytes, |error, out| {
        handle_decode(bytes, error, errors, out)
    })
}

/// Decodes bytes; `handle` appends a replacement and returns the byte offset to go on from.
pub fn decode_with<E>(
    codec: Codec,
    bytes: &[u8],
    mut handle: impl FnMut(CodecError, &mut Wtf8Buf) -> Result<usize, E>,
) -> Result<Wtf8Buf, E> {
    let mut out = Wtf8Buf::with_capacity(bytes.len() / codec.unit());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let stop = match codec {
            Codec::Utf8 => decode_utf8(rest, &mut out),
            Codec::Ascii => decode_ascii(rest, &mut out),
            Codec::Latin1 => {
                out.extend_points(rest.iter().map(|&byte| byte.into()));
                None
            }
            Codec::Utf16Le | Codec::Utf16Be => decode_utf16(rest, codec.is_big(), &mut out),
            Codec::Utf32Le | Codec::Utf32Be => decode_utf32(rest, codec.is_big(), &mut out),
        };
        let Some((start, end, reason)) = stop else {
            break;
        };
        at = handle(
            CodecError {
                codec,
                start: at + start,
                end: at + end,
                reason,
            },
            &mut out,
        )?;
    }
    Ok(out)
}

/// How many bytes at the end are the start of a UTF-8 character still to come.
pub fn utf8_incomplete_tail(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    (0..tail.len())
        .find(|&at| matches!(core::str::from_utf8(&tail[at..]), Err(error) if error.valid_up_to() == 0 && error.error_len().is_none()))
        .map_or(0, |at| tail.len() - at)
}

type Stop = Option<(usize, usize, &'static str)>;

fn decode_utf8(bytes: &[u8], out: &mut Wtf8Buf) -> Stop {
    let error = match core::str::from_utf8(bytes) {
        Ok(text) => {
            out.push_str(text);
            return None;
        }
        Err(error) => error,
    };
    let start = error.valid_up_to();
    // SAFETY: the bytes before the error are UTF-8.
    out.push_wtf8(unsafe { Wtf8::from_bytes_unchecked(&bytes[..start]) });
    Some(match error.error_len() {
        None => (start, bytes.len(), "unexpected end of data"),
        Some(_) if matches!(bytes[start], 0x80..=0xC1 | 0xF5..) => {
            (start, start + 1, "invalid start byte")
        }
        Some(len) => (start, start + len, "invalid continuation byte"),
    })
}

fn decode_ascii(bytes: &[u8], out: &mut Wtf8Buf) -> Stop {
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii())
        .unwrap_or(bytes.len());
    // SAFETY: ASCII is UTF-8.
    out.push_wtf8(unsafe { Wtf8::from_bytes_unchecked(&bytes[..end]) });
    (end < bytes.len()).then_some((end, end + 1, "ordinal not in range(128)"))
}

fn decode_utf16(bytes: &[u8], big: bool, out: &mut Wtf8Buf) -> Stop {
    let mut at = 0;
    while at < bytes.len() {
        let Some(unit) = read_u16(bytes, at, big) else {
            return Some((at, bytes.len(), "truncated data"));
        };
        match unit {
            0xD800..=0xDBFF => match read_u16(bytes, at + 2, big) {
                Some(low @ 0xDC00..=0xDFFF) => {
                    out.push(0x1_0000 + ((unit - 0xD800) << 10 | (low - 0xDC00)));
                    at += 2;
                }
                Some(_) => return Some((at, at + 2, "illegal UTF-16 surrogate")),
                None => return Some((at, bytes.len(), "unexpected end of data")),
            },
            0xDC00..=0xDFFF => return Some((at, at + 2, "illegal encoding")),
            _ => out.extend_points([unit]),
        }
        at += 2;
    }
    None
}

fn decode_utf32(bytes: &[u8], big: bool, out: &mut Wtf8Buf) -> Stop {
    for (index, chunk) in bytes.chunks(4).enumerate() {
        let at = index * 4;
        let Some(point) = read_u32(chunk, big) else {
            return Some((at, bytes.len(), "truncated data"));
        };
        if (0xD800..0xE000).contains(&point) {
            return Some((
                at,
                at + 4,
                "code point in surrogate code point range(0xd800, 0xe000)",
            ));
        }
        if !out.push(point) {
            return Some((at, at + 4, "code point not in range(0x110000)"));
        }
    }
    None
}

/// What a built-in handler does about bytes that do not fit.
pub fn handle_decode(
    bytes: &[u8],
    error: CodecError,
    errors: Errors,
    out: &mut Wtf8Buf,
) -> Result<usize, CodecError> {
    let bad = &bytes[error.start..error.end];
    match errors {
        Errors::Ignore => Ok(error.end),
        Errors::Replace => {
            out.push(0xFFFD);
            Ok(error.end)
        }
        Errors::BackslashReplace => {
            bad.iter().for_each(|&byte| push_escape(out, byte.into()));
            Ok(error.end)
        }
        Errors::SurrogateEscape => {
            let high = bad.iter().take(4).take_while(|byte| !byte.is_ascii());
            let count = high.map(|&byte| out.push(0xDC00 + u32::from(byte))).count();
            if count == 0 {
                Err(error)
            } else {
                Ok(error.start + count)
            }
        }
        Errors::SurrogatePass => {
            let rest = &bytes[error.start..];
            let (point, len) = match (error.codec, rest) {
                (Codec::Utf8, &[0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, ..]) => {
                    (0xD000 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F), 3)
                }
                (Codec::Utf16Le | Codec::Utf16Be, _) => {
                    (read_u16(rest, 0, error.codec.is_big()).ok_or(error)?, 2)
                }
                (Codec::Utf32Le | Codec::Utf32Be, _) => (
                    rest.get(..4)
                        .and_then(|unit| read_u32(unit, error.codec.is_big()))
                        .ok_or(error)?,
                    4,
                ),
                _ => return Err(error),
            };
            if !(0xD800..0xE000).contains(&point) {
                return Err(error);
            }
            out.push(point);
            Ok(error.start + len)
        }
        Errors::Strict | Errors::XmlCharRefReplace => Err(error),
    }
}

fn read_u16(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let unit: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(
        if big {
            u16::from_be_bytes(unit)
        } else {
            u16::from_le_bytes(unit)
        }
        .into(),
    )
}

fn read_u32(bytes: &[u8], big: bool) -> Option<u32> {
    let unit: [u8; 4] = bytes.try_into().ok()?;
    Some(if big {
        u32::from_be_bytes(unit)
    } else {
        u32::from_le_bytes(unit)
    })
}

// ---- encoding --------------------------------------------------------------------------------

/// What an encoding handler puts in place of the code points that do not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Text, to be encoded itself.
    Text(Wtf8Buf),
    /// Finished bytes.
    Bytes(Vec<u8>),
}

/// Encodes text with a built-in handler.
pub fn encode(codec: Codec, text: &Wtf8, errors: Errors) -> Result<Vec<u8>, CodecError> {
    if codec == Codec::Utf8 && text.to_str().is_some() || codec.unit() == 1 && text.is_ascii() {
        return Ok(text.as_bytes().to_vec());
    }
    encode_with(
        codec,
        text,
        |error| handle_encode(text, error, errors),
        |error| error,
    )
}

/// Encodes text; `handle` returns a replacement and the code point to go on from. A replacement
/// text that does not fit either raises the first error again, made by `raise`.
pub fn encode_with<E>(
    codec: Codec,
    text: &Wtf8,
    mut handle: impl FnMut(CodecError) -> Result<(Replacement, usize), E>,
    raise: impl Fn(CodecError) -> E,
) -> Result<Vec<u8>, E> {
    let points: Vec<u32> = text.code_points().collect();
    let mut out = Vec::with_capacity(points.len() * codec.unit());
    let mut at = 0;
    while at < points.len() {
        if push_encoded(codec, points[at], &mut out) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        // One-byte codecs and UTF-8 report a whole run at once.
        if codec.unit() == 1 {
            let mut scratch = Vec::new();
            end += points[end..]
                .iter()
                .take_while(|&&point| !push_encoded(codec, point, &mut scratch))
                .count();
        }
        let error = CodecError {
            codec,
            start: at,
            end,
            reason: reason(codec),
        };
        let (replacement, next) = handle(error)?;
        match replacement {
            Replacement::Bytes(bytes) => out.extend(bytes),
            Replacement::Text(text) => {
                if !text
                    .code_points()
                    .all(|point| push_encoded(codec, point, &mut out))
                {
                    return Err(raise(error));
                }
            }
        }
        at = next;
    }
    Ok(out)
}

fn reason(codec: Codec) -> &'static str {
    match codec {
        Codec::Ascii => "ordinal not in range(128)",
        Codec::Latin1 => "ordinal not in range(256)",
        _ => "surrogates not allowed",
    }
}

fn push_encoded(codec: Codec, point: u32, out: &mut Vec<u8>) -> bool {
    match codec {
        Codec::Ascii | Codec::Latin1 => {
            let limit = if codec == Codec::Ascii { 0x80 } else { 0x100 };
            if point < limit {
                out.push(point as u8);
            }
            point < limit
        }
        _ => match char::from_u32(point) {
            Some(c) => {
                push_char(codec, c, out);
                true
            }
            None => false,
        },
    }
}

fn push_char(codec: Codec, c: char, out: &mut Vec<u8>) {
    match codec {
        Codec::Utf16Le => c
            .encode_utf16(&mut [0; 2])
            .iter()
            .for_each(|unit| out.extend(unit.to_le_bytes())),
        Codec::Utf16Be => c
            .encode_utf16(&mut [0; 2])
            .iter()
            .for_each(|unit| out.extend(unit.to_be_bytes())),
        Codec::Utf32Le => out.extend(u32::from(c).to_le_bytes()),
        Codec::Utf32Be => out.extend(u32::from(c).to_be_bytes()),
        _ => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
    }
}

/// What a built-in handler does about code points that do not fit.
pub fn handle_encode(
    text: &Wtf8,
    error: CodecError,
    errors: Errors,
) -> Result<(Replacement, usize), CodecError> {
    let bad: Vec<u32> = text
        .slice(error.start, error.end, false)
        .code_points()
        .collect();
    let mut shown = Wtf8Buf::new();
    match errors {
        Errors::Strict => return Err(error),
        Errors::Ignore => {}
        Errors::Replace => shown.push_repeated('?'.into(), bad.len()),
        Errors::BackslashReplace => bad.iter().for_each(|&point| push_escape(&mut shown, point)),
        Errors::XmlCharRefReplace => bad
            .iter()
            .for_each(|point| shown.push_str(&format!("&#{point};"))),
        Errors::SurrogateEscape => {
            let bytes: Option<Vec<u8>> = bad
                .iter()
                .map(|&point| (0xDC80..=0xDCFF).contains(&point).then_some(point as u8))
                .collect();
            // A lone byte cannot stand among wider units.
            let bytes = bytes.filter(|_| error.codec.unit() == 1).ok_or(error)?;
            return Ok((Replacement::Bytes(bytes), error.end));
        }
        Errors::SurrogatePass => {
            let mut bytes = Vec::new();
            for &point in &bad {
                if !(0xD800..0xE000).contains(&point)
                    || matches!(error.codec, Codec::Ascii | Codec::Latin1)
                {
                    return Err(error);
                }
                match error.codec {
                    Codec::Utf16Le => bytes.extend((point as u16).to_le_bytes()),
                    Codec::Utf16Be => bytes.extend((point as u16).to_be_bytes()),
                    Codec::Utf32Le => bytes.extend(point.to_le_bytes()),
                    Codec::Utf32Be => bytes.extend(point.to_be_bytes()),
                    _ => bytes.extend([
                        0xED,
                        0x80 | (point >> 6 & 0x3F) as u8,
                        0x80 | (point & 0x3F) as u8,
                    ]),
                }
            }
            return Ok((Replacement::Bytes(bytes), error.end));
        }
    }
    Ok((Replacement::Text(shown), error.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_errors_and_handlers() {
        for (bytes, start, end, reason, escaped) in [
            (&b"\xff"[..], 0, 1, "invalid start byte", 1),
            (b"a\xc3", 1, 2, "unexpected end of data", 2),
            (b"\xe2\x82", 0, 2, "unexpected end of data", 2),
            (b"\xe2\x28\xa1", 0, 1, "invalid continuation byte", 3),
            (b"\xed\xa0\x80", 0, 1, "invalid continuation byte", 3),
            (b"\xf0\x90\x28", 0, 2, "invalid continuation byte", 3),
            (b"\xc0\x80", 0, 1, "invalid start byte", 2),
            (b"\xf4\x90\x80\x80", 0, 1, "invalid continuation byte", 4),
        ] {
            assert_eq!(
                decode(Codec::Utf8, bytes, Errors::Strict),
                Err(CodecError {
                    codec: Codec::Utf8,
                    start,
                    end,
                    reason
                })
            );
            let text = decode(Codec::Utf8, bytes, Errors::SurrogateEscape).unwrap();
            assert_eq!(text.char_count(), escaped);
            assert_eq!(
                encode(Codec::Utf8, &text, Errors::SurrogateEscape).unwrap(),
                bytes
            );
        }
        assert_eq!(
            decode(Codec::Utf8, b"\xf0\x9f\x98", Errors::Replace).unwrap(),
            "\u{fffd}"
        );
        assert_eq!(
            decode(Codec::Utf8, b"\xe2\x82x", Errors::BackslashReplace).unwrap(),
            "\\xe2\\x82x"
        );
        let lone = decode(Codec::Utf8, b"\xed\xa0\x80x", Errors::SurrogatePass).unwrap();
        assert_eq!(lone.code_points().next(), Some(0xD800));
        assert_eq!(
            encode(Codec::Utf8, &lone, Errors::XmlCharRefReplace).unwrap(),
            b"&#55296;x"
        );
        assert_eq!(
            encode(Codec::Utf8, &lone, Errors::Strict)
                .unwrap_err()
                .reason,
            "surrogates not allowed"
        );
        assert_eq!(utf8_incomplete_tail("a€".as_bytes()), 0);
        assert_eq!(utf8_incomplete_tail(b"a\xe2\x82"), 2);
    }

    #[test]
    fn wide_codecs() {
        assert_eq!(
            decode(Codec::Utf16Be, b"\xd8\x00\xdc\x00", Errors::Strict).unwrap(),
            "\u{10000}"
        );
        for (bytes, start, end, reason) in [
            (&b"\x00\xd8"[..], 0, 2, "unexpected end of data"),
            (b"\x00\xd8a\x00", 0, 2, "illegal UTF-16 surrogate"),
            (b"\x00\xdc", 0, 2, "illegal encoding"),
            (b"a\x00b", 2, 3, "truncated data"),
            (b"\x00\xd8\x00", 0, 3, "unexpected end of data"),
        ] {
            assert_eq!(
                decode(Codec::Utf16Le, bytes, Errors::Strict),
                Err(CodecError {
                    codec: Codec::Utf16Le,
                    start,
                    end,
                    reason
                })
            );
        }
        assert_eq!(
            decode(Codec::Utf32Le, b"\0\0\x11\0", Errors::Strict)
                .unwrap_err()
                .reason,
            "code point not in range(0x110000)"
        );
        assert_eq!(
            encode(Codec::Utf16Le, Wtf8::from_str("a😀"), Errors::Strict).unwrap(),
            b"a\0\x3d\xd8\x00\xde"
        );
        assert_eq!(Codec::utf16_by_mark(b"\xfe\xff\x00a"), (Codec::Utf16Be, 2));
        let error = encode(Codec::Ascii, Wtf8::from_str("aé€"), Errors::Strict).unwrap_err();
        assert_eq!(
            (error.start, error.end, error.reason),
            (1, 3, "ordinal not in range(128)")
        );
        assert_eq!(
            encode(
                Codec::Latin1,
                Wtf8::from_str("é€x"),
                Errors::BackslashReplace
            )
            .unwrap(),
            b"\xe9\\u20acx"
        );
    }
}
