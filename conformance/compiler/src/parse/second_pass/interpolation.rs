//! Strings as expressions: concatenation, f-strings and t-strings, and the mistakes in their fields.

use super::escapes;
use super::recognizer::{Id, Match, Recognizer, Shape};
use super::token::{Kind, Token};

/// What a string that is no template is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Plain,
    Bytes,
    Interpolated,
}

impl Recognizer<'_> {
    /// One or more adjacent string literals.
    pub fn strings(&mut self) -> Match<Id> {
        self.mistake(|p| p.mixed_with_template())?;
        let start = self.here()?;
        let Some(strings) = self.opt(|p| p.some(|p| p.string()))? else {
            self.some(|p| p.template())?;
            return Ok(self.node(Shape::TString, start, vec![]));
        };
        if strings.contains(&Text::Bytes) && strings.iter().any(|kind| *kind != Text::Bytes) {
            return self.raise_syntax("cannot mix bytes and nonbytes literals");
        }
        let shape = if strings.contains(&Text::Interpolated) {
            Shape::FString
        } else {
            Shape::Literal
        };
        Ok(self.node(shape, start, vec![]))
    }

    /// A template beside another string: the error is about the first two of different kinds.
    fn mixed_with_template(&mut self) -> Match<Id> {
        let starts = self.many(|p| p.here().and_then(|at| p.string().map(|_| at)))?;
        let start = match starts.last() {
            Some(&start) => {
                self.template()?;
                start
            }
            None => {
                let starts = self.some(|p| p.here().and_then(|at| p.template().map(|_| at)))?;
                self.string()?;
                starts[starts.len() - 1]
            }
        };
        let end = self.tokens[self.mark - 1].end;
        let message = "cannot mix t-string literals with string or bytes literals";
        self.raise_range(start, end, message)
    }

    /// One string that is no template.
    fn string(&mut self) -> Match<Text> {
        if self.current()?.kind == Kind::FStart {
            self.interpolated_string(Kind::FStart)?;
            return Ok(Text::Interpolated);
        }
        let token = self.kind(Kind::String)?;
        self.note_decoded(self.mark - 1);
        let literal = self.token_text(token);
        match escapes::check_literal(literal) {
            Ok(()) => {}
            Err(message) if message == escapes::NOT_ASCII => {
                return self.raise_at_token(token, message);
            }
            // What was read last is shown: a rule may have looked at what follows.
            Err(message) => return self.raise_syntax(message),
        }
        let prefix = &literal[..literal.find(['"', '\'']).unwrap_or(0)];
        Ok(if prefix.contains(['b', 'B']) {
            Text::Bytes
        } else {
            Text::Plain
        })
    }

    /// Takes note of a string from the token `first` to the mark that the run which looks for mistakes decodes where it looks for none:
    /// Python warns of it then.
    fn note_decoded(&mut self, first: usize) {
        if self.second && !self.invalid {
            self.decoded_late
                .extend_from_slice(&self.tokens[first..self.mark]);
        }
    }

    fn template(&mut self) -> Match<Id> {
        self.memo(|p| {
            p.interpolated_string(Kind::TStart)?;
            p.done()
        })
    }

    fn interpolated_string(&mut self, start: Kind) -> Match<()> {
        let start = self.kind(start)?;
        let raw = self.token_text(start).contains(['r', 'R']);
        let first = self.mark - 1;
        let texts = self.many(|p| p.interpolated_part(raw))?;
        self.take(|_, token| matches!(token.kind, Kind::FEnd | Kind::TEnd))?;
        self.note_decoded(first);
        // The texts are decoded when all of the string was read.
        for text in texts.into_iter().flatten().filter(|_| !raw) {
            if let Err(message) = escapes::check_text(self.token_text(text)) {
                return self.raise_range(text.start, text.end, message);
            }
        }
        Ok(())
    }

    /// A field or a text: gives the text.
    fn interpolated_part(&mut self, raw: bool) -> Match<Option<Token>> {
        if self.opt(|p| p.replacement_field(raw))?.is_some() {
            return Ok(None);
        }
        self.take(|_, token| matches!(token.kind, Kind::FMiddle | Kind::TMiddle))
            .map(Some)
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
        self.many(|p| {
            let text = p.interpolated_part(raw)?;
            if let Some(text) = text.filter(|_| !raw)
                && let Err(message) = escapes::check_text(p.token_text(text))
            {
                return p.raise_at_token(text, message);
            }
            Ok(())
        })
        .map(drop)
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
        let spec = self.opt(|p| match letter {
            // Python's rule for the mistake takes fields for this, but no text.
            't' => {
                p.op(":")?;
                p.many(|p| p.replacement_field(false)).map(drop)
            }
            _ => p.format_spec(false),
        })?;
        if spec.is_some() {
            self.not(|p| p.op("}"))?;
            let message = format!("{letter}-string: expecting '}}', or format specs");
            return self.raise_next(message);
        }
        self.not(|p| p.op("}"))?;
        self.raise_next(format!("{letter}-string: expecting '}}'"))
    }
}
