//! Attributes and calls.

use super::{recursive, type_name};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::str_;
use crate::object::type_::{type_id_of, type_of};
use crate::object::{attribute, ids};
use kit_core::thread::Ctx;

/// `x.name`; `name` is an interned string.
pub fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    let found = match type_of(ctx, x).slots(ctx).getattr {
        Some(f) => f(ctx, x, name),
        None => attribute::generic_get(ctx, x, name),
    };
    if let Err(raised) = &found {
        exception::complete_attribute_info(ctx, raised, x, name);
    }
    found
}

/// `x.name`, or `None` where that raises AttributeError.
pub fn find_attr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    let f = type_of(ctx, x).slots(ctx).getattr;
    if f.is_none_or(|f| {
        core::ptr::fn_addr_eq(
            f,
            attribute::generic_get as fn(&mut Ctx, &Obj, &Obj) -> PyResult,
        )
    }) {
        return match attribute::generic_find(ctx, x, name) {
            Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
                exception::take(ctx, raised);
                Ok(None)
            }
            found => found,
        };
    }
    match getattr(ctx, x, name) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
            exception::take(ctx, raised);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// `x.name = value`, or `del x.name`; `name` is an interned string.
pub fn setattr(ctx: &mut Ctx, x: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    match type_of(ctx, x).slots(ctx).setattr {
        Some(f) => f(ctx, x, name, value),
        None => attribute::generic_set(ctx, x, name, value),
    }
}

/// `x.name` for a name that is not interned yet.
pub fn getattr_str(ctx: &mut Ctx, x: &Obj, name: &str) -> PyResult {
    let name = str_::intern_text(ctx, name)?;
    getattr(ctx, x, &name)
}

/// `callable(*args)`.
pub fn call(ctx: &mut Ctx, callable: &Obj, args: &[Obj]) -> PyResult {
    call_with(ctx, callable, Args::positional(args))
}

/// `callable(*args, **kwargs)`.
pub fn call_with(ctx: &mut Ctx, callable: &Obj, args: Args<'_>) -> PyResult {
    if type_id_of(callable) == ids::FUNCTION {
        return crate::vm::call::function(ctx, callable, args);
    }
    match type_of(ctx, callable).slots(ctx).call {
        Some(f) => recursive(ctx, "", |ctx| f(ctx, callable, args)),
        None => Err(not_callable(ctx, callable)),
    }
}

/// Stores the TypeError of calling what cannot be called.
#[cold]
pub fn not_callable(ctx: &mut Ctx, value: &Obj) -> Raised {
    let class = type_name(ctx, value);
    raise!(ctx, TypeError, "'{class}' object is not callable")
}

/// Whether the value can be called.
pub fn is_callable(ctx: &Ctx, value: &Obj) -> bool {
    type_of(ctx, value).slots(ctx).call.is_some()
}

/// `x.name(*args)`; `name` is an interned string.
pub fn call_method(ctx: &mut Ctx, x: &Obj, name: &Obj, args: &[Obj]) -> PyResult {
    let method = getattr(ctx, x, name)?;
    call(ctx, &method, args)
}

/// Calls the special method `name` of the value's class; `None` when there is none.
pub fn call_special(ctx: &mut Ctx, x: &Obj, name: &Obj, args: &[Obj]) -> PyResult<Option<Obj>> {
    match attribute::bound_special(ctx, x, name)? {
        Some(method) => call(ctx, &method, args).map(Some),
        None => Ok(None),
    }
}
