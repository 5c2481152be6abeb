//! Maps byte offsets of a source text to lines and columns, and lines to their text.

use std::collections::HashMap;
use std::sync::Arc;

use ruff_text_size::TextSize;

/// A position in a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The line, from 1.
    pub line: u32,
    /// UTF-8 bytes before the position on its line, as the `ast` module counts columns.
    pub byte_column: u32,
    /// Code points before the position on its line, as error messages count them.
    pub char_column: u32,
}

/// Where each line of a source text starts.
///
/// The text is the one that was parsed: decoded, without byte order mark, every line end a `\n`.
#[derive(Clone, Debug)]
pub struct LineIndex {
    source: Arc<str>,
    /// The offset of each line's first byte; the first entry is 0.
    starts: Vec<u32>,
    ascii: bool,
    written: Option<Arc<Written>>,
}

/// What stands behind a text that was written for a tree, not by a person.
#[derive(Debug)]
struct Written {
    /// The line and column that offsets stand for, in order of the offsets.
    places: Vec<(u32, (u32, u32))>,
    /// How expressions of templates were written, by their offsets.
    expressions: HashMap<u32, String>,
}

impl LineIndex {
    /// Indexes `source`, which must be shorter than 4 GiB.
    pub fn new(source: Arc<str>) -> Self {
        let mut starts = Vec::with_capacity(source.len() / 32 + 1);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', source.as_bytes()).map(|at| at as u32 + 1));
        let ascii = source.is_ascii();
        Self {
            source,
            starts,
            ascii,
            written: None,
        }
    }

    /// Has offsets stand for other places: those given, and where they are not, the place of the last one before.
    ///
    /// `expressions` says how expressions of templates were written, by their offsets.
    pub fn stand_for(
        &mut self,
        mut places: Vec<(u32, (u32, u32))>,
        expressions: HashMap<u32, String>,
    ) {
        places.sort_by_key(|(offset, _)| *offset);
        self.written = Some(Arc::new(Written {
            places,
            expressions,
        }));
    }

    /// How the expression at `offset` was written, if the text does not say.
    pub fn expression(&self, offset: TextSize) -> Option<&str> {
        let written = self.written.as_ref()?;
        written
            .expressions
            .get(&offset.to_u32())
            .map(String::as_str)
    }

    /// The text that offsets refer to.
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// The number of lines; a text that ends in a newline ends in an empty line.
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The line (from 1) that holds `offset`.
    pub fn line(&self, offset: TextSize) -> u32 {
        self.starts
            .partition_point(|&start| start <= offset.to_u32()) as u32
    }

    /// The position of `offset`; offsets past the end count as the end.
    pub fn location(&self, offset: TextSize) -> Location {
        if let Some(written) = &self.written {
            let before = written
                .places
                .partition_point(|(at, _)| *at <= offset.to_u32());
            let place = before.checked_sub(1).and_then(|at| written.places.get(at));
            let (line, column) = place.map_or((1, 0), |(_, place)| *place);
            return Location {
                line,
                byte_column: column,
                char_column: column,
            };
        }
        let offset = offset.to_u32().min(self.source.len() as u32);
        let line = self.line(offset.into());
        let start = self.starts[line as usize - 1];
        let byte_column = offset - start;
        let char_column = if self.ascii {
            byte_column
        } else {
            count_chars(&self.source.as_bytes()[start as usize..offset as usize])
        };
        Location {
            line,
            byte_column,
            char_column,
        }
    }

    /// The last line that has text, and the length of that line with its newline, in code points.
    pub(super) fn end(&self) -> (i32, i32) {
        let last = self.line(TextSize::new(self.source.len() as u32));
        let line = if self.line_text(last).is_empty() {
            last.saturating_sub(1).max(1)
        } else {
            last
        };
        let length = self.line_with_newline(line).chars().count();
        (line as i32, length as i32)
    }

    /// The offset of the first byte of `line`; the end of the text for a line past the last.
    pub fn line_start(&self, line: u32) -> TextSize {
        let index = line.max(1) as usize - 1;
        let end = self.source.len() as u32;
        self.starts.get(index).copied().unwrap_or(end).into()
    }

    /// The text of `line` without its newline; empty for a line that does not exist.
    pub fn line_text(&self, line: u32) -> &str {
        let text = self.line_with_newline(line);
        text.strip_suffix('\n').unwrap_or(text)
    }

    /// The text of `line` with its newline, if it has one.
    pub fn line_with_newline(&self, line: u32) -> &str {
        let start = self.line_start(line).to_usize();
        let end = self.line_start(line.max(1) + 1).to_usize();
        &self.source[start..end]
    }
}

/// Counts the code points in a run of UTF-8 bytes: those that are not continuation bytes.
pub(super) fn count_chars(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_bytes_and_code_points() {
        let lines = LineIndex::new("a\nπ = 1\n".into());
        let location = lines.location(TextSize::new(5));
        assert_eq!(
            location,
            Location {
                line: 2,
                byte_column: 3,
                char_column: 2
            }
        );
        assert_eq!(lines.line_text(2), "π = 1");
        assert_eq!(lines.line_with_newline(2), "π = 1\n");
        assert_eq!(lines.line_text(9), "");
        assert_eq!(lines.location(TextSize::new(99)).line, 3);
    }
}
