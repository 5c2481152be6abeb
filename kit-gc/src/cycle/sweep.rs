//! Sweeping: garbage that is freed together, without taking its references apart one by one.
//!
//! Garbage is closed: only garbage refers to it. Where nothing can run any more, no finalizer and no weak reference,
//! nobody will ever look at what one garbage object counts of another. So with the world stopped each object
//! is asked for its references, and those that lead out of the garbage are set aside; the object is untracked, which hides
//! it from whoever walks the heap. With the world running its buffers and its block are freed, page by page; last,
//! what was set aside is dropped, in the order in which it was found.
//!
//! | garbage | how it goes |
//! |---|---|
//! | its kind can only be dropped; deferred; weakly referenced | one by one (`clear`) |
//! | referred to by such an object, however indirectly | one by one: its count will be looked at |
//! | all other | swept |

use super::candidates::Pass;
use super::{finalize::wants_finalizer, mark::Marker};
use crate::worklist::Worklist;
use core::ptr::NonNull;
use kit_core::{
    backend::{
        events::REFERS_WEAKLY,
        heap::{PREFIX, SharedHeap},
    },
    object::{Bits, Header, Word, trace::Edge},
    platform::pages::PageSource,
    thread::Ctx,
};

/// Garbage that is ready to be freed: the first `len` of a list.
pub(super) struct Sweep<'a> {
    /// What it held a counted reference to, outside of itself.
    outside: Worklist<'a>,
    len: usize,
}

impl<'a> Sweep<'a> {
    /// Nothing yet.
    pub(super) fn new(source: &'a dyn PageSource) -> Self {
        Self {
            outside: Worklist::new(source),
            len: 0,
        }
    }

    /// How many objects of the list are swept.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes the next object, in the hope that all garbage can be swept. False: this one cannot; what was taken is
    /// to be [given back](Self::give_back).
    ///
    /// # Safety
    ///
    /// - The world is stopped; the object is garbage, and so is every candidate that is not marked.
    pub(super) unsafe fn take(&mut self, pass: &Pass<'_>, object: *mut Header) -> bool {
        // SAFETY: as the caller says.
        let taken = unsafe { can_sweep(pass, object) && self.add(pass, object) };
        self.len += usize::from(taken);
        taken
    }

    /// Undoes what was taken, the first of `garbage`.
    ///
    /// # Safety
    ///
    /// - The world is still stopped.
    pub(super) unsafe fn give_back(self, garbage: &[*mut Header]) {
        // One more may have been untracked when memory ran out.
        for &object in garbage.iter().take(self.len + 1) {
            // SAFETY: garbage is alive, and was tracked.
            unsafe { (*object).set_bits_private(Bits::TRACKED) };
        }
    }

    /// Puts what can be swept in front. `None`: nothing can, or there is no memory.
    ///
    /// # Safety
    ///
    /// - The world is stopped; this is all the garbage, which is not marked, and nothing gets at it any more.
    pub(super) unsafe fn part(
        pass: &Pass<'_>,
        garbage: &mut [*mut Header],
        heap: &'a dyn SharedHeap,
    ) -> Option<Self> {
        let mut sweep = Self::new(heap.pages());
        // SAFETY: as the caller says.
        unsafe {
            let mut marker = Marker::new(pass, heap);
            for &object in &*garbage {
                if !can_sweep(pass, object) {
                    marker.reach(object);
                }
            }
            marker.finish();
            for index in 0..garbage.len() {
                if pass.word_of(garbage[index]).is_some() {
                    garbage.swap(index, sweep.len);
                    sweep.len += 1;
                }
            }
            let mut added = 0;
            while added < sweep.len && sweep.add(pass, garbage[added]) {
                added += 1;
            }
            for &object in &garbage[sweep.len..] {
                if let Some(mark) = pass.mark_of(object) {
                    mark.clear_alone();
                }
            }
            if added < sweep.len {
                sweep.give_back(garbage);
                return None;
            }
        }
        (sweep.len > 0).then_some(sweep)
    }

    /// Hides an object, and sets aside what it refers to outside. False without memory.
    ///
    /// # Safety
    ///
    /// - As for [`take`](Self::take).
    unsafe fn add(&mut self, pass: &Pass<'_>, object: *mut Header) -> bool {
        let mut complete = true;
        // SAFETY: garbage is alive and tracked, with the world stopped.
        unsafe {
            (*object).clear_bits_private(Bits::TRACKED);
            pass.trace(object, |target, edge| {
                let inside = pass.word_of(target).is_some();
                if !inside && edge == Edge::Counted {
                    complete &= self.outside.push(target);
                }
            });
        }
        complete
    }

    /// Frees the garbage, and drops what it referred to outside. Language code may run.
    ///
    /// # Safety
    ///
    /// - `garbage` is what was taken or put in front; the world runs.
    pub(super) unsafe fn free(self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        for &object in &garbage[..self.len] {
            // SAFETY: the object is whole but for its references, which are set aside or lead to what is freed here; nobody looks
            // at it any more. Its block begins in front of a prefix, if it has one.
            unsafe {
                let header = &*object;
                let thread = ctx.thread();
                if let Some(discard) = ctx.type_entry(header.type_id()).kind().discard {
                    discard(object, thread);
                }
                header.write_off(ctx.counter());
                let prefix = if header.bits().contains(Bits::USER) {
                    PREFIX
                } else {
                    0
                };
                let block = NonNull::new_unchecked(object.cast::<u8>().sub(prefix));
                thread.heap.free(block);
            }
        }
        self.outside.for_each(|object| {
            // SAFETY: the reference of an object that is gone.
            unsafe { ctx.release(Word::object(object)) };
        });
    }
}

/// Whether the object can be swept, if all that refer to it are.
///
/// # Safety
///
/// - The object is garbage, and the world is stopped.
unsafe fn can_sweep(pass: &Pass<'_>, object: *mut Header) -> bool {
    // SAFETY: garbage is alive.
    let header = unsafe { &*object };
    let entry = pass.types.entry(header.type_id());
    let one_by_one = Bits::DEFERRED.union(Bits::WEAKLY_REFERENCED);
    entry.kind().discard.is_some()
        && !header.bits().intersects(one_by_one)
        && entry.flags() & REFERS_WEAKLY == 0
        && !wants_finalizer(pass.types, object)
}
