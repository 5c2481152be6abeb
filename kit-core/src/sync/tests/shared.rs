//! Sections, the reader-writer lock and the seqlock with real threads.

use super::lot;
use crate::sync::{
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    critical::{Locks, Sections},
    mutex::ByteLock,
    parking::{ParkingLot, Unattached},
    rwlock::RwLock,
    seqlock::SeqLock,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    vec::Vec,
};

/// A section by a thread that knows no runtime.
fn section<R>(
    sections: &Sections,
    lot: &ParkingLot,
    locks: Locks,
    alone: bool,
    body: impl FnOnce() -> R,
) -> R {
    // SAFETY: the callers' locks and lots outlive the call, and each thread uses its own sections.
    unsafe { sections.run(locks, lot, alone, &mut Unattached, body) }
}

#[test]
fn a_section_keeps_others_out_but_not_itself() {
    let (lot, lock, sections) = (lot(), ByteLock::new(), Sections::default());
    section(&sections, &lot, Locks::one(&lock), false, || {
        assert!(!lock.try_lock());
        assert!(!sections.lock_slow(&lock, &lot), "waited for itself");
        assert!(lock.is_locked() && lock.is_reserved());
        // SAFETY: locked above.
        unsafe { lock.unlock(&lot) };
        assert!(!lock.is_locked() && lock.is_reserved());
        // Once more over the same: nothing changes.
        section(&sections, &lot, Locks::two(&lock, &lock), false, || {
            assert!(lock.is_reserved());
        });
        assert!(lock.is_reserved());
    });
    assert!(sections.is_empty() && lock.try_lock());
}

#[test]
fn a_pair_covers_each_of_the_two() {
    let (lot, locks, sections) = (
        lot(),
        [ByteLock::new(), ByteLock::new()],
        Sections::default(),
    );
    let [a, b] = &locks;
    section(&sections, &lot, Locks::two(b, a), false, || {
        section(&sections, &lot, Locks::one(b), false, || {
            assert!(a.is_reserved() && b.is_reserved());
        });
        assert!(a.is_reserved() && b.is_reserved());
    });
    // The other way round the inner one is more than the outer: it begins anew.
    section(&sections, &lot, Locks::one(a), false, || {
        section(&sections, &lot, Locks::two(a, b), false, || {
            assert!(a.is_reserved() && b.is_reserved());
        });
        assert!(a.is_reserved() && !b.is_reserved());
    });
    assert!(!a.is_reserved());
}

#[test]
fn suspension_opens_all_and_renewal_closes_the_innermost() {
    let (lot, locks, sections) = (
        lot(),
        [ByteLock::new(), ByteLock::new()],
        Sections::default(),
    );
    let [a, b] = &locks;
    section(&sections, &lot, Locks::one(a), false, || {
        section(&sections, &lot, Locks::one(b), false, || {
            sections.suspend();
            assert!(!a.is_reserved() && !b.is_reserved());
            sections.renew();
            assert!(!a.is_reserved() && b.is_reserved());
        });
        assert!(a.is_reserved() && !b.is_reserved());
    });
    assert!(!a.is_reserved());
}

#[test]
fn a_lock_outlives_the_suspension_of_its_section() {
    let (lot, lock, sections) = (lot(), ByteLock::new(), Sections::default());
    section(&sections, &lot, Locks::one(&lock), false, || {
        assert!(!sections.lock_slow(&lock, &lot));
        sections.suspend();
        assert!(lock.is_locked() && !lock.is_reserved() && !lock.try_lock());
        // SAFETY: locked above.
        unsafe { lock.unlock(&lot) };
        assert!(lock.try_lock());
        // SAFETY: just locked.
        unsafe { lock.unlock(&lot) };
    });
}

#[test]
fn alone_nothing_is_reserved_until_somebody_comes() {
    let (lot, lock, sections) = (lot(), ByteLock::new(), Sections::default());
    section(&sections, &lot, Locks::one(&lock), true, || {
        assert!(!lock.is_reserved());
        sections.renew();
        assert!(lock.is_reserved());
    });
    assert!(!lock.is_reserved());
}

#[test]
fn a_panic_ends_the_sections_it_passes() {
    let (lot, locks, sections) = (
        lot(),
        [ByteLock::new(), ByteLock::new()],
        Sections::default(),
    );
    let [a, b] = &locks;
    let end = catch_unwind(AssertUnwindSafe(|| {
        section(&sections, &lot, Locks::one(a), false, || {
            section(&sections, &lot, Locks::one(b), false, || {
                std::panic::panic_any(7)
            })
        })
    }));
    assert_eq!(end.unwrap_err().downcast_ref(), Some(&7));
    assert!(sections.is_empty() && !a.is_reserved() && !b.is_reserved());
}

#[test]
#[should_panic(expected = "locked twice")]
fn locking_twice_inside_a_section_is_caught() {
    let (lot, lock, sections) = (lot(), ByteLock::new(), Sections::default());
    section(&sections, &lot, Locks::one(&lock), false, || {
        let _ = sections.lock_slow(&lock, &lot);
        let _ = sections.lock_slow(&lock, &lot);
    });
}

#[test]
fn transfers_between_accounts_in_any_order_lose_nothing() {
    const THREADS: usize = 4;
    let lot = lot();
    let accounts: Vec<(ByteLock, AtomicUsize)> = (0..3)
        .map(|_| (ByteLock::new(), AtomicUsize::new(1000)))
        .collect();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (lot, accounts) = (&lot, &accounts);
            scope.spawn(move || {
                let sections = Sections::default();
                for step in 0..3000 {
                    let (a, b) = (&accounts[(step + thread) % 3], &accounts[step * 7 % 3]);
                    section(&sections, lot, Locks::two(&a.0, &b.0), false, || {
                        // Two steps each, which only the section keeps together.
                        let (x, y) = (a.1.load(SeqCst), b.1.load(SeqCst));
                        if !core::ptr::eq(a, b) && x > 0 {
                            a.1.store(x - 1, SeqCst);
                            b.1.store(y + 1, SeqCst);
                        }
                        // And inside, another: it may open the pair, which is not used any more.
                        section(&sections, lot, Locks::one(&accounts[2].0), false, || ());
                    });
                }
            });
        }
    });
    let sum: usize = accounts.iter().map(|account| account.1.load(SeqCst)).sum();
    assert_eq!(sum, 3000);
    assert!(accounts.iter().all(|account| account.0.try_lock()));
}

#[test]
fn a_writer_gets_through_a_stream_of_readers() {
    let (lot, lock, written) = (lot(), RwLock::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !written.load(SeqCst) {
                    lock.read(&lot, |value| assert_eq!(value % 2, 0));
                }
                assert_eq!(lock.read(&lot, |value| *value), 200);
            });
        }
        scope.spawn(|| {
            for _ in 0..100 {
                lock.write(&lot, |value| {
                    *value += 1;
                    *value += 1;
                });
            }
            written.store(true, SeqCst);
        });
    });
}

#[test]
fn readers_read_side_by_side_and_a_panic_lets_others_in() {
    let (lot, lock) = (lot(), RwLock::new(1));
    lock.read(&lot, |outer| {
        thread::scope(|scope| {
            scope.spawn(|| lock.read(&lot, |inner| assert_eq!(outer, inner)));
        });
    });
    let end = catch_unwind(AssertUnwindSafe(|| {
        lock.write(&lot, |value| {
            *value = 2;
            std::panic::panic_any(());
        })
    }));
    assert!(end.is_err());
    assert_eq!(lock.read(&lot, |value| *value), 2);
}

#[test]
fn words_are_read_together_while_they_change() {
    let (lot, words, done) = (lot(), SeqLock::new([0, 0, 0]), AtomicBool::new(false));
    let platform = lot.platform();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    let [a, b, c] = words.read(platform);
                    assert!(a == b && b == c);
                }
            });
        }
        for _ in 0..20_000 {
            words.write(platform, |words| {
                words.iter_mut().for_each(|word| *word += 1)
            });
        }
        done.store(true, SeqCst);
    });
    let end = catch_unwind(AssertUnwindSafe(|| {
        words.write(platform, |words| {
            words[0] = 7;
            std::panic::panic_any(());
        })
    }));
    assert!(end.is_err());
    assert_eq!(words.try_read(), Some([20_000; 3]), "half a change is none");
}
