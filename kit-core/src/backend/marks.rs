//! Marks: one bit for each object, found from its address alone.
//!
//! ```text
//! segment | PageHead x SLICES | marks: a bit for each 16 bytes of the segment | what the heap adds ...
//! ```
//!
//! A collector marks an object in a few instructions, without looking at the object or its page, and marks of
//! neighbours share cache lines: a byte of them stands for 128 bytes of heap. They stay what they were between
//! collections. Objects that are [listed](listing) have theirs in front of their listing's [side table](super::side).

use core::{
    ptr::{self, NonNull},
    slice,
};

use crate::sync::native::{AtomicUsize, Ordering::Relaxed};

use super::{
    listing,
    page::{PageHead, SEGMENT, SLICE, SLICES},
};

/// Marks per word.
const BITS: usize = usize::BITS as usize;
/// Words of marks per slice.
const PER_SLICE: usize = SLICE / 16 / BITS;
/// Words in front of a listing's side table.
pub(super) const LISTED_WORDS: usize = listing::LISTED.div_ceil(BITS);

/// How each segment begins. All zeros is valid.
#[derive(Debug)]
#[repr(C)]
pub struct SegmentHead {
    /// The descriptors of its pages; the first slice has none.
    pub heads: [PageHead; SLICES],
    marks: [AtomicUsize; SLICES * PER_SLICE],
}

const _: () = assert!(size_of::<SegmentHead>() < SLICE);

/// The mark of one object.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    word: NonNull<AtomicUsize>,
    bit: usize,
}

impl Mark {
    /// The mark of an object in a segment.
    ///
    /// # Safety
    ///
    /// - `object` points into a paged heap's segment, within the first [`SEGMENT`] bytes.
    #[inline(always)]
    pub unsafe fn of(object: NonNull<u8>) -> Mark {
        let number = (object.as_ptr().addr() & (SEGMENT - 1)) / 16;
        // SAFETY: the segment starts at the mask, and has a bit for each of its places.
        unsafe {
            let segment = object.as_ptr().map_addr(|addr| addr & !(SEGMENT - 1));
            let marks = &raw const (*segment.cast::<SegmentHead>()).marks;
            let word = marks.cast::<AtomicUsize>().add(number / BITS);
            Mark {
                word: NonNull::new_unchecked(word.cast_mut()),
                bit: 1 << (number % BITS),
            }
        }
    }

    /// The mark of an object in a listing; `None` if that has no side table.
    ///
    /// # Safety
    ///
    /// - `object` is the header of a live object of a heap that is not paged, and the world is stopped.
    #[inline]
    pub unsafe fn of_listed(object: NonNull<u8>) -> Option<Mark> {
        // SAFETY: the object is live, so its listing is in use; a table's marks are in front of it.
        unsafe {
            let entry = listing::entry_of(object);
            let side = listing::listing_of(entry).as_ref().side.get();
            let first = NonNull::new(side)?.cast::<AtomicUsize>().sub(LISTED_WORDS);
            let number = listing::index_of(entry);
            Some(Mark {
                word: first.add(number / BITS),
                bit: 1 << (number % BITS),
            })
        }
    }

    #[inline(always)]
    fn word(&self) -> &AtomicUsize {
        // SAFETY: it lies in a segment or a side table that is there while the world is stopped.
        unsafe { self.word.as_ref() }
    }

    /// Whether it is set.
    #[inline(always)]
    pub fn is_set(self) -> bool {
        // Relaxed: a mark stands for itself.
        self.word().load(Relaxed) & self.bit != 0
    }

    /// Sets it, while nobody else sets any. True: it was not set.
    #[inline(always)]
    pub fn set_alone(self) -> bool {
        // Relaxed, and not a read-modify-write: nobody else is about.
        let seen = self.word().load(Relaxed);
        let new = seen & self.bit == 0;
        if new {
            self.word().store(seen | self.bit, Relaxed);
        }
        new
    }

    /// Sets it, whoever else sets marks. True: it was not set, and nobody else is told so.
    #[inline(always)]
    pub fn set_shared(self) -> bool {
        // Relaxed: a mark stands for itself. What it says of is older than the stop.
        self.word().fetch_or(self.bit, Relaxed) & self.bit == 0
    }

    /// Clears it, while nobody else sets any.
    pub fn clear_alone(self) {
        let seen = self.word().load(Relaxed);
        self.word().store(seen & !self.bit, Relaxed);
    }
}

/// Sets marks one after the other, whoever else sets marks: those of neighbours, which share a word, are looked at once
/// and written together.
///
/// Who looked at a mark before somebody else wrote it is told that it is new as well: what is done for an object that is
/// new must do no harm when it is done twice.
#[derive(Debug)]
pub struct MarkRun {
    word: *const AtomicUsize,
    /// The marks of the word, those included that are still to be written.
    marks: usize,
    /// What was there before.
    written: usize,
}

impl MarkRun {
    /// A run that has not begun.
    #[inline(always)]
    pub const fn new() -> Self {
        Self {
            word: ptr::null(),
            marks: 0,
            written: 0,
        }
    }

    /// Sets a mark, at the latest with the next [`flush`](Self::flush). True: it was not set.
    ///
    /// # Safety
    ///
    /// - The mark is there until the run was flushed.
    #[inline(always)]
    pub unsafe fn set(&mut self, mark: Mark) -> bool {
        if self.word != mark.word.as_ptr() {
            // SAFETY: as the caller said of the marks so far.
            unsafe { self.flush() };
            self.word = mark.word.as_ptr();
            // Relaxed: a mark stands for itself.
            self.written = mark.word().load(Relaxed);
            self.marks = self.written;
        }
        let new = self.marks & mark.bit == 0;
        self.marks |= mark.bit;
        new
    }

    /// Writes what was set.
    ///
    /// # Safety
    ///
    /// - As for [`set`](Self::set).
    #[inline(always)]
    pub unsafe fn flush(&mut self) {
        if self.marks != self.written {
            // Relaxed: as in `Mark::set_shared`. Nobody asks for what was there: that would take several times as long.
            // SAFETY: a word of marks, by the contract of `set`.
            unsafe { &*self.word }.fetch_or(self.marks, Relaxed);
            self.written = self.marks;
        }
    }
}

impl Default for MarkRun {
    fn default() -> Self {
        Self::new()
    }
}

/// The words with the marks of a page's objects; none for a listing without a side table.
///
/// # Safety
///
/// - The page is in use, and the world is stopped as long as the result is used.
pub unsafe fn of_page<'a>(page: NonNull<PageHead>) -> &'a [AtomicUsize] {
    // SAFETY: as the caller says; a page's slices lie in its segment, a table's marks in front of it.
    unsafe {
        let slices = page.as_ref().slices.get();
        if slices == listing::SLICES_OF_LISTING {
            let Some(side) = NonNull::new(page.as_ref().side.get()) else {
                return &[];
            };
            let first = side.cast::<AtomicUsize>().sub(LISTED_WORDS);
            return slice::from_raw_parts(first.as_ptr(), LISTED_WORDS);
        }
        let first = (page.as_ptr().addr() & (SEGMENT - 1)) / size_of::<PageHead>();
        let segment = page.as_ptr().map_addr(|addr| addr & !(SEGMENT - 1));
        let marks = &raw const (*segment.cast::<SegmentHead>()).marks;
        let marks = ptr::slice_from_raw_parts(
            marks.cast::<AtomicUsize>().add(first * PER_SLICE),
            usize::from(slices) * PER_SLICE,
        );
        &*marks
    }
}

/// Sets or clears all marks of a page, while nobody else sets any there.
///
/// # Safety
///
/// - As for [`of_page`].
pub unsafe fn fill_page(page: NonNull<PageHead>, marked: bool) {
    // SAFETY: as the caller says.
    for word in unsafe { of_page(page) } {
        // Relaxed: nobody else is about.
        word.store(if marked { usize::MAX } else { 0 }, Relaxed);
    }
}

/// How many marks of a page are set.
///
/// # Safety
///
/// - As for [`of_page`].
pub unsafe fn count_in_page(page: NonNull<PageHead>) -> usize {
    // SAFETY: as the caller says.
    let words = unsafe { of_page(page) };
    (words.iter())
        .map(|word| word.load(Relaxed).count_ones() as usize)
        .sum()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::alloc::Layout;

    /// A segment, and nothing in it.
    struct Segment(NonNull<u8>);

    impl Segment {
        const LAYOUT: Layout = match Layout::from_size_align(SEGMENT, SEGMENT) {
            Ok(layout) => layout,
            Err(_) => panic!("a power of two"),
        };

        fn new() -> Self {
            // SAFETY: not of size 0.
            Self(NonNull::new(unsafe { std::alloc::alloc_zeroed(Self::LAYOUT) }).expect("memory"))
        }

        /// The place of an object.
        fn at(&self, offset: usize) -> NonNull<u8> {
            assert!(offset < SEGMENT);
            // SAFETY: inside.
            unsafe { self.0.add(offset) }
        }

        fn page(&self, slice: usize, slices: u16) -> NonNull<PageHead> {
            // SAFETY: one of the descriptors; zeros are one that is not in use.
            unsafe {
                let page = self.0.cast::<PageHead>().add(slice);
                page.as_ref().slices.set(slices);
                page
            }
        }
    }

    impl Drop for Segment {
        fn drop(&mut self) {
            // SAFETY: allocated with this layout.
            unsafe { std::alloc::dealloc(self.0.as_ptr(), Self::LAYOUT) };
        }
    }

    #[test]
    fn each_object_has_a_mark_of_its_own_and_a_page_those_of_its_objects() {
        let segment = Segment::new();
        let (page, next) = (segment.page(1, 2), segment.page(3, 1));
        let last = SEGMENT - 16;
        // SAFETY: a segment that nobody else uses; here and below.
        unsafe {
            for offset in [SLICE, SLICE + 16, 3 * SLICE - 16, 3 * SLICE, last] {
                let mark = Mark::of(segment.at(offset));
                assert!(!mark.is_set() && mark.set_alone() && !mark.set_shared());
            }
            assert_eq!((count_in_page(page), count_in_page(next)), (3, 1));
            fill_page(next, true);
            assert_eq!(count_in_page(next), SLICE / 16);
            assert!(Mark::of(segment.at(last)).is_set());
            fill_page(page, false);
            assert_eq!((count_in_page(page), count_in_page(next)), (0, SLICE / 16));
            Mark::of(segment.at(3 * SLICE)).clear_alone();
            assert_eq!(count_in_page(next), SLICE / 16 - 1);
        }
    }

    #[test]
    fn a_run_tells_what_was_new_and_writes_all_of_it() {
        let segment = Segment::new();
        let first = 5 * SLICE + 16 * BITS;
        // SAFETY: as above.
        unsafe {
            let mark = |offset: usize| Mark::of(segment.at(first + offset));
            assert!(mark(32).set_alone());
            let mut run = MarkRun::new();
            run.flush();
            let new = [0, 48, 32, 48, 16 * BITS - 16].map(|offset| run.set(mark(offset)));
            assert_eq!(new, [true, true, false, false, true]);
            // Of the next word: those before are written.
            assert!(run.set(mark(16 * BITS)));
            assert!(mark(0).is_set() && mark(48).is_set() && mark(16 * BITS - 16).is_set());
            assert!(!run.set(mark(0)) && !run.set(mark(16 * BITS)) && run.set(mark(16)));
            run.flush();
            assert!(mark(16).is_set() && mark(16 * BITS).is_set() && !mark(64).is_set());
        }
    }

    #[test]
    fn a_run_among_others_keeps_what_they_set() {
        let segment = Segment::new();
        // SAFETY: as above.
        unsafe {
            let (ours, theirs) = (
                Mark::of(segment.at(SLICE)),
                Mark::of(segment.at(SLICE + 16)),
            );
            let mut run = MarkRun::new();
            assert!(run.set(ours) && theirs.set_shared());
            run.flush();
            assert!(ours.is_set() && theirs.is_set());
        }
    }
}
