//! Critical sections under loom.

use super::super::{
    atomic::{AtomicUsize, Ordering::Relaxed},
    cell::UnsafeCell,
    critical::{Locks, Sections},
    mutex::ByteLock,
    parking::{ParkingLot, Unattached},
};
use crate::testing::Threads;
use loom::thread;
use std::sync::Arc;

/// Two objects.
struct Shared {
    lot: ParkingLot,
    locks: [ByteLock; 2],
    values: [UnsafeCell<usize>; 2],
}

// SAFETY: a value is used under its lock; loom checks.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            lot: ParkingLot::new(&Threads),
            locks: core::array::from_fn(|_| ByteLock::new()),
            values: core::array::from_fn(|_| UnsafeCell::new(0)),
        })
    }

    /// What a context does: lock, look, unlock.
    fn with<R>(&self, sections: &Sections, object: usize, f: impl FnOnce(&mut usize) -> R) -> R {
        let lock = &self.locks[object];
        let waited = !lock.try_lock() && sections.lock_slow(lock, &self.lot);
        // SAFETY: under the lock.
        let result = self.values[object].with_mut(|value| f(unsafe { &mut *value }));
        // SAFETY: locked above.
        unsafe { lock.unlock(&self.lot) };
        if waited {
            sections.renew();
        }
        result
    }

    fn section<R>(&self, sections: &Sections, locks: Locks, body: impl FnOnce() -> R) -> R {
        // SAFETY: the locks and the lot are in an `Arc` the caller holds; the sections are the caller's.
        unsafe { sections.run(locks, &self.lot, false, &mut Unattached, body) }
    }

    /// Adds one in two steps, which nobody may come between.
    fn add_slowly(&self, sections: &Sections, object: usize) {
        let seen = self.with(sections, object, |value| *value);
        self.with(sections, object, |value| *value = seen + 1);
    }

    fn one(&self, object: usize) -> Locks {
        Locks::one(&self.locks[object])
    }
}

/// Two steps in a section are one to other sections, and to whoever only locks.
///
/// Fails with Relaxed in `try_reserve`, in `unreserve` or in `lock_slow`'s exchange.
#[test]
fn a_section_is_one_step() {
    loom::model(|| {
        let shared = Shared::new();
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let sections = Sections::default();
                shared.section(&sections, shared.one(0), || shared.add_slowly(&sections, 0));
                // And one that only locks.
                shared.with(&sections, 0, |value| *value += 1);
            })
        };
        let sections = Sections::default();
        shared.section(&sections, shared.one(0), || shared.add_slowly(&sections, 0));
        other.join().unwrap();
        shared.with(&sections, 0, |value| assert_eq!(*value, 3));
        assert!(sections.is_empty() && !shared.locks[0].is_reserved());
    });
}

/// A over B and B over A: nobody waits for ever, and the inner section is one step all the same.
///
/// Hangs if `run` does not suspend what it has before it waits.
#[test]
fn nested_sections_in_opposite_order_come_through() {
    loom::model(|| {
        let shared = Shared::new();
        let nested = |shared: &Shared, outer: usize, inner: usize| {
            let sections = Sections::default();
            shared.section(&sections, shared.one(outer), || {
                shared.section(&sections, shared.one(inner), || {
                    shared.add_slowly(&sections, inner);
                });
                // Active again.
                assert!(shared.locks[outer].is_reserved());
            });
        };
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || nested(&shared, 1, 0))
        };
        nested(&shared, 0, 1);
        other.join().unwrap();
        let sections = Sections::default();
        for object in 0..2 {
            shared.with(&sections, object, |value| assert_eq!(*value, 1));
            assert!(!shared.locks[object].is_reserved());
        }
    });
}

/// Two objects at once, named in either order; a thread that only locks never sees the sum changed.
///
/// Hangs if `Locks::two` keeps the caller's order.
#[test]
fn two_objects_change_together() {
    loom::model(|| {
        let shared = Shared::new();
        let swap = |shared: &Shared, a: usize, b: usize| {
            let sections = Sections::default();
            let locks = Locks::two(&shared.locks[a], &shared.locks[b]);
            shared.section(&sections, locks, || {
                let (x, y) = (
                    shared.with(&sections, a, |value| *value),
                    shared.with(&sections, b, |value| *value),
                );
                assert_eq!(x, y);
                shared.with(&sections, a, |value| *value += 1);
                shared.with(&sections, b, |value| *value += 1);
            });
        };
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || swap(&shared, 1, 0))
        };
        swap(&shared, 0, 1);
        other.join().unwrap();
    });
}

/// A thread that detaches in a section lets others in meanwhile, and has the section again afterwards.
///
/// Fails with Relaxed in `try_reserve` or `unreserve`; the assertion fails if `renew` does nothing.
#[test]
fn a_suspended_section_is_open_and_comes_back() {
    loom::model(|| {
        let shared = Shared::new();
        let let_in = Arc::new(AtomicUsize::new(0));
        let other = {
            let (shared, let_in) = (Arc::clone(&shared), Arc::clone(&let_in));
            thread::spawn(move || {
                let sections = Sections::default();
                shared.section(&sections, shared.one(0), || {
                    shared.add_slowly(&sections, 0);
                    let_in.store(1, Relaxed);
                });
            })
        };
        let sections = Sections::default();
        shared.section(&sections, shared.one(0), || {
            shared.add_slowly(&sections, 0);
            sections.suspend();
            // Detached, until the other one has been in; it waits only for us.
            while let_in.load(Relaxed) == 0 {
                thread::yield_now();
            }
            sections.renew();
            assert!(shared.locks[0].is_reserved());
            shared.add_slowly(&sections, 0);
        });
        other.join().unwrap();
        shared.with(&sections, 0, |value| assert_eq!(*value, 3));
    });
}

/// Who waits for one lock gives up what it has reserved; after the wait it has it again.
///
/// Hangs if `lock_slow` does not suspend.
#[test]
fn who_waits_for_a_lock_reserves_nothing() {
    loom::model(|| {
        let shared = Shared::new();
        let cross = |shared: &Shared, mine: usize, other: usize| {
            let sections = Sections::default();
            shared.section(&sections, shared.one(mine), || {
                shared.with(&sections, other, |value| *value += 1);
                assert!(shared.locks[mine].is_reserved());
            });
        };
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || cross(&shared, 1, 0))
        };
        cross(&shared, 0, 1);
        other.join().unwrap();
    });
}
