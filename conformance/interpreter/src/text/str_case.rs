//! Case: lower, upper, title, capitalize, swapcase, casefold, and the case predicates.
//!
//! std knows the full lower and upper mappings; title case and folding differ from them for the few
//! characters listed in `unicode_tables`. Capital sigma is the one letter whose lower case depends
//! on its place: final in a word it becomes ς.

use super::unicode::{is_cased, is_lower, is_title, is_upper};
use super::unicode_tables::{FOLD, TITLE};
use super::wtf8::{Chunk, Wtf8, Wtf8Buf};
use crate::prelude::*;

const SIGMA: u32 = 0x3A3;

/// `str.lower`.
pub fn lower(text: &Wtf8) -> Wtf8Buf {
    by_chunk(
        text,
        |text| mapped(text, str::to_lowercase),
        str::to_ascii_lowercase,
    )
}

/// `str.upper`.
pub fn upper(text: &Wtf8) -> Wtf8Buf {
    by_chunk(
        text,
        |text| mapped(text, str::to_uppercase),
        str::to_ascii_uppercase,
    )
}

/// `str.casefold`.
pub fn casefold(text: &Wtf8) -> Wtf8Buf {
    if text.is_ascii() {
        return lower(text);
    }
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    for point in text.code_points() {
        match look_up(&FOLD, point) {
            Some(folded) => out.push_str(folded),
            None => push_lower(&mut out, point),
        }
    }
    out
}

/// `str.title`.
pub fn title(text: &Wtf8) -> Wtf8Buf {
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    let mut inside = false;
    for (at, point) in text.code_point_indices() {
        if inside {
            push_lower_at(&mut out, text, at, point);
        } else {
            push_title(&mut out, point);
        }
        inside = is_cased(point);
    }
    out
}

/// `str.capitalize`.
pub fn capitalize(text: &Wtf8) -> Wtf8Buf {
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    for (at, point) in text.code_point_indices() {
        if at == 0 {
            push_title(&mut out, point);
        } else {
            push_lower_at(&mut out, text, at, point);
        }
    }
    out
}

/// `str.swapcase`.
pub fn swapcase(text: &Wtf8) -> Wtf8Buf {
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    for (at, point) in text.code_point_indices() {
        match char::from_u32(point) {
            Some(c) if c.is_uppercase() => push_lower_at(&mut out, text, at, point),
            Some(c) if c.is_lowercase() && !is_newer(c) => {
                c.to_uppercase().for_each(|c| out.push_char(c))
            }
            _ => {
                out.push(point);
            }
        }
    }
    out
}

/// `str.islower`: something is cased, and all that is cased is lower case.
pub fn islower(text: &Wtf8) -> bool {
    let mut any = false;
    for point in text.code_points() {
        if is_upper(point) || is_title(point) {
            return false;
        }
        any = any || is_lower(point);
    }
    any
}

/// `str.isupper`.
pub fn isupper(text: &Wtf8) -> bool {
    let mut any = false;
    for point in text.code_points() {
        if is_lower(point) || is_title(point) {
            return false;
        }
        any = any || is_upper(point);
    }
    any
}

/// `str.istitle`: each run of cased characters starts with upper or title case and goes on in lower.
pub fn istitle(text: &Wtf8) -> bool {
    let (mut any, mut inside) = (false, false);
    for point in text.code_points() {
        if is_upper(point) || is_title(point) {
            if inside {
                return false;
            }
            (any, inside) = (true, true);
        } else if is_lower(point) {
            if !inside {
                return false;
            }
            any = true;
        } else {
            inside = false;
        }
    }
    any
}

/// Letters that have had another case since Unicode 17 only, which std knows.
fn is_newer(c: char) -> bool {
    matches!(c, '\u{A7CE}' | '\u{A7CF}' | '\u{A7D2}'..='\u{A7D5}' | '\u{16EA0}'..='\u{16ED3}')
}

/// Maps all but letters that are newer.
fn mapped(text: &str, full: fn(&str) -> String) -> String {
    if !text.contains(is_newer) {
        return full(text);
    }
    // Such a letter is no part of what a mapping looks at.
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(is_newer) {
        match part.char_indices().next_back() {
            Some((at, newer)) if is_newer(newer) => {
                out.push_str(&full(&part[..at]));
                out.push(newer);
            }
            _ => out.push_str(&full(part)),
        }
    }
    out
}

fn by_chunk(text: &Wtf8, full: fn(&str) -> String, ascii: fn(&str) -> String) -> Wtf8Buf {
    if let Some(text) = text.to_str() {
        return if text.is_ascii() {
            ascii(text)
        } else {
            full(text)
        }
        .into();
    }
    // A surrogate is neither cased nor ignorable, so it bounds what a mapping may look at.
    let mut out = Wtf8Buf::with_capacity(text.byte_len());
    for chunk in text.chunks() {
        match chunk {
            Chunk::Text(text) => out.push_str(&full(text)),
            Chunk::Surrogate(unit) => {
                out.push(unit.into());
            }
        }
    }
    out
}

fn look_up(table: &'static [(u32, &'static str)], point: u32) -> Option<&'static str> {
    table
        .binary_search_by_key(&point, |entry| entry.0)
        .ok()
        .map(|at| table[at].1)
}

fn push_title(out: &mut Wtf8Buf, point: u32) {
    if let Some(title) = look_up(&TITLE, point) {
        return out.push_str(title);
    }
    match char::from_u32(point) {
        Some(c) if !is_newer(c) => c.to_uppercase().for_each(|c| out.push_char(c)),
        _ => {
            out.push(point);
        }
    }
}

fn push_lower(out: &mut Wtf8Buf, point: u32) {
    match char::from_u32(point) {
        Some(c) if !is_newer(c) => c.to_lowercase().for_each(|c| out.push_char(c)),
        _ => {
            out.push(point);
        }
    }
}

fn push_lower_at(out: &mut Wtf8Buf, text: &Wtf8, at: usize, point: u32) {
    if point == SIGMA && is_final_sigma(text, at) {
        out.push(0x3C2);
    } else {
        push_lower(out, point);
    }
}

/// Whether the sigma at byte `at` ends a word: a cased letter before it and none after it, with
/// case-ignorable characters skipped both ways.
fn is_final_sigma(text: &Wtf8, at: usize) -> bool {
    let before = text
        .byte_slice(0, at)
        .code_points()
        .rev()
        .find(|&point| !is_case_ignorable(point));
    let after = text
        .byte_tail(at + 2)
        .code_points()
        .find(|&point| !is_case_ignorable(point));
    before.is_some_and(is_cased) && !after.is_some_and(is_cased)
}

/// std holds the Case_Ignorable table without showing it, so ask its own final-sigma rule: an
/// ignorable character lets what stands before it decide.
fn is_case_ignorable(point: u32) -> bool {
    let Some(c) = char::from_u32(point) else {
        return false;
    };
    let ends_in_final = |first: char| {
        String::from_iter([first, c, 'Σ'])
            .to_lowercase()
            .ends_with('ς')
    };
    ends_in_final('A') && !ends_in_final('1')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::from_str(text)
    }

    #[test]
    fn full_mappings() {
        assert_eq!(upper(w("straße ŉ")), "STRASSE ʼN");
        assert_eq!(lower(w("İΑΣ ΑΣΑ Σ")), "i̇ας ασα σ");
        assert_eq!(casefold(w("Straße ΑΣ ᏸ")), "strasse ασ Ᏸ");
        assert_eq!(title(w("ǆ ßa 'hello' ΑΣ x1y")), "ǅ Ssa 'Hello' Ας X1Y");
        assert_eq!(capitalize(w("ßΑΣ ǅ")), "Ssας ǆ");
        assert_eq!(swapcase(w("aBc ΑΣ ß")), "AbC ας SS");
    }

    #[test]
    fn surrogates_pass_through() {
        let text: Wtf8Buf = [0x41, 0xD800, 0x3A3].into_iter().collect();
        let lowered: Vec<u32> = lower(&text).code_points().collect();
        assert_eq!(lowered, [0x61, 0xD800, 0x3C3]);
    }

    #[test]
    fn predicates() {
        assert!(istitle(w("Hello World 1a".trim_end_matches("1a"))));
        assert!(!istitle(w("Hello world")) && !istitle(w("")) && istitle(w("ǅa")));
        assert!(isupper(w("AB1")) && !isupper(w("1")) && !isupper(w("ǅ")));
        assert!(islower(w("ab1")) && !islower(w("aB")) && islower(w("ª")));
    }
}
