//! `staticmethod`: a function that is not bound to what it is found through.

use super::args::Args;
use super::define::{Native, TypeDef, flag, method};
use super::obj::Obj;
use super::payload::Body;
use super::slots::Slots;
use super::wrapped::{Decorator, Wrapped};
use super::{ids, protocol};
use crate::error::PyResult;
use kit_core::thread::Ctx;

/// The decorator `staticmethod`.
pub enum StaticMethod {}

impl Decorator for StaticMethod {
    const ID: u32 = ids::STATICMETHOD;
    const NAME: &'static str = "staticmethod";
}

/// The body of a `staticmethod` object.
pub type PyStaticMethod = Wrapped<StaticMethod>;

fn get(ctx: &mut Ctx, x: &Obj, _: Option<&Obj>, _: &Obj) -> PyResult {
    PyStaticMethod::function(ctx, x)
}

fn call(ctx: &mut Ctx, x: &Obj, args: Args<'_>) -> PyResult {
    let function = PyStaticMethod::function(ctx, x)?;
    protocol::call_with(ctx, &function, args)
}

/// `staticmethod`.
pub static STATICMETHOD: TypeDef = TypeDef {
    id: ids::STATICMETHOD,
    name: "staticmethod",
    base: ids::OBJECT,
    layout: ids::STATICMETHOD,
    kind: &Body::<PyStaticMethod>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        descr_get: Some(get),
        call: Some(call),
        ..PyStaticMethod::SLOTS
    },
    methods: &[method(
        "__class_getitem__",
        Native::C1(super::generic_alias::class_getitem),
    )],
    getset: PyStaticMethod::GETSET,
    doc: "staticmethod(function, /)\n--\n\nA method that is passed neither the instance nor the class.",
};
