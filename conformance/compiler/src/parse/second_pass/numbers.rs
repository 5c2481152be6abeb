//! Reads number literals, and says what is wrong with the malformed ones.

use super::literals::What;
use super::token::{Kind, Place, TokenError};
use super::tokenizer::{Lexed, Tokenizer};

impl Tokenizer<'_> {
    /// A number that starts at `start`; the cursor is on its first digit or its point.
    pub fn number(&mut self, start: usize) -> Lexed {
        let mut leading_zeros = None;
        if self.peek() == b'0' {
            self.cursor += 1;
            match self.peek() {
                b'x' | b'X' => return self.based(start, "hexadecimal", |c| c.is_ascii_hexdigit()),
                b'o' | b'O' => return self.based(start, "octal", |c| matches!(c, b'0'..=b'7')),
                b'b' | b'B' => return self.based(start, "binary", |c| matches!(c, b'0' | b'1')),
                _ => {}
            }
            loop {
                if self.peek() == b'_' {
                    self.cursor += 1;
                    if !self.peek().is_ascii_digit() {
                        return self.error("invalid decimal literal");
                    }
                }
                if self.peek() != b'0' {
                    break;
                }
                self.cursor += 1;
            }
            if self.peek().is_ascii_digit() {
                leading_zeros = Some(self.cursor);
                self.decimal_digits()?;
            }
        } else if self.peek() != b'.' {
            self.decimal_digits()?;
        }
        if self.peek() == b'.' {
            leading_zeros = None;
            self.cursor += 1;
            if self.peek().is_ascii_digit() {
                self.decimal_digits()?;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            let signed = matches!(self.peek_at(1), b'+' | b'-');
            if self.peek_at(1 + usize::from(signed)).is_ascii_digit() {
                leading_zeros = None;
                self.cursor += 1 + usize::from(signed);
                self.decimal_digits()?;
            } else if signed {
                self.cursor += 2;
                return self.error("invalid decimal literal");
            } else {
                self.check_end("decimal")?;
                return Ok(self.token(Kind::Number, start, self.cursor));
            }
        }
        if matches!(self.peek(), b'j' | b'J') {
            self.cursor += 1;
            self.check_end("imaginary")?;
        } else if let Some(zeros_end) = leading_zeros.filter(|_| !self.is_lenient()) {
            return Err(TokenError {
                kind: super::SyntaxErrorKind::Syntax,
                message: "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers".into(),
                place: Place::Columns {
                    line_start: self.line_start(start) as u32,
                    from: start as u32 + 1,
                    to: zeros_end as u32,
                },
                incomplete: false,
            });
        } else {
            self.check_end("decimal")?;
        }
        Ok(self.token(Kind::Number, start, self.cursor))
    }

    /// The digits of a number in another base; the cursor is on the letter after the zero.
    fn based(&mut self, start: usize, name: &'static str, is_digit: fn(u8) -> bool) -> Lexed {
        self.cursor += 1;
        loop {
            if self.peek() == b'_' {
                self.cursor += 1;
            }
            if !is_digit(self.peek()) {
                self.check_foreign_digit(name)?;
                return self.error(format!("invalid {name} literal"));
            }
            while is_digit(self.peek()) {
                self.cursor += 1;
            }
            if self.peek() != b'_' {
                break;
            }
        }
        self.check_foreign_digit(name)?;
        self.check_end(name)?;
        Ok(self.token(Kind::Number, start, self.cursor))
    }

    /// Refuses a decimal digit that the base does not have.
    fn check_foreign_digit(&mut self, name: &str) -> Result<(), TokenError> {
        let digit = self.peek();
        if digit.is_ascii_digit() {
            self.cursor += 1;
            let digit = char::from(digit);
            return self.error(format!("invalid digit '{digit}' in {name} literal"));
        }
        Ok(())
    }

    fn decimal_digits(&mut self) -> Result<(), TokenError> {
        loop {
            while self.peek().is_ascii_digit() {
                self.cursor += 1;
            }
            if self.peek() != b'_' {
                return Ok(());
            }
            self.cursor += 1;
            if !self.peek().is_ascii_digit() {
                return self.error("invalid decimal literal");
            }
        }
    }

    /// A number may be followed at once by a keyword such as `or`, but not by a name.
    fn check_end(&mut self, name: &'static str) -> Result<(), TokenError> {
        if self.is_lenient() {
            return Ok(());
        }
        const KEYWORDS: [&[u8]; 5] = [b"and", b"else", b"for", b"or", b"not"];
        const PREFIXES: [&[u8]; 3] = [b"if", b"in", b"is"];
        let rest = &self.text[self.cursor..];
        let c = self.peek();
        let continues = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        let whole = |keyword: &&[u8]| {
            rest.starts_with(keyword) && !rest.get(keyword.len()).copied().is_some_and(continues)
        };
        if KEYWORDS.iter().any(whole) || PREFIXES.iter().any(|prefix| rest.starts_with(prefix)) {
            self.notice(What::Number(name));
            return Ok(());
        }
        if c.is_ascii_alphanumeric() || c == b'_' {
            return self.error(format!("invalid {name} literal"));
        }
        Ok(())
    }
}
