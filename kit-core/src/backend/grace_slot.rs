//! The two words of a grace period that every safepoint touches.
//!
//! A thread reports "I hold no unprotected pointer" by copying the clock into its slot: one load and one
//! store, inlined into the interpreter's loop. Who advances the clock, scans the slots and hands them out
//! is `kit-gc`'s affair (`qsbr`).
//!
//! | slot | meaning | written by |
//! |---|---|---|
//! | 0 OFFLINE | the thread is detached, or the slot is free | its thread |
//! | s, odd | everything unlinked before the clock read s is out of the thread's sight | its thread |
//!
//! Sequences count from 1 in steps of 2 and wrap; `a` is before `b` if `b - a` is positive as a signed
//! number. They are as wide as a pointer. On 32-bit targets they really wrap, so the clock stands still when the
//! slowest reader is a [`WINDOW`] behind, and no reader goes online with a time that old. A goal that nobody asks about
//! for half a round (2^30 advances) is late by as much, never early.

use crate::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};

/// A point in the clock's time.
pub type Sequence = usize;

/// The sequence of a slot whose thread reads nothing.
pub const OFFLINE: Sequence = 0;

/// What the clock advances by; with it, sequences stay odd and so differ from [`OFFLINE`].
pub const STEP: Sequence = 2;

/// How far the clock may be ahead of the slowest reader: half of what [`is_before`] could compare, twice over, so that
/// one window of a reader that goes online late and one of the clock together stay below it.
pub const WINDOW: Sequence = 1 << (Sequence::BITS - 3);

/// Whether `a` lies before `b`, across a wrap too.
#[inline(always)]
pub fn is_before(a: Sequence, b: Sequence) -> bool {
    (a.wrapping_sub(b) as isize) < 0
}

/// The clock that readers copy. Alone on its cache line: it is read at every safepoint, written rarely.
#[derive(Debug)]
#[repr(align(64))]
pub struct GraceClock {
    /// The sequence now.
    pub now: AtomicUsize,
}

/// One reader's report. Alone on its cache line: it is written at every safepoint.
#[derive(Debug, Default)]
#[repr(align(64))]
pub struct GraceSlot {
    /// [`OFFLINE`], or what the clock read at the last report.
    pub seq: AtomicUsize,
    /// Whether a thread has the slot; kept by whoever hands slots out.
    pub taken: AtomicUsize,
}

impl GraceSlot {
    /// Reports a quiescent state. Only by the slot's thread, while online.
    #[inline(always)]
    pub fn quiescent(&self, clock: &GraceClock) {
        // Acquire, paired with the clock's advance: our next reads see what was unlinked before it.
        let now = clock.now.load(Acquire);
        // Release, paired with the poll's scan: our last reads happen before any free it allows.
        self.seq.store(now, Release);
    }

    /// The thread starts to read. After its status became ATTACHED, before it reads anything shared.
    #[inline]
    pub fn online(&self, clock: &GraceClock) {
        debug_assert_eq!(self.seq.load(Relaxed), OFFLINE);
        loop {
            let now = clock.now.load(Relaxed);
            // Release, paired with the poll's scan: it may find this report in place of the last `offline`, and our reads
            // before that one happen before the free, too. What comes after is for the fence to order.
            self.seq.store(now, Release);
            // SeqCst, paired with the fence in the poll's scan. Either the scan sees the store, and waits for
            // us; or our reads come after the fences, and see what was unlinked before the scan.
            fence(SeqCst);
            // Who slept between the load and the store may have reported a time so old that it looks new. Behind the
            // fence: what earlier scans found is not beyond what this loads, and later ones wait for us.
            if clock.now.load(Relaxed).wrapping_sub(now) < WINDOW {
                return;
            }
        }
    }

    /// The thread stops reading. Before its status leaves ATTACHED.
    #[inline]
    pub fn offline(&self) {
        // Release, paired with the poll's scan: our reads happen before any free it allows.
        self.seq.store(OFFLINE, Release);
    }

    /// Whether the thread reads, for assertions.
    pub fn is_online(&self) -> bool {
        self.seq.load(Relaxed) != OFFLINE
    }
}
