//! `reader`: rows of lines.

use super::dialect::{NONE, NONNUMERIC, NOTNULL, PyDialect, STRINGS, with};
use super::{fail, field_limit, given};
use crate::error::PyResult;
use crate::module::support;
use crate::object::args::Args;
use crate::object::define::{TypeDef, member};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::type_::type_object;
use crate::object::{ids, int, list, protocol, str_};
use crate::text::wtf8::Wtf8Buf;
use crate::vm::outside;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// The body of a reader.
pub struct PyReader {
    lines: Slot,
    dialect: Slot,
    line: AtomicI64,
}

support::slot_payload!(PyReader, ids::CSV_READER, "reader", lines, dialect);

/// `reader(iterable, dialect='excel', **fields)`.
pub fn reader(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let (lines, dialect) = given(ctx, &args, "reader")?;
    let lines = protocol::iter(ctx, lines)?;
    let dialect = with(ctx, dialect, args)?;
    let body = PyReader {
        lines: Slot::new(lines),
        dialect: Slot::new(dialect),
        line: AtomicI64::new(0),
    };
    payload::new(ctx, body)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    BehindEscapedLine,
    InField,
    InQuotes,
    EscapedInQuotes,
    QuoteInQuotes,
    BehindLine,
}

/// One row in the making.
struct Row<'a> {
    dialect: &'a PyDialect,
    state: State,
    fields: Vec<Obj>,
    field: Wtf8Buf,
    /// Characters of the field.
    len: i64,
    unquoted: bool,
    limit: i64,
}

const NEWLINE: u32 = 0x0A;
const RETURN: u32 = 0x0D;

impl Row<'_> {
    fn add(&mut self, ctx: &mut Ctx, point: u32) -> PyResult<()> {
        if self.len >= self.limit {
            let message = format!("field larger than field limit ({})", self.limit);
            return Err(fail(ctx, &message));
        }
        self.len += 1;
        outside::room_behind(ctx, self.field.byte_len(), 4)?;
        self.field.push(point);
        Ok(())
    }

    /// Ends the field.
    fn save(&mut self, ctx: &mut Ctx) -> PyResult<()> {
        let quoting = self.dialect.quoting;
        let field = if self.unquoted
            && self.field.is_empty()
            && matches!(quoting, NOTNULL | STRINGS)
        {
            Obj::NONE
        } else {
            let field = str_::from_wtf8(ctx, &self.field)?;
            if self.unquoted && !self.field.is_empty() && matches!(quoting, NONNUMERIC | STRINGS) {
                let float = type_object(ctx, ids::FLOAT);
                protocol::call(ctx, &float, &[field])?
            } else {
                field
            }
        };
        self.field.clear();
        self.len = 0;
        self.unquoted = true;
        outside::push(ctx, &mut self.fields, field)
    }

    /// Takes the next character, or the end of the line.
    fn take(&mut self, ctx: &mut Ctx, point: Option<u32>) -> PyResult<()> {
        use State::*;
        let dialect = self.dialect;
        let line_ends = matches!(point, None | Some(NEWLINE | RETURN));
        let behind_line = if point.is_none() {
            StartRecord
        } else {
            BehindLine
        };
        let escapes = point.is_some() && point == dialect.escape;
        let quotes = point.is_some() && point == dialect.quote && dialect.quoting != NONE;
        let delimits = point == Some(dialect.delimiter);
        if self.state == StartRecord {
            match point {
                None => return Ok(()),
                Some(NEWLINE | RETURN) => {
                    self.state = BehindLine;
                    return Ok(());
                }
                Some(_) => self.state = StartField,
            }
        }
        if self.state == BehindEscapedLine {
            if point.is_none() {
                return Ok(());
            }
            self.state = InField;
        }
        match self.state {
            StartField if line_ends => {
                self.save(ctx)?;
                self.state = behind_line;
            }
            StartField if quotes => {
                self.unquoted = false;
                self.state = InQuotes;
            }
            StartField if escapes => self.state = Escaped,
            StartField if point == Some(0x20) && dialect.skip_space => {}
            StartField if delimits => self.save(ctx)?,
            StartField => {
                self.add(ctx, point.unwrap_or(NEWLINE))?;
                self.state = InField;
            }
            Escaped => {
                self.add(ctx, point.unwrap_or(NEWLINE))?;
                self.state = match point {
                    Some(NEWLINE | RETURN) => BehindEscapedLine,
                    _ => InField,
                };
            }
            InField if line_ends => {
                self.save(ctx)?;
                self.state = behind_line;
            }
            InField if escapes => self.state = Escaped,
            InField if delimits => {
                self.save(ctx)?;
                self.state = StartField;
            }
            InField => self.add(ctx, point.unwrap_or(NEWLINE))?,
            InQuotes if point.is_none() => {}
            InQuotes if escapes => self.state = EscapedInQuotes,
            InQuotes if quotes => {
                self.state = if dialect.double_quote {
                    QuoteInQuotes
                } else {
                    InField
                };
            }
            InQuotes => self.add(ctx, point.unwrap_or(NEWLINE))?,
            EscapedInQuotes => {
                self.add(ctx, point.unwrap_or(NEWLINE))?;
                self.state = InQuotes;
            }
            QuoteInQuotes if quotes => {
                self.add(ctx, point.unwrap_or(NEWLINE))?;
                self.state = InQuotes;
            }
            QuoteInQuotes if delimits => {
                self.save(ctx)?;
                self.state = StartField;
            }
            QuoteInQuotes if line_ends => {
                self.save(ctx)?;
                self.state = behind_line;
            }
            QuoteInQuotes if !dialect.strict => {
                self.add(ctx, point.unwrap_or(NEWLINE))?;
                self.state = InField;
            }
            QuoteInQuotes => {
                let show = |point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
                let delimiter = show(dialect.delimiter);
                let quote = show(dialect.quote.unwrap_or(0));
                return Err(fail(
                    ctx,
                    &format!("'{delimiter}' expected after '{quote}'"),
                ));
            }
            BehindLine if point.is_none() => self.state = StartRecord,
            BehindLine if line_ends => {}
            BehindLine => {
                return Err(fail(
                    ctx,
                    "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                ));
            }
            StartRecord | BehindEscapedLine => {}
        }
        Ok(())
    }
}

fn next(ctx: &mut Ctx, this: &Obj) -> PyResult<Option<Obj>> {
    let body = this.expect::<PyReader>();
    let (Some(lines), Some(dialect)) = (
        body.lines.get(ctx, &body.header),
        body.dialect.get(ctx, &body.header),
    ) else {
        return Ok(None);
    };
    let mut row = Row {
        dialect: &dialect.expect::<PyDialect>().payload,
        state: State::StartRecord,
        fields: Vec::new(),
        field: Wtf8Buf::new(),
        len: 0,
        unquoted: true,
        limit: field_limit(ctx),
    };
    loop {
        let Some(line) = protocol::next(ctx, &lines)? else {
            if row.field.is_empty() && row.state != State::InQuotes {
                return Ok(None);
            }
            if row.dialect.strict {
                return Err(fail(ctx, "unexpected end of data"));
            }
            row.save(ctx)?;
            break;
        };
        let Some(text) = str_::text_of(&line) else {
            let class = protocol::type_name(ctx, &line);
            let message = format!(
                "iterator should return strings, not {class} (the file should be opened in text mode)"
            );
            return Err(fail(ctx, &message));
        };
        // Relaxed: a count by itself.
        body.line.fetch_add(1, Relaxed);
        for point in text.code_points() {
            row.take(ctx, Some(point))?;
        }
        row.take(ctx, None)?;
        if row.state == State::StartRecord {
            break;
        }
    }
    list::from_vec(ctx, row.fields).map(Some)
}

/// `_csv.reader`.
pub static READER: TypeDef = TypeDef {
    getset: &[
        member("dialect", |ctx, this| {
            let body = this.expect::<PyReader>();
            Ok(body.dialect.get(ctx, &body.header).unwrap_or(Obj::NONE))
        }),
        member("line_num", |ctx, this| {
            // Relaxed: as above.
            int::from_i64(ctx, this.expect::<PyReader>().line.load(Relaxed))
        }),
    ],
    doc: "Reads rows of lines.",
    ..support::inner_iterator(
        ids::CSV_READER,
        "_csv.reader",
        &Body::<PyReader>::KIND,
        next,
        &[],
    )
};
