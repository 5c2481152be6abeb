//! Walking the heap while the world stands still: every page, whoever owns it, exactly once.
//!
//! The directory of segments lists all memory, so a walk needs neither the threads nor their lists, and
//! splits into as many parts as there are segments. Which blocks of a page are live follows from its two
//! free lists ([`PageHead::for_each_live`]): a bit kept up to date by every allocation would cost more
//! than it saves, at one walk per thousands of them.

use core::ptr::NonNull;

use kit_core::backend::{
    heap::{Kinds, SharedHeap},
    page::PageHead,
};

use super::Heap;
use crate::size_class::RECORDS;

impl Heap {
    /// Calls `f` with each live block of these kinds: its start, and its page.
    ///
    /// # Safety
    ///
    /// - The world is stopped: nobody allocates or frees here, nor does `f`.
    pub unsafe fn for_each_block(
        &self,
        kinds: Kinds,
        mut f: impl FnMut(NonNull<u8>, NonNull<PageHead>),
    ) {
        // SAFETY: the caller stopped the world.
        unsafe {
            for part in 0..self.walk_parts() {
                self.for_each_page(part, kinds, |page| {
                    PageHead::for_each_live(page, |block| f(block, page))
                });
            }
        }
    }

    /// Calls `f` with each page of these kinds in one part.
    ///
    /// # Safety
    ///
    /// - The world is stopped.
    pub unsafe fn for_each_page(
        &self,
        part: usize,
        kinds: Kinds,
        mut f: impl FnMut(NonNull<PageHead>),
    ) {
        // SAFETY: the caller stopped the world.
        unsafe {
            self.segments.pages(part, |this| {
                let page = this.as_ref();
                if page.class.get() != RECORDS && kinds.contains(page.heap_kind()) {
                    f(this);
                }
            });
        }
    }
}
