//! `staticmethod`: a function that is not bound to what it is found through.

use super::args::Args;
use super::define::{GetSet, TypeDef, flag, getter, member};
use super::dict::PyDict;
use super::names::names;
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::Slots;
use super::type_::PyType;
use super::{ids, protocol, str_};
use crate::error::PyResult;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The body of a `staticmethod` object.
pub struct PyStaticMethod {
    /// The function.
    pub function: Slot,
    /// Attributes: those taken over from the function, and others.
    dict: Slot,
}

// SAFETY: `trace` reports both slots.
unsafe impl Payload for PyStaticMethod {
    const ID: u32 = ids::STATICMETHOD;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "staticmethod";

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.dict.trace(tracer);
    }
}

/// `staticmethod(function)`.
pub fn of(ctx: &mut Ctx, function: Obj) -> PyResult {
    let body = PyStaticMethod {
        function: Slot::new(function),
        dict: Slot::empty(),
    };
    payload::new(ctx, body)
}

fn new(ctx: &mut Ctx, class: &Obj, _: Args<'_>) -> PyResult {
    let id = class.expect::<PyType>().id;
    let body = PyStaticMethod {
        function: Slot::new(Obj::NONE),
        dict: Slot::empty(),
    };
    payload::allocate(ctx, id, body)
}

fn init(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult<()> {
    args.check(ctx, "staticmethod", 1, 1)?;
    let body = x.expect::<PyStaticMethod>();
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
    let body = x.expect::<PyStaticMethod>();
    if let Some(attributes) = body.dict.get(ctx, &body.header) {
        return Ok(attributes);
    }
    let fresh = super::dict::new(ctx)?;
    body.dict.set(ctx, &body.header, Some(fresh.clone()));
    Ok(fresh)
}

/// The function.
pub fn function(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyStaticMethod>();
    Ok(body.function.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn get(ctx: &mut Ctx, x: &Obj, _: Option<&Obj>, _: &Obj) -> PyResult {
    function(ctx, x)
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let function = function(ctx, x)?;
    protocol::call_with(ctx, &function, args)
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let function = function(ctx, x)?;
    let text = protocol::repr_string(ctx, &function)?;
    str_::new(ctx, &format!("<staticmethod({text})>"))
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
        let body = x.expect::<PyStaticMethod>();
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

/// `staticmethod`.
pub static STATICMETHOD: TypeDef = TypeDef {
    id: ids::STATICMETHOD,
    name: "staticmethod",
    base: ids::OBJECT,
    layout: ids::STATICMETHOD,
    kind: &Body::<PyStaticMethod>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        getattr: Some(getattr),
        setattr: Some(setattr),
        descr_get: Some(get),
        call: Some(call),
        ..Slots::NONE
    },
    methods: &[],
    getset: GETSET,
    doc: "staticmethod(function): a method that is passed neither the instance nor the class.",
};
