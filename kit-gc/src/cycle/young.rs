//! Young collections: garbage among what is new. Of what is old, only the descriptors of pages are looked at.
//!
//! What lies in pages that no block was handed out from since the last collection counts as alive, all of it: to the pass these pages are
//! unknown, as if what is in them led nowhere. For the others, the same arithmetic holds: a reference from an old object is one that nobody accounts for, so it looks like one from outside. No
//! write barrier has to know of it. But it must have been counted: a deferred object may be needed by an old one without a count
//! that would show it, so to a young collection deferred objects are alive.
//!
//! | age of a page | meaning | then |
//! |---|---|---|
//! | OLD | nothing in it is new | FRESH |
//! | FRESH | blocks may have been handed out since it was OLD | CHOSEN |
//! | CHOSEN | is being looked at | OLD |
//!
//! With a budget only some pages are chosen; the others are still fresh the next time. After a collection each thread looks anew for the
//! page that its next block comes from, which makes that one fresh: where nothing is made, nothing is looked at. A
//! [free list](kit_core::thread::free_list) takes no blocks of old pages.

use super::{candidates::Pass, mark::Marker};
use core::{ptr::NonNull, sync::atomic::Ordering::Relaxed};
use kit_core::{
    backend::{
        collector::NotCollected,
        heap::{Kinds, SharedHeap},
        page::{FRESH, OLD, PageHead},
        world::Stopped,
    },
    object::{Bits, Header},
    thread::Thread,
};

const CHOSEN: u8 = 2;

/// Calls `f` with each page of collected objects.
///
/// # Safety
///
/// - The world is stopped.
unsafe fn for_each_page(heap: &dyn SharedHeap, mut f: impl FnMut(NonNull<PageHead>, u8)) {
    // SAFETY: as the caller says.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, Kinds::COLLECTED, &mut |page| f(page, age(page)));
        }
    }
}

// Ages are read and written with the world stopped.
fn age(page: NonNull<PageHead>) -> u8 {
    // SAFETY: a walk gives pages that are in use.
    unsafe { page.as_ref() }.hot.age.load(Relaxed)
}

fn set_age(page: NonNull<PageHead>, age: u8) {
    // SAFETY: as above.
    unsafe { page.as_ref() }.hot.age.store(age, Relaxed);
}

/// Whether this collection looks at the page.
pub(super) fn is_chosen(page: NonNull<PageHead>) -> bool {
    age(page) == CHOSEN
}

/// Chooses pages with about `budget` objects, or one page, and returns how many these are. Their marks are cleared; those of all others
/// stay unknown.
///
/// # Safety
///
/// - The world is stopped until `pass` is dropped, which is new.
pub(super) unsafe fn choose(
    heap: &dyn SharedHeap,
    pass: &mut Pass<'_>,
    budget: usize,
) -> Result<usize, NotCollected> {
    let (mut left, mut known, mut pages) = (budget.max(1), true, 0);
    // SAFETY: as the caller says; each page is made known once.
    unsafe {
        for_each_page(heap, |page, age| {
            // One that is chosen already was left over by a collection that failed.
            let chosen = age != OLD && left != 0;
            if chosen {
                set_age(page, CHOSEN);
                left = left.saturating_sub(page.as_ref().hot.used.get() as usize);
                pages += 1;
                known = known && pass.mark_page(page, false);
            } else if age == CHOSEN {
                set_age(page, FRESH);
            }
        });
    }
    pass.seal();
    known.then_some(pages).ok_or(NotCollected::OutOfMemory)
}

/// Marks the deferred objects in the pages that were chosen.
///
/// # Safety
///
/// - The world is stopped, and pages were chosen.
pub(super) unsafe fn reach_deferred(heap: &dyn SharedHeap, marker: &mut Marker<'_>) {
    // SAFETY: as the caller says.
    unsafe {
        for_each_page(heap, |page, age| {
            if age == CHOSEN {
                let offset = page.as_ref().heap_kind().header_offset();
                PageHead::for_each_live(page, |block| {
                    let object: *mut Header = block.add(offset).cast().as_ptr();
                    if (*object).bits().contains(Bits::DEFERRED) {
                        marker.reach(object);
                    }
                });
            }
        });
    }
}

/// What was looked at is old: everything, or with `chosen` what was chosen. Returns how many pages there are.
///
/// # Safety
///
/// - The world is stopped; every registered thread is the first field of a [`Thread`].
pub(super) unsafe fn grow_old(heap: &dyn SharedHeap, stopped: &Stopped<'_>, chosen: bool) -> usize {
    let mut pages = 0;
    // SAFETY: as the caller says.
    unsafe {
        for_each_page(heap, |page, age| {
            pages += 1;
            if !chosen || age == CHOSEN {
                set_age(page, OLD);
            }
        });
        stopped.for_each_thread(|core| {
            let thread = &*core::ptr::from_ref(core).cast::<Thread>();
            thread.heap.forget_direct(Kinds::COLLECTED);
        });
    }
    pages
}
