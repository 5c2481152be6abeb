//! The format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.
//!
//! [`FormatSpec::parse`] reads a spec; one function per built-in type applies it. All of them lay a
//! number out as `padding sign prefix zeros digits rest padding` ([`Number`]), where grouping
//! separators may run on into the zeros.

use crate::prelude::*;
use num_bigint::{BigInt, Sign as BigSign};
use num_traits::ToPrimitive;

use crate::number::int_text;

use super::fault::{self, Fault};
use super::format_number::{Layout, Point, format_float};
use super::unicode;
use super::wtf8::{Wtf8, Wtf8Buf};

/// Where padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`
    Left,
    /// `>`
    Right,
    /// `^`
    Center,
    /// `=`: between the sign and the digits.
    Inside,
}

/// A digit separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// `,`
    Comma,
    /// `_`
    Underscore,
}

impl Grouping {
    fn char(self) -> char {
        match self {
            Grouping::Comma => ',',
            Grouping::Underscore => '_',
        }
    }
}

/// A parsed format spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    /// The padding.
    pub fill: u32,
    /// Where the padding goes.
    pub align: Align,
    /// `+`, `-` or space.
    pub sign: Option<char>,
    /// `z`: no negative zero.
    pub no_negative_zero: bool,
    /// `#`
    pub alternate: bool,
    /// The least width.
    pub width: usize,
    /// Separator of whole digits.
    pub grouping: Option<Grouping>,
    /// Digits after the point, or the most characters of a string.
    pub precision: Option<usize>,
    /// Separator of digits after the point.
    pub fraction_grouping: Option<Grouping>,
    /// The type code.
    pub code: Option<u32>,
}

impl FormatSpec {
    /// Parses `spec` for a value of type `type_name`.
    pub fn parse(
        spec: &Wtf8,
        default_code: Option<char>,
        default_align: Align,
        type_name: &str,
    ) -> Result<FormatSpec, Fault> {
        let points: Vec<u32> = spec.code_points().collect();
        let mut cursor = Cursor {
            points: &points,
            at: 0,
        };
        let mut parsed = FormatSpec {
            fill: ' '.into(),
            align: default_align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: 0,
            grouping: None,
            precision: None,
            fraction_grouping: None,
            code: default_code.map(u32::from),
        };
        let (mut fill_given, mut align_given) = (false, false);
        if let Some(align) = cursor.peek(1).and_then(align_of) {
            parsed.fill = points[0];
            parsed.align = align;
            (fill_given, align_given) = (true, true);
            cursor.at = 2;
        } else if let Some(align) = cursor.peek(0).and_then(align_of) {
            parsed.align = align;
            align_given = true;
            cursor.at = 1;
        }
        parsed.sign = ['+', '-', ' '].into_iter().find(|&sign| cursor.eat(sign));
        parsed.no_negative_zero = cursor.eat('z');
        parsed.alternate = cursor.eat('#');
        if !fill_given && cursor.eat('0') {
            parsed.fill = '0'.into();
            if !align_given && default_align == Align::Right {
                parsed.align = Align::Inside;
            }
        }
        parsed.width = cursor.number()?.unwrap_or(0);
        parsed.grouping = cursor.grouping()?;
        if cursor.eat('.') {
            parsed.precision = cursor.number()?;
            parsed.fraction_grouping = cursor.grouping()?;
            if parsed.precision.is_none() && parsed.fraction_grouping.is_none() {
                return Err(Fault::value("Format specifier missing precision"));
            }
        }
        match cursor.points.len() - cursor.at {
            0 => {}
            1 => parsed.code = cursor.peek(0),
            _ => {
                let mut message = Wtf8Buf::from("Invalid format specifier '");
                message.push_wtf8(spec);
                message.push_str("' for object of type '");
                message.push_str(type_name);
                message.push_char('\'');
                return Err(Fault::value(message));
            }
        }
        parsed.check_grouping()?;
        let fill = char::from_u32(parsed.fill).map_or(3, char::len_utf8);
        // With separators between the zeros.
        let padding = parsed.width.saturating_mul(fill);
        fault::room(padding.saturating_add(parsed.width / 3))?;
        Ok(parsed)
    }

    fn check_grouping(&self) -> Result<(), Fault> {
        let code = self.code.and_then(char::from_u32);
        if let Some(grouping) = self.grouping {
            let decimal = matches!(
                code,
                None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F')
            );
            let binary =
                grouping == Grouping::Underscore && matches!(code, Some('b' | 'o' | 'x' | 'X'));
            if !decimal && !binary {
                return Err(self.cannot_group(grouping));
            }
        }
        match self.fraction_grouping {
            Some(grouping) if code == Some('n') => Err(self.cannot_group(grouping)),
            _ => Ok(()),
        }
    }

    fn cannot_group(&self, grouping: Grouping) -> Fault {
        Fault::value(format!(
            "Cannot specify '{}' with '{}'.",
            grouping.char(),
            shown_code(self.code.unwrap_or(0))
        ))
    }

    fn unknown_code(&self, type_name: &str) -> Fault {
        Fault::value(format!(
            "Unknown format code '{}' for object of type '{type_name}'",
            shown_code(self.code.unwrap_or(0))
        ))
    }
}

// ---- one function per type -------------------------------------------------------------------

/// `format(str, spec)`.
pub fn format_str(text: &Wtf8, spec: &Wtf8, type_name: &str) -> Result<Wtf8Buf, Fault> {
    if spec.is_empty() {
        return Ok(text.to_buf());
    }
    let spec = FormatSpec::parse(spec, Some('s'), Align::Left, type_name)?;
    if spec.code != Some('s'.into()) {
        return Err(spec.unknown_code(type_name));
    }
    match spec.sign {
        Some(' ') => return Err(Fault::value("Space not allowed in string format specifier")),
        Some(_) => return Err(Fault::value("Sign not allowed in string format specifier")),
        None => {}
    }
    if spec.no_negative_zero {
        return Err(Fault::value(
            "Negative zero coercion (z) not allowed in string format specifier",
        ));
    }
    if spec.alternate {
        return Err(Fault::value(
            "Alternate form (#) not allowed in string format specifier",
        ));
    }
    if spec.align == Align::Inside {
        return Err(Fault::value(
            "'=' alignment not allowed in string format specifier",
        ));
    }
    let shown = match spec.precision {
        Some(most) => text.slice(0, most, text.is_ascii()),
        None => text,
    };
    Ok(pad(&spec, shown))
}

/// `format(int, spec)`; `type_name` is `bool` for booleans. `max_digits` limits decimal digits.
pub fn format_int(
    int: &BigInt,
    spec: &Wtf8,
    type_name: &str,
    max_digits: usize,
) -> Result<Wtf8Buf, Fault> {
    if spec.is_empty() {
        return Ok(int_text::to_decimal(int, max_digits)?.into());
    }
    let spec = FormatSpec::parse(spec, Some('d'), Align::Right, type_name)?;
    let code = spec.code.and_then(char::from_u32).unwrap_or('\0');
    match code {
        'b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n' => {}
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => {
            return apply_float(int_text::to_float(int)?, &spec, type_name);
        }
        _ => return Err(spec.unknown_code(type_name)),
    }
    if spec.precision.is_some() {
        return Err(Fault::value(
            "Precision not allowed in integer format specifier",
        ));
    }
    if spec.no_negative_zero {
        return Err(Fault::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    if code == 'c' {
        return format_char(int, &spec);
    }
    let (base, prefix, group) = match code {
        'b' => (2, "0b", 4),
        'o' => (8, "0o", 4),
        'x' => (16, "0x", 4),
        'X' => (16, "0X", 4),
        _ => (10, "", 3),
    };
    let digits = match (base, int.to_i64()) {
        (_, Some(small)) => int_text::small_digits(small, base),
        (10, None) => int_text::to_decimal(&int.magnitude().clone().into(), max_digits)?,
        (_, None) => int_text::magnitude_digits(int, base),
    };
    let digits = if code == 'X' {
        digits.to_ascii_uppercase()
    } else {
        digits
    };
    let number = Number {
        negative: int.sign() == BigSign::Minus,
        prefix: if spec.alternate { prefix } else { "" },
        digits: &digits,
        rest: "",
        group,
    };
    Ok(number.lay_out(&spec))
}

/// `format(int, spec)` of a machine word.
pub fn format_small_int(int: i64, spec: &Wtf8, type_name: &str) -> Result<Wtf8Buf, Fault> {
    if spec.is_empty() {
        return Ok(int.to_string().into());
    }
    format_int(&int.into(), spec, type_name, 0)
}

/// `format(float, spec)`.
pub fn format_float_spec(x: f64, spec: &Wtf8, type_name: &str) -> Result<Wtf8Buf, Fault> {
    if spec.is_empty() {
        return Ok(crate::number::float_text::repr(x).into());
    }
    apply_float(
        x,
        &FormatSpec::parse(spec, None, Align::Right, type_name)?,
        type_name,
    )
}

/// `format(complex, spec)`.
pub fn format_complex(re: f64, im: f64, spec: &Wtf8, type_name: &str) -> Result<Wtf8Buf, Fault> {
    if spec.is_empty() {
        return Ok(crate::number::complex_text::repr(re, im).into());
    }
    let spec = FormatSpec::parse(spec, None, Align::Right, type_name)?;
    let code = spec.code.and_then(char::from_u32);
    if !matches!(code, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n'))
        || spec.code.is_some() && code.is_none()
    {
        return Err(spec.unknown_code(type_name));
    }
    if spec.fill == u32::from('0') {
        return Err(Fault::value(
            "Zero padding is not allowed in complex format specifier",
        ));
    }
    if spec.align == Align::Inside {
        return Err(Fault::value(
            "'=' alignment flag is not allowed in complex format specifier",
        ));
    }
    let layout = float_layout(&spec, code)?;
    let point = if spec.alternate {
        Point::Keep
    } else {
        Point::Drop
    };
    let skip_real = code.is_none() && re == 0.0 && re.is_sign_positive();
    let part = |x: f64, sign: Option<char>| {
        let bare = FormatSpec {
            width: 0,
            sign,
            fill: ' '.into(),
            align: Align::Right,
            ..spec.clone()
        };
        lay_out_float(x, &bare, layout, point, "")
    };
    let mut out = Wtf8Buf::new();
    let parens = code.is_none() && !skip_real;
    if parens {
        out.push_char('(');
    }
    if !skip_real {
        out.push_wtf8(&part(re, spec.sign));
    }
    out.push_wtf8(&part(im, if skip_real { spec.sign } else { Some('+') }));
    out.push_char('j');
    if parens {
        out.push_char(')');
    }
    Ok(pad(&spec, &out))
}

// ---- inside ----------------------------------------------------------------------------------

fn format_char(int: &BigInt, spec: &FormatSpec) -> Result<Wtf8Buf, Fault> {
    if spec.sign.is_some() {
        return Err(Fault::value(
            "Sign not allowed with integer format specifier 'c'",
        ));
    }
    if spec.alternate {
        return Err(Fault::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let small = int
        .to_i64()
        .ok_or_else(|| Fault::overflow("Python int too large to convert to C long"))?;
    let mut text = Wtf8Buf::new();
    if !u32::try_from(small).is_ok_and(|point| text.push(point)) {
        return Err(Fault::overflow("%c arg not in range(0x110000)"));
    }
    // One character is all digits: inside means before it.
    let align = if spec.align == Align::Inside {
        Align::Right
    } else {
        spec.align
    };
    Ok(pad(
        &FormatSpec {
            align,
            ..spec.clone()
        },
        &text,
    ))
}

fn float_layout(spec: &FormatSpec, code: Option<char>) -> Result<Layout, Fault> {
    if spec
        .precision
        .is_some_and(|precision| precision > i32::MAX as usize)
    {
        return Err(Fault::value("precision too big"));
    }
    let precision = spec.precision.unwrap_or(6);
    fault::room(precision)?;
    Ok(match code {
        None if spec.precision.is_none() => Layout::Shortest,
        Some('e' | 'E') => Layout::Exponent(precision),
        Some('f' | 'F' | '%') => Layout::Fixed(precision),
        _ => Layout::General(precision),
    })
}

fn apply_float(x: f64, spec: &FormatSpec, type_name: &str) -> Result<Wtf8Buf, Fault> {
    let code = spec.code.and_then(char::from_u32);
    if !matches!(
        code,
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%')
    ) || spec.code.is_some() && code.is_none()
    {
        return Err(spec.unknown_code(type_name));
    }
    let layout = float_layout(spec, code)?;
    let point = match code {
        None if spec.alternate => Point::KeepZero,
        None => Point::Zero,
        _ if spec.alternate => Point::Keep,
        _ => Point::Drop,
    };
    let (x, suffix) = if code == Some('%') {
        (x * 100.0, "%")
    } else {
        (x, "")
    };
    Ok(lay_out_float(x, spec, layout, point, suffix))
}

fn lay_out_float(x: f64, spec: &FormatSpec, layout: Layout, point: Point, suffix: &str) -> Wtf8Buf {
    let mut text = format_float(x, layout, point);
    if matches!(spec.code.and_then(char::from_u32), Some('E' | 'F' | 'G')) {
        text.make_ascii_uppercase();
    }
    let (mut negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.as_str()),
    };
    if spec.no_negative_zero && negative {
        let mantissa = body.split(['e', 'E']).next().unwrap_or(body);
        negative = !mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    }
    let whole = body.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = body.split_at(whole);
    let mut rest = match (spec.fraction_grouping, rest.strip_prefix('.')) {
        (Some(grouping), Some(fraction)) => group_fraction(fraction, grouping.char()),
        _ => rest.to_owned(),
    };
    rest.push_str(suffix);
    Number {
        negative,
        prefix: "",
        digits,
        rest: &rest,
        group: 3,
    }
    .lay_out(spec)
}

fn group_fraction(fraction: &str, separator: char) -> String {
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let mut out = String::from('.');
    for (index, c) in fraction.chars().enumerate() {
        if index > 0 && index < digits && index % 3 == 0 {
            out.push(separator);
        }
        out.push(c);
    }
    out
}

/// The parts of a number to lay out; all ASCII.
struct Number<'a> {
    negative: bool,
    prefix: &'static str,
    digits: &'a str,
    rest: &'a str,
    group: usize,
}

impl Number<'_> {
    fn lay_out(&self, spec: &FormatSpec) -> Wtf8Buf {
        let sign = match spec.sign {
            _ if self.negative => "-",
            Some('+') => "+",
            Some(' ') => " ",
            _ => "",
        };
        let others = sign.len() + self.prefix.len() + self.rest.len();
        // Zeros put inside are digits: they are grouped too.
        let least = if spec.fill == u32::from('0') && spec.align == Align::Inside {
            spec.width.saturating_sub(others)
        } else {
            0
        };
        let grouped = match spec.grouping {
            Some(grouping) => group_whole(self.digits, grouping.char(), self.group, least),
            None => self.digits.to_owned(),
        };
        let room = spec.width.saturating_sub(others + grouped.len());
        let (left, inside, right) = match spec.align {
            Align::Left => (0, 0, room),
            Align::Right => (room, 0, 0),
            Align::Center => (room / 2, 0, room - room / 2),
            Align::Inside => (0, room, 0),
        };
        let mut out = Wtf8Buf::with_capacity(spec.width.max(others + grouped.len()));
        out.push_repeated(spec.fill, left);
        out.push_str(sign);
        out.push_str(self.prefix);
        out.push_repeated(spec.fill, inside);
        out.push_str(&grouped);
        out.push_str(self.rest);
        out.push_repeated(spec.fill, right);
        out
    }
}

/// Separates groups counted from the right, adding zeros in front up to a width of `least`.
fn group_whole(digits: &str, separator: char, group: usize, least: usize) -> String {
    if digits.is_empty() {
        return String::new();
    }
    let mut reversed: Vec<u8> = Vec::with_capacity(digits.len().max(least) * 4 / 3 + 2);
    let mut rest = digits.bytes().rev();
    for index in 0.. {
        let next = rest.next();
        if next.is_none() && reversed.len() >= least {
            break;
        }
        if index > 0 && index % group == 0 {
            reversed.push(separator as u8);
        }
        reversed.push(next.unwrap_or(b'0'));
    }
    reversed
        .iter()
        .rev()
        .map(|&byte| char::from(byte))
        .collect()
}

fn pad(spec: &FormatSpec, text: &Wtf8) -> Wtf8Buf {
    let room = if spec.width == 0 {
        0
    } else {
        spec.width.saturating_sub(text.char_count())
    };
    let left = match spec.align {
        Align::Left => 0,
        Align::Right | Align::Inside => room,
        Align::Center => room / 2,
    };
    let mut out = Wtf8Buf::with_capacity(text.byte_len() + room);
    out.push_repeated(spec.fill, left);
    out.push_wtf8(text);
    out.push_repeated(spec.fill, room - left);
    out
}

struct Cursor<'a> {
    points: &'a [u32],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self, ahead: usize) -> Option<u32> {
        self.points.get(self.at + ahead).copied()
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek(0) == Some(c.into());
        self.at += usize::from(found);
        found
    }

    fn number(&mut self) -> Result<Option<usize>, Fault> {
        let mut number = None;
        while let Some(digit) = self.peek(0).and_then(unicode::decimal_value) {
            let next = number
                .unwrap_or(0usize)
                .checked_mul(10)
                .and_then(|n| n.checked_add(digit as usize));
            match next.filter(|&next| next <= isize::MAX as usize) {
                Some(next) => number = Some(next),
                None => return Err(Fault::value("Too many decimal digits in format string")),
            }
            self.at += 1;
        }
        Ok(number)
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, Fault> {
        let comma = self.eat(',');
        let underscore = self.eat('_');
        if underscore && (comma || self.peek(0) == Some(','.into())) {
            return Err(Fault::value("Cannot specify both ',' and '_'."));
        }
        Ok(match (comma, underscore) {
            (true, _) => Some(Grouping::Comma),
            (_, true) => Some(Grouping::Underscore),
            _ => None,
        })
    }
}

fn align_of(point: u32) -> Option<Align> {
    Some(match char::from_u32(point)? {
        '<' => Align::Left,
        '>' => Align::Right,
        '^' => Align::Center,
        '=' => Align::Inside,
        _ => return None,
    })
}

fn shown_code(code: u32) -> String {
    match char::from_u32(code) {
        Some(c @ '!'..='\x7f') => c.into(),
        _ => format!("\\x{code:x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::from_str(text)
    }

    fn message(result: Result<Wtf8Buf, Fault>) -> String {
        result.unwrap_err().message.to_string_lossy()
    }

    #[test]
    fn integers() {
        let f = |int: i64, spec| format_small_int(int, w(spec), "int");
        for (int, spec, text) in [
            (-1234, "010,", "-0,001,234"),
            (-1234, "#010x", "-0x00004d2"),
            (-1234, "#_b", "-0b100_1101_0010"),
            (-1234, "=+10", "-     1234"),
            (-1234, "^10,", "  -1,234  "),
            (5, "é^9,d", "éééé5éééé"),
            (5, "<05", "50000"),
            (5, "%", "500.000000%"),
            (65, "05c", "0000A"),
            (5, ".4_f", "5.000_0"),
        ] {
            assert_eq!(f(int, spec).unwrap(), text, "{spec}");
        }
        for (spec, text) in [
            ("s", "Unknown format code 's' for object of type 'int'"),
            (
                "\u{1f40d}",
                "Unknown format code '\\x1f40d' for object of type 'int'",
            ),
            (".3", "Precision not allowed in integer format specifier"),
            (",_", "Cannot specify both ',' and '_'."),
            (",,", "Cannot specify ',' with ','."),
            (
                "xx",
                "Invalid format specifier 'xx' for object of type 'int'",
            ),
            ("5.", "Format specifier missing precision"),
            (
                "99999999999999999999",
                "Too many decimal digits in format string",
            ),
            ("+c", "Sign not allowed with integer format specifier 'c'"),
            (".2147483648f", "precision too big"),
        ] {
            assert_eq!(message(f(5, spec)), text, "{spec}");
        }
        assert_eq!(
            f(-1, "c").unwrap_err(),
            Fault::overflow("%c arg not in range(0x110000)")
        );
    }

    #[test]
    fn floats() {
        let f = |x, spec| format_float_spec(x, w(spec), "float").unwrap();
        let x = 1234567.891234567;
        for (spec, text) in [
            ("", "1234567.891234567"),
            (".3", "1.23e+06"),
            ("010,", "1,234,567.891234567"),
            ("_.4,f", "1_234_567.891,2"),
            ("020,.6_f", "0,001,234,567.891_235"),
            (".20", "1234567.8912345669232"),
            ("08,.0f", "1,234,568"),
            ("#.0f", "1234568."),
            (".1%", "123456789.1%"),
            ("^20", " 1234567.891234567  "),
        ] {
            assert_eq!(f(x, spec), text, "{spec}");
        }
        assert_eq!(f(-0.001, "z=8.1f"), "-zzzz0.0");
        assert_eq!(f(-0.001, "z.1f"), "0.0");
        assert_eq!(f(f64::INFINITY, "010,"), "0000000inf");
        assert_eq!(f(1.0, "0=#5_"), "001.0");
    }

    #[test]
    fn strings_and_complex() {
        let s = |spec| format_str(w("abc"), w(spec), "str");
        assert_eq!(s("05").unwrap(), "abc00");
        assert_eq!(s("é^7").unwrap(), "ééabcéé");
        assert_eq!(s("5.1s").unwrap(), "a    ");
        assert_eq!(
            message(s("=5")),
            "'=' alignment not allowed in string format specifier"
        );
        assert_eq!(message(s(",")), "Cannot specify ',' with 's'.");
        let c = |spec| format_complex(1.0, 2.0, w(spec), "complex");
        assert_eq!(c("+.2f").unwrap(), "+1.00+2.00j");
        assert_eq!(c(">12").unwrap(), "      (1+2j)");
        assert_eq!(c("#").unwrap(), "(1.+2.j)");
        assert_eq!(
            message(c("020")),
            "Zero padding is not allowed in complex format specifier"
        );
    }
}
