//! `weakref.WeakMethod`: a weak reference to a bound method, which lives as long as its object and its
//! function do.

use super::containers;
use crate::error::{PyResult, raise};
use crate::module::support::slot_payload;
use crate::object::args::Args;
use crate::object::bound_method;
use crate::object::define::TypeDef;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::{Comparison, Slots};
use crate::object::type_::PyType;
use crate::object::{define::flag, ids, protocol, weakref};
use kit_core::thread::Ctx;

/// The body: weak references to the object and to the function, and who is told when one of them dies.
pub struct PyWeakMethod {
    receiver: Slot,
    function: Slot,
    callback: Slot,
}

slot_payload!(
    PyWeakMethod,
    ids::WEAK_METHOD,
    "WeakMethod",
    receiver,
    function,
    callback
);

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
    let body = PyWeakMethod {
        receiver: Slot::empty(),
        function: Slot::empty(),
        callback: Slot::from_option(callback.cloned()),
    };
    let this = payload::allocate(ctx, class.expect::<PyType>().id, body)?;
    let parts = [(receiver, true), (function, false)];
    for (part, is_receiver) in parts {
        let watcher = containers::watcher(ctx, &this)?;
        let reference = weakref::create(ctx, ids::WEAKREF, &part, Some(watcher))?;
        let body = this.expect::<PyWeakMethod>();
        let slot = if is_receiver {
            &body.receiver
        } else {
            &body.function
        };
        drop(slot.replace(ctx, &body.header, Some(reference)));
    }
    Ok(this)
}

/// The object or the function of a weak method died: tells its callback, once.
pub(super) fn died(ctx: &mut Ctx, this: &Obj) -> PyResult<()> {
    let body = this.expect::<PyWeakMethod>();
    if let Some(callback) = body.callback.replace(ctx, &body.header, None) {
        protocol::call(ctx, &callback, std::slice::from_ref(this))?;
    }
    Ok(())
}

/// The object and the function, while both live.
fn upgrade(ctx: &mut Ctx, this: &Obj) -> Option<(Obj, Obj)> {
    let body = this.expect::<PyWeakMethod>();
    let receiver = body.receiver.get(ctx, &body.header)?;
    let function = body.function.get(ctx, &body.header)?;
    Some((
        weakref::upgrade(ctx, &receiver)?,
        weakref::upgrade(ctx, &function)?,
    ))
}

fn call(ctx: &mut Ctx, this: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "WeakMethod.__call__", 0, 0)?;
    match upgrade(ctx, this) {
        Some((receiver, function)) => bound_method::new(ctx, &function, &receiver),
        None => Ok(Obj::NONE),
    }
}

fn compare(ctx: &mut Ctx, this: &Obj, other: &Obj, op: Comparison) -> PyResult {
    if !matches!(op, Comparison::Eq | Comparison::Ne) || other.downcast::<PyWeakMethod>().is_none()
    {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    let same = match (upgrade(ctx, this), upgrade(ctx, other)) {
        (Some(a), Some(b)) => {
            protocol::equals(ctx, &a.0, &b.0)? && protocol::equals(ctx, &a.1, &b.1)?
        }
        _ => this.is(other),
    };
    Ok(Obj::bool(same == (op == Comparison::Eq)))
}

fn hash(ctx: &mut Ctx, this: &Obj) -> PyResult<i64> {
    let body = this.expect::<PyWeakMethod>();
    match body.function.get(ctx, &body.header) {
        Some(function) => protocol::hash(ctx, &function),
        None => Ok(0),
    }
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
