//! What a host provides so that threads can wait: a clock, a way to sleep and a way to be woken.

use crate::sync::atomic::{AtomicUsize, Ordering::Relaxed, spin_loop};

/// Names the calling thread to [`Platform::unpark`]; what the bits mean is the host's affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParkToken(pub usize);

/// Waiting, waking, time. Called on slow paths only, from any thread.
///
/// Total: no function fails, unwinds, or calls back into the kit (except through the closure that
/// [`with_token`](Self::with_token) is given).
///
/// # Safety
///
/// An implementation promises that
///
/// - while `with_token` runs its closure, the token passed to it names the calling thread, and an
///   `unpark` of that token from any thread is sound;
/// - [`now`](Self::now) never goes backwards.
pub unsafe trait Platform: Send + Sync {
    /// Nanoseconds since some fixed moment.
    ///
    /// A host without a clock returns a counter that grows by a fixed step at each call; what the kit
    /// bounds in milliseconds is then bounded in tries.
    fn now(&self) -> u64;

    /// Calls `body` once with a token for the calling thread, valid until `body` returns.
    fn with_token(&self, body: &mut dyn FnMut(ParkToken));

    /// Sleeps until the calling thread's token is unparked or, about, until `deadline`.
    ///
    /// Returns at once if the token was unparked since the last `park` returned. May return for no reason:
    /// callers test their condition again.
    fn park(&self, deadline: Option<u64>);

    /// Ends the thread's current `park`, or its next one.
    ///
    /// # Safety
    ///
    /// - The [`with_token`](Self::with_token) call that issued `token` has not returned.
    unsafe fn unpark(&self, token: ParkToken);

    /// Lets another thread run. It must be able to let one of *lower* priority run too, where priorities
    /// are strict: lock holders may be descheduled.
    fn yield_now(&self);
}

/// A host without an operating system: waiting is spinning. Where a port begins.
#[derive(Debug, Default)]
pub struct SpinPlatform {
    looks: AtomicUsize,
}

impl SpinPlatform {
    /// What one look at the clock counts for, in nanoseconds: on 32-bit targets more, so that the clock
    /// stands still after seven weeks rather than after an hour.
    const STEP: u64 = if usize::BITS < 64 { 1_000_000 } else { 1000 };

    /// A platform whose clock stands at zero.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self {
            looks: AtomicUsize::new(0),
        }
    }
}

// SAFETY: tokens are never used, and the clock only counts up.
unsafe impl Platform for SpinPlatform {
    fn now(&self) -> u64 {
        let next = |looks: usize| Some(looks.saturating_add(1));
        let looks = self
            .looks
            .fetch_update(Relaxed, Relaxed, next)
            .unwrap_or(usize::MAX);
        (looks as u64).saturating_mul(Self::STEP)
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        body(ParkToken(0));
    }

    fn park(&self, _deadline: Option<u64>) {
        spin_loop();
    }

    unsafe fn unpark(&self, _token: ParkToken) {}

    fn yield_now(&self) {
        spin_loop();
    }
}
