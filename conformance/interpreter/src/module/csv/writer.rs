//! `writer`: lines of rows.

use super::dialect::{ALL, NONE, NONNUMERIC, NOTNULL, PyDialect, STRINGS, with};
use super::{fail, given};
use crate::error::{PyResult, raise};
use crate::module::support;
use crate::object::args::Args;
use crate::object::define::{Native, TypeDef, flag, member, method};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::type_::type_of;
use crate::object::{ids, protocol, str_};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// The body of a writer.
pub struct PyWriter {
    write: Slot,
    dialect: Slot,
}

support::slot_payload!(PyWriter, ids::CSV_WRITER, "writer", write, dialect);

/// `writer(fileobj, dialect='excel', **fields)`.
pub fn writer(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let (file, dialect) = given(ctx, &args, "writer")?;
    let dialect = with(ctx, dialect, args)?;
    let name = str_::intern(ctx, "write");
    let write = protocol::find_attr(ctx, file, &name)?;
    let Some(write) = write.filter(|write| protocol::is_callable(ctx, write)) else {
        return Err(raise!(
            ctx,
            TypeError,
            "argument 1 must have a \"write\" method"
        ));
    };
    let body = PyWriter {
        write: Slot::new(write),
        dialect: Slot::new(dialect),
    };
    payload::new(ctx, body)
}

/// One line in the making.
struct Line<'a> {
    dialect: &'a PyDialect,
    text: Wtf8Buf,
    fields: usize,
}

impl Line<'_> {
    /// Appends a field; none for one without a value.
    fn add(&mut self, ctx: &mut Ctx, field: Option<&Wtf8>, mut quoted: bool) -> PyResult<()> {
        let dialect = self.dialect;
        let text = field.unwrap_or(Wtf8::from_str(""));
        if text.is_empty() && dialect.delimiter == 0x20 && dialect.skip_space {
            if dialect.quoting == NONE
                || field.is_none() && matches!(dialect.quoting, STRINGS | NOTNULL)
            {
                return Err(fail(
                    ctx,
                    "empty field must be quoted if delimiter is a space and skipinitialspace is true",
                ));
            }
            quoted = true;
        }
        outside::room_behind(ctx, self.text.byte_len(), text.byte_len().saturating_mul(2))?;
        if self.fields > 0 {
            self.text.push(dialect.delimiter);
        }
        let mut written = Wtf8Buf::new();
        for point in text.code_points() {
            let is = |other: Option<u32>| other == Some(point);
            if point == dialect.delimiter
                || is(dialect.escape)
                || is(dialect.quote)
                || matches!(point, 0x0A | 0x0D)
                || dialect.terminator.code_points().any(|other| other == point)
            {
                let mut escape = dialect.quoting == NONE;
                if !escape {
                    if is(dialect.quote) {
                        if dialect.double_quote {
                            written.push(point);
                        } else {
                            escape = true;
                        }
                    } else if is(dialect.escape) {
                        escape = true;
                    }
                    quoted |= !escape;
                }
                if escape {
                    let Some(mark) = dialect.escape else {
                        return Err(fail(ctx, "need to escape, but no escapechar set"));
                    };
                    written.push(mark);
                }
            }
            written.push(point);
        }
        let quote = dialect.quote.filter(|_| quoted);
        if let Some(quote) = quote {
            self.text.push(quote);
        }
        self.text.push_wtf8(&written);
        if let Some(quote) = quote {
            self.text.push(quote);
        }
        self.fields += 1;
        Ok(())
    }
}

fn writerow(ctx: &mut Ctx, this: &Obj, row: &Obj) -> PyResult {
    let body = this.expect::<PyWriter>();
    let (Some(write), Some(dialect)) = (
        body.write.get(ctx, &body.header),
        body.dialect.get(ctx, &body.header),
    ) else {
        return Ok(Obj::NONE);
    };
    let fields = match protocol::iter(ctx, row) {
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            exception::take(ctx, raised);
            let class = protocol::type_name(ctx, row);
            return Err(fail(ctx, &format!("iterable expected, not {class}")));
        }
        fields => fields?,
    };
    let dialect = &dialect.expect::<PyDialect>().payload;
    let mut line = Line {
        dialect,
        text: Wtf8Buf::new(),
        fields: 0,
    };
    let mut last_is_none = false;
    while let Some(field) = protocol::next(ctx, &fields)? {
        let text = str_::text_of(&field);
        let quoted = match dialect.quoting {
            ALL => true,
            NONNUMERIC => {
                let slots = type_of(ctx, &field).slots(ctx);
                let complex = crate::object::complex::to_complex(&field).is_some();
                slots.index.is_none() && slots.int.is_none() && slots.float.is_none() && !complex
            }
            STRINGS => text.is_some(),
            NOTNULL => !field.is_none(),
            _ => false,
        };
        last_is_none = field.is_none();
        if text.is_some() || last_is_none {
            line.add(ctx, text, quoted)?;
        } else {
            let shown = protocol::str(ctx, &field)?;
            line.add(ctx, str_::text_of(&shown), quoted)?;
        }
    }
    if line.fields > 0 && line.text.is_empty() {
        if dialect.quoting == NONE || last_is_none && matches!(dialect.quoting, STRINGS | NOTNULL) {
            return Err(fail(ctx, "single empty field record must be quoted"));
        }
        line.fields -= 1;
        line.add(ctx, None, true)?;
    }
    line.text.push_wtf8(&dialect.terminator);
    let text = str_::from_buf(ctx, line.text)?;
    protocol::call(ctx, &write, &[text])
}

fn writerows(ctx: &mut Ctx, this: &Obj, rows: &Obj) -> PyResult {
    let rows = protocol::iter(ctx, rows)?;
    while let Some(row) = protocol::next(ctx, &rows)? {
        writerow(ctx, this, &row)?;
    }
    Ok(Obj::NONE)
}

/// `_csv.writer`.
pub static WRITER: TypeDef = TypeDef {
    id: ids::CSV_WRITER,
    name: "_csv.writer",
    base: ids::OBJECT,
    layout: ids::CSV_WRITER,
    kind: &Body::<PyWriter>::KIND,
    flags: flag::NO_NEW,
    slots: Slots::NONE,
    methods: &[
        method("writerow", Native::M1(writerow)),
        method("writerows", Native::M1(writerows)),
    ],
    getset: &[member("dialect", |ctx, this| {
        let body = this.expect::<PyWriter>();
        Ok(body.dialect.get(ctx, &body.header).unwrap_or(Obj::NONE))
    })],
    doc: "Writes rows as lines.",
};
