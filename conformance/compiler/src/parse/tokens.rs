//! The tokens of a text, as Python's `tokenize` numbers them.

use std::ops::Range;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser as ruff;
use ruff_text_size::{Ranged, TextRange, TextSize};

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    /// Its number in the module `token`.
    pub kind: u8,
    /// Where it is.
    pub range: TextRange,
}

/// The tokens of `source`, comments and blank lines included; and where the first one is that is none, with what is wrong.
///
/// A carriage return alone ends no line: it is the first character of the token behind it, and makes an operator of any that is no number, no
/// string and no operator.
pub fn lexemes(source: &str) -> (Vec<Lexeme>, Option<(TextSize, String)>) {
    if !lone_returns(source).any(|_| true) {
        return lexemes_of_lines(source);
    }
    let (mut shown, mut comments) = (without_returns(source), Vec::new());
    loop {
        let (found, failed) = lexemes_of_lines(&shown);
        // A comment ends in front of one.
        let cut = found.iter().find_map(|token| {
            if token.kind != COMMENT {
                return None;
            }
            let text = &source[token.range.start().to_usize()..token.range.end().to_usize()];
            let at = lone_returns(text).next()?;
            let end = token.range.start() + TextSize::new(at as u32);
            Some(TextRange::new(token.range.start(), end))
        });
        let Some(range) = cut else {
            let mut found = with_returns(source, &found);
            found.retain(|token| {
                let within = |comment: &Lexeme| comment.range.contains_range(token.range);
                token.kind != OP || !comments.iter().any(within)
            });
            found.extend(comments);
            found.sort_by_key(|token: &Lexeme| token.range.start());
            return (found, failed);
        };
        let operators = "~".repeat(range.len().to_usize());
        shown.replace_range(range.start().to_usize()..range.end().to_usize(), &operators);
        comments.push(Lexeme {
            kind: COMMENT,
            range,
        });
    }
}

/// Where carriage returns are that no newline follows.
fn lone_returns(source: &str) -> impl Iterator<Item = usize> {
    let bytes = source.as_bytes();
    let alone = |at: &usize| bytes.get(at + 1).is_some_and(|next| *next != b'\n');
    memchr::memchr_iter(b'\r', bytes).filter(alone)
}

/// `source` with an operator for each carriage return alone, and one for it and the character behind it where both are one.
pub(super) fn without_returns(source: &str) -> String {
    let mut shown = source.to_owned();
    for at in lone_returns(source) {
        let joins = |c: &u8| c.is_ascii_alphabetic() || b"_ \t\x0c#\r".contains(c);
        let both = source.as_bytes().get(at + 1).is_some_and(joins);
        let (length, operator) = if both { (2, "//") } else { (1, "~") };
        shown.replace_range(at..at + length, operator);
    }
    shown
}

/// The tokens with each that is a carriage return alone joined to the one behind it.
fn with_returns(source: &str, tokens: &[Lexeme]) -> Vec<Lexeme> {
    let mut out: Vec<Lexeme> = Vec::with_capacity(tokens.len());
    for &token in tokens {
        let joins = |last: &&mut Lexeme| {
            last.kind == OP
                && last.range.end() == token.range.start()
                && source.as_bytes()[last.range.start().to_usize()..last.range.end().to_usize()]
                    == *b"\r"
        };
        match out.last_mut().filter(joins) {
            Some(last) => {
                let range = last.range.cover(token.range);
                *last = Lexeme { range, ..token };
            }
            None => out.push(token),
        }
    }
    out
}

/// The tokens of a text whose lines may end in any way.
fn lexemes_of_lines(source: &str) -> (Vec<Lexeme>, Option<(TextSize, String)>) {
    let parsed = ruff::parse_unchecked(source, ruff::ParseOptions::from(ruff::Mode::Module));
    let failed = parsed.errors().iter().find_map(|error| match &error.error {
        ruff::ParseErrorType::Lexical(fault) => Some((error.location.start(), fault.to_string())),
        _ => None,
    });
    let end = failed.as_ref().map(|(at, _)| *at);
    let mut all = Vec::new();
    for token in parsed.tokens().iter() {
        if end.is_some_and(|end| token.start() >= end) {
            break;
        }
        if let Some(kind) = number(token.kind()) {
            let range = token.range();
            all.push(Lexeme { kind, range });
        }
    }
    let mut all = in_strings(source, &all);
    if failed.is_none() && all.last().is_none_or(|last| last.kind != END) {
        let range = TextRange::empty(TextSize::of(source));
        all.push(Lexeme { kind: END, range });
    }
    (all, failed)
}

/// What is open where a token stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A string with fields, whose text has tokens of this kind.
    String(u8),
    /// A field of it, before its format specification.
    Field(u8),
    /// Its format specification.
    Format(u8),
    /// Any other bracket.
    Bracket,
}

/// The texts in strings with fields as Python has them: what ends in a doubled brace, of which one is left, is a token; and an empty one
/// stands where a format specification ends without a text or has two braces.
fn in_strings(source: &str, tokens: &[Lexeme]) -> Vec<Lexeme> {
    let mut out: Vec<Lexeme> = Vec::with_capacity(tokens.len());
    let mut open = Vec::new();
    // Where a format specification has no text so far, or none behind a field.
    let mut bare = None;
    for &token in tokens {
        let text = &source[token.range.start().to_usize()..token.range.end().to_usize()];
        match (token.kind, text, open.last().copied()) {
            (FSTRING_START | TSTRING_START, ..) => open.push(Open::String(token.kind + 1)),
            (FSTRING_END | TSTRING_END, ..) => drop(open.pop()),
            (FSTRING_MIDDLE | TSTRING_MIDDLE, ..) => {
                split_at_doubled(token, text, &mut out);
                continue;
            }
            (OP, "{", Some(Open::String(kind) | Open::Format(kind))) => {
                let doubled = source[token.range.end().to_usize()..].starts_with('{');
                if doubled && bare == Some(token.range.start()) {
                    let range = TextRange::empty(token.range.start());
                    out.push(Lexeme { kind, range });
                }
                open.push(Open::Field(kind));
            }
            (OP, ":", Some(Open::Field(kind))) => {
                open.pop();
                open.push(Open::Format(kind));
                bare = Some(token.range.end());
            }
            (OP, "(" | "[" | "{", _) => open.push(Open::Bracket),
            (OP, ")" | "]" | "}", top) => {
                if let Some(Open::Format(kind)) = top
                    && bare == Some(token.range.start())
                {
                    let range = TextRange::empty(token.range.start());
                    out.push(Lexeme { kind, range });
                }
                open.pop();
                if matches!(top, Some(Open::Field(_) | Open::Format(_))) {
                    bare = match open.last() {
                        Some(Open::Format(_)) => Some(token.range.end()),
                        _ => None,
                    };
                }
            }
            _ => {}
        }
        out.push(token);
    }
    out
}

/// The parts of a text of a string with fields that Python reads as one each: up to the first of two braces, of which one is left, or to the
/// end of a `\N{...}`.
pub(super) fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = 0;
    while let Some(brace) = text[from..].find(['{', '}']).map(|at| from + at) {
        let rest = &text[brace..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            parts.push(from..brace + 1);
            from = brace + 2;
        } else {
            let end = rest.find('}').map_or(text.len(), |at| brace + at + 1);
            parts.push(from..end);
            from = end;
        }
    }
    if from < text.len() {
        parts.push(from..text.len());
    }
    parts
}

/// The tokens that a text of a string with fields is.
fn split_at_doubled(token: Lexeme, text: &str, out: &mut Vec<Lexeme>) {
    out.extend(parts(text).into_iter().map(|part| {
        let at = |offset: usize| token.range.start() + TextSize::new(offset as u32);
        Lexeme {
            kind: token.kind,
            range: TextRange::new(at(part.start), at(part.end)),
        }
    }));
}

/// `ENDMARKER`.
pub const END: u8 = 0;
/// `NEWLINE`.
pub const NEWLINE: u8 = 4;
/// `INDENT`.
pub const INDENT: u8 = 5;
/// `DEDENT`.
pub const DEDENT: u8 = 6;
/// `OP`.
const OP: u8 = 55;
/// `COMMENT`.
const COMMENT: u8 = 65;
/// `FSTRING_START`.
const FSTRING_START: u8 = 59;
/// `FSTRING_MIDDLE`.
pub const FSTRING_MIDDLE: u8 = 60;
/// `FSTRING_END`.
const FSTRING_END: u8 = 61;
/// `TSTRING_START`.
const TSTRING_START: u8 = 62;
/// `TSTRING_MIDDLE`.
pub const TSTRING_MIDDLE: u8 = 63;
/// `TSTRING_END`.
const TSTRING_END: u8 = 64;

fn number(kind: TokenKind) -> Option<u8> {
    use TokenKind::*;
    let number = match kind {
        Name => 1,
        Int | Float | Complex => 2,
        String => 3,
        Newline => NEWLINE,
        Indent => INDENT,
        Dedent => DEDENT,
        FStringStart => FSTRING_START,
        FStringMiddle => FSTRING_MIDDLE,
        FStringEnd => FSTRING_END,
        TStringStart => TSTRING_START,
        TStringMiddle => TSTRING_MIDDLE,
        TStringEnd => TSTRING_END,
        Comment => COMMENT,
        NonLogicalNewline => 66,
        EndOfFile => END,
        Unknown => return Option::None,
        other if other.is_keyword() => 1,
        _ => OP,
    };
    Option::Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<u8> {
        lexemes(source).0.iter().map(|token| token.kind).collect()
    }

    #[test]
    fn tokens_are_numbered_as_python_does() {
        assert_eq!(kinds("x = 1  # one\n"), [1, 55, 2, 65, NEWLINE, END]);
        assert_eq!(
            kinds("f'{{{x:>{w}}}}\\N{DIGIT ONE}}}'"),
            [
                59, 60, 55, 1, 55, 60, 55, 1, 55, 60, 55, 60, 60, 60, 61, NEWLINE, END
            ]
        );
        assert_eq!(
            kinds("if x:\n  y\n"),
            [1, 1, 55, NEWLINE, INDENT, 1, NEWLINE, DEDENT, END]
        );
        assert_eq!(kinds("f'{x}'"), [59, 55, 1, 55, 61, NEWLINE, END]);
    }

    #[test]
    fn a_carriage_return_alone_belongs_to_the_token_behind_it() {
        let texts = |source| -> Vec<&str> {
            let (tokens, _) = lexemes(source);
            let text = |token: &Lexeme| &source[token.range];
            tokens.iter().map(text).collect()
        };
        assert_eq!(texts("a\rb\n"), ["a", "\rb", "\n", ""]);
        assert_eq!(texts("(a\r,1)\n"), ["(", "a", "\r,", "1", ")", "\n", ""]);
        assert_eq!(texts("#c\rb\r\n"), ["#c", "\rb", "\r\n", ""]);
        assert_eq!(texts("#\u{e9}\rb\n"), ["#\u{e9}", "\rb", "\n", ""]);
        assert_eq!(texts("x = '\r'\n"), ["x", "=", "'\r'", "\n", ""]);
    }

    #[test]
    fn what_is_no_token_ends_them() {
        let (tokens, failed) = lexemes("x = 'abc\n");
        assert!(failed.is_some());
        assert_eq!(tokens.len(), 2);
    }
}
