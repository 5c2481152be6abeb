//! `mode='func_type'`: what a comment tells of a function's types (PEP 484).
//!
//! ```text
//! (int, *str, **object) -> list[int]
//! ```
//!
//! Each type is an expression, which is parsed alone: in brackets, and where it stands.

use crate::parse::{
    BLANK, COMMENT, DEDENT, END, INDENT, LineIndex, Mode, NEWLINE, Parsed, SyntaxError, lexemes,
};
use crate::scope::CompileError;
use ruff_text_size::{TextRange, TextSize};

/// What a text tells.
pub struct FunctionType {
    /// The types of the parameters.
    pub parameters: Vec<Parsed>,
    /// The type of the result.
    pub returns: Parsed,
}

/// Reads a text.
pub fn parse(text: &str, filename: &str) -> Result<FunctionType, SyntaxError> {
    let ended = match text.ends_with('\n') {
        true => text.to_owned(),
        false => format!("{text}\n"),
    };
    let lines = LineIndex::new(ended.as_str().into());
    let all = lexemes(&lines, filename, true).tokens;
    let is_code = |kind: u8| !matches!(kind, COMMENT | BLANK | NEWLINE | INDENT | DEDENT | END);
    let ranges = all.iter().filter(|token| is_code(token.kind));
    let mut reader = Reader {
        text: &ended,
        filename,
        ranges: ranges.map(|token| token.range).collect(),
        at: 0,
    };
    reader.read().map_err(|wrong| {
        let mut error = match wrong {
            Wrong::Here(range) => {
                let error = CompileError::new("invalid syntax", range);
                crate::compile::syntax_error(&error, &lines, filename, true)
            }
            Wrong::Inside(error) => *error,
        };
        let line = usize::try_from(error.line - 1).unwrap_or(0);
        error.text = text.split_inclusive('\n').nth(line).map(str::to_owned);
        error
    })
}

enum Wrong {
    /// This should not be here.
    Here(TextRange),
    /// An expression is none.
    Inside(Box<SyntaxError>),
}

struct Reader<'a> {
    text: &'a str,
    filename: &'a str,
    ranges: Vec<TextRange>,
    at: usize,
}

impl Reader<'_> {
    /// The token that comes next; nothing at the end.
    fn next(&self) -> &str {
        self.ranges
            .get(self.at)
            .map_or("", |range| &self.text[*range])
    }

    fn wrong(&self) -> Wrong {
        let end = TextSize::of(self.text.trim_end());
        let end = TextRange::at(end, TextSize::new(0));
        Wrong::Here(self.ranges.get(self.at).copied().unwrap_or(end))
    }

    fn take(&mut self, token: &str) -> Result<(), Wrong> {
        if self.next() != token {
            return Err(self.wrong());
        }
        self.at += 1;
        Ok(())
    }

    fn read(&mut self) -> Result<FunctionType, Wrong> {
        self.take("(")?;
        let mut parameters = Vec::new();
        // What may come yet: any, `*` and behind it `**`, nothing.
        let mut stars = 0;
        while self.next() != ")" || !parameters.is_empty() {
            match self.next() {
                "*" if stars == 0 => stars = 1,
                "**" if stars < 2 => stars = 2,
                _ if stars > 0 => return Err(self.wrong()),
                _ => {}
            }
            self.at += usize::from(stars > 0);
            parameters.push(self.expression()?);
            if stars == 2 || self.next() != "," {
                break;
            }
            self.at += 1;
        }
        self.take(")")?;
        self.take("->")?;
        let returns = self.expression()?;
        if self.at < self.ranges.len() {
            return Err(self.wrong());
        }
        Ok(FunctionType {
            parameters,
            returns,
        })
    }

    /// An expression, up to what does not belong to it.
    fn expression(&mut self) -> Result<Parsed, Wrong> {
        let begin = self.at;
        let (mut brackets, mut lambdas) = (0, 0);
        while self.at < self.ranges.len() {
            match self.next() {
                "(" | "[" | "{" => brackets += 1,
                ")" | "]" | "}" if brackets == 0 => break,
                ")" | "]" | "}" => brackets -= 1,
                _ if brackets > 0 => {}
                "lambda" => lambdas += 1,
                ":" if lambdas > 0 => lambdas -= 1,
                "," if lambdas == 0 => break,
                "=" if lambdas > 0 => {}
                ":=" | "=" | "yield" | "for" | "async" | ":" => return Err(self.wrong()),
                "*" | "**" if self.at == begin => return Err(self.wrong()),
                _ => {}
            }
            self.at += 1;
        }
        let Some(last) = self.at.checked_sub(1).filter(|last| *last >= begin) else {
            return Err(self.wrong());
        };
        let (start, end) = (self.ranges[begin].start(), self.ranges[last].end());
        let blank = |c: char| {
            if c == '\n' {
                "\n".into()
            } else {
                " ".repeat(c.len_utf8())
            }
        };
        let front = &self.text[..start.to_usize()];
        let mut source: String = front.chars().map(blank).collect();
        // Every expression has something in front.
        source.replace_range(..1, "(");
        source.push_str(&self.text[TextRange::new(start, end)]);
        source.push(')');
        crate::parse::parse(&source, self.filename, Mode::Eval)
            .map_err(|error| Wrong::Inside(Box::new(error)))
    }
}
