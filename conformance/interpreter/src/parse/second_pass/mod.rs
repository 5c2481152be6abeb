//! Reads a refused text again, to report its error as Python does.

use std::sync::Arc;

use ruff_text_size::TextRange;

use super::Mode;
use super::error::{SyntaxError, SyntaxErrorKind, TypoContext};
use super::lines::LineIndex;

/// Finds the error of `text`, which could not be parsed; `fallback` is ruff's opinion.
#[cold]
pub(super) fn diagnose(
    text: &Arc<str>,
    filename: &str,
    _mode: Mode,
    fallback: Option<(String, TextRange)>,
) -> SyntaxError {
    let lines = LineIndex::new(text.clone());
    let (message, range) =
        fallback.unwrap_or_else(|| ("invalid syntax".into(), TextRange::default()));
    let start = lines.location(range.start());
    let end = lines.location(range.end());
    let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, message, filename);
    error.line = start.line as i32;
    error.column = start.char_column as i32 + 1;
    error.end_line = end.line as i32;
    error.end_column = end.char_column as i32 + 1;
    error.text = Some(lines.line_with_newline(start.line).to_owned());
    error.is_incomplete = range.end().to_usize() >= text.len();
    error.context = Some(TypoContext {
        source: text.clone(),
        last_statement_line: 0,
    });
    error
}

/// The first error of the tokenizer in `text`, if any.
#[cold]
pub(super) fn tokenizer_error(
    _text: &Arc<str>,
    _filename: &str,
    _mode: Mode,
) -> Option<SyntaxError> {
    None
}
