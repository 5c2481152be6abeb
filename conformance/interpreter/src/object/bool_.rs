//! `bool`: two constants, which are ints.

use super::args::Args;
use super::define::{TypeDef, flag};
use super::int::{self, PyInt};
use super::obj::Obj;
use super::payload::Body;
use super::slots::Slots;
use super::{ids, protocol, str_};
use crate::error::PyResult;
use crate::module::warnings;
use crate::object::exception::class;
use kit_core::thread::Ctx;

/// `bool`.
pub static BOOL: TypeDef = TypeDef {
    id: ids::BOOL,
    name: "bool",
    base: ids::INT,
    layout: ids::INT,
    kind: &Body::<PyInt>::KIND,
    flags: flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        and: Some(and),
        or: Some(or),
        xor: Some(xor),
        invert: Some(invert),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "bool(object=False, /)\n--\n\nWhether an object counts as true.",
};

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    if !args.names.is_empty() {
        args.no_keywords(ctx, "bool")?;
    }
    args.check(ctx, "bool", 0, 1)?;
    match args.pos.first() {
        Some(x) => Ok(Obj::bool(protocol::truth(ctx, x)?)),
        None => Ok(Obj::FALSE),
    }
}

fn invert(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let message = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. \
        This returns the bitwise inversion of the underlying int object and is usually not what you \
        expect from negating a bool. Use the 'not' operator for boolean negation or ~int(x) if you \
        really want the bitwise inversion of the underlying int.";
    warnings::warn(ctx, class::DeprecationWarning, message)?;
    int::invert(ctx, x)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    Ok(str_::intern(
        ctx,
        if x.is_true() { "True" } else { "False" },
    ))
}

/// The value of a bool; `None` for anything else.
fn value(x: &Obj) -> Option<bool> {
    if x.is_true() {
        Some(true)
    } else if x.is_false() {
        Some(false)
    } else {
        None
    }
}

/// `a & b`: a bool if both are.
pub fn and(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    match (value(a), value(b)) {
        (Some(x), Some(y)) => Ok(Obj::bool(x & y)),
        _ => int::and(ctx, a, b),
    }
}

/// `a | b`: a bool if both are.
pub fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    match (value(a), value(b)) {
        (Some(x), Some(y)) => Ok(Obj::bool(x | y)),
        _ => int::or(ctx, a, b),
    }
}

/// `a ^ b`: a bool if both are.
pub fn xor(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    match (value(a), value(b)) {
        (Some(x), Some(y)) => Ok(Obj::bool(x ^ y)),
        _ => int::xor(ctx, a, b),
    }
}
