//! Dialects: how fields are separated and quoted.

use super::registered;
use crate::error::{PyResult, Raised, raise};
use crate::module::support;
use crate::object::args::{Args, Signature};
use crate::object::define::{Native, TypeDef, flag, getter, member, method};
use crate::object::exception::class;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::type_::type_object;
use crate::object::{ids, int, protocol, str_};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

pub const MINIMAL: i64 = 0;
pub const ALL: i64 = 1;
pub const NONNUMERIC: i64 = 2;
pub const NONE: i64 = 3;
pub const STRINGS: i64 = 4;
pub const NOTNULL: i64 = 5;

/// The body of a dialect. Nothing in it changes.
pub struct PyDialect {
    pub delimiter: u32,
    pub quote: Option<u32>,
    pub escape: Option<u32>,
    pub terminator: Wtf8Buf,
    pub quoting: i64,
    pub double_quote: bool,
    pub skip_space: bool,
    pub strict: bool,
}

// SAFETY: there are no references.
unsafe impl Payload for PyDialect {
    const ID: u32 = ids::CSV_DIALECT;
    const HEAP: HeapKind = HeapKind::Plain;
    const NAME: &'static str = "Dialect";
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A character of an argument.
fn character(ctx: &mut Ctx, x: &Obj, name: &str, none: bool) -> PyResult<Option<u32>> {
    if none && x.is_none() {
        return Ok(None);
    }
    let or_none = if none { " or None" } else { "" };
    let Some(text) = str_::text_of(x) else {
        let class = protocol::type_name(ctx, x);
        return Err(raise!(
            ctx,
            TypeError,
            "\"{name}\" must be a unicode character{or_none}, not {class}"
        ));
    };
    let len = text.char_count();
    match text.code_points().next() {
        Some(point) if len == 1 => Ok(Some(point)),
        _ => Err(raise!(
            ctx,
            TypeError,
            "\"{name}\" must be a unicode character{or_none}, not a string of length {len}"
        )),
    }
}

#[cold]
fn bad(ctx: &mut Ctx, what: &str) -> Raised {
    raise!(ctx, ValueError, "bad {what} value")
}

fn check(ctx: &mut Ctx, dialect: &PyDialect) -> PyResult<()> {
    let chars = [
        ("delimiter", Some(dialect.delimiter), true),
        ("escapechar", dialect.escape, !dialect.skip_space),
        ("quotechar", dialect.quote, !dialect.skip_space),
    ];
    for (name, point, space) in chars {
        let Some(point) = point else { continue };
        if matches!(point, 0x0A | 0x0D) || point == 0x20 && !space {
            return Err(bad(ctx, name));
        }
        if dialect.terminator.code_points().any(|other| other == point) {
            return Err(bad(ctx, &format!("{name} or lineterminator")));
        }
    }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        if chars[i].1.is_some() && chars[i].1 == chars[j].1 {
            return Err(bad(ctx, &format!("{} or {}", chars[i].0, chars[j].0)));
        }
    }
    Ok(())
}

const NAMES: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "Dialect",
        params: &[
            "dialect",
            "delimiter",
            "doublequote",
            "escapechar",
            "lineterminator",
            "quotechar",
            "quoting",
            "skipinitialspace",
            "strict",
        ],
        posonly: 0,
        positional: 9,
        required: 0,
    };
    for name in args.names {
        let name = name.expect::<str_::PyStr>().as_str_lossy();
        if !SIGNATURE.params.contains(&&*name) {
            return Err(raise!(
                ctx,
                TypeError,
                "this function got an unexpected keyword argument '{name}'"
            ));
        }
    }
    let [dialect, given @ ..]: [Option<&Obj>; 9] = args.bind(ctx, &SIGNATURE)?;
    let dialect = match dialect.filter(|dialect| !dialect.is_none()) {
        Some(name) if str_::text_of(name).is_some() => Some(registered(ctx, name)?),
        dialect => dialect.cloned(),
    };
    let id = support::id_of(class);
    if let Some(dialect) = &dialect
        && id == ids::CSV_DIALECT
        && dialect.downcast_exact::<PyDialect>().is_some()
        && given.iter().all(Option::is_none)
    {
        return Ok(dialect.clone());
    }
    let mut fields: [Option<Obj>; 8] = given.map(|field| field.cloned());
    if let Some(dialect) = &dialect {
        for (field, name) in fields.iter_mut().zip(NAMES) {
            if field.is_none() {
                let name = str_::intern(ctx, name);
                // What it does not say is as always.
                *field = match protocol::find_attr(ctx, dialect, &name) {
                    Err(raised)
                        if crate::object::exception::matches(ctx, &raised, class::Exception) =>
                    {
                        crate::object::exception::take(ctx, raised);
                        None
                    }
                    found => found?,
                };
            }
        }
    }
    let [
        delimiter,
        double,
        escape,
        terminator,
        quote,
        quoting,
        skip,
        strict,
    ] = &fields;
    let mut truth = |x: &Option<Obj>, default| match x {
        Some(x) => protocol::truth(ctx, x),
        None => Ok(default),
    };
    let (double_quote, skip_space, strict) = (
        truth(double, true)?,
        truth(skip, false)?,
        truth(strict, false)?,
    );
    let delimiter = match delimiter {
        Some(x) => character(ctx, x, "delimiter", false)?.unwrap_or(0x2C),
        None => 0x2C,
    };
    let escape = match escape {
        Some(x) => character(ctx, x, "escapechar", true)?,
        None => None,
    };
    let quote_point = match quote {
        Some(x) => character(ctx, x, "quotechar", true)?,
        None => Some(0x22),
    };
    let given_quoting = match quoting {
        Some(x) => match int::view(x) {
            Some(view) => Some(view.to_i64().unwrap_or(-1)),
            None => {
                let class = protocol::type_name(ctx, x);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "\"quoting\" must be an integer, not {class}"
                ));
            }
        },
        None => None,
    };
    let quoting = match given_quoting {
        Some(quoting @ MINIMAL..=NOTNULL) => quoting,
        Some(_) => return Err(raise!(ctx, TypeError, "bad \"quoting\" value")),
        None if quote_point.is_none() => NONE,
        None => MINIMAL,
    };
    let terminator = match terminator {
        Some(x) => match str_::text_of(x) {
            Some(text) => text.to_buf(),
            None => {
                let class = protocol::type_name(ctx, x);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "\"lineterminator\" must be a string, not {class}"
                ));
            }
        },
        None => Wtf8::from_str("\r\n").to_buf(),
    };
    if quoting != NONE && quote_point.is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "quotechar must be set if quoting enabled"
        ));
    }
    let body = PyDialect {
        delimiter,
        quote: quote_point,
        escape,
        terminator,
        quoting,
        double_quote,
        skip_space,
        strict,
    };
    check(ctx, &body)?;
    payload::allocate(ctx, id, body)
}

/// The dialect that a function is given: by name or as an object, with fields as keyword arguments.
pub fn with(ctx: &mut Ctx, dialect: Option<&Obj>, args: Args<'_>) -> PyResult {
    let class = type_object(ctx, ids::CSV_DIALECT);
    let args = Args {
        pos: dialect.map_or(&[], std::slice::from_ref),
        ..args
    };
    protocol::call_with(ctx, &class, args)
}

fn body(x: &Obj) -> &PyDialect {
    &x.expect::<PyDialect>().payload
}

fn point(ctx: &mut Ctx, point: Option<u32>) -> PyResult {
    match point {
        Some(point) => str_::from_point(ctx, point),
        None => Ok(Obj::NONE),
    }
}

fn no_pickle(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let class = support::plain_name(ctx, crate::object::type_::type_of(ctx, this));
    Err(raise!(ctx, TypeError, "cannot pickle '{class}' instances"))
}

/// `_csv.Dialect`.
pub static DIALECT: TypeDef = TypeDef {
    id: ids::CSV_DIALECT,
    name: "_csv.Dialect",
    base: ids::OBJECT,
    layout: ids::CSV_DIALECT,
    kind: &Body::<PyDialect>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[
        method("__reduce__", Native::M0(no_pickle)),
        method(
            "__reduce_ex__",
            Native::M1(|ctx, this, _| no_pickle(ctx, this)),
        ),
    ],
    getset: &[
        member("skipinitialspace", |_, x| Ok(Obj::bool(body(x).skip_space))),
        member("doublequote", |_, x| Ok(Obj::bool(body(x).double_quote))),
        member("strict", |_, x| Ok(Obj::bool(body(x).strict))),
        getter("delimiter", |ctx, x| point(ctx, Some(body(x).delimiter))),
        getter("escapechar", |ctx, x| point(ctx, body(x).escape)),
        getter("lineterminator", |ctx, x| {
            str_::from_wtf8(ctx, &body(x).terminator)
        }),
        getter("quotechar", |ctx, x| point(ctx, body(x).quote)),
        getter("quoting", |_, x| Ok(Obj::small_int(body(x).quoting))),
    ],
    doc: "How fields are separated and quoted.",
};
