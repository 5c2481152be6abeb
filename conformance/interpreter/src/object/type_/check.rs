//! `isinstance` and `issubclass`.

use super::super::names::names;
use super::super::obj::Obj;
use super::super::tuple::PyTuple;
use super::super::{attribute, ids, protocol, union_};
use super::{PyType, type_id_of, type_of};
use crate::error::{PyResult, raise};
use kit_core::object::Word;
use kit_core::thread::Ctx;

/// How deep the tuples of classes given to `isinstance` may be nested.
const NESTING: u32 = 20_000;

/// Whether the check holds for any of these classes, or of those in the tuples among them.
fn any(
    ctx: &mut Ctx,
    classes: &[Obj],
    place: &str,
    depth: u32,
    check: &mut dyn FnMut(&mut Ctx, &Obj) -> PyResult<bool>,
) -> PyResult<bool> {
    if depth > NESTING {
        return Err(raise!(
            ctx,
            RecursionError,
            "maximum recursion depth exceeded{place}"
        ));
    }
    for class in classes {
        let found = match class.downcast::<PyTuple>() {
            Some(inner) => protocol::recursive(ctx, place, |ctx| {
                any(ctx, inner.items(), place, depth + 1, check)
            }),
            None => check(ctx, class),
        };
        if found? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `isinstance(x, class)`, where `class` may be a tuple of classes or a union.
pub fn is_instance(ctx: &mut Ctx, x: &Obj, class: &Obj) -> PyResult<bool> {
    if Word::same(
        Word::object(&raw const type_of(ctx, x).header),
        class.word(),
    ) {
        return Ok(true);
    }
    if type_id_of(class) == ids::TYPE {
        return real_is_instance(ctx, x, class);
    }
    if let Some(classes) = class.downcast::<PyTuple>() {
        return any(
            ctx,
            classes.items(),
            " in __instancecheck__",
            0,
            &mut |ctx, class| is_instance(ctx, x, class),
        );
    }
    if let Some(members) = union_::members(class) {
        return is_instance(ctx, x, &members);
    }
    let name = &names(ctx).instancecheck;
    if let Some(check) = attribute::bound_special(ctx, class, name)? {
        let answer = protocol::recursive(ctx, " in __instancecheck__", |ctx| {
            protocol::call(ctx, &check, core::slice::from_ref(x))
        })?;
        return protocol::truth(ctx, &answer);
    }
    real_is_instance(ctx, x, class)
}

/// `type.__instancecheck__`.
pub fn real_is_instance(ctx: &mut Ctx, x: &Obj, class: &Obj) -> PyResult<bool> {
    if let Some(body) = class.downcast::<PyType>() {
        if type_of(ctx, x).is_subtype(ctx, body) {
            return Ok(true);
        }
        if x.header().is_none() {
            return Ok(false);
        }
        // The value may stand in for one of another class.
        let claimed = protocol::find_attr(ctx, x, &names(ctx).class)?;
        return Ok(
            match claimed.as_ref().and_then(|c| c.downcast::<PyType>()) {
                Some(claimed) => claimed.is_subtype(ctx, body),
                None => false,
            },
        );
    }
    if bases_of(ctx, class)?.is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "isinstance() arg 2 must be a type, a tuple of types, or a union"
        ));
    }
    match protocol::find_attr(ctx, x, &names(ctx).class)? {
        Some(claimed) => abstract_subclass(ctx, &claimed, class),
        None => Ok(false),
    }
}

/// `issubclass(derived, class)`, where `class` may be a tuple of classes or a union.
pub fn is_subclass(ctx: &mut Ctx, derived: &Obj, class: &Obj) -> PyResult<bool> {
    if type_id_of(class) == ids::TYPE {
        if derived.is(class) {
            return Ok(true);
        }
        return real_is_subclass(ctx, derived, class);
    }
    if let Some(classes) = class.downcast::<PyTuple>() {
        return any(
            ctx,
            classes.items(),
            " in __subclasscheck__",
            0,
            &mut |ctx, class| is_subclass(ctx, derived, class),
        );
    }
    if let Some(members) = union_::members(class) {
        return is_subclass(ctx, derived, &members);
    }
    let name = &names(ctx).subclasscheck;
    if let Some(check) = attribute::bound_special(ctx, class, name)? {
        let answer = protocol::recursive(ctx, " in __subclasscheck__", |ctx| {
            protocol::call(ctx, &check, core::slice::from_ref(derived))
        })?;
        return protocol::truth(ctx, &answer);
    }
    real_is_subclass(ctx, derived, class)
}

/// `type.__subclasscheck__`.
pub fn real_is_subclass(ctx: &mut Ctx, derived: &Obj, class: &Obj) -> PyResult<bool> {
    if let (Some(d), Some(c)) = (derived.downcast::<PyType>(), class.downcast::<PyType>()) {
        return Ok(d.is_subtype(ctx, c));
    }
    if bases_of(ctx, derived)?.is_none() {
        return Err(raise!(ctx, TypeError, "issubclass() arg 1 must be a class"));
    }
    if bases_of(ctx, class)?.is_none() {
        return Err(raise!(
            ctx,
            TypeError,
            "issubclass() arg 2 must be a class, a tuple of classes, or a union"
        ));
    }
    abstract_subclass(ctx, derived, class)
}

/// The `__bases__` of anything that looks like a class: a tuple.
fn bases_of(ctx: &mut Ctx, class: &Obj) -> PyResult<Option<Obj>> {
    let bases = protocol::find_attr(ctx, class, &names(ctx).bases)?;
    Ok(bases.filter(|b| b.downcast::<PyTuple>().is_some()))
}

/// Follows `__bases__` of values that only look like classes.
fn abstract_subclass(ctx: &mut Ctx, derived: &Obj, class: &Obj) -> PyResult<bool> {
    if derived.is(class) {
        return Ok(true);
    }
    let Some(bases) = bases_of(ctx, derived)? else {
        return Ok(false);
    };
    for base in bases.expect::<PyTuple>().items() {
        let found = protocol::recursive(ctx, " in __issubclass__", |ctx| {
            abstract_subclass(ctx, base, class)
        })?;
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}
