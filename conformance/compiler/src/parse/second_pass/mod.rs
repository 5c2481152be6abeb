//! Reads a refused text again, slowly, to report its error as Python does.
//!
//! | file                                             | holds                                      |
//! |--------------------------------------------------|--------------------------------------------|
//! | `token`, `tokenizer`, `numbers`, `strings`        | the text as Python's tokenizer splits it   |
//! | `lexemes`                                        | its tokens, as `tokenize` shows them       |
//! | `recognizer`                                     | the engine: choice, memory, errors         |
//! | `statements`, `compound`, `patterns`              | the grammar, with its rules for mistakes   |
//! | `expressions`, `calls`, `parameters`, `targets`    |                                            |
//! | `interpolation`, `escapes`                        | what goes wrong inside of strings          |
//! | `literals`                                       | what strings and numbers are warned of     |
//!
//! The order of events decides which of several errors is reported:
//!
//! 1. An error of the tokenizer, if the grammar asks for the faulty token.
//! 2. Otherwise the first rule for a mistake that fits.
//! 3. Otherwise "invalid syntax" at the furthest token, or an unexpected indentation there.
//! 4. But an error of the tokenizer in the rest of the text replaces 2 and 3, and so does a bracket
//!    that stays open, if it was opened on an earlier line.

use std::sync::Arc;

use ruff_text_size::TextRange;

use super::Mode;
use super::error::{SyntaxError, SyntaxErrorKind, TypoContext};
use super::lines::LineIndex;
use super::warnings::SyntaxWarning;
pub use lexemes::{
    BLANK, COMMENT, DEDENT, END, Fault, INDENT, Lexeme, Lexemes, NEWLINE, OPERATOR, lexemes,
};
pub(super) use literals::has_odd_escape;
use recognizer::{Fail, Id, Match, Raised, Recognizer};
use token::{Kind, Place, TokenError};
pub(super) use tokenizer::MAX_INDENTS;
use tokenizer::Tokenizer;

mod calls;
mod compound;
mod escapes;
mod expressions;
mod interpolation;
mod lexemes;
mod literals;
mod numbers;
mod parameters;
mod patterns;
mod recognizer;
mod statements;
mod strings;
mod targets;
mod token;
mod tokenizer;

/// Finds the error of `text`, which could not be parsed; `fallback` is ruff's opinion, for texts in
/// which this pass finds nothing wrong.
#[cold]
pub(super) fn diagnose(
    text: &Arc<str>,
    filename: &str,
    mode: Mode,
    fallback: Option<(String, TextRange)>,
) -> SyntaxError {
    describe(text, filename, mode, fallback, false)
}

/// As [`diagnose`]; `end_leaves_blocks` says that the end of an interactive text ends none.
fn describe(
    text: &Arc<str>,
    filename: &str,
    mode: Mode,
    fallback: Option<(String, TextRange)>,
    end_leaves_blocks: bool,
) -> SyntaxError {
    let source = complete_last_line(text, mode);
    let lines = LineIndex::new(source.clone());
    let mut recognizer = Recognizer::new(&source, &lines, mode == Mode::Single);
    recognizer.tokenizer.end_leaves_blocks = end_leaves_blocks;
    let first = whole(&mut recognizer, mode);
    // All that was read was taken, but for the token that did not fit.
    let refused = usize::from(recognizer.token_error.is_none());
    let decoded = recognizer.tokens.len().saturating_sub(refused);
    let (outcome, is_incomplete) = find_error(&mut recognizer, mode, first);
    let last_statement_line = recognizer.last_statement_line;
    // The line that the tokenizer has come to.
    let read = recognizer
        .tokens
        .last()
        .map_or(0, |token| recognizer.position(token.end).0)
        .min(lines.end().0);
    let report = Report {
        lines: &lines,
        filename,
    };
    let mut warned = report.warnings(&recognizer.tokens[..decoded], &recognizer.tokenizer.notices);
    warned.extend(report.warnings(&recognizer.decoded_late, &[]));
    let mut error = match outcome {
        Outcome::Token(error) => report.token_error(&error),
        Outcome::Raised(raised) => report.raised(&raised, read),
        Outcome::Fine => report.fallback(fallback),
    };
    error.warned = warned.into();
    error.is_incomplete |= is_incomplete;
    error.context = Some(Box::new(TypoContext {
        source,
        last_statement_line,
    }));
    error
}

/// Whether a text that is valid otherwise ends as it has to: a compound interactive statement in a newline, and an expression with no line
/// of spaces.
pub(super) fn ends_well(text: &Arc<str>, mode: Mode) -> bool {
    let last = text.rsplit('\n').next().unwrap_or(text);
    let doubtful = match mode {
        Mode::Exec => false,
        Mode::Eval => last.len() < text.len() && last.trim_start().is_empty(),
        Mode::Single => true,
    };
    if last.is_empty() || !doubtful {
        return true;
    }
    let lines = LineIndex::new(text.clone());
    let mut recognizer = Recognizer::new(text, &lines, mode == Mode::Single);
    whole(&mut recognizer, mode).is_ok()
}

/// The error of an interactive statement where the end of the text ends no block; `None` if it leaves none open.
#[cold]
pub(super) fn open_block(text: &Arc<str>, filename: &str) -> Option<SyntaxError> {
    let lines = LineIndex::new(text.clone());
    let mut recognizer = Recognizer::new(text, &lines, true);
    recognizer.tokenizer.end_leaves_blocks = true;
    let open = recognizer.interactive().is_err();
    open.then(|| describe(text, filename, Mode::Single, None, true))
}

/// The first error of the tokenizer in `text`, if any.
#[cold]
pub(super) fn tokenizer_error(text: &Arc<str>, filename: &str, mode: Mode) -> Option<SyntaxError> {
    let source = complete_last_line(text, mode);
    let lines = LineIndex::new(source.clone());
    let mut recognizer = Recognizer::new(&source, &lines, mode == Mode::Single);
    let error = tokenizer_rest(&mut recognizer)?;
    let report = Report {
        lines: &lines,
        filename,
    };
    Some(report.token_error(&error))
}

/// What the tokenizer and the parser warn of in `text`, which is valid.
#[cold]
pub(super) fn literal_warnings(text: &Arc<str>, filename: &str, mode: Mode) -> Vec<SyntaxWarning> {
    let source = complete_last_line(text, mode);
    let lines = LineIndex::new(source.clone());
    let mut tokenizer = Tokenizer::new(&source, mode == Mode::Single);
    let mut tokens = Vec::new();
    while let Ok(token) = tokenizer.next() {
        if token.kind == Kind::End {
            break;
        }
        tokens.push(token);
    }
    let report = Report {
        lines: &lines,
        filename,
    };
    report.warnings(&tokens, &tokenizer.notices)
}

/// A module's last line always ends in a newline.
fn complete_last_line(text: &Arc<str>, mode: Mode) -> Arc<str> {
    if mode == Mode::Exec && !text.is_empty() && !text.ends_with('\n') {
        format!("{text}\n").into()
    } else {
        text.clone()
    }
}

/// What the second pass found.
enum Outcome {
    Token(TokenError),
    Raised(Raised),
    /// No error: this pass accepts the text.
    Fine,
}

/// The error of a text whose first run ended as `first` says, and whether the grammar asked for more than the text has.
fn find_error(p: &mut Recognizer<'_>, mode: Mode, first: Match<Id>) -> (Outcome, bool) {
    if let Some(error) = p.token_error.take() {
        return (Outcome::Token(error), false);
    }
    if first.is_ok() {
        let outcome = match mode {
            Mode::Single => extra_statement(p),
            _ => Outcome::Fine,
        };
        return (outcome, false);
    }
    let is_incomplete = p.tokenizer.reached_end;
    (second_run(p, mode, first), is_incomplete)
}

/// The rule for a whole text.
fn whole(p: &mut Recognizer<'_>, mode: Mode) -> Match<Id> {
    match mode {
        Mode::Exec => p.file(),
        Mode::Eval => p.lone_expression(),
        Mode::Single => p.interactive(),
    }
}

/// Looks for the mistake behind a text whose first run failed as `first` says.
fn second_run(p: &mut Recognizer<'_>, mode: Mode, first: Match<Id>) -> Outcome {
    let furthest = p.tokens.last().copied();
    if first == Err(Fail::No) {
        p.restart();
        // What matters is what the rules for mistakes left in `raised` and `token_error`.
        let _ = whole(p, mode);
    }
    let raised = match p.raised.take() {
        Some(raised) => raised,
        None => {
            if let Some(error) = p.token_error.take() {
                return Outcome::Token(error);
            }
            // What the grammar cannot look at, the tokenizer can: a bracket that stays open, above all.
            if p.gave_up
                && let Some(error) = tokenizer_rest(p)
            {
                return Outcome::Token(error);
            }
            let Some(token) = furthest else {
                return Outcome::Fine;
            };
            if let Kind::Indent | Kind::Dedent = token.kind {
                let message = if token.kind == Kind::Indent {
                    "unexpected indent"
                } else {
                    "unexpected unindent"
                };
                let _ = p.raise_last::<()>(SyntaxErrorKind::Indentation, message);
                return p.raised.take().map_or(Outcome::Fine, Outcome::Raised);
            }
            let (start, end) = if p.text.is_empty() {
                ((0, 0), (0, 0))
            } else {
                p.token_place(token)
            };
            Raised {
                kind: SyntaxErrorKind::Syntax,
                message: "invalid syntax".into(),
                start,
                end,
            }
        }
    };
    // Where the tokenizer has looked beyond the end of the text, Python asks it no more.
    if p.tokenizer.at_end() && !p.text.ends_with('\n') {
        return Outcome::Raised(raised);
    }
    match rest_error(p) {
        Some(error) => Outcome::Token(TokenError {
            incomplete: false,
            ..error
        }),
        None => Outcome::Raised(raised),
    }
}

/// The next error of the tokenizer.
fn tokenizer_rest(p: &mut Recognizer<'_>) -> Option<TokenError> {
    loop {
        match p.tokenizer.next() {
            Ok(token) if token.kind == Kind::End => return None,
            Ok(_) => {}
            Err(error) => return Some(error),
        }
    }
}

/// An error of the tokenizer in the part of the text that the grammar did not reach.
fn rest_error(p: &mut Recognizer<'_>) -> Option<TokenError> {
    let line = p.tokens.last().map_or(0, |&token| p.line_of(token));
    loop {
        match p.tokenizer.next() {
            Ok(token) if token.kind == Kind::End => return None,
            Ok(_) => {}
            // Inside of an f-string the error that was found is the better one.
            Err(_) if !p.tokenizer.strings.is_empty() => return None,
            Err(error) if matches!(error.place, Place::Before(_) | Place::Columns { .. }) => {
                return Some(error);
            }
            Err(_) => {
                // Errors of lines do not count, but a bracket opened on an earlier line does.
                let bracket = *p.tokenizer.brackets.last()?;
                let earlier = p.position(bracket.at).0 < line;
                return earlier.then(|| p.tokenizer.never_closed(bracket));
            }
        }
    }
}

/// The error for interactive input that goes on after its statement.
fn extra_statement(p: &mut Recognizer<'_>) -> Outcome {
    let rest = &p.text[p.tokens.last().map_or(0, |token| token.cursor as usize)..];
    let blank = |line: &str| line.trim_start().is_empty() || line.trim_start().starts_with('#');
    if rest.lines().all(blank) {
        return Outcome::Fine;
    }
    let Some(&token) = p.tokens.last() else {
        return Outcome::Fine;
    };
    let (start, end) = p.token_place(token);
    Outcome::Raised(Raised {
        kind: SyntaxErrorKind::Syntax,
        message: "multiple statements found while compiling a single statement".into(),
        start,
        end,
    })
}

/// Turns findings into errors with text.
struct Report<'a> {
    lines: &'a LineIndex,
    filename: &'a str,
}

impl Report<'_> {
    fn error(
        &self,
        kind: SyntaxErrorKind,
        message: &str,
        start: (i32, i32),
        end: (i32, i32),
    ) -> SyntaxError {
        let mut error = SyntaxError::new(kind, message, self.filename);
        (error.line, error.column) = start;
        (error.end_line, error.end_column) = end;
        error.text = Some(
            self.lines
                .line_with_newline(start.0.max(1) as u32)
                .to_owned(),
        );
        error
    }

    /// The error of a rule, where the tokenizer has come to the line `read`: an earlier one is shown without its newline.
    fn raised(&self, raised: &Raised, read: i32) -> SyntaxError {
        let mut end = raised.end;
        if end.0 > raised.start.0 && end.1 > 0 {
            // Python measures the end on the first line of the range: as many bytes as are before it on its own, and one more, which
            // can be the first of a character.
            let line = |line: i32| self.lines.line_text(line.max(1) as u32);
            let before = line(end.0).chars().take((end.1 - 1) as usize);
            let bytes = before.map(char::len_utf8).sum::<usize>() + 1;
            let first = line(raised.start.0).as_bytes();
            let measured = String::from_utf8_lossy(&first[..first.len().min(bytes)]);
            end.1 = measured.chars().count() as i32 + i32::from(bytes > first.len());
        }
        let mut error = self.error(raised.kind, &raised.message, raised.start, end);
        if raised.start.0 < read
            && let Some(text) = &mut error.text
        {
            text.truncate(text.trim_end_matches('\n').len());
        }
        error
    }

    fn token_error(&self, error: &TokenError) -> SyntaxError {
        let place = |offset: u32| {
            let location = self.lines.location(offset.into());
            (location.line as i32, location.char_column as i32 + 1)
        };
        let (start, end, bare) = match error.place {
            Place::Before(offset) => {
                let text = self.lines.source();
                let before = text.floor_char_boundary((offset as usize).saturating_sub(1));
                let (line, column) = place(before as u32);
                ((line, column), (line, column), true)
            }
            Place::Columns {
                line_start,
                from,
                to,
            } => {
                let line = place(line_start).0;
                let (from, to) = (place(from).1 - 1, place(to).1);
                ((line, from), (line, to), true)
            }
            Place::LineEnd(offset) => {
                let (line, column) = place(offset);
                ((line, column), (line, -1), false)
            }
            Place::LastLine => {
                let (line, column) = self.lines.end();
                ((line, column), (line, -1), false)
            }
            Place::At(offset) => {
                let start = place(offset);
                (start, (start.0, 0), false)
            }
            Place::Kept { from, at } => {
                let line = place(at).0;
                let text = self.lines.line_with_newline(line as u32);
                let end = text.floor_char_boundary(text.len().min((at - from) as usize));
                let column = text[..end].chars().count() as i32 + 1;
                ((line, column), (line, 0), false)
            }
            Place::Bracket(at) => {
                let start = place(at);
                (start, (start.0, 0), start.0 < self.lines.end().0)
            }
        };
        let mut result = self.error(error.kind, &error.message, start, end);
        if bare && let Some(text) = &mut result.text {
            text.truncate(text.trim_end_matches('\n').len());
        }
        result.is_incomplete = error.incomplete;
        result
    }

    fn fallback(&self, fallback: Option<(String, TextRange)>) -> SyntaxError {
        let (message, range) =
            fallback.unwrap_or_else(|| ("invalid syntax".into(), TextRange::default()));
        let start = self.lines.location(range.start());
        let end = self.lines.location(range.end());
        self.error(
            SyntaxErrorKind::Syntax,
            &message,
            (start.line as i32, start.char_column as i32 + 1),
            (end.line as i32, end.char_column as i32 + 1),
        )
    }
}
