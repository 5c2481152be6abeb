//! `_tokenize`: the tokens of a text, one by one, for `tokenize`.

use crate::builtins::compile;
use crate::error::{PyResult, Raised, raise};
use crate::module::support::itself;
use crate::object::args::{Args, Signature};
use crate::object::bytes::PyBytes;
use crate::object::define::{ModuleDef, TypeDef, flag};
use crate::object::exception::{self, class, syntax};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::{ids, int, protocol, str_, tuple};
use crate::parse::{self, Fault, Lexeme, LineIndex, SyntaxWarning};
use crate::vm::outside::{self, Share};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;
use ruff_text_size::TextSize;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The body of an iterator over tokens.
pub struct TokenizerIter {
    lines: LineIndex,
    /// The ends of lines that came without one.
    added: Box<[u32]>,
    /// Whether comments and blank lines are tokens, too.
    extra: bool,
    tokens: Box<[Lexeme]>,
    warnings: Box<[(usize, SyntaxWarning)]>,
    next: AtomicUsize,
    stop: Stop,
    _share: Share,
}

/// Why there are no more tokens.
enum Stop {
    /// The text ends.
    End,
    /// The rest of the text is no tokens.
    Fault(Fault),
    /// This was raised instead of a line.
    Raised(Obj),
}

// SAFETY: `trace` reports the only reference.
unsafe impl Payload for TokenizerIter {
    const ID: u32 = ids::TOKENIZER_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "tokenizer";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Stop::Raised(raised) = &self.stop {
            tracer.word(raised.word());
        }
    }
}

static SIGNATURE: Signature = Signature {
    name: "tokenizeriter",
    params: &["readline", "encoding", "extra_tokens"],
    posonly: 0,
    positional: 1,
    required: 1,
};

/// What `readline` gives, and the ends of lines that were added, until it has no more or raises.
struct Read {
    text: String,
    added: Vec<u32>,
    raised: Option<Raised>,
}

impl Read {
    fn all(ctx: &mut Ctx, readline: &Obj, encoding: Option<&str>) -> PyResult<Read> {
        let mut read = Read {
            text: String::new(),
            added: Vec::new(),
            raised: None,
        };
        loop {
            match line(ctx, readline, encoding) {
                Ok(line) if line.is_empty() => return Ok(read),
                Ok(line) => read.push(ctx, &line)?,
                Err(raised) => {
                    read.raised = Some(raised);
                    return Ok(read);
                }
            }
        }
    }

    fn push(&mut self, ctx: &mut Ctx, line: &str) -> PyResult<()> {
        let needed = self.text.len() + line.len() + 1;
        if needed > self.text.capacity() {
            outside::room(ctx, needed.saturating_mul(2))?;
        }
        let Ok(end) = u32::try_from(needed) else {
            return Err(raise!(ctx, OverflowError, "source code is too large"));
        };
        self.text.push_str(line);
        if !line.ends_with('\n') {
            self.text.push('\n');
            self.added.push(end - 1);
        }
        Ok(())
    }
}

/// The next line that `readline` gives, decoded if need be; empty behind the last.
fn line(ctx: &mut Ctx, readline: &Obj, encoding: Option<&str>) -> PyResult<String> {
    let line = match protocol::call(ctx, readline, &[]) {
        Ok(line) => line,
        Err(raised) if exception::matches(ctx, &raised, class::StopIteration) => {
            exception::take(ctx, raised);
            return Ok(String::new());
        }
        Err(raised) => return Err(raised),
    };
    let (line, wanted) = match encoding {
        None => (line, "string"),
        Some(encoding) => match line.downcast::<PyBytes>() {
            Some(bytes) => {
                let text = str_::decode(ctx, bytes.payload.data(), encoding, "replace")?;
                (text, "string")
            }
            None => (Obj::NONE, "bytes"),
        },
    };
    match line.downcast::<PyStr>() {
        Some(text) => Ok(text.as_str_lossy().into_owned()),
        None => Err(raise!(
            ctx,
            TypeError,
            "readline() returned a non-{wanted} object"
        )),
    }
}

/// Bytes kept for each of a text's: its tokens, above all.
const KEPT: usize = 8;

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    let [readline, encoding, extra] = args.bind::<3>(ctx, &SIGNATURE)?;
    let extra = match extra {
        Some(extra) => protocol::truth(ctx, extra)?,
        None => false,
    };
    let encoding = match encoding {
        None => None,
        Some(given) => match given.downcast::<PyStr>() {
            Some(text) => Some(text.as_str_lossy()),
            None => {
                let class = str_::argument_type(ctx, given);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "tokenizeriter() argument 'encoding' must be str, not {class}"
                ));
            }
        },
    };
    let none = Obj::NONE;
    let read = Read::all(ctx, readline.unwrap_or(&none), encoding.as_deref())?;
    let share = Share::ask(ctx, read.text.len().saturating_mul(KEPT))?;
    let lines = LineIndex::new(read.text.into());
    let mut found = parse::lexemes(&lines, FILENAME, extra);
    let stop = match (read.raised, found.fault) {
        (Some(raised), None | Some(Fault::End { .. })) => {
            // The text goes on, but nobody knows how.
            let end = TextSize::of(&**lines.source());
            found.tokens.retain(|token| token.range.start() < end);
            Stop::Raised(exception::take(ctx, raised))
        }
        (raised, fault) => {
            if let Some(raised) = raised {
                exception::take(ctx, raised);
            }
            fault.map_or(Stop::End, Stop::Fault)
        }
    };
    let body = TokenizerIter {
        lines,
        added: read.added.into(),
        extra,
        tokens: found.tokens.into(),
        warnings: found.warnings.into(),
        next: AtomicUsize::new(0),
        stop,
        _share: share,
    };
    payload::new(ctx, body)
}

/// The file that errors and warnings name.
const FILENAME: &str = "<string>";

/// The type of the first of [`OPERATORS`].
const FIRST_OPERATOR: i64 = 7;
/// The operators in the order of the types they have of their own.
const OPERATORS: [&str; 48] = [
    "(", ")", "[", "]", ":", ",", ";", "+", "-", "*", "/", "|", "&", "<", ">", "=", ".", "%", "{",
    "}", "==", "!=", "<=", ">=", "~", "^", "<<", ">>", "**", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "<<=", ">>=", "**=", "//", "//=", "@", "@=", "->", "...", ":=", "!",
];

/// The line, and the characters before on that line, or -1.
type Spot = (u32, i64);

impl TokenizerIter {
    fn spot(&self, at: TextSize) -> Spot {
        let place = self.lines.location(at);
        (place.line, i64::from(place.char_column))
    }

    /// The lines from the first to the last, without the end of the last if it was added.
    fn shown(&self, first: u32, last: u32) -> &str {
        let source = self.lines.source();
        let from = self.lines.line_start(first).to_usize();
        let to = self.lines.line_start(last + 1).to_usize();
        let added = to > from && self.is_added(to - 1);
        &source[from..to - usize::from(added)]
    }

    fn is_added(&self, newline: usize) -> bool {
        self.added.binary_search(&(newline as u32)).is_ok()
    }

    /// A token: type, text, start, end, lines.
    fn token(&self, ctx: &mut Ctx, index: usize) -> PyResult {
        let lexeme = self.tokens[index];
        let source = self.lines.source();
        let (from, to) = (lexeme.range.start(), lexeme.range.end());
        let mut text = &source[lexeme.range];
        let (mut start, mut end) = (self.spot(from), self.spot(to));
        let mut shown = self.shown(start.0, end.0);
        let mut kind = i64::from(lexeme.kind);
        let past = from.to_usize() == source.len();
        match lexeme.kind {
            parse::END | parse::DEDENT if past && self.extra => {
                start = (self.lines.line_count(), 0);
                (end, shown) = (start, "");
            }
            parse::END | parse::DEDENT if past => {
                // It belongs to the last line, which is shown if there is something else in it.
                let line = self.lines.line_count().saturating_sub(1).max(1);
                start = (line, -1);
                end = start;
                let before = self.tokens[..index]
                    .iter()
                    .rev()
                    .find(|token| !matches!(token.kind, parse::DEDENT | parse::END));
                let within = before.is_some_and(|token| self.spot(token.range.end()).0 == line);
                shown = if within { self.shown(line, line) } else { "" };
            }
            parse::INDENT | parse::DEDENT if !self.extra => {
                start.1 = -1;
                (end.1, text) = (-1, "");
            }
            parse::INDENT => shown = self.shown(end.0, end.0),
            parse::NEWLINE if self.extra => {
                end = (start.0, start.1 + 1 + text.len() as i64);
                if !self.is_added(to.to_usize()) {
                    text = if text.is_empty() { "\n" } else { "\r\n" };
                }
            }
            parse::BLANK => {
                end = (start.0, start.1 + text.len() as i64);
                shown = self.shown(start.0, start.0);
                if self.is_added(to.to_usize() - 1) {
                    text = "";
                }
            }
            parse::OPERATOR if !self.extra => {
                let own = text.rsplit('\r').next().unwrap_or(text);
                let known = OPERATORS.iter().position(|known| *known == own);
                kind = known.map_or(kind, |known| FIRST_OPERATOR + known as i64);
            }
            _ => {}
        }
        let kind = int::from_i64(ctx, kind)?;
        let text = str_::new(ctx, text)?;
        let start = spot(ctx, start)?;
        let end = spot(ctx, end)?;
        let shown = str_::new(ctx, shown)?;
        tuple::from_vec(ctx, vec![kind, text, start, end, shown])
    }

    /// Warns of what stands before the token with this index.
    fn warn(&self, ctx: &mut Ctx, index: usize) -> PyResult<()> {
        let from = self.warnings.partition_point(|(before, _)| *before < index);
        let these = self.warnings[from..].iter();
        let these = these.take_while(|(before, _)| *before == index);
        let these = these.map(|(_, warning)| warning.clone()).collect();
        compile::warn(ctx, these, FILENAME)
    }

    fn fail(&self, ctx: &mut Ctx) -> PyResult<Option<Obj>> {
        let fault = match &self.stop {
            Stop::End => return Ok(None),
            Stop::Raised(raised) => return Err(exception::raise(ctx, raised.clone())),
            Stop::Fault(fault) => fault,
        };
        Err(match fault {
            Fault::Error(error) => syntax::raise_syntax_error(ctx, error),
            Fault::Line {
                kind,
                message,
                line,
                text,
            } => syntax::raise_in_lines(ctx, *kind, message, FILENAME, *line, text),
            Fault::End { line, kept } => syntax::raise_at_end(ctx, FILENAME, *line, *kept),
        })
    }
}

fn spot(ctx: &mut Ctx, (line, column): Spot) -> PyResult {
    let spot = [i64::from(line), column].map(Obj::small_int);
    tuple::from_slice(ctx, &spot)
}

fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    let body = x.expect::<TokenizerIter>();
    // Relaxed: the tokens do not change; threads that share the iterator get each one once.
    let more = |index: usize| (index < body.tokens.len()).then_some(index + 1);
    match body.next.fetch_update(Relaxed, Relaxed, more) {
        Ok(index) => {
            body.warn(ctx, index)?;
            body.token(ctx, index).map(Some)
        }
        Err(index) => {
            body.warn(ctx, index)?;
            body.fail(ctx)
        }
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
