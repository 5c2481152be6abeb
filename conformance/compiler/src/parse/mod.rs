//! The front end: source text to syntax tree, or to the error Python reports for it.
//!
//! Two parsers share the work. Valid programs see only the first, which is fast: ruff's parser
//! builds the tree. When it refuses, the [second pass](second_pass) reads the text again, slowly and
//! in the order Python's own parser would, to find the message and the position Python gives.
//!
//! ```text
//! bytes ── source ──▶ text ── ruff ──▶ Parsed { tree, lines }
//!                               │ refused
//!                               ▼
//!                          second_pass ──▶ SyntaxError ── error, typos ──▶ what is printed
//! ```
//!
//! Rules that need scopes (`return` outside a function, a parameter named twice) are not checked
//! here: they belong to the compiler.

use std::sync::Arc;

use ruff_python_ast::statement_visitor::{self, StatementVisitor};
use ruff_python_ast::token::{Token, TokenKind, Tokens};
use ruff_python_ast::visitor::transformer::{self, Transformer};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Mod, Pattern, PythonVersion, Stmt};
use ruff_python_parser as ruff;
use ruff_text_size::{Ranged, TextRange};

use kit_python_code::code::DEFAULT_MAX_DIGITS;

mod depth;
mod error;
mod lines;
mod second_pass;
mod source;
#[cfg(test)]
mod tests;
mod typos;
mod warnings;
mod working;

pub use error::{SyntaxError, SyntaxErrorKind, TypoContext, format_syntax_error};
pub use lines::{LineIndex, Location};
pub use second_pass::{
    BLANK, COMMENT, DEDENT, END, Fault, INDENT, Lexeme, Lexemes, NEWLINE, OPERATOR, lexemes,
};
pub use source::{Origin, codec_failed, decode_source, foreign_encoding, unknown_encoding};
pub use warnings::{SyntaxWarning, early_warnings, literal_warnings};
pub use working::working_bytes;

/// What a source text is parsed as, like the `mode` argument of `compile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A sequence of statements: `"exec"`.
    Exec,
    /// One expression: `"eval"`.
    Eval,
    /// One interactive statement: `"single"`.
    Single,
}

/// A syntax tree, with what is needed to turn its offsets into positions.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree: an expression for [`Mode::Eval`], a module otherwise.
    pub tree: Mod,
    /// The lines of the parsed text. The offsets in `tree` refer to `lines.source()`.
    pub lines: LineIndex,
    /// What Python's tokenizer and parser warn of.
    warned: Vec<SyntaxWarning>,
    /// How deep the tree nests, for a text that may nest deeply; see [`depth`].
    depth: u32,
}

/// Brackets deeper than this are refused, as in Python.
const MAX_BRACKETS: usize = 200;
const TOO_MANY_BRACKETS: &str = "too many nested parentheses";

/// Parses `source`, which is decoded but may have any line ends.
pub fn parse(source: &str, filename: &str, mode: Mode) -> Result<Parsed, SyntaxError> {
    parse_limited(source, filename, mode, DEFAULT_MAX_DIGITS)
}

/// As [`parse`], with the most digits that a decimal number may have; 0 means any number.
pub fn parse_limited(
    source: &str,
    filename: &str,
    mode: Mode,
    max_digits: usize,
) -> Result<Parsed, SyntaxError> {
    depth::with_room(source.len(), filename, || {
        parse_here(source, filename, mode, max_digits)
    })
}

fn parse_here(
    source: &str,
    filename: &str,
    mode: Mode,
    max_digits: usize,
) -> Result<Parsed, SyntaxError> {
    if let Some(error) = source::reject_null(source, filename) {
        return Err(error);
    }
    if u32::try_from(source.len()).is_err() {
        let message = "source code is too large";
        return Err(SyntaxError::new(SyntaxErrorKind::Syntax, message, filename));
    }
    let text: Arc<str> = source::normalize_newlines(source).into();
    if brackets_may_exceed(&text, MAX_BRACKETS)
        && let Some(error) = second_pass::tokenizer_error(&text, filename, mode)
        && error.message == TOO_MANY_BRACKETS
    {
        return Err(error);
    }
    let ruff_mode = match mode {
        Mode::Exec | Mode::Single => ruff::Mode::Module,
        Mode::Eval => ruff::Mode::Expression,
    };
    // A leading U+FEFF is an error in a decoded text, but ruff would skip it.
    let refused = text.starts_with('\u{feff}');
    let version = PythonVersion::PY314;
    let options = ruff::ParseOptions::from(ruff_mode).with_target_version(version);
    let parsed = ruff::parse_unchecked(&text, options.clone());
    let (parsed, names) = match taken_for_keywords(&text, &parsed) {
        names if names.is_empty() => (parsed, names),
        names => (
            ruff::parse_unchecked(&without(&text, &names), options),
            names,
        ),
    };
    let repaired = !refused && only_raises_alone(&text, &parsed);
    if !refused && (repaired || parsed.has_no_syntax_errors()) {
        // ruff takes a tab for eight spaces, where Python refuses to compare them, and a line for less indented that has fewer characters.
        if mixes_tabs_and_spaces(&text)
            && let Some(error) = second_pass::tokenizer_error(&text, filename, mode)
            && matches!(
                error.kind,
                SyntaxErrorKind::Tab | SyntaxErrorKind::Indentation
            )
        {
            return Err(error);
        }
        if indents_may_exceed(&text, second_pass::MAX_INDENTS)
            && let Some(error) = second_pass::tokenizer_error(&text, filename, mode)
            && error.kind == SyntaxErrorKind::Indentation
        {
            return Err(error);
        }
        if brackets_may_exceed(&text, MAX_STRINGS - 2)
            && let Some(error) = too_many_strings(&text, filename, parsed.tokens())
        {
            return Err(error);
        }
        if has_operator_after_yield(&text, parsed.tokens())
            || has_lambda_in_field(&text, parsed.tokens())
            || has_else_without_except(&text, parsed.syntax())
            || has_items_without_comma(&text, parsed.syntax(), parsed.tokens())
        {
            return Err(second_pass::diagnose(&text, filename, mode, None));
        }
        if let Some(error) = too_many_digits(&text, filename, parsed.tokens(), max_digits) {
            return Err(error);
        }
        let warned = if has_odd_literal(&text, parsed.tokens()) {
            second_pass::literal_warnings(&text, filename, mode)
        } else {
            Vec::new()
        };
        let mut tree = parsed.into_syntax();
        if repaired {
            raise_alone(&mut tree);
        }
        if !names.is_empty() {
            put_back(&mut tree, &names);
        }
        let single = mode != Mode::Single || is_one_statement(&tree, &text);
        if !single || !second_pass::ends_well(&text, mode) {
            return Err(second_pass::diagnose(&text, filename, mode, None));
        }
        let lines = LineIndex::new(text);
        return Ok(Parsed {
            tree,
            lines,
            warned,
            depth: 0,
        });
    }
    let fallback = parsed
        .errors()
        .first()
        .map(|error| (error.error.to_string(), error.location))
        .or_else(|| {
            let error = parsed.unsupported_syntax_errors().first()?;
            Some((error.to_string(), error.range))
        });
    Err(second_pass::diagnose(&text, filename, mode, fallback))
}

/// Where `match` stands behind a semicolon, if ruff takes one of those for the beginning of a statement that cannot be there.
fn taken_for_keywords(text: &str, parsed: &ruff::Parsed<Mod>) -> Vec<TextRange> {
    use ruff::ParseErrorType::SimpleAndCompoundStatementOnSameLine as OnSameLine;
    let is_match = |range| &text[range] == "match";
    let is_wrong =
        |error: &ruff::ParseError| matches!(error.error, OnSameLine) && is_match(error.location);
    if !parsed.errors().iter().any(is_wrong) {
        return Vec::new();
    }
    let pairs = parsed.tokens().windows(2);
    pairs
        .filter(|pair| pair[0].kind() == TokenKind::Semi && is_match(pair[1].range()))
        .map(|pair| pair[1].range())
        .collect()
}

/// The text with a name that is no keyword instead of each `match` at `names`.
fn without(text: &str, names: &[TextRange]) -> String {
    let mut other = text.to_owned();
    for name in names {
        other.replace_range(name.to_std_range(), "Match");
    }
    other
}

/// Names `match` what [`without`] has named otherwise.
fn put_back(tree: &mut Mod, names: &[TextRange]) {
    struct Repair<'n>(&'n [TextRange]);
    impl Transformer for Repair<'_> {
        fn visit_expr(&self, expr: &mut Expr) {
            if let Expr::Name(node) = expr
                && self
                    .0
                    .binary_search_by_key(&node.start(), |name| name.start())
                    .is_ok()
            {
                node.id = "match".into();
            }
            transformer::walk_expr(self, expr);
        }
    }
    match tree {
        Mod::Module(module) => Repair(names).visit_body(&mut module.body),
        Mod::Expression(_) => {}
    }
}

/// Whether all that is wrong with a text is that ruff wants an exception between `raise` and a semicolon.
fn only_raises_alone(text: &str, parsed: &ruff::Parsed<Mod>) -> bool {
    !parsed.errors().is_empty()
        && parsed.unsupported_syntax_errors().is_empty()
        && parsed.errors().iter().all(|error| {
            let before = text[..error.location.start().to_usize()].trim_end();
            matches!(error.error, ruff::ParseErrorType::ExpectedExpression)
                && text[error.location.start().to_usize()..].starts_with(';')
                && before
                    .strip_suffix("raise")
                    .is_some_and(|rest| !rest.ends_with(|c: char| c == '_' || c.is_alphanumeric()))
        })
}

/// Takes away what ruff put where it missed an exception.
fn raise_alone(tree: &mut Mod) {
    struct Repair;
    impl Transformer for Repair {
        fn visit_stmt(&self, statement: &mut Stmt) {
            if let Stmt::Raise(node) = statement
                && node
                    .exc
                    .as_deref()
                    .is_some_and(|exc| exc.range().is_empty())
            {
                node.exc = None;
            }
            transformer::walk_stmt(self, statement);
        }
    }
    match tree {
        Mod::Module(module) => Repair.visit_body(&mut module.body),
        Mod::Expression(_) => {}
    }
}

/// Whether `yield` stands where a value should, as in `yield and x`, which ruff lets pass.
fn has_operator_after_yield(text: &str, tokens: &Tokens) -> bool {
    use TokenKind::*;
    // Those that may not start a value.
    let operator = |kind| {
        matches!(
            kind,
            And | Or
                | If
                | Else
                | Is
                | In
                | Comma
                | DoubleStar
                | Slash
                | DoubleSlash
                | Percent
                | At
        ) || matches!(kind, LeftShift | RightShift | Amper | CircumFlex | Vbar)
            || matches!(
                kind,
                EqEqual | NotEqual | Less | LessEqual | Greater | GreaterEqual
            )
    };
    memchr::memmem::find(text.as_bytes(), b"yield").is_some()
        && tokens
            .windows(2)
            .any(|pair| pair[0].kind() == Yield && operator(pair[1].kind()))
}

/// Whether a `lambda` stands in a field of an interpolated string and in no bracket of its own: its colon begins the field's format there,
/// but ruff takes what is in braces behind it for a set.
fn has_lambda_in_field(text: &str, tokens: &Tokens) -> bool {
    use TokenKind::*;
    #[derive(Clone, Copy, PartialEq)]
    enum Open {
        String,
        Field,
        Format,
        Bracket,
    }
    if memchr::memmem::find(text.as_bytes(), b"lambda").is_none() {
        return false;
    }
    let mut open = Vec::new();
    tokens.iter().any(|token| {
        let top = open.last().copied();
        match token.kind() {
            FStringStart | TStringStart => open.push(Open::String),
            Lbrace if matches!(top, Some(Open::String | Open::Format)) => open.push(Open::Field),
            Lbrace | Lpar | Lsqb => open.push(Open::Bracket),
            Colon if top == Some(Open::Field) => {
                open.pop();
                open.push(Open::Format);
            }
            FStringEnd | TStringEnd | Rbrace | Rpar | Rsqb => drop(open.pop()),
            Lambda => return top == Some(Open::Field),
            _ => {}
        }
        false
    })
}

/// Whether a `try` has an `else` but no `except`, which ruff lets pass.
fn has_else_without_except(text: &str, tree: &Mod) -> bool {
    struct Search(bool);
    impl<'a> StatementVisitor<'a> for Search {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            if let Stmt::Try(node) = statement {
                self.0 |= node.handlers.is_empty() && !node.orelse.is_empty();
            }
            statement_visitor::walk_stmt(self, statement);
        }
    }
    let mut search = Search(false);
    if let Mod::Module(module) = tree
        && memchr::memmem::find(text.as_bytes(), b"finally").is_some()
    {
        search.visit_body(&module.body);
    }
    search.0
}

/// Whether the first two patterns of a sequence have no comma between them, which ruff lets pass.
fn has_items_without_comma(text: &str, tree: &Mod, tokens: &Tokens) -> bool {
    struct Search<'t>(&'t Tokens, bool);
    impl<'a> Visitor<'a> for Search<'_> {
        fn visit_expr(&mut self, _: &'a Expr) {}

        fn visit_pattern(&mut self, pattern: &'a Pattern) {
            if let Pattern::MatchSequence(node) = pattern
                && let [first, second, ..] = &*node.patterns
            {
                let between = TextRange::new(first.end(), second.start());
                let mut between = self.0.in_range(between).iter();
                self.1 |= !between.any(|token| token.kind() == TokenKind::Comma);
            }
            visitor::walk_pattern(self, pattern);
        }
    }
    let mut search = Search(tokens, false);
    if let Mod::Module(module) = tree
        && memchr::memmem::find(text.as_bytes(), b"match").is_some()
    {
        search.visit_body(&module.body);
    }
    search.1
}

/// Whether Python may warn of a literal: of an escape sequence that means nothing, or of a number that runs into a keyword.
fn has_odd_literal(text: &str, tokens: &Tokens) -> bool {
    use TokenKind::*;
    tokens.windows(2).any(|pair| match pair[0].kind() {
        Int | Float | Complex => {
            pair[0].end() == pair[1].start() && pair[1].kind().is_non_soft_keyword()
        }
        String | FStringMiddle | TStringMiddle => {
            let raw = pair[0]
                .string_flags()
                .is_some_and(|flags| flags.is_raw_string());
            !raw && second_pass::has_odd_escape(&text[pair[0].range()])
        }
        _ => false,
    })
}

/// Interpolated strings deeper in each other are refused, as in Python.
const MAX_STRINGS: usize = 149;

/// The error of interpolated strings too deep in each other.
fn too_many_strings(text: &Arc<str>, filename: &str, tokens: &Tokens) -> Option<SyntaxError> {
    use TokenKind::*;
    let mut depth = 0usize;
    let token = tokens.iter().find(|token| {
        match token.kind() {
            FStringStart | TStringStart => depth += 1,
            FStringEnd | TStringEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_STRINGS
    })?;
    let message = "too many nested f-strings or t-strings";
    let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, message, filename);
    let lines = LineIndex::new(text.clone());
    let at = lines.location(token.start());
    error.line = at.line as i32;
    error.column = at.char_column as i32 + 2;
    error.end_line = error.line;
    error.end_column = error.column;
    error.text = Some(lines.line_text(at.line).to_owned());
    Some(error)
}

/// The error of a decimal number that is too long to be converted.
fn too_many_digits(
    text: &Arc<str>,
    filename: &str,
    tokens: &Tokens,
    limit: usize,
) -> Option<SyntaxError> {
    // Nearly no text has a line that long.
    if limit == 0 || text.len() <= limit || text.lines().all(|line| line.len() <= limit) {
        return None;
    }
    let digits = |token: &Token| {
        let number = &text[token.range()];
        let prefixed = number.get(1..2).is_some_and(|c| "xXoObB".contains(c));
        if token.kind() != TokenKind::Int || prefixed {
            return 0;
        }
        number.bytes().filter(u8::is_ascii_digit).count()
    };
    let token = tokens.iter().find(|token| digits(token) > limit)?;
    let message = format!(
        "Exceeds the limit ({limit} digits) for integer string conversion: value has {} digits; \
         use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge \
         integer literals to avoid decimal conversion limits.",
        digits(token)
    );
    let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, message, filename);
    let lines = LineIndex::new(text.clone());
    let line = lines.line(token.start());
    error.line = line as i32;
    error.text = Some(lines.line_text(line).chars().take(SHOWN).collect());
    Some(error)
}

/// How much of a line that is too long is shown.
const SHOWN: usize = 999;

/// Whether `source`, typed at an interactive prompt, is a beginning that waits for another line.
///
/// As in Python's `codeop`, a compound statement ends with a blank line: the text must end in a newline. What fails
/// as it stands waits if it would still with one more newline, so that a blank line ends what a backslash continued.
pub fn needs_more_input(source: &str) -> bool {
    let blank = |line: &str| line.trim_start().is_empty() || line.trim_start().starts_with('#');
    if source.lines().all(blank) {
        return false;
    }
    match parse(source, "<stdin>", Mode::Single) {
        Ok(parsed) => open_block(&parsed, "<stdin>").is_some(),
        Err(_) => match parse(&format!("{source}\n"), "<stdin>", Mode::Single) {
            Ok(_) => true,
            Err(error) => error.is_incomplete,
        },
    }
}

/// The error of an interactive statement that is complete, where the end of a text ends no block; `None` if it leaves none open.
pub fn open_block(parsed: &Parsed, filename: &str) -> Option<SyntaxError> {
    second_pass::open_block(parsed.lines.source(), filename)
}

/// Where the last of several statements starts, in a text that is valid but is not one interactive statement.
pub fn start_of_last_statement(source: &str) -> Option<usize> {
    if parse(source, "<stdin>", Mode::Single).is_ok() {
        return None;
    }
    let parsed = parse(source, "<stdin>", Mode::Exec).ok()?;
    let Mod::Module(module) = &parsed.tree else {
        return None;
    };
    let last = module.body.last().filter(|_| module.body.len() > 1)?;
    // A statement behind a semicolon belongs to the one in front.
    let line = parsed.lines.line(last.start());
    let first = module
        .body
        .iter()
        .find(|s| parsed.lines.line(s.start()) == line)?;
    let start = parsed.lines.line_start(line).to_usize();
    (first.start().to_usize() == start && start > 0).then_some(start)
}

/// Whether `tree` is one line of simple statements or one compound statement.
fn is_one_statement(tree: &Mod, text: &str) -> bool {
    let Mod::Module(module) = tree else {
        return true;
    };
    // Only statements of one line may follow each other.
    let on_one_line = |pair: &[Stmt]| {
        let between = &text[pair[0].end().to_usize()..pair[1].start().to_usize()];
        !is_compound(&pair[0]) && !between.replace("\\\n", "").contains('\n')
    };
    !module.body.is_empty() && module.body.windows(2).all(on_one_line)
}

fn is_compound(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Match(_)
            | Stmt::Try(_)
    )
}

/// Whether lines start with tabs and others, or the same, with spaces.
fn mixes_tabs_and_spaces(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr(b'\t', bytes).is_some()
        && memchr::memmem::find(bytes, b"\n ").is_some()
        && (memchr::memmem::find(bytes, b"\n\t").is_some()
            || memchr::memmem::find(bytes, b" \t").is_some())
}

/// Whether statements may be indented by `limit` levels: a level takes a character at least.
fn indents_may_exceed(text: &str, limit: usize) -> bool {
    let white = |line: &str| {
        line.bytes()
            .take_while(|byte| b" \t\x0c".contains(byte))
            .count()
    };
    text.len() > limit * limit / 2 && text.lines().any(|line| white(line) >= limit)
}

/// Whether brackets may nest deeper than `limit`. Those in strings and comments count too, so this
/// only selects the texts that deserve an exact look.
fn brackets_may_exceed(text: &str, limit: usize) -> bool {
    let mut depth = 0usize;
    text.bytes().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > limit
    })
}
