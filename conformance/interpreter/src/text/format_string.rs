//! Templates of `str.format`: literal text and `{field.attr[item]!conversion:spec}`.
//!
//! [`Template`] yields pieces in order. A field's spec may hold fields of its own, which the caller
//! expands with another `Template` one level down; Python allows two levels ([`MAX_DEPTH`]).

use super::fault::Fault;
use super::unicode;
use super::wtf8::Wtf8;

/// How deep fields nest: a field, and fields within its spec.
pub const MAX_DEPTH: usize = 2;

/// A replacement field as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What to look up: `name.attr[item]`; see [`FieldName`].
    pub name: &'a Wtf8,
    /// The letter after `!`, not yet checked.
    pub conversion: Option<u32>,
    /// The text after `:`.
    pub spec: &'a Wtf8,
    /// Whether `spec` holds fields to expand.
    pub spec_has_fields: bool,
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text to copy; `{{` and `}}` come as one brace.
    Literal(&'a Wtf8),
    /// A field to format.
    Field(Field<'a>),
}

/// Walks a template.
pub struct Template<'a> {
    rest: &'a Wtf8,
}

impl<'a> Template<'a> {
    /// Starts at the beginning of `template`.
    pub fn new(template: &'a Wtf8) -> Template<'a> {
        Template { rest: template }
    }

    fn advance(&mut self, bytes: usize) -> &'a Wtf8 {
        let taken = self.rest.byte_slice(0, bytes);
        self.rest = self.rest.byte_tail(bytes);
        taken
    }

    /// Parses what follows an opening brace.
    fn field(&mut self) -> Result<Field<'a>, Fault> {
        let bytes = self.rest.as_bytes();
        if bytes.is_empty() {
            return Err(Fault::value("Single '{' encountered in format string"));
        }
        // The name ends at `}`, `:` or `!` outside brackets.
        let mut at = 0;
        let mut in_brackets = false;
        let end = loop {
            match bytes.get(at) {
                None => return Err(Fault::value("expected '}' before end of string")),
                Some(b'[') => in_brackets = true,
                Some(b']') => in_brackets = false,
                Some(_) if in_brackets => {}
                Some(b'{') => return Err(Fault::value("unexpected '{' in field name")),
                Some(b'}' | b':' | b'!') => break at,
                Some(_) => {}
            }
            at += 1;
        };
        let name = self.rest.byte_slice(0, end);
        let mut field = Field {
            name,
            conversion: None,
            spec: Wtf8::from_str(""),
            spec_has_fields: false,
        };
        let mut stop = bytes[end];
        self.advance(end + 1);
        if stop == b'!' {
            let mut points = self.rest.code_points();
            let letter = points.next().ok_or_else(|| {
                Fault::value("end of string while looking for conversion specifier")
            })?;
            let Some(next) = points.next() else {
                return Err(Fault::value("unmatched '{' in format spec"));
            };
            if next != u32::from('}') && next != u32::from(':') {
                return Err(Fault::value("expected ':' after conversion specifier"));
            }
            field.conversion = Some(letter);
            stop = next as u8;
            self.rest = points.as_wtf8();
        }
        if stop == b':' {
            let bytes = self.rest.as_bytes();
            let mut depth = 1;
            for (at, byte) in bytes.iter().enumerate() {
                match byte {
                    b'{' => {
                        field.spec_has_fields = true;
                        depth += 1;
                    }
                    b'}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    field.spec = self.advance(at);
                    self.advance(1);
                    return Ok(field);
                }
            }
            return Err(Fault::value("unmatched '{' in format spec"));
        }
        Ok(field)
    }
}

impl<'a> Iterator for Template<'a> {
    type Item = Result<Piece<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.rest.as_bytes();
        if bytes.is_empty() {
            return None;
        }
        let at = memchr::memchr2(b'{', b'}', bytes).unwrap_or(bytes.len());
        // A doubled brace goes with the text before it.
        if at < bytes.len() && bytes.get(at + 1) == Some(&bytes[at]) {
            let literal = self.advance(at + 1);
            self.advance(1);
            return Some(Ok(Piece::Literal(literal)));
        }
        if at > 0 {
            return Some(Ok(Piece::Literal(self.advance(at))));
        }
        if bytes[0] == b'}' {
            return Some(Err(Fault::value("Single '}' encountered in format string")));
        }
        self.advance(1);
        Some(self.field().map(Piece::Field))
    }
}

/// What a field name starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// Nothing written: the next positional argument.
    Auto,
    /// A positional argument.
    Index(usize),
    /// A keyword argument.
    Name(&'a Wtf8),
}

/// One step from a value to a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// `.name`
    Attribute(&'a Wtf8),
    /// `[3]`
    Index(usize),
    /// `[key]`
    Key(&'a Wtf8),
}

/// A parsed field name: where to start, then the steps, read one by one.
pub struct FieldName<'a> {
    /// The start.
    pub first: First<'a>,
    rest: &'a Wtf8,
}

impl<'a> FieldName<'a> {
    /// Splits a field name.
    pub fn parse(name: &'a Wtf8) -> Result<FieldName<'a>, Fault> {
        let end = memchr::memchr2(b'.', b'[', name.as_bytes()).unwrap_or(name.byte_len());
        let first = name.byte_slice(0, end);
        let first = match as_index(first)? {
            _ if first.is_empty() => First::Auto,
            Some(index) => First::Index(index),
            None => First::Name(first),
        };
        Ok(FieldName {
            first,
            rest: name.byte_tail(end),
        })
    }
}

impl<'a> Iterator for FieldName<'a> {
    type Item = Result<Step<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.rest.as_bytes();
        let step = match bytes.first()? {
            b'.' => {
                let end = memchr::memchr2(b'.', b'[', &bytes[1..]).map_or(bytes.len(), |at| at + 1);
                let name = self.rest.byte_slice(1, end);
                self.rest = self.rest.byte_tail(end);
                Ok((name, Step::Attribute(name)))
            }
            b'[' => match memchr::memchr(b']', bytes) {
                Some(end) => {
                    let name = self.rest.byte_slice(1, end);
                    self.rest = self.rest.byte_tail(end + 1);
                    as_index(name).map(|index| (name, index.map_or(Step::Key(name), Step::Index)))
                }
                None => Err(Fault::value("Missing ']' in format string")),
            },
            _ => Err(Fault::value(
                "Only '.' or '[' may follow ']' in format field specifier",
            )),
        };
        Some(match step {
            Ok((name, _)) if name.is_empty() => {
                Err(Fault::value("Empty attribute in format string"))
            }
            Ok((_, step)) => Ok(step),
            Err(fault) => Err(fault),
        })
    }
}

/// Numbers the fields of one `str.format` call: all by hand, or all automatically.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbering {
    manual: Option<bool>,
    next: usize,
}

impl Numbering {
    /// The positional index `first` stands for; `None` for a name.
    pub fn resolve(&mut self, first: First<'_>) -> Result<Option<usize>, Fault> {
        let (manual, index) = match first {
            First::Name(_) => return Ok(None),
            First::Index(index) => (true, index),
            First::Auto => (false, self.next),
        };
        match *self.manual.get_or_insert(manual) {
            true if !manual => Err(Fault::value(
                "cannot switch from manual field specification to automatic field numbering",
            )),
            false if manual => Err(Fault::value(
                "cannot switch from automatic field numbering to manual field specification",
            )),
            _ => {
                self.next += usize::from(!manual);
                Ok(Some(index))
            }
        }
    }
}

/// The fault of a conversion other than `r`, `s` and `a`.
pub fn unknown_conversion(letter: u32) -> Fault {
    match char::from_u32(letter) {
        Some(c @ '!'..='~') => Fault::value(format!("Unknown conversion specifier {c}")),
        _ => Fault::value(format!("Unknown conversion specifier \\x{letter:x}")),
    }
}

/// The fault of fields nested deeper than [`MAX_DEPTH`].
pub fn too_deep() -> Fault {
    Fault::value("Max string recursion exceeded")
}

fn as_index(text: &Wtf8) -> Result<Option<usize>, Fault> {
    let mut index = 0usize;
    for point in text.code_points() {
        let Some(digit) = unicode::decimal_value(point) else {
            return Ok(None);
        };
        index = index
            .checked_mul(10)
            .and_then(|index| index.checked_add(digit as usize))
            .filter(|&index| index <= isize::MAX as usize)
            .ok_or_else(|| Fault::value("Too many decimal digits in format string"))?;
    }
    Ok((!text.is_empty()).then_some(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::from_str(text)
    }

    /// The first fault of a template or its field names.
    fn fault(text: &str) -> String {
        for piece in Template::new(w(text)) {
            match piece {
                Err(fault) => return fault.message.to_string_lossy(),
                Ok(Piece::Field(field)) => {
                    let steps = FieldName::parse(field.name)
                        .and_then(|name| name.collect::<Result<Vec<_>, _>>());
                    if let Err(fault) = steps {
                        return fault.message.to_string_lossy();
                    }
                }
                Ok(Piece::Literal(_)) => {}
            }
        }
        String::new()
    }

    #[test]
    fn pieces() {
        let pieces: Result<Vec<_>, _> = Template::new(w("a{{b}}{x.y[0][k]!r:>{w}}")).collect();
        let pieces = pieces.unwrap();
        assert_eq!(
            pieces[..2],
            [Piece::Literal(w("a{")), Piece::Literal(w("b}"))]
        );
        let Piece::Field(field) = pieces[2] else {
            panic!()
        };
        assert_eq!(field.conversion, Some('r'.into()));
        assert!(field.spec == w(">{w}") && field.spec_has_fields);
        let name = FieldName::parse(field.name).unwrap();
        assert_eq!(name.first, First::Name(w("x")));
        let steps: Result<Vec<_>, _> = name.collect();
        assert_eq!(
            steps.unwrap(),
            [Step::Attribute(w("y")), Step::Index(0), Step::Key(w("k"))]
        );
        assert_eq!(
            FieldName::parse(w("٣")).map(|name| name.first),
            Ok(First::Index(3))
        );
        assert_eq!(fault("{0[}]}{0[:]}{0[!]}{a b}{-1}"), "");
    }

    #[test]
    fn faults() {
        for (template, message) in [
            ("{", "Single '{' encountered in format string"),
            ("a}b", "Single '}' encountered in format string"),
            ("{0}}", "Single '}' encountered in format string"),
            ("{0", "expected '}' before end of string"),
            ("{0[}", "expected '}' before end of string"),
            ("{0.}", "Empty attribute in format string"),
            ("{0[]}", "Empty attribute in format string"),
            ("{0!}", "unmatched '{' in format spec"),
            (
                "{0[0]x}",
                "Only '.' or '[' may follow ']' in format field specifier",
            ),
            ("{0!rr}", "expected ':' after conversion specifier"),
            (
                "{0!",
                "end of string while looking for conversion specifier",
            ),
            ("{0!r", "unmatched '{' in format spec"),
            ("{0:{}", "unmatched '{' in format spec"),
            ("{0{1}}", "unexpected '{' in field name"),
            ("{0..x}", "Empty attribute in format string"),
            (
                "{99999999999999999999}",
                "Too many decimal digits in format string",
            ),
        ] {
            assert_eq!(fault(template), message, "{template}");
        }
        let mut numbering = Numbering::default();
        assert_eq!(numbering.resolve(First::Auto), Ok(Some(0)));
        assert_eq!(numbering.resolve(First::Auto), Ok(Some(1)));
        assert!(numbering.resolve(First::Index(0)).is_err());
        assert_eq!(
            unknown_conversion(0xE9).message,
            "Unknown conversion specifier \\xe9"
        );
    }
}
