//! `update_wrapper` and `wraps`: a wrapper that looks like what it wraps.

use super::partial;
use crate::error::PyResult;
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, method};
use crate::object::dict::PyDict;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::{builtin_function, protocol, str_, tuple};
use kit_core::thread::Ctx;

fn texts(ctx: &mut Ctx, texts: &[&'static str]) -> PyResult {
    let texts = texts.iter().map(|text| str_::intern(ctx, text)).collect();
    tuple::from_vec(ctx, texts)
}

/// `WRAPPER_ASSIGNMENTS`.
pub fn assignments(ctx: &mut Ctx) -> PyResult {
    texts(
        ctx,
        &[
            "__module__",
            "__name__",
            "__qualname__",
            "__doc__",
            "__annotate__",
            "__type_params__",
        ],
    )
}

/// `WRAPPER_UPDATES`.
pub fn updates(ctx: &mut Ctx) -> PyResult {
    texts(ctx, &["__dict__"])
}

/// Copies the attributes that describe `wrapped`.
pub fn update(
    ctx: &mut Ctx,
    wrapper: &Obj,
    wrapped: &Obj,
    assigned: &Obj,
    updated: &Obj,
) -> PyResult<()> {
    for name in protocol::collect(ctx, assigned)? {
        let name = str_::intern_obj(ctx, &name)?;
        if let Some(value) = protocol::find_attr(ctx, wrapped, &name)? {
            protocol::setattr(ctx, wrapper, &name, Some(&value))?;
        }
    }
    for name in protocol::collect(ctx, updated)? {
        let name = str_::intern_obj(ctx, &name)?;
        let target = protocol::getattr(ctx, wrapper, &name)?;
        let Some(source) = protocol::find_attr(ctx, wrapped, &name)? else {
            continue;
        };
        match (target.downcast::<PyDict>(), source.downcast::<PyDict>()) {
            (Some(target), Some(source)) => target.update(ctx, source)?,
            _ => {
                let update = str_::intern(ctx, "update");
                protocol::call_method(ctx, &target, &update, &[source])?;
            }
        }
    }
    let name = names(ctx).wrapped.clone();
    protocol::setattr(ctx, wrapper, &name, Some(wrapped))
}

/// Copies the attributes that describe `wrapped`, the usual ones.
pub fn update_usual(ctx: &mut Ctx, wrapper: &Obj, wrapped: &Obj) -> PyResult<()> {
    let (assigned, updated) = (assignments(ctx)?, updates(ctx)?);
    update(ctx, wrapper, wrapped, &assigned, &updated)
}

/// `update_wrapper(wrapper, wrapped, assigned=…, updated=…)`.
pub fn update_wrapper(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "update_wrapper",
        params: &["wrapper", "wrapped", "assigned", "updated"],
        posonly: 0,
        positional: 4,
        required: 2,
    };
    let [Some(wrapper), Some(wrapped), assigned, updated] = args.bind(ctx, &SIGNATURE)? else {
        return Ok(Obj::NONE);
    };
    let assigned = match assigned {
        Some(assigned) => assigned.clone(),
        None => assignments(ctx)?,
    };
    let updated = match updated {
        Some(updated) => updated.clone(),
        None => updates(ctx)?,
    };
    update(ctx, wrapper, wrapped, &assigned, &updated)?;
    Ok(wrapper.clone())
}

static UPDATE_WRAPPER: Method = method("update_wrapper", Native::F(update_wrapper));

/// `wraps(wrapped, assigned=…, updated=…)`.
pub fn wraps(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature = Signature {
        name: "wraps",
        params: &["wrapped", "assigned", "updated"],
        posonly: 0,
        positional: 3,
        required: 1,
    };
    let [Some(wrapped), assigned, updated] = args.bind(ctx, &SIGNATURE)? else {
        return Ok(Obj::NONE);
    };
    let assigned = match assigned {
        Some(assigned) => assigned.clone(),
        None => assignments(ctx)?,
    };
    let updated = match updated {
        Some(updated) => updated.clone(),
        None => updates(ctx)?,
    };
    let function = builtin_function::bind(ctx, &UPDATE_WRAPPER, 0, None)?;
    let names = ["wrapped", "assigned", "updated"].map(|name| str_::intern(ctx, name));
    let values = [wrapped.clone(), assigned, updated];
    partial::make(ctx, &function, &[], &names, &values)
}
