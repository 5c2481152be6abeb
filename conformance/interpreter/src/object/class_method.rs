//! `classmethod`: a function that is called with the class it is found through.

use super::args::Args;
use super::define::{GetSet, TypeDef, flag, getter, member};
use super::dict::PyDict;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::type_::{PyType, type_of};
use super::{ids, protocol, str_};
use crate::error::PyResult;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a `classmethod` object.
pub struct PyClassMethod {
    /// The function.
    pub function: Slot,
    /// Attributes: those taken over from the function, and others.
    dict: Slot,
}

// SAFETY: `trace` reports both slots.
unsafe impl Payload for PyClassMethod {
    const ID: u32 = ids::CLASSMETHOD;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "classmethod";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.dict.trace(tracer);
    }
}

/// `classmethod(function)`.
pub fn of(ctx: &mut Ctx, function: Obj) -> PyResult {
    let body = PyClassMethod {
        function: Slot::new(function),
        dict: Slot::empty(),
    };
    payload::new(ctx, body)
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PyClassMethod {
        function: Slot::new(Obj::NONE),
        dict: Slot::empty(),
    };
    payload::allocate(ctx, id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    args.check(ctx, "classmethod", 1, 1)?;
    let body = x.expect::<PyClassMethod>();
    body.function
        .set(ctx, &body.header, Some(args.pos[0].clone()));
    wrap_attributes(ctx, x, &args.pos[0])
}

/// Takes over the attributes that describe the function.
fn wrap_attributes(ctx: &mut Ctx, x: &Obj, function: &Obj) -> PyResult<()> {
    let all = names(ctx);
    for name in [&all.module, &all.name, &all.qualname, &all.doc] {
        if let Some(value) = protocol::find_attr(ctx, function, name)? {
            let attributes = attributes(ctx, x)?;
            attributes.expect::<PyDict>().set_name(ctx, name, value)?;
        }
    }
    Ok(())
}

/// The `__dict__`.
fn attributes(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyClassMethod>();
    if let Some(attributes) = body.dict.get(ctx, &body.header) {
        return Ok(attributes);
    }
    let fresh = super::dict::new(ctx)?;
    body.dict.set(ctx, &body.header, Some(fresh.clone()));
    Ok(fresh)
}

/// The function.
pub fn function(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyClassMethod>();
    Ok(body.function.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, owner: &Obj) -> PyResult {
    let class = match instance {
        Some(instance) if owner.is_none() => type_of(ctx, instance).to_obj(),
        _ => owner.clone(),
    };
    let function = function(ctx, x)?;
    super::bound_method::new(ctx, &function, &class)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = function(ctx, x)?;
    let text = protocol::repr_string(ctx, &function)?;
    str_::new(ctx, &format!("<classmethod({text})>"))
}

fn is_abstract(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = function(ctx, x)?;
    let name = str_::intern(ctx, "__isabstractmethod__");
    match protocol::find_attr(ctx, &function, &name)? {
        Some(value) => protocol::truth(ctx, &value).map(Obj::bool),
        None => Ok(Obj::FALSE),
    }
}

fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    super::own_dict::getattr(ctx, x, name, |ctx, x| {
        let body = x.expect::<PyClassMethod>();
        body.dict.get(ctx, &body.header)
    })
}

fn setattr(ctx: &mut Ctx, x: &Obj, name: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let attributes = attributes(ctx, x)?;
    super::own_dict::setattr(ctx, x, name, value, &attributes)
}

static GETSET: &[GetSet] = &[
    member("__func__", function),
    member("__wrapped__", function),
    getter("__isabstractmethod__", is_abstract),
    getter("__dict__", attributes),
];

/// `classmethod`.
pub static CLASSMETHOD: TypeDef = TypeDef {
    id: ids::CLASSMETHOD,
    name: "classmethod",
    base: ids::OBJECT,
    layout: ids::CLASSMETHOD,
    kind: &Body::<PyClassMethod>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        getattr: Some(getattr),
        setattr: Some(setattr),
        descr_get: Some(get),

        ..Slots::NONE
    },
    methods: &[],
    getset: GETSET,
    doc: "classmethod(function): a method that is passed the class instead of the instance.",
};
