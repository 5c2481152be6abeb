//! From a call in Python to a native operation: each function here checks the arguments of one form
//! of special method and calls the operation.

use super::super::args::Args;
use super::super::names::names;
use super::super::obj::Obj;
use super::super::slots::{Binary, Comparison, Ternary, Unary};
use super::super::str_::{self, PyStr};
use super::super::{int, protocol};
use super::{SlotDef, text};
use crate::error::{PyResult, raise};
use crate::object::exception;
use crate::prelude::*;
use kit_core::thread::Ctx;

type Def = &'static SlotDef;

/// Checks that there are `min` to `max` positional arguments, and no others.
pub fn check(ctx: &mut Ctx, name: &str, args: &Args<'_>, min: usize, max: usize) -> PyResult<()> {
    let given = args.pos.len();
    if !args.names.is_empty() {
        return Err(raise!(
            ctx,
            TypeError,
            "wrapper {name}() takes no keyword arguments"
        ));
    }
    if given >= min && given <= max {
        return Ok(());
    }
    if max == 2 {
        return args.check(ctx, name, min, max);
    }
    let plural = if max == 1 { "" } else { "s" };
    Err(raise!(
        ctx,
        TypeError,
        "expected {max} argument{plural}, got {given}"
    ))
}

/// As [`check`], for the special method `def`.
#[inline]
fn counted(ctx: &mut Ctx, def: Def, args: &Args<'_>, min: usize, max: usize) -> PyResult<()> {
    if args.names.is_empty() && (min..=max).contains(&args.pos.len()) {
        return Ok(());
    }
    let name = text((def.name)(names(ctx)));
    check(ctx, &name, args, min, max)
}

/// Checks that there are one or two positional arguments: a power's, counted in words of its own.
fn check_power(ctx: &mut Ctx, def: Def, args: &Args<'_>) -> PyResult<()> {
    match args.pos.len() {
        1 | 2 => counted(ctx, def, args, 1, 2),
        _ if !args.names.is_empty() => counted(ctx, def, args, 1, 2),
        given => Err(raise!(
            ctx,
            TypeError,
            "expected 1 or 2 arguments, got {given}"
        )),
    }
}

pub fn unary(ctx: &mut Ctx, f: Unary, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 0, 0)?;
    f(ctx, this)
}

pub fn left(ctx: &mut Ctx, f: Binary, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 1, 1)?;
    f(ctx, this, &args.pos[0])
}

pub fn repeat(ctx: &mut Ctx, f: Binary, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 1, 1)?;
    let count = protocol::index(ctx, &args.pos[0])?;
    f(ctx, this, &count)
}

pub fn right(ctx: &mut Ctx, f: Binary, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 1, 1)?;
    f(ctx, &args.pos[0], this)
}

pub fn pow(ctx: &mut Ctx, f: Ternary, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    check_power(ctx, def, &args)?;
    f(
        ctx,
        this,
        &args.pos[0],
        args.pos.get(1).unwrap_or(Obj::none()),
    )
}

pub fn rpow(ctx: &mut Ctx, f: Ternary, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    check_power(ctx, def, &args)?;
    f(
        ctx,
        &args.pos[0],
        this,
        args.pos.get(1).unwrap_or(Obj::none()),
    )
}

pub fn hash(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj) -> PyResult<i64>,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    counted(ctx, def, &args, 0, 0)?;
    let hash = f(ctx, this)?;
    int::from_i64(ctx, hash)
}

pub fn len(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj) -> PyResult<usize>,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    counted(ctx, def, &args, 0, 0)?;
    let len = f(ctx, this)?;
    int::from_usize(ctx, len)
}

pub fn bool(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj) -> PyResult<bool>,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    counted(ctx, def, &args, 0, 0)?;
    f(ctx, this).map(Obj::bool)
}

pub fn contains(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj, &Obj) -> PyResult<bool>,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    counted(ctx, def, &args, 1, 1)?;
    f(ctx, this, &args.pos[0]).map(Obj::bool)
}

pub fn next(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj) -> PyResult<Option<Obj>>,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    counted(ctx, def, &args, 0, 0)?;
    match f(ctx, this)? {
        Some(value) => Ok(value),
        None => Err(exception::raise_args(
            ctx,
            exception::class::StopIteration,
            Vec::new(),
        )),
    }
}

pub fn compare<const OP: u8>(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj, &Obj, Comparison) -> PyResult,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    use Comparison::*;
    counted(ctx, def, &args, 1, 1)?;
    let op = [Lt, Le, Eq, Ne, Gt, Ge][OP as usize];
    f(ctx, this, &args.pos[0], op)
}

/// An attribute's name as an interned string.
fn attribute_name(ctx: &mut Ctx, name: &Obj) -> PyResult {
    if name.downcast::<PyStr>().is_some() {
        return str_::intern_obj(ctx, name);
    }
    let class = protocol::type_name(ctx, name);
    Err(raise!(
        ctx,
        TypeError,
        "attribute name must be string, not '{class}'"
    ))
}

pub fn getattr(ctx: &mut Ctx, f: Binary, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 1, 1)?;
    let name = attribute_name(ctx, &args.pos[0])?;
    f(ctx, this, &name)
}

type Setter = fn(&mut Ctx, &Obj, &Obj, Option<&Obj>) -> PyResult<()>;

/// A metaclass's inherited `__setattr__` must not be bypassed by calling that of a base.
fn check_setattr(ctx: &mut Ctx, f: Setter, this: &Obj, what: &str) -> PyResult<()> {
    use super::super::type_::{PyType, native_base, type_of};
    if this.downcast::<PyType>().is_none() {
        return Ok(());
    }
    let class = type_of(ctx, this).to_obj();
    let native = native_base(ctx, &class);
    let wanted = native.expect::<PyType>().slots(ctx).setattr;
    if wanted.is_some_and(|wanted| !core::ptr::fn_addr_eq(wanted, f)) {
        let class = protocol::type_name(ctx, this);
        return Err(raise!(
            ctx,
            TypeError,
            "can't apply this {what} to {class} object"
        ));
    }
    Ok(())
}

pub fn setattr(ctx: &mut Ctx, f: Setter, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 2, 2)?;
    check_setattr(ctx, f, this, "__setattr__")?;
    let name = attribute_name(ctx, &args.pos[0])?;
    f(ctx, this, &name, Some(&args.pos[1])).map(|()| Obj::NONE)
}

pub fn delattr(ctx: &mut Ctx, f: Setter, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 1, 1)?;
    check_setattr(ctx, f, this, "__delattr__")?;
    let name = attribute_name(ctx, &args.pos[0])?;
    f(ctx, this, &name, None).map(|()| Obj::NONE)
}

pub fn set_pair(ctx: &mut Ctx, f: Setter, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 2, 2)?;
    f(ctx, this, &args.pos[0], Some(&args.pos[1])).map(|()| Obj::NONE)
}

pub fn delete_pair(ctx: &mut Ctx, f: Setter, def: Def, this: &Obj, args: Args<'_>) -> PyResult {
    counted(ctx, def, &args, 1, 1)?;
    f(ctx, this, &args.pos[0], None).map(|()| Obj::NONE)
}

pub fn descr_get(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj, Option<&Obj>, &Obj) -> PyResult,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    counted(ctx, def, &args, 1, 2)?;
    let instance = Some(&args.pos[0]).filter(|x| !x.is_none());
    let owner = args.pos.get(1).unwrap_or(Obj::none());
    if instance.is_none() && owner.is_none() {
        return Err(raise!(ctx, TypeError, "__get__(None, None) is invalid"));
    }
    f(ctx, this, instance, owner)
}

pub fn any(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj, Args<'_>) -> PyResult,
    _: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    f(ctx, this, args)
}

pub fn init(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj, Args<'_>) -> PyResult<()>,
    _: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    f(ctx, this, args).map(|()| Obj::NONE)
}

pub fn finalize(
    ctx: &mut Ctx,
    f: fn(&mut Ctx, &Obj) -> PyResult<()>,
    def: Def,
    this: &Obj,
    args: Args<'_>,
) -> PyResult {
    counted(ctx, def, &args, 0, 0)?;
    f(ctx, this).map(|()| Obj::NONE)
}
