//! Splits a text into the tokens Python's own tokenizer would produce, up to its first error.
//!
//! Errors matter more than tokens here: each check is made where Python makes it, because the
//! first one wins, and positions follow from how far the cursor has come.

use super::super::{MAX_BRACKETS, TOO_MANY_BRACKETS};
use super::SyntaxErrorKind;
use super::literals::Notice;
use super::token::{Kind, Place, Token, TokenError, is_keyword};

pub const MAX_INDENTS: usize = 100;
const TAB_WIDTH: u32 = 8;

/// An open bracket.
#[derive(Clone, Copy)]
pub(super) struct Bracket {
    pub symbol: u8,
    pub at: u32,
}

/// An f-string or t-string being read.
#[derive(Clone)]
pub(super) struct Interpolated {
    /// `f` or `t`, for messages.
    pub letter: char,
    pub raw: bool,
    pub quote: u8,
    pub quote_size: u32,
    pub start: u32,
    /// The text before the bracket at the cursor, which may be empty, was read.
    pub at_bracket: bool,
    /// A format specification is being read, and no field of it was.
    pub in_format: bool,
    /// Brackets open where each replacement field that is being read started.
    pub fields: Vec<Field>,
}

#[derive(Clone, Copy)]
pub(super) struct Field {
    /// Brackets open outside of the field's own brace.
    pub level: usize,
    /// The field's expression is over and its format specification is being read.
    pub in_spec: bool,
}

pub(super) struct Tokenizer<'a> {
    pub text: &'a [u8],
    pub source: &'a str,
    pub cursor: usize,
    pub brackets: Vec<Bracket>,
    pub strings: Vec<Interpolated>,
    indents: Vec<(u32, u32)>,
    pending: i32,
    at_line_start: bool,
    /// Interactive input gets one newline before its end.
    interactive: bool,
    parsing_started: bool,
    /// The end of interactive input ends no block that is open.
    pub end_leaves_blocks: bool,
    /// A made-up newline ends a last line that has none.
    last_was_newline: bool,
    /// A token behind the last line was asked for.
    pub reached_end: bool,
    /// Where what Python keeps of the text begins: its lines from the one in which the last token began that goes over several.
    pub kept: usize,
    /// For `tokenize`: comments and the ends of blank lines are tokens, too, and brackets need not match, nor need numbers end where a name
    /// begins, nor names have letters in them.
    lenient: bool,
    /// Lines are read when they are needed: what is kept of them is more, and no end of a line is made up.
    by_lines: bool,
    /// The last token was a comment on a line of its own.
    after_comment: bool,
    /// What it warns of.
    pub notices: Vec<Notice>,
}

pub(super) type Lexed = Result<Token, TokenError>;

impl<'a> Tokenizer<'a> {
    pub fn new(source: &'a str, interactive: bool) -> Self {
        Self {
            text: source.as_bytes(),
            source,
            cursor: 0,
            brackets: Vec::new(),
            strings: Vec::new(),
            indents: vec![(0, 0)],
            pending: 0,
            at_line_start: true,
            interactive,
            parsing_started: false,
            end_leaves_blocks: false,
            last_was_newline: true,
            reached_end: false,
            kept: 0,
            lenient: false,
            by_lines: false,
            after_comment: false,
            notices: Vec::new(),
        }
    }

    /// Reads `source` line by line, for `tokenize`. Carriage returns may stand in it.
    pub fn of_lines(source: &'a str, lenient: bool) -> Self {
        Self {
            by_lines: true,
            lenient,
            ..Self::new(source, false)
        }
    }

    pub fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// The next token; the end token repeats.
    pub fn next(&mut self) -> Lexed {
        let mut token = self.lex()?;
        if self.interactive && token.kind == Kind::End && self.parsing_started {
            // It ends the open blocks, too.
            token.kind = Kind::Newline;
            self.parsing_started = false;
            if !self.end_leaves_blocks {
                self.end_blocks();
            }
        } else {
            self.parsing_started = true;
        }
        Ok(token)
    }

    /// Has the ends of all open blocks come next.
    fn end_blocks(&mut self) {
        self.pending = 1 - self.indents.len() as i32;
        self.indents.truncate(1);
    }

    pub fn peek(&self) -> u8 {
        self.text.get(self.cursor).copied().unwrap_or(0)
    }

    pub fn peek_at(&self, ahead: usize) -> u8 {
        self.text.get(self.cursor + ahead).copied().unwrap_or(0)
    }

    pub fn at_end(&self) -> bool {
        self.cursor >= self.text.len()
    }

    pub fn token(&self, kind: Kind, start: usize, end: usize) -> Token {
        Token {
            kind,
            start: start as u32,
            end: end as u32,
            cursor: self.cursor as u32,
            level: self.brackets.len() as u32,
            has_column: true,
        }
    }

    fn without_column(&self, kind: Kind) -> Token {
        Token {
            has_column: false,
            ..self.token(kind, self.cursor, self.cursor)
        }
    }

    /// An error at the character before the cursor.
    pub fn error<T>(&self, message: impl Into<String>) -> Result<T, TokenError> {
        self.error_at(self.cursor, message)
    }

    /// An error at the character before `offset`.
    pub fn error_at<T>(&self, offset: usize, message: impl Into<String>) -> Result<T, TokenError> {
        Err(TokenError {
            kind: SyntaxErrorKind::Syntax,
            message: message.into(),
            place: Place::Before(offset as u32),
            incomplete: false,
        })
    }

    pub fn line_number(&self, offset: usize) -> usize {
        memchr::memchr_iter(b'\n', &self.text[..offset]).count() + 1
    }

    fn lex(&mut self) -> Lexed {
        if let Some(string) = self.strings.last() {
            let in_expression = string.fields.last().is_some_and(|field| !field.in_spec);
            if !in_expression {
                return self.interpolated_middle();
            }
        }
        loop {
            let blank = std::mem::take(&mut self.at_line_start) && self.indentation()?;
            if self.pending < 0 {
                self.pending += 1;
                return Ok(self.without_column(Kind::Dedent));
            }
            if self.pending > 0 {
                self.pending -= 1;
                return Ok(self.without_column(Kind::Indent));
            }
            if let Some(token) = self.in_line(blank)? {
                return Ok(token);
            }
        }
    }

    /// The next token of a line, or none behind the end of one that counts for nothing; `blank` says that there is no token in this one.
    fn in_line(&mut self, blank: bool) -> Result<Option<Token>, TokenError> {
        loop {
            while matches!(self.peek(), b' ' | b'\t' | b'\x0c') {
                self.cursor += 1;
            }
            let start = self.cursor;
            if self.peek() == b'#' {
                while !self.at_end() && !matches!(self.peek(), b'\n' | b'\r') {
                    self.cursor += 1;
                }
                if self.lenient {
                    self.after_comment = blank && self.brackets.is_empty();
                    return Ok(Some(self.token(Kind::Comment, start, self.cursor)));
                }
            }
            if self.at_end() {
                return self.end().map(Some);
            }
            // A carriage return is part of the token behind it, and makes an operator of the character of a word.
            let returned = self.peek() == b'\r';
            self.cursor += usize::from(returned);
            match self.peek() {
                b'\n' => {
                    self.cursor += 1;
                    if !self.by_lines || self.strings.is_empty() {
                        self.kept = self.cursor;
                    }
                    self.at_line_start = self.brackets.is_empty();
                    if blank || !self.at_line_start || std::mem::take(&mut self.after_comment) {
                        let token = self.token(Kind::Blank, start, self.cursor);
                        return Ok(self.lenient.then_some(token));
                    }
                    self.last_was_newline = true;
                    return Ok(Some(self.token(Kind::Newline, start, self.cursor - 1)));
                }
                b'\\' => self.continuation(false)?,
                c => {
                    self.last_was_newline = false;
                    let token = match c {
                        b'0'..=b'9' => self.number(start),
                        b'.' if self.peek_at(1).is_ascii_digit() => self.number(start),
                        b'"' | b'\'' => self.string(start),
                        b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. if !returned => self.word(),
                        _ => self.symbol(start),
                    };
                    return token.map(Some);
                }
            }
        }
    }

    /// Steps over a backslash and the newline that must follow; `before_tokens` says that no token of the line was read.
    fn continuation(&mut self, before_tokens: bool) -> Result<(), TokenError> {
        self.cursor += 1;
        if self.text[self.cursor..].starts_with(b"\r\n") {
            self.cursor += 1;
        }
        if self.at_end() || self.peek() != b'\n' {
            let back = usize::from(self.at_end());
            return Err(TokenError {
                kind: SyntaxErrorKind::Syntax,
                message: "unexpected character after line continuation character".into(),
                place: Place::Kept {
                    from: self.kept as u32,
                    at: (self.cursor - back) as u32,
                },
                incomplete: self.at_end(),
            });
        }
        self.cursor += 1;
        if before_tokens {
            self.kept = self.cursor;
        }
        if self.at_end() {
            return self.unexpected_end();
        }
        Ok(())
    }

    fn unexpected_end<T>(&self) -> Result<T, TokenError> {
        Err(match self.brackets.last() {
            Some(&bracket) => self.never_closed(bracket),
            None => TokenError {
                kind: SyntaxErrorKind::Syntax,
                message: "unexpected EOF while parsing".into(),
                place: Place::LastLine,
                incomplete: true,
            },
        })
    }

    pub fn never_closed(&self, bracket: Bracket) -> TokenError {
        TokenError {
            kind: SyntaxErrorKind::Syntax,
            message: format!("'{}' was never closed", char::from(bracket.symbol)),
            place: Place::Bracket(bracket.at),
            incomplete: true,
        }
    }

    fn end(&mut self) -> Lexed {
        if let Some(&bracket) = self.brackets.last() {
            return Err(self.never_closed(bracket));
        }
        if !self.last_was_newline && !self.by_lines && !self.interactive {
            self.last_was_newline = true;
            self.at_line_start = true;
            return Ok(self.without_column(Kind::Newline));
        }
        self.reached_end = true;
        Ok(self.without_column(Kind::End))
    }

    /// Measures the indentation of a line, and sets `pending`, unless the line is blank: whether it is.
    fn indentation(&mut self) -> Result<bool, TokenError> {
        let (mut column, mut alternative) = (0u32, 0u32);
        let mut continued: Option<u32> = None;
        loop {
            match self.peek() {
                b' ' => {
                    column += 1;
                    alternative += 1;
                }
                b'\t' => {
                    column = (column / TAB_WIDTH + 1) * TAB_WIDTH;
                    alternative += 1;
                }
                b'\x0c' => (column, alternative) = (0, 0),
                b'\\' => {
                    // The indentation is that of the first of the joined lines.
                    continued = continued.or(Some(column).filter(|&column| column > 0));
                    self.continuation(true)?;
                    continue;
                }
                _ => break,
            }
            self.cursor += 1;
        }
        if self.at_end() && column == 0 {
            self.reached_end = true;
            self.end_blocks();
            return Ok(false);
        }
        if matches!(self.peek(), b'#' | b'\n' | b'\r') {
            return Ok(true);
        }
        let (column, alternative) = match continued {
            Some(column) => (column, column),
            None => (column, alternative),
        };
        let &(top, top_alternative) = self.indents.last().unwrap_or(&(0, 0));
        if column == top {
            if alternative != top_alternative {
                return self.tab_error();
            }
        } else if column > top {
            if self.indents.len() >= MAX_INDENTS {
                return Err(TokenError {
                    kind: SyntaxErrorKind::Indentation,
                    message: "too many levels of indentation".into(),
                    place: Place::At(self.line_start(self.cursor) as u32),
                    incomplete: false,
                });
            }
            if alternative <= top_alternative {
                return self.tab_error();
            }
            self.pending = 1;
            self.indents.push((column, alternative));
        } else {
            while self.indents.len() > 1 && column < self.indents[self.indents.len() - 1].0 {
                self.pending -= 1;
                self.indents.pop();
            }
            let &(top, top_alternative) = self.indents.last().unwrap_or(&(0, 0));
            if column != top {
                self.pending = 0;
                let end = memchr::memchr(b'\n', &self.text[self.cursor..])
                    .map_or(self.text.len(), |ahead| self.cursor + ahead);
                return Err(TokenError {
                    kind: SyntaxErrorKind::Indentation,
                    message: "unindent does not match any outer indentation level".into(),
                    place: Place::LineEnd(end as u32 - u32::from(end == self.text.len())),
                    incomplete: false,
                });
            }
            if alternative != top_alternative {
                return self.tab_error();
            }
        }
        Ok(false)
    }

    fn tab_error<T>(&self) -> Result<T, TokenError> {
        Err(TokenError {
            kind: SyntaxErrorKind::Tab,
            message: "inconsistent use of tabs and spaces in indentation".into(),
            place: Place::At(self.line_start(self.cursor) as u32),
            incomplete: false,
        })
    }

    pub fn line_start(&self, offset: usize) -> usize {
        memchr::memrchr(b'\n', &self.text[..offset.min(self.text.len())]).map_or(0, |at| at + 1)
    }

    /// A name, a keyword, or a string with a prefix.
    fn word(&mut self) -> Lexed {
        let start = self.cursor;
        let (mut b, mut u, mut r, mut f, mut t) = (false, false, false, false, false);
        loop {
            let seen = match self.peek().to_ascii_lowercase() {
                b'b' => &mut b,
                b'u' => &mut u,
                b'r' => &mut r,
                b'f' => &mut f,
                b't' => &mut t,
                _ => break,
            };
            if std::mem::replace(seen, true) {
                break;
            }
            self.cursor += 1;
            if matches!(self.peek(), b'"' | b'\'') {
                let clashes = [
                    (u && b, 'u', 'b'),
                    (u && r, 'u', 'r'),
                    (u && f, 'u', 'f'),
                    (u && t, 'u', 't'),
                    (b && f, 'b', 'f'),
                    (b && t, 'b', 't'),
                    (f && t, 'f', 't'),
                ];
                if let Some((_, one, other)) = clashes.iter().find(|clash| clash.0) {
                    let line_start = self.line_start(start) as u32;
                    return Err(TokenError {
                        kind: SyntaxErrorKind::Syntax,
                        message: format!("'{one}' and '{other}' prefixes are incompatible"),
                        place: Place::Columns {
                            line_start,
                            from: start as u32 + 1,
                            to: self.cursor as u32,
                        },
                        incomplete: false,
                    });
                }
                if f || t {
                    return self.interpolated_start(start, if f { 'f' } else { 't' }, r);
                }
                return self.string(start);
            }
        }
        while self.peek().is_ascii_alphanumeric() || self.peek() == b'_' || self.peek() >= 0x80 {
            self.cursor += 1;
        }
        let word = &self.source[start..self.cursor];
        if !word.is_ascii() && !self.lenient {
            self.check_identifier(start, word)?;
        }
        let kind = if is_keyword(word) {
            Kind::Keyword
        } else {
            Kind::Name
        };
        Ok(self.token(kind, start, self.cursor))
    }

    fn check_identifier(&self, start: usize, word: &str) -> Result<(), TokenError> {
        for (at, c) in word.char_indices() {
            let valid = if at == 0 {
                c == '_' || unicode_ident::is_xid_start(c)
            } else {
                unicode_ident::is_xid_continue(c)
            };
            if !valid {
                let end = start + at + c.len_utf8();
                let code = c as u32;
                return if is_printable(c) {
                    self.error_at(end, format!("invalid character '{c}' (U+{code:04X})"))
                } else {
                    self.error_at(end, format!("invalid non-printable character U+{code:04X}"))
                };
            }
        }
        Ok(())
    }

    fn symbol(&mut self, start: usize) -> Lexed {
        const THREE: [&[u8]; 5] = [b"**=", b"//=", b">>=", b"<<=", b"..."];
        const TWO: [&[u8]; 20] = [
            b"!=", b"%=", b"&=", b"**", b"*=", b"+=", b"-=", b"->", b"//", b"/=", b":=", b"<<",
            b"<=", b"==", b">=", b">>", b"@=", b"^=", b"|=", b"..",
        ];
        let c = self.peek();
        let depth = self.brackets.len();
        if c == b':'
            && let Some(string) = self.strings.last_mut()
            && let Some(field) = string.fields.last_mut()
            && depth == field.level + 1
        {
            // In a replacement field it ends the expression, unless it is in brackets.
            field.in_spec = true;
            string.in_format = true;
            self.cursor += 1;
            return Ok(self.token(Kind::Op, start, self.cursor));
        }
        let rest = &self.text[self.cursor..];
        let length = if THREE.iter().any(|symbol| rest.starts_with(symbol)) {
            3
        } else if TWO
            .iter()
            .any(|&symbol| symbol != b".." && rest.starts_with(symbol))
        {
            2
        } else {
            // Only behind a carriage return is it a character of several bytes.
            self.source[self.cursor..]
                .chars()
                .next()
                .map_or(1, char::len_utf8)
        };
        self.cursor += length;
        match c {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_BRACKETS {
                    return self.error(TOO_MANY_BRACKETS);
                }
                self.brackets.push(Bracket {
                    symbol: c,
                    at: start as u32,
                });
            }
            b')' | b']' | b'}' if self.lenient => self.close_any(c)?,
            b')' | b']' | b'}' => self.close(c)?,
            _ if length == 1 && (c < b' ' || c == 0x7f) => {
                return self.error(format!("invalid non-printable character U+{c:04X}"));
            }
            _ => {}
        }
        Ok(self.token(Kind::Op, start, self.cursor))
    }

    fn open_field(&mut self) -> Option<&mut Field> {
        self.strings.last_mut()?.fields.last_mut()
    }

    /// Closes a bracket; the cursor is behind it.
    fn close(&mut self, symbol: u8) -> Result<(), TokenError> {
        let closing = char::from(symbol);
        let field = self.open_field().copied();
        let letter = self.strings.last().map(|string| string.letter);
        let prefix = letter.map_or(String::new(), |letter| format!("{letter}-string: "));
        if let (Some(field), Some(letter)) = (field, letter)
            && self.brackets.len() <= field.level
            && symbol == b'}'
        {
            return self.error(format!("{letter}-string: single '}}' is not allowed"));
        }
        let Some(bracket) = self.brackets.last().copied() else {
            return self.error(format!("{prefix}unmatched '{closing}'"));
        };
        let own_brace = field.is_some_and(|field| self.brackets.len() == field.level + 1);
        let opening = char::from(bracket.symbol);
        let matches = matches!((opening, closing), ('(', ')') | ('[', ']') | ('{', '}'));
        if !matches {
            if own_brace && opening == '{' {
                return self.error(format!("{prefix}unmatched '{closing}'"));
            }
            // Inside of a field too, this message has no prefix.
            let line = self.line_number(bracket.at as usize);
            if line != self.line_number(self.cursor) {
                return self.error(format!(
                    "closing parenthesis '{closing}' does not match opening parenthesis '{opening}' on line {line}"
                ));
            }
            return self.error(format!(
                "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'"
            ));
        }
        self.brackets.pop();
        if own_brace && let Some(string) = self.strings.last_mut() {
            string.in_format = false;
            string.fields.pop();
        }
        Ok(())
    }

    /// Closes whichever bracket was opened last, but a field with its own brace only; the cursor is behind `symbol`.
    fn close_any(&mut self, symbol: u8) -> Result<(), TokenError> {
        let depth = self.brackets.len();
        let own = self
            .open_field()
            .is_some_and(|field| depth == field.level + 1);
        if own
            && symbol != b'}'
            && let Some(string) = self.strings.last()
        {
            let (letter, closing) = (string.letter, char::from(symbol));
            return self.error(format!("{letter}-string: unmatched '{closing}'"));
        }
        self.brackets.pop();
        if own && let Some(string) = self.strings.last_mut() {
            string.in_format = false;
            string.fields.pop();
        }
        Ok(())
    }
}

/// Whether `repr` would show the character as it is.
fn is_printable(c: char) -> bool {
    // Other, separators but for the space, and unassigned characters are not printable. The
    // ranges are those that occur in practice: controls, formats, spaces, surrogates, private use.
    !(c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c as u32,
            0xAD | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x180E | 0x200B..=0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0xD800..=0xF8FF | 0xFEFF | 0xFFF0..=0xFFFB
            | 0xFFFE | 0xFFFF | 0xE0000..=0xE0FFF | 0xF0000..=0x10FFFF))
}
