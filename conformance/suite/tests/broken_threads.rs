//! Each law of what starts threads is broken by one port, and says so.

mod failure;

use failure::failure;
use kit_core::platform::thread::{ParkToken, Platform};
use kit_std::{
    platform::threads::STD_THREADS,
    port::{Body, NoThread, Port},
};
use kit_suite::{Lab, threads};
use std::{
    mem,
    sync::{Mutex, mpsc},
    thread,
};

/// Nobody is ever woken.
struct Deaf;

// SAFETY: a sleeper that is not woken breaks no promise about memory; all else is the system's.
unsafe impl Platform for Deaf {
    fn now(&self) -> u64 {
        STD_THREADS.now()
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        STD_THREADS.with_token(body);
    }

    fn park(&self, deadline: Option<u64>) {
        STD_THREADS.park(deadline);
    }

    unsafe fn unpark(&self, _: ParkToken) {}

    fn yield_now(&self) {
        STD_THREADS.yield_now();
    }
}

/// One thread, for one body after the other.
fn in_a_row(_: usize, body: Body) -> Result<(), NoThread> {
    static QUEUE: Mutex<Option<mpsc::Sender<Body>>> = Mutex::new(None);
    let mut queue = QUEUE.lock().unwrap();
    let sender = queue.get_or_insert_with(|| {
        let (sender, bodies) = mpsc::channel::<Body>();
        thread::spawn(move || bodies.into_iter().for_each(|body| body()));
        sender
    });
    sender.send(body).map_err(|_| NoThread)
}

macro_rules! broken {
    ($($test:ident: $law:ident $port:expr;)*) => {
        $(
            #[test]
            fn $test() {
                let message = failure(|| threads::$law(|_: &Lab| $port));
                let expected = concat!("law `", stringify!($law), "` is broken: ");
                assert!(message.starts_with(expected) && message.contains("\nwhat to do: ") && message.contains("\nwhere to read: "), "{message}");
            }
        )*
    };
}

broken! {
    the_starter_runs_it: starting Port { start: |_, body| { body(); Ok(()) }, ..Port::SYSTEM };
    nobody_runs_it: starting Port { start: |_, _| Ok(()), ..Port::SYSTEM };
    one_after_the_other: together Port { start: in_a_row, ..Port::SYSTEM };
    nobody_wakes_it: sleeping Port { platform: &Deaf, ..Port::SYSTEM };
    what_was_refused_is_kept: refusing Port { start: |_, body| { mem::forget(body); Err(NoThread) }, ..Port::SYSTEM };
    nobody_can_run: cores Port { cores: || 0, ..Port::SYSTEM };
}
