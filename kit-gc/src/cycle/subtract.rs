//! Subtracting: what is left of each candidate's count are the references from outside.

use super::candidates::{Pass, REACHED, add_one, for_each_object, subtract_one};
use kit_core::{
    backend::{heap::SharedHeap, world::Stopped},
    object::{Bits, Header, Word, trace::Edge},
    thread::Thread,
};

/// Accounts for the references that one candidate holds by count.
///
/// # Safety
///
/// - `object` is a candidate, and the world is stopped.
pub(super) unsafe fn subtract_edges(pass: &Pass<'_>, object: *mut Header) {
    // SAFETY: candidates are tracked; what they refer to is alive.
    unsafe {
        pass.trace(object, |target, edge| {
            if edge == Edge::Counted
                && let Some(word) = pass.word_of(target)
            {
                subtract_one(word);
            }
        });
    }
}

/// Accounts for the references that all candidates not yet reached hold by count, and adds those that objects which are
/// not candidates hold without.
///
/// # Safety
///
/// - The world is stopped, and every candidate in the heap has its word.
pub(super) unsafe fn subtract_all(heap: &dyn SharedHeap, pass: &Pass<'_>) {
    // SAFETY: as the caller says; tracked objects may be traced.
    unsafe {
        for_each_object(heap, |object| {
            if let Some(word) = pass.word_of(object) {
                // What is alive leads only to what is alive as well, and needs no count.
                if *word & REACHED == 0 {
                    subtract_edges(pass, object);
                }
            } else if (*object).bits().contains(Bits::TRACKED) {
                pass.trace(object, |target, edge| {
                    if edge != Edge::Counted
                        && let Some(word) = pass.word_of(target)
                    {
                        add_one(word);
                    }
                });
            }
        });
    }
}

/// Adds the references on data stacks that have no count.
///
/// # Safety
///
/// - Every registered thread is the first field of a [`Thread`].
pub(super) unsafe fn add_stacks(pass: &Pass<'_>, stopped: &Stopped<'_>) {
    stopped.for_each_thread(|core| {
        // SAFETY: by the caller's promise; the thread is stopped, or ours and at a safepoint.
        unsafe {
            let thread = &*core::ptr::from_ref(core).cast::<Thread>();
            (*thread.stack.get()).scan(&mut |word| {
                if word.is_deferred() {
                    add_root(pass, word);
                }
            });
        }
    });
}

/// Adds one reference that has no count.
///
/// # Safety
///
/// - `word` refers to a live object, if to any, and the world is stopped.
pub(super) unsafe fn add_root(pass: &Pass<'_>, word: Word) {
    if word.is_object() {
        // SAFETY: as the caller says.
        if let Some(word) = unsafe { pass.word_of(word.as_object()) } {
            add_one(word);
        }
    }
}
