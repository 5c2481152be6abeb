//! Tuples with named fields, as `sys.version_info` and `sys.flags` are.

use crate::error::PyResult;
use crate::object::define::{TypeDef, flag};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body, Payload};
use crate::object::slots::Slots;
use crate::object::str_::PyStr;
use crate::object::tuple::{self, PyTuple};
use crate::object::{attribute, ids, protocol, str_};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::Ctx;

/// What the instances of one kind have in common.
pub struct Fields {
    /// The name that is shown.
    pub name: &'static str,
    /// The names of the fields, in order.
    pub fields: &'static [&'static str],
}

/// The body of a tuple with named fields.
pub struct PyStructSeq {
    kind: &'static Fields,
    items: Obj,
}

// SAFETY: `trace` reports the tuple of the items.
unsafe impl Payload for PyStructSeq {
    const ID: u32 = ids::STRUCT_SEQ;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "structseq";
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(self.items.word());
    }
}

/// The type of all of them.
pub static STRUCT_SEQ: TypeDef = TypeDef {
    id: ids::STRUCT_SEQ,
    name: "structseq",
    base: ids::OBJECT,
    layout: ids::STRUCT_SEQ,
    kind: &Body::<PyStructSeq>::KIND,
    flags: flag::NO_NEW | flag::SEQUENCE,
    slots: Slots {
        repr: Some(repr),
        getattr: Some(getattr),
        len: Some(|ctx, x| protocol::len(ctx, items(x))),
        getitem: Some(|ctx, x, key| protocol::getitem(ctx, items(x), key)),
        iter: Some(|ctx, x| protocol::iter(ctx, items(x))),
        contains: Some(|ctx, x, value| protocol::contains(ctx, items(x), value)),
        hash: Some(|ctx, x| protocol::hash(ctx, items(x))),
        compare: Some(|ctx, x, y, op| {
            let other = y.downcast::<PyStructSeq>().map(|body| &body.payload.items);
            let other = other.unwrap_or(y);
            if other.downcast::<PyTuple>().is_none() {
                return Ok(Obj::NOT_IMPLEMENTED);
            }
            protocol::compare(ctx, items(x), other, op)
        }),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[],
    doc: "",
};

/// A tuple with these values for the fields of `kind`, in order.
pub fn new(ctx: &mut Ctx, kind: &'static Fields, values: Vec<Obj>) -> PyResult {
    let items = tuple::from_vec(ctx, values)?;
    payload::new(ctx, PyStructSeq { kind, items })
}

fn items(x: &Obj) -> &Obj {
    &x.expect::<PyStructSeq>().payload.items
}

fn getattr(ctx: &mut Ctx, x: &Obj, name: &Obj) -> PyResult {
    let body = x.expect::<PyStructSeq>();
    let text = name.expect::<PyStr>().as_str_lossy();
    let index = body.kind.fields.iter().position(|field| *field == text);
    let values = body.items.expect::<PyTuple>().items();
    match index.and_then(|index| values.get(index)) {
        Some(value) => Ok(value.clone()),
        None => attribute::generic_get(ctx, x, name),
    }
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PyStructSeq>();
    let mut text = format!("{}(", body.kind.name);
    let values = body.items.expect::<PyTuple>().items();
    for (index, (field, value)) in body.kind.fields.iter().zip(values).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text += field;
        text.push('=');
        text += &protocol::repr_string(ctx, value)?;
    }
    text.push(')');
    str_::new(ctx, &text)
}
