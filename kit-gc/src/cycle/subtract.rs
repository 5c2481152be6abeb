//! Subtracting: what is left of each candidate's count are the references from outside.

use super::candidates::{Pass, add_one, for_each_object, subtract_one};
use core::ptr::{self, NonNull};
use kit_core::{
    backend::{heap::SharedHeap, world::Stopped},
    object::{Bits, Header, Word, trace::Edge},
    thread::Thread,
};

/// Accounts for the references that candidates hold by count.
///
/// # Safety
///
/// - The world is stopped, and every candidate has its word.
pub(super) unsafe fn subtract_all(pass: &Pass<'_>) {
    // What many refer to alike is looked up once for all that do so in a row.
    let (mut shared, mut shared_word) = (ptr::null_mut(), None);
    // SAFETY: candidates are tracked; what they refer to is alive. A word is borrowed for one subtraction only, and stays where
    // it is.
    unsafe {
        let visit = |target, edge| match edge {
            Edge::Counted => {
                if let Some(word) = pass.word_of(target) {
                    subtract_one(word);
                }
            }
            Edge::PerThread => {
                if target != shared {
                    shared = target;
                    shared_word = pass.word_of(target).map(NonNull::from);
                }
                if let Some(mut word) = shared_word {
                    subtract_one(word.as_mut());
                }
            }
            Edge::Uncounted | Edge::Borrowed => {}
        };
        pass.trace_candidates(|_| true, visit);
    }
}

/// Adds the references that an object which is not a candidate holds without a count.
///
/// # Safety
///
/// - `object` is live, and the world is stopped.
pub(super) unsafe fn add_uncounted(pass: &Pass<'_>, object: *mut Header) {
    // SAFETY: as the caller says; tracked objects may be traced.
    unsafe {
        if (*object).bits().contains(Bits::TRACKED) {
            pass.trace(object, |target, edge| {
                if !edge.is_counted()
                    && let Some(word) = pass.word_of(target)
                {
                    add_one(word);
                }
            });
        }
    }
}

/// Adds the references that anything in the heap but candidates holds without a count.
///
/// # Safety
///
/// - The world is stopped, and every candidate has its word.
pub(super) unsafe fn add_all_uncounted(heap: &dyn SharedHeap, pass: &Pass<'_>) {
    // SAFETY: as the caller says.
    unsafe {
        for_each_object(heap, |object| {
            if pass.word_of(object).is_none() {
                add_uncounted(pass, object);
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
