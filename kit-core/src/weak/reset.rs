//! Taking back that an object may be referred to weakly.
//!
//! A weak reference makes its referent WEAK, so that other threads can upgrade it; and a WEAK object is never
//! [unique](Header::is_unique), because another thread might be about to. When the last weak reference to it has gone,
//! this is over.

use crate::object::{Bits, Header};
use crate::refcount::biased::{BIASED, WEAK};
use crate::sync::atomic::Ordering::Relaxed;

impl Header {
    /// Ends that the object is known to others by weak references: WEAK without foreign references becomes BIASED
    /// again. Whatever else makes references out of an address (a reader of a shared container) fails on the object
    /// now, and publishes it anew under its lock.
    ///
    /// # Safety
    /// - The caller holds the lock of the object's stripe, its list is empty, and the object has not yet been through
    ///   the clearing of its weak references: so it is not freed.
    pub(super) unsafe fn end_weak(&self) {
        // Only WEAK without a count: a foreign try-retain comes first, and this fails; or it finds BIASED, and fails.
        // Relaxed: whoever acts on the zero loads it with Acquire (`is_unique`, `merge_zero`), and this exchange passes on
        // the Release of those who dropped references before.
        let _ = self
            .count
            .shared_cell()
            .compare_exchange(WEAK, BIASED, Relaxed, Relaxed);
        // Last: without the flag, who destroys the object does not come for the lock any more, and frees it.
        self.clear_bits(Bits::WEAKLY_REFERENCED);
    }
}
