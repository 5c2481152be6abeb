//! Side tables: a word for each block, for as long as the world is stopped.
//!
//! A collector needs a count and marks for each object, and the header lends it nothing. So it attaches
//! a table to each page it will look at; from then on [`of`] finds an object's word in a few
//! instructions, from the pointer alone. Each thread that helps attaches with its own [`SideTables`];
//! all of them can look up everything. The table of a listing begins with its [marks](super::marks).

use core::{
    marker::PhantomData,
    ptr::{self, NonNull},
    slice,
};

use super::{
    listing,
    marks::LISTED_WORDS,
    page::{PageHead, SEGMENT},
};
use crate::platform::pages::PageSource;
// Tables live in memory that a page source zeroed, where loom's atomics cannot.
use crate::sync::native::{AtomicPtr, AtomicU32, Ordering::Relaxed};

/// Tables attached to pages, detached when this is dropped.
pub struct SideTables<'a> {
    source: &'a dyn PageSource,
    chunk: *mut Chunk,
    at: usize,
    tables: *mut Table,
    /// Whether the pages know of the tables.
    attached: bool,
}

impl<'a> SideTables<'a> {
    /// No tables yet; their memory comes from `source`.
    pub fn new(source: &'a dyn PageSource) -> Self {
        Self {
            source,
            chunk: ptr::null_mut(),
            at: 0,
            tables: ptr::null_mut(),
            attached: true,
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
        // SAFETY: the marks follow the table's head, and then come the words.
        let side: *mut u32 = unsafe { table.add(1).byte_add(marks) }.cast();
        // SAFETY: fresh memory of that size, aligned to 16, of zeros. A listing's blocks lie anywhere.
        unsafe {
            table.write(Table {
                page,
                next: self.tables,
                words: side,
                len: words,
                first: if marks == 0 {
                    PageHead::at(page, head.start.get()).add(head.heap_kind().header_offset())
                } else {
                    page.cast()
                },
                size: head.block.get(),
            })
        };
        self.tables = table;
        head.side.set(side);
        true
    }

    /// Takes the tables away from their pages, but keeps what is written there.
    ///
    /// # Safety
    ///
    /// - The world is still stopped.
    pub unsafe fn detach(&mut self) {
        if core::mem::take(&mut self.attached) {
            // SAFETY: the world is still stopped, so the pages are still there.
            self.for_each_page(|page| unsafe { page.as_ref() }.side.set(ptr::null_mut()));
        }
    }

    /// The tables, one after the other.
    pub fn turns(&self) -> Turns<'_> {
        Turns {
            next: AtomicPtr::new(self.tables),
            tables: PhantomData,
        }
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
        // SAFETY: what is attached goes before the world starts.
        unsafe { self.detach() };
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

/// Tables that threads take turns with: each is given to one of them.
pub struct Turns<'t> {
    next: AtomicPtr<Table>,
    tables: PhantomData<&'t Table>,
}

/// A table, as somebody sees it who works with all of them.
pub struct Words<'t> {
    /// The page. In use as long as the world is stopped.
    pub page: NonNull<PageHead>,
    /// A word for each block.
    pub words: &'t [AtomicU32],
    /// The header of the first block's object; of a listing, whose blocks lie anywhere, nothing of use.
    pub first: NonNull<u8>,
    /// From one object to the next.
    pub size: usize,
}

impl<'t> Turns<'t> {
    /// A table that nobody had yet.
    pub fn take(&self) -> Option<Words<'t>> {
        // Relaxed, here and below: the tables are older than the turns, and nobody changes the list.
        let mut seen = self.next.load(Relaxed);
        loop {
            // SAFETY: null, or a table, which is there as long as what the turns borrow.
            let table = unsafe { seen.as_ref() }?;
            match (self.next).compare_exchange_weak(seen, table.next, Relaxed, Relaxed) {
                Ok(_) => {
                    return Some(Words {
                        page: table.page,
                        // SAFETY: so many words follow, which are only accessed as atomics while several threads may do so.
                        words: unsafe { slice::from_raw_parts(table.words.cast(), table.len) },
                        first: table.first,
                        size: table.size,
                    });
                }
                Err(now) => seen = now,
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

/// A table: this, then, but for a listing's marks, a word for each block.
#[repr(C, align(16))]
struct Table {
    page: NonNull<PageHead>,
    next: *mut Table,
    /// The words, one for each of these blocks.
    words: *mut u32,
    len: usize,
    first: NonNull<u8>,
    size: usize,
}

#[repr(C, align(16))]
struct Chunk {
    next: *mut Chunk,
    size: usize,
}

const CHUNK: usize = 256 * 1024;
