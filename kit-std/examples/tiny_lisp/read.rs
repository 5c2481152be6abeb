//! Text to data.

use super::*;

/// Source, as data.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    Int(i64),
    Symbol(Arc<str>),
    Text(Arc<str>),
    List(Arc<[Datum]>),
}

pub(super) fn is_name(datum: &Datum, name: &str) -> bool {
    matches!(datum, Datum::Symbol(found) if **found == *name)
}

pub(super) struct Reader<'t> {
    pub(super) rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with(';') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_start();
        }
    }

    /// The next datum; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Datum>, String> {
        // Lists that are open, and whether each is a quotation.
        let mut open: Vec<(Vec<Datum>, bool)> = Vec::new();
        loop {
            self.skip();
            let Some(first) = self.rest.chars().next() else {
                return if open.is_empty() {
                    Ok(None)
                } else {
                    Err("a list has no end".into())
                };
            };
            let mut found = match first {
                '(' => {
                    self.rest = &self.rest[1..];
                    open.push((Vec::new(), false));
                    continue;
                }
                '\'' => {
                    self.rest = &self.rest[1..];
                    open.push((vec![Datum::Symbol("quote".into())], true));
                    continue;
                }
                ')' => {
                    self.rest = &self.rest[1..];
                    match open.pop() {
                        Some((items, false)) => Datum::List(items.into()),
                        _ => return Err("a `)` too many".into()),
                    }
                }
                '"' => {
                    let (text, rest) = self.rest[1..].split_once('"').ok_or("a text has no end")?;
                    self.rest = rest;
                    Datum::Text(text.into())
                }
                _ => {
                    let is_end = |c: char| c.is_whitespace() || "()'\";".contains(c);
                    let (word, rest) = self
                        .rest
                        .split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
                    self.rest = rest;
                    word.parse()
                        .map_or_else(|_| Datum::Symbol(word.into()), Datum::Int)
                }
            };
            loop {
                match open.last_mut() {
                    None => return Ok(Some(found)),
                    Some((items, quotes)) => {
                        items.push(found);
                        if !*quotes {
                            break;
                        }
                    }
                }
                let (items, _) = open.pop().expect("just looked at");
                found = Datum::List(items.into());
            }
        }
    }
}
