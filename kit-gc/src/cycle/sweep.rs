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
use super::mark::Marker;
use crate::worklist::{Found, Worklist};
use core::ptr::NonNull;
use kit_core::{
    backend::{
        events::{FINALIZES, REFERS_WEAKLY},
        heap::{PREFIX, SharedHeap},
    },
    object::{
        Bits, Header, Word,
        trace::{Edge, prefetch},
    },
    platform::pages::PageSource,
    thread::Ctx,
};

/// What of the garbage can be swept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sweeps {
    /// All of it, and it was taken.
    All,
    /// Perhaps some; nothing can get at any of it.
    Some,
    /// That is known when finalizers have run and weak references are cleared.
    Unknown,
}

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

    /// Lists the garbage, and with `sweeps` takes it, in the hope that all of it can be swept. Where that is not so, what was
    /// taken is to be [given back](Self::give_back).
    ///
    /// # Safety
    ///
    /// - The world is stopped; every candidate that is not marked is garbage.
    pub(super) unsafe fn take_all(
        &mut self,
        pass: &Pass<'_>,
        garbage: &mut Found<'_>,
        sweeps: bool,
    ) -> Sweeps {
        let Self { outside, len } = self;
        let (mut whole, mut closed, mut complete) = (sweeps, true, true);
        // SAFETY: as the caller says: garbage is alive and tracked.
        unsafe {
            pass.trace_candidates(
                |object| {
                    garbage.push(object);
                    let how = how(pass, object);
                    closed &= how != How::Open;
                    whole &= how == How::Swept;
                    if whole {
                        (*object).clear_bits_private(Bits::TRACKED);
                        *len += 1;
                    }
                    whole
                },
                |target, edge| complete &= set_aside(pass, outside, target, edge),
            );
        }
        match () {
            () if whole && complete => Sweeps::All,
            () if closed => Sweeps::Some,
            () => Sweeps::Unknown,
        }
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
                if how(pass, object) != How::Swept {
                    marker.reach(object);
                }
            }
            marker.finish();
            drop(marker);
            for index in 0..garbage.len() {
                if pass.word_of(garbage[index]).is_some() {
                    garbage.swap(index, sweep.len);
                    sweep.len += 1;
                }
            }
            let mut complete = true;
            pass.trace_candidates(
                |object| {
                    (*object).clear_bits_private(Bits::TRACKED);
                    true
                },
                |target, edge| complete &= set_aside(pass, &mut sweep.outside, target, edge),
            );
            for &object in &garbage[sweep.len..] {
                if let Some(mark) = pass.mark_of(object) {
                    mark.clear_alone();
                }
            }
            if !complete {
                sweep.give_back(garbage);
                return None;
            }
        }
        (sweep.len > 0).then_some(sweep)
    }

    /// Frees the garbage, and drops what it referred to outside. Language code may run.
    ///
    /// # Safety
    ///
    /// - `garbage` is what was taken or put in front; the world runs.
    pub(super) unsafe fn free(self, ctx: &mut Ctx, garbage: &[*mut Header]) {
        let garbage = &garbage[..self.len];
        for (index, &object) in garbage.iter().enumerate() {
            if let Some(&ahead) = garbage.get(index + AHEAD) {
                prefetch(ahead.cast());
            }
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

/// Remembers a counted reference of garbage that leads out of it. False without memory.
///
/// # Safety
///
/// - `target` is alive, and the world is stopped.
#[inline(always)]
unsafe fn set_aside(
    pass: &Pass<'_>,
    outside: &mut Worklist<'_>,
    target: *mut Header,
    edge: Edge,
) -> bool {
    // SAFETY: as the caller says.
    let leads_out = edge == Edge::Counted && unsafe { pass.word_of(target) }.is_none();
    !leads_out || outside.push(target)
}

/// How an object of garbage can go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// It can be swept, if all that refer to it are.
    Swept,
    /// One by one, but nothing gets at it until then.
    Alone,
    /// It has a finalizer, or weak references.
    Open,
}

/// # Safety
///
/// - The object is garbage, and the world is stopped.
#[inline(always)]
unsafe fn how(pass: &Pass<'_>, object: *mut Header) -> How {
    // SAFETY: garbage is alive.
    let header = unsafe { &*object };
    let (entry, bits) = (pass.types.entry(header.type_id()), header.bits());
    let flags = entry.flags();
    let finalizes = flags & FINALIZES != 0 && !bits.contains(Bits::FINALIZED);
    if finalizes || flags & REFERS_WEAKLY != 0 || bits.contains(Bits::WEAKLY_REFERENCED) {
        How::Open
    } else if entry.kind().discard.is_none() || bits.contains(Bits::DEFERRED) {
        How::Alone
    } else {
        How::Swept
    }
}

/// How many objects ahead the memory is asked for.
const AHEAD: usize = 8;
