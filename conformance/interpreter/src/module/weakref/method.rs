//! `weakref.WeakMethod`: a weak reference to a bound method, which lives as long as its object and its
//! function do.

use crate::error::{PyResult, raise};
use crate::object::args::Args;
use crate::object::bound_method;
use crate::object::define::TypeDef;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::PyType;
use crate::object::{define::flag, ids, protocol, weakref};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body: weak references to the object and to the function.
pub struct PyWeakMethod {
    receiver: Obj,
    function: Obj,
}

// SAFETY: `trace` reports both references.
unsafe impl Payload for PyWeakMethod {
    const ID: u32 = ids::WEAK_METHOD;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "WeakMethod";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.receiver.word());
        tracer.word(self.function.word());
    }
}

fn new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "WeakMethod", 1, 2)?;
    let (self_, func) = (&names(ctx).self_, &names(ctx).func);
    let receiver = protocol::find_attr(ctx, &args.pos[0], self_)?;
    let function = protocol::find_attr(ctx, &args.pos[0], func)?;
    let (Some(receiver), Some(function)) = (receiver, function) else {
        let class = crate::object::type_::type_of(ctx, &args.pos[0]).to_obj();
        let class = protocol::repr_string(ctx, &class)?;
        return Err(raise!(
            ctx,
            TypeError,
            "argument should be a bound method, not {class}"
        ));
    };
    let callback = args.pos.get(1).filter(|callback| !callback.is_none());
    let receiver = weakref::create(ctx, ids::WEAKREF, &receiver, callback.cloned())?;
    let function = weakref::create(ctx, ids::WEAKREF, &function, None)?;
    let body = PyWeakMethod { receiver, function };
    payload::allocate(ctx, class.expect::<PyType>().id, body)
}

fn call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "WeakMethod.__call__", 0, 0)?;
    let body = this.expect::<PyWeakMethod>();
    let receiver = weakref::upgrade(ctx, &body.receiver);
    let function = weakref::upgrade(ctx, &body.function);
    match (receiver, function) {
        (Some(receiver), Some(function)) => bound_method::new(ctx, &function, &receiver),
        _ => Ok(Obj::NONE),
    }
}

fn compare(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Comparison) -> PyResult {
    let Some(b) = other.downcast::<PyWeakMethod>() else {
        return Ok(Obj::NOT_IMPLEMENTED);
    };
    let a = this.expect::<PyWeakMethod>();
    let same = protocol::equals(ctx, &a.receiver, &b.receiver)?
        && protocol::equals(ctx, &a.function, &b.function)?;
    match op {
        Comparison::Eq => Ok(Obj::bool(same)),
        Comparison::Ne => Ok(Obj::bool(!same)),
        _ => Ok(Obj::NOT_IMPLEMENTED),
    }
}

fn hash(ctx: &mut Ctx, this: &Obj) -> PyResult<i64> {
    protocol::hash(ctx, &this.expect::<PyWeakMethod>().function)
}

/// `weakref.WeakMethod`.
pub static WEAK_METHOD: TypeDef = TypeDef {
    id: ids::WEAK_METHOD,
    name: "WeakMethod",
    base: ids::OBJECT,
    layout: ids::WEAK_METHOD,
    kind: &Body::<PyWeakMethod>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        call: Some(call),
        compare: Some(compare),
        hash: Some(hash),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "A weak reference to a bound method.",
};
