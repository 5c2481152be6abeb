//! Locks: one thread that finds them free, and several that do not.

use super::company::{in_company, object};
use super::{Case, Group, Subject, each};
use kit_core::sync::mutex::ByteLock;
use kit_core::sync::parking::{ParkingLot, Unattached};
use kit_std::platform::threads::STD_THREADS;
use std::cell::UnsafeCell;
use std::hint::{black_box, spin_loop};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

/// The same case for every lock: threads, pauses inside, pauses outside.
macro_rules! contended {
    ($threads:literal, $inside:literal, $outside:literal) => {
        [
            Subject::new(
                "kit-core ByteLock",
                crowd::<Byte, $threads, $inside, $outside>,
            ),
            Subject::new("std Mutex", crowd::<Std, $threads, $inside, $outside>),
            Subject::new(
                "parking_lot Mutex",
                crowd::<ParkingLotMutex, $threads, $inside, $outside>,
            ),
        ]
    };
}

/// The group.
pub const GROUP: Group = Group {
    name: "locks",
    unit: "ns",
    cases: &[
        Case {
            name: "free: lock and unlock",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("object lock", free_object),
                Subject::new("kit-core ByteLock", free::<Byte>),
                Subject::new("std Mutex", free::<Std>),
                Subject::new("parking_lot Mutex", free::<ParkingLotMutex>).at_most(1.1),
            ],
        },
        Case {
            name: "free: a section over one object",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("section", free_section),
                Subject::new("parking_lot Mutex", free::<ParkingLotMutex>),
            ],
        },
        Case {
            name: "free: a section over two objects",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("section", free_section_of_two),
                Subject::new("two parking_lot Mutexes", free_pair),
            ],
        },
        Case {
            name: "2 threads, short holds",
            exact: false,
            limit: None,
            subjects: &contended!(2, 8, 8),
        },
        Case {
            name: "8 threads, short holds",
            exact: false,
            limit: None,
            subjects: &contended!(8, 8, 8),
        },
        Case {
            name: "8 threads, holds of about a microsecond",
            exact: false,
            limit: None,
            subjects: &contended!(8, 300, 300),
        },
    ],
};

/// A lock around a number.
trait Guarded: Sync {
    fn new() -> Self;
    fn add(&self, inside: usize);
    fn total(self) -> usize;
}

struct Byte {
    lot: ParkingLot,
    lock: ByteLock,
    value: UnsafeCell<usize>,
}

// SAFETY: the value is used under the lock.
unsafe impl Sync for Byte {}

impl Guarded for Byte {
    fn new() -> Self {
        Byte {
            lot: ParkingLot::new(&STD_THREADS),
            lock: ByteLock::new(),
            value: UnsafeCell::new(0),
        }
    }

    #[inline]
    fn add(&self, inside: usize) {
        // The blocker never fails.
        let _ = self.lock.lock(&self.lot, &mut Unattached);
        // SAFETY: under the lock.
        unsafe { *self.value.get() += 1 };
        work(inside);
        // SAFETY: locked above.
        unsafe { self.lock.unlock(&self.lot) };
    }

    fn total(self) -> usize {
        self.value.into_inner()
    }
}

struct Std(std::sync::Mutex<usize>);

impl Guarded for Std {
    fn new() -> Self {
        Std(std::sync::Mutex::new(0))
    }

    #[inline]
    fn add(&self, inside: usize) {
        let mut value = self.0.lock().unwrap_or_else(|e| e.into_inner());
        *value += 1;
        work(inside);
    }

    fn total(self) -> usize {
        self.0.into_inner().unwrap_or_else(|e| e.into_inner())
    }
}

struct ParkingLotMutex(parking_lot::Mutex<usize>);

impl Guarded for ParkingLotMutex {
    fn new() -> Self {
        ParkingLotMutex(parking_lot::Mutex::new(0))
    }

    #[inline]
    fn add(&self, inside: usize) {
        let mut value = self.0.lock();
        *value += 1;
        work(inside);
    }

    fn total(self) -> usize {
        self.0.into_inner()
    }
}

fn work(pauses: usize) {
    for number in 0..pauses {
        black_box(number);
    }
}

fn free<L: Guarded>(rounds: usize) -> f64 {
    let lock = black_box(L::new());
    each(rounds, || lock.add(0))
}

fn free_object(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        let object = object(ctx);
        let value = UnsafeCell::new(0_usize);
        each(rounds, || {
            let _lock = ctx.lock(object);
            // SAFETY: under the lock.
            unsafe { *value.get() += 1 };
        })
    })
}

fn free_section(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        let object = object(ctx);
        let value = UnsafeCell::new(0_usize);
        each(rounds, || {
            // SAFETY: nobody else knows the value.
            ctx.critical(object, |_| unsafe { *value.get() += 1 });
        })
    })
}

fn free_section_of_two(rounds: usize) -> f64 {
    in_company(|_, ctx| {
        let (one, other) = (object(ctx), object(ctx));
        let value = UnsafeCell::new(0_usize);
        each(rounds, || {
            // SAFETY: nobody else knows the value.
            ctx.critical2(one, other, |_| unsafe { *value.get() += 1 });
        })
    })
}

fn free_pair(rounds: usize) -> f64 {
    let (one, other) = black_box((
        parking_lot::Mutex::new(0_usize),
        parking_lot::Mutex::new(()),
    ));
    each(rounds, || {
        let mut value = one.lock();
        let _second = other.lock();
        *value += 1;
    })
}

/// Threads that add for about a tenth of a second; time for one addition, of all together.
fn crowd<L: Guarded, const THREADS: usize, const INSIDE: usize, const OUTSIDE: usize>(
    _: usize,
) -> f64 {
    let (lock, barrier, stop) = (L::new(), Barrier::new(THREADS + 1), AtomicBool::new(false));
    let start = thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                while !stop.load(Ordering::Relaxed) {
                    lock.add(INSIDE);
                    work(OUTSIDE);
                    spin_loop();
                }
            });
        }
        barrier.wait();
        let start = Instant::now();
        thread::sleep(std::time::Duration::from_millis(100));
        stop.store(true, Ordering::Relaxed);
        start
    });
    start.elapsed().as_nanos() as f64 / lock.total() as f64
}
