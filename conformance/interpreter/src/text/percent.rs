//! `%`-formatting, for `str` and `bytes` alike.
//!
//! [`Template`] walks a template and yields literal bytes and [`Field`]s, one at a time, because
//! Python formats each field before it looks at the next. The caller fetches the argument, decides
//! by [`Field::code`] what it must be, and has one of the `format_*` functions lay it out.

use crate::prelude::*;
use num_bigint::{BigInt, Sign};

use crate::number::int_text;

use super::fault::Fault;
use super::format_number::{Layout, Point, format_float as lay_out_float};
use super::wtf8::{Wtf8, Wtf8Buf};

/// A width or precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Written in the template.
    Fixed(usize),
    /// `*`: the next argument.
    Argument,
}

/// One conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The mapping key in parentheses.
    pub key: Option<&'a [u8]>,
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// space
    pub space: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
    /// The least width.
    pub width: Option<Amount>,
    /// The precision.
    pub precision: Option<Amount>,
    /// The conversion's letter, a code point (a byte for `bytes`).
    pub code: u32,
    /// Where `code` stands, in characters.
    pub index: usize,
}

impl Field<'_> {
    /// Whether there is nothing but an ASCII letter behind the `%`.
    pub fn is_plain(&self) -> bool {
        !(self.left || self.plus || self.space || self.alternate || self.zero)
            && self.key.is_none()
            && self.width.is_none()
            && self.precision.is_none()
            && self.code < 0x80
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// To be copied; `%%` comes as `%`.
    Literal(&'a [u8]),
    /// To be formatted.
    Field(Field<'a>),
}

/// Walks a template.
pub struct Template<'a> {
    bytes: &'a [u8],
    at: usize,
    is_text: bool,
}

impl<'a> Template<'a> {
    /// The template of `str % args`; pieces are generalised UTF-8.
    pub fn text(template: &'a Wtf8) -> Template<'a> {
        Template {
            bytes: template.as_bytes(),
            at: 0,
            is_text: true,
        }
    }

    /// The template of `bytes % args`.
    pub fn bytes(template: &'a [u8]) -> Template<'a> {
        Template {
            bytes: template,
            at: 0,
            is_text: false,
        }
    }

    fn field(&mut self) -> Result<Field<'a>, Fault> {
        let incomplete = || Fault::value("incomplete format");
        let key = if self.peek() == Some(b'(') {
            Some(self.key()?)
        } else {
            None
        };
        let mut field = Field {
            key,
            left: false,
            plus: false,
            space: false,
            alternate: false,
            zero: false,
            width: None,
            precision: None,
            code: 0,
            index: 0,
        };
        while let Some(byte) = self.peek() {
            match byte {
                b'-' => field.left = true,
                b'+' => field.plus = true,
                b' ' => field.space = true,
                b'#' => field.alternate = true,
                b'0' => field.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        field.width = self.amount("width too big", isize::MAX as usize)?;
        if self.peek() == Some(b'.') {
            self.at += 1;
            let message = if self.is_text {
                "precision too big"
            } else {
                "prec too big"
            };
            field.precision = Some(
                self.amount(message, i32::MAX as usize)?
                    .unwrap_or(Amount::Fixed(0)),
            );
        }
        if let Some(b'h' | b'l' | b'L') = self.peek() {
            self.at += 1;
        }
        let start = self.at;
        if self.is_text {
            // SAFETY: a text template is a `Wtf8`, and the walk moves over whole code points:
            // everything skipped above is ASCII or ends at an ASCII parenthesis.
            let (before, rest) = unsafe {
                (
                    Wtf8::from_bytes_unchecked(&self.bytes[..start]),
                    Wtf8::from_bytes_unchecked(&self.bytes[start..]),
                )
            };
            let mut points = rest.code_points();
            field.code = points.next().ok_or_else(incomplete)?;
            field.index = before.char_count();
            self.at = self.bytes.len() - points.as_wtf8().byte_len();
        } else {
            field.code = self.peek().ok_or_else(incomplete)?.into();
            field.index = start;
            self.at += 1;
        }
        Ok(field)
    }

    fn key(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at + 1;
        let mut depth = 0usize;
        for (offset, byte) in self.bytes[self.at..].iter().enumerate() {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let end = self.at + offset;
                self.at = end + 1;
                return Ok(&self.bytes[start..end]);
            }
        }
        Err(Fault::value("incomplete format key"))
    }

    fn amount(&mut self, too_big: &'static str, limit: usize) -> Result<Option<Amount>, Fault> {
        if self.peek() == Some(b'*') {
            self.at += 1;
            return Ok(Some(Amount::Argument));
        }
        let mut amount = None;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            let next = amount
                .unwrap_or(0usize)
                .checked_mul(10)
                .and_then(|n| n.checked_add(usize::from(byte - b'0')));
            amount = Some(
                next.filter(|&next| next <= limit)
                    .ok_or_else(|| Fault::value(too_big))?,
            );
            self.at += 1;
        }
        Ok(amount.map(Amount::Fixed))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

impl<'a> Iterator for Template<'a> {
    type Item = Result<Piece<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.bytes[self.at..];
        match rest {
            [] => None,
            [b'%', b'%', ..] => {
                self.at += 2;
                Some(Ok(Piece::Literal(b"%")))
            }
            [b'%', ..] => {
                self.at += 1;
                Some(self.field().map(Piece::Field))
            }
            _ => {
                let len = memchr::memchr(b'%', rest).unwrap_or(rest.len());
                self.at += len;
                Some(Ok(Piece::Literal(&rest[..len])))
            }
        }
    }
}

impl Field<'_> {
    /// Settles the width and precision that came as `*` arguments: a negative width means left.
    pub fn resolve(&self, width: Option<i64>, precision: Option<i64>) -> Resolved {
        let (mut left, mut least) = (self.left, 0);
        match (self.width, width) {
            (Some(Amount::Fixed(fixed)), _) => least = fixed,
            (Some(Amount::Argument), Some(given)) => {
                left = left || given < 0;
                least = given.unsigned_abs() as usize;
            }
            _ => {}
        }
        let precision = match (self.precision, precision) {
            (Some(Amount::Fixed(fixed)), _) => Some(fixed),
            (Some(Amount::Argument), Some(given)) => Some(given.max(0) as usize),
            _ => None,
        };
        Resolved {
            left,
            plus: self.plus,
            space: self.space,
            alternate: self.alternate,
            zero: self.zero,
            width: least,
            precision,
            code: self.code,
        }
    }

    /// The fault of a letter that is no conversion; raised after the argument was fetched.
    pub fn unsupported(&self) -> Fault {
        let shown = char::from_u32(self.code)
            .filter(|c| matches!(c, ' '..='~'))
            .unwrap_or('?');
        Fault::value(format!(
            "unsupported format character '{shown}' (0x{:x}) at index {}",
            self.code, self.index
        ))
    }

    /// The fault of `%d` and its like when the argument is no number.
    pub fn needs_number(&self, type_name: &str) -> Fault {
        let code = char::from_u32(self.code).unwrap_or('?');
        let needs = if matches!(code, 'x' | 'X' | 'o') {
            "an integer"
        } else {
            "a real number"
        };
        Fault::type_(format!(
            "%{code} format: {needs} is required, not {type_name}"
        ))
    }
}

/// A conversion with all its numbers known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// space
    pub space: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
    /// The least width.
    pub width: usize,
    /// The precision.
    pub precision: Option<usize>,
    /// The conversion's letter.
    pub code: u32,
}

impl Resolved {
    /// `%d %i %u %o %x %X` of an integer.
    pub fn format_int(&self, int: &BigInt, max_digits: usize) -> Result<String, Fault> {
        let (base, prefix) = match char::from_u32(self.code) {
            Some('o') => (8, "0o"),
            Some('x') => (16, "0x"),
            Some('X') => (16, "0X"),
            _ => (10, ""),
        };
        let magnitude = if base == 10 {
            int_text::to_decimal(&int.magnitude().clone().into(), max_digits)?
        } else {
            int_text::magnitude_digits(int, base)
        };
        Ok(self.int_digits(int.sign() == Sign::Minus, prefix, magnitude))
    }

    /// [`Resolved::format_int`] of a machine word.
    pub fn format_small_int(&self, int: i64) -> String {
        let (base, prefix) = match char::from_u32(self.code) {
            Some('o') => (8, "0o"),
            Some('x') => (16, "0x"),
            Some('X') => (16, "0X"),
            _ => (10, ""),
        };
        self.int_digits(int < 0, prefix, int_text::small_digits(int, base))
    }

    fn int_digits(&self, negative: bool, prefix: &str, mut digits: String) -> String {
        let missing = self.precision.unwrap_or(0).saturating_sub(digits.len());
        digits.insert_str(0, &"0".repeat(missing));
        if self.code == u32::from('X') {
            digits.make_ascii_uppercase();
        }
        self.number(negative, if self.alternate { prefix } else { "" }, &digits)
    }

    /// `%e %E %f %F %g %G` of a float.
    pub fn format_float(&self, x: f64) -> String {
        let precision = self.precision.unwrap_or(6);
        let code = char::from_u32(self.code).unwrap_or('f');
        let layout = match code {
            'e' | 'E' => Layout::Exponent(precision),
            'g' | 'G' => Layout::General(precision),
            _ => Layout::Fixed(precision),
        };
        let mut text = lay_out_float(
            x,
            layout,
            if self.alternate {
                Point::Keep
            } else {
                Point::Drop
            },
        );
        if code.is_ascii_uppercase() {
            text.make_ascii_uppercase();
        }
        match text.strip_prefix('-') {
            Some(body) => self.number(true, "", body),
            None => self.number(false, "", &text),
        }
    }

    /// `%s %r %a` of a string: cut to the precision, then padded.
    pub fn format_text(&self, text: &Wtf8) -> Wtf8Buf {
        let shown = match self.precision {
            Some(most) => text.slice(0, most, text.is_ascii()),
            None => text,
        };
        self.pad_text(shown)
    }

    /// `%c` of a code point; `None` when it is none.
    pub fn format_char(&self, point: u32) -> Option<Wtf8Buf> {
        let mut text = Wtf8Buf::new();
        text.push(point).then(|| self.pad_text(&text))
    }

    /// `%b %s %a` of bytes.
    pub fn format_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let shown = &bytes[..self.precision.unwrap_or(usize::MAX).min(bytes.len())];
        let room = self.width.saturating_sub(shown.len());
        let mut out = Vec::with_capacity(shown.len() + room);
        if !self.left {
            out.resize(room, b' ');
        }
        out.extend_from_slice(shown);
        if self.left {
            out.resize(room + shown.len(), b' ');
        }
        out
    }

    fn pad_text(&self, text: &Wtf8) -> Wtf8Buf {
        let room = if self.width == 0 {
            0
        } else {
            self.width.saturating_sub(text.char_count())
        };
        let mut out = Wtf8Buf::with_capacity(text.byte_len() + room);
        out.push_repeated(' '.into(), if self.left { 0 } else { room });
        out.push_wtf8(text);
        out.push_repeated(' '.into(), if self.left { room } else { 0 });
        out
    }

    fn number(&self, negative: bool, prefix: &str, digits: &str) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        let room = self
            .width
            .saturating_sub(sign.len() + prefix.len() + digits.len());
        let (before, zeros, after) = match (self.left, self.zero) {
            (true, _) => (0, 0, room),
            (_, true) => (0, room, 0),
            _ => (room, 0, 0),
        };
        let pad = |count: usize, with: &str| with.repeat(count);
        [
            &pad(before, " "),
            sign,
            prefix,
            &pad(zeros, "0"),
            digits,
            &pad(after, " "),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(template: &str) -> Resolved {
        match Template::text(Wtf8::from_str(template)).next() {
            Some(Ok(Piece::Field(field))) => field.resolve(None, None),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pieces_and_faults() {
        let pieces: Vec<_> = Template::text(Wtf8::from_str("é%%%(a(b)c)-5.*hd%")).collect();
        assert_eq!(pieces[0], Ok(Piece::Literal("é".as_bytes())));
        assert_eq!(pieces[1], Ok(Piece::Literal(b"%")));
        let Ok(Piece::Field(field)) = &pieces[2] else {
            panic!()
        };
        assert_eq!(field.key, Some(&b"a(b)c"[..]));
        assert_eq!(
            (field.width, field.precision),
            (Some(Amount::Fixed(5)), Some(Amount::Argument))
        );
        assert_eq!((field.code, field.index), ('d'.into(), 16));
        assert_eq!(pieces[3], Err(Fault::value("incomplete format")));
        let fault = |text| match Template::text(Wtf8::from_str(text)).next() {
            Some(Ok(Piece::Field(field))) => field.unsupported().message,
            Some(Err(fault)) => fault.message,
            _ => panic!(),
        };
        assert_eq!(fault("%(a"), "incomplete format key");
        assert_eq!(
            fault("%lld"),
            "unsupported format character 'l' (0x6c) at index 2"
        );
        assert_eq!(
            fault("%é"),
            "unsupported format character '?' (0xe9) at index 1"
        );
        assert_eq!(fault("%99999999999999999999d"), "width too big");
        assert_eq!(fault("%.2147483648d"), "precision too big");
    }

    #[test]
    fn numbers() {
        for (template, int, text) in [
            ("%#x", 255, "0xff"),
            ("%#o", 8, "0o10"),
            ("%05d", -5, "-0005"),
            ("%-05d", 5, "5    "),
            ("%.5d", -42, "-00042"),
            ("%08.5d", 42, "00000042"),
            ("%#.5x", 42, "0x0002a"),
            ("%#8.5x", 42, " 0x0002a"),
            ("%#08x", 42, "0x00002a"),
            ("% +d", 3, "+3"),
            ("%.0d", 0, "0"),
            ("%#X", 255, "0XFF"),
        ] {
            assert_eq!(only(template).format_small_int(int), text, "{template}");
            assert_eq!(
                only(template).format_int(&int.into(), 0).unwrap(),
                text,
                "{template}"
            );
        }
        for (template, x, text) in [
            ("%f", 1.5, "1.500000"),
            ("%#.0f", 1.5, "2."),
            ("%G", 1e-10, "1E-10"),
            ("%010f", -1.5, "-01.500000"),
            ("%+f", f64::INFINITY, "+inf"),
            ("%010f", f64::INFINITY, "0000000inf"),
            ("%F", f64::NAN, "NAN"),
        ] {
            assert_eq!(only(template).format_float(x), text, "{template}");
        }
    }

    #[test]
    fn text_and_bytes() {
        assert_eq!(only("%5.1s").format_text(Wtf8::from_str("éa")), "    é");
        assert_eq!(only("%05s").format_text(Wtf8::from_str("abc")), "  abc");
        assert_eq!(only("%-3c").format_char(0x1F40D).unwrap(), "🐍  ");
        assert_eq!(only("%-5.2s").format_bytes(b"abc"), b"ab   ");
        let Some(Ok(Piece::Field(field))) = Template::bytes(b"%*d").next() else {
            panic!()
        };
        assert_eq!(field.resolve(Some(-5), None).format_small_int(1), "1    ");
        assert_eq!(
            field.needs_number("str").message,
            "%d format: a real number is required, not str"
        );
    }
}
