//! Deferred counts: objects every thread reaches, whose stack references nobody counts.
//!
//! Functions, code, classes and modules are loaded on every call of every thread; counting those
//! loads would make their headers the busiest cache lines of the program. A deferred object carries
//! a large bias in its count, so it never reaches zero, and references to it on stacks carry a tag
//! instead of a count. Only the collector, with the world stopped and every stack scanned, finds out
//! that such an object is garbage; it then removes the bias.

use super::biased::BIASED;
use crate::object::{Bits, Header};
use crate::sync::atomic::Ordering::Relaxed;

/// The bias in a deferred object's count: half of the range.
pub const BIAS: i32 = 1 << 28;

impl Header {
    /// Defers the counting of stack references to the object. True when it is deferred now and was
    /// not before. A hint: refused for an object that is not the caller's alone, that the collector
    /// does not track, or that is immortal.
    ///
    /// # Safety
    /// - The caller is the thread in `slot` and holds a reference.
    pub unsafe fn enable_deferred(&self, slot: u16) -> bool {
        let bits = self.bits();
        if self.is_immortal()
            || bits.contains(Bits::DEFERRED)
            || !bits.contains(Bits::TRACKED)
            || !self.is_owned_by(slot)
            || self.count.shared() != BIASED
        {
            return false;
        }
        self.set_bits(Bits::DEFERRED);
        // Relaxed: the object is not published yet (its shared half is untouched).
        self.count.shared_cell().fetch_add(BIAS << 2, Relaxed);
        true
    }

    /// Removes the bias of a deferred object that the collector found unreachable.
    ///
    /// # Safety
    /// - Every other thread is stopped, and every reference that was not counted has been replaced
    ///   by a counted one.
    pub unsafe fn disable_deferred(&self) {
        if !self.is_immortal() && self.clear_bits(Bits::DEFERRED).contains(Bits::DEFERRED) {
            self.count.shared_cell().fetch_sub(BIAS << 2, Relaxed);
        }
    }
}
