//! `PickleBuffer`: says that the data of an object may travel beside its pickle.

use crate::error::{PyResult, raise};
use crate::module::support;
use crate::object::args::Args;
use crate::object::define::{Native, TypeDef, flag, method};
use crate::object::obj::Obj;
use crate::object::payload::{self, Body};
use crate::object::slot::Slot;
use crate::object::slots::Slots;
use crate::object::{ids, memoryview, protocol};
use kit_core::thread::Ctx;

/// The body of a `PickleBuffer`.
pub struct PickleBuffer {
    /// A view of the object's data; empty once it is released.
    view: Slot,
}

support::slot_payload!(PickleBuffer, ids::PICKLE_BUFFER, "PickleBuffer", view);

/// The view that a `PickleBuffer` has of its object.
pub fn view(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PickleBuffer>();
    match body.view.get(ctx, &body.header) {
        Some(view) => Ok(view),
        None => Err(raise!(
            ctx,
            ValueError,
            "operation forbidden on released PickleBuffer object"
        )),
    }
}

fn new(ctx: &mut Ctx, _: &Obj, args: Args<'_>) -> PyResult {
    support::exactly(ctx, &args, "PickleBuffer", 1)?;
    let view = memoryview::of(ctx, &args.pos[0])?;
    payload::new(
        ctx,
        PickleBuffer {
            view: Slot::new(view),
        },
    )
}

fn raw(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let view = view(ctx, x)?;
    memoryview::raw(ctx, &view)
}

fn release(ctx: &mut Ctx, x: &Obj) -> PyResult {
    let body = x.expect::<PickleBuffer>();
    if let Some(view) = body.view.replace(ctx, &body.header, None) {
        memoryview::release(ctx, &view)?;
    }
    Ok(Obj::NONE)
}

/// `_pickle.PickleBuffer`.
pub static PICKLE_BUFFER: TypeDef = TypeDef {
    id: ids::PICKLE_BUFFER,
    name: "pickle.PickleBuffer",
    base: ids::OBJECT,
    layout: ids::PICKLE_BUFFER,
    kind: &Body::<PickleBuffer>::KIND,
    flags: flag::WEAKREF | flag::IMMUTABLE,
    slots: Slots {
        new: Some(new),
        hash: Some(protocol::identity_hash),
        ..Slots::NONE
    },
    methods: &[
        method("raw", Native::M0(raw)),
        method("release", Native::M0(release)),
        method("__buffer__", Native::S1(memoryview::buffer_method)),
        method("__release_buffer__", Native::S1(memoryview::release_method)),
    ],
    getset: &[],
    doc: "Wrapper for potentially out-of-band buffers.",
};
