//! The methods of `str`: splitting, stripping, searching, replacing, padding, predicates.
//!
//! Pieces come back as slices of the receiver wherever they can. Positions are code points;
//! functions that need to know whether the receiver is ASCII take `ascii`, which the object keeps.

use super::unicode;
use super::wtf8::{Wtf8, Wtf8Buf};
use crate::prelude::*;

use memchr::memmem;

// ---- splitting -------------------------------------------------------------------------------

/// Room for the pieces of an ordinary line: growing a vector step by step takes the lock of the
/// system's allocator each time, and threads that split lines would wait for each other.
const PIECES: usize = 60;

/// `str.split()`: at runs of white space, `max` times at most.
pub fn split_whitespace(text: &Wtf8, max: usize) -> Vec<&Wtf8> {
    let mut pieces = Vec::with_capacity(PIECES.min(max.saturating_add(1)));
    if max == usize::MAX && text.is_ascii() {
        let words = text
            .as_bytes()
            .split(|byte| matches!(byte, b'\t'..=b'\r' | 0x1c..=b' '))
            .filter(|word| !word.is_empty());
        // SAFETY: parts of ASCII text are ASCII.
        pieces.extend(words.map(|word| unsafe { Wtf8::from_bytes_unchecked(word) }));
        return pieces;
    }
    let mut rest = strip_start(text);
    while !rest.is_empty() {
        if pieces.len() == max {
            pieces.push(rest);
            break;
        }
        let end = find_point(rest, unicode::is_space).unwrap_or(rest.byte_len());
        pieces.push(rest.byte_slice(0, end));
        rest = strip_start(rest.byte_tail(end));
    }
    pieces
}

/// `str.rsplit()`: [`split_whitespace`] from the end.
pub fn rsplit_whitespace(text: &Wtf8, max: usize) -> Vec<&Wtf8> {
    let mut pieces = Vec::new();
    let mut rest = strip_end(text);
    while !rest.is_empty() {
        if pieces.len() == max {
            pieces.push(rest);
            break;
        }
        let mut start = rest.byte_len();
        let mut points = rest.code_points();
        while points
            .next_back()
            .is_some_and(|point| !unicode::is_space(point))
        {
            start = points.as_wtf8().byte_len();
        }
        pieces.push(rest.byte_tail(start));
        rest = strip_end(rest.byte_slice(0, start));
    }
    pieces.reverse();
    pieces
}

/// `str.split(sep)`; `sep` is not empty.
pub fn split<'a>(text: &'a Wtf8, sep: &Wtf8, max: usize) -> Vec<&'a Wtf8> {
    let mut pieces = Vec::with_capacity(PIECES.min(max.saturating_add(1)));
    let mut from = 0;
    for_each_match(text.as_bytes(), sep.as_bytes(), max, |at| {
        pieces.push(text.byte_slice(from, at));
        from = at + sep.byte_len();
    });
    pieces.push(text.byte_tail(from));
    pieces
}

/// `str.rsplit(sep)`; `sep` is not empty.
pub fn rsplit<'a>(text: &'a Wtf8, sep: &Wtf8, max: usize) -> Vec<&'a Wtf8> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while pieces.len() < max {
        let Some(at) = rest.rfind(sep) else { break };
        pieces.push(rest.byte_tail(at + sep.byte_len()));
        rest = rest.byte_slice(0, at);
    }
    pieces.push(rest);
    pieces.reverse();
    pieces
}

/// `str.splitlines`.
pub fn splitlines(text: &Wtf8, keep_ends: bool) -> Vec<&Wtf8> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(end) = find_point(rest, unicode::is_line_break) else {
            lines.push(rest);
            break;
        };
        let mut points = rest.byte_tail(end).code_points();
        if points.next() == Some(0xD) && points.as_wtf8().as_bytes().first() == Some(&b'\n') {
            points.next();
        }
        let next = rest.byte_len() - points.as_wtf8().byte_len();
        lines.push(rest.byte_slice(0, if keep_ends { next } else { end }));
        rest = points.as_wtf8();
    }
    lines
}

/// `str.partition`; `sep` is not empty. The text alone when `sep` does not occur.
pub fn partition<'a>(text: &'a Wtf8, sep: &Wtf8) -> Option<(&'a Wtf8, &'a Wtf8)> {
    let at = text.find(sep)?;
    Some((text.byte_slice(0, at), text.byte_tail(at + sep.byte_len())))
}

/// `str.rpartition`; `sep` is not empty.
pub fn rpartition<'a>(text: &'a Wtf8, sep: &Wtf8) -> Option<(&'a Wtf8, &'a Wtf8)> {
    let at = text.rfind(sep)?;
    Some((text.byte_slice(0, at), text.byte_tail(at + sep.byte_len())))
}

// ---- stripping -------------------------------------------------------------------------------

/// `str.lstrip()`.
pub fn strip_start(text: &Wtf8) -> &Wtf8 {
    strip_start_matching(text, unicode::is_space)
}

/// `str.rstrip()`.
pub fn strip_end(text: &Wtf8) -> &Wtf8 {
    strip_end_matching(text, unicode::is_space)
}

/// `str.strip()`.
pub fn strip(text: &Wtf8) -> &Wtf8 {
    strip_end(strip_start(text))
}

/// `str.lstrip(chars)`.
pub fn strip_start_chars<'a>(text: &'a Wtf8, chars: &Wtf8) -> &'a Wtf8 {
    strip_start_matching(text, |point| chars.code_points().any(|c| c == point))
}

/// `str.rstrip(chars)`.
pub fn strip_end_chars<'a>(text: &'a Wtf8, chars: &Wtf8) -> &'a Wtf8 {
    strip_end_matching(text, |point| chars.code_points().any(|c| c == point))
}

/// `str.strip(chars)`.
pub fn strip_chars<'a>(text: &'a Wtf8, chars: &Wtf8) -> &'a Wtf8 {
    strip_end_chars(strip_start_chars(text, chars), chars)
}

/// `str.removeprefix`.
pub fn removeprefix<'a>(text: &'a Wtf8, prefix: &Wtf8) -> &'a Wtf8 {
    if text.as_bytes().starts_with(prefix.as_bytes()) {
        text.byte_tail(prefix.byte_len())
    } else {
        text
    }
}

/// `str.removesuffix`.
pub fn removesuffix<'a>(text: &'a Wtf8, suffix: &Wtf8) -> &'a Wtf8 {
    if text.as_bytes().ends_with(suffix.as_bytes()) {
        text.byte_slice(0, text.byte_len() - suffix.byte_len())
    } else {
        text
    }
}

// ---- searching -------------------------------------------------------------------------------

/// The range a method's `start` and `end` arguments mean, given the length: negative ones count
/// from the end. `None` when `start` lies past `end` even for an empty needle.
pub fn clamp_range(start: isize, end: isize, len: usize) -> Option<(usize, usize)> {
    let fix = |at: isize| {
        if at < 0 {
            at.saturating_add(len as isize).max(0) as usize
        } else {
            at as usize
        }
    };
    let (start, end) = (fix(start), fix(end).min(len));
    (start <= end).then_some((start, end))
}

/// `str.find` within code points `start..end` (as the arguments gave them).
pub fn find(text: &Wtf8, needle: &Wtf8, start: isize, end: isize, ascii: bool) -> Option<usize> {
    let (from, part) = range(text, start, end, ascii)?;
    let at = part.find(needle)?;
    Some(from + part.char_index(at, ascii))
}

/// `str.rfind` within code points `start..end`.
pub fn rfind(text: &Wtf8, needle: &Wtf8, start: isize, end: isize, ascii: bool) -> Option<usize> {
    let (from, part) = range(text, start, end, ascii)?;
    let at = part.rfind(needle)?;
    Some(from + part.char_index(at, ascii))
}

/// `str.count` within code points `start..end`.
pub fn count(text: &Wtf8, needle: &Wtf8, start: isize, end: isize, ascii: bool) -> usize {
    let Some((_, part)) = range(text, start, end, ascii) else {
        return 0;
    };
    if needle.is_empty() {
        return part.char_count() + 1;
    }
    let mut total = 0;
    for_each_match(part.as_bytes(), needle.as_bytes(), usize::MAX, |_| {
        total += 1
    });
    total
}

/// `str.startswith` within code points `start..end`.
pub fn startswith(text: &Wtf8, prefix: &Wtf8, start: isize, end: isize, ascii: bool) -> bool {
    range(text, start, end, ascii)
        .is_some_and(|(_, part)| part.as_bytes().starts_with(prefix.as_bytes()))
}

/// `str.endswith` within code points `start..end`.
pub fn endswith(text: &Wtf8, suffix: &Wtf8, start: isize, end: isize, ascii: bool) -> bool {
    range(text, start, end, ascii)
        .is_some_and(|(_, part)| part.as_bytes().ends_with(suffix.as_bytes()))
}

// ---- building --------------------------------------------------------------------------------

/// `str.replace`, `max` times at most; `None` when nothing changes.
pub fn replace(text: &Wtf8, old: &Wtf8, new: &Wtf8, max: usize) -> Option<Wtf8Buf> {
    if max == 0 || old == new {
        return None;
    }
    if old.is_empty() {
        let mut out = Wtf8Buf::with_capacity(text.byte_len() + new.byte_len());
        for (done, point) in text.code_points().enumerate() {
            if done < max {
                out.push_wtf8(new);
            }
            out.push(point);
        }
        if text.char_count() < max {
            out.push_wtf8(new);
        }
        return Some(out);
    }
    let mut out = Wtf8Buf::new();
    let mut from = 0;
    for_each_match(text.as_bytes(), old.as_bytes(), max, |at| {
        if from == 0 && out.is_empty() {
            out = Wtf8Buf::with_capacity(text.byte_len() + new.byte_len());
        }
        out.push_wtf8(text.byte_slice(from, at));
        out.push_wtf8(new);
        from = at + old.byte_len();
    });
    if from == 0 {
        return None;
    }
    out.push_wtf8(text.byte_tail(from));
    Some(out)
}

/// `str.join`.
pub fn join<'a>(separator: &Wtf8, pieces: impl Iterator<Item = &'a Wtf8> + Clone) -> Wtf8Buf {
    let bytes: usize = pieces
        .clone()
        .map(|piece| piece.byte_len() + separator.byte_len())
        .sum();
    let mut out = Wtf8Buf::with_capacity(bytes);
    for (index, piece) in pieces.enumerate() {
        if index > 0 {
            out.push_wtf8(separator);
        }
        out.push_wtf8(piece);
    }
    out
}

/// `str * count`; `None` when the result would be too long.
pub fn repeat(text: &Wtf8, count: usize) -> Option<Wtf8Buf> {
    text.byte_len()
        .checked_mul(count)
        .filter(|&bytes| bytes <= isize::MAX as usize)?;
    // SAFETY: a string repeated is a string.
    Some(unsafe { Wtf8Buf::from_bytes_unchecked(text.as_bytes().repeat(count)) })
}

/// `str.ljust`.
pub fn ljust(text: &Wtf8, width: usize, fill: u32) -> Wtf8Buf {
    pad(text, 0, width.saturating_sub(text.char_count()), fill)
}

/// `str.rjust`.
pub fn rjust(text: &Wtf8, width: usize, fill: u32) -> Wtf8Buf {
    pad(text, width.saturating_sub(text.char_count()), 0, fill)
}

/// `str.center`.
pub fn center(text: &Wtf8, width: usize, fill: u32) -> Wtf8Buf {
    let room = width.saturating_sub(text.char_count());
    // An odd column goes left only if the width is odd too.
    let left = room / 2 + (room & width & 1);
    pad(text, left, room - left, fill)
}

/// `str.zfill`.
pub fn zfill(text: &Wtf8, width: usize) -> Wtf8Buf {
    let room = width.saturating_sub(text.char_count());
    let sign = usize::from(matches!(text.as_bytes().first(), Some(b'+' | b'-')));
    let mut out = Wtf8Buf::with_capacity(text.byte_len() + room);
    out.push_wtf8(text.byte_slice(0, sign));
    out.push_repeated(u32::from(b'0'), room);
    out.push_wtf8(text.byte_tail(sign));
    out
}

/// `str.expandtabs`.
pub fn expandtabs(text: &Wtf8, tab_size: usize) -> Wtf8Buf {
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    let mut column = 0;
    for point in text.code_points() {
        if point == 0x9 {
            if tab_size > 0 {
                let step = tab_size - column % tab_size;
                column += step;
                out.push_repeated(0x20, step);
            }
            continue;
        }
        column = if matches!(point, 0xA | 0xD) {
            0
        } else {
            column + 1
        };
        out.push(point);
    }
    out
}

/// What [`translate`] puts in place of a code point.
pub enum Translation {
    /// The code point itself.
    Keep,
    /// Nothing.
    Delete,
    /// Another code point.
    Point(u32),
    /// A string.
    Text(Wtf8Buf),
}

/// `str.translate`, with the table as a function.
pub fn translate<E>(
    text: &Wtf8,
    mut table: impl FnMut(u32) -> Result<Translation, E>,
) -> Result<Wtf8Buf, E> {
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    for point in text.code_points() {
        match table(point)? {
            Translation::Keep => out.extend_points([point]),
            Translation::Delete => {}
            Translation::Point(other) => out.extend_points([other]),
            Translation::Text(other) => out.push_wtf8(&other),
        }
    }
    Ok(out)
}

// ---- predicates ------------------------------------------------------------------------------

macro_rules! all_of {
    ($($(#[$doc:meta])* $name:ident: $test:path;)*) => {$(
        $(#[$doc])*
        pub fn $name(text: &Wtf8) -> bool {
            !text.is_empty() && text.code_points().all($test)
        }
    )*};
}

all_of! {
    /// `str.isalpha`.
    isalpha: unicode::is_alpha;
    /// `str.isdecimal`.
    isdecimal: unicode::is_decimal;
    /// `str.isdigit`.
    isdigit: unicode::is_digit;
    /// `str.isnumeric`.
    isnumeric: unicode::is_numeric;
    /// `str.isalnum`.
    isalnum: unicode::is_alnum;
    /// `str.isspace`.
    isspace: unicode::is_space;
}

/// `str.isprintable`.
pub fn isprintable(text: &Wtf8) -> bool {
    text.code_points().all(unicode::is_printable)
}

/// `str.isidentifier`.
pub fn isidentifier(text: &Wtf8) -> bool {
    let mut points = text.code_points();
    points.next().is_some_and(unicode::is_identifier_start)
        && points.all(unicode::is_identifier_continue)
}

// ---- inside ----------------------------------------------------------------------------------

/// Calls `each` with the offset of each non-overlapping match, `max` at most.
pub(super) fn for_each_match(
    haystack: &[u8],
    needle: &[u8],
    max: usize,
    mut each: impl FnMut(usize),
) {
    match needle {
        [] => {}
        &[byte] => memchr::memchr_iter(byte, haystack).take(max).for_each(each),
        // Building a searcher costs more than most single searches in short text.
        _ if haystack.len() < 64 => {
            let mut from = 0;
            for _ in 0..max {
                let Some(at) = super::wtf8::find_bytes(&haystack[from..], needle) else {
                    break;
                };
                each(from + at);
                from += at + needle.len();
            }
        }
        _ => memmem::Finder::new(needle)
            .find_iter(haystack)
            .take(max)
            .for_each(each),
    }
}

fn range(text: &Wtf8, start: isize, end: isize, ascii: bool) -> Option<(usize, &Wtf8)> {
    if start == 0 && end == isize::MAX {
        return Some((0, text));
    }
    let len = if ascii {
        text.byte_len()
    } else {
        text.char_count()
    };
    let (start, end) = clamp_range(start, end, len)?;
    Some((start, text.slice(start, end, ascii)))
}

fn find_point(text: &Wtf8, test: impl Fn(u32) -> bool) -> Option<usize> {
    text.code_point_indices()
        .find(|&(_, point)| test(point))
        .map(|(at, _)| at)
}

fn strip_start_matching(text: &Wtf8, test: impl Fn(u32) -> bool) -> &Wtf8 {
    let mut points = text.code_points();
    loop {
        let rest = points.as_wtf8();
        if !points.next().is_some_and(&test) {
            return rest;
        }
    }
}

fn strip_end_matching(text: &Wtf8, test: impl Fn(u32) -> bool) -> &Wtf8 {
    let mut points = text.code_points();
    loop {
        let rest = points.as_wtf8();
        if !points.next_back().is_some_and(&test) {
            return rest;
        }
    }
}

fn pad(text: &Wtf8, left: usize, right: usize, fill: u32) -> Wtf8Buf {
    let mut out = Wtf8Buf::with_capacity(text.byte_len() + left + right);
    out.push_repeated(fill, left);
    out.push_wtf8(text);
    out.push_repeated(fill, right);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = usize::MAX;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::from_str(text)
    }

    fn strs(pieces: Vec<&Wtf8>) -> Vec<&str> {
        pieces.into_iter().filter_map(Wtf8::to_str).collect()
    }

    #[test]
    fn splitting() {
        assert_eq!(
            strs(split_whitespace(w("  a b\u{3000}c  "), MAX)),
            ["a", "b", "c"]
        );
        assert_eq!(strs(split_whitespace(w("  a b  c  "), 1)), ["a", "b  c  "]);
        assert_eq!(strs(rsplit_whitespace(w("  a b  c  "), 1)), ["  a b", "c"]);
        assert_eq!(strs(split_whitespace(w("   "), MAX)), [""; 0]);
        assert_eq!(strs(split(w("a,b,,c"), w(","), MAX)), ["a", "b", "", "c"]);
        assert_eq!(strs(split(w("a,b,,c"), w(","), 1)), ["a", "b,,c"]);
        assert_eq!(strs(rsplit(w("a--b--c"), w("--"), 1)), ["a--b", "c"]);
        assert_eq!(strs(split(w(""), w(","), MAX)), [""]);
        assert_eq!(
            strs(splitlines(w("a\r\nb\rc\n\nd\u{2028}"), false)),
            ["a", "b", "c", "", "d"]
        );
        assert_eq!(strs(splitlines(w("a\r\nb\n"), true)), ["a\r\n", "b\n"]);
        assert!(partition(w("abc"), w("x")).is_none());
        assert_eq!(rpartition(w("a.b.c"), w(".")), Some((w("a.b"), w("c"))));
    }

    #[test]
    fn searching_in_ranges() {
        assert_eq!(find(w("αβγαβ"), w("αβ"), 1, isize::MAX, false), Some(3));
        assert_eq!(rfind(w("αβγαβ"), w("αβ"), 0, -1, false), Some(0));
        assert_eq!(find(w("abc"), w(""), 3, isize::MAX, true), Some(3));
        assert_eq!(find(w("abc"), w(""), 4, isize::MAX, true), None);
        assert_eq!(count(w("aaaa"), w("aa"), 0, isize::MAX, true), 2);
        assert_eq!(count(w("äö"), w(""), 0, isize::MAX, false), 3);
        assert!(
            startswith(w("hello"), w("ell"), 1, -1, true)
                && endswith(w("hello"), w("ell"), 0, -1, true)
        );
        assert!(
            startswith(w("abc"), w(""), 3, 9, true) && !startswith(w("abc"), w(""), 4, 9, true)
        );
    }

    #[test]
    fn building() {
        assert_eq!(replace(w("abc"), w(""), w("-"), MAX).unwrap(), "-a-b-c-");
        assert_eq!(replace(w("abc"), w(""), w("-"), 2).unwrap(), "-a-bc");
        assert_eq!(replace(w("a.b.c"), w("."), w("::"), 1).unwrap(), "a::b.c");
        assert_eq!(replace(w("aab"), w("a"), w(""), MAX).unwrap(), "b");
        assert!(replace(w("abc"), w("x"), w("y"), MAX).is_none());
        assert_eq!(join(w(", "), [w("a"), w("b")].into_iter()), "a, b");
        assert_eq!(center(w("ab"), 5, 0x2A), "**ab*");
        assert_eq!(center(w("abc"), 6, 0x2A), "*abc**");
        assert_eq!(center(w("a"), 4, 0xE9), "éaéé");
        assert_eq!(zfill(w("-42"), 6), "-00042");
        assert_eq!(
            expandtabs(w("01\t012\t0123\t01234\n\tx"), 4),
            "01  012 0123    01234\n    x"
        );
        assert_eq!(strip_chars(w("www.example.com"), w("cmowz.")), w("example"));
        assert_eq!(
            removesuffix(removeprefix(w("xxabyy"), w("xx")), w("yy")),
            w("ab")
        );
        let upper = translate(w("abc"), |c| {
            Ok::<_, ()>(if c == 0x62 {
                Translation::Delete
            } else {
                Translation::Point(c - 32)
            })
        });
        assert_eq!(upper.unwrap(), "AC");
    }

    #[test]
    fn predicates() {
        assert!(isidentifier(w("_été1")) && !isidentifier(w("1a")) && !isidentifier(w("")));
        assert!(isprintable(w("")) && !isalpha(w("")) && isalpha(w("éa")) && isspace(w(" \u{a0}")));
        assert!(isdigit(w("²3")) && !isdecimal(w("²3")) && isnumeric(w("½")) && isalnum(w("a½")));
    }
}
