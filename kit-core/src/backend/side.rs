//! Side tables: a word for each block, for as long as the world is stopped.
//!
//! A collector needs a count and marks for each object, and the header lends it nothing. So it attaches
//! a table to each page it will look at; from then on [`of`] finds an object's word in a few
//! instructions, from the pointer alone. Each thread that helps attaches with its own [`SideTables`];
//! all of them can look up everything. The table of a listing begins with its [marks](super::marks).

use core::ptr::{self, NonNull};

use super::{
    listing,
    marks::LISTED_WORDS,
    page::{PageHead, SEGMENT},
};
use crate::platform::pages::PageSource;

/// Tables attached to pages, detached when this is dropped.
pub struct SideTables<'a> {
    source: &'a dyn PageSource,
    chunk: *mut Chunk,
    at: usize,
    tables: *mut Table,
}

impl<'a> SideTables<'a> {
    /// No tables yet; their memory comes from `source`.
    pub fn new(source: &'a dyn PageSource) -> Self {
        Self {
            source,
            chunk: ptr::null_mut(),
            at: 0,
            tables: ptr::null_mut(),
        }
    }

    /// Gives each block of `page` a word, at first 0. False without memory.
    ///
    /// # Safety
    ///
    /// - The page is in use and the world stopped until `self` is dropped.
    /// - No other thread attaches to the same page; it has no table yet.
    pub unsafe fn attach(&mut self, page: NonNull<PageHead>) -> bool {
        // SAFETY: the page is in use.
        let head = unsafe { page.as_ref() };
        debug_assert!(head.side.get().is_null());
        let words = head.capacity.get() as usize;
        let marks = if head.slices.get() == listing::SLICES_OF_LISTING {
            LISTED_WORDS * size_of::<usize>()
        } else {
            0
        };
        let Some(table) = self.carve(size_of::<Table>() + marks + words * 4) else {
            return false;
        };
        // SAFETY: fresh memory of that size, aligned to 16, of zeros.
        unsafe {
            table.write(Table {
                page,
                next: self.tables,
            })
        };
        self.tables = table;
        // SAFETY: the marks follow the table's head, and then come the words.
        head.side
            .set(unsafe { table.add(1).byte_add(marks) }.cast());
        true
    }

    /// Calls `f` with each page that a table was attached to.
    pub fn for_each_page(&self, mut f: impl FnMut(NonNull<PageHead>)) {
        let mut table = self.tables;
        while !table.is_null() {
            // SAFETY: a table of ours.
            unsafe {
                f((*table).page);
                table = (*table).next;
            }
        }
    }

    /// Fresh memory, zeroed.
    fn carve(&mut self, size: usize) -> Option<*mut Table> {
        let size = size.next_multiple_of(16);
        // SAFETY: a chunk of ours, or null.
        let end = unsafe { self.chunk.as_ref() }.map_or(0, |chunk| chunk.size);
        if self.at + size > end {
            let page = self.source.page_size();
            let least = (size + size_of::<Chunk>()).next_multiple_of(page);
            // A small machine has no room for more than what is needed.
            let reserve = |bytes| Some((bytes, self.source.reserve(bytes, page)?));
            let (bytes, chunk) =
                reserve(least.max(CHUNK).next_multiple_of(page)).or_else(|| reserve(least))?;
            let chunk = chunk.cast::<Chunk>().as_ptr();
            // SAFETY: fresh memory, at least this large and aligned to a page.
            unsafe {
                chunk.write(Chunk {
                    next: self.chunk,
                    size: bytes,
                })
            };
            self.chunk = chunk;
            self.at = size_of::<Chunk>();
        }
        // SAFETY: `at + size` is within the chunk.
        let table = unsafe { self.chunk.byte_add(self.at) }.cast();
        self.at += size;
        Some(table)
    }
}

impl Drop for SideTables<'_> {
    fn drop(&mut self) {
        let mut table = self.tables;
        while !table.is_null() {
            // SAFETY: a table of ours; the world is still stopped, so its page is still there.
            unsafe {
                (*table).page.as_ref().side.set(ptr::null_mut());
                table = (*table).next;
            }
        }
        let page = self.source.page_size();
        while let Some(chunk) = NonNull::new(self.chunk) {
            // SAFETY: a chunk of ours, and no table refers to it any more.
            unsafe {
                self.chunk = chunk.as_ref().next;
                self.source.release(chunk.cast(), chunk.as_ref().size, page);
            }
        }
    }
}

/// The word of the block that `object` points into, or null if its page has no table.
///
/// # Safety
///
/// - `object` points into a live block of a paged heap, within its first slice if it is that large.
/// - The world is stopped.
#[inline(always)]
pub unsafe fn of(object: NonNull<u8>) -> *mut u32 {
    // SAFETY: the block is live, so its page is in use; the table has a word for each block.
    unsafe {
        let page = PageHead::of(object).as_ref();
        let side = page.side.get();
        if side.is_null() {
            return side;
        }
        side.add(page.index_of((object.as_ptr().addr() & (SEGMENT - 1)) as u32) as usize)
    }
}

/// [`of`] in a heap without segments.
///
/// # Safety
///
/// - `object` is the header of a live object of a heap that is not paged.
/// - The world is stopped.
#[inline(always)]
pub unsafe fn of_listed(object: NonNull<u8>) -> *mut u32 {
    // SAFETY: the object is live, so its listing is in use; the table has a word for each entry.
    unsafe {
        let entry = listing::entry_of(object);
        let side = listing::listing_of(entry).as_ref().side.get();
        if side.is_null() {
            return side;
        }
        side.add(listing::index_of(entry))
    }
}

/// A table: this, then a word for each block.
#[repr(C, align(16))]
struct Table {
    page: NonNull<PageHead>,
    next: *mut Table,
}

#[repr(C, align(16))]
struct Chunk {
    next: *mut Chunk,
    size: usize,
}

const CHUNK: usize = 256 * 1024;
