//! The Unicode character database, of version 16.0 and of 3.2: what `unicodedata` tells of a code point.
//!
//! The facts are those of `unicode_data.txt` (`unicode_data.py` says how it is made), which `build.rs` compresses. They are
//! read when they are first asked for.

use super::unicode::{Category, category};
use crate::prelude::*;
use miniz_oxide::inflate::decompress_to_vec;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What many code points have in common.
pub struct Kind {
    /// The general category.
    pub category: &'static str,
    /// The bidirectional class; may be empty.
    pub bidirectional: &'static str,
    /// The canonical combining class.
    pub combining: u8,
    /// The East Asian width.
    pub width: &'static str,
    /// Whether the glyph is mirrored in text from right to left.
    pub mirrored: bool,
}

/// What a code point consists of.
#[derive(Clone, Copy)]
pub struct Decomposition {
    point: u32,
    /// As `decomposition` shows it.
    pub shown: &'static str,
    /// Not put together again.
    excluded: bool,
}

/// The numeric values of a code point.
#[derive(Clone, Copy)]
pub struct Number {
    point: u32,
    /// As a decimal digit.
    pub decimal: Option<u8>,
    /// As a digit.
    pub digit: Option<u8>,
    /// As a number.
    pub numeric: Option<f64>,
}

/// Which version of the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 16.0.
    New,
    /// 3.2.
    Old,
}

struct Data {
    kinds: Vec<Kind>,
    runs: Vec<(u32, u16)>,
    old_runs: Vec<(u32, u16)>,
    decompositions: Vec<Decomposition>,
    compositions: HashMap<(u32, u32), u32>,
    numbers: Vec<Number>,
    old_numbers: Vec<Number>,
    sequences: HashMap<&'static str, &'static str>,
}

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/unicode_data.bin"));

fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let bytes = decompress_to_vec(PACKED).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    })
}

fn point(text: &str) -> u32 {
    u32::from_str_radix(text, 16).unwrap_or(0)
}

impl Data {
    fn read(text: &'static str) -> Data {
        let mut sections = HashMap::new();
        for section in text.split("= ").skip(1) {
            if let Some((name, lines)) = section.split_once('\n') {
                sections.insert(name, lines);
            }
        }
        let lines = |name: &str| sections.get(name).copied().unwrap_or("").lines();
        let fields =
            |name: &str| lines(name).map(|line| line.split_once(' ').unwrap_or((line, "")));
        let kinds = lines("kinds").map(|line| {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap_or("");
            Kind {
                category: word(),
                bidirectional: Some(word()).filter(|class| *class != "-").unwrap_or(""),
                combining: word().parse().unwrap_or(0),
                width: word(),
                mirrored: word() == "1",
            }
        });
        let runs = |name: &str| {
            let runs = fields(name).map(|(start, kind)| (point(start), kind.parse().unwrap_or(0)));
            runs.collect::<Vec<(u32, u16)>>()
        };
        let decompositions: Vec<Decomposition> = fields("decompositions")
            .map(|(at, shown)| Decomposition {
                point: point(at),
                shown: shown.trim_start_matches('!'),
                excluded: shown.starts_with('!'),
            })
            .collect();
        let pairs = decompositions
            .iter()
            .filter(|d| !d.excluded && !d.shown.starts_with('<'));
        let pairs = pairs.filter_map(|d| {
            let (first, second) = d.shown.split_once(' ')?;
            Some(((point(first), point(second)), d.point))
        });
        let number = |(at, values): (&'static str, &'static str)| {
            let mut words = values.split(' ');
            let (decimal, digit, numeric) = (words.next(), words.next(), words.next());
            Number {
                point: point(at),
                decimal: decimal.and_then(|word| word.parse().ok()),
                digit: digit.and_then(|word| word.parse().ok()),
                numeric: numeric.and_then(|word| word.parse().ok()),
            }
        };
        Data {
            kinds: kinds.collect(),
            runs: runs("runs"),
            old_runs: runs("old"),
            compositions: pairs.collect(),
            decompositions,
            numbers: fields("numbers").map(number).collect(),
            old_numbers: fields("old numbers").map(number).collect(),
            sequences: lines("sequences")
                .filter_map(|line| line.split_once('='))
                .collect(),
        }
    }
}

fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| Data::read(text()))
}

/// What a code point has in common with others.
pub fn kind(point: u32, version: Version) -> &'static Kind {
    static NOTHING: Kind = Kind {
        category: "Cn",
        bidirectional: "",
        combining: 0,
        width: "N",
        mirrored: false,
    };
    let data = data();
    let runs = match version {
        Version::New => &data.runs,
        Version::Old => &data.old_runs,
    };
    let behind = runs.partition_point(|(start, _)| *start <= point);
    let run = behind.checked_sub(1).and_then(|at| runs.get(at));
    run.and_then(|(_, kind)| data.kinds.get(usize::from(*kind)))
        .unwrap_or(&NOTHING)
}

/// Whether a code point is assigned.
pub fn is_assigned(point: u32, version: Version) -> bool {
    match version {
        Version::New => category(point) != Category::Cn,
        Version::Old => kind(point, version).category != "Cn",
    }
}

/// Syllables of Hangul: first, and numbers of leading consonants, vowels and trailing consonants with none.
const HANGUL: u32 = 0xAC00;
const VOWELS: u32 = 21;
const TRAILING: u32 = 28;
const SYLLABLES: u32 = 19 * VOWELS * TRAILING;

/// The letters of a syllable of Hangul; 0 for no third one.
fn letters(point: u32) -> Option<[u32; 3]> {
    let index = point
        .checked_sub(HANGUL)
        .filter(|index| *index < SYLLABLES)?;
    let trailing = index % TRAILING;
    Some([
        0x1100 + index / (VOWELS * TRAILING),
        0x1161 + index / TRAILING % VOWELS,
        if trailing == 0 { 0 } else { 0x11A7 + trailing },
    ])
}

fn entry(point: u32, version: Version) -> Option<&'static Decomposition> {
    let all = &data().decompositions;
    let found = all.binary_search_by_key(&point, |d| d.point).ok()?;
    all.get(found)
        .filter(|_| version == Version::New || is_assigned(point, version))
}

/// What `decomposition` shows.
pub fn decomposition(point: u32, version: Version) -> String {
    if let Some([leading, vowel, trailing]) = letters(point) {
        return match trailing {
            0 => format!("{leading:04X} {vowel:04X}"),
            _ => format!("{leading:04X} {vowel:04X} {trailing:04X}"),
        };
    }
    entry(point, version).map_or(String::new(), |d| d.shown.to_owned())
}

/// Numeric values.
pub fn number(point: u32, version: Version) -> Option<Number> {
    let find = |numbers: &[Number]| {
        let found = numbers.binary_search_by_key(&point, |number| number.point);
        found.ok().and_then(|at| numbers.get(at).copied())
    };
    let data = data();
    let new = find(&data.numbers);
    if version == Version::New {
        return new;
    }
    // The old version says nothing of digits that are no decimals.
    let digit = new.and_then(|number| number.digit);
    let known = find(&data.old_numbers);
    let known = known.or(new.filter(|_| is_assigned(point, version)));
    Some(Number {
        point,
        decimal: known.and_then(|number| number.decimal),
        digit,
        numeric: known.and_then(|number| number.numeric),
    })
}

/// The code points of a named sequence.
pub fn sequence(name: &str) -> Option<impl Iterator<Item = u32>> {
    let points = data().sequences.get(name)?;
    Some(points.split(' ').map(point))
}

/// A way to normalise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Take apart what is only compatible, too.
    pub compatible: bool,
    /// Put together again.
    pub compose: bool,
}

/// Where version 3.2 had another canonical decomposition, which was corrected.
const CORRECTED: [(u32, u32); 5] = [
    (0x2F868, 0x2136A),
    (0x2F874, 0x5F33),
    (0x2F91F, 0x43AB),
    (0x2F95F, 0x7AAE),
    (0x2F9BF, 0x4D57),
];

fn take_apart(point: u32, form: Form, version: Version, parts: &mut Vec<(u32, u8)>) {
    if point < 0x80 {
        parts.push((point, 0));
        return;
    }
    if let Some(letters) = letters(point) {
        parts.extend(
            letters
                .iter()
                .filter(|letter| **letter != 0)
                .map(|letter| (*letter, 0)),
        );
        return;
    }
    if version == Version::Old
        && let Some((_, corrected)) = CORRECTED.iter().find(|(other, _)| *other == point)
    {
        parts.push((*corrected, 0));
        return;
    }
    match entry(point, version) {
        Some(entry) if form.compatible || !entry.shown.starts_with('<') => {
            for word in entry.shown.split(' ').filter(|word| !word.starts_with('<')) {
                take_apart(self::point(word), form, version, parts);
            }
        }
        // Classes are those of the new version.
        _ => parts.push((point, kind(point, Version::New).combining)),
    }
}

/// What two code points are together.
fn composed(first: u32, second: u32) -> Option<u32> {
    if let (Some(leading @ ..19), Some(vowel @ ..VOWELS)) =
        (first.checked_sub(0x1100), second.checked_sub(0x1161))
    {
        return Some(HANGUL + (leading * VOWELS + vowel) * TRAILING);
    }
    if let (Some(syllable @ ..SYLLABLES), Some(trailing @ 1..TRAILING)) =
        (first.checked_sub(HANGUL), second.checked_sub(0x11A7))
        && syllable.is_multiple_of(TRAILING)
    {
        return Some(first + trailing);
    }
    data().compositions.get(&(first, second)).copied()
}

/// Code points in a normal form.
pub fn normalize(points: impl Iterator<Item = u32>, form: Form, version: Version) -> Vec<u32> {
    let mut parts = Vec::new();
    for point in points {
        take_apart(point, form, version, &mut parts);
    }
    // Marks behind a letter stand in the order of their classes.
    let mut start = 0;
    while start < parts.len() {
        let marks = parts[start..]
            .iter()
            .take_while(|(_, class)| *class != 0)
            .count();
        parts[start..start + marks].sort_by_key(|(_, class)| *class);
        start += marks + 1;
    }
    if !form.compose {
        return parts.into_iter().map(|(point, _)| point).collect();
    }
    let mut output: Vec<u32> = Vec::with_capacity(parts.len());
    // Where the last letter stands, and the class of the last mark that stayed behind it.
    let (mut letter, mut last) = (None, 0);
    for (point, class) in parts {
        let joined = match letter {
            // Nothing between them may hinder.
            Some(at) if last < class || last == 0 && output.len() == at + 1 => output
                .get(at)
                .and_then(|first| composed(*first, point))
                .map(|joined| (at, joined)),
            _ => None,
        };
        if let Some((at, joined)) = joined {
            output[at] = joined;
            continue;
        }
        if class == 0 {
            letter = Some(output.len());
        }
        last = class;
        output.push(point);
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str, compatible: bool, compose: bool) -> String {
        let form = Form {
            compatible,
            compose,
        };
        let points = normalize(text.chars().map(u32::from), form, Version::New);
        points.into_iter().filter_map(char::from_u32).collect()
    }

    #[test]
    fn letters_and_marks_are_taken_apart_and_put_together() {
        assert_eq!(form("\u{e9}", false, false), "e\u{301}");
        assert_eq!(form("e\u{301}", false, true), "\u{e9}");
        assert_eq!(form("a\u{315}\u{300}", false, false), "a\u{300}\u{315}");
        assert_eq!(form("\u{2126}", false, true), "\u{3a9}");
        assert_eq!(form("\u{fb01}", true, true), "fi");
        assert_eq!(form("\u{fb01}", false, true), "\u{fb01}");
    }

    #[test]
    fn hangul_is_computed() {
        assert_eq!(form("\u{ac01}", false, false), "\u{1100}\u{1161}\u{11a8}");
        assert_eq!(form("\u{1100}\u{1161}\u{11a8}", false, true), "\u{ac01}");
        assert_eq!(decomposition(0xAC00, Version::New), "1100 1161");
    }

    #[test]
    fn what_is_excluded_stays_apart() {
        assert_eq!(form("\u{958}", false, true), "\u{915}\u{93c}");
    }

    #[test]
    fn versions_differ() {
        assert!(is_assigned(0x1F600, Version::New) && !is_assigned(0x1F600, Version::Old));
        assert_eq!(kind(0x1F600, Version::New).category, "So");
        assert_eq!(number(0x0BE6, Version::Old).and_then(|n| n.decimal), None);
    }
}
