//! Which segments the collector looks into: a hash set, open addressing, at most half full.
//!
//! It tells objects that the collector marks from those in static memory, where no mark may be looked for, and from those
//! that lead nowhere: a segment's entry says which of its slices have collected objects.

use core::ptr::NonNull;
use kit_core::{
    backend::page::{PageHead, SEGMENT, SLICE},
    platform::pages::PageSource,
};

/// The set.
pub(super) struct Segments<'a> {
    source: &'a dyn PageSource,
    table: NonNull<Entry>,
    /// Entries less one.
    mask: usize,
    len: usize,
    /// Whether the table was reserved.
    reserved: bool,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Where the segment begins; 0 for an entry that is free.
    segment: usize,
    /// A bit for each slice of it with collected objects.
    slices: usize,
}

/// The table of an empty set.
static EMPTY: Entry = Entry {
    segment: 0,
    slices: 0,
};

impl<'a> Segments<'a> {
    pub(super) fn new(source: &'a dyn PageSource) -> Self {
        Self {
            source,
            table: NonNull::from_ref(&EMPTY),
            mask: 0,
            len: 0,
            reserved: false,
        }
    }

    /// Where `segment` is, or the free entry where it belongs.
    #[inline(always)]
    fn find(&self, segment: usize) -> *mut Entry {
        // Segments lie side by side as a rule, and so do their entries.
        let mut at = segment / SEGMENT;
        loop {
            // SAFETY: the mask keeps the index inside the table.
            let entry = unsafe { self.table.as_ptr().add(at & self.mask) };
            // SAFETY: as above; entries start as zeros.
            let seen = unsafe { (*entry).segment };
            if seen == segment || seen == 0 {
                return entry;
            }
            at += 1;
        }
    }

    /// Whether there is a page of the set's at `address`, or in its segment.
    #[inline]
    pub(super) fn contains(&self, address: usize) -> bool {
        let segment = address & !(SEGMENT - 1);
        // SAFETY: an entry of the table.
        segment != 0 && unsafe { (*self.find(segment)).segment } == segment
    }

    /// Whether the object at `address` is in a page with collected objects that is in the set.
    #[inline(always)]
    pub(super) fn has_collected(&self, address: usize) -> bool {
        let (segment, slice) = (address & !(SEGMENT - 1), address % SEGMENT / SLICE);
        // SAFETY: an entry of the table.
        let entry = unsafe { *self.find(segment) };
        // No slice of a free entry has any.
        entry.slices >> slice & 1 != 0
    }

    /// Adds a page; `collected` says what is in it. False without memory.
    ///
    /// # Safety
    ///
    /// - The page is in use, in a segment, with the world stopped.
    pub(super) unsafe fn insert(&mut self, page: NonNull<PageHead>, collected: bool) -> bool {
        let segment = page.as_ptr().addr() & !(SEGMENT - 1);
        if !self.contains(segment) {
            if (self.len + 1) * 2 > self.mask && !self.grow() {
                return false;
            }
            // SAFETY: a free entry of the table: there is one, and the segment has none.
            unsafe { (*self.find(segment)).segment = segment };
            self.len += 1;
        }
        if collected {
            // SAFETY: as the caller says.
            let head = unsafe { page.as_ref() };
            let (first, slices) = (head.start.get() as usize / SLICE, head.slices.get());
            let run = usize::MAX >> (usize::BITS - u32::from(slices));
            // SAFETY: the segment's entry.
            unsafe { (*self.find(segment)).slices |= run << first };
        }
        true
    }

    fn bytes(&self) -> usize {
        (self.mask + 1) * size_of::<Entry>()
    }

    fn grow(&mut self) -> bool {
        let page = self.source.page_size().next_power_of_two();
        let bytes = if self.reserved {
            self.bytes() * 2
        } else {
            page
        };
        let Some(span) = self.source.reserve(bytes, page) else {
            return false;
        };
        let mut old = Self {
            source: self.source,
            table: span.cast(),
            mask: bytes / size_of::<Entry>() - 1,
            len: self.len,
            reserved: true,
        };
        core::mem::swap(self, &mut old);
        for index in 0..=old.mask {
            // SAFETY: an entry of the old table.
            let entry = unsafe { *old.table.as_ptr().add(index) };
            if entry.segment != 0 {
                // SAFETY: a free entry of the new one.
                unsafe { *self.find(entry.segment) = entry };
            }
        }
        true
    }
}

impl Drop for Segments<'_> {
    fn drop(&mut self) {
        if self.reserved {
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
