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
//!
//! Often all candidates turn out to be garbage, and all of it can be swept. So when nothing speaks against it they are taken while their
//! references are subtracted, which asks for these anyway; then nobody asks again, and there is no list: the candidates' words say
//! where the garbage is. Where a candidate is held after all, they are given back.

use super::candidates::{CANDIDATE, Pass};
use super::mark::Marker;
use super::subtract::subtract_and;
use super::team::Team;
use crate::{
    share::WORKERS,
    worklist::{Found, Worklist},
};
use core::{cell::UnsafeCell, ptr::NonNull};
use kit_core::sync::native::{AtomicBool, Ordering::Relaxed};
use kit_core::{
    backend::{
        events::{FINALIZES, REFERS_WEAKLY},
        heap::{PREFIX, SharedHeap},
        side::SideTables,
    },
    object::{
        Bits, Header, TypeTable, Word,
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

/// What garbage holds a counted reference to, outside of itself.
pub(super) struct Outside<'a> {
    /// A list for each thread that helps.
    lists: [UnsafeCell<Worklist<'a>>; WORKERS],
    /// Whether there was no memory for some.
    lost: AtomicBool,
}

impl<'a> Outside<'a> {
    fn new(source: &'a dyn PageSource) -> Self {
        Self {
            lists: core::array::from_fn(|_| UnsafeCell::new(Worklist::new(source))),
            lost: AtomicBool::new(false),
        }
    }

    /// Adds one to the list with this number.
    ///
    /// # Safety
    ///
    /// - Nobody else uses this list now.
    #[inline(always)]
    pub(super) unsafe fn push(&self, number: usize, target: *mut Header) {
        // SAFETY: as the caller says.
        if !unsafe { (*self.lists[number].get()).push(target) } {
            // Relaxed: read when all have returned.
            self.lost.store(true, Relaxed);
        }
    }

    fn is_complete(&self) -> bool {
        !self.lost.load(Relaxed)
    }
}

/// Garbage that is ready to be freed: the first `len` of a list, or what has words.
pub(super) struct Sweep<'a> {
    outside: Outside<'a>,
    len: usize,
    words: Option<SideTables<'a>>,
}

impl<'a> Sweep<'a> {
    /// Nothing yet.
    pub(super) fn new(source: &'a dyn PageSource) -> Self {
        Self {
            outside: Outside::new(source),
            len: 0,
            words: None,
        }
    }

    /// Subtracts what candidates hold, and takes all of them, in the hope that they are garbage. `None`: there was no memory.
    ///
    /// # Safety
    ///
    /// - As for [`subtract_and`]. Where the hope was in vain, the candidates are to be [given back](give_back_all) before anything
    ///   else looks at them.
    pub(super) unsafe fn subtract(
        pass: &Pass<'_>,
        team: Team<'_>,
        source: &'a dyn PageSource,
    ) -> Option<Self> {
        let sweep = Self::new(source);
        // SAFETY: as the caller says.
        unsafe {
            subtract_and(pass, team, Some(&sweep.outside));
            if !sweep.outside.is_complete() {
                give_back_all(pass);
                return None;
            }
        }
        Some(sweep)
    }

    /// What was [taken](Self::subtract) is garbage, and this says where it is.
    pub(super) fn with_words(self, words: SideTables<'a>) -> Self {
        Self {
            words: Some(words),
            ..self
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
        let Self { outside, len, .. } = self;
        let (mut whole, mut closed) = (sweeps, true);
        // SAFETY: as the caller says: garbage is alive and tracked.
        unsafe {
            pass.trace_candidates(
                |object| {
                    garbage.push(object);
                    let how = how(pass.types, &*object);
                    closed &= how != How::Open;
                    whole &= how == How::Swept;
                    if whole {
                        (*object).clear_bits_private(Bits::TRACKED);
                        *len += 1;
                    }
                    whole
                },
                |target, edge| set_aside(pass, outside, target, edge),
            );
        }
        match () {
            () if whole && outside.is_complete() => Sweeps::All,
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
        for &object in &garbage[..self.len] {
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
                if how(pass.types, &*object) != How::Swept {
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
            let outside = &sweep.outside;
            pass.trace_candidates(
                |object| {
                    (*object).clear_bits_private(Bits::TRACKED);
                    true
                },
                |target, edge| set_aside(pass, outside, target, edge),
            );
            for &object in &garbage[sweep.len..] {
                if let Some(mark) = pass.mark_of(object) {
                    mark.clear_alone();
                }
            }
            if !outside.is_complete() {
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
        if let Some(words) = &self.words {
            let turns = words.turns();
            while let Some(table) = turns.take() {
                for (index, word) in table.words.iter().enumerate() {
                    if word.load(Relaxed) & CANDIDATE != 0 {
                        prefetch((table.first.as_ptr()).wrapping_add(index * table.size + NEAR));
                        // SAFETY: as below; the words of the garbage are those of candidates. Once the last object of a page is free, the
                        // page may be anything.
                        unsafe {
                            free_one(
                                ctx,
                                table.first.byte_add(index * table.size).cast().as_ptr(),
                            );
                        }
                    }
                }
            }
        }
        let garbage = &garbage[..self.len];
        for (index, &object) in garbage.iter().enumerate() {
            if let Some(&ahead) = garbage.get(index + AHEAD) {
                prefetch(ahead.cast());
            }
            // SAFETY: its references are set aside or lead to what is freed here.
            unsafe { free_one(ctx, object) };
        }
        for list in self.outside.lists {
            list.into_inner().for_each(|object| {
                // SAFETY: the reference of an object that is gone.
                unsafe { ctx.release(Word::object(object)) };
            });
        }
    }
}

/// Gives back all candidates that [`Sweep::subtract`] took.
///
/// # Safety
///
/// - The world is still stopped.
pub(super) unsafe fn give_back_all(pass: &Pass<'_>) {
    // SAFETY: candidates are alive, and were tracked.
    unsafe { pass.for_each_word(|object, _| (*object).set_bits_private(Bits::TRACKED)) };
}

/// Frees one object of the garbage.
///
/// # Safety
///
/// - The object is whole but for its references, which are nobody's any more; nobody looks at it.
#[inline(always)]
unsafe fn free_one(ctx: &Ctx, object: *mut Header) {
    // SAFETY: as the caller says. Its block begins in front of a prefix, if it has one.
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

/// Remembers a counted reference of garbage that leads out of it.
///
/// # Safety
///
/// - `target` is alive, and the world is stopped; one thread is at work.
#[inline(always)]
unsafe fn set_aside(pass: &Pass<'_>, outside: &Outside<'_>, target: *mut Header, edge: Edge) {
    // SAFETY: as the caller says.
    unsafe {
        if edge == Edge::Counted && pass.word_of(target).is_none() {
            outside.push(0, target);
        }
    }
}

/// How an object of garbage can go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// It can be swept, if all that refer to it are.
    #[default]
    Swept,
    /// One by one, but nothing gets at it until then.
    Alone,
    /// It has a finalizer, or weak references.
    Open,
}

impl How {
    /// All of them, in their order.
    pub(super) const ALL: [How; 3] = [How::Swept, How::Alone, How::Open];
}

/// How this object can go.
#[inline(always)]
pub(super) fn how(types: &TypeTable, header: &Header) -> How {
    let (entry, bits) = (types.entry(header.type_id()), header.bits());
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

/// How many objects of a list ahead the memory is asked for.
const AHEAD: usize = 8;
/// How many bytes ahead, where they lie side by side.
const NEAR: usize = super::examine::AHEAD;
