//! What literals are warned of: escape sequences that mean nothing, and numbers that run into a keyword.
//!
//! Python's tokenizer warns as it reads: of the numbers, and of a backslash in front of a brace in an interpolated string. Its parser warns as
//! it decodes a string: of its first other escape that means nothing. A plain string is decoded behind its token, the texts of an
//! interpolated one behind its last quote, but those of its format specifications one by one. So the order follows from where in the text
//! Python is when it warns.

use std::ops::Range;

use super::super::warnings::SyntaxWarning;
use super::token::{Kind, Place, Token, TokenError};
use super::tokenizer::Tokenizer;
use super::{Report, SyntaxError, SyntaxErrorKind};

/// What the tokenizer warns of.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// A number of this kind that ends in a keyword.
    Number(&'static str),
    /// A backslash in front of this brace.
    Brace(u8),
}

/// A warning of the tokenizer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notice {
    what: What,
    /// Where the number ends or the brace is.
    at: u32,
}

impl Tokenizer<'_> {
    /// Warns of what is at the cursor.
    pub fn notice(&mut self, what: What) {
        let at = self.cursor as u32;
        self.notices.push(Notice { what, at });
    }
}

/// The first escape sequence in `body` that means nothing: where its backslash is, and whether it is a number that is too large.
fn odd_escape(body: &str, bytes: bool) -> Option<(usize, bool)> {
    let text = body.as_bytes();
    let mut at = 0;
    loop {
        at += memchr::memchr(b'\\', text.get(at..)?)?;
        let kind = *text.get(at + 1)?;
        let octal = text[at + 1..]
            .iter()
            .take(3)
            .take_while(|byte| (b'0'..=b'7').contains(byte))
            .count();
        let too_large = octal == 3 && kind > b'3';
        // CPython has made a character of its own of a backslash in front of what is not ASCII.
        let known = b"\n\\'\"abfnrtvx01234567".contains(&kind)
            || !bytes && (b"uUN".contains(&kind) || !kind.is_ascii());
        if !known || too_large {
            return Some((at, too_large));
        }
        at += 2;
    }
}

/// Whether Python may warn of a string with this text in it, which is not raw.
pub(in super::super) fn has_odd_escape(text: &str) -> bool {
    odd_escape(text, true).is_some() || text.ends_with('\\')
}

/// The message for an escape sequence that means nothing, and the one for where that is an error.
fn messages(shown: &str, kind: &str) -> (String, String) {
    let hint = format!("Did you mean \"\\{shown}\"? A raw string is also an option.");
    let what = format!("\"{shown}\" is an invalid {kind} sequence.");
    (
        format!("{what} Such sequences will not work in the future. {hint}"),
        format!("{what} {hint}"),
    )
}

/// A string with fields that is being read.
struct Open {
    start: Token,
    raw: bool,
    texts: Vec<Token>,
}

impl Report<'_> {
    /// What is warned of where `tokens` were read, in Python's order; strings are decoded that end before the last of them.
    pub fn warnings(&self, tokens: &[Token], notices: &[Notice]) -> Vec<SyntaxWarning> {
        // Where Python is when it warns, and what it warns of.
        let mut found: Vec<(u32, SyntaxWarning)> = notices
            .iter()
            .map(|notice| (notice.at, self.noticed(notice)))
            .collect();
        let mut open: Vec<Open> = Vec::new();
        for &token in tokens {
            match token.kind {
                Kind::String => {
                    let warning = self.plain(token);
                    found.extend(warning.map(|warning| (token.end, warning)));
                }
                Kind::FStart | Kind::TStart => open.push(Open {
                    start: token,
                    raw: self.text(token).contains(['r', 'R']),
                    texts: Vec::new(),
                }),
                Kind::FMiddle | Kind::TMiddle => {
                    let Some(string) = open.last_mut() else {
                        continue;
                    };
                    if string.raw {
                        continue;
                    }
                    if token.level == string.start.level {
                        string.texts.push(token);
                        continue;
                    }
                    let part = token.start as usize..token.end as usize;
                    let warning = self.decoded(part, false, token);
                    found.extend(warning.map(|warning| (token.end, warning)));
                }
                Kind::FEnd | Kind::TEnd => {
                    let texts = open.pop().map_or(Vec::new(), |string| string.texts);
                    for text in texts {
                        let text = text.start as usize..text.end as usize;
                        let warning = self.decoded(text, false, token);
                        found.extend(warning.map(|warning| (token.end, warning)));
                    }
                }
                _ => {}
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, warning)| warning).collect()
    }

    fn text(&self, token: Token) -> &str {
        &self.lines.source()[token.start as usize..token.end as usize]
    }

    pub fn noticed(&self, notice: &Notice) -> SyntaxWarning {
        let ((message, as_error), read) = match notice.what {
            What::Number(name) => {
                let message = format!("invalid {name} literal");
                ((message.clone(), message), notice.at)
            }
            What::Brace(brace) => {
                let shown = format!("\\{}", char::from(brace));
                (messages(&shown, "escape"), notice.at + 1)
            }
        };
        let error = self.token_error(&TokenError {
            kind: SyntaxErrorKind::Syntax,
            message: as_error,
            place: Place::Before(read),
            incomplete: false,
        });
        SyntaxWarning {
            message,
            line: error.line as u32,
            error,
            range: None,
        }
    }

    /// What a string without fields is warned of.
    fn plain(&self, token: Token) -> Option<SyntaxWarning> {
        let text = self.text(token);
        let prefix = text.find(['"', '\''])?;
        if text[..prefix].contains(['r', 'R']) {
            return None;
        }
        let quotes = leading_quotes(&text[prefix..]);
        let from = token.start as usize + prefix + quotes;
        let to = (token.end as usize).checked_sub(quotes)?;
        let bytes = text[..prefix].contains(['b', 'B']);
        (from < to).then(|| self.decoded(from..to, bytes, token))?
    }

    /// What decoding `body` warns of, which belongs to `token`: the place follows from the token's, by how far its quotes and its text in the
    /// form that is decoded take, where a character that is not ASCII has ten places.
    fn decoded(&self, body: Range<usize>, bytes: bool, token: Token) -> Option<SyntaxWarning> {
        let source = self.lines.source();
        let body = &source[body];
        let (at, too_large) = odd_escape(body, bytes)?;
        let c = body[at + 1..].chars().next()?;
        if token.kind != Kind::String && matches!(c, '{' | '}') {
            // The tokenizer has.
            return None;
        }
        let shown = &body[at..at + 1 + if too_large { 3 } else { c.len_utf8() }];
        let kind = if too_large { "octal escape" } else { "escape" };
        let (message, as_error) = messages(shown, kind);
        let before = &body[..at];
        let start = self.lines.location(token.start.into());
        let places = |text: &str| -> usize {
            let place = |c: char| if c.is_ascii() { 1 } else { 10 };
            text.chars().map(place).sum()
        };
        let offset = match before.rfind('\n') {
            Some(newline) => places(&before[newline + 1..]),
            None => start.byte_column as usize + leading_quotes(self.text(token)) + places(before),
        };
        let line = start.line + memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32;
        // An earlier line than that which was read last is shown without its newline.
        let text = if line < self.lines.location(token.end.into()).line {
            self.lines.line_text(line)
        } else {
            let last = self.lines.end().0 as u32;
            self.lines.line_with_newline(line.min(last))
        };
        // The line may be shorter than that.
        let column = |offset: usize| {
            let end = text.floor_char_boundary(offset.min(text.len()));
            text[..end].chars().count() as i32 + 1
        };
        let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, as_error, self.filename);
        (error.line, error.end_line) = (line as i32, line as i32);
        (error.column, error.end_column) = (column(offset), column(offset + 2));
        error.text = Some(text.to_owned());
        Some(SyntaxWarning {
            message,
            line,
            error,
            range: None,
        })
    }
}

/// How many quotes `text` starts with, as a literal does: one or three.
fn leading_quotes(text: &str) -> usize {
    let same = text
        .bytes()
        .take(3)
        .take_while(|&byte| matches!(byte, b'"' | b'\'') && byte == text.as_bytes()[0])
        .count();
    // Two are an empty string.
    if same == 2 { 1 } else { same }
}
