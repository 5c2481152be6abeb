//! Text to data.

use super::*;

/// Source, as data.
#[derive(Clone)]
pub enum Datum {
    Int(i64),
    Symbol(Arc<str>),
    Text(Arc<str>),
    List(Arc<[Datum]>),
}

/// What is wrong when more text may mend it.
pub const OPEN: &str = "the last form has no end";

/// A list of a name and other data.
pub fn form(name: &str, rest: &[Datum]) -> Datum {
    Datum::List([&[Datum::Symbol(name.into())], rest].concat().into())
}

/// What is left of the text.
pub struct Reader<'t>(pub &'t str);

impl Reader<'_> {
    fn skip(&mut self) {
        self.0 = self.0.trim_start();
        while self.0.starts_with(';') {
            let end = self.0.find('\n').unwrap_or(self.0.len());
            self.0 = self.0[end..].trim_start();
        }
    }

    /// The next datum, inside of which there may be so many lists; `None` at the end.
    pub fn next(&mut self, depth: usize) -> Result<Option<Datum>> {
        self.skip();
        let mut chars = self.0.chars();
        let Some(first) = chars.next() else {
            return Ok(None);
        };
        let depth = depth.checked_sub(1).ok_or("lists are nested too deeply")?;
        if "()'\"".contains(first) {
            self.0 = chars.as_str();
        }
        Ok(Some(match first {
            '(' => {
                let mut items = Vec::new();
                loop {
                    self.skip();
                    if let Some(rest) = self.0.strip_prefix(')') {
                        self.0 = rest;
                        break Datum::List(items.into());
                    }
                    items.push(self.next(depth)?.ok_or(OPEN)?);
                }
            }
            ')' => return Err("a `)` too many".into()),
            '\'' => form("quote", &[self.next(depth)?.ok_or(OPEN)?]),
            '"' => {
                let (text, rest) = self.0.split_once('"').ok_or(OPEN)?;
                self.0 = rest;
                Datum::Text(text.into())
            }
            _ => {
                let is_end = |c: char| c.is_whitespace() || "()'\";".contains(c);
                let end = self.0.find(is_end).unwrap_or(self.0.len());
                let (word, rest) = self.0.split_at(end);
                self.0 = rest;
                match word.parse() {
                    Ok(number) => Datum::Int(number),
                    Err(_) if word == "nil" => Datum::List([].into()),
                    Err(_) => Datum::Symbol(word.into()),
                }
            }
        }))
    }
}
