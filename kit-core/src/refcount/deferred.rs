//! Deferred counts: objects every thread reaches, whose stack references nobody counts.
//!
//! Functions, code, classes and modules are loaded on every call of every thread; counting those
//! loads would make their headers the busiest cache lines of the program. A deferred object carries
//! a large bias in its count, so it never reaches zero, and references to it on stacks carry a tag
//! instead of a count. Only the collector, with the world stopped and every stack scanned, finds out
//! that such an object is garbage; it then removes the bias.
//!
//! The bias comes before the flag and goes after it: whoever sees the flag may rely on the bias.

use super::biased::{ONE, PIN_FROM};
use crate::object::{Bits, Header};
use crate::sync::atomic::Ordering::Relaxed;

/// The bias in a deferred object's count: half of the range.
pub const BIAS: i32 = 1 << 28;

/// What other threads may have counted when the bias is added: with it, that is far from the pinned band.
const ROOM: core::ops::Range<i32> = -(1 << 25) * ONE..(1 << 25) * ONE;

const _: () = assert!(BIAS * ONE + ROOM.end < PIN_FROM);

impl Header {
    /// Defers the counting of stack references to the object. True when it is deferred now and was
    /// not before. A hint, best given when the object is made; refused for one that the collector does not
    /// track (nobody else could free it), without the feature `threads`, that is immortal, or that has more references than there is room for.
    ///
    /// # Safety
    /// - The caller holds a reference.
    #[doc(alias = "PyUnstable_Object_EnableDeferredRefcount")]
    #[doc(alias = "enable_deferred_refcount")]
    pub unsafe fn enable_deferred(&self) -> bool {
        if !cfg!(feature = "threads") {
            return false;
        }
        let bits = self.bits();
        if self.is_immortal() || bits.contains(Bits::DEFERRED) || !bits.contains(Bits::TRACKED) {
            return false;
        }
        // Relaxed: the caller's reference keeps the object, and the count guards nothing. Of several
        // threads only the first finds room.
        let biased = self
            .count
            .shared_cell()
            .fetch_update(Relaxed, Relaxed, |seen| {
                ROOM.contains(&seen).then(|| seen + BIAS * ONE)
            });
        if biased.is_err() {
            return false;
        }
        // The Release in it, paired with the stop that precedes a collection: whoever sees the flag
        // sees the bias.
        self.set_bits(Bits::DEFERRED);
        true
    }

    /// Removes the bias of a deferred object that the collector found unreachable.
    ///
    /// # Safety
    /// - Every other thread is stopped, and every reference that was not counted has been replaced
    ///   by a counted one.
    /// - The object has no id ([`super::per_thread::CountIds::disable_where`]).
    pub unsafe fn disable_deferred(&self) {
        if !self.is_immortal()
            && !self.is_pinned()
            && self.clear_bits(Bits::DEFERRED).contains(Bits::DEFERRED)
        {
            // Relaxed: nobody else runs.
            self.count.shared_cell().fetch_sub(BIAS * ONE, Relaxed);
        }
    }
}
