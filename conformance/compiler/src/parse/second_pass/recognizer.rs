//! The engine of the second pass: ordered choice over a lazily read token list.
//!
//! Python's parser is a PEG parser, and its errors follow from how one works. A first run tries
//! the grammar and fails; the furthest token it asked for is where "invalid syntax" is reported. A
//! second run tries in addition, at the same points, rules that describe usual mistakes, and the
//! first one that fits decides the message. Both runs are the same code here, with `invalid` off and
//! on.
//!
//! A rule is a method that returns the node it matched, or [`Fail::No`] to let the caller try
//! something else, or [`Fail::Stop`] once an error is certain.

use std::collections::HashMap;

use super::super::lines::LineIndex;
use super::SyntaxErrorKind;
use super::token::{Kind, Token, TokenError};
use super::tokenizer::Tokenizer;

/// Why a rule did not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fail {
    /// The input is something else.
    No,
    /// The error is known, nothing else is tried.
    Stop,
}

pub(super) type Match<T> = Result<T, Fail>;
pub(super) type Rule = fn(&mut Recognizer<'_>) -> Match<Id>;

/// An index into the nodes of a [`Recognizer`].
pub(super) type Id = u32;

/// What a node is, as far as messages tell the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Name,
    Attribute,
    Subscript,
    Starred,
    List,
    Tuple,
    Lambda,
    Call,
    Operation,
    GeneratorExpression,
    Yield,
    Await,
    ListComprehension,
    SetComprehension,
    DictComprehension,
    Dict,
    Set,
    FString,
    TString,
    True,
    False,
    None,
    Ellipsis,
    Literal,
    Comparison,
    /// A comparison whose first operator is `in`.
    Membership,
    Conditional,
    NamedExpression,
    /// A keyword argument `name=value`.
    Keyword,
    /// An argument `**value`.
    DoubleStarred,
    /// Anything that is not an expression.
    Other,
}

/// A piece of recognised input.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub shape: Shape,
    pub start: u32,
    pub end: u32,
    pub children: Vec<Id>,
}

/// An error found by a rule; columns count from 1.
#[derive(Clone, Debug)]
pub(super) struct Raised {
    pub kind: SyntaxErrorKind,
    pub message: String,
    pub start: (i32, i32),
    pub end: (i32, i32),
}

/// Deeper nesting than this is not analysed.
const MAX_DEPTH: u32 = 1500;

pub(super) struct Recognizer<'a> {
    pub text: &'a str,
    pub lines: &'a LineIndex,
    pub tokenizer: Tokenizer<'a>,
    pub tokens: Vec<Token>,
    pub mark: usize,
    /// Whether rules for mistakes are tried.
    pub invalid: bool,
    /// Whether this is the run that looks for mistakes.
    pub second: bool,
    /// The strings that are decoded in that run where none are looked for.
    pub decoded_late: Vec<Token>,
    pub nodes: Vec<Node>,
    memo: HashMap<(usize, usize), Option<(Id, usize)>>,
    pub token_error: Option<TokenError>,
    pub raised: Option<Raised>,
    /// The line of the last statement that was recognised.
    pub last_statement_line: u32,
    depth: u32,
    /// Whether it gave up because the text nests too deeply.
    pub gave_up: bool,
}

impl<'a> Recognizer<'a> {
    pub fn new(text: &'a str, lines: &'a LineIndex, interactive: bool) -> Self {
        Self {
            text,
            lines,
            tokenizer: Tokenizer::new(text, interactive),
            tokens: Vec::new(),
            mark: 0,
            invalid: false,
            second: false,
            decoded_late: Vec::new(),
            nodes: Vec::new(),
            memo: HashMap::new(),
            token_error: None,
            raised: None,
            last_statement_line: 0,
            depth: 0,
            gave_up: false,
        }
    }

    /// Starts the run that looks for mistakes.
    pub fn restart(&mut self) {
        self.mark = 0;
        self.invalid = true;
        self.second = true;
        self.memo.clear();
        self.depth = 0;
    }

    // Combinators

    /// The first alternative that matches.
    pub fn any<T>(&mut self, alternatives: &[fn(&mut Self) -> Match<T>]) -> Match<T> {
        for alternative in alternatives {
            if let Some(found) = self.opt(alternative)? {
                return Ok(found);
            }
        }
        Err(Fail::No)
    }

    /// `rule`, or nothing.
    pub fn opt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Match<T>) -> Match<Option<T>> {
        let mark = self.mark;
        match rule(self) {
            Ok(found) => Ok(Some(found)),
            Err(Fail::No) => {
                self.mark = mark;
                Ok(None)
            }
            Err(Fail::Stop) => Err(Fail::Stop),
        }
    }

    /// Succeeds without moving if `rule` matches here.
    pub fn look<T>(&mut self, rule: impl FnOnce(&mut Self) -> Match<T>) -> Match<()> {
        let mark = self.mark;
        let found = self.opt(rule)?;
        self.mark = mark;
        found.map(drop).ok_or(Fail::No)
    }

    /// Succeeds without moving if `rule` does not match here.
    pub fn not<T>(&mut self, rule: impl FnOnce(&mut Self) -> Match<T>) -> Match<()> {
        match self.look(rule) {
            Ok(()) => Err(Fail::No),
            Err(Fail::No) => Ok(()),
            Err(Fail::Stop) => Err(Fail::Stop),
        }
    }

    /// `rule` as often as it matches.
    pub fn many<T>(&mut self, rule: impl Fn(&mut Self) -> Match<T>) -> Match<Vec<T>> {
        let mut found = Vec::new();
        while let Some(one) = self.opt(&rule)? {
            found.push(one);
        }
        Ok(found)
    }

    /// `rule` at least once.
    pub fn some<T>(&mut self, rule: impl Fn(&mut Self) -> Match<T>) -> Match<Vec<T>> {
        let found = self.many(rule)?;
        if found.is_empty() {
            return Err(Fail::No);
        }
        Ok(found)
    }

    /// One or more of `rule`, with commas between but not behind.
    pub fn commas<T>(&mut self, rule: impl Fn(&mut Self) -> Match<T>) -> Match<Vec<T>> {
        let mut found = vec![rule(self)?];
        while let Some(next) = self.opt(|p| p.op(",").and_then(|_| rule(p)))? {
            found.push(next);
        }
        Ok(found)
    }

    /// Tries a rule for mistakes, in the run that looks for them. It never matches: it stops or not.
    pub fn mistake(&mut self, rule: fn(&mut Self) -> Match<Id>) -> Match<()> {
        if self.invalid {
            self.opt(rule)?;
        }
        Ok(())
    }

    /// `rule`, whose result at each mark is remembered, in the run that looks for mistakes also when it was tried without them first.
    /// Those that Python's parser remembers are, and no others: what one of them finds keeps the mistakes in it from being looked for again.
    pub fn memo(&mut self, rule: Rule) -> Match<Id> {
        let key = (rule as usize, self.mark);
        if let Some(&known) = self.memo.get(&key) {
            let (node, mark) = known.ok_or(Fail::No)?;
            self.mark = mark;
            return Ok(node);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.gave_up = true;
            return Err(Fail::Stop);
        }
        let result = rule(self);
        self.depth -= 1;
        match result {
            Ok(node) => drop(self.memo.insert(key, Some((node, self.mark)))),
            Err(Fail::No) => drop(self.memo.insert(key, None)),
            Err(Fail::Stop) => {}
        }
        result
    }

    // Tokens

    /// The token at the mark, read if need be.
    pub fn current(&mut self) -> Match<Token> {
        while self.mark >= self.tokens.len() {
            match self.tokenizer.next() {
                Ok(token) => self.tokens.push(token),
                Err(error) => {
                    self.token_error = Some(error);
                    return Err(Fail::Stop);
                }
            }
        }
        Ok(self.tokens[self.mark])
    }

    pub fn token_text(&self, token: Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }

    /// Takes a token that passes `test`.
    pub fn take(&mut self, test: impl FnOnce(&Self, Token) -> bool) -> Match<Token> {
        let token = self.current()?;
        if !test(self, token) {
            return Err(Fail::No);
        }
        self.mark += 1;
        Ok(token)
    }

    /// Takes an operator or a keyword.
    pub fn op(&mut self, symbol: &str) -> Match<Token> {
        self.take(|p, token| {
            matches!(token.kind, Kind::Op | Kind::Keyword) && p.token_text(token) == symbol
        })
    }

    /// Takes one of several operators or keywords.
    pub fn one_of(&mut self, symbols: &[&str]) -> Match<Token> {
        self.take(|p, token| {
            matches!(token.kind, Kind::Op | Kind::Keyword) && symbols.contains(&p.token_text(token))
        })
    }

    /// Takes a name that acts as a keyword.
    pub fn soft(&mut self, word: &str) -> Match<Token> {
        self.take(|p, token| token.kind == Kind::Name && p.token_text(token) == word)
    }

    pub fn kind(&mut self, kind: Kind) -> Match<Token> {
        self.take(|_, token| token.kind == kind)
    }

    pub fn newline(&mut self) -> Match<Token> {
        self.kind(Kind::Newline)
    }

    pub fn name(&mut self) -> Match<Id> {
        let token = self.kind(Kind::Name)?;
        Ok(self.leaf(Shape::Name, token))
    }

    /// A token that must follow; its absence is an error at once.
    pub fn must(&mut self, symbol: &str) -> Match<Token> {
        if let Some(token) = self.opt(|p| p.op(symbol))? {
            return Ok(token);
        }
        let found = self.current()?;
        if !self.invalid {
            return Err(Fail::No);
        }
        self.raise_at_token(found, format!("expected '{symbol}'"))
    }

    // Nodes

    pub fn node(&mut self, shape: Shape, start: u32, children: Vec<Id>) -> Id {
        let end = match self.mark.checked_sub(1) {
            Some(last) => self.tokens[last].end,
            None => start,
        };
        self.push(shape, start, end, children)
    }

    pub fn leaf(&mut self, shape: Shape, token: Token) -> Id {
        self.push(shape, token.start, token.end, Vec::new())
    }

    pub fn push(&mut self, shape: Shape, start: u32, end: u32, children: Vec<Id>) -> Id {
        self.nodes.push(Node {
            shape,
            start,
            end,
            children,
        });
        self.nodes.len() as Id - 1
    }

    pub fn get(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    pub fn shape(&self, id: Id) -> Shape {
        self.get(id).shape
    }

    pub fn start(&self, id: Id) -> u32 {
        self.get(id).start
    }

    /// Where the next token starts.
    pub fn here(&mut self) -> Match<u32> {
        Ok(self.current()?.start)
    }

    /// A node for something that is not an expression.
    pub fn done(&mut self) -> Match<Id> {
        Ok(self.push(Shape::Other, 0, 0, Vec::new()))
    }

    // Errors

    pub fn position(&self, offset: u32) -> (i32, i32) {
        let location = self.lines.location(offset.into());
        (location.line as i32, location.char_column as i32 + 1)
    }

    fn raise<T>(
        &mut self,
        kind: SyntaxErrorKind,
        message: impl Into<String>,
        start: (i32, i32),
        end: (i32, i32),
    ) -> Match<T> {
        if self.raised.is_none() {
            self.raised = Some(Raised {
                kind,
                message: message.into(),
                start,
                end,
            });
        }
        Err(Fail::Stop)
    }

    /// An error over the text from `start` to `end`.
    pub fn raise_range<T>(&mut self, start: u32, end: u32, message: impl Into<String>) -> Match<T> {
        let (start, end) = (self.position(start), self.position(end));
        self.raise(SyntaxErrorKind::Syntax, message, start, end)
    }

    pub fn raise_node<T>(&mut self, id: Id, message: impl Into<String>) -> Match<T> {
        let (start, end) = (self.get(id).start, self.get(id).end);
        self.raise_range(start, end, message)
    }

    /// An error from the start of one node to the end of another.
    pub fn raise_nodes<T>(&mut self, from: Id, to: Id, message: impl Into<String>) -> Match<T> {
        let (start, end) = (self.get(from).start, self.get(to).end);
        self.raise_range(start, end, message)
    }

    /// An error on exactly this token.
    pub fn raise_at_token<T>(&mut self, token: Token, message: impl Into<String>) -> Match<T> {
        let (start, end) = self.token_place(token);
        self.raise(SyntaxErrorKind::Syntax, message, start, end)
    }

    pub fn token_place(&self, token: Token) -> ((i32, i32), (i32, i32)) {
        if !token.has_column {
            let line = self.cursor_place(token).0;
            return ((line, 0), (line, 0));
        }
        let start = self.position(token.start);
        if token.kind == Kind::Newline {
            // The newline still belongs to its line. Behind a comment, the comment is in the token too.
            let end = self.position(token.end);
            return (start, (end.0, end.1 + 1));
        }
        (start, self.position(token.end))
    }

    /// An error from `start` to as far as the tokenizer has come.
    pub fn raise_from<T>(&mut self, start: u32, message: impl Into<String>) -> Match<T> {
        let start = self.position(start);
        let end = self.tokenizer_position();
        self.raise(SyntaxErrorKind::Syntax, message, start, end)
    }

    /// As [`raise_from`](Self::raise_from), from a token.
    pub fn raise_from_token<T>(&mut self, token: Token, message: impl Into<String>) -> Match<T> {
        let (start, _) = self.token_place(token);
        let end = self.tokenizer_position();
        self.raise(SyntaxErrorKind::Syntax, message, start, end)
    }

    fn tokenizer_position(&self) -> (i32, i32) {
        match self.tokens.last() {
            Some(&token) => self.cursor_place(token),
            None => (1, 0),
        }
    }

    /// Where the tokenizer stands after `token`: the line, and the characters before on that line.
    /// Behind a newline and at the end of the text it is still on the line before.
    fn cursor_place(&self, token: Token) -> (i32, i32) {
        let at_end = token.cursor as usize >= self.text.len();
        if token.kind == Kind::Newline && token.has_column {
            let (line, column) = self.position(token.cursor - 1);
            return (line, column);
        }
        if at_end {
            return self.lines.end();
        }
        let (line, column) = self.position(token.cursor);
        (line, column - 1)
    }

    /// An error on the last token that was read.
    pub fn raise_last<T>(&mut self, kind: SyntaxErrorKind, message: impl Into<String>) -> Match<T> {
        match self.tokens.last().copied() {
            Some(token) => self.raise_loose(token, kind, message),
            None => Err(Fail::Stop),
        }
    }

    /// An error on the last token that was read.
    pub fn raise_syntax<T>(&mut self, message: impl Into<String>) -> Match<T> {
        self.raise_last(SyntaxErrorKind::Syntax, message)
    }

    /// An error on the token at the mark.
    pub fn raise_next<T>(&mut self, message: impl Into<String>) -> Match<T> {
        let token = self.current()?;
        self.raise_loose(token, SyntaxErrorKind::Syntax, message)
    }

    /// An error on a token; one without a column is placed where the tokenizer stands.
    fn raise_loose<T>(
        &mut self,
        token: Token,
        kind: SyntaxErrorKind,
        message: impl Into<String>,
    ) -> Match<T> {
        let (mut start, mut end) = self.token_place(token);
        if !token.has_column {
            let cursor = self.tokenizer_position();
            start = cursor;
            end = (start.0, -1);
        }
        self.raise(kind, message, start, end)
    }

    pub fn line_of(&self, token: Token) -> i32 {
        self.position(token.start).0
    }
}
