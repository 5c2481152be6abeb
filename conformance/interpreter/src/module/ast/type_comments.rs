//! `type_comments`: comments that tell types (PEP 484), which Python's tokenizer makes tokens, so that they may stand in a few places
//! only.
//!
//! ```text
//! x = []            # type: list[int]         an assignment
//! for x in xs:      # type: int               `for` and `with`, behind the colon
//! def f(a,          # type: int               a parameter, behind its comma or in front of the bracket
//!       b):
//!     # type: (...) -> str                    a function, behind its colon or in front of its body
//! x = f()           # type: ignore[arg]       anywhere: it is listed in the module
//! ```

use crate::parse::{BLANK, COMMENT, INDENT, Lexeme, NEWLINE, Parsed, lexemes};
use crate::scope::CompileError;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{self as tree, Mod, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::collections::HashMap;

/// What a text tells of types in comments.
#[derive(Default)]
pub struct TypeComments {
    /// What is told of a statement or a parameter, by where that begins.
    told: HashMap<TextSize, TextRange>,
    /// Where errors of types are to be ignored: the line and what stands behind the word.
    pub ignored: Vec<(u32, String)>,
}

impl TypeComments {
    /// What is told of the statement or the parameter that begins at `start`.
    pub fn of(&self, start: TextSize) -> Option<TextRange> {
        self.told.get(&start).copied()
    }
}

/// The comments of a text, each where it belongs.
///
/// # Errors
/// - One stands where none may.
pub fn find(parsed: &Parsed, filename: &str) -> Result<TypeComments, CompileError> {
    let (comments, ignored) = comments(parsed, filename);
    if comments.is_empty() {
        return Ok(TypeComments {
            ignored,
            ..TypeComments::default()
        });
    }
    let mut owners = Owners {
        text: parsed.lines.source(),
        taken: vec![false; comments.len()],
        comments,
        told: HashMap::new(),
        wrong: Vec::new(),
    };
    if let Mod::Module(node) = &parsed.tree {
        owners.visit_body(&node.body);
    }
    let stray = owners.taken.iter().position(|taken| !taken);
    let stray = stray.map(|index| ("invalid syntax", owners.comments[index].told));
    let wrong = owners.wrong.into_iter().chain(stray);
    match wrong.min_by_key(|(_, range)| range.start()) {
        Some((message, range)) => Err(CompileError::new(message, range)),
        None => Ok(TypeComments {
            told: owners.told,
            ignored,
        }),
    }
}

/// A comment that tells a type.
struct Comment {
    /// What it tells.
    told: TextRange,
    /// The last two tokens before it, the nearer one first.
    before: [Lexeme; 2],
    /// The token behind it.
    after: Lexeme,
}

/// What a comment says behind `# type:`.
fn told(comment: &str) -> Option<&str> {
    let blanks = [' ', '\t'];
    let text = comment.strip_prefix('#')?.trim_start_matches(blanks);
    Some(text.strip_prefix("type:")?.trim_start_matches(blanks))
}

/// What follows the word, if errors are to be ignored.
fn ignored(told: &str) -> Option<&str> {
    let rest = told.strip_prefix("ignore")?;
    // Bytes count: any that is not ASCII belongs to another word.
    let ends = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    rest.bytes().next().is_none_or(ends).then_some(rest)
}

/// The comments that tell types, and the lines where errors are to be ignored.
fn comments(parsed: &Parsed, filename: &str) -> (Vec<Comment>, Vec<(u32, String)>) {
    let lines = &parsed.lines;
    let text: &str = lines.source();
    let (mut found, mut lines_ignored) = (Vec::<Comment>::new(), Vec::new());
    if memchr::memmem::find(text.as_bytes(), b"type:").is_none() {
        return (found, lines_ignored);
    }
    let start = Lexeme {
        kind: NEWLINE,
        range: TextRange::default(),
    };
    let mut before = [start; 2];
    // How many of those found have a token behind them.
    let mut followed = 0;
    for token in lexemes(lines, filename, true).tokens {
        if token.kind == BLANK {
            continue;
        }
        if token.kind != COMMENT {
            for comment in &mut found[followed..] {
                comment.after = token;
            }
            followed = found.len();
            before = [token, before[0]];
            continue;
        }
        let Some(told) = told(&text[token.range]) else {
            continue;
        };
        match ignored(told) {
            Some(rest) => {
                let line = lines.line(token.range.start());
                let to = token.range.start();
                let in_front = &text[TextRange::new(lines.line_start(line), to)];
                // One that has its line for itself takes its end, too.
                let end = if in_front.trim().is_empty() { "\n" } else { "" };
                lines_ignored.push((line, format!("{rest}{end}")));
            }
            None => found.push(Comment {
                told: TextRange::new(token.range.end() - TextSize::of(told), token.range.end()),
                before,
                after: start,
            }),
        }
    }
    (found, lines_ignored)
}

/// Looks for whom each comment belongs to.
struct Owners<'a> {
    text: &'a str,
    comments: Vec<Comment>,
    taken: Vec<bool>,
    told: HashMap<TextSize, TextRange>,
    wrong: Vec<(&'static str, TextRange)>,
}

impl Owners<'_> {
    /// The first comment from a place on.
    fn first(&self, start: TextSize) -> usize {
        self.comments
            .partition_point(|comment| comment.told.start() < start)
    }

    /// The comments between two places.
    fn between(&self, start: TextSize, end: TextSize) -> std::ops::Range<usize> {
        let first = self.first(start);
        first..self.first(end).max(first)
    }

    fn is(&self, token: Lexeme, text: &str) -> bool {
        &self.text[token.range] == text
    }

    /// What begins at `owner` has the comment.
    fn give(&mut self, owner: TextSize, index: usize) {
        if !self.told.contains_key(&owner) {
            self.told.insert(owner, self.comments[index].told);
            self.taken[index] = true;
        }
    }

    /// What stands behind the colon of a header, whose last part ends at `end`.
    fn header(&mut self, owner: TextSize, end: TextSize, body: &[Stmt]) -> Option<usize> {
        let begin = body.first()?.start();
        let index = self.between(end, begin).next()?;
        let is_header = self.is(self.comments[index].before[0], ":");
        is_header.then(|| self.give(owner, index)).map(|()| index)
    }

    fn function(&mut self, node: &tree::StmtFunctionDef) {
        for parameter in node.parameters.iter() {
            let whole = parameter.range();
            let Some(index) = self.between(whole.end(), node.parameters.end()).next() else {
                continue;
            };
            let Comment { before, after, .. } = self.comments[index];
            let behind_comma = self.is(before[0], ",") && before[1].range.end() == whole.end();
            let behind = before[0].range.end() == whole.end();
            if behind_comma || behind && self.is(after, ")") {
                self.give(parameter.name().start(), index);
            } else if behind {
                self.taken[index] = true;
                self.wrong.push(("invalid syntax", after.range));
            }
        }
        for index in self.between(node.parameters.start(), node.parameters.end()) {
            let Comment { told, before, .. } = self.comments[index];
            if self.is(before[0], ",") && self.is(before[1], "*") {
                self.wrong
                    .push(("bare * has associated type comment", told));
            }
        }
        let end = node
            .returns
            .as_deref()
            .map_or(node.parameters.end(), Ranged::end);
        let in_header = self.header(node.start(), end, &node.body);
        let Some(first) = node.body.first() else {
            return;
        };
        let next = in_header.map_or(end, |index| self.comments[index].told.end());
        if let Some(index) = self.between(next, first.start()).next() {
            let Comment { before, after, .. } = self.comments[index];
            if before[0].kind != NEWLINE || after.kind != INDENT {
                return;
            }
            if in_header.is_some() {
                self.taken[index] = true;
                let at = TextRange::at(first.start(), TextSize::new(0));
                self.wrong
                    .push(("Cannot have two type comments on def", at));
            } else {
                self.give(node.start(), index);
            }
        }
    }
}

impl<'a> StatementVisitor<'a> for Owners<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(node) => {
                let index = self.first(node.end());
                let before = self.comments.get(index).map(|comment| comment.before[0]);
                if before.is_some_and(|it| it.kind != NEWLINE && it.range.end() == node.end()) {
                    self.give(node.start(), index);
                }
            }
            Stmt::For(node) => drop(self.header(node.start(), node.iter.end(), &node.body)),
            Stmt::With(node) => {
                let end = node.items.last().map_or(node.start(), Ranged::end);
                self.header(node.start(), end, &node.body);
            }
            Stmt::FunctionDef(node) => self.function(node),
            _ => {}
        }
        walk_stmt(self, statement);
    }
}
