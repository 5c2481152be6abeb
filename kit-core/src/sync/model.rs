//! The lock and the parking lot under loom.
//!
//! Each model was run with every ordering it is about weakened in turn, and failed; the list is in its doc.

mod critical;
mod shared;
mod spin;
mod timeout;

use super::{
    atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed},
    cell::UnsafeCell,
    event::Event,
    mutex::ByteLock,
    parking::{ParkingLot, Unattached, Wake},
};
use crate::{
    platform::thread::Platform,
    testing::{Threads, Yielding},
    thread::status::{Status, ThreadStatus},
};
use loom::thread;
use std::sync::Arc;

struct Guarded {
    lot: ParkingLot,
    lock: ByteLock,
    value: UnsafeCell<usize>,
}

// SAFETY: the value is used under the lock; loom checks.
unsafe impl Sync for Guarded {}
// SAFETY: as above.
unsafe impl Send for Guarded {}

impl Guarded {
    fn new(platform: &'static dyn Platform) -> Arc<Self> {
        Arc::new(Self {
            lot: ParkingLot::new(platform),
            lock: ByteLock::new(),
            value: UnsafeCell::new(0),
        })
    }

    fn add(&self) {
        self.lock.lock(&self.lot, &mut Unattached).unwrap();
        // SAFETY: under the lock.
        self.value.with_mut(|value| unsafe { *value += 1 });
        // SAFETY: locked above.
        unsafe { self.lock.unlock(&self.lot) };
    }
}

/// Two threads lock twice; nobody overlaps and nobody sleeps for ever.
///
/// Fails with Relaxed in `try_lock`, in `lock_slow`'s exchange, or in `unlock`.
#[test]
fn the_lock_excludes_and_loses_no_wake() {
    loom::model(|| {
        let shared = Guarded::new(&Threads);
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
        shared.value.with(|value| {
            // SAFETY: everybody is done.
            assert_eq!(unsafe { *value }, 4);
        });
    });
}

/// Somebody comes for the lock between its release and the sleeper's waking.
///
/// Fails with Relaxed in `unlock_slow`'s store.
#[test]
fn who_barges_in_sees_what_the_last_holder_did() {
    loom::model(|| {
        let shared = Guarded::new(&Threads);
        let others: [_; 2] = core::array::from_fn(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.add())
        });
        shared.add();
        for other in others {
            other.join().unwrap();
        }
    });
}

/// A waker that changes the word under the bucket's lock cannot slip between a sleeper's test and its
/// sleep; and it is done with the sleeper's record when the sleeper goes on.
///
/// Fails with Relaxed in the last store of `wake`, or in the load of `sleep`.
#[test]
fn a_sleeper_sees_what_its_waker_did() {
    loom::model(|| {
        struct Shared {
            lot: ParkingLot,
            word: AtomicU8,
            value: UnsafeCell<usize>,
        }
        // SAFETY: the value is written before the wake and read after it; loom checks.
        unsafe impl Sync for Shared {}
        // SAFETY: as above.
        unsafe impl Send for Shared {}
        let shared = Arc::new(Shared {
            lot: ParkingLot::new(&Yielding),
            word: AtomicU8::new(0),
            value: UnsafeCell::new(0),
        });
        let waker = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let key = &raw const shared.word as usize;
                let mut found = false;
                shared.lot.unpark_one(key, |unparking| {
                    found = unparking.found;
                    shared.word.store(1, Relaxed);
                    if found {
                        // SAFETY: the sleeper reads it when it is woken, not before.
                        shared.value.with_mut(|value| unsafe { *value = 7 });
                    }
                    false
                });
                found
            })
        };
        let key = &raw const shared.word as usize;
        let parked = shared.lot.park(key, &mut Unattached, None, &mut || {
            shared.word.load(Relaxed) == 0
        });
        if parked.wake == Wake::Woken {
            shared.value.with(|value| {
                // SAFETY: woken, so the waker has written.
                assert_eq!(unsafe { *value }, 7);
            });
        }
        assert_eq!(waker.join().unwrap(), parked.wake == Wake::Woken);
    });
}

/// Fails with Relaxed in `is_set` or in `set`.
#[test]
fn an_event_publishes() {
    loom::model(|| {
        struct Shared {
            lot: ParkingLot,
            event: Event,
            value: UnsafeCell<usize>,
        }
        // SAFETY: the value is written before the event and read after it; loom checks.
        unsafe impl Sync for Shared {}
        // SAFETY: as above.
        unsafe impl Send for Shared {}
        let shared = Arc::new(Shared {
            lot: ParkingLot::new(&Threads),
            event: Event::new(),
            value: UnsafeCell::new(0),
        });
        let setter = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                // SAFETY: before the event.
                shared.value.with_mut(|value| unsafe { *value = 7 });
                shared.event.set(&shared.lot);
            })
        };
        assert_eq!(
            shared.event.wait(&shared.lot, &mut Unattached, None),
            Ok(true)
        );
        shared.value.with(|value| {
            // SAFETY: after the event.
            assert_eq!(unsafe { *value }, 7);
        });
        setter.join().unwrap();
    });
}

/// A stopper and a thread's own attach never own its state together, and the thread always gets back in.
///
/// Fails with Relaxed in `change`, `detach` or `resume`.
#[test]
fn a_threads_state_has_one_owner() {
    loom::model(|| {
        struct Shared {
            lot: ParkingLot,
            status: ThreadStatus,
            state: UnsafeCell<usize>,
            stops: AtomicUsize,
        }
        // SAFETY: the state belongs to whom the status byte says; loom checks.
        unsafe impl Sync for Shared {}
        // SAFETY: as above.
        unsafe impl Send for Shared {}
        let shared = Arc::new(Shared {
            lot: ParkingLot::new(&Threads),
            status: ThreadStatus::default(),
            state: UnsafeCell::new(0),
            stops: AtomicUsize::new(0),
        });
        let stopper = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for _ in 0..2 {
                    // SAFETY: resumed below.
                    if unsafe { shared.status.try_suspend() } {
                        // SAFETY: suspended by us.
                        shared.state.with_mut(|state| unsafe { *state += 10 });
                        shared.stops.fetch_add(1, Relaxed);
                        // SAFETY: suspended above.
                        unsafe { shared.status.resume(&shared.lot) };
                    }
                }
            })
        };
        for _ in 0..2 {
            shared.status.attach(&shared.lot).unwrap();
            // SAFETY: attached.
            shared.state.with_mut(|state| unsafe { *state += 1 });
            shared.status.detach();
        }
        stopper.join().unwrap();
        assert_eq!(shared.status.get(), Status::Detached);
        shared.state.with(|state| {
            // SAFETY: everybody is done.
            assert_eq!(unsafe { *state }, 2 + 10 * shared.stops.load(Relaxed));
        });
    });
}
