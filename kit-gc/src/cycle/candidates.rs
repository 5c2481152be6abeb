//! Candidates: the objects under examination, and the collector's word for each.
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 0 | CANDIDATE | examined in this pass; other objects' words are 0 |
//! | 1 | REACHED | something outside keeps it alive |
//! | 2 | TRACED | its references were followed |
//! | 3.. | count | references not accounted for yet; sticks at the maximum |
//!
//! The words lie in side tables (`kit_core::backend::side`), for as long as the world is stopped.
//!
//! Not examined, and so alive: untracked objects, which the tracer may not visit; immortal ones; frozen
//! ones. What these hold by count shows as a count that nobody accounts for. What tracked ones among them
//! hold without a count is looked up in `subtract`.

use core::ptr::NonNull;
use kit_core::{
    backend::{
        heap::{Kinds, SharedHeap},
        listing,
        page::{PageHead, SEGMENT},
        side::{self, SideTables},
    },
    object::{Bits, Header, Tracer, TypeTable, trace::Edge},
    platform::pages::PageSource,
};

pub(super) const CANDIDATE: u32 = 1;
pub(super) const REACHED: u32 = 2;
pub(super) const TRACED: u32 = 4;
/// One reference.
pub(super) const ONE: u32 = 8;
const COUNT: u32 = !7;

/// Whether the collector examines the object at all.
pub(super) fn is_examined(header: &Header) -> bool {
    let bits = header.bits();
    bits.contains(Bits::TRACKED)
        && !bits.intersects(Bits::FROZEN.union(Bits::STATIC))
        && !header.is_immortal()
}

/// The word an object starts with: its references.
pub(super) fn first_word(header: &Header) -> u32 {
    let word = true_word(header);
    // Without a count it is on some thread's list of the dying: that thread takes it apart.
    let dying = !has_count(word) && !header.bits().contains(Bits::DEFERRED);
    if dying { word + ONE } else { word }
}

/// The word with an object's count as it is.
pub(super) fn true_word(header: &Header) -> u32 {
    let count = u32::try_from(header.references().max(0)).unwrap_or(u32::MAX);
    CANDIDATE | (count.min(COUNT / ONE) * ONE)
}

/// One examination: the tables it attached, and what it takes to find an object's word.
pub(super) struct Pass<'a> {
    pub(super) types: &'a TypeTable,
    tables: SideTables<'a>,
    /// Whether objects lie in segments.
    paged: bool,
    segments: Segments<'a>,
}

impl<'a> Pass<'a> {
    /// Nothing attached yet. The world is stopped until this is dropped.
    pub(super) fn new(types: &'a TypeTable, heap: &'a dyn SharedHeap) -> Self {
        let source = heap.pages();
        Self {
            types,
            paged: heap.is_paged(),
            tables: SideTables::new(source),
            segments: Segments::new(source),
        }
    }

    /// Gives each block of a page its word. False without memory.
    ///
    /// # Safety
    ///
    /// - The page is in use and has no table, and the world is stopped.
    pub(super) unsafe fn attach(&mut self, page: NonNull<PageHead>) -> bool {
        // SAFETY: as the caller says.
        (!self.paged || self.segments.insert(page.as_ptr().addr()))
            && unsafe { self.tables.attach(page) }
    }

    /// The page of an object.
    ///
    /// # Safety
    ///
    /// - `object` is a live object of the heap.
    pub(super) unsafe fn page_of(&self, object: *mut Header) -> NonNull<PageHead> {
        // SAFETY: as the caller says.
        unsafe {
            let object = NonNull::new_unchecked(object.cast());
            if self.paged {
                PageHead::of(object)
            } else {
                listing::page_of(object)
            }
        }
    }

    /// Whether a reference leads out of the heap, to static memory.
    ///
    /// # Safety
    ///
    /// - `object` is a live object, unless the heap has pages.
    #[inline]
    pub(super) unsafe fn is_outside(&self, object: *mut Header) -> bool {
        if self.paged {
            !self.segments.contains(object.addr())
        } else {
            // SAFETY: live.
            unsafe { (*object).bits().contains(Bits::STATIC) }
        }
    }

    /// Where the word of an object of the heap is.
    ///
    /// # Safety
    ///
    /// - `object` lies in a block of the heap; the world is stopped.
    #[inline]
    pub(super) unsafe fn word_at(&self, object: NonNull<Header>) -> *mut u32 {
        // SAFETY: as the caller says.
        unsafe {
            if self.paged {
                side::of(object.cast())
            } else {
                side::of_listed(object.cast())
            }
        }
    }

    /// Sets an object's word.
    ///
    /// # Safety
    ///
    /// - `object` is a live object of the heap whose page has a table; the world is stopped.
    #[inline]
    pub(super) unsafe fn set_word(&self, object: *mut Header, word: u32) {
        // SAFETY: as the caller says.
        unsafe { *self.word_at(NonNull::new_unchecked(object)) = word };
    }

    /// The object's word, if it is a candidate. In a paged heap the object itself is not looked at: most references lead to
    /// memory that is in no cache.
    ///
    /// # Safety
    ///
    /// - `object` is a live object, and the world is stopped.
    #[inline]
    pub(super) unsafe fn word_of(&self, object: *mut Header) -> Option<&'a mut u32> {
        // Borrowed exclusively: only the collector's one thread uses the tables, one word at a time.
        // SAFETY: live; if not outside then of the heap; null, or the object's word.
        unsafe {
            if self.is_outside(object) {
                return None;
            }
            self.word_at(NonNull::new_unchecked(object))
                .as_mut()
                .filter(|word| **word & CANDIDATE != 0)
        }
    }

    /// Reports every reference that `object` holds.
    ///
    /// # Safety
    ///
    /// - `object` is live and tracked, and the world is stopped.
    #[inline]
    pub(super) unsafe fn trace(
        &self,
        object: *mut Header,
        mut visit: impl FnMut(*mut Header, Edge),
    ) {
        // SAFETY: live, so its type is in use.
        let kind = unsafe { self.types.entry((*object).type_id()) }.kind();
        let mut visit = |word: kit_core::object::Word, edge| visit(word.as_object(), edge);
        // SAFETY: tracked, so it may be traced.
        unsafe { (kind.trace)(object, &mut Tracer::new(&mut visit)) };
    }
}

/// The segments that hold candidates: a hash set, open addressing, at most half full.
///
/// It tells objects in the heap from those in static memory, where no descriptor may be looked for.
struct Segments<'a> {
    source: &'a dyn PageSource,
    table: NonNull<usize>,
    /// Entries less one; 0 for no table.
    mask: usize,
    len: usize,
}

impl<'a> Segments<'a> {
    fn new(source: &'a dyn PageSource) -> Self {
        Self {
            source,
            table: NonNull::dangling(),
            mask: 0,
            len: 0,
        }
    }

    /// Where `segment` is, or the free entry where it belongs. There is a table.
    #[inline]
    fn find(&self, segment: usize) -> *mut usize {
        let mut at = (segment / SEGMENT).wrapping_mul(0x9E37_79B1) >> 4;
        loop {
            // SAFETY: the mask keeps the index inside the table.
            let entry = unsafe { self.table.as_ptr().add(at & self.mask) };
            // SAFETY: as above; entries start as zeros.
            let seen = unsafe { *entry };
            if seen == segment || seen == 0 {
                return entry;
            }
            at += 1;
        }
    }

    #[inline]
    fn contains(&self, address: usize) -> bool {
        let segment = address & !(SEGMENT - 1);
        // SAFETY: an entry of the table.
        self.mask != 0 && unsafe { *self.find(segment) } == segment
    }

    /// Adds the segment around `address`. False without memory.
    fn insert(&mut self, address: usize) -> bool {
        if self.contains(address) {
            return true;
        }
        if (self.len + 1) * 2 > self.mask && !self.grow() {
            return false;
        }
        // SAFETY: a free entry of the table: there is one, and the segment has none.
        unsafe { *self.find(address & !(SEGMENT - 1)) = address & !(SEGMENT - 1) };
        self.len += 1;
        true
    }

    fn bytes(&self) -> usize {
        (self.mask + 1) * size_of::<usize>()
    }

    fn grow(&mut self) -> bool {
        let page = self.source.page_size().next_power_of_two();
        let bytes = if self.mask == 0 {
            page
        } else {
            self.bytes() * 2
        };
        let Some(span) = self.source.reserve(bytes, page) else {
            return false;
        };
        let mut old = Self {
            source: self.source,
            table: span.cast(),
            mask: bytes / size_of::<usize>() - 1,
            len: self.len,
        };
        core::mem::swap(self, &mut old);
        for index in 0..if old.mask == 0 { 0 } else { old.mask + 1 } {
            // SAFETY: an entry of the old table.
            let segment = unsafe { *old.table.as_ptr().add(index) };
            if segment != 0 {
                // SAFETY: a free entry of the new one.
                unsafe { *self.find(segment) = segment };
            }
        }
        true
    }
}

impl Drop for Segments<'_> {
    fn drop(&mut self) {
        if self.mask != 0 {
            // SAFETY: reserved in `grow` with this size, and used no more.
            unsafe {
                self.source.release(
                    self.table.cast(),
                    self.bytes(),
                    self.source.page_size().next_power_of_two(),
                )
            };
        }
    }
}

/// Accounts for a reference.
#[inline]
pub(super) fn subtract_one(word: &mut u32) {
    if *word & COUNT != COUNT {
        debug_assert!(
            *word & COUNT != 0,
            "an object has fewer references than are held"
        );
        *word -= if *word & COUNT == 0 { 0 } else { ONE };
    }
}

/// Adds a reference that no count shows.
#[inline]
pub(super) fn add_one(word: &mut u32) {
    if *word & COUNT != COUNT {
        *word += ONE;
    }
}

/// Whether references are left that nobody accounts for.
#[inline]
pub(super) fn has_count(word: u32) -> bool {
    word & COUNT != 0
}

/// Calls `f` with every object in the heap that could be collected.
///
/// # Safety
///
/// - The world is stopped, and `f` neither allocates nor frees.
pub(super) unsafe fn for_each_object(heap: &dyn SharedHeap, f: impl FnMut(*mut Header)) {
    // SAFETY: as the caller says.
    unsafe { for_each_of(heap, Kinds::COLLECTED, f) };
}

/// Calls `f` with every object in pages of these kinds.
///
/// # Safety
///
/// - As for [`for_each_object`]; the kinds are of objects.
pub(super) unsafe fn for_each_of(
    heap: &dyn SharedHeap,
    kinds: Kinds,
    mut f: impl FnMut(*mut Header),
) {
    // SAFETY: as the caller says.
    unsafe {
        heap.for_each_block(kinds, |block, page| {
            let offset = page.as_ref().heap_kind().header_offset();
            f(block.add(offset).cast().as_ptr());
        });
    }
}
