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

use kit_core::{
    backend::{
        heap::{Kinds, SharedHeap},
        page::PageHead,
        side,
    },
    object::{Bits, Header, Tracer, TypeTable, trace::Edge},
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
    let mut references = header.references();
    if references <= 0 && !header.bits().contains(Bits::DEFERRED) {
        // On some thread's list of the dying: that thread takes it apart.
        references = 1;
    }
    let count = u32::try_from(references.max(0))
        .unwrap_or(u32::MAX)
        .min(COUNT / ONE);
    CANDIDATE | (count * ONE)
}

/// The object's word, if it is a candidate.
///
/// # Safety
///
/// - `object` is a live object, and the world is stopped.
#[inline]
pub(super) unsafe fn word_of<'a>(object: *mut Header) -> Option<&'a mut u32> {
    // SAFETY: live. Objects in static memory are in no page; they say so.
    unsafe {
        if (*object).bits().contains(Bits::STATIC) {
            return None;
        }
        // Borrowed exclusively: only the collector's one thread uses the tables, one word at a time.
        side::of(core::ptr::NonNull::new_unchecked(object.cast()))
            .as_mut()
            .filter(|word| **word & CANDIDATE != 0)
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

/// Reports every reference that `object` holds.
///
/// # Safety
///
/// - `object` is live and tracked, and the world is stopped.
#[inline]
pub(super) unsafe fn trace(
    types: &TypeTable,
    object: *mut Header,
    mut visit: impl FnMut(*mut Header, Edge),
) {
    // SAFETY: live, so its type is in use.
    let kind = unsafe { types.entry((*object).type_id()) }.kind();
    let mut visit = |word: kit_core::object::Word, edge| visit(word.as_object(), edge);
    // SAFETY: tracked, so it may be traced.
    unsafe { (kind.trace)(object, &mut Tracer::new(&mut visit)) };
}

/// Calls `f` with every object in the heap that could be collected.
///
/// # Safety
///
/// - The world is stopped, and `f` neither allocates nor frees.
pub(super) unsafe fn for_each_object(heap: &dyn SharedHeap, mut f: impl FnMut(*mut Header)) {
    // SAFETY: as the caller says.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, Kinds::COLLECTED, &mut |page| {
                let offset = page.as_ref().heap_kind().header_offset();
                PageHead::for_each_live(page, |block| f(block.add(offset).cast().as_ptr()));
            });
        }
    }
}
