//! `classmethod`: a function that is called with the class it is found through.

use super::define::{Native, TypeDef, flag, method};
use super::obj::Obj;
use super::payload::Body;
use super::slots::Slots;
use super::type_::type_of;
use super::wrapped::{Decorator, Wrapped};
use super::{bound_method, ids};
use crate::error::PyResult;
use kit_core::thread::Ctx;

/// The decorator `classmethod`.
pub enum ClassMethod {}

impl Decorator for ClassMethod {
    const ID: u32 = ids::CLASSMETHOD;
    const NAME: &'static str = "classmethod";
}

/// The body of a `classmethod` object.
pub type PyClassMethod = Wrapped<ClassMethod>;

fn get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, owner: &Obj) -> PyResult {
    let class = match instance {
        Some(instance) if owner.is_none() => type_of(ctx, instance).to_obj(),
        _ => owner.clone(),
    };
    let function = PyClassMethod::function(ctx, x)?;
    bound_method::new(ctx, &function, &class)
}

/// `classmethod`.
pub static CLASSMETHOD: TypeDef = TypeDef {
    id: ids::CLASSMETHOD,
    name: "classmethod",
    base: ids::OBJECT,
    layout: ids::CLASSMETHOD,
    kind: &Body::<PyClassMethod>::KIND,
    flags: flag::BASE | flag::DICT,
    slots: Slots {
        descr_get: Some(get),
        ..PyClassMethod::SLOTS
    },
    methods: &[method(
        "__class_getitem__",
        Native::C1(super::generic_alias::class_getitem),
    )],
    getset: PyClassMethod::GETSET,
    doc: "classmethod(function, /)\n--\n\nA method that is passed the class instead of the instance.",
};
