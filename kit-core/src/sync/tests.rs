//! The locks with real threads.

mod shared;

use super::{
    atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst},
    event::Event,
    mutex::ByteLock,
    once::{Begin, Once},
    parking::{Blocker, FAIR_AFTER, Finalizing, ParkingLot, Unattached, Wake},
    segmented::Segmented,
};
use crate::platform::{
    memory::NoMemory,
    mock::MockPlatform,
    thread::{ParkToken, Platform},
};
use crate::testing::Threads;
use std::{cell::UnsafeCell, sync::LazyLock, thread, vec::Vec};

fn lot() -> ParkingLot {
    ParkingLot::new(&crate::testing::Threads)
}

#[derive(Default)]
struct Counting {
    before: usize,
    after: usize,
}

impl Blocker for Counting {
    fn before_park(&mut self) {
        self.before += 1;
    }

    fn after_park(&mut self) -> Result<(), Finalizing> {
        self.after += 1;
        Ok(())
    }
}

/// A blocker that says when its thread is in the queue, so that nobody has to guess.
struct Announcing<'a> {
    queued: &'a AtomicUsize,
    refuse: bool,
}

impl Blocker for Announcing<'_> {
    fn before_park(&mut self) {
        self.queued.fetch_add(1, SeqCst);
    }

    fn after_park(&mut self) -> Result<(), Finalizing> {
        if self.refuse { Err(Finalizing) } else { Ok(()) }
    }
}

fn wait_until(reached: impl Fn() -> bool) {
    while !reached() {
        thread::yield_now();
    }
}

#[test]
fn the_lock_excludes() {
    struct Shared(ByteLock, UnsafeCell<usize>);
    // SAFETY: the cell is used under the lock.
    unsafe impl Sync for Shared {}
    let (lot, shared) = (lot(), Shared(ByteLock::new(), UnsafeCell::new(0)));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20_000 {
                    shared.0.lock(&lot, &mut Unattached).unwrap();
                    let shared = &shared;
                    // SAFETY: under the lock.
                    unsafe { *shared.1.get() += 1 };
                    // SAFETY: locked above.
                    unsafe { shared.0.unlock(&lot) };
                }
            });
        }
    });
    assert_eq!(shared.1.into_inner(), 80_000);
    assert!(!shared.0.is_locked());
}

#[test]
fn a_header_byte_is_a_lock() {
    let byte = AtomicU8::new(0);
    assert!(ByteLock::from_atomic(&byte).try_lock());
    assert!(!ByteLock::from_atomic(&byte).try_lock());
    assert_eq!(byte.load(SeqCst), 1);
    // SAFETY: locked above.
    unsafe { ByteLock::from_atomic(&byte).unlock(&lot()) };
    assert_eq!(byte.load(SeqCst), 0);
}

#[test]
fn a_deadline_ends_the_wait_and_tells_the_blocker() {
    static PLATFORM: LazyLock<MockPlatform> = LazyLock::new(MockPlatform::default);
    let platform = &*PLATFORM;
    let (lot, lock, mut blocker) = (
        ParkingLot::new(platform),
        ByteLock::new(),
        Counting::default(),
    );
    assert!(lock.try_lock());
    assert_eq!(lock.lock_until(&lot, &mut blocker, 5_000_000), Ok(false));
    assert_eq!((blocker.before, blocker.after), (1, 1));
    assert_eq!(platform.now(), 5_000_000);
    // SAFETY: locked above. The stale PARKED bit goes too.
    unsafe { lock.unlock(&lot) };
    assert!(lock.try_lock());
}

#[test]
fn a_deadline_that_has_passed_means_one_try() {
    static PLATFORM: LazyLock<MockPlatform> = LazyLock::new(MockPlatform::default);
    let platform = &*PLATFORM;
    let (lot, lock, mut blocker) = (
        ParkingLot::new(platform),
        ByteLock::new(),
        Counting::default(),
    );
    assert_eq!(lock.lock_until(&lot, &mut blocker, 0), Ok(true));
    assert_eq!(lock.lock_until(&lot, &mut blocker, 0), Ok(false));
    assert_eq!((blocker.before, blocker.after), (0, 0));
    let slept = platform.parks.load(SeqCst) + platform.yields.load(SeqCst);
    assert_eq!(slept, 0, "neither slept nor spun");
}

#[test]
fn an_overdue_waiter_is_handed_the_lock() {
    static LOCK: ByteLock = ByteLock::new();
    static HELD: AtomicUsize = AtomicUsize::new(0);
    static QUEUED: AtomicUsize = AtomicUsize::new(0);
    static LOT: LazyLock<ParkingLot> = LazyLock::new(lot);
    let lot = &*LOT;
    assert!(LOCK.try_lock());
    let waiter = thread::spawn(move || {
        let mut blocker = Announcing {
            queued: &QUEUED,
            refuse: false,
        };
        LOCK.lock(lot, &mut blocker).unwrap();
        HELD.store(1, SeqCst);
        // SAFETY: locked above.
        unsafe { LOCK.unlock(lot) };
    });
    wait_until(|| QUEUED.load(SeqCst) == 1);
    let overdue = lot.platform().now() + 2 * FAIR_AFTER;
    wait_until(|| lot.platform().now() >= overdue);
    // SAFETY: locked above.
    unsafe { LOCK.unlock(lot) };
    // Handed over: from here on the lock is not free until the waiter has had it.
    while HELD.load(SeqCst) == 0 {
        if LOCK.try_lock() {
            assert_eq!(HELD.load(SeqCst), 1, "barged in before the overdue waiter");
            // SAFETY: just locked.
            unsafe { LOCK.unlock(lot) };
        }
    }
    waiter.join().unwrap();
}

#[test]
fn a_thread_shut_out_while_it_waits_does_not_keep_the_lock() {
    let (lot, lock, queued) = (lot(), ByteLock::new(), AtomicUsize::new(0));
    assert!(lock.try_lock());
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let mut blocker = Announcing {
                queued: &queued,
                refuse: true,
            };
            lock.lock(&lot, &mut blocker)
        });
        wait_until(|| queued.load(SeqCst) == 1);
        // SAFETY: locked above.
        unsafe { lock.unlock(&lot) };
        assert_eq!(waiter.join().unwrap(), Err(Finalizing));
    });
    assert!(lock.try_lock());
}

/// Threads for which no time passes: nobody who waits is overdue.
struct Timeless;

// SAFETY: as `Threads`, and a moment that stays is monotonic.
unsafe impl Platform for Timeless {
    fn now(&self) -> u64 {
        0
    }

    fn with_token(&self, body: &mut dyn FnMut(ParkToken)) {
        Threads.with_token(body);
    }

    fn park(&self, _deadline: Option<u64>) {
        Threads.park(None);
    }

    unsafe fn unpark(&self, token: ParkToken) {
        // SAFETY: the same contract.
        unsafe { Threads.unpark(token) };
    }

    fn yield_now(&self) {
        Threads.yield_now();
    }
}

#[test]
fn a_thread_shut_out_after_it_was_woken_wakes_the_next() {
    let (lot, lock, queued) = (
        ParkingLot::new(&Timeless),
        ByteLock::new(),
        AtomicUsize::new(0),
    );
    assert!(lock.try_lock());
    thread::scope(|scope| {
        let wait = |refuse, place| {
            let (lot, lock, queued) = (&lot, &lock, &queued);
            let waiter = scope.spawn(move || lock.lock(lot, &mut Announcing { queued, refuse }));
            wait_until(|| queued.load(SeqCst) == place);
            waiter
        };
        let (first, second) = (wait(true, 1), wait(false, 2));
        // SAFETY: locked above.
        unsafe { lock.unlock(&lot) };
        assert_eq!(first.join().unwrap(), Err(Finalizing));
        assert_eq!(second.join().unwrap(), Ok(()));
    });
    assert!(lock.is_locked());
}

#[test]
fn addresses_that_share_a_bucket_do_not_wake_each_other() {
    let lot = lot();
    // More keys than buckets.
    let keys: Vec<AtomicUsize> = (0..96).map(|_| AtomicUsize::new(0)).collect();
    let key = |index: usize| &raw const keys[index] as usize;
    thread::scope(|scope| {
        for index in 0..keys.len() {
            let (lot, keys) = (&lot, &keys);
            scope.spawn(move || {
                let key = &raw const keys[index] as usize;
                let parked = lot.park(key, &mut Unattached, None, &mut || {
                    keys[index].fetch_add(1, SeqCst) == 0
                });
                assert_eq!(parked.wake, Wake::Woken);
                assert_eq!(keys[index].load(SeqCst), 2, "woken by somebody else's key");
            });
        }
        for index in (0..keys.len()).rev() {
            while keys[index].load(SeqCst) != 1 {
                thread::yield_now();
            }
            assert_eq!(
                lot.unpark_all(key(index), || {
                    keys[index].store(2, SeqCst);
                }),
                1
            );
        }
    });
}

#[test]
fn an_event_lets_everybody_go() {
    let (lot, event, through) = (lot(), Event::new(), AtomicUsize::new(0));
    let queued = AtomicUsize::new(0);
    let platform: &dyn Platform = lot.platform();
    assert_eq!(
        event.wait(&lot, &mut Unattached, Some(platform.now() + 1000)),
        Ok(false)
    );
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut blocker = Announcing {
                    queued: &queued,
                    refuse: false,
                };
                assert_eq!(event.wait(&lot, &mut blocker, None), Ok(true));
                through.fetch_add(1, SeqCst);
            });
        }
        wait_until(|| queued.load(SeqCst) == 3);
        assert_eq!(through.load(SeqCst), 0);
        event.set(&lot);
    });
    assert_eq!(through.into_inner(), 3);
    assert!(event.is_set());
}

#[test]
fn once_runs_until_it_succeeds() {
    let (lot, once, tries) = (lot(), Once::new(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                match once.begin(&lot, &mut Unattached).unwrap() {
                    // The first try fails.
                    Begin::Run(running) => {
                        if tries.fetch_add(1, SeqCst) == 0 {
                            thread::yield_now();
                            drop(running);
                        } else {
                            running.finish();
                        }
                    }
                    Begin::Done => assert!(once.is_done()),
                }
            });
        }
    });
    assert_eq!(tries.load(SeqCst), 2);
}

#[test]
fn a_table_grows_without_moving() {
    let table = Segmented::<AtomicUsize>::new(&std::alloc::System);
    let first = &raw const *table.get(0).unwrap();
    assert_eq!(table.capacity(), 32);
    while table.capacity() < 1000 {
        assert!(table.grow());
    }
    for index in 0..table.capacity() {
        table.get(index).unwrap().store(index, SeqCst);
    }
    assert!(
        table
            .iter()
            .enumerate()
            .all(|(index, entry)| entry.load(SeqCst) == index)
    );
    assert_eq!(table.iter().count(), table.capacity());
    assert!(table.get(table.capacity()).is_none());
    assert_eq!(&raw const *table.get(0).unwrap(), first);
    assert!(!Segmented::<AtomicUsize>::new(&NoMemory).grow());
}
