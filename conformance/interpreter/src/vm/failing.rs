//! An allocator that fails when it is told to, for tests of what happens then: `-X heap=failing`.
//!
//! It counts requests down: the first are granted, the next refused, and those after them granted again.
//! A counter is enough for that, so nothing here orders anything.

use core::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, but for the requests it is to refuse.
#[derive(Debug)]
pub struct Failing {
    /// Requests that will be granted before the first is refused; less what came since.
    left: AtomicI64,
    /// How many will be refused.
    refusals: AtomicI64,
}

/// The one there is: the heap of `-X heap=failing` takes its blocks from it.
pub static FAILING: Failing = Failing {
    left: AtomicI64::new(0),
    refusals: AtomicI64::new(0),
};

impl Failing {
    /// Grants `left` requests from now on, and then refuses `refusals`. Returns how many were refused since
    /// the last call.
    pub fn fail_after(&self, left: i64, refusals: i64) -> i64 {
        let limit = self.refusals.swap(0, Relaxed);
        let over = self.left.swap(left, Relaxed).saturating_neg();
        self.refusals.store(refusals, Relaxed);
        over.clamp(0, limit)
    }

    fn refuses(&self) -> bool {
        let refusals = self.refusals.load(Relaxed);
        if refusals == 0 {
            return false;
        }
        let over = -self.left.fetch_sub(1, Relaxed);
        (0..refusals).contains(&over)
    }
}

// SAFETY: blocks are the system's.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.refuses() {
            return core::ptr::null_mut();
        }
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if self.refuses() {
            return core::ptr::null_mut();
        }
        // SAFETY: as the caller says.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(block, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_fail_as_ordered_and_are_counted() {
        let failing = Failing {
            left: AtomicI64::new(0),
            refusals: AtomicI64::new(0),
        };
        let ask = |count| (0..count).map(|_| failing.refuses()).collect::<Vec<_>>();
        assert_eq!(ask(2), [false, false]);
        assert_eq!(failing.fail_after(2, 1), 0);
        assert_eq!(ask(4), [false, false, true, false]);
        assert_eq!(failing.fail_after(0, i64::MAX), 1);
        assert_eq!(ask(3), [true, true, true]);
        assert_eq!(failing.fail_after(0, 0), 3);
        assert_eq!(ask(1), [false]);
    }
}
