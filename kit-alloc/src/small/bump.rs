//! One block after the other, and no free: for programs that end, or begin anew, before memory does.

use core::{
    alloc::{GlobalAlloc, Layout},
    mem::MaybeUninit,
    ptr::{self, NonNull},
};
use kit_core::sync::native::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use super::{GRANULE, aligned};
use crate::atomic::Atomic;

#[cfg(all(test, loom))]
mod model;

/// Blocks from a static array, in order.
///
/// A freed block is not used again, unless it is the last: so a collector, which gives its tables back in reverse, has
/// them for nothing. What a heap over it counts as in use is what is live, and not what is [`used`](Self::used) up.
#[derive(Debug)]
pub struct Bump {
    start: NonNull<u8>,
    size: usize,
    used: AtomicUsize,
}

// SAFETY: the array is its alone, and `used` gives each byte to one caller.
unsafe impl Send for Bump {}
// SAFETY: as above.
unsafe impl Sync for Bump {}

impl Bump {
    /// An allocator of what the array has room for.
    pub fn new(bytes: &'static mut [MaybeUninit<u8>]) -> Self {
        let (start, size) = aligned(bytes, GRANULE);
        Self {
            start,
            size,
            used: AtomicUsize::new(0),
        }
    }

    /// Bytes that are gone, from the start of the array.
    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Bytes in all.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Begins again at the start.
    ///
    /// # Safety
    ///
    /// - No block is in use: a heap over this allocator was dropped, and its buffers are forgotten.
    pub unsafe fn reset(&self) {
        restart(&self.used);
    }

    /// Where a block goes if so much is used: its start and its end.
    fn place(&self, used: usize, layout: Layout) -> Option<(usize, usize)> {
        let at = self.start.as_ptr().addr() + used;
        let begin = used + (at.next_multiple_of(layout.align().max(GRANULE)) - at);
        let end = begin.checked_add(layout.size().checked_next_multiple_of(GRANULE)?)?;
        Some((begin, end)).filter(|_| end <= self.size)
    }
}

// SAFETY: blocks are parts of the array that nobody else has, aligned as the layout says.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match take(&self.used, |used| self.place(used, layout)) {
            // SAFETY: inside the array.
            Some(begin) => unsafe { self.start.as_ptr().add(begin) },
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let begin = block.addr() - self.start.as_ptr().addr();
        let end = begin + layout.size().next_multiple_of(GRANULE);
        give(&self.used, begin, end);
    }
}

/// Takes what `place` says if so much is used: a block's start and its end.
fn take(
    used: &impl Atomic<usize>,
    place: impl Fn(usize) -> Option<(usize, usize)>,
) -> Option<usize> {
    let mut seen = used.load(Relaxed);
    loop {
        let (begin, end) = place(seen)?;
        // Acquire, paired with `give` and `restart`: what was done to a block there was done before.
        match used.compare_exchange_weak(seen, end, Acquire, Relaxed) {
            Ok(_) => return Some(begin),
            Err(now) => seen = now,
        }
    }
}

/// Gives a block back, if it is the last.
fn give(used: &impl Atomic<usize>, begin: usize, end: usize) {
    while used.load(Relaxed) == end {
        // Release, paired with `take`.
        if used
            .compare_exchange_weak(end, begin, Release, Relaxed)
            .is_ok()
        {
            return;
        }
    }
}

/// Gives all blocks back.
fn restart(used: &impl Atomic<usize>) {
    // Release, paired with `take`.
    used.store(0, Release);
}
