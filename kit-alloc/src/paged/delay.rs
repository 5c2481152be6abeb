//! The word through which other threads free into a page, and wake its owner when it is full.
//!
//! Other threads put the blocks they free on a list that the owner empties when it looks at the page.
//! But the owner does not look at full pages, so the first block freed into one must get the page back
//! into its view: the page goes on the *wake list* of the owner's heap.
//!
//! The word holds where the list begins and how many blocks it has ([`Freed`]), and in its low bits one of:
//!
//! | state           | meaning                                        | a foreign free                          |
//! |-----------------|------------------------------------------------|-----------------------------------------|
//! | `NO_DELAYED`    | the owner looks at the page, or was woken      | pushes the block                        |
//! | `USE_DELAYED`   | the page is full; the list is empty            | pushes, goes to FREEING, wakes the owner|
//! | `FREEING`       | a thread is waking the owner                   | pushes the block                        |
//! | `NEVER_DELAYED` | nobody owns the page                           | pushes the block                        |
//!
//! ```text
//!            mark_full                push              woken
//! NO_DELAYED ----------> USE_DELAYED ------> FREEING ------------> NO_DELAYED
//!      ^  \__ adopt __        | unfull                                |
//!      |              \       v                                       |
//!      +------- NEVER_DELAYED, from any but FREEING: abandon <--------+
//! ```
//!
//! FREEING is why the owner's heap may be touched by others at all: a heap that exits abandons its pages
//! first, and [`abandon`] waits for FREEING to pass. At most one entry per page is on the wake list: from
//! `NO_DELAYED` the owner drains the list before it marks the page full again.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use kit_core::backend::page::{FREED_STATE as STATE, Freed};

use crate::atomic::Atomic;

/// What a thread that pushed a block must do next.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// Nothing.
    Quiet,
    /// Put the page on its heap's wake list, then call [`woken`].
    Wake,
}

/// What became of [`mark_full`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marked {
    /// The next foreign free will wake the owner.
    Full,
    /// The page is not full: take its list.
    Freed,
    /// Another thread is about to say that it woke us; the page must be left as it is.
    Busy,
}

/// Pushes blocks of a page that another thread owns, linked; `link` writes the offset of the block that follows them into
/// the last.
#[inline]
pub(super) fn push(word: &impl Atomic<u32>, blocks: Freed, link: impl Fn(u32)) -> Pushed {
    let mut seen = word.load(Relaxed);
    loop {
        let behind = Freed::from_word(seen);
        link(behind.first);
        let list = Freed {
            count: blocks.count + behind.count,
            ..blocks
        };
        let (next, pushed) = match seen & STATE {
            USE_DELAYED => (FREEING, Pushed::Wake),
            state => (state, Pushed::Quiet),
        };
        // AcqRel, paired with `take` and `mark_full`.
        //   Release: the owner that takes the list sees our link, and reuses the block after we were done.
        //   Acquire: having seen USE_DELAYED, we see the heap that the owner wrote before it.
        match word.compare_exchange_weak(seen, list.to_word() | next, AcqRel, Relaxed) {
            Ok(_) => return pushed,
            Err(now) => seen = now,
        }
    }
}

/// Says that the owner was woken: FREEING becomes NO_DELAYED. The heap must not be touched afterwards.
#[inline]
pub(super) fn woken(word: &impl Atomic<u32>) {
    let mut seen = word.load(Relaxed);
    loop {
        debug_assert_eq!(seen & STATE, FREEING);
        // Release, paired with the Acquire in `mark_full`, `is_quiet` and `abandon`: whoever sees
        // NO_DELAYED sees the page on the wake list.
        match word.compare_exchange_weak(seen, seen & !STATE | NO_DELAYED, Release, Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}

/// Takes the list, if it is not empty. By the owner, or whoever holds an abandoned page.
#[inline]
pub(super) fn take(word: &impl Atomic<u32>) -> Option<Freed> {
    let mut seen = word.load(Relaxed);
    while seen & !STATE != 0 {
        // Acquire, paired with `push`: we see the links, and that the freeing threads are done.
        match word.compare_exchange_weak(seen, seen & STATE, Acquire, Relaxed) {
            Ok(list) => return Some(Freed::from_word(list)),
            Err(now) => seen = now,
        }
    }
    None
}

/// Says that the page is full, if it is. `drain` empties the heap's wake list.
pub(super) fn mark_full(word: &impl Atomic<u32>, drain: impl Fn()) -> Marked {
    // Acquire, paired with `woken`: if another thread woke us for this page, `drain` sees it there.
    let mut seen = word.load(Acquire);
    loop {
        match (seen & STATE, seen & !STATE) {
            (FREEING, _) => return Marked::Busy,
            (_, 0) => {}
            (..) => return Marked::Freed,
        }
        drain();
        // Release, paired with `push`: whoever sees USE_DELAYED sees which heap to wake.
        match word.compare_exchange_weak(seen, USE_DELAYED, Release, Relaxed) {
            Ok(_) => return Marked::Full,
            // Relaxed: nothing but a push goes on from NO_DELAYED, and `take` orders what it brought.
            Err(now) => seen = now,
        }
    }
}

/// Says that the owner looks at the page again; a thread that is just waking it finishes on its own.
pub(super) fn unfull(word: &impl Atomic<u32>) {
    let mut seen = word.load(Relaxed);
    while seen & STATE == USE_DELAYED {
        // Relaxed: nothing is published, and the list is empty.
        match word.compare_exchange_weak(seen, seen & !STATE | NO_DELAYED, Relaxed, Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}

/// Whether no other thread is about to touch the heap for this page.
///
/// Once the page is not full this stays so; and then, after draining the wake list, it is not on it.
pub(super) fn is_quiet(word: &impl Atomic<u32>) -> bool {
    // Acquire, paired with `woken`.
    word.load(Acquire) & STATE != FREEING
}

/// Says that nobody owns the page, once no other thread is waking its owner.
pub(super) fn abandon<A: Atomic<u32>>(word: &A) {
    let mut seen = word.load(Relaxed);
    loop {
        if seen & STATE == FREEING {
            A::pause();
            seen = word.load(Relaxed);
            continue;
        }
        // Acquire, paired with `woken`: its last access to our heap happens before we leave it.
        match word.compare_exchange_weak(seen, seen & !STATE | NEVER_DELAYED, Acquire, Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}

/// Says that the caller owns the page now.
pub(super) fn adopt(word: &impl Atomic<u32>) {
    let mut seen = word.load(Relaxed);
    loop {
        // Relaxed: which heap it is gets published by `mark_full`, and no one asks before.
        match word.compare_exchange_weak(seen, seen & !STATE | NO_DELAYED, Relaxed, Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}

/// A page that its owner looks at. Zero, so that fresh descriptors are in it.
pub(super) const NO_DELAYED: u32 = 0;
/// A full page.
pub(super) const USE_DELAYED: u32 = 1;
/// A page whose owner is being woken.
pub(super) const FREEING: u32 = 2;
/// A page without an owner.
pub(super) const NEVER_DELAYED: u32 = 3;
