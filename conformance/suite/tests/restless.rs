//! What a platform may do, and the kit puts up with: threads that wake up for no reason, and wake-ups that come twice. And what it may not do but
//! harms nobody's memory: a clock that is set back.

use kit_core::platform::thread::{ParkToken, Platform};
use kit_std::platform::threads::StdThreads;
use kit_suite::{Lab, platform};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

#[derive(Default)]
struct Restless {
    calls: AtomicU64,
    /// Every so often the clock is a little earlier than before.
    set_back: bool,
}

// SAFETY: tokens are those of the threads; the clock of the one that is set back is what is tried here.
unsafe impl Platform for Restless {
    fn now(&self) -> u64 {
        const LITTLE: u64 = 300_000;
        let back = self.set_back && self.calls.fetch_add(1, SeqCst) % 7 == 6;
        StdThreads.now() + if back { 0 } else { LITTLE }
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        StdThreads.with_token(body);
    }

    fn park(&self, deadline: Option<u64>) {
        // Two of three come back at once.
        match self.calls.fetch_add(1, SeqCst) % 3 {
            0 => StdThreads.park(deadline),
            _ => thread::yield_now(),
        }
    }

    unsafe fn unpark(&self, token: ParkToken) {
        // SAFETY: as the caller says.
        unsafe {
            StdThreads.unpark(token);
            StdThreads.unpark(token);
        }
    }

    fn yield_now(&self) {
        thread::yield_now();
    }
}

fn restless(_: &Lab) -> Restless {
    Restless::default()
}

fn set_back(_: &Lab) -> Restless {
    Restless {
        set_back: true,
        ..Restless::default()
    }
}

#[test]
fn who_wakes_for_no_reason_looks_again() {
    platform::waking(restless);
    platform::locks(restless);
}

#[test]
fn a_clock_that_is_set_back_delays_and_no_more() {
    platform::waking(set_back);
    platform::locks(set_back);
}
