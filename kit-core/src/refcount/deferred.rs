//! Deferred counts: objects every thread reaches, whose stack references nobody counts.
//!
//! Functions, code, classes and modules are loaded on every call of every thread; counting those
//! loads would make their headers the busiest cache lines of the program. A deferred object carries
//! a large bias in its count, so it never reaches zero, and references to it on stacks carry a tag
//! instead of a count. Only the collector, with the world stopped and every stack scanned, finds out
//! that such an object is garbage; it then removes the bias.
//!
//! The bias comes before the flag and goes after it: whoever sees the flag may rely on the bias.

use super::biased::{BIASED, ONE, PIN_FROM};
use super::counter::Counter;
use crate::object::{Bits, Header};
use crate::sync::atomic::Ordering::{Acquire, Relaxed};

/// The bias in a deferred object's count: half of the range.
pub const BIAS: i32 = 1 << 28;

const _: () = assert!(BIAS * ONE < PIN_FROM);

impl Header {
    /// Defers the counting of stack references to the object. True when it is deferred now and was
    /// not before. A hint, to be given when the object is made; refused without the feature `threads`, for an object that
    /// the collector does not track (nobody else could free it), and for one that is not unique.
    ///
    /// Unique: the running thread's own, never [published](Header::publish), with at most `held` references, all of which
    /// the caller knows of. That is one, unless the caller was given another.
    ///
    /// # Safety
    /// - `by` is the running thread's, and the caller holds a reference.
    #[doc(alias = "PyUnstable_Object_EnableDeferredRefcount")]
    #[doc(alias = "enable_deferred_refcount")]
    pub unsafe fn enable_deferred(&self, by: Counter, held: u32) -> bool {
        if !cfg!(feature = "threads")
            || !self.bits().contains(Bits::TRACKED)
            || !self.is_owned_by(by.slot())
            || self.count.local() > held
        {
            return false;
        }
        // Acquire, paired with the drops of other threads, as in `is_unique`. Whoever adds to the count at the same moment
        // makes this fail: it has not let go of the object. Deferred already: the bias is there.
        if self
            .count
            .shared_cell()
            .compare_exchange(BIASED, BIAS * ONE, Acquire, Relaxed)
            .is_err()
        {
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
