//! Sleeping is yielding, so that waking orders nothing.

use crate::platform::thread::{ParkToken, Platform};

/// Loom's threads, which never sleep.
pub struct Yielding;

// SAFETY: the token is never used.
unsafe impl Platform for Yielding {
    fn now(&self) -> u64 {
        0
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        body(ParkToken(0));
    }

    fn park(&self, _deadline: Option<u64>) {
        loom::thread::yield_now();
    }

    unsafe fn unpark(&self, _token: ParkToken) {}

    fn yield_now(&self) {
        loom::thread::yield_now();
    }
}
