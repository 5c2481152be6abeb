//! Which segments the collector looks into: a hash set, open addressing, at most half full; and, for what is asked most, a
//! table over the addresses from the first segment to the last, as long as these lie close together.
//!
//! It tells objects that the collector marks from those in static memory, where no mark may be looked for, and from those
//! that lead nowhere: a segment's entry says which of its slices have collected objects.

use core::ptr::NonNull;
use kit_core::{
    backend::page::{PageHead, SEGMENT, SLICE, SLICES},
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
    near: Near,
    /// The pages that `near` was reserved with.
    near_bytes: usize,
}

/// For each slice from one address on: 1 if it has collected objects, else 0.
#[derive(Clone, Copy)]
pub(super) struct Near {
    base: usize,
    len: usize,
    slices: *const u8,
}

impl Near {
    /// Whether the object at `address` is in a page with collected objects; `None`: it is too far away to say.
    #[inline(always)]
    pub(super) fn has_collected(self, address: usize) -> Option<bool> {
        let at = address.wrapping_sub(self.base) / SLICE;
        if at >= self.len {
            return None;
        }
        // SAFETY: below the length.
        Some(unsafe { *self.slices.add(at) } != 0)
    }
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
            near: Near {
                base: 0,
                len: 0,
                slices: core::ptr::null(),
            },
            near_bytes: 0,
        }
    }

    /// The table, and whether there are segments that are not in it.
    pub(super) fn near(&self) -> (Near, bool) {
        (self.near, self.len != 0 && self.near.len == 0)
    }

    /// Makes the table of what is in the set, if there is memory for it.
    pub(super) fn seal(&mut self) {
        let entries = |set: &Self| {
            let (table, mask) = (set.table.as_ptr(), set.mask);
            // SAFETY: entries of the table.
            (0..=mask).map(move |index| unsafe { *table.add(index) })
        };
        let used = || entries(self).filter(|entry| entry.segment != 0);
        let Some(first) = used().map(|entry| entry.segment).min() else {
            return;
        };
        let last = used().fold(first, |last, entry| last.max(entry.segment));
        let len = (last - first) / SEGMENT + 1;
        let page = self.source.page_size();
        if len > self.len * SPREAD + page / SLICES {
            return;
        }
        let bytes = (len * SLICES).next_multiple_of(page);
        let Some(span) = self.source.reserve(bytes, page) else {
            return;
        };
        let slices = span.as_ptr();
        for entry in used() {
            let mut left = entry.slices;
            while left != 0 {
                let slice = left.trailing_zeros() as usize;
                left &= left - 1;
                // SAFETY: between the first and the last; the rest stays 0.
                unsafe { *slices.add((entry.segment - first) / SLICE + slice) = 1 };
            }
        }
        self.near = Near {
            base: first,
            len: len * SLICES,
            slices,
        };
        self.near_bytes = bytes;
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
            near: self.near,
            near_bytes: 0,
        };
        core::mem::swap(self, &mut old);
        core::mem::swap(&mut self.near_bytes, &mut old.near_bytes);
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
        if let Some(span) = NonNull::new(self.near.slices.cast_mut())
            && self.near_bytes != 0
        {
            // SAFETY: reserved in `seal` with this size, and used no more.
            unsafe {
                (self.source).release(span.cast(), self.near_bytes, self.source.page_size());
            }
        }
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

/// The table may be this many times as long as there are segments.
const SPREAD: usize = 16;
