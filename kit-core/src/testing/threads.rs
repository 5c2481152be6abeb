//! Threads to run tests with: the machine's, or loom's. The tests of `kit-gc` take this file too, so it
//! names this crate as they do.

#[cfg(not(loom))]
mod host {
    use kit_core::platform::thread::{ParkToken, Platform};
    use std::{
        sync::OnceLock,
        thread,
        time::{Duration, Instant},
    };

    /// The threads of the machine that runs the tests.
    pub struct Threads;

    // SAFETY: the token is the address of a handle that lives until `body` returns; `Instant` is monotonic.
    unsafe impl Platform for Threads {
        fn now(&self) -> u64 {
            static START: OnceLock<Instant> = OnceLock::new();
            START.get_or_init(Instant::now).elapsed().as_nanos() as u64
        }

        fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
            let handle = thread::current();
            body(ParkToken(&raw const handle as usize));
        }

        fn park(&self, deadline: Option<u64>) {
            match deadline {
                Some(moment) => {
                    thread::park_timeout(Duration::from_nanos(moment.saturating_sub(self.now())));
                }
                None => thread::park(),
            }
        }

        unsafe fn unpark(&self, token: ParkToken) {
            // SAFETY: the handle lives, by the caller's promise.
            unsafe { (*(token.0 as *const thread::Thread)).unpark() };
        }

        fn yield_now(&self) {
            thread::yield_now();
        }
    }
}

#[cfg(loom)]
mod host {
    use kit_core::platform::thread::{ParkToken, Platform};

    /// Loom's threads; time stands still.
    pub struct Threads;

    // SAFETY: the token is the address of a handle that lives until `body` returns.
    unsafe impl Platform for Threads {
        fn now(&self) -> u64 {
            0
        }

        fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
            let handle = loom::thread::current();
            body(ParkToken(&raw const handle as usize));
        }

        fn park(&self, _deadline: Option<u64>) {
            loom::thread::park();
        }

        unsafe fn unpark(&self, token: ParkToken) {
            // SAFETY: the handle lives, by the caller's promise.
            unsafe { (*(token.0 as *const loom::thread::Thread)).unpark() };
        }

        fn yield_now(&self) {
            loom::thread::yield_now();
        }
    }
}

pub use host::Threads;
