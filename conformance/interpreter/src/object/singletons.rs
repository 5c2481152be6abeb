//! `None`, `...` and `NotImplemented`: types with one value each, a constant word.

use super::args::Args;
use super::define::{Method, Native, TypeDef, method};
use super::obj::Obj;
use super::object_::PyObject;
use super::payload::Body;
use super::slots::Slots;
use super::{ids, str_};
use crate::error::{PyResult, raise};
use kit_core::thread::Ctx;

/// `type(constant)()`: no arguments, the one value.
fn only(ctx: &mut Ctx, args: &Args<'_>, name: &str, value: Obj) -> PyResult {
    if args.pos.is_empty() && args.names.is_empty() {
        Ok(value)
    } else {
        Err(raise!(ctx, TypeError, "{name} takes no arguments"))
    }
}

fn new_none(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    only(ctx, &args, "NoneType", Obj::NONE)
}

fn new_ellipsis(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    only(ctx, &args, "EllipsisType", Obj::ELLIPSIS)
}

fn new_not_implemented(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    only(ctx, &args, "NotImplementedType", Obj::NOT_IMPLEMENTED)
}

fn none_repr(ctx: &mut Ctx, _: &Obj) -> PyResult {
    Ok(str_::intern(ctx, "None"))
}

fn ellipsis_repr(ctx: &mut Ctx, _: &Obj) -> PyResult {
    Ok(str_::intern(ctx, "Ellipsis"))
}

fn not_implemented_repr(ctx: &mut Ctx, _: &Obj) -> PyResult {
    Ok(str_::intern(ctx, "NotImplemented"))
}

fn none_bool(_: &mut Ctx, _: &Obj) -> PyResult<bool> {
    Ok(false)
}

fn not_implemented_bool(ctx: &mut Ctx, _: &Obj) -> PyResult<bool> {
    Err(raise!(
        ctx,
        TypeError,
        "NotImplemented should not be used in a boolean context"
    ))
}

fn none_hash(_: &mut Ctx, _: &Obj) -> PyResult<i64> {
    // The same in every process, as CPython's is.
    Ok(0xfca8_6420)
}

static ELLIPSIS_METHODS: &[Method] = &[method("__reduce__", Native::M0(ellipsis_repr))];
static NOT_IMPLEMENTED_METHODS: &[Method] =
    &[method("__reduce__", Native::M0(not_implemented_repr))];

/// `NoneType`.
pub static NONE_TYPE: TypeDef = TypeDef {
    id: ids::NONE_TYPE,
    name: "NoneType",
    base: ids::OBJECT,
    layout: ids::NONE_TYPE,
    kind: &Body::<PyObject>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(new_none),
        repr: Some(none_repr),
        bool: Some(none_bool),
        hash: Some(none_hash),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "The type of None.",
};

/// `ellipsis`.
pub static ELLIPSIS: TypeDef = TypeDef {
    id: ids::ELLIPSIS,
    name: "ellipsis",
    base: ids::OBJECT,
    layout: ids::ELLIPSIS,
    kind: &Body::<PyObject>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(new_ellipsis),
        repr: Some(ellipsis_repr),
        ..Slots::NONE
    },
    methods: ELLIPSIS_METHODS,
    getset: &[],
    doc: "The type of Ellipsis.",
};

/// `NotImplementedType`.
pub static NOT_IMPLEMENTED: TypeDef = TypeDef {
    id: ids::NOT_IMPLEMENTED,
    name: "NotImplementedType",
    base: ids::OBJECT,
    layout: ids::NOT_IMPLEMENTED,
    kind: &Body::<PyObject>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(new_not_implemented),
        repr: Some(not_implemented_repr),
        bool: Some(not_implemented_bool),
        ..Slots::NONE
    },
    methods: NOT_IMPLEMENTED_METHODS,
    getset: &[],
    doc: "The type of NotImplemented.",
};
