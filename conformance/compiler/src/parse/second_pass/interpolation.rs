//! Strings as expressions: concatenation, f-strings and t-strings, and the mistakes in their fields.

use super::escapes;
use super::recognizer::{Id, Match, Recognizer, Shape};
use super::token::{Kind, Token};

impl Recognizer<'_> {
    /// One or more adjacent string literals.
    pub fn strings(&mut self) -> Match<Id> {
        let start = self.here()?;
        let (mut bytes, mut text, mut template) = (0, 0, 0);
        let mut plain: Vec<Token> = Vec::new();
        let mut interpolated = false;
        loop {
            let token = self.current()?;
            match token.kind {
                Kind::String => {
                    self.mark += 1;
                    plain.push(token);
                    let prefix = self.token_text(token);
                    let prefix = &prefix[..prefix.find(['"', '\'']).unwrap_or(0)];
                    if prefix.contains(['b', 'B']) {
                        bytes += 1;
                    } else {
                        text += 1;
                    }
                }
                Kind::FStart => {
                    self.interpolated_string()?;
                    interpolated = true;
                    text += 1;
                }
                Kind::TStart => {
                    self.interpolated_string()?;
                    template += 1;
                }
                _ => break,
            }
        }
        if bytes + text + template == 0 {
            return Err(super::recognizer::Fail::No);
        }
        let end = self.tokens[self.mark - 1].end;
        if template > 0 && bytes + text > 0 {
            let message = "cannot mix t-string literals with string or bytes literals";
            return self.raise_range(start, end, message);
        }
        if bytes > 0 && text > 0 {
            return self.raise_syntax("cannot mix bytes and nonbytes literals");
        }
        for token in plain {
            if let Err(message) = escapes::check_literal(self.token_text(token)) {
                return self.raise_at_token(token, message);
            }
        }
        let shape = match (template > 0, interpolated) {
            (true, _) => Shape::TString,
            (_, true) => Shape::FString,
            _ => Shape::Literal,
        };
        Ok(self.node(shape, start, vec![]))
    }

    fn interpolated_string(&mut self) -> Match<()> {
        let start = self.take(|_, token| matches!(token.kind, Kind::FStart | Kind::TStart))?;
        let raw = self.token_text(start).contains(['r', 'R']);
        self.many(|p| p.interpolated_part(raw))?;
        self.take(|_, token| matches!(token.kind, Kind::FEnd | Kind::TEnd))
            .map(drop)
    }

    fn interpolated_part(&mut self, raw: bool) -> Match<()> {
        if let Some(field) = self.opt(|p| p.replacement_field(raw))? {
            return Ok(field);
        }
        let middle = self.take(|_, token| matches!(token.kind, Kind::FMiddle | Kind::TMiddle))?;
        if !raw && let Err(message) = escapes::check_text(self.token_text(middle)) {
            return self.raise_at_token(middle, message);
        }
        Ok(())
    }

    fn replacement_field(&mut self, raw: bool) -> Match<()> {
        let found = self.opt(|p| {
            p.op("{")?;
            p.assigned()?;
            p.opt(|p| p.op("="))?;
            p.opt(|p| p.conversion())?;
            p.opt(|p| p.format_spec(raw))?;
            p.op("}").map(drop)
        })?;
        if found.is_some() {
            return Ok(());
        }
        self.mistake(|p| p.invalid_field())?;
        Err(super::recognizer::Fail::No)
    }

    fn format_spec(&mut self, raw: bool) -> Match<()> {
        self.op(":")?;
        self.many(|p| p.interpolated_part(raw))?;
        Ok(())
    }

    fn conversion(&mut self) -> Match<()> {
        let letter = self.interpolation_letter();
        let mark = self.op("!")?;
        let token = self.kind(Kind::Name)?;
        let name = self.token_text(token);
        if mark.end != token.start {
            let message = "conversion type must come right after the exclamation mark";
            return self.raise_range(mark.start, token.end, format!("{letter}-string: {message}"));
        }
        if !matches!(name, "s" | "r" | "a") {
            return self.raise_at_token(token, format!(
                "{letter}-string: invalid conversion character '{name}': expected 's', 'r', or 'a'"
            ));
        }
        Ok(())
    }

    /// Whether the mark is inside of an f-string or t-string.
    pub fn in_interpolation(&self) -> bool {
        self.enclosing_start().is_some()
    }

    /// `f` or `t`, after the string around the mark.
    pub fn interpolation_letter(&self) -> char {
        match self.enclosing_start() {
            Some(Kind::TStart) => 't',
            _ => 'f',
        }
    }

    fn enclosing_start(&self) -> Option<Kind> {
        let mut closed = 0;
        for token in self.tokens[..self.mark.min(self.tokens.len())].iter().rev() {
            match token.kind {
                Kind::FEnd | Kind::TEnd => closed += 1,
                Kind::FStart | Kind::TStart if closed > 0 => closed -= 1,
                Kind::FStart | Kind::TStart => return Some(token.kind),
                _ => {}
            }
        }
        None
    }

    fn invalid_field(&mut self) -> Match<Id> {
        let letter = self.interpolation_letter();
        self.op("{")?;
        if let Some(token) = self.opt(|p| p.one_of(&["=", "!", ":", "}"]))? {
            let symbol = self.token_text(token);
            let message = format!("{letter}-string: valid expression required before '{symbol}'");
            return self.raise_at_token(token, message);
        }
        if self.opt(|p| p.assigned())?.is_none() {
            let message = format!("{letter}-string: expecting a valid expression after '{{'");
            return self.raise_next(message);
        }
        if self
            .opt(|p| p.look(|p| p.one_of(&["=", "!", ":", "}"])))?
            .is_none()
        {
            let message = "expecting '=', or '!', or ':', or '}'";
            return self.raise_next(format!("{letter}-string: {message}"));
        }
        if self.opt(|p| p.op("="))?.is_some()
            && self
                .opt(|p| p.look(|p| p.one_of(&["!", ":", "}"])))?
                .is_none()
        {
            let message = format!("{letter}-string: expecting '!', or ':', or '}}'");
            return self.raise_next(message);
        }
        if self.opt(|p| p.op("!"))?.is_some() {
            if self.opt(|p| p.look(|p| p.one_of(&[":", "}"])))?.is_some() {
                return self.raise_next(format!("{letter}-string: missing conversion character"));
            }
            if self.opt(|p| p.name())?.is_none() {
                return self.raise_next(format!("{letter}-string: invalid conversion character"));
            }
        }
        if self.opt(|p| p.look(|p| p.one_of(&[":", "}"])))?.is_none() {
            return self.raise_next(format!("{letter}-string: expecting ':' or '}}'"));
        }
        if self.opt(|p| p.format_spec(false))?.is_some() {
            self.not(|p| p.op("}"))?;
            let message = format!("{letter}-string: expecting '}}', or format specs");
            return self.raise_next(message);
        }
        self.not(|p| p.op("}"))?;
        self.raise_next(format!("{letter}-string: expecting '}}'"))
    }
}
