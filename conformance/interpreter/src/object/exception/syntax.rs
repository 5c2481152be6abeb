//! `SyntaxError`: where in which source text.

use super::base::{self, body, field};
use super::{ExceptionDef, class};
#[cfg(feature = "std")]
use crate::error::Raised;
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::obj::Obj;
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
#[cfg(feature = "std")]
use crate::object::tuple;
use crate::object::{int, protocol, str_};
#[cfg(feature = "std")]
use crate::parse::{SyntaxError, SyntaxErrorKind};
use crate::prelude::*;
use kit_core::thread::Ctx;

/// Index of `msg`.
pub const MSG: usize = 0;
/// Index of `filename`.
pub const FILENAME: usize = 1;
/// Index of `lineno`.
pub const LINENO: usize = 2;
/// Index of `offset`.
pub const OFFSET: usize = 3;
/// Index of `text`.
pub const TEXT: usize = 4;
/// Index of `end_lineno`.
pub const END_LINENO: usize = 5;
/// Index of `end_offset`.
pub const END_OFFSET: usize = 6;
const PRINT_FILE_AND_LINE: usize = 7;
const METADATA: usize = 8;

/// `SyntaxError`.
pub static SYNTAX_ERROR: ExceptionDef = ExceptionDef {
    id: class::SyntaxError,
    slots: Slots {
        init: Some(init),
        str: Some(str),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[
        field::<MSG>("msg"),
        field::<FILENAME>("filename"),
        field::<LINENO>("lineno"),
        field::<OFFSET>("offset"),
        field::<TEXT>("text"),
        field::<END_LINENO>("end_lineno"),
        field::<END_OFFSET>("end_offset"),
        field::<PRINT_FILE_AND_LINE>("print_file_and_line"),
        field::<METADATA>("_metadata"),
    ],
};

fn init(ctx: &mut Ctx, exception: &Obj, args: Args<'_>) -> PyResult<()> {
    base::init(ctx, exception, args)?;
    let body = body(exception);
    if let Some(message) = args.pos.first() {
        body.set_field(ctx, MSG, Some(message.clone()));
    }
    let [_, details] = args.pos else {
        return Ok(());
    };
    let details = protocol::collect(ctx, details)?;
    let given = details.len();
    if !(4..=7).contains(&given) {
        let (bound, limit) = if given < 4 { ("least", 4) } else { ("most", 7) };
        return Err(raise!(
            ctx,
            TypeError,
            "function takes at {bound} {limit} arguments ({given} given)"
        ));
    }
    for (offset, index) in (FILENAME..=END_OFFSET).chain([METADATA]).enumerate() {
        body.set_field(ctx, index, details.get(offset).cloned());
    }
    if given == 5 {
        return Err(raise!(
            ctx,
            TypeError,
            "end_offset must be provided when end_lineno is provided"
        ));
    }
    Ok(())
}

fn str(ctx: &mut Ctx, exception: &Obj) -> PyResult {
    let body = body(exception);
    let message = body.field(ctx, MSG).unwrap_or(Obj::NONE);
    let message = protocol::str_string(ctx, &message)?;
    let filename = body.field(ctx, FILENAME);
    let filename = filename
        .as_ref()
        .and_then(|f| f.downcast::<PyStr>())
        .map(|f| f.as_str_lossy().into_owned());
    let filename = filename.map(|f| f.rsplit('/').next().unwrap_or("").to_owned());
    let line = body.field(ctx, LINENO).and_then(|l| int::to_i64(&l));
    let text = match (filename, line) {
        (Some(filename), Some(line)) => format!("{message} ({filename}, line {line})"),
        (Some(filename), None) => format!("{message} ({filename})"),
        (None, Some(line)) => format!("{message} (line {line})"),
        (None, None) => message,
    };
    str_::new(ctx, &text)
}

/// The class of an error of the parser.
#[cfg(feature = "std")]
fn class_of(kind: SyntaxErrorKind) -> u32 {
    match kind {
        SyntaxErrorKind::Syntax => class::SyntaxError,
        SyntaxErrorKind::Indentation => class::IndentationError,
        SyntaxErrorKind::Tab => class::TabError,
        SyntaxErrorKind::Incomplete => class::_IncompleteInputError,
        SyntaxErrorKind::Depth => class::RecursionError,
        SyntaxErrorKind::Stack => class::MemoryError,
    }
}

/// Stores the exception of an error of the parser or the compiler.
#[cfg(feature = "std")]
#[cold]
pub fn raise_syntax_error(ctx: &mut Ctx, error: &SyntaxError) -> Raised {
    match make(ctx, error) {
        Ok(exception) => super::raise(ctx, exception),
        Err(raised) => raised,
    }
}

#[cfg(feature = "std")]
fn make(ctx: &mut Ctx, error: &SyntaxError) -> PyResult {
    let message = str_::new(ctx, &error.message)?;
    if matches!(error.kind, SyntaxErrorKind::Depth | SyntaxErrorKind::Stack) {
        return super::new(ctx, class_of(error.kind), vec![message]);
    }
    let filename = str_::new(ctx, &error.filename)?;
    let text = match &error.text {
        Some(text) => str_::new(ctx, text)?,
        None => Obj::NONE,
    };
    let number = |value: i32| Obj::small_int(i64::from(value));
    let bare = error.bare;
    let details = [
        filename,
        number(error.line),
        number(error.column),
        text,
        number(error.end_line),
        number(error.end_column),
    ];
    // Not among the arguments, only the attribute.
    let metadata = match &error.context {
        None => None,
        Some(context) => {
            let line = Obj::small_int(i64::from(context.last_statement_line));
            let source = str_::new(ctx, &context.source)?;
            Some(tuple::from_vec(ctx, vec![line, Obj::small_int(0), source])?)
        }
    };
    let tuple = tuple::from_slice(ctx, &details)?;
    let args = if bare {
        vec![message]
    } else {
        vec![message, tuple]
    };
    let exception = super::new(ctx, class_of(error.kind), args)?;
    place(ctx, &exception, details);
    body(&exception).set_field(ctx, METADATA, metadata);
    Ok(exception)
}

/// Stores the exception of `tokenize` that a line ends with, behind whose text it is, and that has no end.
#[cfg(feature = "std")]
#[cold]
pub fn raise_in_lines(
    ctx: &mut Ctx,
    kind: SyntaxErrorKind,
    message: &str,
    filename: &str,
    line: u32,
    text: &str,
) -> Raised {
    let column = text.chars().count() as i64 + 1;
    let made = str_::new(ctx, message).and_then(|message| {
        let details = [
            str_::new(ctx, filename)?,
            Obj::small_int(i64::from(line)),
            Obj::small_int(column),
            str_::new(ctx, text)?,
            Obj::NONE,
            Obj::NONE,
        ];
        let tuple = tuple::from_slice(ctx, &details)?;
        let exception = super::new(ctx, class_of(kind), vec![message, tuple])?;
        place(ctx, &exception, details);
        Ok(exception)
    });
    match made {
        Ok(exception) => super::raise(ctx, exception),
        Err(raised) => raised,
    }
}

/// Stores the exception of `tokenize` for a text that ends too early, in the line `line`, where so many bytes are kept.
#[cfg(feature = "std")]
#[cold]
pub fn raise_at_end(ctx: &mut Ctx, filename: &str, line: u32, kept: u32) -> Raised {
    let message = "unexpected EOF in multi-line statement";
    let made = str_::new(ctx, message).and_then(|message| {
        let line = Obj::small_int(i64::from(line));
        let details = [
            str_::new(ctx, filename)?,
            line.clone(),
            Obj::small_int(i64::from(kept)),
            Obj::NONE,
            line,
            Obj::NONE,
        ];
        let exception = super::new(ctx, class::SyntaxError, vec![message])?;
        place(ctx, &exception, details);
        Ok(exception)
    });
    match made {
        Ok(exception) => super::raise(ctx, exception),
        Err(raised) => raised,
    }
}

/// Fills the fields from the file on.
#[cfg(feature = "std")]
fn place(ctx: &mut Ctx, exception: &Obj, details: [Obj; 6]) {
    let body = body(exception);
    for (detail, index) in details.into_iter().zip(FILENAME..) {
        body.set_field(ctx, index, Some(detail));
    }
}

/// The error an exception of the family describes, for printing; `None` when its line is unknown.
#[cfg(feature = "std")]
pub fn description(ctx: &mut Ctx, exception: &Obj) -> Option<SyntaxError> {
    let body = body(exception);
    let text_of = |ctx: &Ctx, index: usize| {
        let value = body.field(ctx, index)?;
        Some(value.downcast::<PyStr>()?.as_str_lossy().into_owned())
    };
    let number_of = |ctx: &Ctx, index: usize| {
        let value = body.field(ctx, index).and_then(|v| int::to_i64(&v))?;
        i32::try_from(value).ok()
    };
    let line = number_of(ctx, LINENO)?;
    let filename = text_of(ctx, FILENAME).unwrap_or_else(|| "<string>".to_owned());
    let kind = match body.header.type_id() {
        class::IndentationError => SyntaxErrorKind::Indentation,
        class::TabError => SyntaxErrorKind::Tab,
        class::_IncompleteInputError => SyntaxErrorKind::Incomplete,
        _ => SyntaxErrorKind::Syntax,
    };
    let message = text_of(ctx, MSG).unwrap_or_else(|| "<no detail available>".to_owned());
    let mut error = SyntaxError::new(kind, message, &filename);
    error.line = line;
    error.text = text_of(ctx, TEXT);
    error.column = number_of(ctx, OFFSET).unwrap_or(0);
    error.end_line = number_of(ctx, END_LINENO).unwrap_or(line);
    error.end_column = number_of(ctx, END_OFFSET).unwrap_or(0);
    if error.column == 0
        && error.text.is_some()
        && body.field(ctx, OFFSET).is_none_or(|o| o.is_none())
    {
        // Without a column nothing is marked.
        error.column = -1;
    }
    error.context = metadata(ctx, body.field(ctx, METADATA)).map(Box::new);
    Some(error)
}

#[cfg(feature = "std")]
fn metadata(_: &Ctx, value: Option<Obj>) -> Option<crate::parse::TypoContext> {
    let value = value?;
    let tuple = value.downcast::<tuple::PyTuple>()?;
    let [line, _, source] = tuple.items() else {
        return None;
    };
    Some(crate::parse::TypoContext {
        source: source.downcast::<PyStr>()?.to_str()?.into(),
        last_statement_line: u32::try_from(int::to_i64(line)?).ok()?,
    })
}
