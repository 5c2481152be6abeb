//! Per-thread counts under loom: a thread that counts, detaches and leaves, against one that adds up.
//!
//! Stopping a thread is modelled by what stops a detached one, its status. Each model was run with the
//! orderings it names weakened in turn, and failed.

use super::*;
use crate::object::Bits;
use crate::platform::memory::NoMemory;
use crate::refcount::counter::{Counter, Tally};
use crate::testing::Yielding;
use crate::thread::status::ThreadStatus;
use loom::thread;
use std::alloc::System;
use std::boxed::Box;
use std::sync::Arc;

struct Thing {
    header: Header,
    id: CountId,
}

// SAFETY: header and field stay together where they are.
unsafe impl CountedPerThread for Thing {
    fn header(&self) -> &Header {
        &self.header
    }

    fn count_id(&self) -> &CountId {
        &self.id
    }
}

/// An object of nobody, with one reference, deferred.
fn deferred() -> Thing {
    let thing = Thing {
        header: Header::model(1, 0, Bits::TRACKED),
        id: CountId::default(),
    };
    // SAFETY: the model's reference.
    assert!(unsafe {
        thing
            .header
            .enable_deferred(Counter::new(0, &Tally::default()), 1)
    });
    thing
}

struct Worker {
    status: ThreadStatus,
    counts: ThreadCounts,
}

struct World {
    ids: CountIds,
    lot: &'static ParkingLot,
    old: Thing,
    new: Thing,
    workers: [Worker; 2],
}

// SAFETY: what is not atomic is used under the ids' lock.
unsafe impl Send for World {}
// SAFETY: as above.
unsafe impl Sync for World {}

fn world() -> Arc<World> {
    let lot: &'static ParkingLot = Box::leak(Box::new(ParkingLot::new(&Yielding)));
    let registry = Box::leak(Box::new(Registry::new(&NoMemory)));
    let world = Arc::new(World {
        ids: CountIds::new(&NoMemory, registry, lot),
        lot,
        old: deferred(),
        new: deferred(),
        workers: [(); 2].map(|()| Worker {
            status: ThreadStatus::default(),
            counts: ThreadCounts::new(&System),
        }),
    });
    // SAFETY: deferred, the model's, and where it stays.
    assert!(unsafe { world.ids.assign(&world.old) });
    world
}

impl World {
    fn attached<R>(&self, worker: &Worker, body: impl FnOnce() -> R) -> R {
        worker.status.attach(self.lot).unwrap();
        let result = body();
        worker.status.detach();
        result
    }

    /// Counts as [`Thread::retain_per_thread`] and its counterpart do.
    fn count(&self, worker: &Worker, thing: &Thing, change: isize) {
        if worker.counts.add(&thing.id, change) {
            return;
        }
        let tally = Tally::default();
        let by = Counter::new(1, &tally);
        // SAFETY: the model's own reference keeps the object, and the bias its count.
        unsafe {
            if change > 0 {
                thing.header.retain(by);
            } else {
                let _ = thing.header.release(by);
            }
        }
    }
}

/// A thread counts, twice, and leaves, while another adds up whenever it finds the first detached. No count is
/// lost or added twice, and none is missing at the end.
///
/// Fails with Relaxed in `ThreadStatus::detach` (the adder misses counts, and later finds them stale), in
/// `ThreadStatus::change` (the same, on the other side) and in `ThreadStatus::resume` (the thread adds to a count
/// that was taken).
#[test]
fn adding_up_loses_nothing() {
    loom::model(|| {
        let world = world();
        let other = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let me = &world.workers[0];
                world.attached(me, || world.count(me, &world.old, 1));
                world.attached(me, || {
                    world.count(me, &world.old, 1);
                    // SAFETY: the worker itself, attached.
                    unsafe { world.ids.close(&me.counts) };
                    world.count(me, &world.old, 1);
                });
            })
        };
        let me = &world.workers[0];
        // SAFETY: resumed below.
        if unsafe { me.status.try_suspend() } {
            // SAFETY: the only thread is suspended.
            unsafe {
                world.ids.absorb(&me.counts);
                world.ids.settle();
            }
            let references = world.old.header.references();
            assert!([1, 2, 4].contains(&references));
            // SAFETY: suspended above.
            unsafe { me.status.resume(world.lot) };
        }
        other.join().unwrap();
        // SAFETY: nobody else is left.
        unsafe {
            world.ids.absorb(&me.counts);
            world.ids.settle();
        }
        assert_eq!(world.old.header.references(), 4);
    });
}

/// A collection ends an object's deferral and gives its id to another one, between a thread's counting for
/// one and for the other. Each gets what was counted for it.
///
/// Fails with Relaxed in `ThreadStatus::change` or `ThreadStatus::resume` (the thread counts for the old object
/// under the id of the new one).
#[test]
fn a_reused_id_counts_for_its_new_object_only() {
    loom::model(|| {
        let world = world();
        let other = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let me = &world.workers[0];
                world.attached(me, || world.count(me, &world.old, 1));
                world.attached(me, || {
                    world.count(me, &world.old, 1);
                    world.count(me, &world.new, -1);
                });
            })
        };
        let me = &world.workers[0];
        // SAFETY: resumed below.
        if unsafe { me.status.try_suspend() } {
            // SAFETY: the only thread is suspended.
            unsafe {
                world.ids.absorb(&me.counts);
                world.ids.settle();
                world
                    .ids
                    .disable_where(|object| ptr::eq(object, &world.old.header));
                assert!(world.ids.assign(&world.new));
            }
            assert_eq!((world.old.id.get(), world.new.id.get()), (0, 1));
            // SAFETY: suspended above.
            unsafe { me.status.resume(world.lot) };
        }
        other.join().unwrap();
        // SAFETY: nobody else is left.
        unsafe {
            world.ids.absorb(&me.counts);
            world.ids.settle();
        }
        assert_eq!(world.old.header.references(), 3);
        assert_eq!(world.new.header.references(), 0);
    });
}

/// Two threads leave at a time, one of which gives the second object its id.
///
/// Fails with Relaxed in `ByteLock::try_lock` or `ByteLock::unlock`: what waits of one is overwritten by the
/// other.
#[test]
fn threads_that_leave_together_leave_both_counts() {
    loom::model(|| {
        let world = world();
        let leave = |world: &World, index: usize| {
            let me = &world.workers[index];
            // SAFETY: deferred, and the model's; the worker itself leaves.
            unsafe {
                world.ids.assign(&world.new);
                world.count(me, &world.old, 1);
                world.count(me, &world.new, 1);
                world.ids.close(&me.counts);
            }
        };
        let other = {
            let world = Arc::clone(&world);
            thread::spawn(move || leave(&world, 1))
        };
        leave(&world, 0);
        other.join().unwrap();
        assert_eq!(world.ids.live(), 2);
        // SAFETY: both have left.
        unsafe { world.ids.settle() };
        assert_eq!(world.old.header.references(), 3);
        assert_eq!(world.new.header.references(), 3);
    });
}

/// A thread's table moves to a longer one while another thread asks for its counts: what was counted before it
/// asked, it finds.
///
/// Fails with Relaxed in `ThreadCounts::grow` or in `ThreadCounts::counts`: the reader finds the longer table before its counts.
#[test]
fn a_table_that_grows_shows_what_it_held() {
    loom::model(|| {
        let [near, far] = [0, SMALLEST].map(|index| CountId(AtomicU32::new(index as u32)));
        let counts = Arc::new(ThreadCounts::new(&System));
        assert!(counts.add(&near, 2));
        let reader = {
            let counts = Arc::clone(&counts);
            thread::spawn(move || {
                let near = CountId(AtomicU32::new(0));
                assert_eq!(counts.get(&near), 2);
            })
        };
        assert!(counts.add(&far, 1));
        reader.join().unwrap();
        assert_eq!((counts.get(&near), counts.get(&far)), (2, 1));
    });
}
