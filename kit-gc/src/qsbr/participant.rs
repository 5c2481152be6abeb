//! Slots: one per reader, in segments that never move.

use super::Qsbr;
use core::ptr::{self, NonNull};
use kit_core::{
    backend::grace_slot::{GraceClock, GraceSlot, OFFLINE},
    sync::atomic::Ordering::{Acquire, Relaxed, Release},
};

impl Qsbr {
    /// A free slot, offline, for one reader; `None` when there is no memory for another.
    pub fn reserve(&self) -> Option<&GraceSlot> {
        loop {
            for slot in self.slots.iter() {
                // Acquire, paired with `release`: our reports come after the last reader's OFFLINE, which would
                // hide us from the scan if it came later.
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
        // Release, paired with `reserve`: the reader's OFFLINE comes before the next one's reports.
        slot.taken.store(0, Release);
    }

    /// In the child of a fork: the other threads are gone, and their slots are free. The child keeps `mine`.
    ///
    /// # Safety
    ///
    /// - The calling thread is the only one, and uses no slot but `mine` from now on.
    pub unsafe fn after_fork(&self, mine: Option<&GraceSlot>) {
        for slot in self.slots.iter() {
            if !mine.is_some_and(|mine| ptr::eq(mine, slot)) {
                // Relaxed: there is nobody to order it for; threads to come see it from their start.
                slot.seq.store(OFFLINE, Relaxed);
                slot.taken.store(0, Relaxed);
            }
        }
    }

    /// A slot and the clock, as [`ThreadCore::new`](kit_core::thread::core::ThreadCore::new) wants them.
    /// Both are good until `self` is dropped or moved.
    pub fn reserve_raw(&self) -> Option<(NonNull<GraceClock>, NonNull<GraceSlot>)> {
        Some((NonNull::from(&self.clock), NonNull::from(self.reserve()?)))
    }
}
