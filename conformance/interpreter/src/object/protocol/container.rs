//! Items and iteration.

use super::call::{call, call_special, find_attr};
use super::compare::equals;
use super::{class_name, is_instance_of, recursive, type_name};
use crate::error::{PyResult, Raised, raise};
use crate::object::exception::{self, class};
use crate::object::ids;
use crate::object::list::PyList;
use crate::object::list::iterate::ListIter;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::range::RangeIter;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_id_of, type_of};
use crate::prelude::*;
use crate::vm::outside;
use kit_core::thread::Ctx;

/// `len(x)`.
pub fn len(ctx: &mut Ctx, x: &Obj) -> PyResult<usize> {
    match type_of(ctx, x).slots(ctx).len {
        Some(f) => f(ctx, x),
        None => {
            let class = type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "object of type '{class}' has no len()"
            ))
        }
    }
}

/// `x[key]`.
pub fn getitem(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult {
    if let Some(f) = type_of(ctx, x).slots(ctx).getitem {
        return f(ctx, x, key);
    }
    if x.downcast::<PyType>().is_some() {
        let name = &names(ctx).class_getitem;
        if let Some(method) = find_attr(ctx, x, name)?.filter(|method| !method.is_none()) {
            return call(ctx, &method, core::slice::from_ref(key));
        }
        if x.expect::<PyType>().id == ids::TYPE {
            return crate::object::generic_alias::new(ctx, x, key);
        }
        let class = class_name(ctx, x.expect::<PyType>());
        return Err(raise!(
            ctx,
            TypeError,
            "type '{class}' is not subscriptable"
        ));
    }
    let class = type_name(ctx, x);
    Err(raise!(
        ctx,
        TypeError,
        "'{class}' object is not subscriptable"
    ))
}

/// `x[key] = value`, or `del x[key]`.
pub fn setitem(ctx: &mut Ctx, x: &Obj, key: &Obj, value: Option<&Obj>) -> PyResult<()> {
    if let Some(f) = type_of(ctx, x).slots(ctx).setitem {
        return f(ctx, x, key, value);
    }
    // What can be asked for an item by its number wants to know the number first, and says so in other words.
    let body = type_of(ctx, x);
    let sequence = body.slots(ctx).len.is_some() || !body.is_immutable();
    let by_number = sequence && type_of(ctx, key).slots(ctx).index.is_some();
    if by_number {
        crate::object::protocol::index_i64(ctx, key, Some(class::IndexError))?;
    }
    let class = type_name(ctx, x);
    if value.is_some() {
        return Err(raise!(
            ctx,
            TypeError,
            "'{class}' object does not support item assignment"
        ));
    }
    let does_not = if by_number { "doesn't" } else { "does not" };
    Err(raise!(
        ctx,
        TypeError,
        "'{class}' object {does_not} support item deletion"
    ))
}

#[cold]
fn not_a_container(ctx: &mut Ctx, x: &Obj) -> Raised {
    let class = type_name(ctx, x);
    raise!(
        ctx,
        TypeError,
        "argument of type '{class}' is not a container or iterable"
    )
}

/// `key in x`.
pub fn contains(ctx: &mut Ctx, x: &Obj, key: &Obj) -> PyResult<bool> {
    if let Some(f) = type_of(ctx, x).slots(ctx).contains {
        return f(ctx, x, key);
    }
    let slots = type_of(ctx, x).slots(ctx);
    if slots.iter.is_none() && slots.getitem.is_none() {
        return Err(not_a_container(ctx, x));
    }
    let iterator = match iter(ctx, x) {
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            exception::take(ctx, raised);
            return Err(not_a_container(ctx, x));
        }
        other => other?,
    };
    while let Some(item) = next(ctx, &iterator)? {
        if equals(ctx, &item, key)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `iter(x)`.
pub fn iter(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let slots = type_of(ctx, x).slots(ctx);
    let (iter, getitem) = (slots.iter, slots.getitem);
    if let Some(f) = iter {
        let iterator = f(ctx, x)?;
        if type_of(ctx, &iterator).slots(ctx).next.is_some() {
            return Ok(iterator);
        }
        let class = type_name(ctx, &iterator);
        return Err(raise!(
            ctx,
            TypeError,
            "iter() returned non-iterator of type '{class}'"
        ));
    }
    // `__getitem__` of a built-in class takes keys, unless it has an iterator of its own.
    let by_index = type_id_of(x) >= ids::FIRST_DYNAMIC && getitem.is_some();
    if by_index && !is_instance_of(ctx, x, ids::DICT) {
        return crate::object::iterator::sequence(ctx, x);
    }
    let class = type_name(ctx, x);
    Err(raise!(ctx, TypeError, "'{class}' object is not iterable"))
}

/// `next(x)`: `None` at the end. It is a safepoint: whoever loops over an iterator without an end that runs no code of the
/// program holds up no other thread, and can be interrupted.
#[inline]
pub fn next(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<Obj>> {
    // What is in a list ends soon.
    if type_id_of(x) == ids::LIST_ITER {
        return Ok(x.expect::<ListIter>().next_fast(ctx));
    }
    if ctx.poll() {
        return Err(Raised::stored());
    }
    if type_id_of(x) == ids::RANGE_ITER
        && let Some(item) = x.expect::<RangeIter>().next_fast(ctx)
    {
        return Ok(Some(item));
    }
    match type_of(ctx, x).slots(ctx).next {
        Some(f) => recursive(ctx, "", |ctx| f(ctx, x)),
        None => {
            let class = type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "'{class}' object is not an iterator"
            ))
        }
    }
}

/// Calls `f` with every item of an iterable.
pub fn for_each(
    ctx: &mut Ctx,
    iterable: &Obj,
    mut f: impl FnMut(&mut Ctx, Obj) -> PyResult<()>,
) -> PyResult<()> {
    if let Some(list) = iterable.downcast_exact::<PyList>() {
        let mut index = 0;
        while let Some(item) = list.get(ctx, index) {
            f(ctx, item)?;
            index += 1;
        }
        return Ok(());
    }
    if let Some(tuple) = iterable.downcast_exact::<PyTuple>() {
        for item in tuple.items() {
            f(ctx, item.clone())?;
        }
        return Ok(());
    }
    let iterator = iter(ctx, iterable)?;
    while let Some(item) = next(ctx, &iterator)? {
        f(ctx, item)?;
        ctx.drain();
    }
    Ok(())
}

/// The length of `x`, or what its `__length_hint__` says: never negative.
pub fn length_hint(ctx: &mut Ctx, x: &Obj) -> PyResult<Option<i64>> {
    if type_of(ctx, x).slots(ctx).len.is_some() {
        match len(ctx, x) {
            Ok(len) => return Ok(Some(len as i64)),
            Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
                exception::take(ctx, raised);
            }
            Err(raised) => return Err(raised),
        }
    }
    let hint = match call_special(ctx, x, &names(ctx).length_hint, &[]) {
        Ok(Some(hint)) if !hint.is_not_implemented() => hint,
        Ok(_) => return Ok(None),
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            exception::take(ctx, raised);
            return Ok(None);
        }
        Err(raised) => return Err(raised),
    };
    if !is_instance_of(ctx, &hint, ids::INT) {
        let class = type_name(ctx, &hint);
        return Err(raise!(
            ctx,
            TypeError,
            "__length_hint__ must be an integer, not {class}"
        ));
    }
    let Some(hint) = crate::object::int::to_i64(&hint) else {
        return Err(super::too_large(ctx, "ssize_t"));
    };
    if hint < 0 {
        return Err(raise!(
            ctx,
            ValueError,
            "__length_hint__() should return >= 0"
        ));
    }
    Ok(Some(hint))
}

/// `iter(x)` for who has its own words for what cannot be iterated: they replace those of a `TypeError`.
pub fn iter_or(ctx: &mut Ctx, x: &Obj, refusal: &str) -> PyResult {
    match iter(ctx, x) {
        Err(raised) if exception::matches(ctx, &raised, class::TypeError) => {
            exception::take(ctx, raised);
            Err(raise!(ctx, TypeError, "{refusal}"))
        }
        iterator => iterator,
    }
}

/// All items of an iterable, as [`collect`]; `refusal` is as for [`iter_or`].
pub fn collect_or(ctx: &mut Ctx, iterable: &Obj, refusal: &str) -> PyResult<Vec<Obj>> {
    let class = type_of(ctx, iterable);
    if class.is_immutable() && class.slots(ctx).iter.is_some() {
        return collect(ctx, iterable);
    }
    let iterator = iter_or(ctx, iterable, refusal)?;
    collect(ctx, &iterator)
}

/// All items of an iterable.
pub fn collect(ctx: &mut Ctx, iterable: &Obj) -> PyResult<Vec<Obj>> {
    if let Some(list) = iterable.downcast_exact::<PyList>() {
        return Ok(list.to_vec(ctx));
    }
    if let Some(tuple) = iterable.downcast_exact::<PyTuple>() {
        return Ok(tuple.items().to_vec());
    }
    if let Some(dict) = iterable.downcast_exact::<crate::object::dict::PyDict>() {
        return Ok(dict.keys(ctx));
    }
    if let Some(set) = iterable.downcast_exact::<crate::object::set::PySet>() {
        return Ok(set
            .to_vec(ctx)
            .into_iter()
            .map(|(_, value)| value)
            .collect());
    }
    if let Some(items) = crate::object::dict::snapshot(ctx, iterable) {
        return items;
    }
    let mut items = Vec::new();
    for_each(ctx, iterable, |ctx, item| {
        outside::push(ctx, &mut items, item)
    })?;
    Ok(items)
}
