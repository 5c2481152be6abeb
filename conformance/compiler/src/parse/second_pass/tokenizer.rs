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
    /// A made-up newline ends a last line that has none.
    last_was_newline: bool,
    /// A token behind the last line was asked for.
    pub reached_end: bool,
    /// Where what Python keeps of the text begins: its lines from the one in which the last token began that goes over several.
    kept: usize,
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
            last_was_newline: true,
            reached_end: false,
            kept: 0,
            notices: Vec::new(),
        }
    }

    /// The next token; the end token repeats.
    pub fn next(&mut self) -> Lexed {
        let mut token = self.lex()?;
        if self.interactive {
            if token.kind == Kind::End && self.parsing_started {
                token.kind = Kind::Newline;
                self.parsing_started = false;
            } else if token.kind != Kind::End {
                self.parsing_started = true;
            }
        }
        Ok(token)
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
        if self.at_line_start {
            self.at_line_start = false;
            self.indentation()?;
        }
        if self.pending < 0 {
            self.pending += 1;
            return Ok(self.without_column(Kind::Dedent));
        }
        if self.pending > 0 {
            self.pending -= 1;
            return Ok(self.without_column(Kind::Indent));
        }
        loop {
            while matches!(self.peek(), b' ' | b'\t' | b'\x0c') && !self.at_end() {
                self.cursor += 1;
            }
            let start = self.cursor;
            if self.peek() == b'#' {
                while !self.at_end() && self.peek() != b'\n' {
                    self.cursor += 1;
                }
            }
            if self.at_end() {
                return self.end();
            }
            match self.peek() {
                b'\n' => {
                    self.cursor += 1;
                    self.kept = self.cursor;
                    if self.brackets.is_empty() && self.strings.is_empty() {
                        self.at_line_start = true;
                        if self.last_was_newline {
                            // A blank line: only comments reach here.
                            self.at_line_start = false;
                            self.indentation()?;
                            if self.pending != 0 {
                                return self.lex();
                            }
                            continue;
                        }
                        self.last_was_newline = true;
                        return Ok(self.token(Kind::Newline, start, self.cursor - 1));
                    }
                }
                b'\\' => self.continuation()?,
                _ => {
                    self.last_was_newline = false;
                    return self.word_or_symbol();
                }
            }
        }
    }

    /// Steps over a backslash and the newline that must follow.
    fn continuation(&mut self) -> Result<(), TokenError> {
        self.cursor += 1;
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
        if !self.last_was_newline {
            self.last_was_newline = true;
            self.at_line_start = true;
            return Ok(self.without_column(Kind::Newline));
        }
        self.reached_end = true;
        if self.indents.len() > 1 {
            self.pending = -(self.indents.len() as i32 - 1);
            self.indents.truncate(1);
            self.pending += 1;
            return Ok(self.without_column(Kind::Dedent));
        }
        Ok(self.without_column(Kind::End))
    }

    /// Measures the indentation of the next line that is not blank, and sets `pending`.
    fn indentation(&mut self) -> Result<(), TokenError> {
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
                    self.continuation()?;
                    continue;
                }
                _ => break,
            }
            if self.at_end() {
                break;
            }
            self.cursor += 1;
        }
        if self.at_end() {
            return Ok(());
        }
        if matches!(self.peek(), b'#' | b'\n') {
            // Blank lines do not count. `last_was_newline` makes the caller skip the newline.
            return Ok(());
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
        Ok(())
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

    fn word_or_symbol(&mut self) -> Lexed {
        match self.peek() {
            c if c.is_ascii_alphabetic() || c == b'_' || c >= 0x80 => self.word(),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek_at(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => self.string(self.cursor),
            _ => self.symbol(),
        }
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
        if !word.is_ascii() {
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

    fn symbol(&mut self) -> Lexed {
        const THREE: [&[u8]; 5] = [b"**=", b"//=", b">>=", b"<<=", b"..."];
        const TWO: [&[u8]; 20] = [
            b"!=", b"%=", b"&=", b"**", b"*=", b"+=", b"-=", b"->", b"//", b"/=", b":=", b"<<",
            b"<=", b"==", b">=", b">>", b"@=", b"^=", b"|=", b"..",
        ];
        let start = self.cursor;
        let c = self.peek();
        if c == b'!' || c == b':' {
            // In a replacement field these end the expression, unless they are in brackets.
            let depth = self.brackets.len();
            if let Some(field) = self.open_field() {
                let own = depth == field.level + 1;
                if own && c == b':' {
                    self.cursor += 1;
                    if let Some(field) = self.open_field() {
                        field.in_spec = true;
                    }
                    return Ok(self.token(Kind::Op, start, self.cursor));
                }
            }
        }
        let rest = &self.text[start..];
        let length = if THREE.iter().any(|symbol| rest.starts_with(symbol)) {
            3
        } else if TWO
            .iter()
            .any(|&symbol| symbol != b".." && rest.starts_with(symbol))
        {
            2
        } else {
            1
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
