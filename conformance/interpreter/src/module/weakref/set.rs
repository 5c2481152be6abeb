//! `WeakSet`: a weak mapping without values.

use super::containers::{
    PyWeakMap, clear, contains, copy, iter, key_error, keys, len, live, new, remove, store,
};
use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::define::{Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::protocol::{Operator, operator};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::{type_object, type_of};
use crate::object::{ids, protocol, str_, weakref};
use kit_core::thread::Ctx;

fn set_add(ctx: &mut Ctx, this: &Obj, value: &Obj) -> PyResult {
    store(ctx, this, value, &Obj::NONE).map(|()| Obj::NONE)
}

fn set_discard(ctx: &mut Ctx, this: &Obj, value: &Obj) -> PyResult {
    remove(ctx, this, value).map(|_| Obj::NONE)
}

fn set_remove(ctx: &mut Ctx, this: &Obj, value: &Obj) -> PyResult {
    match remove(ctx, this, value)? {
        Some(_) => Ok(Obj::NONE),
        None => {
            let reference = weakref::create(ctx, ids::WEAKREF, value, None)?;
            Err(key_error(ctx, &reference))
        }
    }
}

fn set_pop(ctx: &mut Ctx, this: &Obj) -> PyResult {
    match live(ctx, this).pop() {
        Some((value, _)) => {
            remove(ctx, this, &value)?;
            Ok(value)
        }
        None => Err(raise!(ctx, KeyError, "pop from empty WeakSet")),
    }
}

fn set_update(ctx: &mut Ctx, this: &Obj, values: &Obj) -> PyResult {
    for value in protocol::collect(ctx, values)? {
        store(ctx, this, &value, &Obj::NONE)?;
    }
    Ok(Obj::NONE)
}

fn set_init(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult<()> {
    args.check(ctx, "__init__", 0, 1)?;
    match args.pos.first() {
        Some(values) if !values.is_none() => set_update(ctx, this, values).map(drop),
        _ => Ok(()),
    }
}

fn set_repr(ctx: &mut Ctx, this: &Obj) -> PyResult {
    let values = keys(ctx, this)?;
    let mut parts = Vec::new();
    for value in protocol::collect(ctx, &values)? {
        let reference = weakref::create(ctx, ids::WEAKREF, &value, None)?;
        parts.push(protocol::repr_string(ctx, &reference)?);
    }
    str_::new(ctx, &format!("{{{}}}", parts.join(", ")))
}

/// A set of what is in `values`, which it holds.
fn strong(ctx: &mut Ctx, values: &Obj) -> PyResult {
    let class = type_object(ctx, ids::SET);
    protocol::call(ctx, &class, std::slice::from_ref(values))
}

/// A weak set of the class of `this` with what the operator makes of the two sets.
fn combine(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Operator) -> PyResult {
    if this.downcast::<PyWeakMap>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let (ours, theirs) = (strong(ctx, this)?, strong(ctx, other)?);
    let result = protocol::binary(ctx, &ours, &theirs, op)?;
    let class = type_of(ctx, this).to_obj();
    protocol::call(ctx, &class, &[result])
}

/// Leaves in `this` what the operator makes of the two sets.
fn become_(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Operator) -> PyResult<()> {
    let (ours, theirs) = (strong(ctx, this)?, strong(ctx, other)?);
    let wanted = protocol::binary(ctx, &ours, &theirs, op)?;
    for value in protocol::collect(ctx, &ours)? {
        if !protocol::contains(ctx, &wanted, &value)? {
            remove(ctx, this, &value)?;
        }
    }
    set_update(ctx, this, &wanted).map(drop)
}

macro_rules! set_operations {
    ($($name:ident $in_place:ident $update:ident: $op:ident,)*) => {$(
        fn $name(ctx: &mut Ctx, this: &Obj, other: &Obj) -> PyResult {
            combine(ctx, this, other, operator::$op)
        }
        fn $in_place(ctx: &mut Ctx, this: &Obj, other: &Obj) -> PyResult {
            become_(ctx, this, other, operator::$op)?;
            Ok(this.clone())
        }
        fn $update(ctx: &mut Ctx, this: &Obj, other: &Obj) -> PyResult {
            become_(ctx, this, other, operator::$op)?;
            Ok(Obj::NONE)
        }
    )*};
}

set_operations! {
    union ior update: OR,
    intersection iand intersection_update: AND,
    difference isub difference_update: SUB,
    symmetric_difference ixor symmetric_difference_update: XOR,
}

fn compare(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Comparison) -> PyResult {
    let equality = matches!(op, Comparison::Eq | Comparison::Ne);
    if equality && !protocol::is_instance_of(ctx, other, ids::WEAK_SET) {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let (ours, theirs) = (strong(ctx, this)?, strong(ctx, other)?);
    protocol::compare(ctx, &ours, &theirs, op)
}

fn issubset(ctx: &mut Ctx, this: &Obj, other: &Obj) -> PyResult {
    compare(ctx, this, other, Comparison::Le)
}

fn issuperset(ctx: &mut Ctx, this: &Obj, other: &Obj) -> PyResult {
    compare(ctx, this, other, Comparison::Ge)
}

fn isdisjoint(ctx: &mut Ctx, this: &Obj, other: &Obj) -> PyResult {
    for value in protocol::collect(ctx, other)? {
        if contains(ctx, this, &value)? {
            return Ok(Obj::FALSE);
        }
    }
    Ok(Obj::TRUE)
}

/// `weakref.WeakSet`.
pub static WEAK_SET: TypeDef = TypeDef {
    id: ids::WEAK_SET,
    name: "_weakrefset.WeakSet",
    base: ids::OBJECT,
    layout: ids::WEAK_KEY_DICT,
    kind: &Body::<PyWeakMap>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(set_init),
        repr: Some(set_repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        or: Some(union),
        ior: Some(ior),
        and: Some(intersection),
        iand: Some(iand),
        sub: Some(difference),
        isub: Some(isub),
        xor: Some(symmetric_difference),
        ixor: Some(ixor),
        contains: Some(contains),
        len: Some(len),
        iter: Some(iter),
        ..Slots::NONE
    },
    methods: &[
        method("add", Native::M1(set_add)),
        method("discard", Native::M1(set_discard)),
        method("remove", Native::M1(set_remove)),
        method("pop", Native::M0(set_pop)),
        method("update", Native::M1(update)),
        method("union", Native::M1(union)),
        method("intersection", Native::M1(intersection)),
        method("intersection_update", Native::M1(intersection_update)),
        method("difference", Native::M1(difference)),
        method("difference_update", Native::M1(difference_update)),
        method("symmetric_difference", Native::M1(symmetric_difference)),
        method(
            "symmetric_difference_update",
            Native::M1(symmetric_difference_update),
        ),
        method("issubset", Native::M1(issubset)),
        method("issuperset", Native::M1(issuperset)),
        method("isdisjoint", Native::M1(isdisjoint)),
        method("clear", Native::M0(clear)),
        method("copy", Native::M0(copy)),
    ],
    getset: &[],
    doc: "A set that refers to its members weakly.",
};
