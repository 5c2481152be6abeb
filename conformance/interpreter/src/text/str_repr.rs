//! `repr` and `ascii` of strings and bytes.

use super::unicode::is_printable;
use super::wtf8::{Wtf8, Wtf8Buf};
use crate::prelude::*;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// `repr(str)`.
pub fn repr(text: &Wtf8) -> Wtf8Buf {
    quoted(text, is_printable)
}

/// `ascii(str)`.
pub fn ascii(text: &Wtf8) -> Wtf8Buf {
    quoted(text, |point| matches!(point, 0x20..=0x7E))
}

/// `repr(str)` for a message: surrogates are always escaped, so the result is a `String`.
pub fn repr_string(text: &Wtf8) -> String {
    repr(text).to_string_lossy()
}

/// How long `repr(bytes)` is, at least if more than one apostrophe or quotation mark is escaped.
pub fn bytes_repr_len(bytes: &[u8]) -> usize {
    let escaped = |&byte: &u8| match byte {
        b'\\' | b'\t' | b'\n' | b'\r' => 2,
        0x20..=0x7E => 1,
        _ => 4,
    };
    bytes.iter().map(escaped).sum::<usize>() + 3
}

/// `repr(bytes)`, with `b` before the quotes.
pub fn bytes_repr(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes_repr_len(bytes));
    out.push('b');
    let quote = pick_quote(bytes);
    out.push(quote);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            _ if byte == quote as u8 => out.extend(['\\', quote]),
            0x20..=0x7E => out.push(byte.into()),
            _ => {
                out.push_str("\\x");
                push_hex(|c| out.push(c), byte.into(), 2);
            }
        }
    }
    out.push(quote);
    out
}

/// Appends the shortest of `\xhh`, `\uhhhh` and `\Uhhhhhhhh`.
pub fn push_escape(out: &mut Wtf8Buf, point: u32) {
    let (letter, digits) = match point {
        ..0x100 => ('x', 2),
        0x100..0x1_0000 => ('u', 4),
        _ => ('U', 8),
    };
    out.push_char('\\');
    out.push_char(letter);
    push_hex(|c| out.push_char(c), point, digits);
}

fn push_hex(mut push: impl FnMut(char), value: u32, digits: u32) {
    for digit in (0..digits).rev() {
        push(HEX[(value >> (4 * digit) & 0xF) as usize].into());
    }
}

fn quoted(text: &Wtf8, shown: impl Fn(u32) -> bool) -> Wtf8Buf {
    let mut out = Wtf8Buf::with_capacity(text.byte_len() + 2);
    let quote = pick_quote(text.as_bytes());
    out.push_char(quote);
    for point in text.code_points() {
        match point {
            0x5C => out.push_str("\\\\"),
            0x9 => out.push_str("\\t"),
            0xA => out.push_str("\\n"),
            0xD => out.push_str("\\r"),
            _ if point == quote as u32 => {
                out.push_char('\\');
                out.push_char(quote);
            }
            _ if shown(point) => {
                out.push(point);
            }
            _ => push_escape(&mut out, point),
        }
    }
    out.push_char(quote);
    out
}

/// Double quotes only where they save escapes.
fn pick_quote(bytes: &[u8]) -> char {
    if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes() {
        let r = |text: &str| repr_string(Wtf8::from_str(text));
        assert_eq!(r("it's"), r#""it's""#);
        assert_eq!(r("it's \"q\""), r#"'it\'s "q"'"#);
        assert_eq!(
            r("\t\n\r\\\x00\x7f\u{a0}é\u{ad}\u{2028}😀\u{e0001}"),
            r"'\t\n\r\\\x00\x7f\xa0é\xad\u2028😀\U000e0001'"
        );
        let lone: Wtf8Buf = [0xD800].into_iter().collect();
        assert_eq!(repr_string(&lone), r"'\ud800'");
        assert_eq!(ascii(Wtf8::from_str("é€😀a")), r"'\xe9\u20ac\U0001f600a'");
        assert_eq!(bytes_repr(b"a'\"\\\x00\xff\n"), r#"b'a\'"\\\x00\xff\n'"#);
        assert_eq!(bytes_repr(b"'"), r#"b"'""#);
    }
}
