//! Frees into other threads' pages, collected by page, so that many cost one compare-and-swap.
//!
//! ```text
//! free of another's block -> outbox: an entry per page, a list of blocks -> the page's list (remote, delay)
//!                                    sent when it holds enough bytes, when its place is needed for another page,
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

use kit_core::backend::page::{PageHead, SEGMENT, SLICE};

use super::{block::offset, remote};

/// What one thread has not sent yet.
#[derive(Debug)]
pub(super) struct Outbox {
    places: [Entry; PAGES],
    /// A bit for each place that has a page.
    filled: Cell<u32>,
}

/// Free blocks of one page, linked like all free blocks.
#[derive(Debug)]
struct Entry {
    /// Null if there are none: they were sent.
    page: Cell<*const PageHead>,
    /// Offset of the last that was added.
    first: Cell<u32>,
    /// Offset of the first that was added: the end of the list.
    last: Cell<u32>,
    /// Bytes of all.
    bytes: Cell<usize>,
}

impl Outbox {
    pub(super) const fn new() -> Self {
        Self {
            places: [const {
                Entry {
                    page: Cell::new(ptr::null()),
                    first: Cell::new(0),
                    last: Cell::new(0),
                    bytes: Cell::new(0),
                }
            }; PAGES],
            filled: Cell::new(0),
        }
    }

    /// Frees a block into a page that another thread owns, or nobody.
    ///
    /// # Safety
    ///
    /// - The block lies in this page, which has a size class, and is the caller's to free.
    /// - The outbox is the calling thread's.
    #[inline]
    pub(super) unsafe fn put(&self, this: NonNull<PageHead>, block: NonNull<u8>) {
        let offset = offset(block);
        let place = offset as usize / SLICE % PAGES;
        let entry = &self.places[place];
        // SAFETY: the page has a block in use, ours.
        let size = unsafe { this.as_ref() }.block.get();
        if !ptr::eq(entry.page.get(), this.as_ptr()) {
            // SAFETY: the caller's outbox.
            unsafe { entry.send() };
            self.filled.set(self.filled.get() | 1 << place);
            entry.page.set(this.as_ptr());
            entry.last.set(offset);
            entry.bytes.set(0);
        } else {
            // SAFETY: the block is ours until it is sent.
            unsafe { PageHead::set_link(block, entry.first.get()) };
        }
        entry.first.set(offset);
        let bytes = entry.bytes.get() + size;
        entry.bytes.set(bytes);
        if bytes >= ENOUGH {
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
    unsafe fn send(&self) {
        let Some(page) = NonNull::new(self.page.get().cast_mut()) else {
            return;
        };
        self.page.set(ptr::null());
        // SAFETY: the list is of blocks of this page, which are still in use for it; they are nobody's but ours.
        unsafe { remote::free(page, self.first.get(), PageHead::at(page, self.last.get())) };
    }
}

/// Pages that a thread collects for.
const PAGES: usize = 16;
/// Bytes collected for a page: an eighth of most is kept from its owner, which is woken the less often.
const ENOUGH: usize = 8192;

const _: () = assert!(PAGES.is_power_of_two() && SEGMENT / SLICE >= PAGES && PAGES <= 32);
