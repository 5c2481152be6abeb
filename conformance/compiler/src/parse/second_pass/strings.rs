//! Reads string literals, f-strings and t-strings.

use super::literals::What;
use super::token::{Kind, Token, TokenError};
use super::tokenizer::{Bracket, Field, Interpolated, Lexed, Tokenizer};

/// Replacement fields in format specifications may not nest deeper.
const MAX_FIELDS: usize = 3;

impl Tokenizer<'_> {
    /// A plain string that starts at `start`; the cursor is on its first quote.
    pub fn string(&mut self, start: usize) -> Lexed {
        let quote = self.peek();
        let size = self.quote_size();
        self.cursor += size as usize;
        if size == 2 {
            return Ok(self.token(Kind::String, start, self.cursor));
        }
        let mut found = 0;
        let mut escaped_quote = false;
        while found != size {
            if self.at_end() || (size == 1 && self.peek() == b'\n') {
                return self.unterminated(start, quote, size, escaped_quote);
            }
            let c = self.peek();
            self.cursor += 1;
            if c == quote {
                found += 1;
                continue;
            }
            found = 0;
            if c == b'\\' {
                if self.peek() == quote {
                    escaped_quote = true;
                }
                self.step_over_escaped();
            }
        }
        Ok(self.token(Kind::String, start, self.cursor))
    }

    /// Steps over what a backslash stands before: a carriage return counts as one with what follows it.
    fn step_over_escaped(&mut self) {
        let returned = self.peek() == b'\r';
        self.cursor = (self.cursor + 1 + usize::from(returned)).min(self.text.len());
    }

    /// 1 or 3 for a string's opening quotes, 2 for an empty string.
    fn quote_size(&self) -> u32 {
        let quote = self.peek();
        match (self.peek_at(1) == quote, self.peek_at(2) == quote) {
            (true, true) => 3,
            (true, false) => 2,
            _ => 1,
        }
    }

    fn unterminated(&self, start: usize, quote: u8, size: u32, escaped_quote: bool) -> Lexed {
        if let Some(string) = self.strings.last()
            && string.quote == quote
            && string.quote_size == size
        {
            let letter = string.letter;
            return self.error_at(start + 1, format!("{letter}-string: expecting '}}'"));
        }
        let line = self.last_line();
        if size == 3 {
            return self.incomplete(
                start,
                format!("unterminated triple-quoted string literal (detected at line {line})"),
            );
        }
        let hint = if escaped_quote {
            "; perhaps you escaped the end quote?"
        } else {
            ""
        };
        let message = format!("unterminated string literal (detected at line {line}){hint}");
        if self.at_end() {
            return self.incomplete(start, message);
        }
        self.error_at(start + 1, message)
    }

    /// The line the cursor is on; at the end of the text, its last line.
    fn last_line(&self) -> usize {
        let line = self.line_number(self.cursor);
        if self.at_end() && self.text.last() == Some(&b'\n') {
            line - 1
        } else {
            line
        }
    }

    fn incomplete<T>(&self, start: usize, message: String) -> Result<T, TokenError> {
        let result = self.error_at(start + 1, message);
        result.map_err(|error| TokenError {
            incomplete: true,
            ..error
        })
    }

    /// The start of an f-string or t-string; the cursor is on its first quote.
    pub fn interpolated_start(&mut self, start: usize, letter: char, raw: bool) -> Lexed {
        let quote = self.peek();
        let size = if self.quote_size() == 3 { 3 } else { 1 };
        self.cursor += size as usize;
        self.strings.push(Interpolated {
            letter,
            raw,
            quote,
            quote_size: size,
            start: start as u32,
            at_bracket: false,
            in_format: false,
            fields: Vec::new(),
        });
        let kind = if letter == 'f' {
            Kind::FStart
        } else {
            Kind::TStart
        };
        Ok(self.token(kind, start, self.cursor))
    }

    /// The literal part of an f-string, the brace of a field, or the end.
    pub fn interpolated_middle(&mut self) -> Lexed {
        let Some(string) = self.strings.last().cloned() else {
            return self.error("f-string: invalid state");
        };
        let (middle, end) = match string.letter {
            'f' => (Kind::FMiddle, Kind::FEnd),
            _ => (Kind::TMiddle, Kind::TEnd),
        };
        let start = self.cursor;
        let mut quotes = 0;
        // Whether a `\N{` was read.
        let mut named = false;
        loop {
            if self.at_end() || (string.quote_size == 1 && self.peek() == b'\n') {
                if string.in_format && string.quote_size == 1 && !self.at_end() {
                    return self.error_at(self.cursor + 1, format!(
                        "{}-string: newlines are not allowed in format specifiers for single quoted {}-strings",
                        string.letter, string.letter
                    ));
                }
                return self.unterminated_interpolated(&string);
            }
            let c = self.peek();
            if c == string.quote {
                quotes += 1;
                if quotes == string.quote_size {
                    let quotes_at = self.cursor + 1 - string.quote_size as usize;
                    if quotes_at > start {
                        self.cursor = quotes_at;
                        return Ok(self.token(middle, start, self.cursor));
                    }
                    self.cursor += 1;
                    self.strings.pop();
                    return Ok(self.token(end, quotes_at, self.cursor));
                }
                self.cursor += 1;
                continue;
            }
            quotes = 0;
            match c {
                b'{' if self.peek_at(1) == b'{' && !string.in_format => {
                    return Ok(self.text_with_brace(middle, start));
                }
                b'{' => {
                    // A brace that opens a field needs no text in front of it, but the first of two does.
                    let text = self.cursor > start || self.peek_at(1) == b'{';
                    if text && !string.at_bracket {
                        return Ok(self.text_before_bracket(middle, start));
                    }
                    return self.open_brace(&string);
                }
                b'}' if named => {
                    self.cursor += 1;
                    return Ok(self.token(middle, start, self.cursor));
                }
                b'}' if string.fields.is_empty() && self.peek_at(1) == b'}' => {
                    return Ok(self.text_with_brace(middle, start));
                }
                b'}' if !string.at_bracket => return Ok(self.text_before_bracket(middle, start)),
                b'}' => {
                    // The end of the field: read it as a bracket.
                    self.cursor += 1;
                    if string.fields.is_empty() {
                        let letter = string.letter;
                        return self.error(format!("{letter}-string: single '}}' is not allowed"));
                    }
                    self.brackets.pop();
                    if let Some(string) = self.strings.last_mut() {
                        string.at_bracket = false;
                        string.in_format = false;
                        string.fields.pop();
                    }
                    return Ok(self.token(Kind::Op, start, self.cursor));
                }
                b'\\' => {
                    // It protects what follows, also where it stays.
                    self.cursor += 1;
                    if let brace @ (b'{' | b'}') = self.peek() {
                        if !string.raw {
                            self.notice(What::Brace(brace));
                        }
                    } else if !string.raw && self.text[self.cursor..].starts_with(b"N{") {
                        named = true;
                        self.cursor += 2;
                    } else {
                        self.step_over_escaped();
                    }
                }
                _ => self.cursor += 1,
            }
        }
    }

    /// The text up to the first of two braces at the cursor, of which one is left.
    fn text_with_brace(&mut self, middle: Kind, start: usize) -> Token {
        self.cursor += 2;
        self.token(middle, start, self.cursor - 1)
    }

    /// The text up to the bracket at the cursor, which is read next.
    fn text_before_bracket(&mut self, middle: Kind, start: usize) -> Token {
        if let Some(string) = self.strings.last_mut() {
            string.at_bracket = true;
        }
        self.token(middle, start, self.cursor)
    }

    fn open_brace(&mut self, string: &Interpolated) -> Lexed {
        let start = self.cursor;
        self.cursor += 1;
        if string.fields.len() >= MAX_FIELDS {
            let letter = string.letter;
            return self.error(format!("{letter}-string: expressions nested too deeply"));
        }
        let field = Field {
            level: self.brackets.len(),
            in_spec: false,
        };
        self.brackets.push(Bracket {
            symbol: b'{',
            at: start as u32,
        });
        if let Some(string) = self.strings.last_mut() {
            string.at_bracket = false;
            string.fields.push(field);
        }
        Ok(self.token(Kind::Op, start, self.cursor))
    }

    fn unterminated_interpolated(&self, string: &Interpolated) -> Lexed {
        let line = self.last_line();
        let letter = string.letter;
        let start = string.start as usize;
        if string.quote_size == 3 {
            return self.incomplete(
                start,
                format!(
                    "unterminated triple-quoted {letter}-string literal (detected at line {line})"
                ),
            );
        }
        self.error_at(
            start + 1,
            format!("unterminated {letter}-string literal (detected at line {line})"),
        )
    }
}
