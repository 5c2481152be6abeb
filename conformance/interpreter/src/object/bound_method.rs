//! `method`: a function with its first argument.

use super::args::Args;
use super::attribute;
use super::define::{GetSet, Native, TypeDef, getter, member, method};
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slots::{Comparison, Slots};
use super::str_::{self, PyStr};
use super::{ids, protocol};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::{Ctx, Thread};

/// The body of a bound method.
pub struct PyBoundMethod {
    /// The function.
    pub function: Obj,
    /// Its first argument.
    pub receiver: Obj,
}

// SAFETY: `trace` reports both references.
unsafe impl Payload for PyBoundMethod {
    const ID: u32 = ids::BOUND_METHOD;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "method";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(payload::only_references);

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.function.word());
        tracer.word(self.receiver.word());
    }
}

/// `function` bound to `receiver`.
#[inline]
pub fn new(ctx: &mut Ctx, function: &Obj, receiver: &Obj) -> PyResult {
    let body = PyBoundMethod {
        function: function.clone(),
        receiver: receiver.clone(),
    };
    payload::new(ctx, body)
}

fn make(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "method", 2, 2)?;
    if !protocol::is_callable(ctx, &args.pos[0]) {
        return Err(raise!(ctx, TypeError, "first argument must be callable"));
    }
    if args.pos[1].is_none() {
        return Err(raise!(ctx, TypeError, "instance must not be None"));
    }
    new(ctx, &args.pos[0], &args.pos[1])
}

/// How many arguments are passed on without a heap allocation.
const FEW: usize = 8;

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let method = x.expect::<PyBoundMethod>();
    let mut all = smallvec::SmallVec::<[Obj; FEW]>::with_capacity(args.pos.len() + 1);
    all.push(method.receiver.clone());
    all.extend(args.pos.iter().cloned());
    protocol::call_with(ctx, &method.function, Args { pos: &all, ..args })
}

fn get(_: &mut Ctx, x: &Obj, _: Option<&Obj>, _: &Obj) -> PyResult {
    // Bound already.
    Ok(x.clone())
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let method = x.expect::<PyBoundMethod>();
    let all = names(ctx);
    let mut name = protocol::find_attr(ctx, &method.function, &all.qualname)?;
    if name.is_none() {
        name = protocol::find_attr(ctx, &method.function, &all.name)?;
    }
    let name = match name.as_ref().and_then(|n| n.downcast::<PyStr>()) {
        Some(name) => name.as_str_lossy().into_owned(),
        None => "?".to_owned(),
    };
    let receiver = protocol::repr_string(ctx, &method.receiver)?;
    str_::new(ctx, &format!("<bound method {name} of {receiver}>"))
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    let a = a.expect::<PyBoundMethod>();
    let (Some(b), Comparison::Eq | Comparison::Ne) = (b.downcast::<PyBoundMethod>(), op) else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let equal = a.receiver.is(&b.receiver) && protocol::equals(ctx, &a.function, &b.function)?;
    Ok(Obj::bool(equal == (op == Comparison::Eq)))
}

fn hash(ctx: &mut Ctx, x: &Obj) -> PyResult<i64> {
    let method = x.expect::<PyBoundMethod>();
    let hash =
        protocol::identity_hash(ctx, &method.receiver)? ^ protocol::hash(ctx, &method.function)?;
    Ok(if hash == -1 { -2 } else { hash })
}

fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    match attribute::generic_find(ctx, x, name)? {
        Some(value) => Ok(value),
        // Everything else is the function's.
        None => protocol::getattr(ctx, &x.expect::<PyBoundMethod>().function, name),
    }
}

fn function(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PyBoundMethod>().function.clone())
}

fn receiver(_: &mut Ctx, x: &Obj) -> PyResult {
    Ok(x.expect::<PyBoundMethod>().receiver.clone())
}

fn doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let name = &names(ctx).doc;
    let found = protocol::find_attr(ctx, &x.expect::<PyBoundMethod>().function, name)?;
    Ok(found.unwrap_or(Obj::NONE))
}

/// The receiver, and the name of the function, by which it has the method.
fn reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let bound = x.expect::<PyBoundMethod>();
    let name = protocol::getattr(ctx, &bound.function, &names(ctx).name)?;
    let name = protocol::str_string(ctx, &name)?;
    super::reduce::attribute_of(ctx, &bound.receiver, &name)
}

static GETSET: &[GetSet] = &[
    member("__func__", function),
    member("__self__", receiver),
    getter("__doc__", doc),
];

/// `method`.
pub static BOUND_METHOD: TypeDef = TypeDef {
    id: ids::BOUND_METHOD,
    name: "method",
    base: ids::OBJECT,
    layout: ids::BOUND_METHOD,
    kind: &Body::<PyBoundMethod>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(make),
        call: Some(call),
        repr: Some(repr),
        compare: Some(compare),
        hash: Some(hash),
        getattr: Some(getattr),
        descr_get: Some(get),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(reduce))],
    getset: GETSET,
    doc: "A function with its first argument.",
};
