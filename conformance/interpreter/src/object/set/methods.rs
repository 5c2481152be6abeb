//! The types `set` and `frozenset`: their operations and methods, and their iterator.

use super::super::args::Args;
use super::super::define::{Method, Native, TypeDef, flag, method};
use super::super::dict::PyDict;
use super::super::obj::Obj;
use super::super::payload::{self, Body, Payload};
use super::super::slot::Slot;
use super::super::slot::critical2;
use super::super::slots::Slots;
use super::super::tuple::{self, repr_items};
use super::super::type_::{PyType, type_id_of, type_of};
use super::super::{ids, int, iterator, iterator_state, list, protocol, repr_guard};
use super::operators::{
    Operation, combine, combine_in_place, compare, copy, has_all, is_disjoint, is_subset,
};
use super::{PySet, new};
use crate::error::{PyResult, raise};
use crate::module::support::class_getitem;
use crate::object::exception::{self, class};
use crate::prelude::*;
use crate::text::wtf8::Wtf8Buf;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

#[inline(always)]
pub(super) fn body(set: &Obj) -> &Body<PySet> {
    set.expect::<PySet>()
}

// --- Making ----------------------------------------------------------------------------------------

/// A set of class `type_id` with the values of an iterable.
pub fn from_iterable(ctx: &mut Ctx, type_id: u32, iterable: &Obj) -> PyResult {
    let set = new(ctx, type_id)?;
    update(ctx, &set, iterable)?;
    Ok(set)
}

/// Adds the values of an iterable.
pub fn update(ctx: &mut Ctx, set: &Obj, iterable: &Obj) -> PyResult<()> {
    critical2(ctx, set, iterable, |ctx| update_inside(ctx, set, iterable))
}

fn update_inside(ctx: &mut Ctx, set: &Obj, iterable: &Obj) -> PyResult<()> {
    let body = body(set);
    if let Some(other) = iterable.downcast::<PySet>() {
        return body.merge(ctx, other);
    }
    if let Some(dict) = iterable.downcast_exact::<PyDict>() {
        let len = dict.len(ctx);
        body.reserve(ctx, len)?;
        let mut position = 0;
        while let Some((hash, key, _)) = dict.next_hashed(ctx, &mut position) {
            body.add_hashed(ctx, hash, &key)?;
        }
        return Ok(());
    }
    protocol::for_each(ctx, iterable, |ctx, value| body.add(ctx, &value))
}

fn set_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    if id == ids::SET {
        args.no_keywords(ctx, "set")?;
        args.check(ctx, "set", 0, 1)?;
    }
    new(ctx, id)
}

fn set_init(ctx: &mut Ctx, set: &Obj, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(ctx, "set")?;
    if args.pos.len() > 1 {
        args.check(ctx, &protocol::type_name(ctx, set), 0, 1)?;
    }
    body(set).clear_all(ctx);
    match args.pos.first() {
        Some(iterable) => update(ctx, set, iterable),
        None => Ok(()),
    }
}

fn frozenset_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    args.no_keywords_but_for_init(ctx, "frozenset", class, ids::FROZENSET)?;
    if args.pos.len() > 1 {
        let name = protocol::defined_name(ctx, class.expect::<PyType>());
        args.without_keywords().check(ctx, &name, 0, 1)?;
    }
    match args.pos {
        [] => new(ctx, id),
        [same] if id == ids::FROZENSET && type_id_of(same) == id => Ok(same.clone()),
        [iterable, ..] => from_iterable(ctx, id, iterable),
    }
}

// --- Operations ------------------------------------------------------------------------------------

fn repr(ctx: &mut Ctx, set: &Obj) -> PyResult {
    protocol::repr_by(ctx, set, repr_onto)
}

/// Writes `repr(set)` behind `text`.
pub fn repr_onto(ctx: &mut Ctx, set: &Obj, text: &mut Wtf8Buf) -> PyResult<()> {
    let plain = type_id_of(set) == ids::SET;
    let name = protocol::type_name(ctx, set);
    let values: Vec<Obj> = body(set).to_vec(ctx).into_iter().map(|v| v.1).collect();
    let guard = repr_guard::enter(set);
    if values.is_empty() || guard.is_none() {
        text.push_str(&name);
        text.push_str(if values.is_empty() { "()" } else { "(...)" });
        return Ok(());
    }
    if !plain {
        text.push_str(&name);
        text.push_str("(");
    }
    text.push_str("{");
    repr_items(ctx, text, &values)?;
    text.push_str(if plain { "}" } else { "})" });
    Ok(())
}

fn hash(ctx: &mut Ctx, set: &Obj) -> PyResult<i64> {
    let body = body(set);
    let known = body.payload.hash.load(Relaxed);
    if known != -1 {
        return Ok(known);
    }
    let hash = body.frozen_hash(ctx);
    // Relaxed: every thread computes the same.
    body.payload.hash.store(hash, Relaxed);
    Ok(hash)
}

fn len(_: &mut Ctx, set: &Obj) -> PyResult<usize> {
    Ok(body(set).len())
}

fn contains_method(ctx: &mut Ctx, set: &Obj, value: &Obj) -> PyResult {
    contains(ctx, set, value).map(Obj::bool)
}

fn contains(ctx: &mut Ctx, set: &Obj, value: &Obj) -> PyResult<bool> {
    body(set).contains(ctx, value)
}

fn operator(ctx: &mut Ctx, a: &Obj, b: &Obj, operation: Operation) -> PyResult {
    if a.downcast::<PySet>().is_none() || b.downcast::<PySet>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    combine(ctx, a, b, operation)
}

fn or(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::Union)
}

fn and(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::Intersection)
}

fn sub(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::Difference)
}

fn xor(ctx: &mut Ctx, a: &Obj, b: &Obj) -> PyResult {
    operator(ctx, a, b, Operation::SymmetricDifference)
}

fn in_place(ctx: &mut Ctx, set: &Obj, other: &Obj, operation: Operation) -> PyResult {
    if other.downcast::<PySet>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    combine_in_place(ctx, set, other, operation)?;
    Ok(set.clone())
}

fn ior(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    in_place(ctx, set, other, Operation::Union)
}

fn iand(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    in_place(ctx, set, other, Operation::Intersection)
}

fn isub(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    in_place(ctx, set, other, Operation::Difference)
}

fn ixor(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    in_place(ctx, set, other, Operation::SymmetricDifference)
}

// --- Methods ---------------------------------------------------------------------------------------

fn add(ctx: &mut Ctx, set: &Obj, value: &Obj) -> PyResult {
    body(set).add(ctx, value)?;
    Ok(Obj::NONE)
}

fn discard(ctx: &mut Ctx, set: &Obj, value: &Obj) -> PyResult {
    body(set).discard(ctx, value)?;
    Ok(Obj::NONE)
}

fn remove(ctx: &mut Ctx, set: &Obj, value: &Obj) -> PyResult {
    if body(set).discard(ctx, value)? {
        return Ok(Obj::NONE);
    }
    Err(exception::raise_args(
        ctx,
        class::KeyError,
        vec![value.clone()],
    ))
}

fn pop(ctx: &mut Ctx, set: &Obj) -> PyResult {
    match body(set).pop(ctx) {
        Some(value) => Ok(value),
        None => Err(raise!(ctx, KeyError, "pop from an empty set")),
    }
}

fn clear(ctx: &mut Ctx, set: &Obj) -> PyResult {
    body(set).clear_all(ctx);
    Ok(Obj::NONE)
}

fn set_copy(ctx: &mut Ctx, set: &Obj) -> PyResult {
    if type_id_of(set) == ids::FROZENSET {
        return Ok(set.clone());
    }
    copy(ctx, set)
}

fn union(ctx: &mut Ctx, set: &Obj, others: &[Obj]) -> PyResult {
    let result = copy(ctx, set)?;
    for other in others.iter().filter(|other| !other.is(set)) {
        update(ctx, &result, other)?;
    }
    Ok(result)
}

/// Combines with several iterables, one after the other.
fn chain(ctx: &mut Ctx, set: &Obj, others: &[Obj], operation: Operation) -> PyResult {
    let Some((first, rest)) = others.split_first() else {
        return copy(ctx, set);
    };
    let mut result = combine(ctx, set, first, operation)?;
    for other in rest {
        result = combine(ctx, &result, other, operation)?;
    }
    Ok(result)
}

fn intersection(ctx: &mut Ctx, set: &Obj, others: &[Obj]) -> PyResult {
    chain(ctx, set, others, Operation::Intersection)
}

fn difference(ctx: &mut Ctx, set: &Obj, others: &[Obj]) -> PyResult {
    chain(ctx, set, others, Operation::Difference)
}

fn symmetric_difference(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    combine(ctx, set, other, Operation::SymmetricDifference)
}

fn chain_in_place(ctx: &mut Ctx, set: &Obj, others: &[Obj], operation: Operation) -> PyResult {
    for other in others {
        combine_in_place(ctx, set, other, operation)?;
    }
    Ok(Obj::NONE)
}

fn set_update(ctx: &mut Ctx, set: &Obj, others: &[Obj]) -> PyResult {
    chain_in_place(ctx, set, others, Operation::Union)
}

fn intersection_update(ctx: &mut Ctx, set: &Obj, others: &[Obj]) -> PyResult {
    chain_in_place(ctx, set, others, Operation::Intersection)
}

fn difference_update(ctx: &mut Ctx, set: &Obj, others: &[Obj]) -> PyResult {
    chain_in_place(ctx, set, others, Operation::Difference)
}

fn symmetric_difference_update(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    combine_in_place(ctx, set, other, Operation::SymmetricDifference)?;
    Ok(Obj::NONE)
}

fn issubset(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    if other.downcast::<PySet>().is_none() {
        // All of the set is in what it has in common with the other.
        let common = combine(ctx, set, other, Operation::Intersection)?;
        return Ok(Obj::bool(body(&common).len() == body(set).len()));
    }
    critical2(ctx, set, other, |ctx| {
        is_subset(ctx, body(set), body(other)).map(Obj::bool)
    })
}

fn issuperset(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    has_all(ctx, set, other).map(Obj::bool)
}

fn isdisjoint(ctx: &mut Ctx, set: &Obj, other: &Obj) -> PyResult {
    is_disjoint(ctx, set, other).map(Obj::bool)
}

fn reduce(ctx: &mut Ctx, set: &Obj) -> PyResult {
    // A derived class may have another idea of what is in it, and of how much.
    let values = list::from_vec(ctx, Vec::new())?;
    list::methods::extend_from(ctx, &values, set)?;
    let args = tuple::from_vec(ctx, vec![values])?;
    let class = type_of(ctx, set).to_obj();
    let state = super::super::reduce::state_of(ctx, set)?;
    tuple::from_vec(ctx, vec![class, args, state])
}

// --- Iteration -------------------------------------------------------------------------------------

/// An iterator over a set.
pub struct SetIter {
    set: Slot,
    /// The size of the set when iteration began.
    len: AtomicUsize,
    position: AtomicUsize,
    left: AtomicUsize,
}

// SAFETY: `trace` reports the set.
unsafe impl Payload for SetIter {
    const ID: u32 = ids::SET_ITER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "set_iterator";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.set.trace(tracer);
    }
}

fn iter(ctx: &mut Ctx, set: &Obj) -> PyResult {
    let len = body(set).len();
    payload::new(
        ctx,
        SetIter {
            set: Slot::new(set.clone()),
            len: AtomicUsize::new(len),
            position: AtomicUsize::new(0),
            left: AtomicUsize::new(len),
        },
    )
}

impl Body<SetIter> {
    /// The next value.
    pub fn next_fast(&self, ctx: &mut Ctx) -> PyResult<Option<Obj>> {
        let Some(set) = self.set.get(ctx, &self.header) else {
            return Ok(None);
        };
        let set = set.expect::<PySet>();
        if set.len() != self.len.load(Relaxed) {
            // Stays wrong for ever after.
            self.len.store(usize::MAX, Relaxed);
            return Err(raise!(
                ctx,
                RuntimeError,
                "Set changed size during iteration"
            ));
        }
        let mut position = self.position.load(Relaxed);
        let value = set.next_entry(ctx, &mut position);
        self.position.store(position, Relaxed);
        if value.is_some() {
            let left = self.left.load(Relaxed);
            self.left.store(left.saturating_sub(1), Relaxed);
        } else {
            self.set.set(ctx, &self.header, None);
        }
        Ok(value)
    }
}

fn iter_next(ctx: &mut Ctx, iterator: &Obj) -> PyResult<Option<Obj>> {
    iterator.expect::<SetIter>().next_fast(ctx)
}

fn iter_hint(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<SetIter>();
    let left = match body.set.get(ctx, &body.header) {
        Some(set) if set.expect::<PySet>().len() == body.len.load(Relaxed) => {
            body.left.load(Relaxed)
        }
        _ => 0,
    };
    int::from_usize(ctx, left)
}

fn iter_reduce(ctx: &mut Ctx, iterator: &Obj) -> PyResult {
    let body = iterator.expect::<SetIter>();
    let copy = |field: &AtomicUsize| AtomicUsize::new(field.load(Relaxed));
    let copy = SetIter {
        set: Slot::from_option(body.set.get(ctx, &body.header)),
        len: copy(&body.len),
        position: copy(&body.position),
        left: copy(&body.left),
    };
    let copy = payload::new(ctx, copy)?;
    iterator_state::rest(ctx, &copy)
}

// --- The types -------------------------------------------------------------------------------------

const ANY: usize = usize::MAX;

const FROZEN_METHODS: &[Method] = &[
    method("__contains__", Native::M1(contains_method)),
    method("copy", Native::M0(set_copy)),
    method("difference", Native::MN(0, ANY, difference)),
    method("intersection", Native::MN(0, ANY, intersection)),
    method("isdisjoint", Native::M1(isdisjoint)),
    method("issubset", Native::M1(issubset)),
    method("issuperset", Native::M1(issuperset)),
    method("symmetric_difference", Native::M1(symmetric_difference)),
    method("union", Native::MN(0, ANY, union)),
    method("__reduce__", Native::M0(reduce)),
    method("__class_getitem__", Native::C1(class_getitem)),
];

const METHODS: &[Method] = &[
    method("__contains__", Native::M1(contains_method)),
    method("add", Native::M1(add)),
    method("clear", Native::M0(clear)),
    method("copy", Native::M0(set_copy)),
    method("discard", Native::M1(discard)),
    method("difference", Native::MN(0, ANY, difference)),
    method("difference_update", Native::MN(0, ANY, difference_update)),
    method("intersection", Native::MN(0, ANY, intersection)),
    method(
        "intersection_update",
        Native::MN(0, ANY, intersection_update),
    ),
    method("isdisjoint", Native::M1(isdisjoint)),
    method("issubset", Native::M1(issubset)),
    method("issuperset", Native::M1(issuperset)),
    method("pop", Native::M0(pop)),
    method("remove", Native::M1(remove)),
    method("symmetric_difference", Native::M1(symmetric_difference)),
    method(
        "symmetric_difference_update",
        Native::M1(symmetric_difference_update),
    ),
    method("union", Native::MN(0, ANY, union)),
    method("update", Native::MN(0, ANY, set_update)),
    method("__reduce__", Native::M0(reduce)),
    method("__class_getitem__", Native::C1(class_getitem)),
];

/// The type `set`.
pub static SET: TypeDef = TypeDef {
    id: ids::SET,
    name: "set",
    base: ids::OBJECT,
    layout: ids::SET,
    kind: &Body::<PySet>::KIND,
    flags: flag::BASE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(set_new),
        init: Some(set_init),
        repr: Some(repr),
        hash: Some(protocol::unhashable),
        compare: Some(compare),
        iter: Some(iter),
        len: Some(len),
        contains: Some(contains),
        or: Some(or),
        and: Some(and),
        sub: Some(sub),
        xor: Some(xor),
        ior: Some(ior),
        iand: Some(iand),
        isub: Some(isub),
        ixor: Some(ixor),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[],
    doc: "set(iterable=(), /)\n--\n\nAn unordered collection of distinct values.",
};

/// The type `frozenset`.
pub static FROZENSET: TypeDef = TypeDef {
    id: ids::FROZENSET,
    name: "frozenset",
    base: ids::OBJECT,
    layout: ids::SET,
    kind: &Body::<PySet>::KIND,
    flags: flag::BASE | flag::MATCH_SELF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(frozenset_new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(iter),
        len: Some(len),
        contains: Some(contains),
        or: Some(or),
        and: Some(and),
        sub: Some(sub),
        xor: Some(xor),
        ..Slots::NONE
    },
    methods: FROZEN_METHODS,
    getset: &[],
    doc: "frozenset(iterable=(), /)\n--\n\nAn immutable unordered collection of distinct values.",
};

/// The type of iterators over sets.
pub static SET_ITER: TypeDef = TypeDef {
    id: ids::SET_ITER,
    name: "set_iterator",
    base: ids::OBJECT,
    layout: ids::SET_ITER,
    kind: &Body::<SetIter>::KIND,
    flags: flag::NO_NEW | flag::IMMUTABLE,
    slots: Slots {
        iter: Some(iterator::itself),
        next: Some(iter_next),
        ..Slots::NONE
    },
    methods: &[
        method("__length_hint__", Native::M0(iter_hint)),
        method("__reduce__", Native::M0(iter_reduce)),
    ],
    getset: &[],
    doc: "",
};
