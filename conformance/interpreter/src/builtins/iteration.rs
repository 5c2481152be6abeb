//! Functions about iterables and containers.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::exception;
use crate::object::list::PyList;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::str_::PyStr;
use crate::object::type_::type_id_of;
use crate::object::{
    anext_awaitable, attribute, exception::class, ids, int, iterator, list, protocol,
};
use crate::prelude::*;
use crate::vm::generate::{self, Resume, Resumed};
use kit_core::thread::Ctx;

/// `all(iterable)`.
pub fn all(ctx: &mut Ctx, iterable: &Obj) -> PyResult {
    let iterator = protocol::iter(ctx, iterable)?;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        if !protocol::truth(ctx, &item)? {
            return Ok(Obj::FALSE);
        }
    }
    Ok(Obj::TRUE)
}

/// `any(iterable)`.
pub fn any(ctx: &mut Ctx, iterable: &Obj) -> PyResult {
    let iterator = protocol::iter(ctx, iterable)?;
    while let Some(item) = protocol::next(ctx, &iterator)? {
        if protocol::truth(ctx, &item)? {
            return Ok(Obj::TRUE);
        }
    }
    Ok(Obj::FALSE)
}

/// `len(object)`.
pub fn len(ctx: &mut Ctx, value: &Obj) -> PyResult {
    if let Some(list) = value.downcast_exact::<PyList>() {
        return Ok(Obj::small_int(list.len() as i64));
    }
    let len = protocol::len(ctx, value)?;
    int::from_usize(ctx, len)
}

/// `iter(iterable)`, `iter(callable, sentinel)`.
pub fn iter(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "iter", 1, 2)?;
    match args.pos {
        [value] => protocol::iter(ctx, value),
        [callable, sentinel] => {
            if !protocol::is_callable(ctx, callable) {
                return Err(raise!(ctx, TypeError, "iter(v, w): v must be callable"));
            }
            iterator::callable(ctx, callable, sentinel)
        }
        _ => Ok(Obj::NONE),
    }
}

/// `next(iterator, default)`.
pub fn next(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "next", 1, 2)?;
    let iterator = &args.pos[0];
    if let Some(default) = args.pos.get(1) {
        let item = protocol::next(ctx, iterator)?;
        return Ok(item.unwrap_or_else(|| default.clone()));
    }
    // The StopIteration is the iterator's own, with the value that it has.
    if type_id_of(iterator) >= ids::FIRST_DYNAMIC {
        if let Some(item) = protocol::call_special(ctx, iterator, &names(ctx).next, &[])? {
            return Ok(item);
        }
    } else if generate::is_native(iterator) && type_id_of(iterator) != ids::COROUTINE {
        return match generate::drive(ctx, iterator, Resume::Next)? {
            Resumed::Yielded(item) => Ok(item),
            Resumed::Returned(value) => Err(generate::stop(ctx, value)),
        };
    }
    match protocol::next(ctx, iterator)? {
        Some(item) => Ok(item),
        None => Err(exception::raise_args(ctx, class::StopIteration, Vec::new())),
    }
}

/// `sorted(iterable, key, reverse)`.
pub fn sorted(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    let given = args.pos.len();
    if given != 1 {
        return Err(raise!(
            ctx,
            TypeError,
            "sorted expected 1 argument, got {given}"
        ));
    }
    let (mut key, mut reverse) = (None, false);
    for (name, value) in args.names.iter().zip(args.values) {
        let name = name.expect::<PyStr>().as_str_lossy();
        match name.as_ref() {
            "key" => key = (!value.is_none()).then_some(value),
            "reverse" => reverse = protocol::truth(ctx, value)?,
            _ => {
                return Err(crate::object::args::unexpected_keyword(
                    ctx,
                    "sort",
                    &name,
                    &["key", "reverse"],
                ));
            }
        }
    }
    let list = list::from_vec(ctx, Vec::new())?;
    list::methods::extend_from(ctx, &list, &args.pos[0])?;
    list::methods::sort_in_place(ctx, &list, key, reverse)?;
    Ok(list)
}

/// `aiter(async_iterable)`.
pub fn aiter(ctx: &mut Ctx, value: &Obj) -> PyResult {
    match protocol::call_special(ctx, value, &names(ctx).aiter, &[])? {
        Some(iterator) => {
            if attribute::lookup_special(ctx, &iterator, &names(ctx).anext).is_none() {
                let class = protocol::type_name(ctx, &iterator);
                return Err(raise!(
                    ctx,
                    TypeError,
                    "aiter() returned not an async iterator of type '{class}'"
                ));
            }
            Ok(iterator)
        }
        None => {
            let class = protocol::type_name(ctx, value);
            Err(raise!(
                ctx,
                TypeError,
                "'{class}' object is not an async iterable"
            ))
        }
    }
}

/// `anext(async_iterator, default)`.
pub fn anext(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
    args.check(ctx, "anext", 1, 2)?;
    match protocol::call_special(ctx, &args.pos[0], &names(ctx).anext, &[])? {
        Some(awaitable) => match args.pos.get(1) {
            Some(default) => anext_awaitable::new(ctx, awaitable, default.clone()),
            None => Ok(awaitable),
        },
        None => {
            let class = protocol::type_name(ctx, &args.pos[0]);
            Err(raise!(
                ctx,
                TypeError,
                "'{class}' object is not an async iterator"
            ))
        }
    }
}
