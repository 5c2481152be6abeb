//! Counting without the feature `threads`: plain adds to memory, as `Rc` has them.
//!
//! There is one number, and what it says is left in the processor's flags by the addition itself:
//!
//! ```text
//!  2^31                IMMORTAL                  0 = 2^32                 2^31
//!   ├─────────────────────┼─────────────────────────┼──────────────────────┤
//!   │ negative: immortal                            │ dead │ references    │ one more: immortal
//! ```
//!
//! Who counts does not ask first whether the object is immortal. Taking a reference to one puts the number back to the middle. Dropping
//! one does not; should that ever bring it to zero, the flag [`Bits::DEFERRED`] still says that the object is immortal, since nothing else is
//! deferred here. So a static object's header must be in memory that can be written, as a `static` is.

use super::biased::{IMMORTAL, Released};
use super::counter::Counter;
use crate::object::{Bits, Header};

impl Header {
    /// [`Header::retain`].
    ///
    /// # Safety
    /// - As there.
    #[inline(always)]
    pub(super) unsafe fn retain_alone(&self, by: Counter) {
        // SAFETY: the runtime has one thread; the counter is its own.
        unsafe {
            if self.count.add_alone(1) < 0 {
                return self.settle_alone();
            }
            by.add(1);
        }
    }

    /// [`Header::release`].
    ///
    /// # Safety
    /// - As there.
    #[inline(always)]
    pub(super) unsafe fn release_alone(&self, by: Counter) -> Released {
        // SAFETY: as above.
        unsafe {
            if self.count.add_alone(-1) == 0 {
                return self.last_alone(by);
            }
            if cfg!(feature = "stats") && !self.is_immortal() {
                by.add(-1);
            }
        }
        Released::Alive
    }

    /// Puts the count of an immortal object back; one with too many references becomes immortal.
    #[cold]
    #[inline(never)]
    fn settle_alone(&self) {
        self.count.set_local(IMMORTAL);
        self.set_bits(Bits::DEFERRED);
    }

    /// # Safety
    /// - The count has just become zero.
    #[cold]
    #[inline(never)]
    unsafe fn last_alone(&self, by: Counter) -> Released {
        if self.bits().contains(Bits::DEFERRED) {
            self.settle_alone();
            return Released::Alive;
        }
        // SAFETY: the one thread's; and the count has just become zero.
        unsafe {
            by.add(-1);
            self.merge_zero()
        }
    }
}
