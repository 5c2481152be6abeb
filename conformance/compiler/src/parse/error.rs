//! The error a source text fails with, and the text the interpreter prints for it.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use super::{SyntaxWarning, typos};

/// Which exception class is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// `SyntaxError`.
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
    /// `_IncompleteInputError`: a beginning that more lines could make valid.
    Incomplete,
    /// `RecursionError`: the text nests deeper than is compiled.
    Depth,
    /// `MemoryError`: the text nests deeper than is parsed.
    Stack,
}

impl SyntaxErrorKind {
    /// The name of the exception class.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "SyntaxError",
            Self::Indentation => "IndentationError",
            Self::Tab => "TabError",
            Self::Incomplete => "_IncompleteInputError",
            Self::Depth => "RecursionError",
            Self::Stack => "MemoryError",
        }
    }
}

/// Why a source text could not be parsed, in the terms of Python's `SyntaxError`.
///
/// Positions are signed because Python's are: a column of 0 or -1 means that none is known.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    /// The exception class.
    pub kind: SyntaxErrorKind,
    /// The message, `SyntaxError.msg`.
    pub message: String,
    /// The file, `SyntaxError.filename`.
    pub filename: String,
    /// The line, from 1.
    pub line: i32,
    /// The column in code points, from 1 (`SyntaxError.offset`).
    pub column: i32,
    /// The line where the faulty range ends.
    pub end_line: i32,
    /// The column after the faulty range.
    pub end_column: i32,
    /// The source line, with its newline if the error carries it.
    pub text: Option<String>,
    /// Whether the exception's `args` are the message alone.
    pub bare: bool,
    /// Whether the input is a beginning that more lines could make valid.
    pub is_incomplete: bool,
    /// What the search for a mistyped keyword needs when the error is printed.
    pub context: Option<Box<TypoContext>>,
    /// What Python warns of before it finds the error.
    pub warned: Box<[SyntaxWarning]>,
}

/// The neighbourhood of an error, kept to look for a mistyped keyword.
#[derive(Clone, Debug)]
pub struct TypoContext {
    /// The parsed text.
    pub source: Arc<str>,
    /// The line of the last statement before the error that was complete, or 0.
    pub last_statement_line: u32,
}

impl SyntaxError {
    /// An error of `kind` without a position.
    pub fn new(kind: SyntaxErrorKind, message: impl Into<String>, filename: &str) -> Self {
        Self {
            kind,
            message: message.into(),
            filename: filename.to_owned(),
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            text: None,
            bare: false,
            is_incomplete: false,
            context: None,
            warned: Box::default(),
        }
    }

    /// What `codeop` asks for of `source`, a beginning that more lines could make valid: the end of its last line.
    pub fn incomplete_input(source: &str, filename: &str) -> Self {
        let line = source.lines().count() as i32;
        let last = source.split_inclusive('\n').next_back().unwrap_or("");
        Self {
            line,
            column: last.chars().count() as i32,
            end_line: line,
            end_column: -1,
            text: Some(last.to_owned()),
            ..Self::new(SyntaxErrorKind::Incomplete, "incomplete input", filename)
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} ({}, line {})",
            self.kind.name(),
            self.message,
            self.filename,
            self.line
        )
    }
}

impl std::error::Error for SyntaxError {}

/// What an uncaught `error` prints on stderr: file and line, source line, carets, message; the
/// last line ends without a newline.
///
/// A generic message is first refined if replacing a name by a keyword makes the statement valid.
pub fn format_syntax_error(error: &SyntaxError) -> String {
    match typos::find_keyword_typo(error) {
        Some(refined) => format_plain(&refined),
        None => format_plain(error),
    }
}

/// Formats `error` as it is.
fn format_plain(error: &SyntaxError) -> String {
    let mut out = format!("  File \"{}\", line {}\n", error.filename, error.line);
    if let Some(text) = &error.text {
        let full = text.trim_end_matches('\n');
        let shown = full.trim_start_matches([' ', '\n', '\x0c']);
        let indent = (full.chars().count() - shown.chars().count()) as i64;
        let _ = writeln!(out, "    {shown}");
        let length = text.chars().count() as i64;
        let (start, end) = caret_range(error, length, full.chars().count() as i64);
        let start = start - 1 - indent;
        let end = end - 1 - indent;
        if start >= 0 {
            out.push_str("    ");
            // Keep tabs and wide spaces, so that the carets line up with the text above.
            let mut shown = shown.chars();
            for _ in 0..start {
                let c = shown.next().unwrap_or(' ');
                out.push(if c.is_whitespace() { c } else { ' ' });
            }
            out.extend(std::iter::repeat_n('^', (end - start).max(0) as usize));
            out.push('\n');
        }
    }
    let _ = write!(out, "{}: {}", error.kind.name(), error.message);
    out
}

/// The columns (from 1, end exclusive) that the carets mark.
fn caret_range(error: &SyntaxError, length: i64, stripped_length: i64) -> (i64, i64) {
    let mut start = i64::from(error.column);
    let mut end = if error.line == error.end_line {
        if error.end_column == 0 {
            start
        } else {
            i64::from(error.end_column)
        }
    } else {
        stripped_length + 1
    };
    if length > 0 {
        if start > length {
            start = length + 1;
        }
        end = end.min(length + 1);
    }
    end = end.max(start);
    if start == end || error.end_column == -1 {
        end = start + 1;
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, column: i32, end_line: i32, end_column: i32) -> SyntaxError {
        let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, "bad", "x.py");
        (error.line, error.column) = (3, column);
        (error.end_line, error.end_column) = (end_line, end_column);
        error.text = Some(text.to_owned());
        error
    }

    #[test]
    fn carets_mark_the_range_below_the_stripped_line() {
        let printed = format_syntax_error(&error("    a b\n", 5, 3, 8));
        assert_eq!(
            printed,
            "  File \"x.py\", line 3\n    a b\n    ^^^\nSyntaxError: bad"
        );
    }

    #[test]
    fn a_range_over_lines_is_marked_to_the_end_of_the_first() {
        let printed = format_syntax_error(&error("f(abc,\n", 3, 4, 2));
        assert_eq!(
            printed,
            "  File \"x.py\", line 3\n    f(abc,\n      ^^^^\nSyntaxError: bad"
        );
    }

    #[test]
    fn a_range_without_an_end_gets_one_caret() {
        let printed = format_syntax_error(&error(" x\n", 2, 3, -1));
        assert_eq!(
            printed,
            "  File \"x.py\", line 3\n    x\n    ^\nSyntaxError: bad"
        );
    }
}
