//! Strings as UTF-8 plus surrogates.
//!
//! A Python string may hold any code point, lone surrogates included, so its bytes are UTF-8 with
//! one widening: U+D800..=U+DFFF are encoded as three bytes like their neighbours. A high surrogate
//! followed by a low one stays two code points, as Python counts them. Every property that makes
//! UTF-8 pleasant survives: byte order is code point order, and one valid string occurs inside
//! another only at code point boundaries, so searching is searching bytes.

use crate::prelude::*;
use alloc::borrow::Borrow;
use core::fmt;
use core::ops::Deref;

use memchr::memmem;

/// A borrowed string: generalised UTF-8.
#[repr(transparent)]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wtf8([u8]);

/// An owned, growing string.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wtf8Buf(Vec<u8>);

impl Wtf8 {
    /// Views a `str`.
    #[inline]
    #[allow(clippy::should_implement_trait)] // Borrows and cannot fail, unlike `FromStr`.
    pub fn from_str(text: &str) -> &Wtf8 {
        // SAFETY: UTF-8 is generalised UTF-8 without surrogates.
        unsafe { Wtf8::from_bytes_unchecked(text.as_bytes()) }
    }

    /// Views bytes that are already known to be generalised UTF-8.
    ///
    /// # Safety
    ///
    /// - `bytes` is a sequence of well-formed UTF-8 or surrogate (`ED A0..BF xx`) encodings.
    #[inline]
    pub const unsafe fn from_bytes_unchecked(bytes: &[u8]) -> &Wtf8 {
        // SAFETY: `Wtf8` is transparent over `[u8]`, so the pointers have the same layout.
        unsafe { &*(core::ptr::from_ref(bytes) as *const Wtf8) }
    }

    /// Views bytes if they are generalised UTF-8.
    pub fn from_bytes(bytes: &[u8]) -> Option<&Wtf8> {
        let mut rest = bytes;
        loop {
            match core::str::from_utf8(rest) {
                Ok(_) => break,
                Err(error) => {
                    let bad = &rest[error.valid_up_to()..];
                    match bad {
                        [0xED, 0xA0..=0xBF, 0x80..=0xBF, tail @ ..] => rest = tail,
                        _ => return None,
                    }
                }
            }
        }
        // SAFETY: the loop accepted UTF-8 and surrogate encodings only.
        Some(unsafe { Wtf8::from_bytes_unchecked(bytes) })
    }

    /// The bytes.
    #[inline]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    #[inline]
    pub const fn byte_len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every code point is below 128.
    #[inline]
    pub const fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// Length in code points.
    pub fn char_count(&self) -> usize {
        // Every byte but continuations starts a code point. Summing in bytes first lets the
        // compiler keep 16 or 32 counters in one register.
        self.0
            .chunks(192)
            .map(|chunk| {
                chunk
                    .iter()
                    .map(|&byte| u8::from(!is_continuation(byte)))
                    .sum::<u8>() as usize
            })
            .sum()
    }

    /// The string as `str`, unless it holds a surrogate.
    #[inline]
    pub fn to_str(&self) -> Option<&str> {
        core::str::from_utf8(&self.0).ok()
    }

    /// The string with each surrogate shown as U+FFFD: for messages.
    pub fn to_string_lossy(&self) -> String {
        self.code_points()
            .map(|c| char::from_u32(c).unwrap_or('\u{FFFD}'))
            .collect()
    }

    /// Whether a surrogate occurs.
    pub fn has_surrogates(&self) -> bool {
        !self.is_ascii() && self.to_str().is_none()
    }

    /// The code points, from either end.
    #[inline]
    pub fn code_points(&self) -> CodePoints<'_> {
        CodePoints { bytes: &self.0 }
    }

    /// The code points with the byte offset of each.
    #[inline]
    pub fn code_point_indices(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let mut points = self.code_points();
        core::iter::from_fn(move || {
            let at = self.0.len() - points.bytes.len();
            points.next().map(|c| (at, c))
        })
    }

    /// The code point at `index`, counted in code points. `ascii` promises [`Wtf8::is_ascii`]
    /// and makes it O(1).
    #[inline]
    pub fn code_point_at(&self, index: usize, ascii: bool) -> Option<u32> {
        if ascii {
            return self.0.get(index).map(|&byte| byte.into());
        }
        self.code_points().nth(index)
    }

    /// The byte offset of code point `index`; the length for an index at or past the end.
    #[inline]
    pub fn byte_offset(&self, index: usize, ascii: bool) -> usize {
        if ascii {
            return index.min(self.0.len());
        }
        self.byte_offset_slow(index)
    }

    fn byte_offset_slow(&self, mut index: usize) -> usize {
        let mut at = 0;
        // Whole blocks first: counting is much faster than decoding.
        while at + 64 < self.0.len() {
            let starts: u8 = self.0[at..at + 64]
                .iter()
                .map(|&byte| u8::from(!is_continuation(byte)))
                .sum();
            if starts as usize > index {
                break;
            }
            index -= starts as usize;
            at += 64;
        }
        while at < self.0.len() {
            if !is_continuation(self.0[at]) {
                if index == 0 {
                    return at;
                }
                index -= 1;
            }
            at += 1;
        }
        at
    }

    /// How many code points lie before byte offset `at`.
    #[inline]
    pub fn char_index(&self, at: usize, ascii: bool) -> usize {
        if ascii {
            return at;
        }
        self.byte_slice(0, at).char_count()
    }

    /// Code points `start..end`; out-of-range ends are clamped, as slices do.
    #[inline]
    pub fn slice(&self, start: usize, end: usize, ascii: bool) -> &Wtf8 {
        if start >= end {
            return Wtf8::from_str("");
        }
        let from = self.byte_offset(start, ascii);
        let rest = self.byte_slice(from, self.0.len());
        rest.byte_slice(0, rest.byte_offset(end - start, ascii))
    }

    /// Bytes `start..end`.
    ///
    /// # Panics
    ///
    /// When an end is out of range or inside a code point.
    #[inline]
    pub fn byte_slice(&self, start: usize, end: usize) -> &Wtf8 {
        assert!(
            self.is_boundary(start) && self.is_boundary(end),
            "slice inside a code point"
        );
        // SAFETY: both ends are boundaries, so the slice is a whole number of code points.
        unsafe { Wtf8::from_bytes_unchecked(&self.0[start..end]) }
    }

    /// The string from byte `start` on.
    #[inline]
    pub fn byte_tail(&self, start: usize) -> &Wtf8 {
        self.byte_slice(start, self.0.len())
    }

    /// Whether byte offset `at` starts a code point or ends the string.
    #[inline]
    pub fn is_boundary(&self, at: usize) -> bool {
        match self.0.get(at) {
            Some(&byte) => !is_continuation(byte),
            None => at == self.0.len(),
        }
    }

    /// The byte offset of the first occurrence.
    #[inline]
    pub fn find(&self, needle: &Wtf8) -> Option<usize> {
        find_bytes(&self.0, &needle.0)
    }

    /// The byte offset of the last occurrence.
    #[inline]
    pub fn rfind(&self, needle: &Wtf8) -> Option<usize> {
        rfind_bytes(&self.0, &needle.0)
    }

    /// Whether `needle` occurs.
    #[inline]
    pub fn contains(&self, needle: &Wtf8) -> bool {
        self.find(needle).is_some()
    }

    /// An owned copy.
    pub fn to_buf(&self) -> Wtf8Buf {
        Wtf8Buf(self.0.to_vec())
    }

    /// The longest pieces without surrogates, and the surrogates between them.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk<'_>> {
        let mut rest = &self.0;
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let valid = match core::str::from_utf8(rest) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            if valid == 0 {
                let unit = u16::from(rest[0] & 0xF) << 12
                    | u16::from(rest[1] & 0x3F) << 6
                    | u16::from(rest[2] & 0x3F);
                rest = &rest[3..];
                return Some(Chunk::Surrogate(unit));
            }
            let (head, tail) = rest.split_at(valid);
            rest = tail;
            core::str::from_utf8(head).ok().map(Chunk::Text)
        })
    }
}

/// A piece of [`Wtf8::chunks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// Text without surrogates.
    Text(&'a str),
    /// One surrogate.
    Surrogate(u16),
}

impl Wtf8Buf {
    /// An empty string.
    pub const fn new() -> Wtf8Buf {
        Wtf8Buf(Vec::new())
    }

    /// An empty string with room for `bytes` bytes.
    pub fn with_capacity(bytes: usize) -> Wtf8Buf {
        Wtf8Buf(Vec::with_capacity(bytes))
    }

    /// Appends a code point; `false` (and nothing appended) past U+10FFFF.
    #[inline]
    pub fn push(&mut self, point: u32) -> bool {
        if point < 0x80 {
            self.0.push(point as u8);
            return true;
        }
        self.push_slow(point)
    }

    fn push_slow(&mut self, point: u32) -> bool {
        let low = |shift: u32| 0x80 | (point >> shift & 0x3F) as u8;
        match point {
            ..0x800 => self.0.extend([0xC0 | (point >> 6) as u8, low(0)]),
            0x800..0x1_0000 => self.0.extend([0xE0 | (point >> 12) as u8, low(6), low(0)]),
            0x1_0000..0x11_0000 => {
                self.0
                    .extend([0xF0 | (point >> 18) as u8, low(12), low(6), low(0)])
            }
            _ => return false,
        }
        true
    }

    /// Appends code points, leaving out what is past U+10FFFF.
    pub fn extend_points(&mut self, points: impl IntoIterator<Item = u32>) {
        for point in points {
            self.push(point);
        }
    }

    /// Appends a character.
    #[inline]
    pub fn push_char(&mut self, c: char) {
        self.push(c.into());
    }

    /// Appends text.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Appends a string.
    #[inline]
    pub fn push_wtf8(&mut self, text: &Wtf8) {
        self.0.extend_from_slice(&text.0);
    }

    /// Appends `point` `count` times.
    pub fn push_repeated(&mut self, point: u32, count: usize) {
        if point < 0x80 {
            self.0.resize(self.0.len() + count, point as u8);
        } else {
            for _ in 0..count {
                self.push(point);
            }
        }
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Takes over bytes that are known to be generalised UTF-8.
    ///
    /// # Safety
    ///
    /// - As for [`Wtf8::from_bytes_unchecked`].
    pub unsafe fn from_bytes_unchecked(bytes: Vec<u8>) -> Wtf8Buf {
        Wtf8Buf(bytes)
    }

    /// The string as `String`, or itself when it holds a surrogate.
    pub fn into_string(self) -> Result<String, Wtf8Buf> {
        String::from_utf8(self.0).map_err(|error| Wtf8Buf(error.into_bytes()))
    }

    /// Forgets everything, keeping the room.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Deref for Wtf8Buf {
    type Target = Wtf8;

    #[inline]
    fn deref(&self) -> &Wtf8 {
        // SAFETY: a buffer only ever holds generalised UTF-8.
        unsafe { Wtf8::from_bytes_unchecked(&self.0) }
    }
}

impl Borrow<Wtf8> for Wtf8Buf {
    fn borrow(&self) -> &Wtf8 {
        self
    }
}

impl AsRef<Wtf8> for Wtf8Buf {
    fn as_ref(&self) -> &Wtf8 {
        self
    }
}

impl ToOwned for Wtf8 {
    type Owned = Wtf8Buf;

    fn to_owned(&self) -> Wtf8Buf {
        self.to_buf()
    }
}

impl From<&str> for Wtf8Buf {
    fn from(text: &str) -> Wtf8Buf {
        Wtf8Buf(text.as_bytes().to_vec())
    }
}

impl From<String> for Wtf8Buf {
    fn from(text: String) -> Wtf8Buf {
        Wtf8Buf(text.into_bytes())
    }
}

impl<'a> From<&'a str> for &'a Wtf8 {
    fn from(text: &'a str) -> &'a Wtf8 {
        Wtf8::from_str(text)
    }
}

impl PartialEq<str> for Wtf8 {
    fn eq(&self, other: &str) -> bool {
        self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Wtf8Buf {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl FromIterator<u32> for Wtf8Buf {
    /// Joins code points, leaving out what is past U+10FFFF.
    fn from_iter<I: IntoIterator<Item = u32>>(points: I) -> Wtf8Buf {
        let mut buffer = Wtf8Buf::new();
        buffer.extend_points(points);
        buffer
    }
}

impl fmt::Write for Wtf8Buf {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl fmt::Debug for Wtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for point in self.code_points() {
            match char::from_u32(point) {
                Some(c) => write!(f, "{}", c.escape_debug())?,
                None => write!(f, "\\u{{{point:x}}}")?,
            }
        }
        f.write_str("\"")
    }
}

impl fmt::Debug for Wtf8Buf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// The code points of a [`Wtf8`], from either end.
#[derive(Clone)]
pub struct CodePoints<'a> {
    bytes: &'a [u8],
}

impl<'a> CodePoints<'a> {
    /// What is left.
    pub fn as_wtf8(&self) -> &'a Wtf8 {
        // SAFETY: the iterator removes whole code points from a valid string.
        unsafe { Wtf8::from_bytes_unchecked(self.bytes) }
    }
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (&first, rest) = self.bytes.split_first()?;
        if first < 0x80 {
            self.bytes = rest;
            return Some(first.into());
        }
        let low = |byte: u8| u32::from(byte & 0x3F);
        let (point, rest) = match (first, rest) {
            (..0xE0, &[a, ref rest @ ..]) => (u32::from(first & 0x1F) << 6 | low(a), rest),
            (..0xF0, &[a, b, ref rest @ ..]) => {
                (u32::from(first & 0xF) << 12 | low(a) << 6 | low(b), rest)
            }
            (_, &[a, b, c, ref rest @ ..]) => (
                u32::from(first & 0x7) << 18 | low(a) << 12 | low(b) << 6 | low(c),
                rest,
            ),
            _ => unreachable!("a Wtf8 is well formed"),
        };
        self.bytes = rest;
        Some(point)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.bytes.len().div_ceil(4), Some(self.bytes.len()))
    }
}

impl DoubleEndedIterator for CodePoints<'_> {
    fn next_back(&mut self) -> Option<u32> {
        let start = self
            .bytes
            .iter()
            .rposition(|&byte| !is_continuation(byte))?;
        let (rest, last) = self.bytes.split_at(start);
        self.bytes = rest;
        CodePoints { bytes: last }.next()
    }
}

/// The first occurrence of `needle`.
#[inline]
pub fn find_bytes(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(0),
        &[byte] => memchr::memchr(byte, haystack),
        _ if needle.len() > haystack.len() => None,
        _ => memmem::find(haystack, needle),
    }
}

/// The last occurrence of `needle`.
#[inline]
pub fn rfind_bytes(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(haystack.len()),
        &[byte] => memchr::memrchr(byte, haystack),
        _ if needle.len() > haystack.len() => None,
        _ => memmem::rfind(haystack, needle),
    }
}

#[inline]
const fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Wtf8Buf {
        [0x61, 0xE9, 0xD800, 0xDC00, 0x1F600, 0x20AC]
            .into_iter()
            .collect()
    }

    #[test]
    fn surrogates_round_trip_as_separate_code_points() {
        let text = sample();
        assert_eq!(text.char_count(), 6);
        let forward: Vec<u32> = text.code_points().collect();
        assert_eq!(forward, [0x61, 0xE9, 0xD800, 0xDC00, 0x1F600, 0x20AC]);
        let mut backward: Vec<u32> = text.code_points().rev().collect();
        backward.reverse();
        assert_eq!(forward, backward);
        assert!(text.has_surrogates() && text.to_str().is_none());
        assert!(Wtf8::from_bytes(text.as_bytes()).is_some());
        assert!(Wtf8::from_bytes(b"\xff").is_none());
        let chunks: Vec<_> = text.chunks().collect();
        assert_eq!(chunks[0], Chunk::Text("a\u{e9}"));
        assert_eq!(
            chunks[1..3],
            [Chunk::Surrogate(0xD800), Chunk::Surrogate(0xDC00)]
        );
    }

    #[test]
    fn slices_and_indexes_count_code_points() {
        let text = sample();
        assert_eq!(
            text.slice(1, 3, false).code_points().collect::<Vec<_>>(),
            [0xE9, 0xD800]
        );
        assert_eq!(text.code_point_at(4, false), Some(0x1F600));
        assert_eq!(text.code_point_at(6, false), None);
        let long: Wtf8Buf = (0..500).map(|i| 0x3B1 + i % 7).collect();
        assert_eq!(long.code_point_at(333, false), Some(0x3B1 + 333 % 7));
        assert_eq!(long.byte_offset(333, false), 666);
        assert_eq!(long.byte_offset(9999, false), 1000);
        assert_eq!(long.char_count(), 500);
        assert!(Wtf8::from_str("abc").slice(2, 1, true).is_empty());
    }
}
