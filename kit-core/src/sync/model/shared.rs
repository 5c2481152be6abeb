//! The reader-writer lock, the seqlock, the latch and the recursive lock under loom.

use super::super::{
    atomic::{AtomicU8, Ordering::Relaxed},
    cell::UnsafeCell,
    once::{Begin, Once},
    parking::{ParkingLot, Unattached},
    recursive::RecursiveLock,
    rwlock::RwLock,
    seqlock::SeqLock,
};
use crate::testing::{Threads, Yielding};
use loom::thread;
use std::sync::Arc;

/// A writer comes after all readers that were in, readers after the writer, nobody sleeps for ever.
///
/// Fails with Relaxed in the exchanges of `read`, `write` and `enter_slow`, or in `leave`; with a Relaxed
/// store instead of the swap in `wake`.
#[test]
fn readers_and_writers_exclude_each_other() {
    loom::model(|| {
        let shared = Arc::new((ParkingLot::new(&Yielding), RwLock::new([0_usize; 2])));
        let readers: [_; 1] = core::array::from_fn(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared
                    .1
                    .read(&shared.0, |pair| assert_eq!(pair[0], pair[1]));
            })
        });
        shared.1.write(&shared.0, |pair| {
            pair[0] += 1;
            pair[1] += 1;
        });
        for reader in readers {
            reader.join().unwrap();
        }
        shared.1.read(&shared.0, |pair| assert_eq!(*pair, [1, 1]));
    });
}

/// A read finds words that were written together.
///
/// Fails with Relaxed in `try_read`'s first load or in its loads of the words, in `write`'s exchange, in its
/// stores of the words, or in the last store.
#[test]
fn words_belong_together() {
    loom::model(|| {
        let shared = Arc::new(SeqLock::new([0, 0]));
        let add = |shared: &SeqLock<2>| {
            shared.write(&Yielding, |words| {
                words[0] += 1;
                words[1] += 1;
            });
        };
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                if let Some([a, b]) = shared.try_read() {
                    assert_eq!(a, b);
                }
            })
        };
        let writer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || add(&shared))
        };
        add(&shared);
        reader.join().unwrap();
        writer.join().unwrap();
        assert_eq!(shared.try_read(), Some([2, 2]));
    });
}

/// The second try sees what the first left, those that come later see what was done, and all come through.
///
/// Fails with Relaxed in `begin`'s exchange (either side), in `is_done`, or in `leave`.
#[test]
fn once_publishes_what_was_done() {
    struct Shared {
        lot: ParkingLot,
        once: Once,
        tries: UnsafeCell<usize>,
    }
    // SAFETY: the cell belongs to who runs, and is read only after it is done; loom checks.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    fn go(shared: &Shared) {
        if !shared.once.is_done() {
            loop {
                match shared.once.begin(&shared.lot, &mut Unattached).unwrap() {
                    Begin::Done => break,
                    Begin::Run(running) => {
                        // SAFETY: it is our turn.
                        let tries = shared.tries.with_mut(|tries| unsafe {
                            *tries += 1;
                            *tries
                        });
                        if tries == 1 {
                            // The first try fails.
                            drop(running);
                        } else {
                            running.finish();
                        }
                    }
                }
            }
        }
        // SAFETY: done, so nobody writes any more.
        assert_eq!(shared.tries.with(|tries| unsafe { *tries }), 2);
    }

    loom::model(|| {
        let shared = Arc::new(Shared {
            lot: ParkingLot::new(&Threads),
            once: Once::new(),
            tries: UnsafeCell::new(0),
        });
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || go(&shared))
        };
        go(&shared);
        other.join().unwrap();
    });
}

/// Two threads take the lock twice each, one inside the other; a stranger never passes for the owner.
///
/// Its own accesses are all Relaxed; it stands on `ByteLock`. Fails if `own(0, 0)` comes after the unlock.
#[test]
fn the_owner_alone_comes_in_again() {
    struct Shared {
        lot: ParkingLot,
        lock: RecursiveLock,
        inside: AtomicU8,
        value: UnsafeCell<usize>,
    }
    // SAFETY: the value is used under the lock; loom checks.
    unsafe impl Sync for Shared {}
    // SAFETY: as above.
    unsafe impl Send for Shared {}

    fn go(shared: &Shared, me: u64) {
        let acquire = || {
            assert_eq!(
                shared.lock.acquire(me, &shared.lot, &mut Unattached, None),
                Ok(true)
            );
        };
        acquire();
        assert_eq!(shared.inside.fetch_add(1, Relaxed), 0);
        acquire();
        // SAFETY: under the lock.
        shared.value.with_mut(|value| unsafe { *value += 1 });
        assert!(shared.lock.release(me, &shared.lot));
        assert!(!shared.lock.is_owned_by(me ^ 3));
        shared.inside.fetch_sub(1, Relaxed);
        assert!(shared.lock.release(me, &shared.lot));
        assert!(!shared.lock.release(me, &shared.lot));
    }

    loom::model(|| {
        let shared = Arc::new(Shared {
            lot: ParkingLot::new(&Threads),
            lock: RecursiveLock::new(),
            inside: AtomicU8::new(0),
            value: UnsafeCell::new(0),
        });
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || go(&shared, 1))
        };
        go(&shared, 2);
        other.join().unwrap();
        // SAFETY: everybody is done.
        assert_eq!(shared.value.with(|value| unsafe { *value }), 2);
    });
}
