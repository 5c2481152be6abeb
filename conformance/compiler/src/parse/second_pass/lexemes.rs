//! The tokens of a text, as Python's `tokenize` numbers them.

use ruff_text_size::{TextRange, TextSize};

use super::super::lines::LineIndex;
use super::super::warnings::SyntaxWarning;
use super::token::{Kind, Place, TokenError};
use super::tokenizer::Tokenizer;
use super::{Report, SyntaxError, SyntaxErrorKind};

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    /// Its number in the module `token`, which is [`OPERATOR`] for each operator.
    pub kind: u8,
    /// Where it is; a newline's range has no newline in it.
    pub range: TextRange,
}

/// What is found where a text is taken apart.
#[derive(Debug)]
pub struct Lexemes {
    /// The tokens up to the first fault, or to the end.
    pub tokens: Vec<Lexeme>,
    /// What is warned of, each before the token with this index, or before the fault behind all.
    pub warnings: Vec<(usize, SyntaxWarning)>,
    /// What is wrong.
    pub fault: Option<Fault>,
}

/// Where no token is.
#[derive(Clone, Debug)]
pub enum Fault {
    /// An error with a place in a line, as the parser reports it too.
    Error(Box<SyntaxError>),
    /// What ends the reading of lines.
    Line {
        /// Which exception class is raised.
        kind: SyntaxErrorKind,
        /// The message.
        message: String,
        /// The number of the line that was read last.
        line: u32,
        /// The lines that Python keeps of what it has read, without their last newline.
        text: String,
    },
    /// The text ends too early: in its line `line`, where so many bytes are kept.
    End {
        /// The number of the last line.
        line: u32,
        /// The bytes that Python keeps of what it has read.
        kept: u32,
    },
}

/// `ENDMARKER`.
pub const END: u8 = 0;
/// `NAME`.
const NAME: u8 = 1;
/// `NUMBER`.
const NUMBER: u8 = 2;
/// `STRING`.
const STRING: u8 = 3;
/// `NEWLINE`.
pub const NEWLINE: u8 = 4;
/// `INDENT`.
pub const INDENT: u8 = 5;
/// `DEDENT`.
pub const DEDENT: u8 = 6;
/// `OP`.
pub const OPERATOR: u8 = 55;
/// `FSTRING_START`, which the other parts of strings with fields follow.
const FSTRING_START: u8 = 59;
/// `TSTRING_END`, the last of them.
const TSTRING_END: u8 = 64;
/// `COMMENT`.
pub const COMMENT: u8 = 65;
/// `NL`.
pub const BLANK: u8 = 66;

fn number(kind: Kind) -> u8 {
    match kind {
        Kind::Name | Kind::Keyword => NAME,
        Kind::Number => NUMBER,
        Kind::String => STRING,
        Kind::FStart => FSTRING_START,
        Kind::FMiddle => FSTRING_START + 1,
        Kind::FEnd => FSTRING_START + 2,
        Kind::TStart => TSTRING_END - 2,
        Kind::TMiddle => TSTRING_END - 1,
        Kind::TEnd => TSTRING_END,
        Kind::Op => OPERATOR,
        Kind::Newline => NEWLINE,
        Kind::Indent => INDENT,
        Kind::Dedent => DEDENT,
        Kind::Comment => COMMENT,
        Kind::Blank => BLANK,
        Kind::End => END,
    }
}

/// The tokens of the text of `lines`, which is empty or ends in a newline; a carriage return alone ends no line.
///
/// `lenient` as `tokenize` has it: with comments and blank lines, and with brackets that do not match.
pub fn lexemes(lines: &LineIndex, filename: &str, lenient: bool) -> Lexemes {
    let source = lines.source();
    let mut tokenizer = Tokenizer::of_lines(source, lenient);
    let report = Report { lines, filename };
    let mut found = Lexemes {
        tokens: Vec::new(),
        warnings: Vec::new(),
        fault: None,
    };
    loop {
        let read = tokenizer.next();
        let index = found.tokens.len();
        let noticed = tokenizer.notices.drain(..);
        found
            .warnings
            .extend(noticed.map(|notice| (index, report.noticed(&notice))));
        match read {
            Ok(token) => {
                let start = match token.kind {
                    Kind::Indent => tokenizer.kept as u32,
                    _ => token.start,
                };
                let range = TextRange::new(start.into(), token.end.into());
                let kind = number(token.kind);
                found.tokens.push(Lexeme { kind, range });
                if token.kind == Kind::End {
                    return found;
                }
            }
            Err(error) => {
                found.fault = Some(report.fault(&tokenizer, error));
                return found;
            }
        }
    }
}

impl Report<'_> {
    /// What `tokenize` says of an error at which `tokenizer` stopped.
    fn fault(&self, tokenizer: &Tokenizer<'_>, error: TokenError) -> Fault {
        let source = self.lines.source();
        match error.place {
            Place::Before(_) | Place::Columns { .. } => {
                Fault::Error(Box::new(self.token_error(&error)))
            }
            Place::Bracket(_) | Place::LastLine => Fault::End {
                line: self.lines.line_count() - 1,
                kept: (source.len() - tokenizer.kept) as u32,
            },
            Place::At(_) | Place::Kept { .. } | Place::LineEnd(_) => {
                let line = self.lines.line(TextSize::new(tokenizer.cursor as u32));
                let end = self.lines.line_start(line + 1).to_usize();
                Fault::Line {
                    kind: error.kind,
                    message: error.message,
                    line,
                    text: source[tokenizer.kept..end.max(tokenizer.kept)]
                        .trim_end_matches('\n')
                        .to_owned(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Lexemes {
        lexemes(&LineIndex::new(source.into()), "x.py", true)
    }

    fn kinds(source: &str) -> Vec<u8> {
        found(source)
            .tokens
            .iter()
            .map(|token| token.kind)
            .collect()
    }

    fn texts(source: &str) -> Vec<&str> {
        let tokens = found(source).tokens;
        tokens.iter().map(|token| &source[token.range]).collect()
    }

    #[test]
    fn tokens_are_numbered_as_python_does() {
        assert_eq!(kinds("x = 1  # one\n"), [1, 55, 2, 65, NEWLINE, END]);
        assert_eq!(
            kinds("f'{{{x:>{w}}}}\\N{DIGIT ONE}}}'\n"),
            [
                59, 60, 55, 1, 55, 60, 55, 1, 55, 60, 55, 60, 60, 60, 61, NEWLINE, END
            ]
        );
        assert_eq!(
            kinds("if x:\n  # c\n\n  y\n"),
            [
                1, 1, 55, NEWLINE, 65, BLANK, BLANK, INDENT, 1, NEWLINE, DEDENT, END
            ]
        );
        assert_eq!(kinds("f'{x}'\n"), [59, 55, 1, 55, 61, NEWLINE, END]);
        assert_eq!(kinds(""), [END]);
    }

    #[test]
    fn a_carriage_return_alone_belongs_to_the_token_behind_it() {
        assert_eq!(texts("a\rb\n"), ["a", "\rb", "", ""]);
        assert_eq!(texts("(a\r,1)\r\n"), ["(", "a", "\r,", "1", ")", "\r", ""]);
        assert_eq!(texts("#c\rb\r\n"), ["#c", "\rb", "\r\n", ""]);
        assert_eq!(texts("#\u{e9}\rb\n"), ["#\u{e9}", "\rb", "\n", ""]);
        assert_eq!(texts("x = '\r'\n"), ["x", "=", "'\r'", "", ""]);
    }

    #[test]
    fn what_means_nothing_is_an_operator() {
        assert_eq!(texts("a$ )!1if\n"), ["a", "$", ")", "!", "1", "if", "", ""]);
        assert!(found("a$ )!1if\n").fault.is_none());
    }

    #[test]
    fn what_is_no_token_ends_them() {
        let stopped = found("x = 'abc\n");
        assert_eq!(stopped.tokens.len(), 2);
        assert!(matches!(stopped.fault, Some(Fault::Error(_))));
        let Some(Fault::End { line: 2, kept: 0 }) = found("x = (\n1\n").fault else {
            panic!("a bracket is open")
        };
        let Some(Fault::Line { line: 2, text, .. }) = found("x\ny \\ z\n").fault else {
            panic!("a backslash stands within a line")
        };
        assert_eq!(text, "y \\ z");
    }
}
