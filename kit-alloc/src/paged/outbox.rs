//! Frees into other threads' pages, collected by page, so that many cost one compare-and-swap.
//!
//! ```text
//! free of another's block -> outbox: an entry per slice, a list of blocks -> its page's list (remote, delay)
//!                                    sent when it holds enough bytes, when its place is needed for another slice,
//!                                    when the thread waits, collects or leaves, and before a walk
//! ```
//!
//! A thread frees what others allocated mostly in the order in which they did, and neighbours share pages. Until
//! they are sent, blocks in an outbox are in use for their page, which therefore stays what it is; they hold
//! their links, and their headers are those of dead objects. A walk would take them for live ones, so it sends
//! them first: the world is stopped then, and the directory of [records](super::abandon) leads to all outboxes.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
};

use kit_core::backend::page::{Freed, PageHead, SEGMENT, SLICE};

use super::{block::offset, remote};

/// What one thread has not sent yet.
#[derive(Debug)]
pub(super) struct Outbox {
    places: [Entry; PLACES],
    /// A bit for each place that has blocks.
    filled: Cell<u32>,
    /// Where the last block was added: the next one mostly goes there too, which is known before that block is.
    recent: Cell<usize>,
}

/// Free blocks of one slice of a page, linked like all free blocks.
#[derive(Debug)]
struct Entry {
    /// Where the slice begins; null if there are none: they were sent.
    slice: Cell<*mut u8>,
    /// Offset of the last that was added.
    first: Cell<u32>,
    /// Offset of the first that was added: the end of the list.
    last: Cell<u32>,
    /// How many may be added until they are sent.
    left: Cell<u32>,
    /// How many there are then.
    most: Cell<u32>,
}

impl Outbox {
    pub(super) const fn new() -> Self {
        Self {
            places: [const {
                Entry {
                    slice: Cell::new(ptr::null_mut()),
                    first: Cell::new(0),
                    last: Cell::new(0),
                    left: Cell::new(0),
                    most: Cell::new(0),
                }
            }; PLACES],
            filled: Cell::new(0),
            recent: Cell::new(0),
        }
    }

    /// Adds a block to others of its slice, if there are some and this is not the last before they are sent.
    ///
    /// Three stores, without a call around them: what waits here is the line of the block, and a processor has only so
    /// many stores under way. The page is not looked at: it is what it was when the first block was added.
    ///
    /// # Safety
    ///
    /// - The block lies in a paged heap, and is the caller's to free.
    /// - The outbox is the calling thread's.
    #[inline(always)]
    pub(super) unsafe fn add(&self, block: NonNull<u8>) -> bool {
        let slice = slice_of(block);
        let mut entry = &self.places[self.recent.get() % PLACES];
        if entry.slice.get() != slice {
            self.recent.set(place_of(slice));
            entry = &self.places[place_of(slice)];
            if entry.slice.get() != slice {
                return false;
            }
        }
        let left = entry.left.get().wrapping_sub(1);
        if left == 0 {
            return false;
        }
        // SAFETY: the block is ours until it is sent.
        unsafe { PageHead::set_link(block, entry.first.get()) };
        entry.first.set(offset(block));
        entry.left.set(left);
        true
    }

    /// Frees a block into a page that another thread owns, or nobody.
    ///
    /// # Safety
    ///
    /// - The block lies in this page, which has a size class, and is the caller's to free.
    /// - The outbox is the calling thread's.
    pub(super) unsafe fn put(&self, this: NonNull<PageHead>, block: NonNull<u8>) {
        let (slice, offset) = (slice_of(block), offset(block));
        let place = place_of(slice);
        let entry = &self.places[place];
        if entry.slice.get() != slice {
            // SAFETY: the caller's outbox.
            unsafe { entry.send() };
            self.filled.set(self.filled.get() | 1 << place);
            // SAFETY: the page has a block in use, ours.
            let most = (ENOUGH / unsafe { this.as_ref() }.block.get()).max(1) as u32;
            entry.slice.set(slice);
            entry.last.set(offset);
            entry.most.set(most);
            entry.left.set(most);
        } else {
            // SAFETY: the block is ours until it is sent.
            unsafe { PageHead::set_link(block, entry.first.get()) };
        }
        entry.first.set(offset);
        entry.left.set(entry.left.get() - 1);
        if entry.left.get() == 0 {
            // SAFETY: the caller's outbox.
            unsafe { entry.send() };
        }
    }

    /// Sends everything.
    ///
    /// # Safety
    ///
    /// - The outbox is the calling thread's, or the world is stopped.
    pub(super) unsafe fn send(&self) {
        let mut filled = self.filled.replace(0);
        while filled != 0 {
            // SAFETY: as the caller says.
            unsafe { self.places[filled.trailing_zeros() as usize].send() };
            filled &= filled - 1;
        }
    }
}

impl Entry {
    /// Sends what there is.
    ///
    /// # Safety
    ///
    /// - The outbox is the calling thread's, or the world is stopped.
    unsafe fn send(&self) {
        let Some(slice) = NonNull::new(self.slice.replace(ptr::null_mut())) else {
            return;
        };
        // SAFETY: the list is of blocks of the page around this slice, which are still in use for it; they are nobody's
        // but ours.
        unsafe {
            let page = PageHead::of(slice);
            let blocks = Freed {
                first: self.first.get(),
                count: self.most.get() - self.left.get(),
            };
            remote::free(page, blocks, PageHead::at(page, self.last.get()));
        }
    }
}

/// The start of the slice that a block lies in.
#[inline(always)]
fn slice_of(block: NonNull<u8>) -> *mut u8 {
    block.as_ptr().map_addr(|addr| addr & !(SLICE - 1))
}

/// Where blocks of a slice are collected.
#[inline(always)]
fn place_of(slice: *mut u8) -> usize {
    slice.addr() / SLICE % PLACES
}

/// Slices that a thread collects for.
const PLACES: usize = 16;
/// Bytes collected for a page: an eighth of most is kept from its owner, which is woken the less often.
const ENOUGH: usize = 8192;

const _: () = assert!(PLACES.is_power_of_two() && SEGMENT / SLICE >= PLACES && PLACES <= 32);
