//! Merging: what threads have put aside is added to the objects' counts.
//!
//! Counts are spread out while the world runs: references that other threads dropped lie in their owner's
//! queue, and what many threads share is counted by each for itself.

use super::candidates::Pass;
use kit_core::{
    backend::{
        collector::NotCollected,
        heap::{Kinds, SharedHeap},
        world::Stopped,
    },
    thread::Thread,
};

/// Empties what threads keep for themselves: dead objects that they would make new ones of, queues of
/// counts, counts of their own; and frees the copies of code that dead threads have left.
///
/// # Safety
///
/// - The world is stopped by `me`, and no walk has begun.
pub(super) unsafe fn merge(stopped: &Stopped<'_>, heap: &dyn SharedHeap, me: &Thread) {
    stopped.for_each_thread(|core| {
        // SAFETY: a core is the first field of its thread's record, which is stopped, or ours.
        let thread = unsafe { &*core::ptr::from_ref(core).cast::<Thread>() };
        // SAFETY: stopped, and the walk has not begun. A thread that has given its heap back has closed
        // its lists.
        unsafe { thread.free.clear(&thread.heap) };
    });
    // SAFETY: stopped by `me`, and the walk has not begun.
    unsafe {
        me.services().merge.process_stopped(stopped, heap, me);
        add_up(stopped, me);
        me.services().code.reclaim();
    }
}

/// Gives every block of these kinds a word, at first 0.
///
/// # Safety
///
/// - The world is stopped until `pass` is dropped.
pub(super) unsafe fn attach_all(
    heap: &dyn SharedHeap,
    kinds: Kinds,
    pass: &mut Pass<'_>,
) -> Result<(), NotCollected> {
    let mut attached = true;
    // SAFETY: as the caller says; the walk meets each page once.
    unsafe {
        for part in 0..heap.walk_parts() {
            heap.walk_pages(part, kinds, &mut |page| {
                attached = attached && pass.attach(page);
            });
        }
    }
    if attached {
        Ok(())
    } else {
        Err(NotCollected::OutOfMemory)
    }
}

/// Adds what threads have counted for themselves to the objects' counts.
///
/// # Safety
///
/// - The world is stopped by `me`.
pub(super) unsafe fn add_up(stopped: &Stopped<'_>, me: &Thread) {
    let ids = &me.services().count_ids;
    // SAFETY: all threads are stopped but ours; a core is the first field of its thread's record.
    unsafe {
        stopped.for_each_thread(|core| {
            ids.absorb(&(*core::ptr::from_ref(core).cast::<Thread>()).counts);
        });
        ids.settle();
    }
}
