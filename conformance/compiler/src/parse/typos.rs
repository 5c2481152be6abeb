//! Looks for a mistyped keyword behind an "invalid syntax" error.
//!
//! The faulty lines are parsed again with each name replaced by the keywords it resembles; the first
//! replacement that parses becomes the suggestion.

use super::error::SyntaxError;
use super::{Mode, parse};

/// Longer code is not searched.
const MAX_CODE: usize = 1024;
/// Only this many names are tried.
const MAX_NAMES: usize = 10;
/// Only this many keywords are tried for one name.
const MAX_KEYWORDS: usize = 3;
/// How much of a name and a keyword must agree.
const MIN_SIMILARITY: f64 = 0.5;

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// `error`, turned to the name that was meant to be a keyword; `None` if there is no such name.
pub(super) fn find_keyword_typo(error: &SyntaxError) -> Option<SyntaxError> {
    let generic = error.message == "invalid syntax";
    if !generic && !error.message.contains("Perhaps you forgot a comma") {
        return None;
    }
    let context = error.context.as_ref()?;
    let first = context.last_statement_line.max(1) as usize - 1;
    let count = (error.line.max(0) as usize).saturating_sub(first);
    let lines: Vec<&str> = context.source.lines().skip(first).take(count).collect();
    let lines = dedent(&lines);
    if lines.iter().map(|line| line.len() + 1).sum::<usize>() > MAX_CODE + 1 {
        return None;
    }
    // Only the line of the error is searched.
    let names = lines
        .iter()
        .enumerate()
        .skip(lines.len().saturating_sub(1))
        .flat_map(|(row, line)| names(line).map(move |(at, name)| (row, at, name)))
        .filter(|(_, _, name)| !KEYWORDS.contains(name))
        .take(MAX_NAMES);
    for (row, at, name) in names {
        for keyword in similar_keywords(name) {
            let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            changed[row].replace_range(at..at + name.len(), keyword);
            if !compiles_here(keyword, &lines[..row]) {
                continue;
            }
            let parses = match parse(&changed.join("\n"), "<input>", Mode::Exec) {
                Ok(_) => true,
                Err(error) => error.is_incomplete,
            };
            if !parses {
                continue;
            }
            let column = lines[row][..at].chars().count() as i32 + 1;
            let mut refined = error.clone();
            refined.message = format!("invalid syntax. Did you mean '{keyword}'?");
            refined.text = Some(format!("{}\n", lines[row]));
            refined.line = (first + row) as i32 + 1;
            refined.end_line = refined.line;
            refined.column = column;
            refined.end_column = column + name.chars().count() as i32;
            return Some(refined);
        }
    }
    None
}

/// Whether `keyword` could be where it is meant to be, which parsing alone does not tell: some
/// statements need a function or a loop around them, which one of the lines before must open.
fn compiles_here(keyword: &str, before: &[&str]) -> bool {
    let openers: &[&str] = match keyword {
        "return" | "yield" | "await" | "nonlocal" => &["def ", "async def "],
        "break" | "continue" => &["for ", "while ", "async for "],
        _ => return true,
    };
    let opens = |line: &&str| {
        openers
            .iter()
            .any(|opener| line.trim_start().starts_with(opener))
    };
    before.iter().any(opens)
}

/// The lines without the indentation they share.
fn dedent<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let common = filled.map(indent).min().unwrap_or(0);
    lines
        .iter()
        .map(|line| line.get(common..).unwrap_or(""))
        .collect()
}

/// The identifiers of a line with their offsets; strings and comments are skipped.
fn names(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_name = |c: char| c == '_' || c.is_alphanumeric();
    let mut rest = line.char_indices().peekable();
    std::iter::from_fn(move || {
        while let Some((at, c)) = rest.next() {
            match c {
                '#' => return None,
                '"' | '\'' => {
                    while let Some((_, inner)) = rest.next() {
                        match inner {
                            '\\' => drop(rest.next()),
                            _ if inner == c => break,
                            _ => {}
                        }
                    }
                }
                _ if is_name(c) => {
                    while rest.next_if(|&(_, next)| is_name(next)).is_some() {}
                    let end = rest.peek().map_or(line.len(), |&(end, _)| end);
                    let is_prefix = end - at <= 2 && line[end..].starts_with(['"', '\'']);
                    if !c.is_ascii_digit() && !is_prefix {
                        return Some((at, &line[at..end]));
                    }
                }
                _ => {}
            }
        }
        None
    })
}

/// The keywords that resemble `name`, best first.
fn similar_keywords(name: &str) -> Vec<&'static str> {
    let mut found: Vec<(f64, &'static str)> = KEYWORDS
        .iter()
        .map(|keyword| (similarity(keyword, name), *keyword))
        .filter(|&(score, _)| score >= MIN_SIMILARITY)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(a.1)));
    found.truncate(MAX_KEYWORDS);
    found.into_iter().map(|(_, keyword)| keyword).collect()
}

/// Twice the characters of the matching blocks, over the characters of both (Ratcliff-Obershelp).
fn similarity(a: &str, b: &str) -> f64 {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    2.0 * matching(&a, &b) as f64 / (a.len() + b.len()) as f64
}

/// The size of the longest common block, plus that of the blocks on either side of it.
fn matching(a: &[char], b: &[char]) -> usize {
    let mut best = (0, 0, 0);
    for i in 0..a.len() {
        for j in 0..b.len() {
            let pairs = a[i..].iter().zip(&b[j..]);
            let size = pairs.take_while(|(x, y)| x == y).count();
            if size > best.2 {
                best = (i, j, size);
            }
        }
    }
    let (i, j, size) = best;
    if size == 0 {
        return 0;
    }
    matching(&a[..i], &b[..j]) + size + matching(&a[i + size..], &b[j + size..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_counts_matching_blocks() {
        assert_eq!(similarity("import", "import"), 1.0);
        assert_eq!(similarity("abcd", "wxyz"), 0.0);
        assert_eq!(similar_keywords("improt")[0], "import");
    }

    #[test]
    fn a_mistyped_keyword_is_suggested() {
        let error = parse("improt os\n", "x.py", Mode::Exec).unwrap_err();
        let refined = find_keyword_typo(&error).unwrap();
        assert_eq!(refined.message, "invalid syntax. Did you mean 'import'?");
        assert_eq!((refined.column, refined.end_column), (1, 7));
    }
}
