//! `super`: attribute lookup that starts behind a class in the resolution order.

use super::args::Args;
use super::attribute;
use super::define::{GetSet, TypeDef, flag, member};
use super::dict::PyDict;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::str_;
use super::tuple::PyTuple;
use super::type_::{PyType, type_id_of, type_of};
use super::{ids, protocol};
use crate::error::{PyResult, raise};
use crate::prelude::*;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a `super` object.
pub struct PySuper {
    /// The class behind which lookup starts.
    class: Slot,
    /// The instance or class that attributes are bound to; empty when unbound.
    object: Slot,
    /// The class whose resolution order is followed.
    object_class: Slot,
}

// SAFETY: `trace` reports the three slots.
unsafe impl Payload for PySuper {
    const ID: u32 = ids::SUPER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "super";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.class.trace(tracer);
        self.object.trace(tracer);
        self.object_class.trace(tracer);
    }
}

/// The class whose order `super(class, object)` follows.
fn start_class(ctx: &mut Ctx, class: &Obj, object: &Obj) -> PyResult {
    let body = class.expect::<PyType>();
    if let Some(given) = object.downcast::<PyType>()
        && given.is_subtype(ctx, body)
    {
        return Ok(object.clone());
    }
    let own = type_of(ctx, object);
    if own.is_subtype(ctx, body) {
        return Ok(own.to_obj());
    }
    let claimed = protocol::find_attr(ctx, object, &names(ctx).class)?;
    if let Some(claimed) = claimed
        && claimed
            .downcast::<PyType>()
            .is_some_and(|c| c.is_subtype(ctx, body))
    {
        return Ok(claimed);
    }
    let what = match object.downcast::<PyType>() {
        Some(given) => format!("type {}", protocol::class_name(ctx, given)),
        None => format!("instance of {}", protocol::type_name(ctx, object)),
    };
    let class = protocol::class_name(ctx, body);
    Err(raise!(
        ctx,
        TypeError,
        "super(type, obj): obj ({what}) is not an instance or subtype of type ({class})."
    ))
}

/// `super(class, object)`.
pub fn bind(ctx: &mut Ctx, class: &Obj, object: &Obj) -> PyResult {
    if object.is_none() {
        // As without an object: it stands for none of them.
        let unbound = PySuper {
            class: Slot::new(class.clone()),
            object: Slot::empty(),
            object_class: Slot::empty(),
        };
        return payload::new(ctx, unbound);
    }
    let object_class = start_class(ctx, class, object)?;
    let body = PySuper {
        class: Slot::new(class.clone()),
        object: Slot::new(object.clone()),
        object_class: Slot::new(object_class),
    };
    payload::new(ctx, body)
}

/// The value of `name` behind `class` in the order of `object_class`.
fn behind(ctx: &Ctx, class: &Obj, object_class: &Body<PyType>, name: &Obj) -> Option<Obj> {
    let order = object_class.mro.get(ctx, &object_class.header)?;
    let items = order.expect::<PyTuple>().items();
    let at = items.iter().position(|c| c.is(class))?;
    items[at + 1..]
        .iter()
        .filter_map(|c| c.downcast::<PyType>())
        .find_map(|c| c.dict.expect::<PyDict>().get_name(ctx, name))
}

/// The method `name` that `super(class, object)` leads to, not bound yet; `None` where there is more to it: `object` is
/// a class, or stands in for an instance, or the name is not a plain function's.
pub fn method_behind(ctx: &Ctx, class: &Obj, object: &Obj, name: &Obj) -> Option<Obj> {
    let own = type_of(ctx, object);
    if object.downcast::<PyType>().is_some() || !own.is_subtype(ctx, class.expect::<PyType>()) {
        return None;
    }
    let found = behind(ctx, class, own, name)?;
    (type_id_of(&found) == ids::FUNCTION).then_some(found)
}

/// What `name` means behind `class` in the order of `object_class`, bound to `object`.
fn find_behind(
    ctx: &mut Ctx,
    class: &Obj,
    object: &Obj,
    object_class: &Obj,
    name: &Obj,
) -> PyResult<Option<Obj>> {
    let Some(found) = behind(ctx, class, object_class.expect::<PyType>(), name) else {
        return Ok(None);
    };
    match type_of(ctx, &found).slots(ctx).descr_get {
        Some(get) => {
            let instance = (!object.is(object_class)).then_some(object);
            get(ctx, &found, instance, object_class).map(Some)
        }
        None => Ok(Some(found)),
    }
}

/// `super(class, object).name`, without the `super` object.
pub fn find(ctx: &mut Ctx, class: &Obj, object: &Obj, name: &Obj) -> PyResult {
    if !object.is_none() {
        let object_class = start_class(ctx, class, object)?;
        if !name.is(&names(ctx).class)
            && let Some(found) = find_behind(ctx, class, object, &object_class, name)?
        {
            return Ok(found);
        }
    }
    let whole = bind(ctx, class, object)?;
    protocol::getattr(ctx, &whole, name)
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PySuper {
        class: Slot::empty(),
        object: Slot::empty(),
        object_class: Slot::empty(),
    };
    payload::allocate(ctx, id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(ctx, "super")?;
    if args.pos.len() > 2 {
        return Err(raise!(
            ctx,
            TypeError,
            "super() expected at most 2 arguments, got {}",
            args.pos.len()
        ));
    }
    let (class, object) = match args.pos {
        [] => {
            let (class, object) = crate::vm::exec::zero_arg_super(ctx)?;
            (class, Some(object))
        }
        [class, rest @ ..] => (class.clone(), rest.first().cloned()),
    };
    if class.downcast::<PyType>().is_none() {
        let given = protocol::type_name(ctx, &class);
        return Err(raise!(
            ctx,
            TypeError,
            "super() argument 1 must be a type, not {given}"
        ));
    }
    let object = object.filter(|o| !o.is_none());
    let object_class = match &object {
        Some(object) => Some(start_class(ctx, &class, object)?),
        None => None,
    };
    let body = x.expect::<PySuper>();
    body.class.set(ctx, &body.header, Some(class));
    body.object.set(ctx, &body.header, object);
    body.object_class.set(ctx, &body.header, object_class);
    Ok(())
}

fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    let body = x.expect::<PySuper>();
    if !name.is(&names(ctx).class)
        && let Some(class) = body.class.get(ctx, &body.header)
        && let Some(object) = body.object.get(ctx, &body.header)
        && let Some(object_class) = body.object_class.get(ctx, &body.header)
        && let Some(found) = find_behind(ctx, &class, &object, &object_class, name)?
    {
        return Ok(found);
    }
    attribute::generic_get(ctx, x, name)
}

fn get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let body = x.expect::<PySuper>();
    let (Some(instance), true) = (instance, body.object.peek().is_null()) else {
        return Ok(x.clone());
    };
    let Some(class) = body.class.get(ctx, &body.header) else {
        return Ok(x.clone());
    };
    let own = type_of(ctx, x).to_obj();
    if own.expect::<PyType>().id == ids::SUPER {
        return bind(ctx, &class, instance);
    }
    protocol::call(ctx, &own, &[class, instance.clone()])
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PySuper>();
    let class = match body.class.get(ctx, &body.header) {
        Some(class) => protocol::class_name(ctx, class.expect::<PyType>()),
        None => "NULL".to_owned(),
    };
    let object = match body.object_class.get(ctx, &body.header) {
        Some(class) => {
            let name = protocol::class_name(ctx, class.expect::<PyType>());
            format!("<{name} object>")
        }
        None => "NULL".to_owned(),
    };
    str_::new(ctx, &format!("<super: <class '{class}'>, {object}>"))
}

fn this_class(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PySuper>();
    Ok(body.class.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn this_object(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PySuper>();
    Ok(body.object.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn this_object_class(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PySuper>();
    let found = body.object_class.get(ctx, &body.header);
    Ok(found.unwrap_or(Obj::NONE))
}

static GETSET: &[GetSet] = &[
    member("__thisclass__", this_class),
    member("__self__", this_object),
    member("__self_class__", this_object_class),
];

/// `super`.
pub static SUPER: TypeDef = TypeDef {
    id: ids::SUPER,
    name: "super",
    base: ids::OBJECT,
    layout: ids::SUPER,
    kind: &Body::<PySuper>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        getattr: Some(getattr),
        descr_get: Some(get),
        ..Slots::NONE
    },
    methods: &[],
    getset: GETSET,
    doc: "super(), super(type, object): attributes that come after a class in the resolution order.",
};
