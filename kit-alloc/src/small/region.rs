//! The first hole that fits, of one array: a bit for each 16 bytes says whether they are taken.
//!
//! ```text
//! | granules: blocks and holes ...                          | bits: one for each granule |
//! ```
//!
//! Blocks have no headers, whoever frees one says how large it is; and holes that touch are one hole without
//! anyone doing anything. Where to begin the search is remembered for each order of sizes: below its *hint*
//! there is no hole of that many granules.

use core::{
    alloc::{GlobalAlloc, Layout},
    fmt,
    mem::MaybeUninit,
    ptr::{self, NonNull},
};

use super::{GRANULE, aligned};
use crate::lock::SpinLock;

/// Blocks from a static array, each in the first hole that fits.
pub struct Region {
    start: NonNull<u8>,
    map: SpinLock<Map>,
}

// SAFETY: the array is its alone, and the map, behind its lock, gives each byte to one caller.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    /// An allocator of what the array has room for; `None` if that is nothing.
    pub fn new(bytes: &'static mut [MaybeUninit<u8>]) -> Option<Self> {
        let (start, size) = aligned(bytes, GRANULE);
        // A word of bits for each so many granules.
        let part = BITS * GRANULE + size_of::<usize>();
        let words = size.div_ceil(part);
        let granules = size.checked_sub(words * size_of::<usize>())? / GRANULE;
        if granules == 0 {
            return None;
        }
        // SAFETY: the bits lie behind the granules, inside the array, which is ours for ever; they are written before
        // they are borrowed.
        let taken = unsafe {
            let bits = start.add(granules * GRANULE).cast::<usize>();
            bits.write_bytes(0, words);
            core::slice::from_raw_parts_mut(bits.as_ptr(), words)
        };
        Some(Self {
            start,
            map: SpinLock::new(Map {
                taken,
                granules,
                used: 0,
                hints: [0; ORDERS],
            }),
        })
    }

    /// Bytes in blocks.
    pub fn used(&self) -> usize {
        self.map.lock().used * GRANULE
    }

    /// Bytes that blocks may have in all.
    pub fn size(&self) -> usize {
        self.map.lock().granules * GRANULE
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region")
            .field("size", &self.size())
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}

// SAFETY: blocks are runs of granules that were free, aligned as the layout says, and taken until they are freed.
unsafe impl GlobalAlloc for Region {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let count = layout.size().div_ceil(GRANULE).max(1);
        let step = (layout.align() / GRANULE).max(1);
        let base = self.start.as_ptr().addr() / GRANULE;
        match self.map.lock().take(count, step, base) {
            // SAFETY: inside the array.
            Some(first) => unsafe { self.start.as_ptr().add(first * GRANULE) },
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let first = (block.addr() - self.start.as_ptr().addr()) / GRANULE;
        let count = layout.size().div_ceil(GRANULE).max(1);
        self.map.lock().give(first, count);
    }
}

struct Map {
    taken: &'static mut [usize],
    granules: usize,
    used: usize,
    /// For each order, a place below which no hole of `1 << order` granules begins.
    hints: [usize; ORDERS],
}

impl Map {
    /// Takes the first `count` free granules whose number, counted from `base`, is a multiple of `step`.
    fn take(&mut self, count: usize, step: usize, base: usize) -> Option<usize> {
        let order = (count.ilog2() as usize).min(ORDERS - 1);
        // The first hole of that order, even if it does not fit.
        let mut hint = None;
        let mut at = self.hints[order];
        loop {
            let hole = self.next(at, self.granules, false);
            if hole == self.granules {
                self.hints[order] = hint.unwrap_or(hole);
                return None;
            }
            let first =
                hole.checked_add((base + hole).checked_next_multiple_of(step)? - base - hole)?;
            // What is asked for may be more than there is.
            let end = first.checked_add(count)?.min(self.granules);
            let taken = self.next(hole, end, true);
            if taken == end && end - first.min(end) == count {
                self.hints[order] = hint.unwrap_or(if first == hole { end } else { hole });
                self.mark(first, count, true);
                self.used += count;
                return Some(first);
            }
            if hint.is_none() && taken - hole >= 1 << order {
                hint = Some(hole);
            }
            at = taken;
        }
    }

    fn give(&mut self, first: usize, count: usize) {
        self.mark(first, count, false);
        self.used -= count;
        // The hole that it is in now may have begun before.
        let begin = self.hole_before(first);
        let end = self.next(first, self.granules, true);
        for (order, hint) in self.hints.iter_mut().enumerate() {
            if (end - begin) >> order != 0 {
                *hint = begin.min(*hint);
            }
        }
    }

    /// The first granule from `at` on, before `end`, that is taken, or not; or `end`.
    fn next(&self, at: usize, end: usize, taken: bool) -> usize {
        let mut at = at;
        while at < end {
            let word = self.taken[at / BITS];
            let found = (if taken { word } else { !word }) >> (at % BITS);
            if found != 0 {
                return (at + found.trailing_zeros() as usize).min(end);
            }
            at = (at / BITS + 1) * BITS;
        }
        end
    }

    /// Where the hole begins that ends before `at`; `at` if the granule before is taken.
    fn hole_before(&self, at: usize) -> usize {
        let mut at = at;
        while at > 0 {
            let last = at - 1;
            // The bits up to the last one, at the top.
            let found = self.taken[last / BITS] << (BITS - 1 - last % BITS);
            let free = (found.leading_zeros() as usize).min(last % BITS + 1);
            at -= free;
            if found != 0 {
                break;
            }
        }
        at
    }

    fn mark(&mut self, first: usize, count: usize, taken: bool) {
        let (mut at, end) = (first, first + count);
        while at < end {
            let bits = (BITS - at % BITS).min(end - at);
            let mask = crate::bitmap::mask(at % BITS, bits);
            let word = &mut self.taken[at / BITS];
            debug_assert_eq!(*word & mask, if taken { 0 } else { mask });
            *word ^= mask;
            at += bits;
        }
    }
}

const BITS: usize = usize::BITS as usize;
/// Orders of sizes that have a hint: from 16 bytes to a megabyte and more.
const ORDERS: usize = 17;
