//! A static array as a source of pages: a bit per granule says what is taken.
//!
//! ```text
//! | spans with an alignment (segments) -> ...  free  ... <- tables of pages | bits |
//! ```
//!
//! What is aligned to more than a granule is placed first-fit from the front, everything else last-fit
//! from the back, so that tables which come and go do not break up the room for segments. The bits lie in the last
//! granules of the array, so an arena needs no other memory.

use core::{fmt, mem::MaybeUninit, ptr::NonNull};
use kit_core::sync::native::{AtomicUsize, Ordering::Relaxed};

use kit_core::{backend::page::SLICE, platform::pages::PageSource};

use crate::lock::SpinLock;

/// Spans of a static array, which come back when they are released.
pub struct Arena {
    /// The first granule, at a multiple of [`GRANULE`].
    start: NonNull<u8>,
    granules: usize,
    taken: SpinLock<&'static mut [usize]>,
    used: AtomicUsize,
}

// SAFETY: the array is the arena's alone, and each granule of it goes to one caller at a time, under the lock.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

/// The unit of an arena, and its page size.
pub const GRANULE: usize = SLICE;

impl Arena {
    /// An arena over an array, whose contents do not matter; `None` if it has no room for a granule. A heap
    /// needs a multiple of [`SEGMENT`](kit_core::backend::page::SEGMENT) bytes, aligned to that, and a little more.
    pub fn new(bytes: &'static mut [MaybeUninit<u8>]) -> Option<Self> {
        let base = NonNull::from_mut(bytes).cast::<u8>();
        let skipped = base.as_ptr().addr().wrapping_neg() & (GRANULE - 1);
        let all = bytes.len().checked_sub(skipped)? / GRANULE;
        let words = all.div_ceil(BITS);
        let granules = all
            .checked_sub((words * size_of::<usize>()).div_ceil(GRANULE))
            .filter(|&granules| granules != 0)?;
        // SAFETY: all inside the array, which is ours for ever; the words lie behind the granules, are aligned
        // because a granule is, and are written before they are borrowed.
        unsafe {
            let start = base.add(skipped);
            let bits = start.add(granules * GRANULE).cast::<usize>();
            bits.write_bytes(0, words);
            let taken = core::slice::from_raw_parts_mut(bits.as_ptr(), words);
            Some(Self {
                start,
                granules,
                taken: SpinLock::new(taken),
                used: AtomicUsize::new(0),
            })
        }
    }

    /// Bytes in spans.
    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Bytes that spans may have in all.
    pub fn size(&self) -> usize {
        self.granules * GRANULE
    }

    /// The first of `count` free granules, aligned to `step` granules in the address space.
    fn find(&self, taken: &[usize], count: usize, step: usize) -> Option<usize> {
        let last = self.granules.checked_sub(count)?;
        let is_free = |first: usize| (first..first + count).all(|at| !is_taken(taken, at));
        if step == 1 {
            return (0..=last).rev().find(|&first| is_free(first));
        }
        let number = self.start.as_ptr().addr() / GRANULE;
        let first = number.next_multiple_of(step) - number;
        (first..=last).step_by(step).find(|&first| is_free(first))
    }
}

// SAFETY: spans are runs of granules that were free, zeroed here, and taken until they are released.
unsafe impl PageSource for Arena {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let (count, step) = (size.div_ceil(GRANULE), align.div_ceil(GRANULE).max(1));
        let mut taken = self.taken.lock();
        let first = self.find(&taken, count, step)?;
        (first..first + count).for_each(|at| taken[at / BITS] |= 1 << (at % BITS));
        drop(taken);
        self.used.fetch_add(count * GRANULE, Relaxed);
        // SAFETY: inside the array, and ours from here on.
        unsafe {
            let span = self.start.add(first * GRANULE);
            span.write_bytes(0, size);
            Some(span)
        }
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, _align: usize) {
        let count = size.div_ceil(GRANULE);
        let first = (span.as_ptr().addr() - self.start.as_ptr().addr()) / GRANULE;
        let mut taken = self.taken.lock();
        (first..first + count).for_each(|at| taken[at / BITS] &= !(1 << (at % BITS)));
        drop(taken);
        self.used.fetch_sub(count * GRANULE, Relaxed);
    }

    fn page_size(&self) -> usize {
        GRANULE
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena")
            .field("size", &self.size())
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}

fn is_taken(taken: &[usize], at: usize) -> bool {
    taken[at / BITS] >> (at % BITS) & 1 != 0
}

const BITS: usize = usize::BITS as usize;
