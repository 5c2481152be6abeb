//! `_csv`: tables as text.
//!
//! | file      | what                                        |
//! |-----------|---------------------------------------------|
//! | `dialect` | how fields are separated and quoted         |
//! | `reader`  | from lines to rows                          |
//! | `writer`  | from rows to lines                          |

mod dialect;
mod reader;
mod writer;

use super::natives::{self, raise_of};
use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::dict::{self, PyDict};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::type_::type_object;
use crate::object::{builtin_function, ids, int, list, str_};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// The most characters of a field, per interpreter.
pub struct FieldLimit(AtomicI64);

impl Default for FieldLimit {
    fn default() -> FieldLimit {
        FieldLimit(AtomicI64::new(128 * 1024))
    }
}

fn field_limit(ctx: &Ctx) -> i64 {
    // Relaxed: a number by itself.
    rt(ctx).library.csv_limit.0.load(Relaxed)
}

fn error_class(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(ctx, |n| &n.csv_error, "_csv", "Error", class::Exception)
}

/// What a reader or a writer is made over, and the dialect if one is given.
fn given<'a>(
    ctx: &mut Ctx,
    args: &Args<'a>,
    function: &str,
) -> PyResult<(&'a Obj, Option<&'a Obj>)> {
    let (least, plural) = match args.pos {
        [over] => return Ok((over, None)),
        [over, dialect] => return Ok((over, Some(dialect))),
        [] => ("least 1", ""),
        _ => ("most 2", "s"),
    };
    let given = args.pos.len();
    Err(raise!(
        ctx,
        TypeError,
        "{function} expected at {least} argument{plural}, got {given}"
    ))
}

#[cold]
fn fail(ctx: &mut Ctx, message: &str) -> Raised {
    let class = error_class(ctx);
    raise_of(ctx, class, message)
}

/// Dialects by their names: a dict.
fn dialects(ctx: &mut Ctx) -> PyResult<&'static Obj> {
    let root = &rt(ctx).library.natives.csv_dialects;
    if let Some(dialects) = root.get() {
        return Ok(dialects);
    }
    let made = dict::new(ctx)?;
    // Another thread may have been faster: its dict is the one.
    Ok(root.get_or_init(|| made))
}

/// The dialect with a name.
fn registered(ctx: &mut Ctx, name: &Obj) -> PyResult {
    let dialects = dialects(ctx)?;
    match dialects.expect::<PyDict>().get(ctx, name)? {
        Some(dialect) => Ok(dialect),
        None => Err(fail(ctx, "unknown dialect")),
    }
}

fn register(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let [name, rest @ ..] = args.pos else {
        return Err(raise!(
            ctx,
            TypeError,
            "register_dialect expected at least 1 argument, got 0"
        ));
    };
    if rest.len() > 1 {
        return Err(raise!(
            ctx,
            TypeError,
            "register_dialect expected at most 2 arguments, got {}",
            args.pos.len()
        ));
    }
    if str_::text_of(name).is_none() {
        return Err(raise!(ctx, TypeError, "dialect name must be a string"));
    }
    let dialect = dialect::with(ctx, rest.first(), args)?;
    let dialects = dialects(ctx)?;
    dialects.expect::<PyDict>().set(ctx, name, dialect)?;
    Ok(Obj::NONE)
}

fn one_name<'a>(ctx: &mut Ctx, args: Args<'a>, name: &'static str) -> PyResult<&'a Obj> {
    let signature = Signature {
        name,
        params: &["name"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [name] = args.bind(ctx, &signature)?;
    Ok(name.unwrap_or(Obj::none()))
}

fn unregister(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let name = one_name(ctx, args, "unregister_dialect")?;
    let dialects = dialects(ctx)?;
    match dialects.expect::<PyDict>().remove(ctx, name)? {
        Some(_) => Ok(Obj::NONE),
        None => Err(fail(ctx, "unknown dialect")),
    }
}

fn get(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let name = one_name(ctx, args, "get_dialect")?;
    registered(ctx, name)
}

fn list_dialects(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    let dialects = dialects(ctx)?;
    let names = dialects.expect::<PyDict>().keys(ctx);
    list::from_vec(ctx, names)
}

fn field_size_limit(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "field_size_limit",
        params: &["new_limit"],
        posonly: 0,
        positional: 1,
        required: 0,
    };
    let [limit] = args.bind(ctx, &SIGNATURE)?;
    let old = field_limit(ctx);
    if let Some(limit) = limit {
        if int::view(limit).is_none() {
            return Err(raise!(ctx, TypeError, "limit must be an integer"));
        }
        let Some(limit) = int::to_i64(limit) else {
            return Err(raise!(
                ctx,
                OverflowError,
                "Python int too large to convert to C long"
            ));
        };
        // Relaxed: a number by itself.
        rt(ctx).library.csv_limit.0.store(limit, Relaxed);
    }
    int::from_i64(ctx, old)
}

/// They have the names of their types, which appear under others.
static MAKERS: [(Method, &str, u32); 2] = [
    (
        method("reader", Native::F(reader::reader)),
        "Reader",
        ids::CSV_READER,
    ),
    (
        method("writer", Native::F(writer::writer)),
        "Writer",
        ids::CSV_WRITER,
    ),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let error = error_class(ctx)?;
    support::add(ctx, module, "Error", error)?;
    let dialects = dialects(ctx)?.clone();
    support::add(ctx, module, "_dialects", dialects)?;
    let own = str_::intern(ctx, "_csv");
    for (method, name, id) in &MAKERS {
        let class = type_object(ctx, *id);
        support::add(ctx, module, name, class)?;
        let function = builtin_function::function(ctx, method, module, &own)?;
        support::add(ctx, module, method.name, function)?;
    }
    natives::add_numbers(
        ctx,
        module,
        &[
            ("QUOTE_MINIMAL", dialect::MINIMAL),
            ("QUOTE_ALL", dialect::ALL),
            ("QUOTE_NONNUMERIC", dialect::NONNUMERIC),
            ("QUOTE_NONE", dialect::NONE),
            ("QUOTE_STRINGS", dialect::STRINGS),
            ("QUOTE_NOTNULL", dialect::NOTNULL),
        ],
    )
}

/// `_csv`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_csv",
    functions: &[
        method("register_dialect", Native::F(register)),
        method("unregister_dialect", Native::F(unregister)),
        method("get_dialect", Native::F(get)),
        method("list_dialects", Native::FN(0, 0, list_dialects)),
        method("field_size_limit", Native::F(field_size_limit)),
    ],
    types: &[&dialect::DIALECT, &reader::READER, &writer::WRITER],
    populate,
    doc: "CSV parsing and writing.",
};
