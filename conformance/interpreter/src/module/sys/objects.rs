//! Questions about single objects.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::counted;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::type_::{PyType, access};
use crate::object::{int, protocol};
use kit_core::thread::Ctx;

pub(super) fn getsizeof(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "getsizeof", 1, 2)?;
    let value = &args.pos[0];
    if let Some(size) = protocol::call_special(ctx, value, &names(ctx).sizeof, &[])? {
        return Ok(size);
    }
    let Some(header) = value.header() else {
        return Ok(Obj::small_int(8));
    };
    // SAFETY: the object is alive; its type's entry names its kind.
    let size = unsafe {
        let kind = ctx.type_entry(header.type_id()).kind();
        (kind.size)(header)
    };
    int::from_usize(ctx, size)
}

/// What `getrefcount` says of the immortal.
const IMMORTAL_COUNT: i64 = 3 << 30;

pub(super) fn getrefcount(ctx: &mut Ctx, value: &Obj) -> PyResult {
    let Some(header) = value.header().filter(|header| !header.is_immortal()) else {
        return Ok(Obj::small_int(IMMORTAL_COUNT));
    };
    let id = counted::count_id(value).filter(|id| id.get() != 0);
    let elsewhere = id.map_or(0, |id| ctx.thread().counted_per_thread(id) as i64);
    Ok(Obj::small_int(header.references() + elsewhere))
}

#[cfg(feature = "stats")]
pub(super) fn gettotalrefcount(ctx: &mut Ctx, _: &[Obj]) -> PyResult {
    Ok(Obj::small_int(crate::vm::thread::rt(ctx).kit.references()))
}

pub(super) fn is_interned(ctx: &mut Ctx, text: &Obj) -> PyResult {
    match text.downcast::<PyStr>() {
        Some(body) => Ok(Obj::bool(body.is_interned())),
        None => {
            let class = protocol::type_name(ctx, text);
            let class = if text.is_none() { "None" } else { &class };
            Err(raise!(
                ctx,
                TypeError,
                "_is_interned() argument must be str, not {class}"
            ))
        }
    }
}

pub(super) fn intern(ctx: &mut Ctx, text: &Obj) -> PyResult {
    if text.downcast::<PyStr>().is_none() {
        let class = protocol::type_name(ctx, text);
        let class = if text.is_none() { "None" } else { &class };
        return Err(raise!(
            ctx,
            TypeError,
            "intern() argument must be str, not {class}"
        ));
    }
    if text.downcast_exact::<PyStr>().is_none() {
        let class = protocol::type_name(ctx, text);
        return Err(raise!(ctx, TypeError, "can't intern {class}"));
    }
    str_::intern_obj(ctx, text)
}

/// `sys._clear_type_descriptors(cls)`: takes the descriptors of `__dict__` and `__weakref__` out of a class that
/// another one with member slots takes the place of.
pub(super) fn clear_type_descriptors(ctx: &mut Ctx, class: &Obj) -> PyResult {
    let Some(body) = class.downcast::<PyType>() else {
        let given = protocol::type_name(ctx, class);
        return Err(raise!(
            ctx,
            TypeError,
            "_clear_type_descriptors() argument must be type, not {given}"
        ));
    };
    if body.is_immutable() {
        return Err(raise!(ctx, TypeError, "argument is immutable"));
    }
    for name in [names(ctx).dict.clone(), names(ctx).weakref.clone()] {
        access::store(ctx, class, &name, None)?;
    }
    Ok(Obj::NONE)
}
