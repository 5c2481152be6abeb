//! Reclaiming what readers may look at: quiescent states against `crossbeam-epoch` and `seize`.

use super::{Case, Group, Subject, each};
use crossbeam_epoch::{Atomic, Owned};
use kit_core::backend::retire::RetireLimits;
use kit_gc::rcu::{Domain, Rcu};
use kit_std::platform::threads::STD_THREADS;
use seize::Guard;
use std::alloc::System;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::*};
use std::thread;
use std::time::Duration;

/// The times.
pub const GROUP: Group = Group {
    name: "reclaim",
    unit: "ns",
    cases: &[
        Case {
            name: "report that nothing is held, or begin and end to read",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit-gc quiescent", report),
                Subject::new("crossbeam-epoch pin", pin).at_most(0.2),
                Subject::new("seize enter", enter).at_most(0.2),
            ],
        },
        Case {
            name: "read a shared value, already online or pinned",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit-gc Rcu", read),
                Subject::new("crossbeam-epoch Atomic", read_pinned).at_most(2.0),
                Subject::new("seize protect", read_entered).at_most(2.0),
            ],
        },
        Case {
            name: "go online and offline, or begin and end to read",
            exact: true,
            limit: None,
            subjects: &[
                Subject::new("kit-gc online", online),
                Subject::new("crossbeam-epoch pin", pin),
                Subject::new("seize enter", enter),
            ],
        },
        Case {
            name: "replace a value of 64 bytes, with nobody else reading",
            exact: false,
            limit: None,
            subjects: &[
                Subject::new("kit-gc Rcu", replace),
                Subject::new("crossbeam-epoch Atomic", replace_pinned),
                Subject::new("seize retire", replace_entered),
            ],
        },
    ],
};

/// What is held back when tables grow faster than readers report.
pub const HELD: Group = Group {
    name: "held",
    unit: "MiB",
    cases: &[Case {
        name: "two tables that grow from 1 to 8 MiB 60 times, a reader that reports every 2 ms: memory at the peak",
        exact: false,
        // Two writers with 64 MiB, a table each over that, and two tables each that live.
        limit: Some(2.0 * (64.0 + 8.0 + 8.0 + 8.0)),
        subjects: &[
            Subject::new("kit-gc Rcu", storm),
            Subject::new("crossbeam-epoch Atomic", storm_pinned),
            Subject::new("seize retire", storm_entered),
        ],
    }],
};

fn domain() -> Domain {
    Domain::new(&System, &STD_THREADS, RetireLimits::default())
}

/// What is read and replaced.
type Value = [u64; 8];

fn report(rounds: usize) -> f64 {
    let domain = domain();
    let mut participant = domain.register().expect("memory");
    let mut reader = participant.online();
    each(rounds, || black_box(&mut reader).quiescent())
}

fn online(rounds: usize) -> f64 {
    let domain = domain();
    let mut participant = domain.register().expect("memory");
    each(rounds, || drop(black_box(participant.online())))
}

fn pin(rounds: usize) -> f64 {
    each(rounds, || drop(black_box(crossbeam_epoch::pin())))
}

fn enter(rounds: usize) -> f64 {
    let collector = seize::Collector::new();
    each(rounds, || drop(black_box(collector.enter())))
}

fn read(rounds: usize) -> f64 {
    let domain = domain();
    let cell = Rcu::new(&domain, [1_u64; 8]).expect("memory");
    let mut participant = domain.register().expect("memory");
    let reader = participant.online();
    each(rounds, || {
        black_box(black_box(&cell).read(&reader)[0]);
    })
}

fn read_pinned(rounds: usize) -> f64 {
    let cell = Atomic::new([1_u64; 8]);
    let guard = crossbeam_epoch::pin();
    let time = each(rounds, || {
        // SAFETY: never null, and replaced by nobody.
        black_box(unsafe { black_box(&cell).load(Acquire, &guard).deref() }[0]);
    });
    // SAFETY: nobody else has it.
    unsafe { drop(cell.into_owned()) };
    time
}

fn read_entered(rounds: usize) -> f64 {
    let collector = seize::Collector::new();
    let cell = AtomicPtr::new(Box::into_raw(Box::new([1_u64; 8])));
    let guard = collector.enter();
    let time = each(rounds, || {
        // SAFETY: never null, and replaced by nobody.
        black_box(unsafe { &*guard.protect(black_box(&cell), Acquire) }[0]);
    });
    // SAFETY: boxed above, and nobody else has it.
    unsafe { drop(Box::from_raw(cell.into_inner())) };
    time
}

fn replace(rounds: usize) -> f64 {
    let domain = domain();
    let cell = Rcu::new(&domain, [1_u64; 8]).expect("memory");
    let mut participant = domain.register().expect("memory");
    let mut reader = participant.online();
    each(rounds / 16, || {
        assert!(cell.replace(&mut reader, black_box([2; 8])).is_ok());
        reader.quiescent();
    })
}

fn replace_pinned(rounds: usize) -> f64 {
    let cell = Atomic::<Value>::new([1; 8]);
    let time = each(rounds / 16, || {
        let guard = crossbeam_epoch::pin();
        let old = cell.swap(Owned::new(black_box([2; 8])), AcqRel, &guard);
        // SAFETY: unlinked.
        unsafe { guard.defer_destroy(old) };
    });
    // SAFETY: nobody else has it.
    unsafe { drop(cell.into_owned()) };
    time
}

fn replace_entered(rounds: usize) -> f64 {
    let collector = seize::Collector::new();
    let cell = AtomicPtr::new(Box::into_raw(Box::<Value>::new([1; 8])));
    let time = each(rounds / 16, || {
        let guard = collector.enter();
        let new = Box::into_raw(Box::new(black_box([2; 8])));
        let old = guard.swap(&cell, new, AcqRel);
        // SAFETY: unlinked, and boxed.
        unsafe { guard.defer_retire(old, seize::reclaim::boxed) };
    });
    // SAFETY: boxed, and nobody else has it.
    unsafe { drop(Box::from_raw(cell.into_inner())) };
    time
}

/// Bytes of all tables there are, and were at the most.
static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// A table that does not use its memory.
struct Table(usize);

impl Table {
    fn new(bytes: usize) -> Self {
        MOST.fetch_max(NOW.fetch_add(bytes, Relaxed) + bytes, Relaxed);
        Table(bytes)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        NOW.fetch_sub(self.0, Relaxed);
    }
}

/// The sizes of a table that grows, over and over.
fn sizes() -> impl Iterator<Item = usize> {
    (0..60).flat_map(|_| (0..4).map(|step| 1 << (20 + step)))
}

/// Two threads that run `write`, for each table, and one that runs `read` until they are done; the most that there was, in MiB.
fn storming(write: impl Fn(usize) + Sync, read: impl Fn(&dyn Fn() -> bool) + Sync) -> f64 {
    let (start, done) = (Barrier::new(3), AtomicBool::new(false));
    MOST.store(0, Relaxed);
    thread::scope(|scope| {
        let (start, done, write) = (&start, &done, &write);
        let writers = [0, 1].map(|number| {
            scope.spawn(move || {
                start.wait();
                write(number);
            })
        });
        scope.spawn(|| {
            start.wait();
            read(&|| {
                thread::sleep(Duration::from_millis(2));
                done.load(Relaxed)
            });
        });
        for writer in writers {
            // A panic shows when the scope ends.
            let _ = writer.join();
        }
        done.store(true, Relaxed);
    });
    MOST.load(Relaxed) as f64 / f64::from(1 << 20)
}

fn storm(_: usize) -> f64 {
    let domain = domain();
    let cells = [0, 1].map(|_| Rcu::new(&domain, Table::new(1 << 20)).expect("memory"));
    storming(
        |number| {
            let mut participant = domain.register().expect("memory");
            let mut reader = participant.online();
            for bytes in sizes() {
                let change = |_: &Table| Table::new(bytes);
                while cells[number]
                    .update(&mut reader, change, |old| old.0)
                    .is_err()
                {
                    thread::yield_now();
                }
                reader.quiescent();
            }
        },
        |sleep| {
            let mut participant = domain.register().expect("memory");
            let mut reader = participant.online();
            while !sleep() {
                black_box(cells[0].read(&reader).0);
                reader.quiescent();
            }
        },
    )
}

fn storm_pinned(_: usize) -> f64 {
    let cells = [0, 1].map(|_| Atomic::new(Table::new(1 << 20)));
    let most = storming(
        |number| {
            for bytes in sizes() {
                let guard = crossbeam_epoch::pin();
                let old = cells[number].swap(Owned::new(Table::new(bytes)), AcqRel, &guard);
                // SAFETY: unlinked.
                unsafe { guard.defer_destroy(old) };
            }
        },
        |sleep| {
            loop {
                let guard = crossbeam_epoch::pin();
                if sleep() {
                    return;
                }
                // SAFETY: never null, and pinned.
                black_box(unsafe { cells[0].load(Acquire, &guard).deref() }.0);
            }
        },
    );
    for cell in cells {
        // SAFETY: nobody else has it.
        unsafe { drop(cell.into_owned()) };
    }
    most
}

fn storm_entered(_: usize) -> f64 {
    let collector = seize::Collector::new();
    let cells = [0, 1].map(|_| AtomicPtr::new(Box::into_raw(Box::new(Table::new(1 << 20)))));
    let most = storming(
        |number| {
            for bytes in sizes() {
                let guard = collector.enter();
                let new = Box::into_raw(Box::new(Table::new(bytes)));
                let old = guard.swap(&cells[number], new, AcqRel);
                // SAFETY: unlinked, and boxed.
                unsafe { guard.defer_retire(old, seize::reclaim::boxed) };
            }
        },
        |sleep| {
            loop {
                let guard = collector.enter();
                if sleep() {
                    return;
                }
                // SAFETY: never null, and protected.
                black_box(unsafe { &*guard.protect(&cells[0], Acquire) }.0);
            }
        },
    );
    for cell in cells {
        // SAFETY: boxed, and nobody else has it.
        unsafe { drop(Box::from_raw(cell.into_inner())) };
    }
    most
}
