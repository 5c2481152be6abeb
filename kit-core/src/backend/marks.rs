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
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

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

/// Marks of neighbours in a segment that are to be set together: a word of them.
#[derive(Debug)]
pub struct MarkGroup {
    /// One of the objects.
    object: *mut u8,
    bits: usize,
}

impl MarkGroup {
    /// No marks.
    pub const fn new() -> Self {
        Self {
            object: ptr::null_mut(),
            bits: 0,
        }
    }

    /// Adds the mark of another object. False: it is not of this group, which must be [set](Self::set) first.
    ///
    /// # Safety
    ///
    /// - As for [`Mark::of`].
    #[inline(always)]
    pub unsafe fn add(&mut self, object: NonNull<u8>) -> bool {
        let object = object.as_ptr();
        if self.bits == 0 {
            self.object = object;
        } else if (object.addr() ^ self.object.addr()) / (16 * BITS) != 0 {
            return false;
        }
        self.bits |= 1 << (object.addr() / 16 % BITS);
        true
    }

    /// Sets the marks, whoever else sets marks; calls `new` with each object whose mark was not set, which nobody else
    /// is told of. The group is empty then.
    ///
    /// # Safety
    ///
    /// - The objects are where they were added, with the world stopped.
    #[inline(always)]
    pub unsafe fn set(&mut self, mut new: impl FnMut(NonNull<u8>)) {
        if self.bits == 0 {
            return;
        }
        let bits = core::mem::take(&mut self.bits);
        // SAFETY: added by the contract of `Mark::of`.
        let word = unsafe { Mark::of(NonNull::new_unchecked(self.object)) };
        // Relaxed: as in `Mark::set_shared`.
        let mut fresh = bits & !word.word().fetch_or(bits, Relaxed);
        let first = self.object.map_addr(|addr| addr & !(16 * BITS - 1));
        while fresh != 0 {
            let number = fresh.trailing_zeros() as usize;
            fresh &= fresh - 1;
            // SAFETY: an object of the group, so in its segment.
            new(unsafe { NonNull::new_unchecked(first.wrapping_add(16 * number)) });
        }
    }
}

impl Default for MarkGroup {
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
    use std::{alloc::Layout, vec::Vec};

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
    fn a_group_is_set_at_once_and_tells_what_was_new() {
        let segment = Segment::new();
        let first = 5 * SLICE + 16 * BITS;
        // SAFETY: as above.
        unsafe {
            assert!(Mark::of(segment.at(first + 32)).set_alone());
            let mut group = MarkGroup::new();
            group.set(|_| panic!("there is nothing in it"));
            for offset in [0, 48, 32, 48, 16 * BITS - 16] {
                assert!(group.add(segment.at(first + offset)));
            }
            // Neighbours, but of the next word.
            assert!(!group.add(segment.at(first + 16 * BITS)));
            assert!(!group.add(segment.at(first - 16)));
            let mut new = Vec::new();
            group.set(|object| new.push(object.as_ptr().addr() - segment.0.as_ptr().addr()));
            assert_eq!(new, [first, first + 48, first + 16 * BITS - 16]);
            assert!(group.add(segment.at(first + 16 * BITS)));
        }
    }
}
