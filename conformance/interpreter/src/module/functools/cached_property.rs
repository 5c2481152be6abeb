//! `cached_property`: computed once, then an attribute of the instance.

use crate::error::{PyResult, raise};
use crate::module::support::{class_getitem, id_of, slot_payload};
use crate::object::args::{Args, Signature};
use crate::object::define::{Method, Native, TypeDef, flag, getter, method};
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::{ids, instance, protocol, str_};
use kit_core::thread::Ctx;

/// The body of a cached property.
pub struct CachedProperty {
    function: Slot,
    /// The name of the attribute, an interned string.
    name: Slot,
    doc: Slot,
}

slot_payload!(
    CachedProperty,
    ids::CACHED_PROPERTY,
    "cached_property",
    function,
    name,
    doc
);

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let body = CachedProperty {
        function: Slot::empty(),
        name: Slot::empty(),
        doc: Slot::empty(),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: Signature = Signature {
        name: "cached_property.__init__",
        params: &["func"],
        posonly: 0,
        positional: 1,
        required: 1,
    };
    let [function] = args.bind(ctx, &SIGNATURE)?;
    let Some(function) = function else {
        return Ok(());
    };
    let doc = names(ctx).doc.clone();
    let doc = protocol::find_attr(ctx, function, &doc)?;
    let body = x.expect::<CachedProperty>();
    body.function.set(ctx, &body.header, Some(function.clone()));
    body.doc.set(ctx, &body.header, doc);
    Ok(())
}

fn set_name(ctx: &mut Ctx, x: &Obj, args: &[Obj]) -> PyResult {
    let body = x.expect::<CachedProperty>();
    let name = str_::intern_obj(ctx, &args[1])?;
    match body.name.get(ctx, &body.header) {
        None => body.name.set(ctx, &body.header, Some(name)),
        Some(known) if known.is(&name) => {}
        Some(known) => {
            let known = protocol::repr_string(ctx, &known)?;
            let name = protocol::repr_string(ctx, &name)?;
            return Err(raise!(
                ctx,
                TypeError,
                "Cannot assign the same cached_property to two different names ({known} and {name})."
            ));
        }
    }
    Ok(Obj::NONE)
}

fn get(ctx: &mut Ctx, x: &Obj, receiver: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(receiver) = receiver.filter(|receiver| !receiver.is_none()) else {
        return Ok(x.clone());
    };
    let body = x.expect::<CachedProperty>();
    let Some(name) = body.name.get(ctx, &body.header) else {
        return Err(raise!(
            ctx,
            TypeError,
            "Cannot use cached_property instance without calling __set_name__ on it."
        ));
    };
    if !instance::has_dict(ctx, receiver) {
        let class = protocol::type_name(ctx, receiver);
        let name = protocol::repr_string(ctx, &name)?;
        return Err(raise!(
            ctx,
            TypeError,
            "No '__dict__' attribute on '{class}' instance to cache {name} property."
        ));
    }
    if let Some(value) = instance::get(ctx, receiver, &name) {
        return Ok(value);
    }
    let function = function(ctx, x)?;
    let value = protocol::call(ctx, &function, std::slice::from_ref(receiver))?;
    instance::set(ctx, receiver, &name, Some(value.clone()))?;
    Ok(value)
}

fn function(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<CachedProperty>();
    Ok(body.function.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn name(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<CachedProperty>();
    Ok(body.name.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<CachedProperty>();
    Ok(body.doc.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

static METHODS: &[Method] = &[
    method("__set_name__", Native::MN(2, 2, set_name)),
    method("__class_getitem__", Native::C(class_getitem)),
];

/// `functools.cached_property`.
pub static CACHED_PROPERTY: TypeDef = TypeDef {
    id: ids::CACHED_PROPERTY,
    name: "cached_property",
    base: ids::OBJECT,
    layout: ids::CACHED_PROPERTY,
    kind: &Body::<CachedProperty>::KIND,
    flags: flag::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        descr_get: Some(get),
        ..Slots::NONE
    },
    methods: METHODS,
    getset: &[
        getter("func", function),
        getter("attrname", name),
        getter("__doc__", doc),
    ],
    doc: "A property that is computed once per instance.",
};
