//! One block after the other, and no free: for programs that end, or begin anew, before memory does.

use core::{
    alloc::{GlobalAlloc, Layout},
    mem::MaybeUninit,
    ptr::{self, NonNull},
    sync::atomic::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use super::{GRANULE, aligned};

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
        // Release, paired with the Acquire in `alloc`: what was done to the old blocks was done before the new ones are.
        self.used.store(0, Release);
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
        // Acquire, paired with the Releases in `dealloc` and `reset`.
        let used = self.used.try_update(Acquire, Relaxed, |used| {
            self.place(used, layout).map(|(_, end)| end)
        });
        match used.ok().and_then(|used| self.place(used, layout)) {
            // SAFETY: inside the array.
            Some((begin, _)) => unsafe { self.start.as_ptr().add(begin) },
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let begin = block.addr() - self.start.as_ptr().addr();
        let end = begin + layout.size().next_multiple_of(GRANULE);
        // If it is the last: Release, paired with the Acquire in `alloc`. If not, that is all.
        let _ = self.used.compare_exchange(end, begin, Release, Relaxed);
    }
}
