//! Locks: one thread that finds them free, and several that do not.

use super::{Case, Group, Subject};
use kit_core::backend::collector::PlainHost;
use kit_core::backend::events::Events;
use kit_core::backend::heap::HeapKind;
use kit_core::object::Header;
use kit_core::sync::mutex::ByteLock;
use kit_core::sync::parking::{ParkingLot, Unattached};
use kit_core::thread::Ctx;
use kit_std::platform::threads::STD_THREADS;
use kit_std::runtime::{Options, Runtime};
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
            Subject {
                name: "kit-core ByteLock",
                sample: crowd::<Byte, $threads, $inside, $outside>,
            },
            Subject {
                name: "std Mutex",
                sample: crowd::<Std, $threads, $inside, $outside>,
            },
            Subject {
                name: "parking_lot Mutex",
                sample: crowd::<ParkingLotMutex, $threads, $inside, $outside>,
            },
        ]
    };
}

/// The group.
pub const GROUP: Group = Group {
    name: "locks",
    cases: &[
        Case {
            name: "free: lock and unlock",
            subjects: &[
                Subject {
                    name: "object lock",
                    sample: free_object,
                },
                Subject {
                    name: "kit-core ByteLock",
                    sample: free::<Byte>,
                },
                Subject {
                    name: "section over one object",
                    sample: free_section,
                },
                Subject {
                    name: "std Mutex",
                    sample: free::<Std>,
                },
                Subject {
                    name: "parking_lot Mutex",
                    sample: free::<ParkingLotMutex>,
                },
            ],
        },
        Case {
            name: "2 threads, short holds",
            subjects: &contended!(2, 8, 8),
        },
        Case {
            name: "8 threads, short holds",
            subjects: &contended!(8, 8, 8),
        },
        Case {
            name: "8 threads, holds of about a microsecond",
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

const ROUNDS: usize = 5_000_000;

fn each(rounds: usize, mut f: impl FnMut()) -> f64 {
    // Once to get warm.
    for _ in 0..rounds / 8 {
        f();
    }
    let start = Instant::now();
    for _ in 0..rounds {
        f();
    }
    start.elapsed().as_nanos() as f64 / rounds as f64
}

fn free<L: Guarded>() -> f64 {
    let lock = black_box(L::new());
    each(ROUNDS, || lock.add(0))
}

/// Runs `body` on a thread of a runtime that has another one.
fn in_company(body: impl FnOnce(&mut Ctx) -> f64) -> f64 {
    unsafe fn dying(_: &mut Ctx, _: *mut Header) -> bool {
        true
    }
    unsafe fn interrupt(ctx: &mut Ctx) -> bool {
        // SAFETY: `host` was set below.
        unsafe { &*ctx.host().cast::<&'static Runtime>() }.interrupt(ctx) != 0
    }
    let runtime: &'static Runtime = Runtime::new(Options {
        types: 1,
        reserved_types: 1,
        memory_limit: 64 << 20,
        events: Events { dying, interrupt },
        cycles: &PlainHost,
    })
    .expect("memory");
    let (inside, done) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            runtime.attach(|ctx| {
                ctx.thread()
                    .host
                    .set((&raw const runtime).cast_mut().cast());
                inside.store(true, Ordering::Release);
                runtime.detached(ctx, || {
                    while !done.load(Ordering::Acquire) {
                        thread::park();
                    }
                });
            })
        });
        while !inside.load(Ordering::Acquire) {
            thread::yield_now();
        }
        let result = runtime.attach(|ctx| {
            ctx.thread()
                .host
                .set((&raw const runtime).cast_mut().cast());
            body(ctx)
        });
        done.store(true, Ordering::Release);
        other.thread().unpark();
        result
    })
    .expect("a slot")
}

/// An object that lives as long as the process.
fn object<'a>(ctx: &Ctx) -> &'a Header {
    let object = ctx.allocate(0, HeapKind::Plain, size_of::<Header>());
    // SAFETY: never freed, and neither is the heap.
    black_box(unsafe { object.expect("memory").as_ref() })
}

fn free_object() -> f64 {
    in_company(|ctx| {
        let object = object(ctx);
        let value = UnsafeCell::new(0_usize);
        each(ROUNDS, || {
            let _lock = ctx.lock(object);
            // SAFETY: under the lock.
            unsafe { *value.get() += 1 };
        })
    })
}

fn free_section() -> f64 {
    in_company(|ctx| {
        let object = object(ctx);
        let value = UnsafeCell::new(0_usize);
        each(ROUNDS, || {
            // SAFETY: nobody else knows the value.
            ctx.critical(object, |_| unsafe { *value.get() += 1 });
        })
    })
}

/// Threads that add for about a tenth of a second; time for one addition, of all together.
fn crowd<L: Guarded, const THREADS: usize, const INSIDE: usize, const OUTSIDE: usize>() -> f64 {
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
