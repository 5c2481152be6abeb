//! Attribute access for built-in types whose body holds its own `__dict__`: modules, class methods,
//! namespaces.

use super::attribute::{lookup, no_attribute};
use super::dict::{self, PyDict};
use super::obj::Obj;
use super::payload::Payload;
use super::protocol;
use super::slot::Slot;
use super::str_::PyStr;
use super::type_::{type_id_of, type_of};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use kit_core::thread::Ctx;

/// `object.__getattribute__` over the dict that `dict` finds, with `None` for an attribute that does
/// not exist.
pub fn find(
    ctx: &mut Ctx,
    x: &Obj,
    name: &Obj,
    dict: impl FnOnce(&Ctx, &Obj) -> Option<Obj>,
) -> PyResult<Option<Obj>> {
    let found = lookup(ctx, type_id_of(x), name);
    let mut get = None;
    if let Some(descriptor) = &found {
        let slots = type_of(ctx, descriptor).slots(ctx);
        get = slots.descr_get;
        if let (Some(get), true) = (get, slots.descr_set.is_some()) {
            let class = type_of(ctx, x).to_obj();
            return get(ctx, descriptor, Some(x), &class).map(Some);
        }
    }
    if let Some(dict) = dict(ctx, x)
        && let Some(value) = dict.expect::<PyDict>().get_name(ctx, name)
    {
        return Ok(Some(value));
    }
    match (found, get) {
        (Some(descriptor), Some(get)) => {
            let class = type_of(ctx, x).to_obj();
            get(ctx, &descriptor, Some(x), &class).map(Some)
        }
        (found, _) => Ok(found),
    }
}

/// `object.__getattribute__` over the dict that `dict` finds.
pub fn getattr(
    ctx: &mut Ctx,
    x: &Obj,
    name: &Obj,
    dict: impl FnOnce(&Ctx, &Obj) -> Option<Obj>,
) -> PyResult {
    match find(ctx, x, name, dict)? {
        Some(value) => Ok(value),
        None => Err(no_attribute(ctx, x, name)),
    }
}

/// `object.__setattr__` and `object.__delattr__` over `dict`.
pub fn setattr(
    ctx: &mut Ctx,
    x: &Obj,
    name: &Obj,
    value: Option<&Obj>,
    dict: &Obj,
) -> PyResult<()> {
    if let Some(descriptor) = lookup(ctx, type_id_of(x), name)
        && let Some(set) = type_of(ctx, &descriptor).slots(ctx).descr_set
    {
        return set(ctx, &descriptor, x, value);
    }
    let dict = dict.expect::<PyDict>();
    match value {
        Some(value) => dict.set_name(ctx, name, value.clone()),
        None => match dict.remove_name(ctx, name) {
            Some(_) => Ok(()),
            None => Err(no_attribute(ctx, x, name)),
        },
    }
}

/// A body with a slot for its `__dict__`, which is made when it is first asked for.
pub trait OwnDict: Payload {
    /// The slot.
    fn dict(&self) -> &Slot;
}

/// The `__dict__` of `x`.
pub fn attributes<T: OwnDict>(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<T>();
    if let Some(attributes) = body.dict().get(ctx, &body.header) {
        return Ok(attributes);
    }
    let fresh = dict::new(ctx)?;
    {
        let _lock = ctx.lock(&body.header);
        if body.dict().peek().is_null() {
            drop(body.dict().replace_locked(ctx, Some(fresh.clone())));
            return Ok(fresh);
        }
    }
    // Another thread was first.
    Ok(body.dict().get(ctx, &body.header).unwrap_or(fresh))
}

/// Replaces the `__dict__` of `x`.
///
/// # Errors
/// TypeError: by what is no dict.
pub fn set_attributes<T: OwnDict>(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(raise!(ctx, TypeError, "cannot delete __dict__"));
    };
    if value.downcast::<PyDict>().is_none() {
        let class = protocol::type_name(ctx, value);
        return Err(raise!(
            ctx,
            TypeError,
            "__dict__ must be set to a dictionary, not a '{class}'"
        ));
    }
    let body = x.expect::<T>();
    body.dict().set(ctx, &body.header, Some(value.clone()));
    Ok(())
}

/// The slot `getattr` of a type whose body is a `T`.
pub fn getattr_of<T: OwnDict>(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    getattr(ctx, x, name, |ctx, x| {
        let body = x.expect::<T>();
        body.dict().get(ctx, &body.header)
    })
}

/// The slot `setattr` of a type whose body is a `T`.
pub fn setattr_of<T: OwnDict>(
    ctx: &mut Ctx,
    x: &Obj,
    name: &Obj,
    value: Option<&Obj>,
) -> PyResult<()> {
    let attributes = attributes::<T>(ctx, x)?;
    setattr(ctx, x, name, value, &attributes)
}

/// The value given for a `__dict__`, which must be a dict.
pub fn check_dict(ctx: &mut Ctx, value: Option<&Obj>) -> PyResult {
    match value {
        None => Err(raise!(ctx, TypeError, "cannot delete __dict__")),
        Some(value) if value.downcast::<PyDict>().is_some() => Ok(value.clone()),
        Some(value) => {
            let given = protocol::type_name(ctx, value);
            Err(raise!(
                ctx,
                TypeError,
                "__dict__ must be set to a dictionary, not a '{given}'"
            ))
        }
    }
}

/// The text of an attribute's name, for messages.
pub fn text(name: &Obj) -> String {
    name.downcast::<PyStr>()
        .map_or(String::new(), |n| n.as_str_lossy().into_owned())
}
