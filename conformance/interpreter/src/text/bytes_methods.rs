//! The methods of `bytes` and `bytearray`: those of `str` on bytes, with ASCII's letters and spaces.

use super::fault::Fault;
use super::str_methods::{clamp_range, for_each_match};
use super::wtf8::{Wtf8, find_bytes, rfind_bytes};
use crate::prelude::*;

// ---- splitting and stripping -----------------------------------------------------------------

/// White space in `bytes`.
#[inline]
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// `bytes.split()`: at runs of white space, `max` times at most.
pub fn split_whitespace(bytes: &[u8], max: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = strip_start(bytes);
    while !rest.is_empty() {
        if pieces.len() == max {
            pieces.push(rest);
            break;
        }
        let end = rest
            .iter()
            .position(|&byte| is_space(byte))
            .unwrap_or(rest.len());
        pieces.push(&rest[..end]);
        rest = strip_start(&rest[end..]);
    }
    pieces
}

/// `bytes.rsplit()`.
pub fn rsplit_whitespace(bytes: &[u8], max: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = strip_end(bytes);
    while !rest.is_empty() {
        if pieces.len() == max {
            pieces.push(rest);
            break;
        }
        let start = rest
            .iter()
            .rposition(|&byte| is_space(byte))
            .map_or(0, |at| at + 1);
        pieces.push(&rest[start..]);
        rest = strip_end(&rest[..start]);
    }
    pieces.reverse();
    pieces
}

/// `bytes.split(sep)`; `sep` is not empty.
pub fn split<'a>(bytes: &'a [u8], sep: &[u8], max: usize) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for_each_match(bytes, sep, max, |at| {
        pieces.push(&bytes[from..at]);
        from = at + sep.len();
    });
    pieces.push(&bytes[from..]);
    pieces
}

/// `bytes.rsplit(sep)`; `sep` is not empty.
pub fn rsplit<'a>(bytes: &'a [u8], sep: &[u8], max: usize) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while pieces.len() < max {
        let Some(at) = rfind_bytes(rest, sep) else {
            break;
        };
        pieces.push(&rest[at + sep.len()..]);
        rest = &rest[..at];
    }
    pieces.push(rest);
    pieces.reverse();
    pieces
}

/// `bytes.splitlines`: at `\n`, `\r` and `\r\n` only.
pub fn splitlines(bytes: &[u8], keep_ends: bool) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(end) = memchr::memchr2(b'\n', b'\r', rest) else {
            lines.push(rest);
            break;
        };
        let next = end
            + if rest[end..].starts_with(b"\r\n") {
                2
            } else {
                1
            };
        lines.push(&rest[..if keep_ends { next } else { end }]);
        rest = &rest[next..];
    }
    lines
}

/// `bytes.partition`; `sep` is not empty.
pub fn partition<'a>(bytes: &'a [u8], sep: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    find_bytes(bytes, sep).map(|at| (&bytes[..at], &bytes[at + sep.len()..]))
}

/// `bytes.rpartition`; `sep` is not empty.
pub fn rpartition<'a>(bytes: &'a [u8], sep: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    rfind_bytes(bytes, sep).map(|at| (&bytes[..at], &bytes[at + sep.len()..]))
}

/// `bytes.lstrip()`.
pub fn strip_start(bytes: &[u8]) -> &[u8] {
    &bytes[bytes
        .iter()
        .position(|&byte| !is_space(byte))
        .unwrap_or(bytes.len())..]
}

/// `bytes.rstrip()`.
pub fn strip_end(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes
        .iter()
        .rposition(|&byte| !is_space(byte))
        .map_or(0, |at| at + 1)]
}

/// `bytes.strip()`.
pub fn strip(bytes: &[u8]) -> &[u8] {
    strip_end(strip_start(bytes))
}

/// `bytes.lstrip(set)`.
pub fn strip_start_bytes<'a>(bytes: &'a [u8], set: &[u8]) -> &'a [u8] {
    &bytes[bytes
        .iter()
        .position(|byte| !set.contains(byte))
        .unwrap_or(bytes.len())..]
}

/// `bytes.rstrip(set)`.
pub fn strip_end_bytes<'a>(bytes: &'a [u8], set: &[u8]) -> &'a [u8] {
    &bytes[..bytes
        .iter()
        .rposition(|byte| !set.contains(byte))
        .map_or(0, |at| at + 1)]
}

/// `bytes.strip(set)`.
pub fn strip_bytes<'a>(bytes: &'a [u8], set: &[u8]) -> &'a [u8] {
    strip_end_bytes(strip_start_bytes(bytes, set), set)
}

// ---- searching -------------------------------------------------------------------------------

/// `bytes.find` within `start..end` as the arguments gave them.
pub fn find(bytes: &[u8], needle: &[u8], start: isize, end: isize) -> Option<usize> {
    let (start, end) = clamp_range(start, end, bytes.len())?;
    find_bytes(&bytes[start..end], needle).map(|at| start + at)
}

/// `bytes.rfind` within `start..end`.
pub fn rfind(bytes: &[u8], needle: &[u8], start: isize, end: isize) -> Option<usize> {
    let (start, end) = clamp_range(start, end, bytes.len())?;
    rfind_bytes(&bytes[start..end], needle).map(|at| start + at)
}

/// `bytes.count` within `start..end`.
pub fn count(bytes: &[u8], needle: &[u8], start: isize, end: isize) -> usize {
    let Some((start, end)) = clamp_range(start, end, bytes.len()) else {
        return 0;
    };
    if needle.is_empty() {
        return end - start + 1;
    }
    let mut total = 0;
    for_each_match(&bytes[start..end], needle, usize::MAX, |_| total += 1);
    total
}

/// `bytes.startswith` within `start..end`.
pub fn startswith(bytes: &[u8], prefix: &[u8], start: isize, end: isize) -> bool {
    clamp_range(start, end, bytes.len())
        .is_some_and(|(start, end)| bytes[start..end].starts_with(prefix))
}

/// `bytes.endswith` within `start..end`.
pub fn endswith(bytes: &[u8], suffix: &[u8], start: isize, end: isize) -> bool {
    clamp_range(start, end, bytes.len())
        .is_some_and(|(start, end)| bytes[start..end].ends_with(suffix))
}

// ---- building --------------------------------------------------------------------------------

/// `bytes.replace`, `max` times at most.
pub fn replace(bytes: &[u8], old: &[u8], new: &[u8], max: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    if old.is_empty() {
        for (done, &byte) in bytes.iter().enumerate() {
            if done < max {
                out.extend_from_slice(new);
            }
            out.push(byte);
        }
        if bytes.len() < max {
            out.extend_from_slice(new);
        }
        return out;
    }
    let mut from = 0;
    for_each_match(bytes, old, max, |at| {
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(new);
        from = at + old.len();
    });
    out.extend_from_slice(&bytes[from..]);
    out
}

/// `bytes.ljust`.
pub fn ljust(bytes: &[u8], width: usize, fill: u8) -> Vec<u8> {
    pad(bytes, 0, width.saturating_sub(bytes.len()), fill)
}

/// `bytes.rjust`.
pub fn rjust(bytes: &[u8], width: usize, fill: u8) -> Vec<u8> {
    pad(bytes, width.saturating_sub(bytes.len()), 0, fill)
}

/// `bytes.center`.
pub fn center(bytes: &[u8], width: usize, fill: u8) -> Vec<u8> {
    let room = width.saturating_sub(bytes.len());
    let left = room / 2 + (room & width & 1);
    pad(bytes, left, room - left, fill)
}

/// `bytes.zfill`.
pub fn zfill(bytes: &[u8], width: usize) -> Vec<u8> {
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let room = width.saturating_sub(bytes.len());
    [&bytes[..sign], &vec![b'0'; room], &bytes[sign..]].concat()
}

/// `bytes.expandtabs`.
pub fn expandtabs(bytes: &[u8], tab_size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut column = 0;
    for &byte in bytes {
        if byte == b'\t' {
            if tab_size > 0 {
                let step = tab_size - column % tab_size;
                column += step;
                out.resize(out.len() + step, b' ');
            }
            continue;
        }
        column = if matches!(byte, b'\n' | b'\r') {
            0
        } else {
            column + 1
        };
        out.push(byte);
    }
    out
}

/// `bytes.translate`.
pub fn translate(bytes: &[u8], table: Option<&[u8; 256]>, delete: &[u8]) -> Vec<u8> {
    let kept = bytes.iter().filter(|byte| !delete.contains(byte));
    kept.map(|&byte| table.map_or(byte, |table| table[usize::from(byte)]))
        .collect()
}

/// `bytes.join`.
pub fn join<'a>(separator: &[u8], pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, piece) in pieces.enumerate() {
        if index > 0 {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(piece);
    }
    out
}

// ---- case and predicates ---------------------------------------------------------------------

/// `bytes.title`.
pub fn title(bytes: &[u8]) -> Vec<u8> {
    let mut inside = false;
    let each = bytes.iter().map(|byte| {
        let cased = if inside {
            byte.to_ascii_lowercase()
        } else {
            byte.to_ascii_uppercase()
        };
        inside = byte.is_ascii_alphabetic();
        cased
    });
    each.collect()
}

/// `bytes.capitalize`.
pub fn capitalize(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_ascii_lowercase();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

/// `bytes.swapcase`.
pub fn swapcase(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .map(|byte| {
            if byte.is_ascii_alphabetic() {
                byte ^ 0x20
            } else {
                *byte
            }
        })
        .collect()
}

/// `bytes.isalpha`.
pub fn isalpha(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_alphabetic)
}

/// `bytes.isdigit`.
pub fn isdigit(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// `bytes.isalnum`.
pub fn isalnum(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_alphanumeric)
}

/// `bytes.isspace`.
pub fn isspace(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_space(byte))
}

/// `bytes.islower`.
pub fn islower(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase)
}

/// `bytes.isupper`.
pub fn isupper(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase)
}

/// `bytes.istitle`.
pub fn istitle(bytes: &[u8]) -> bool {
    let (mut any, mut inside) = (false, false);
    for byte in bytes {
        if byte.is_ascii_alphabetic() {
            if byte.is_ascii_uppercase() == inside {
                return false;
            }
            any = true;
        }
        inside = byte.is_ascii_alphabetic();
    }
    any
}

// ---- hexadecimal -----------------------------------------------------------------------------

/// `bytes.hex(sep, group)`: groups count from the right, or from the left if `group` is negative.
pub fn hex(bytes: &[u8], separator: Option<u8>, group: isize) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let size = group.unsigned_abs();
    let mut out = String::with_capacity(bytes.len() * 2);
    for (index, &byte) in bytes.iter().enumerate() {
        if let Some(separator) = separator
            && index > 0
            && size > 0
        {
            let from_edge = if group > 0 {
                bytes.len() - index
            } else {
                index
            };
            if from_edge.is_multiple_of(size) {
                out.push(separator.into());
            }
        }
        out.push(DIGITS[usize::from(byte >> 4)].into());
        out.push(DIGITS[usize::from(byte & 15)].into());
    }
    out
}

/// `bytes.fromhex`: pairs of digits, white space between pairs.
pub fn from_hex(text: &Wtf8) -> Result<Vec<u8>, Fault> {
    let bad = |at: usize| {
        Fault::value(format!(
            "non-hexadecimal number found in fromhex() arg at position {at}"
        ))
    };
    // No digit at all comes before what is none.
    if let Some(at) = text.code_points().position(|point| point >= 0x80) {
        return Err(bad(at));
    }
    let mut out = Vec::with_capacity(text.byte_len() / 2);
    let mut points = text.code_points().enumerate();
    while let Some((at, point)) = points.next() {
        if point < 0x80 && is_space(point as u8) {
            continue;
        }
        let digit = |point: u32| char::from_u32(point).and_then(|c| c.to_digit(16));
        let high = digit(point).ok_or_else(|| bad(at))?;
        let Some((at, point)) = points.next() else {
            return Err(Fault::value(
                "fromhex() arg must contain an even number of hexadecimal digits",
            ));
        };
        let low = digit(point).ok_or_else(|| bad(at))?;
        out.push((high << 4 | low) as u8);
    }
    Ok(out)
}

fn pad(bytes: &[u8], left: usize, right: usize, fill: u8) -> Vec<u8> {
    let mut out = vec![fill; left];
    out.extend_from_slice(bytes);
    out.resize(left + bytes.len() + right, fill);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = usize::MAX;

    #[test]
    fn splitting_and_searching() {
        assert_eq!(split_whitespace(b" a b\x0bc ", MAX), [b"a", b"b", b"c"]);
        assert_eq!(rsplit_whitespace(b" a b  c ", 1), [&b" a b"[..], b"c"]);
        assert_eq!(split(b"a,b,,c", b",", 2), [&b"a"[..], b"b", b",c"]);
        assert_eq!(rsplit(b"a,b,,c", b",", 1), [&b"a,b,"[..], b"c"]);
        assert_eq!(
            splitlines(b"a\r\nb\x0bc\rd", false),
            [&b"a"[..], b"b\x0bc", b"d"]
        );
        assert_eq!(find(b"abcabc", b"c", -3, isize::MAX), Some(5));
        assert_eq!(count(b"aaaa", b"", 1, 3), 3);
        assert_eq!(replace(b"aXbX", b"X", b"--", 1), b"a--bX");
        assert_eq!(replace(b"ab", b"", b"-", MAX), b"-a-b-");
        assert_eq!(strip_bytes(b"xxaxx", b"x"), b"a");
    }

    #[test]
    fn case_and_padding() {
        assert_eq!(title(b"hello wORLD's 1a"), b"Hello World'S 1A");
        assert_eq!(capitalize(b"hELLO"), b"Hello");
        assert!(istitle(b"Hello World") && !istitle(b"HEllo") && !istitle(b"1"));
        assert_eq!(zfill(b"-5", 4), b"-005");
        assert_eq!(center(b"ab", 5, b'*'), b"**ab*");
        assert_eq!(translate(b"abc", None, b"b"), b"ac");
    }

    #[test]
    fn hexadecimal() {
        let bytes = [1, 2, 3, 4, 5];
        assert_eq!(hex(&bytes, None, 1), "0102030405");
        assert_eq!(hex(&bytes, Some(b':'), 2), "01:0203:0405");
        assert_eq!(hex(&bytes, Some(b':'), -2), "0102:0304:05");
        assert_eq!(hex(&bytes, Some(b':'), 0), "0102030405");
        let f = |text: &str| from_hex(Wtf8::from_str(text));
        assert_eq!(f(" ab\x0bCD "), Ok(vec![0xAB, 0xCD]));
        assert_eq!(
            f("1").unwrap_err().message,
            "fromhex() arg must contain an even number of hexadecimal digits"
        );
        assert_eq!(
            f("1g").unwrap_err().message,
            "non-hexadecimal number found in fromhex() arg at position 1"
        );
        assert_eq!(
            f("é1").unwrap_err().message,
            "non-hexadecimal number found in fromhex() arg at position 0"
        );
        assert_eq!(
            f("zzé").unwrap_err().message,
            "non-hexadecimal number found in fromhex() arg at position 2"
        );
        assert_eq!(
            f(" a b").unwrap_err().message,
            "non-hexadecimal number found in fromhex() arg at position 2"
        );
    }
}
