//! Waits that end at a deadline, and hand-over, under loom: time passes at every look at the clock.

use super::super::{
    atomic::{AtomicUsize, Ordering::Relaxed},
    cell::UnsafeCell,
    parking::{ParkingLot, Unattached, Wake},
};
use super::Guarded;
use crate::platform::thread::{ParkToken, Platform};
use loom::thread;
use std::sync::Arc;

/// Every deadline has passed, and everybody is overdue; sleeping is yielding.
struct Late;

// SAFETY: the token is never used, and the time never goes back.
unsafe impl Platform for Late {
    fn now(&self) -> u64 {
        u64::MAX
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        body(ParkToken(0));
    }

    fn park(&self, _deadline: Option<u64>) {
        thread::yield_now();
    }

    unsafe fn unpark(&self, _token: ParkToken) {}

    fn yield_now(&self) {
        thread::yield_now();
    }
}

/// A sleeper whose time is up and a waker agree on whether it was woken; the record is not used afterwards.
///
/// Fails with Relaxed in the last store of `wake` or the load of `sleep`; and if `sleep` returns TimedOut
/// without having taken itself out of the queue.
#[test]
fn a_timeout_and_a_wake_agree() {
    struct Shared {
        lot: ParkingLot,
        word: AtomicUsize,
        value: UnsafeCell<usize>,
    }
    // SAFETY: the value is written before the wake and read after it; loom checks.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}
    loom::model(|| {
        let shared = Arc::new(Shared {
            lot: ParkingLot::new(&Late),
            word: AtomicUsize::new(0),
            value: UnsafeCell::new(0),
        });
        let waker = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let key = &raw const shared.word as usize;
                let mut found = false;
                shared.lot.unpark_one(key, |unparking| {
                    found = unparking.found;
                    if found {
                        // SAFETY: the sleeper reads it when it is woken, not before.
                        shared.value.with_mut(|value| unsafe { *value = 7 });
                    }
                    shared.word.store(1, Relaxed);
                    false
                });
                found
            })
        };
        let key = &raw const shared.word as usize;
        let parked = shared.lot.park(key, &mut Unattached, Some(1), &mut || {
            shared.word.load(Relaxed) == 0
        });
        if parked.wake == Wake::Woken {
            // SAFETY: woken, so the waker has written.
            assert_eq!(shared.value.with(|value| unsafe { *value }), 7);
        }
        assert_eq!(waker.join().unwrap(), parked.wake == Wake::Woken);
    });
}

/// An overdue waiter is given the lock itself: nobody comes between, and what the last holder did is seen.
///
/// Fails with Relaxed in the last store of `wake` or the load of `sleep`, and if `release_slow` stores 0
/// when it hands over.
#[test]
fn a_lock_is_handed_over() {
    loom::model(|| {
        let shared = Guarded::new(&Late);
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                shared.add();
            })
        };
        shared.add();
        shared.add();
        other.join().unwrap();
        // SAFETY: everybody is done.
        assert_eq!(shared.value.with(|value| unsafe { *value }), 4);
        assert!(!shared.lock.is_locked());
    });
}
