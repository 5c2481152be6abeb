//! `_tokenize`: the tokens of a text, one by one, for `tokenize`.

use crate::error::{PyResult, raise};
use crate::module::support::itself;
use crate::module::warnings;
use crate::object::args::{Args, Signature};
use crate::object::define::{ModuleDef, TypeDef, flag};
use crate::object::exception::{self, class, syntax};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::{ids, int, protocol, str_, tuple};
use crate::parse::{self, Lexeme, LineIndex, Location, SyntaxError, SyntaxErrorKind};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use ruff_text_size::TextSize;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The body of an iterator over tokens.
pub struct TokenizerIter {
    tokens: Box<[Obj]>,
    next: AtomicUsize,
    /// What is wrong with the text behind the tokens.
    error: Option<Box<SyntaxError>>,
}

// SAFETY: `trace` reports all tokens.
unsafe impl Payload for TokenizerIter {
    const ID: u32 = ids::TOKENIZER_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "tokenizer";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        Obj::trace_all(&self.tokens, tracer);
    }
}

static SIGNATURE: Signature = Signature {
    name: "tokenizeriter",
    params: &["readline", "encoding", "extra_tokens"],
    posonly: 0,
    positional: 1,
    required: 1,
};

/// All that `readline` has to give.
fn read(ctx: &mut Ctx, readline: &Obj, encoding: Option<&Obj>) -> PyResult<String> {
    let mut text = String::new();
    loop {
        let line = match protocol::call(ctx, readline, &[]) {
            Ok(line) => line,
            Err(raised) if exception::matches(ctx, &raised, class::StopIteration) => {
                exception::take(ctx, raised);
                return Ok(text);
            }
            Err(raised) => return Err(raised),
        };
        let line = match encoding {
            None => line,
            Some(encoding) => {
                let name = str_::intern(ctx, "decode");
                protocol::call_method(ctx, &line, &name, std::slice::from_ref(encoding))?
            }
        };
        let Some(line) = line.downcast::<PyStr>() else {
            let class = protocol::type_name(ctx, &line);
            return Err(raise!(
                ctx,
                TypeError,
                "readline() returned a non-string object of type {class}"
            ));
        };
        let line = line.as_str_lossy();
        if line.is_empty() {
            return Ok(text);
        }
        text.push_str(&line);
    }
}

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let [readline, encoding, extra] = args.bind::<3>(ctx, &SIGNATURE)?;
    let extra = match extra {
        Some(extra) => protocol::truth(ctx, extra)?,
        None => false,
    };
    let encoding = encoding.filter(|encoding| !encoding.is_none());
    let text = read(ctx, readline.unwrap_or(&Obj::NONE), encoding)?;
    if u32::try_from(text.len()).is_err() {
        return Err(raise!(ctx, OverflowError, "source code is too large"));
    }
    let (shown, (mut lexemes, failed)) = if extra {
        lexemes_with_strangers(&text)
    } else {
        (None, parse::lexemes(&text))
    };
    let (error, warned) = parse::tokenizer_findings(shown.as_deref().unwrap_or(&text), "<string>");
    let lines = LineIndex::new(text.into());
    for warning in warned {
        // Numbers that run into a keyword are two tokens for who wants those that mean nothing, too.
        if !(extra && warning.message.ends_with("literal")) {
            let class = class::SyntaxWarning;
            warnings::warn_at(ctx, class, &warning.message, "<string>", warning.line)?;
        }
    }
    let error = error_of(error, &lines, failed, extra);
    if let Some(error) = &error {
        // What follows the place of the error is not read.
        let at = (error.line as u32, (error.column.max(1) - 1) as u32);
        lexemes.retain(|lexeme| {
            let end = lines.location(lexeme.range.end());
            lexeme.kind != parse::END && (end.line, end.char_column) <= at
        });
    }
    let mut tokens = Vec::with_capacity(lexemes.len());
    for (index, lexeme) in lexemes.iter().enumerate() {
        if extra || !matches!(lexeme.kind, 65 | 66) {
            // A level ends where the next line begins.
            let following = lexemes[index..]
                .iter()
                .find(|next| next.kind != parse::DEDENT);
            tokens.push(token(ctx, &lines, lexeme, following, extra)?);
        }
    }
    let body = TokenizerIter {
        tokens: tokens.into(),
        next: AtomicUsize::new(0),
        error: error.map(Box::new),
    };
    payload::new(ctx, body)
}

/// What Python says of the first thing in a text that is no token: `found`, if it counts, or that `failed` is what the lexer stopped at.
fn error_of(
    found: Option<SyntaxError>,
    lines: &LineIndex,
    failed: Option<(TextSize, String)>,
    extra: bool,
) -> Option<SyntaxError> {
    // Brackets that do not match are tokens for who wants those that mean nothing, too.
    let bracket =
        |text: &str| text.starts_with("unmatched") || text.starts_with("closing parenthesis");
    let found = found.filter(|error| !(extra && bracket(&error.message)));
    let mut error = match (found, failed) {
        (Some(error), _) => error,
        (None, Some((at, message))) => {
            let place = lines.location(at);
            let mut error = SyntaxError::new(SyntaxErrorKind::Syntax, message, "<string>");
            error.line = place.line as i32;
            error.column = place.char_column as i32 + 1;
            error
        }
        (None, None) => return None,
    };
    if error.message.ends_with("was never closed") {
        error.message = "unexpected EOF in multi-line statement".into();
        error.line = lines.line_count() as i32 + i32::from(!lines.source().ends_with('\n'));
        error.column = 0;
    }
    let line = (error.line.max(1) as u32).min(lines.line_count());
    error.text = Some(lines.line_with_newline(line).to_owned());
    Some(error)
}

/// Tokens, and what stopped the lexer.
type Lexemes = (Vec<Lexeme>, Option<(TextSize, String)>);

/// Most characters that mean nothing to Python which are shown as operators.
const MOST_STRANGERS: usize = 256;

/// The tokens of a text in which `$`, `?`, `!` and backticks are operators, as signatures have them: for the lexer something
/// else stands there that is one, in the text that comes first.
fn lexemes_with_strangers(text: &str) -> (Option<String>, Lexemes) {
    let mut shown = text.to_owned();
    let mut found = parse::lexemes(&shown);
    for _ in 0..MOST_STRANGERS {
        let Some(at) = found.1.as_ref().map(|(at, _)| at.to_usize()) else {
            break;
        };
        if !matches!(text.as_bytes().get(at), Some(b'$' | b'?' | b'!' | b'`')) {
            break;
        }
        shown.replace_range(at..=at, "~");
        found = parse::lexemes(&shown);
    }
    (Some(shown), found)
}

/// The type of any operator.
const OPERATOR: u8 = 55;
/// The type of the first of [`OPERATORS`].
const FIRST_OPERATOR: i64 = 7;
/// The operators in the order of the types they have of their own.
const OPERATORS: [&str; 48] = [
    "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{",
    "}", "==", "!=", "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "<<=", ">>=", "**=", "//", "//=", "@", "@=", "->", "...", ":=", "!",
];

/// One token: type, text, start, end, lines.
fn token(
    ctx: &mut Ctx,
    lines: &LineIndex,
    lexeme: &Lexeme,
    following: Option<&Lexeme>,
    extra: bool,
) -> PyResult {
    let source = lines.source();
    let range = match (lexeme.kind, following) {
        (parse::DEDENT, Some(next)) => ruff_text_size::TextRange::empty(next.range.start()),
        _ => lexeme.range,
    };
    let text = source[range.start().to_usize()..range.end().to_usize()].to_owned();
    let mut start = lines.location(range.start());
    let mut end = lines.location(range.end());
    let past = TextSize::of(&**source);
    match lexeme.kind {
        parse::NEWLINE if text.is_empty() => end.char_column = start.char_column + 1,
        66 | parse::NEWLINE => {
            // An end of a line belongs to the line.
            end = Location {
                char_column: start.char_column + text.chars().count() as u32,
                ..start
            };
        }
        parse::END | parse::DEDENT if range.start() >= past && !source.is_empty() => {
            let last = lines.line_count();
            let line = if source.ends_with('\n') {
                last
            } else {
                last + 1
            };
            start = Location {
                line,
                byte_column: 0,
                char_column: 0,
            };
            end = start;
        }
        _ => {}
    }
    let mut shown = String::new();
    if lexeme.kind != parse::END {
        for line in start.line..=end.line {
            shown.push_str(lines.line_with_newline(line));
        }
    }
    let operator = OPERATORS.iter().position(|known| *known == text);
    let kind = match operator.filter(|_| lexeme.kind == OPERATOR && !extra) {
        Some(index) => FIRST_OPERATOR + index as i64,
        None => i64::from(lexeme.kind),
    };
    let kind = int::from_i64(ctx, kind)?;
    let text = str_::new(ctx, &text)?;
    let start = place(ctx, start)?;
    let end = place(ctx, end)?;
    let shown = str_::new(ctx, &shown)?;
    tuple::from_vec(ctx, vec![kind, text, start, end, shown])
}

fn place(ctx: &mut Ctx, at: Location) -> PyResult {
    let place = [at.line, at.char_column].map(|value| Obj::small_int(i64::from(value)));
    tuple::from_vec(ctx, place.to_vec())
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<TokenizerIter>();
    // Relaxed: the tokens do not change; threads that share the iterator get each one once.
    let more = |index: usize| (index < body.tokens.len()).then_some(index + 1);
    match body.next.fetch_update(Relaxed, Relaxed, more) {
        Ok(index) => Ok(Some(body.tokens[index].clone())),
        Err(_) => match &body.error {
            None => Ok(None),
            Some(error) => Err(syntax::raise_syntax_error(ctx, error)),
        },
    }
}

/// `_tokenize.TokenizerIter`.
pub static TOKENIZER_ITER: TypeDef = TypeDef {
    id: ids::TOKENIZER_ITER,
    name: "_tokenize.TokenizerIter",
    base: ids::OBJECT,
    layout: ids::TOKENIZER_ITER,
    kind: &Body::<TokenizerIter>::KIND,
    flags: flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        iter: Some(itself),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "The tokens of a text.",
};

/// `_tokenize`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_tokenize",
    functions: &[],
    types: &[&TOKENIZER_ITER],
    populate: |_, _| Ok(()),
    doc: "The tokens of a text.",
};
