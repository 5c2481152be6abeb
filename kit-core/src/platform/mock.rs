//! A deterministic host for tests: time moves only when somebody sleeps, and every call is counted.

use crate::{
    platform::thread::{ParkToken, Platform},
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
};

/// A host for one thread. Sleeping with a deadline moves the clock there; sleeping without one runs the
/// hook, which must do what some other thread would have done.
#[derive(Debug, Default)]
pub struct MockPlatform {
    /// The time, in nanoseconds.
    pub time: AtomicU64,
    /// How often a thread slept.
    pub parks: AtomicUsize,
    /// How often a thread was woken.
    pub unparks: AtomicUsize,
    /// How often a thread gave way.
    pub yields: AtomicUsize,
    /// Runs at every sleep, before it is decided whether the sleep ends.
    pub on_park: Option<fn(&MockPlatform)>,
    permit: AtomicBool,
}

impl MockPlatform {
    /// Moves the clock forward.
    pub fn advance(&self, nanoseconds: u64) {
        self.time.fetch_add(nanoseconds, SeqCst);
    }
}

// SAFETY: tokens carry nothing, and the clock only moves forward.
unsafe impl Platform for MockPlatform {
    fn now(&self) -> u64 {
        self.time.load(SeqCst)
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        body(ParkToken(1));
    }

    fn park(&self, deadline: Option<u64>) {
        self.parks.fetch_add(1, SeqCst);
        if let Some(hook) = self.on_park {
            hook(self);
        }
        if self.permit.swap(false, SeqCst) {
            return;
        }
        match deadline {
            Some(moment) => {
                self.time.fetch_max(moment, SeqCst);
            }
            None => assert!(self.on_park.is_some(), "the only thread sleeps for ever"),
        }
    }

    unsafe fn unpark(&self, _token: ParkToken) {
        self.unparks.fetch_add(1, SeqCst);
        self.permit.store(true, SeqCst);
    }

    fn yield_now(&self) {
        self.yields.fetch_add(1, SeqCst);
    }
}
