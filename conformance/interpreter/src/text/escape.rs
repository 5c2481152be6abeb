//! Backslash escapes: the `unicode_escape` codec and the escapes of `bytes` literals.

use super::str_repr::push_escape;
use super::wtf8::Wtf8Buf;
use crate::prelude::*;

/// An escape that does not read: bytes `start..end` of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscapeError {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Why.
    pub reason: &'static str,
}

/// Decodes `unicode_escape`: bytes are Latin-1 apart from escapes. `name` looks up `\N{…}`; `bad`
/// handles an error by appending something and returning where to go on, as for codecs.
pub fn decode_unicode<E>(
    bytes: &[u8],
    name: impl Fn(&str) -> Option<char>,
    mut bad: impl FnMut(EscapeError, &mut Wtf8Buf) -> Result<usize, E>,
) -> Result<Wtf8Buf, E> {
    let mut out = Wtf8Buf::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            out.push(bytes[at].into());
            at += 1;
            continue;
        }
        at = match unicode_escape(bytes, at, &name, &mut out) {
            Ok(next) => next,
            Err((end, reason)) => bad(
                EscapeError {
                    start: at,
                    end,
                    reason,
                },
                &mut out,
            )?,
        };
    }
    Ok(out)
}

fn unicode_escape(
    bytes: &[u8],
    start: usize,
    name: &impl Fn(&str) -> Option<char>,
    out: &mut Wtf8Buf,
) -> Result<usize, (usize, &'static str)> {
    let at = start + 1;
    let Some(&letter) = bytes.get(at) else {
        return Err((at, "\\ at end of string"));
    };
    if let Some(plain) = simple(letter) {
        out.extend_points(plain.map(u32::from));
        return Ok(at + 1);
    }
    let (digits, reason) = match letter {
        b'0'..=b'7' => {
            let (value, end) = octal(bytes, at);
            out.push(value);
            return Ok(end);
        }
        b'x' => (2, "truncated \\xXX escape"),
        b'u' => (4, "truncated \\uXXXX escape"),
        b'U' => (8, "truncated \\UXXXXXXXX escape"),
        b'N' => {
            const MALFORMED: &str = "malformed \\N character escape";
            if bytes.get(at + 1) != Some(&b'{') {
                return Err((at + 1, MALFORMED));
            }
            let inside = &bytes[at + 2..];
            let Some(len) = inside.iter().position(|&byte| byte == b'}') else {
                return Err((bytes.len(), MALFORMED));
            };
            let end = at + 3 + len;
            if len == 0 {
                return Err((end, MALFORMED));
            }
            let found = core::str::from_utf8(&inside[..len]).ok().and_then(name);
            out.push_char(found.ok_or((end, "unknown Unicode character name"))?);
            return Ok(end);
        }
        _ => {
            out.extend_points([u32::from(b'\\'), letter.into()]);
            return Ok(at + 1);
        }
    };
    let (value, read) = hex(&bytes[at + 1..], digits);
    let end = at + 1 + read;
    if read < digits {
        return Err((end, reason));
    }
    if out.push(value) {
        Ok(end)
    } else {
        Err((end, "illegal Unicode character"))
    }
}

/// Encodes `unicode_escape`: everything but printable ASCII is escaped.
pub fn encode_unicode(text: &super::wtf8::Wtf8) -> Vec<u8> {
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    for point in text.code_points() {
        match point {
            0x5C => out.push_str("\\\\"),
            0x9 => out.push_str("\\t"),
            0xA => out.push_str("\\n"),
            0xD => out.push_str("\\r"),
            0x20..=0x7E => out.extend_points([point]),
            _ => push_escape(&mut out, point),
        }
    }
    out.into_bytes()
}

/// Decodes the escapes of a `bytes` literal (`codecs.escape_decode`).
pub fn decode_bytes(bytes: &[u8]) -> Result<Vec<u8>, EscapeError> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        let start = at;
        at += 1;
        let Some(&letter) = bytes.get(at) else {
            return Err(EscapeError {
                start,
                end: at,
                reason: "Trailing \\ in string",
            });
        };
        match letter {
            b'0'..=b'7' => {
                let (value, end) = octal(bytes, at);
                out.push(value as u8);
                at = end;
                continue;
            }
            b'x' => {
                let (value, read) = hex(&bytes[at + 1..], 2);
                at += 1 + read;
                if read < 2 {
                    return Err(EscapeError {
                        start,
                        end: at,
                        reason: "invalid \\x escape",
                    });
                }
                out.push(value as u8);
                continue;
            }
            _ => match simple(letter) {
                Some(plain) => out.extend(plain),
                None => out.extend([b'\\', letter]),
            },
        }
        at += 1;
    }
    Ok(out)
}

/// What a one-letter escape stands for: nothing for a line end, else one byte.
fn simple(letter: u8) -> Option<impl Iterator<Item = u8>> {
    let byte = match letter {
        b'\n' => None,
        b'\\' | b'\'' | b'"' => Some(letter),
        b'a' => Some(7),
        b'b' => Some(8),
        b'f' => Some(12),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'v' => Some(11),
        _ => return None,
    };
    Some(byte.into_iter())
}

fn octal(bytes: &[u8], at: usize) -> (u32, usize) {
    let digits = bytes[at..]
        .iter()
        .take(3)
        .take_while(|byte| matches!(byte, b'0'..=b'7'));
    digits.fold((0, at), |(value, end), byte| {
        (value * 8 + u32::from(byte - b'0'), end + 1)
    })
}

/// The value of up to `most` digits, and how many there were.
fn hex(bytes: &[u8], most: usize) -> (u32, usize) {
    let digits = bytes
        .iter()
        .take(most)
        .map_while(|&byte| char::from(byte).to_digit(16));
    digits.fold((0, 0), |(value, read), digit| {
        (value << 4 | digit, read + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(bytes: &[u8]) -> Result<Wtf8Buf, EscapeError> {
        let name = |name: &str| (name == "DIGIT ONE").then_some('1');
        decode_unicode(bytes, name, |error, _| Err(error))
    }

    #[test]
    fn text() {
        assert_eq!(d(b"a\\q\\777\\08\\n\\\nx").unwrap(), "a\\q\u{1ff}\u{0}8\nx");
        assert_eq!(
            d(b"\\N{DIGIT ONE}\xe9\\t\\u20ac\\U0001F600").unwrap(),
            "1é\t€😀"
        );
        for (bytes, end, reason) in [
            (&b"\\x4"[..], 3, "truncated \\xXX escape"),
            (b"\\u12", 4, "truncated \\uXXXX escape"),
            (b"\\N{zzz}", 7, "unknown Unicode character name"),
            (b"\\N", 2, "malformed \\N character escape"),
            (b"\\N{", 3, "malformed \\N character escape"),
            (b"\\U00110000", 10, "illegal Unicode character"),
            (b"\\", 1, "\\ at end of string"),
        ] {
            assert_eq!(
                d(bytes),
                Err(EscapeError {
                    start: 0,
                    end,
                    reason
                })
            );
        }
        assert_eq!(encode_unicode("é\n\\😀".into()), b"\\xe9\\n\\\\\\U0001f600");
    }

    #[test]
    fn bytes() {
        assert_eq!(
            decode_bytes(b"a\\q\\777\\08\\n\\\nx"),
            Ok(b"a\\q\xff\x008\nx".to_vec())
        );
        assert_eq!(
            decode_bytes(b"\\x4").unwrap_err().reason,
            "invalid \\x escape"
        );
        assert_eq!(
            decode_bytes(b"\\").unwrap_err().reason,
            "Trailing \\ in string"
        );
    }
}
