//! Immortal objects: no thread ever writes their count.
//!
//! The mark is `local == u32::MAX`, and nobody is the owner, so that who counts what it owns need not look for
//! the mark. The deferred flag is set as well, so that one test of the flag covers every object whose stack
//! references need no count.
//!
//! There is no way back, and no moment at which a reader could be surprised: a thread that has read an
//! older `local` counts in `shared`, where the reference of whoever made the object immortal stays for
//! good; merging, collecting and dropping leave an immortal object as it is.

use super::biased::{FLAGS, IMMORTAL, MERGED};
use super::counter::Counter;
use crate::object::{Bits, Header};
use crate::sync::atomic::Ordering::{Acquire, Relaxed};

impl Header {
    /// Whether the object is never counted and never freed.
    #[doc(alias = "PyUnstable_IsImmortal")]
    #[inline(always)]
    pub fn is_immortal(&self) -> bool {
        let local = self.count.local();
        // Where it is counted all the same, the number stays about where it was.
        match cfg!(feature = "threads") {
            true => local == IMMORTAL,
            false => (local as i32) < 0,
        }
    }

    /// Makes the object immortal, for good, with its present references. False, and nothing is changed,
    /// when another thread owns it, which may be counting just now: the caller does without, or makes a
    /// copy of its own.
    ///
    /// # Safety
    /// - `by` is the running thread's, which holds a reference.
    #[doc(alias = "PyUnstable_SetImmortal")]
    pub unsafe fn make_immortal(&self, by: Counter) -> bool {
        if self.is_immortal() {
            return true;
        }
        // Acquire, paired with the merge that set the flag: our store to `local` comes after the owner's
        // last. The owner field alone would not do: it is cleared before the merge, without order.
        let merged = self.count.shared_cell().load(Acquire) & FLAGS == MERGED;
        if !merged && !self.is_owned_by(by.slot()) {
            return false;
        }
        // A pinned object's references are not known.
        if !self.is_pinned() {
            // SAFETY: as the caller says.
            unsafe { by.add(-self.references()) };
        }
        self.clear_bits(Bits::TRACKED);
        // Relaxed: ours, or 0 already. Who is told by it that it is not the owner looks at `local` next.
        self.owner.store(0, Relaxed);
        self.count.set_immortal();
        self.set_bits(Bits::DEFERRED);
        true
    }
}
