//! `_tuplegetter`: the attribute of a class of tuples that is the item at an index.

use crate::error::{PyResult, raise};
use crate::module::support::id_of;
use crate::object::args::Args;
use crate::object::define::{GetSet, Native, TypeDef, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::type_of;
use crate::object::{ids, int, protocol, str_};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// The attribute for the item at an index.
pub struct TupleGetter {
    index: usize,
    doc: Slot,
}

// SAFETY: `trace` reports the docstring.
unsafe impl Payload for TupleGetter {
    const ID: u32 = ids::TUPLE_GETTER;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "_tuplegetter";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.doc.trace(tracer);
    }
    fn clear(&self, ctx: &mut Ctx) {
        // The collector has the only way to the object.
        drop(self.doc.replace_locked(ctx, None));
    }
}

/// `_tuplegetter(index, doc)`.
fn getter_new(ctx: &mut Ctx, class: &Obj, args: Args<'_>) -> PyResult {
    args.no_keywords(ctx, "_tuplegetter")?;
    args.check(ctx, "_tuplegetter", 2, 2)?;
    let index = protocol::index_i64(ctx, &args.pos[0], None)?;
    let body = TupleGetter {
        // A negative index is that of no item.
        index: usize::try_from(index).unwrap_or(usize::MAX),
        doc: Slot::new(args.pos[1].clone()),
    };
    payload::allocate(ctx, id_of(class), body)
}

fn getter_reduce(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let class = type_of(ctx, x).to_obj();
    let index = int::from_usize(ctx, x.expect::<TupleGetter>().index)?;
    let doc = getter_doc(ctx, x)?;
    let args = tuple::from_vec(ctx, vec![index, doc])?;
    tuple::from_vec(ctx, vec![class, args])
}

fn getter_get(ctx: &mut Ctx, x: &Obj, instance: Option<&Obj>, _: &Obj) -> PyResult {
    let Some(instance) = instance.filter(|instance| !instance.is_none()) else {
        return Ok(x.clone());
    };
    let index = x.expect::<TupleGetter>().index;
    let Some(tuple) = instance.downcast::<PyTuple>() else {
        let class = protocol::type_name(ctx, instance);
        return Err(raise!(
            ctx,
            TypeError,
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{class}' object"
        ));
    };
    match tuple.items().get(index) {
        Some(item) => Ok(item.clone()),
        None => Err(raise!(ctx, IndexError, "tuple index out of range")),
    }
}

fn getter_set(ctx: &mut Ctx, _: &Obj, _: &Obj, value: Option<&Obj>) -> PyResult<()> {
    Err(if value.is_some() {
        raise!(ctx, AttributeError, "can't set attribute")
    } else {
        raise!(ctx, AttributeError, "can't delete attribute")
    })
}

fn getter_repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let getter = x.expect::<TupleGetter>();
    let doc = getter.doc.get(ctx, &getter.header).unwrap_or(Obj::NONE);
    let doc = protocol::repr_string(ctx, &doc)?;
    str_::new(ctx, &format!("_tuplegetter({}, {doc})", getter.index))
}

fn getter_doc(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<TupleGetter>();
    Ok(body.doc.get(ctx, &body.header).unwrap_or(Obj::NONE))
}

fn set_doc(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let body = x.expect::<TupleGetter>();
    body.doc.set(ctx, &body.header, value.cloned());
    Ok(())
}

/// The type of the attributes.
pub static TUPLE_GETTER: TypeDef = TypeDef {
    id: ids::TUPLE_GETTER,
    name: "collections._tuplegetter",
    base: ids::OBJECT,
    layout: ids::TUPLE_GETTER,
    kind: &Body::<TupleGetter>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(getter_new),
        repr: Some(getter_repr),
        descr_get: Some(getter_get),
        descr_set: Some(getter_set),
        ..Slots::NONE
    },
    methods: &[method("__reduce__", Native::M0(getter_reduce))],
    getset: &[GetSet {
        name: "__doc__",
        get: getter_doc,
        set: Some(set_doc),
        member: false,
    }],
    doc: "",
};
