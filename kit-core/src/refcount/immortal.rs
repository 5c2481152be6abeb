//! Immortal objects: no thread ever writes their count.
//!
//! The mark is `local == u32::MAX`; the deferred flag is set as well, so that one test of the flag
//! covers every object whose stack references need no count.

use super::biased::IMMORTAL;
use super::counter::Counter;
use crate::object::{Bits, Header};

impl Header {
    /// Whether the object is never counted and never freed.
    #[inline(always)]
    pub fn is_immortal(&self) -> bool {
        self.count.local() == IMMORTAL
    }

    /// Makes the object immortal, for good. Its present references are forgotten.
    ///
    /// # Safety
    /// - The caller is the object's owner, or nobody owns it, or every other thread is stopped.
    /// - The object is not handed to a merge queue later on the strength of an older decision
    ///   (a queued object stays queued; merging it is then a no-op).
    /// - `by` is the running thread's.
    pub unsafe fn make_immortal(&self, by: Counter) {
        if self.is_immortal() {
            return;
        }
        // SAFETY: as the caller says.
        unsafe { by.add(-self.references()) };
        self.count.set_local(IMMORTAL);
        self.clear_bits(Bits::TRACKED);
        self.set_bits(Bits::DEFERRED);
    }
}
