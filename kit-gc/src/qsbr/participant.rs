//! Slots: one per reader, in segments that never move.

use super::Qsbr;
use core::ptr::NonNull;
use kit_core::{
    backend::grace_slot::{GraceClock, GraceSlot},
    sync::atomic::Ordering::{Acquire, Relaxed, Release},
};

impl Qsbr {
    /// A free slot, offline, for one reader; `None` when there is no memory for another.
    pub fn reserve(&self) -> Option<&GraceSlot> {
        loop {
            for slot in self.slots.iter() {
                // Acquire, paired with `release`: the last reader has left the slot.
                let free = slot.taken.load(Relaxed) == 0
                    && slot.taken.compare_exchange(0, 1, Acquire, Relaxed).is_ok();
                if free {
                    return Some(slot);
                }
            }
            if !self.slots.grow() {
                return None;
            }
        }
    }

    /// Gives a slot back.
    ///
    /// # Safety
    ///
    /// - `slot` was reserved here, its reader is offline, and nobody uses it from now on.
    pub unsafe fn release(&self, slot: &GraceSlot) {
        assert!(!slot.is_online(), "a reader left its slot online");
        // Release, paired with `reserve`.
        slot.taken.store(0, Release);
    }

    /// A slot and the clock, as [`ThreadCore::new`](kit_core::thread::core::ThreadCore::new) wants them.
    /// Both are good until `self` is dropped or moved.
    pub fn reserve_raw(&self) -> Option<(NonNull<GraceClock>, NonNull<GraceSlot>)> {
        Some((NonNull::from(&self.clock), NonNull::from(self.reserve()?)))
    }
}
