//! Waiting, waking and time, by the standard library.

use kit_core::platform::thread::{ParkToken, Platform};
use std::{
    sync::OnceLock,
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// The threads and the clock of the process. Sleeping is [`thread::park`]: a permit left by user code ends
/// a sleep early, and the sleeper looks again.
#[derive(Clone, Copy, Debug, Default)]
pub struct StdThreads;

/// The [`StdThreads`] to hand to a runtime.
pub static STD_THREADS: StdThreads = StdThreads;

// SAFETY: a token is the address of a handle that lives until `body` returns; `Instant` is monotonic.
unsafe impl Platform for StdThreads {
    fn now(&self) -> u64 {
        static START: OnceLock<Instant> = OnceLock::new();
        // 584 years fit.
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
        // SAFETY: `with_token` has not returned, so the handle lives.
        unsafe { (*(token.0 as *const Thread)).unpark() };
    }

    fn yield_now(&self) {
        thread::yield_now();
    }
}

/// The number the operating system gives the calling thread, where it has one to tell.
#[cfg(target_os = "linux")]
pub fn native_id() -> u64 {
    rustix::thread::gettid().as_raw_nonzero().get() as u64
}

/// The number the operating system gives the calling thread, where it has one to tell.
#[cfg(not(target_os = "linux"))]
pub fn native_id() -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one(thread::current().id()) >> 1
}
