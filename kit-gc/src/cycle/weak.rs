//! Weak references to garbage, and garbage that refers weakly.

use super::{CycleCollector, candidates::Pass};
use kit_core::{
    backend::{collector::WeakPhase, events::REFERS_WEAKLY},
    object::{Bits, Header},
};

impl CycleCollector {
    /// Clears the weak references to garbage, and those in it. True: some are left.
    pub(super) fn clear_weak(
        &self,
        pass: &Pass<'_>,
        garbage: &[*mut Header],
        phase: WeakPhase,
    ) -> bool {
        // SAFETY: the list keeps the objects, and the world is stopped.
        let is_garbage = |object: *mut Header| unsafe { pass.word_of(object).is_some() };
        let mut left = false;
        for &object in garbage {
            // SAFETY: the list keeps it.
            let header = unsafe { &*object };
            if header.bits().contains(Bits::WEAKLY_REFERENCED)
                || pass.types.entry(header.type_id()).flags() & REFERS_WEAKLY != 0
            {
                // SAFETY: the world is stopped, and garbage is not taken apart before it starts.
                left |= unsafe { self.host.clear_weak(object, phase, &is_garbage) };
            }
        }
        left
    }
}
