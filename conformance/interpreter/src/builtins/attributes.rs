//! Functions about attributes and classes.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::dict::PyDict;
use crate::object::list;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::check;
use crate::object::{attribute, protocol};
use crate::prelude::*;
use crate::vm::exec;
use kit_core::thread::Ctx;

/// The name of an attribute, interned.
fn attribute_name(ctx: &mut Ctx, name: &Obj) -> PyResult {
    if name.downcast::<PyStr>().is_none() {
        let class = protocol::type_name(ctx, name);
        return Err(raise!(
            ctx,
            TypeError,
            "attribute name must be string, not '{class}'"
        ));
    }
    str_::intern_obj(ctx, name)
}

/// `getattr(object, name, default)`.
pub fn getattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "getattr", 2, 3)?;
    let name = attribute_name(ctx, &args.pos[1])?;
    match args.pos.get(2) {
        None => protocol::getattr(ctx, &args.pos[0], &name),
        Some(default) => {
            let found = protocol::find_attr(ctx, &args.pos[0], &name)?;
            Ok(found.unwrap_or_else(|| default.clone()))
        }
    }
}

/// `hasattr(object, name)`.
pub fn hasattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "hasattr", 2, 2)?;
    let name = attribute_name(ctx, &args.pos[1])?;
    let found = protocol::find_attr(ctx, &args.pos[0], &name)?;
    Ok(Obj::bool(found.is_some()))
}

/// `setattr(object, name, value)`.
pub fn setattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "setattr", 3, 3)?;
    let name = attribute_name(ctx, &args.pos[1])?;
    protocol::setattr(ctx, &args.pos[0], &name, Some(&args.pos[2]))?;
    Ok(Obj::NONE)
}

/// `delattr(object, name)`.
pub fn delattr(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "delattr", 2, 2)?;
    let name = attribute_name(ctx, &args.pos[1])?;
    protocol::setattr(ctx, &args.pos[0], &name, None)?;
    Ok(Obj::NONE)
}

/// `callable(object)`.
pub fn callable(ctx: &mut Ctx, value: &Obj) -> PyResult {
    Ok(Obj::bool(protocol::is_callable(ctx, value)))
}

/// `isinstance(object, class)`.
pub fn isinstance(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "isinstance", 2, 2)?;
    check::is_instance(ctx, &args.pos[0], &args.pos[1]).map(Obj::bool)
}

/// `issubclass(class, class)`.
pub fn issubclass(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "issubclass", 2, 2)?;
    check::is_subclass(ctx, &args.pos[0], &args.pos[1]).map(Obj::bool)
}

/// What `__dir__` of a value lists, in any order.
pub fn names_of(ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<Obj>> {
    match attribute::bound_special(ctx, value, &names(ctx).dir)? {
        Some(method) => {
            let listed = protocol::call(ctx, &method, &[])?;
            protocol::collect(ctx, &listed)
        }
        None => Err(raise!(ctx, TypeError, "object does not provide __dir__")),
    }
}

/// `dir(object)`; without one the names of the running frame.
pub fn dir(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "dir", 0, 1)?;
    let found = match args.pos.first() {
        Some(value) => names_of(ctx, value)?,
        None => {
            let locals = exec::current_locals(ctx)?;
            let names = match locals.downcast_exact::<PyDict>() {
                Some(_) => locals,
                None => {
                    let keys = str_::intern(ctx, "keys");
                    protocol::call_method(ctx, &locals, &keys, &[])?
                }
            };
            protocol::collect(ctx, &names)?
        }
    };
    let list = list::from_vec(ctx, found)?;
    list::methods::sort_in_place(ctx, &list, None, false)?;
    Ok(list)
}

/// `vars(object)`; without one the variables of the running frame.
pub fn vars(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "vars", 0, 1)?;
    let Some(value) = args.pos.first() else {
        return exec::current_locals(ctx);
    };
    match protocol::find_attr(ctx, value, &names(ctx).dict)? {
        Some(dict) => Ok(dict),
        None => Err(raise!(
            ctx,
            TypeError,
            "vars() argument must have __dict__ attribute"
        )),
    }
}
