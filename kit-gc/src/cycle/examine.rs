//! Examining: which objects were not reached, and how many references there are to each.
//!
//! Of most pages everything was reached, and that is known from their marks alone: as many are set as blocks are
//! in use. Only in the others objects are looked at, and get their words.

use super::{
    Scope,
    candidates::{Pass, first_word, is_examined},
    young,
};
use core::ptr::NonNull;
use kit_core::{
    backend::{
        collector::NotCollected,
        heap::{Kinds, SharedHeap},
        marks,
        page::PageHead,
    },
    object::{Bits, Header},
};

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Examined {
    /// Objects that were reached before.
    pub(super) reached: usize,
    /// Objects with a word.
    pub(super) candidates: usize,
    /// Whether there are tracked objects that are neither.
    pub(super) others: bool,
}

/// Makes the marks of all collected objects known, and clears them; returns how many pages of them there are.
///
/// # Safety
///
/// - The world is stopped until `pass` is dropped, which is new.
pub(super) unsafe fn clear_marks(
    heap: &dyn SharedHeap,
    pass: &mut Pass<'_>,
) -> Result<usize, NotCollected> {
    let (mut known, mut pages) = (true, 0);
    // SAFETY: as the caller says; the walk meets each page once.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, Kinds::COLLECTED, &mut |page| {
                known = known && pass.mark_page(page, false);
                pages += 1;
            });
        }
    }
    pass.seal();
    known.then_some(pages).ok_or(NotCollected::OutOfMemory)
}

/// Gives each object in the pages of `scope` that is examined and was not reached its word.
///
/// # Safety
///
/// - The world is stopped until `pass` is dropped, and the counts are merged.
/// - The marks are known, and set for what was reached.
pub(super) unsafe fn examine(
    heap: &dyn SharedHeap,
    pass: &mut Pass<'_>,
    scope: Scope,
) -> Result<Examined, NotCollected> {
    let (mut found, mut memory) = (Examined::default(), true);
    // SAFETY: as the caller says; nothing is allocated or freed in the heap.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, Kinds::COLLECTED, &mut |page| {
                if scope == Scope::All || young::is_chosen(page) {
                    memory = memory && examine_page(pass, page, &mut found);
                }
            });
        }
    }
    memory.then_some(found).ok_or(NotCollected::OutOfMemory)
}

/// False: there was no memory.
///
/// # Safety
///
/// - As for [`examine`].
unsafe fn examine_page(pass: &mut Pass<'_>, page: NonNull<PageHead>, found: &mut Examined) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let reached = marks::count_in_page(page);
        found.reached += reached;
        if PageHead::live_blocks(page) == Some(reached) {
            return true;
        }
        let head = page.as_ref();
        let offset = head.heap_kind().header_offset();
        let (mut attached, mut memory) = (false, true);
        PageHead::for_each_live(page, |block| {
            let object: *mut Header = block.add(offset).cast().as_ptr();
            if pass.is_marked(object) {
                return;
            }
            let header = &*object;
            if !is_examined(header) {
                found.others |= header.bits().contains(Bits::TRACKED);
                return;
            }
            if !attached {
                attached = true;
                memory = pass.attach(page);
            }
            if memory {
                pass.set_word(object, first_word(header));
                found.candidates += 1;
            }
        });
        memory
    }
}
