//! Finalizers: each runs once, while the world does.

use super::CycleCollector;
use kit_core::{
    backend::events::FINALIZES,
    object::{Bits, Header, TypeTable},
    thread::Ctx,
};

impl CycleCollector {
    /// Runs the finalizers that have not run before.
    pub(super) fn finalize(&self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        for &object in garbage {
            if wants_finalizer(&ctx.thread().services().types, object) {
                // SAFETY: the list's reference keeps the object.
                let before = unsafe { (*object).set_bits(Bits::FINALIZED) };
                if !before.contains(Bits::FINALIZED) {
                    // SAFETY: the list holds a reference to the object.
                    unsafe { self.host.finalize(ctx, object) };
                    ctx.drain();
                }
            }
        }
    }
}

/// Whether the object has a finalizer that has not run.
pub(super) fn wants_finalizer(types: &TypeTable, object: *mut Header) -> bool {
    // SAFETY: the collector's reference keeps the object.
    let header = unsafe { &*object };
    types.entry(header.type_id()).flags() & FINALIZES != 0
        && !header.bits().contains(Bits::FINALIZED)
}
