//! The breaker: one word per thread, tested at every safepoint; a bit diverts the thread to a handler.
//!
//! The bit is a request, not a message. What it is about lies elsewhere, under its own lock, and is read
//! there; so the poll is a relaxed load. Raising has Release and taking has Acquire all the same, which
//! costs nothing where it happens, so that a payload published by plain stores before `raise` is seen.
//!
//! Handlers run in the order of the bits.

use crate::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
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
        // Acquire, paired with `raise`: what we look at from here on is what was there when the bit was raised, or
        // later. A raiser who comes after us finds the bit down, and raises it again.
        self.word.fetch_and(!bits, Acquire) & bits
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::cell::UnsafeCell;
    use loom::thread;
    use std::sync::Arc;

    struct Shared {
        breaker: Breaker,
        payloads: [UnsafeCell<bool>; 2],
    }

    // SAFETY: each payload is written before its bit is raised, and read after that; loom checks.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    /// Two threads publish by plain stores and raise a bit each; the thread takes what it sees and looks.
    ///
    /// Fails with Relaxed in `raise`, in `read`, or in `take`.
    #[test]
    fn a_bit_carries_what_came_before_it() {
        loom::model(|| {
            let shared = Arc::new(Shared {
                breaker: Breaker::new(),
                payloads: Default::default(),
            });
            let others = [0, 1].map(|index| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    // Loom's clock of a thread stands until its first atomic access.
                    shared.breaker.peek();
                    // SAFETY: before the bit.
                    shared.payloads[index].with_mut(|at| unsafe { *at = true });
                    shared.breaker.raise(1 << index);
                })
            });
            let look = |bits: u32| {
                for index in [0, 1] {
                    if bits & 1 << index != 0 {
                        // SAFETY: after the bit.
                        shared.payloads[index].with(|at| assert!(unsafe { *at }));
                    }
                }
            };
            let taken = shared.breaker.take(1);
            look(taken);
            look(shared.breaker.read());
            for other in others {
                other.join().unwrap();
            }
            assert_eq!(shared.breaker.read() | taken, 3, "none is lost");
        });
    }
}
