//! The breaker: one word per thread, tested at every safepoint; a bit diverts the thread to a handler.
//!
//! The bit is a request, not a message. What it is about lies elsewhere, under its own lock, and is read
//! there; so the poll is a relaxed load. Raising has Release and taking has Acquire all the same, which
//! costs nothing where it happens, so that a payload published by plain stores before `raise` is seen.
//!
//! Handlers run in the order of the bits.

use crate::sync::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

/// Somebody wants to stop the world.
pub const STOP: u32 = 1 << 0;
/// A signal arrived (the main thread's).
pub const SIGNAL: u32 = 1 << 1;
/// Calls are queued for this thread, or for any.
pub const CALLS: u32 = 1 << 2;
/// Counts are queued for this thread to merge.
pub const MERGE: u32 = 1 << 3;
/// Delayed frees are sealed and want processing.
pub const QSBR: u32 = 1 << 4;
/// A collection is due.
pub const GC: u32 = 1 << 5;
/// Another thread raised an exception here.
pub const ASYNC_EXC: u32 = 1 << 6;
/// The embedder's own: fuel, deadlines, tracing. Everything from this bit up.
pub const EMBEDDER: u32 = 1 << 16;

/// The word.
#[derive(Debug, Default)]
pub struct Breaker {
    word: AtomicU32,
}

impl Breaker {
    /// No request.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is requested now, without order: the poll.
    #[inline(always)]
    pub fn peek(&self) -> u32 {
        self.word.load(Relaxed)
    }

    /// Requests `bits`, from any thread.
    #[inline]
    pub fn raise(&self, bits: u32) {
        // Release, paired with `take` and `read`.
        self.word.fetch_or(bits, Release);
    }

    /// What is requested now, payloads visible.
    #[inline]
    pub fn read(&self) -> u32 {
        // Acquire, paired with `raise`.
        self.word.load(Acquire)
    }

    /// Withdraws `bits` and returns those that were up. Take a bit *before* looking at what it is about:
    /// a request that comes later raises it again.
    #[inline]
    pub fn take(&self, bits: u32) -> u32 {
        // AcqRel: Acquire, paired with `raise`; Release, so that taking then looking cannot be reordered
        // against a raiser that publishes then raises.
        self.word.fetch_and(!bits, AcqRel) & bits
    }
}
