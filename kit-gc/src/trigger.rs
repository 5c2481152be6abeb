//! When a collection is due: after enough new objects, and enough in proportion to the old ones.
//!
//! Collecting only when a quarter of the heap is new keeps the total work within five visits per object
//! ever allocated, however large the heap grows.

use core::cell::Cell;
use kit_core::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed};

/// The counters of one runtime. They steer, and order nothing: all accesses are relaxed.
#[derive(Debug)]
pub struct Trigger {
    enabled: AtomicBool,
    /// New objects since the last collection; 0 turns automatic collections off.
    threshold: AtomicUsize,
    /// Objects that survived the last collection.
    live: AtomicUsize,
    /// Objects allocated, less objects freed, since the last collection, as far as threads have said.
    young: AtomicIsize,
}

impl Default for Trigger {
    fn default() -> Self {
        Self {
            enabled: AtomicBool::new(true),
            threshold: AtomicUsize::new(2000),
            live: AtomicUsize::new(0),
            young: AtomicIsize::new(0),
        }
    }
}

impl Trigger {
    /// Takes over what a thread counted, if that is much (or in any case, with `all`: for a thread that
    /// exits). True: a collection is due.
    #[inline]
    pub fn count(&self, allocated: &Cell<i32>, all: bool) -> bool {
        let seen = allocated.get();
        if !all && seen.unsigned_abs() < FLUSH {
            return false;
        }
        allocated.set(0);
        self.count_slow(seen)
    }

    #[cold]
    fn count_slow(&self, allocated: i32) -> bool {
        // More may be freed than was allocated since the last collection: old objects. They do not make the
        // next collection later.
        let add = |young: isize| Some((young + allocated as isize).max(0));
        let _ = self.young.fetch_update(Relaxed, Relaxed, add);
        self.is_due()
    }

    /// Whether a collection is due.
    pub fn is_due(&self) -> bool {
        let (young, threshold) = (self.young(), self.threshold.load(Relaxed));
        self.enabled.load(Relaxed)
            && threshold != 0
            && young > threshold
            && young >= self.live.load(Relaxed) / 4
    }

    /// New objects since the last collection, about.
    pub fn young(&self) -> usize {
        self.young.load(Relaxed).max(0) as usize
    }

    /// Objects that survived the last collection.
    pub fn live(&self) -> usize {
        self.live.load(Relaxed)
    }

    /// The threshold for new objects.
    pub fn threshold(&self) -> usize {
        self.threshold.load(Relaxed)
    }

    /// Sets the threshold; 0 turns automatic collections off.
    pub fn set_threshold(&self, objects: usize) {
        self.threshold.store(objects, Relaxed);
    }

    /// Whether collections come by themselves.
    pub fn is_enabled(&self) -> bool {
        self.enabled.load(Relaxed)
    }

    /// Turns automatic collections on or off.
    pub fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Relaxed);
    }

    pub(crate) fn reset(&self, live: usize) {
        self.young.store(0, Relaxed);
        self.live.store(live, Relaxed);
    }
}

/// A thread keeps its count to itself up to here.
const FLUSH: u32 = 512;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_large_heap_is_collected_in_proportion() {
        let (trigger, cell) = (Trigger::default(), Cell::new(511));
        assert!(!trigger.count(&cell, false));
        assert_eq!(cell.get(), 511);
        cell.set(2001);
        assert!(trigger.count(&cell, false));
        assert_eq!(cell.get(), 0);
        trigger.reset(100_000);
        cell.set(24_999);
        assert!(!trigger.count(&cell, false));
        cell.set(-600);
        assert!(!trigger.count(&cell, false));
        cell.set(601);
        assert!(trigger.count(&cell, false));
        trigger.set_enabled(false);
        assert!(!trigger.is_due());
    }

    #[test]
    fn freeing_old_objects_does_not_postpone_the_next_collection() {
        let (trigger, cell) = (Trigger::default(), Cell::new(-1_000_000));
        assert!(!trigger.count(&cell, false));
        assert_eq!(trigger.young(), 0);
    }
}
