//! `cell`: a variable that functions share.

use super::args::Args;
use super::define::{GetSet, TypeDef};
use super::obj::Obj;
use super::payload::{self, Body, Payload};
use super::slot::Slot;
use super::slots::{Comparison, Slots};
use super::{ids, protocol, str_};
use crate::error::{PyResult, raise};
use kit_core::backend::heap::HeapKind;
use kit_core::object::Tracer;
use kit_core::thread::{Ctx, Thread};

/// The body of a cell.
pub struct PyCell {
    /// The variable's value; empty while it is unbound.
    pub value: Slot,
}

// SAFETY: `trace` reports the value.
unsafe impl Payload for PyCell {
    const ID: u32 = ids::CELL;
    const HEAP: HeapKind = HeapKind::Collected;
    const NAME: &'static str = "cell";
    const DISCARD: Option<fn(&mut Self, &Thread)> = Some(payload::only_references);

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.value.trace(tracer);
    }

    fn clear(&self, ctx: &mut Ctx) {
        // Only the collector has a way to the cell.
        drop(self.value.replace_locked(ctx, None));
    }
}

/// A cell.
#[inline]
pub fn new(ctx: &mut Ctx, value: Option<Obj>) -> PyResult {
    let value = Slot::from_option(value);
    payload::new(ctx, PyCell { value })
}

/// The value of a cell, if it has one.
#[inline]
pub fn get(ctx: &Ctx, cell: &Obj) -> Option<Obj> {
    let cell = cell.expect::<PyCell>();
    cell.value.get(ctx, &cell.header)
}

fn make(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    args.check(ctx, "cell", 0, 1)?;
    new(ctx, args.pos.first().cloned())
}

fn repr(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let address = protocol::address(x);
    let text = match get(ctx, x) {
        None => format!("<cell at {address:#x}: empty>"),
        Some(value) => {
            let class = protocol::type_name(ctx, &value);
            let at = protocol::address(&value);
            format!("<cell at {address:#x}: {class} object at {at:#x}>")
        }
    };
    str_::new(ctx, &text)
}

fn compare(ctx: &mut Ctx, a: &Obj, b: &Obj, op: Comparison) -> PyResult {
    if b.downcast::<PyCell>().is_none() {
        return Ok(Obj::NOT_IMPLEMENTED);
    }
    match (get(ctx, a), get(ctx, b)) {
        (Some(x), Some(y)) => protocol::compare(ctx, &x, &y, op),
        (x, y) => {
            // An empty cell comes before all others.
            let ordering = x.is_some().cmp(&y.is_some());
            Ok(Obj::bool(op.holds(ordering)))
        }
    }
}

fn contents(ctx: &mut Ctx, x: &Obj) -> PyResult {
    match get(ctx, x) {
        Some(value) => Ok(value),
        None => Err(raise!(ctx, ValueError, "Cell is empty")),
    }
}

fn set_contents(ctx: &mut Ctx, x: &Obj, value: Option<&Obj>) -> PyResult<()> {
    let cell = x.expect::<PyCell>();
    cell.value.set(ctx, &cell.header, value.cloned());
    Ok(())
}

/// `cell`.
pub static CELL: TypeDef = TypeDef {
    id: ids::CELL,
    name: "cell",
    base: ids::OBJECT,
    layout: ids::CELL,
    kind: &Body::<PyCell>::KIND,
    flags: 0,
    slots: Slots {
        new: Some(make),
        repr: Some(repr),
        compare: Some(compare),
        hash: Some(protocol::unhashable),
        ..Slots::NONE
    },
    methods: &[],
    getset: &[GetSet {
        name: "cell_contents",
        get: contents,
        set: Some(set_contents),
        member: false,
    }],
    doc: "A variable that functions share.",
};
