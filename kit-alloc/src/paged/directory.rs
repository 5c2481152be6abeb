//! Finding free slices without a lock: the words of a segment, and of the node that lists it.
//!
//! | word | of | says |
//! |---|---|---|
//! | entry | node | which segment it lists, or null |
//! | `open`, a bit for each entry | node | the entry is an ordinary segment, which may have free slices |
//! | `used`, a bit for each slice | segment | somebody has the slice |
//! | link | node | the next node |
//!
//! The segments of huge blocks come and go, ordinary ones stay: so a segment may be looked at only once its
//! bit in `open` was seen, which is what publishes it. The entry beside it orders nothing.
//!
//! Whoever finds a segment full takes its bit in `open` away, and whoever gives slices back sets it. Each is a
//! read-modify-write of `open`, so one of the two comes second and sees what the other did.

use core::{
    ptr::{self, NonNull},
    sync::atomic::Ordering::{Acquire, Relaxed, Release},
};

use crate::{
    atomic::{Atomic, AtomicBits},
    bitmap::{first_clear_run, last_clear_run, mask},
};

/// Puts a segment into an entry. False: the entry has one.
pub(super) fn enter<S>(entry: &impl Atomic<*mut S>, segment: NonNull<S>) -> bool {
    while entry.load(Relaxed).is_null() {
        // Relaxed: `open` publishes the segment. One that never opens is found only while nobody else is about.
        if entry
            .compare_exchange_weak(ptr::null_mut(), segment.as_ptr(), Relaxed, Relaxed)
            .is_ok()
        {
            return true;
        }
    }
    false
}

/// Lets others find the segment in an entry.
pub(super) fn open(open: &impl AtomicBits, bit: usize) {
    // Release, paired with `opened`: whoever sees the bit sees the entry, and the segment's header.
    open.fetch_or(bit, Release);
}

/// The bits of the entries with ordinary segments that may have free slices.
pub(super) fn opened(open: &impl AtomicBits) -> usize {
    // Acquire, paired with `open`; later changes of the word go on with its release sequence.
    open.load(Acquire)
}

/// The segment in an entry. An ordinary one if the entry was [`opened`].
pub(super) fn segment<S>(entry: &impl Atomic<*mut S>) -> Option<NonNull<S>> {
    // Relaxed: see `enter`.
    NonNull::new(entry.load(Relaxed))
}

/// Empties the entry of a segment that is about to go.
pub(super) fn leave<S>(entry: &impl Atomic<*mut S>) {
    // Relaxed: nobody who finds the entry empty looks further.
    entry.store(ptr::null_mut(), Relaxed);
}

/// From which end of a segment slices are taken: pages of many blocks come from the front and single blocks from the
/// back, so that the pages, which want little memory at first, do not break up what large blocks leave behind.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Front,
    Back,
}

impl End {
    /// Where a run of clear bits is that is nearest to this end.
    pub(super) fn find(self, word: usize, len: usize) -> Option<usize> {
        match self {
            Self::Front => first_clear_run(word, len),
            Self::Back => last_clear_run(word, len),
        }
    }
}

/// Takes a run of free slices.
pub(super) fn take(used: &impl AtomicBits, slices: usize, end: End) -> Option<usize> {
    let mut seen = used.load(Relaxed);
    loop {
        let first = end.find(seen, slices)?;
        // Acquire, paired with `give`: the last user of the slices is done with them.
        match used.compare_exchange_weak(seen, seen | mask(first, slices), Acquire, Relaxed) {
            Ok(_) => return Some(first),
            Err(now) => seen = now,
        }
    }
}

/// Takes one slice, if it is free.
pub(super) fn take_one(used: &impl AtomicBits, bit: usize) -> bool {
    // Acquire, as in `take`.
    used.fetch_or(bit, Acquire) & bit == 0
}

/// Closes a segment that has no free slice.
pub(super) fn close_if_full(used: &impl AtomicBits, open: &impl AtomicBits, bit: usize) {
    if used.load(Relaxed) == usize::MAX {
        // Acquire, paired with `give`: if it was first to change the word, we see its slices free.
        open.fetch_and(!bit, Acquire);
        if used.load(Relaxed) != usize::MAX {
            // Relaxed: the bit was there before, and the release sequences of `open` and `give` go on.
            open.fetch_or(bit, Relaxed);
        }
    }
}

/// Gives a run of slices back.
pub(super) fn give(used: &impl AtomicBits, run: usize, open: &impl AtomicBits, bit: usize) {
    // Release, paired with `take`: our accesses come before those of the next user.
    used.fetch_and(!run, Release);
    // Release, paired with `close_if_full`. Not a load first: it might miss that the bit is being taken away.
    open.fetch_or(bit, Release);
}

/// Adds a node to the end of the chain that begins at `first`; `next` is the link in a node.
pub(super) fn append<'a, N: 'a, A: Atomic<*mut N> + 'a>(
    first: &'a A,
    node: NonNull<N>,
    next: impl Fn(NonNull<N>) -> &'a A,
) {
    let mut link = first;
    // Release, paired with `follow`: whoever finds the node sees its entries. Acquire on failure, as there.
    while let Err(other) =
        link.compare_exchange_weak(ptr::null_mut(), node.as_ptr(), Release, Acquire)
    {
        if let Some(other) = NonNull::new(other) {
            link = next(other);
        }
    }
}

/// The node that a link leads to.
pub(super) fn follow<N>(link: &impl Atomic<*mut N>) -> *mut N {
    // Acquire, paired with `append`.
    link.load(Acquire)
}
