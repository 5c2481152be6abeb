//! Each law of platforms is broken by one platform, and says so.

mod failure;

use failure::failure;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread::{self, Thread},
    time::Duration,
};

use kit_core::platform::thread::{ParkToken, Platform};
use kit_std::platform::threads::StdThreads;
use kit_suite::{Lab, platform};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The clock is set back now and then.
    Clock,
    /// Sleeps for ever, whatever the deadline.
    Deadlines,
    /// Calls the closure twice.
    Tokens,
    /// What was left for a thread is thrown away.
    Permits,
    /// One wake-up in twenty is lost.
    Waking,
    /// Gives way for good.
    Yielding,
    /// Of those that sleep the wrong one is woken.
    Locks,
}

struct Broken {
    fault: Fault,
    calls: AtomicUsize,
    /// By token.
    threads: Mutex<Vec<Thread>>,
}

impl Broken {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            calls: AtomicUsize::new(0),
            threads: Mutex::default(),
        }
    }
}

// SAFETY: it is not: that is the point. But a token names a thread for ever.
unsafe impl Platform for Broken {
    fn now(&self) -> u64 {
        const SECOND: u64 = 1_000_000_000;
        let back = self.fault == Fault::Clock && self.calls.fetch_add(1, SeqCst) % 50 == 49;
        StdThreads.now() + if back { 0 } else { SECOND }
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        let token = {
            let mut threads = self.threads.lock().unwrap();
            threads.push(thread::current());
            ParkToken(threads.len() - 1)
        };
        body(token);
        if self.fault == Fault::Tokens {
            body(token);
        }
    }

    fn park(&self, deadline: Option<u64>) {
        let left = deadline.map(|moment| Duration::from_nanos(moment.saturating_sub(self.now())));
        match left {
            Some(left) if self.fault != Fault::Deadlines => thread::park_timeout(left),
            _ => {
                if self.fault == Fault::Permits {
                    thread::park_timeout(Duration::ZERO);
                }
                thread::park();
            }
        }
    }

    unsafe fn unpark(&self, token: ParkToken) {
        let index = match self.fault {
            Fault::Waking if self.calls.fetch_add(1, SeqCst) % 20 == 19 => return,
            Fault::Locks => token.0.saturating_sub(1),
            _ => token.0,
        };
        self.threads.lock().unwrap()[index].unpark();
    }

    fn yield_now(&self) {
        match self.fault {
            Fault::Yielding => thread::park(),
            _ => thread::yield_now(),
        }
    }
}

macro_rules! broken {
    ($($law:ident $fault:ident)*) => {
        $(
            #[test]
            fn $law() {
                let message = failure(|| platform::$law(|_: &Lab| Broken::new(Fault::$fault)));
                let expected = concat!("law `", stringify!($law), "` is broken: ");
                assert!(message.starts_with(expected) && message.contains("\nwhat to do: ") && message.contains("\nwhere to read: "), "{message}");
            }
        )*
    };
}

broken! {
    clock Clock
    deadlines Deadlines
    tokens Tokens
    permits Permits
    waking Waking
    yielding Yielding
    locks Locks
}
