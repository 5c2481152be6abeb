//! Pages: runs of equal blocks, and the descriptor each one has.
//!
//! ```text
//! segment (SEGMENT bytes, aligned to SEGMENT)
//! +-----------------------------+---------------+---------------+----
//! | slice 0: PageHead x SLICES, | slice 1: page | slices 2..=9: | ...
//! | marks, what the heap adds   | of 16 B blocks| a medium page |
//! +-----------------------------+---------------+---------------+----
//! ```
//!
//! A pointer finds its segment by masking, its slice by shifting, and its page's descriptor by stepping
//! back from the slice's descriptor. The descriptor is concrete, and here rather than in the heap, because
//! the inlined paths of [`LocalHeap`](super::heap::LocalHeap) and the collector both read it.
//!
//! Who may touch what:
//!
//! | line | fields                       | written by                                   | read by          |
//! |------|------------------------------|----------------------------------------------|------------------|
//! | 0    | shape, `owner`, `heap`       | whoever owns the page, when it changes hands | anyone who frees |
//! | 0    | `side`                       | the collector, world stopped                 | the collector    |
//! | 1    | `free`, `used`, lists, goal  | the owner                                    | the owner        |
//! | 2    | `remote`, `wake_next`        | other threads                                | the owner        |
//!
//! With the world stopped the collector may read everything.
//!
//! A heap without segments has pages of another sort: [`listing`].
//!
//! A free block holds the *offset in its segment* of the next free block in its first four bytes (0 ends
//! the list: slice 0 has no blocks). Nothing else of it is written: in an object block those four bytes
//! are the type, which nobody reads without a reference, and the counts behind them stay counts, so that
//! a reader who comes late fails to take a reference instead of corrupting a list.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
};

use super::{heap::HeapKind, listing};
use crate::object::trace::prefetch;
// Descriptors live in memory that a page source zeroed, where loom's atomics cannot: the protocol
// over `remote` is modelled apart from them.
use crate::sync::native::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32, Ordering::Relaxed};

/// Bytes per slice, the unit that pages are made of.
pub const SLICE: usize = 1 << SLICE_SHIFT;
/// Slices per segment: one for each bit of a word.
pub const SLICES: usize = usize::BITS as usize;
/// Bytes per segment, and its alignment.
pub const SEGMENT: usize = SLICE * SLICES;
/// No block of the page was handed out since it was made old.
pub const OLD: u8 = 0;
/// Blocks of the page may have been handed out since.
pub const FRESH: u8 = 1;
/// The most blocks that one page has.
pub const MAX_BLOCKS: usize = SLICE / 16;

/// The descriptor of a page, in the header of its segment.
///
/// All zeros is a descriptor that is not in use, and a page with nothing free.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct PageHead {
    /// The thread slot that may use `free`; 0 when the page is full, abandoned or a single block.
    pub owner: AtomicU16,
    /// What the blocks are, as [`HeapKind`].
    pub kind: Cell<u8>,
    /// The size class; the heap's own number for single blocks.
    pub class: Cell<u8>,
    /// Slices of this page; 0 if this is not the descriptor of a page; more than there are in a [listing].
    pub slices: Cell<u16>,
    /// What the heap knows about the page.
    pub state: Cell<u16>,
    /// Bytes from this descriptor back to that of its page's first slice.
    pub back: Cell<u32>,
    /// Offset of the first block in the segment.
    pub start: Cell<u32>,
    /// `2^31 / (block / 16)`, rounded up: division by the block size. 0 for single blocks.
    pub reciprocal: Cell<u32>,
    /// Blocks that were ever put on a list; those behind are untouched.
    pub capacity: Cell<u32>,
    /// Bytes per block.
    pub block: Cell<usize>,
    /// The collector's word for each block, or null.
    pub side: Cell<*mut u32>,
    /// The heap that owns the page, full or not; null if it is abandoned.
    pub heap: AtomicPtr<()>,

    /// The owner's part.
    pub hot: PageHot,
    /// The other threads' part.
    pub shared: PageShared,
}

/// What the owner changes all the time: apart from what others read.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct PageHot {
    /// The first free block; without one, an address that is 0 or the segment's. Not an offset, as the links are:
    /// where the next block comes from a cache further away, an address that stands in memory as it is arrives earlier.
    pub free: Cell<*mut u8>,
    /// Blocks handed out and not yet back in `free`.
    pub used: Cell<u32>,
    /// Whether the page waits to be released.
    pub pending: Cell<bool>,
    /// For a collector of new objects: [`OLD`], [`FRESH`] or a state of its own. A heap makes a page fresh when the
    /// next blocks come from it, and so need not look at it for each of them.
    pub age: AtomicU8,
    /// Blocks that fit.
    pub reserved: Cell<u32>,
    /// The tick of its heap after which an empty page is given up.
    pub expire: Cell<u32>,
    /// The grace period an empty page waits for, or 0.
    pub goal: Cell<u64>,
    /// The list of the size class, of full pages or of abandoned pages.
    pub next: Cell<*const PageHead>,
    /// The same list, backwards.
    pub prev: Cell<*const PageHead>,
    /// The list of pages that wait to be released.
    pub pending_next: Cell<*const PageHead>,
}

/// What other threads change.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct PageShared {
    /// The blocks that other threads freed, as [`Freed`], and two bits of the heap's own.
    pub remote: AtomicU32,
    /// The next page in the owner's list of pages that other threads freed into.
    pub wake_next: AtomicPtr<PageHead>,
}

const _: () = assert!(size_of::<PageHead>() == 192 && SLICES * size_of::<PageHead>() < SLICE);

/// A list of free blocks of a page in one word, as in [`PageShared::remote`]: 0 for none.
///
/// | bits     | what                                                        |
/// |----------|-------------------------------------------------------------|
/// | 0 to 1   | nothing of the list's: [`FREED_STATE`]                      |
/// | 2 to 13  | how many blocks there are, less one                         |
/// | 14 to 31 | the offset of the first in its segment, in units of 16 bytes |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// The offset of the first block, or 0.
    pub first: u32,
    /// How many there are.
    pub count: u32,
}

impl Freed {
    /// What a word says.
    #[inline(always)]
    pub const fn from_word(word: u32) -> Self {
        let first = (word >> FIRST_SHIFT) * 16;
        Self {
            first,
            count: if first == 0 {
                0
            } else {
                ((word >> COUNT_SHIFT) & COUNT_MASK) + 1
            },
        }
    }

    /// The word for a list that is not empty.
    #[inline(always)]
    pub const fn to_word(self) -> u32 {
        ((self.first / 16) << FIRST_SHIFT) | ((self.count - 1) << COUNT_SHIFT)
    }
}

/// The bits of the word that [`Freed`] leaves to others.
pub const FREED_STATE: u32 = (1 << COUNT_SHIFT) - 1;

const COUNT_SHIFT: u32 = 2;
const FIRST_SHIFT: u32 = 14;
const COUNT_MASK: u32 = (1 << (FIRST_SHIFT - COUNT_SHIFT)) - 1;

const _: () =
    assert!(MAX_BLOCKS == COUNT_MASK as usize + 1 && SEGMENT / 16 <= 1 << (32 - FIRST_SHIFT));

impl PageHead {
    /// A descriptor not in use.
    pub const fn unused() -> Self {
        Self {
            owner: AtomicU16::new(0),
            kind: Cell::new(0),
            class: Cell::new(0),
            slices: Cell::new(0),
            state: Cell::new(0),
            back: Cell::new(0),
            start: Cell::new(0),
            reciprocal: Cell::new(0),
            capacity: Cell::new(0),
            block: Cell::new(0),
            side: Cell::new(ptr::null_mut()),
            heap: AtomicPtr::new(ptr::null_mut()),
            hot: PageHot {
                free: Cell::new(ptr::null_mut()),
                used: Cell::new(0),
                pending: Cell::new(false),
                age: AtomicU8::new(OLD),
                reserved: Cell::new(0),
                expire: Cell::new(0),
                goal: Cell::new(0),
                next: Cell::new(ptr::null()),
                prev: Cell::new(ptr::null()),
                pending_next: Cell::new(ptr::null()),
            },
            shared: PageShared {
                remote: AtomicU32::new(0),
                wake_next: AtomicPtr::new(ptr::null_mut()),
            },
        }
    }

    /// The descriptor of the page that `block` lies in.
    ///
    /// # Safety
    ///
    /// - `block` points into a block of a paged heap that was not released; for a block larger than
    ///   a segment, into its first slice.
    #[inline(always)]
    pub unsafe fn of(block: NonNull<u8>) -> NonNull<PageHead> {
        let slice = (block.as_ptr().addr() & (SEGMENT - 1)) >> SLICE_SHIFT;
        // SAFETY: the pointer may go anywhere in its segment, which starts at the mask and
        // begins with SLICES descriptors; `back` leads from a page's slice to its first one.
        unsafe {
            let segment = block.as_ptr().map_addr(|addr| addr & !(SEGMENT - 1));
            let head = segment.cast::<PageHead>().add(slice);
            NonNull::new_unchecked(head.byte_sub((*head).back.get() as usize))
        }
    }

    /// Says that the next blocks come from this page.
    #[inline]
    pub fn make_fresh(&self) {
        // Relaxed: a collector looks with the world stopped.
        self.hot.age.store(FRESH, Relaxed);
    }

    /// Whether the next blocks came from this page at some time since it was [`OLD`].
    #[inline(always)]
    pub fn is_fresh(&self) -> bool {
        // Relaxed: it grows old with the world stopped.
        self.hot.age.load(Relaxed) != OLD
    }

    /// The block at `offset` in this page's segment.
    ///
    /// # Safety
    ///
    /// - The offset lies in this page's segment.
    #[inline(always)]
    pub unsafe fn at(this: NonNull<PageHead>, offset: u32) -> NonNull<u8> {
        let segment = this
            .as_ptr()
            .map_addr(|addr| addr & !(SEGMENT - 1))
            .cast::<u8>();
        // SAFETY: the offset stays in the segment, which is not at address 0.
        unsafe { NonNull::new_unchecked(segment.add(offset as usize)) }
    }

    /// The first free block.
    #[inline(always)]
    pub fn first_free(&self) -> Option<NonNull<u8>> {
        NonNull::new(self.hot.free.get()).filter(|_| self.free_offset() != 0)
    }

    /// The offset in its segment of the first free block, or 0.
    #[inline(always)]
    pub fn free_offset(&self) -> u32 {
        (self.hot.free.get().addr() & (SEGMENT - 1)) as u32
    }

    /// Says where the first free block is: its offset in the segment, or 0.
    ///
    /// # Safety
    ///
    /// - The caller owns the page, and the offset is 0 or that of a list of free blocks of this page.
    #[inline(always)]
    pub unsafe fn set_free(this: NonNull<PageHead>, offset: u32) {
        // SAFETY: the caller's page; offset 0 is still inside the segment.
        unsafe { this.as_ref().hot.free.set(Self::at(this, offset).as_ptr()) }
    }

    /// The next free block, as a free block says.
    ///
    /// # Safety
    ///
    /// - `block` is a free block of a paged heap.
    #[inline(always)]
    pub unsafe fn link(block: NonNull<u8>) -> u32 {
        // SAFETY: blocks are aligned to 16, and a free block's first four bytes are its link.
        unsafe { block.cast::<u32>().read() }
    }

    /// Sets the next free block.
    ///
    /// # Safety
    ///
    /// - `block` is a free block of a paged heap that only the caller uses.
    #[inline(always)]
    pub unsafe fn set_link(block: NonNull<u8>, next: u32) {
        // SAFETY: as above.
        unsafe { block.cast::<u32>().write(next) }
    }

    /// For who follows a list of free blocks to its end, and comes from the one at the offset `at` to the one at `next`:
    /// asks for one that the list leads to soon, if it goes on like that. Without this each step waits for memory, or
    /// for the processor that freed the block.
    #[inline(always)]
    pub fn ask_along(this: NonNull<PageHead>, at: u32, next: u32) {
        let step = next.wrapping_sub(at);
        // In no order, what lies a few steps on is as good as anything else.
        if step.wrapping_add(NEAR) <= 2 * NEAR {
            let segment = this.as_ptr().map_addr(|addr| addr & !(SEGMENT - 1));
            // Several small blocks share a line, which is what takes its time.
            let steps = if step.wrapping_add(LINE) < 2 * LINE {
                4 * AHEAD
            } else {
                AHEAD
            };
            let ahead = next.wrapping_add(step.wrapping_mul(steps));
            prefetch(segment.cast::<u8>().wrapping_add(ahead as usize));
        }
    }

    /// What the blocks are.
    #[inline]
    pub fn heap_kind(&self) -> HeapKind {
        HeapKind::from_index(self.kind.get())
    }

    /// The number of the block that the byte at `offset` in the segment belongs to.
    #[inline(always)]
    pub fn index_of(&self, offset: u32) -> u32 {
        // Exact: at most 2^15 granules by at most 2^12 per block, so the error stays below one 2^31st.
        let granules = u64::from(offset.wrapping_sub(self.start.get()) / 16);
        ((granules * u64::from(self.reciprocal.get())) >> 31) as u32
    }

    /// How many live blocks there are, if that can be said without looking at them.
    ///
    /// # Safety
    ///
    /// - As for [`for_each_live`](Self::for_each_live).
    pub unsafe fn live_blocks(this: NonNull<PageHead>) -> Option<usize> {
        // SAFETY: the page is in use, so its descriptor is readable.
        let page = unsafe { this.as_ref() };
        let is_listing = page.slices.get() == listing::SLICES_OF_LISTING;
        // What other threads have freed still counts as used.
        let freed = Freed::from_word(page.shared.remote.load(Relaxed));
        (!is_listing).then(|| (page.hot.used.get() - freed.count) as usize)
    }

    /// Calls `f` with each live block, in address order.
    ///
    /// # Safety
    ///
    /// - The page is in use and the world is stopped: nobody allocates from the heap or frees into
    ///   it until this returns, `f` included.
    pub unsafe fn for_each_live(this: NonNull<PageHead>, mut f: impl FnMut(NonNull<u8>)) {
        // SAFETY: as the caller says.
        unsafe { Self::for_each_live_numbered(this, |_, block| f(block)) };
    }

    /// [`for_each_live`](Self::for_each_live), with the number of each block.
    ///
    /// # Safety
    ///
    /// - As there.
    #[inline(always)]
    pub unsafe fn for_each_live_numbered(
        this: NonNull<PageHead>,
        mut f: impl FnMut(usize, NonNull<u8>),
    ) {
        // SAFETY: the page is in use, so its descriptor is readable.
        let page = unsafe { this.as_ref() };
        if page.slices.get() == listing::SLICES_OF_LISTING {
            // SAFETY: a listing in use; the world is stopped.
            return unsafe { listing::for_each_live(this, f) };
        }
        let (capacity, start, block) = (page.capacity.get(), page.start.get(), page.block.get());
        if page.reciprocal.get() == 0 {
            if page.hot.used.get() != 0 {
                // SAFETY: the only block of this page, and in use.
                f(0, unsafe { Self::at(this, start) });
            }
            return;
        }
        let freed = Freed::from_word(page.shared.remote.load(Relaxed));
        let lists = [page.free_offset(), freed.first];
        let mut dead = [0_usize; MAX_BLOCKS / SLICES];
        for mut offset in lists {
            while offset != 0 {
                let index = page.index_of(offset) as usize;
                dead[index / SLICES] |= 1 << (index % SLICES);
                // SAFETY: the world is stopped, so everything on the lists is a free block.
                let next = unsafe { Self::link(Self::at(this, offset)) };
                Self::ask_along(this, offset, next);
                offset = next;
            }
        }
        for (word, dead) in dead
            .iter()
            .enumerate()
            .take((capacity as usize).div_ceil(SLICES))
        {
            let within = capacity as usize - word * SLICES;
            let mut live = !dead
                & if within >= SLICES {
                    usize::MAX
                } else {
                    (1 << within) - 1
                };
            while live != 0 {
                let index = word * SLICES + live.trailing_zeros() as usize;
                live &= live - 1;
                // SAFETY: below the capacity, so inside the page.
                f(index, unsafe {
                    Self::at(this, start + (index * block) as u32)
                });
            }
        }
    }
}

const SLICE_SHIFT: u32 = 16;
/// How many steps along a list [`PageHead::ask_along`] looks ahead.
const AHEAD: u32 = 12;
/// Bytes of a line of a cache.
const LINE: u32 = 64;
/// The longest step, in bytes, that is taken for a habit.
const NEAR: u32 = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_in_a_word_is_what_it_was() {
        assert_eq!(Freed::from_word(0), Freed { first: 0, count: 0 });
        let last = (SEGMENT - 16) as u32;
        for first in [16, SLICE as u32, last] {
            for count in [1, 2, MAX_BLOCKS as u32] {
                let word = Freed { first, count }.to_word();
                assert_eq!(word & FREED_STATE, 0);
                assert_eq!(Freed::from_word(word | FREED_STATE), Freed { first, count });
            }
        }
    }

    #[test]
    fn the_reciprocal_divides_exactly() {
        let page = PageHead::unused();
        for granules in 1..=4096_u32 {
            page.block.set(granules as usize * 16);
            page.reciprocal.set((1_u32 << 31).div_ceil(granules));
            let bytes = if granules <= 512 {
                SLICE as u32
            } else {
                8 * SLICE as u32
            };
            for index in 0..bytes / (granules * 16) {
                let first = index * granules * 16;
                assert_eq!(page.index_of(first), index);
                assert_eq!(page.index_of(first + granules * 16 - 1), index);
            }
        }
    }
}
