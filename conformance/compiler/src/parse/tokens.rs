//! The tokens of a text, as Python's `tokenize` numbers them.

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
pub fn lexemes(source: &str) -> (Vec<Lexeme>, Option<(TextSize, String)>) {
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
    if failed.is_none() && all.last().is_none_or(|last| last.kind != END) {
        let range = TextRange::empty(TextSize::of(source));
        all.push(Lexeme { kind: END, range });
    }
    (all, failed)
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

fn number(kind: TokenKind) -> Option<u8> {
    use TokenKind::*;
    let number = match kind {
        Name => 1,
        Int | Float | Complex => 2,
        String => 3,
        Newline => NEWLINE,
        Indent => INDENT,
        Dedent => DEDENT,
        FStringStart => 59,
        FStringMiddle => 60,
        FStringEnd => 61,
        TStringStart => 62,
        TStringMiddle => 63,
        TStringEnd => 64,
        Comment => 65,
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
            kinds("if x:\n  y\n"),
            [1, 1, 55, NEWLINE, INDENT, 1, NEWLINE, DEDENT, END]
        );
        assert_eq!(kinds("f'{x}'"), [59, 55, 1, 55, 61, NEWLINE, END]);
    }

    #[test]
    fn what_is_no_token_ends_them() {
        let (tokens, failed) = lexemes("x = 'abc\n");
        assert!(failed.is_some());
        assert_eq!(tokens.len(), 2);
    }
}
