//! The merge queue, the registry and the status under loom: who may settle a count, and when.
//!
//! The owner's half is a plain store to it, so whoever merges must have seen the last one: a merge that reads
//! an old half frees too early, or not at all. Freeing is a tracked write to the payload.

use super::{Chunk, Handed, MergeTable, ptr};
use crate::{
    object::{Bits, Header},
    platform::memory::NoMemory,
    refcount::{
        biased::Released,
        counter::{Counter, Tally},
    },
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        cell::UnsafeCell,
        parking::ParkingLot,
    },
    testing::Threads,
    thread::{breaker, core::ThreadCore, registry::Registry},
};
use loom::thread;
use std::{boxed::Box, sync::Arc, vec::Vec};

/// The owner's slot.
const OWNER: u16 = 1;
/// No slot that is registered: its thread is never looked up.
const OTHER: u16 = 9;

struct World {
    lot: ParkingLot,
    registry: Registry,
    cores: [ThreadCore; 2],
    object: Header,
    payload: UnsafeCell<bool>,
    /// A relaxed word between the threads.
    note: AtomicUsize,
    /// How often the object was freed; not part of the model.
    freed: std::sync::atomic::AtomicUsize,
    tally: Tally,
}

// SAFETY: the payload is read with a reference and written when none is left; loom checks.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

impl World {
    /// With the first core registered as the owner of an object that has `references`, all in its half.
    fn new(references: u32) -> Arc<World> {
        let world = Arc::new(World {
            lot: ParkingLot::new(&Threads),
            registry: Registry::new(&NoMemory),
            // SAFETY: they report nowhere.
            cores: core::array::from_fn(|_| unsafe { ThreadCore::new(None) }),
            object: Header::model(1, OWNER, Bits::empty()),
            payload: UnsafeCell::new(true),
            note: AtomicUsize::new(0),
            freed: std::sync::atomic::AtomicUsize::new(0),
            tally: Tally::default(),
        });
        assert_eq!(world.register(0), OWNER);
        for _ in 1..references {
            // SAFETY: the owner's.
            unsafe { world.object.retain(world.by(OWNER)) };
        }
        world
    }

    fn by(&self, slot: u16) -> Counter {
        Counter::new(slot, &self.tally)
    }

    fn register(&self, core: usize) -> u16 {
        // SAFETY: in the `Arc`, and unregistered before it goes, or never used again.
        unsafe { self.registry.register(&self.cores[core], &self.lot) }.unwrap()
    }

    fn table(&self) -> MergeTable {
        // SAFETY: the table is used while the world is borrowed.
        unsafe { MergeTable::new(&*ptr::from_ref(&self.registry), &*ptr::from_ref(&self.lot)) }
    }

    fn attach(&self) {
        // SAFETY: by the thread whose core it is.
        unsafe { self.cores[0].attach(&self.lot) }.unwrap();
    }

    fn detach(&self) {
        // SAFETY: by the thread whose core it is, attached.
        unsafe { self.cores[0].detach() };
    }

    /// The safepoint of the thread with this core, less stops.
    fn poll(&self, core: usize) {
        // SAFETY: by the thread whose core it is, attached.
        if unsafe { self.cores[core].poll() } & breaker::MERGE != 0 {
            self.cores[core].breaker.take(breaker::MERGE);
            self.process(core);
        }
    }

    fn process(&self, core: usize) {
        let core = &self.cores[core];
        let queued = self
            .registry
            .with(&self.lot, |threads| core.merge.take(threads));
        if let Some(chunk) = queued {
            // SAFETY: made by `hand_over`, and off the queue; one object was queued once.
            unsafe {
                let chunk = Box::from_raw(chunk.as_ptr());
                assert!(chunk.next.is_null() && chunk.len == 1);
                let verdict = self.object.merge(-1, self.by(OWNER));
                self.obey(verdict);
            }
        }
    }

    /// Leaves, as a thread does.
    fn exit(&self) {
        loop {
            let closed = self.registry.with(&self.lot, |threads| {
                self.cores[0].merge.with(threads, |queue| {
                    queue.closed = queue.head.is_null();
                    queue.closed
                })
            });
            if closed {
                break;
            }
            self.process(0);
        }
        // SAFETY: closed, and never attached again.
        unsafe { self.registry.unregister(&self.cores[0], &self.lot) };
    }

    fn look(&self) {
        // Loom's clock of a thread stands until its first atomic access.
        self.object.type_id();
        // SAFETY: the caller has a reference.
        self.payload.with(|at| assert!(unsafe { *at }));
    }

    fn obey(&self, verdict: Released) {
        match verdict {
            Released::Alive => {}
            Released::Dead => {
                self.freed.fetch_add(1, Relaxed);
                // SAFETY: no reference is left.
                self.payload.with_mut(|at| unsafe { *at = false });
            }
            Released::Queue => panic!("queued twice"),
        }
    }

    /// The owner uses the object and drops a reference.
    fn drop_by(&self, slot: u16) {
        self.look();
        // SAFETY: the caller has a reference to give up.
        match unsafe { self.object.release(self.by(slot)) } {
            Released::Queue => self.hand_over(),
            verdict => self.obey(verdict),
        }
    }

    fn hand_over(&self) {
        let chunk = Chunk {
            next: ptr::null_mut(),
            len: 0,
            items: [ptr::null_mut(); super::CHUNK],
        };
        let mut spare = Box::into_raw(Box::new(chunk));
        let object = ptr::from_ref(&self.object).cast_mut();
        // SAFETY: the object is queued.
        match unsafe { self.table().hand_over(self.by(OTHER), object, &mut spare) } {
            Handed::Settled(verdict) => self.obey(verdict),
            Handed::Queued => {}
            Handed::Full => panic!("there is a spare"),
        }
        if !spare.is_null() {
            // SAFETY: not used up.
            drop(unsafe { Box::from_raw(spare) });
        }
    }
}

fn play(world: &Arc<World>, others: &[fn(&World)], owner: impl FnOnce(&World)) {
    let others: Vec<_> = others
        .iter()
        .map(|&other| {
            let world = Arc::clone(world);
            thread::spawn(move || other(&world))
        })
        .collect();
    owner(world);
    for other in others {
        other.join().unwrap();
    }
}

/// The owner attaches, counts, comes to a safepoint, detaches; another thread drops a reference that the owner
/// had counted. It is settled by the owner, or on its behalf while it is outside, with what the owner counted.
///
/// Fails with Relaxed in `ThreadStatus::detach`, `change` or `resume`.
#[test]
fn a_detached_owner_is_merged_for() {
    loom::model(|| {
        let world = World::new(2);
        play(&world, &[|w| w.drop_by(OTHER)], |w| {
            w.attach();
            // SAFETY: the owner has a reference.
            unsafe { w.object.retain(w.by(OWNER)) };
            w.poll(0);
            w.drop_by(OWNER);
            w.detach();
            w.attach();
            w.drop_by(OWNER);
            w.poll(0);
            w.detach();
        });
        world.attach();
        world.process(0);
        world.detach();
        assert_eq!(world.freed.load(Relaxed), 1);
    });
}

/// The owner exits while another thread drops what the owner had counted.
///
/// Fails with Relaxed in the byte lock, which is the registry's.
#[test]
fn an_owner_that_exits_leaves_its_counts() {
    loom::model(|| {
        let world = World::new(3);
        play(
            &world,
            &[|w| {
                w.drop_by(OTHER);
                w.drop_by(OTHER);
            }],
            |w| {
                w.attach();
                w.drop_by(OWNER);
                w.exit();
            },
        );
        assert_eq!(world.freed.load(Relaxed), 1);
    });
}

/// A new thread takes the slot of one that exits, and with it the objects: it goes on with the counts that the
/// other left, while a third thread drops a reference.
///
/// Fails with Relaxed in the byte lock, which is the registry's: its pair is the edge of inheritance.
#[test]
fn whoever_takes_a_slot_inherits_its_objects() {
    loom::model(|| {
        let world = World::new(3);
        play(
            &world,
            &[
                |w| {
                    w.attach();
                    w.drop_by(OWNER);
                    w.exit();
                },
                |w| w.drop_by(OTHER),
            ],
            |w| {
                // The first slot, if the other has left it.
                let slot = w.register(1);
                w.note.store(usize::from(slot), Relaxed);
                // SAFETY: by the one thread whose core it is.
                unsafe { w.cores[1].attach(&w.lot) }.unwrap();
                w.drop_by(slot);
                w.poll(1);
                // SAFETY: by the one thread whose core it is, attached.
                unsafe { w.cores[1].detach() };
            },
        );
        // SAFETY: by the one thread whose core it is.
        unsafe { world.cores[1].attach(&world.lot) }.unwrap();
        world.process(1);
        // SAFETY: by the one thread whose core it is, attached.
        unsafe { world.cores[1].detach() };
        assert_eq!(world.freed.load(Relaxed), 1);
    });
}

/// A third thread suspends the owner for a while, as a stopper does, and the one who drops makes use of that.
///
/// Fails with Relaxed in `ThreadStatus::resume`.
#[test]
fn a_stopped_owner_is_merged_for() {
    loom::model(|| {
        let world = World::new(2);
        play(
            &world,
            &[
                |w| {
                    let stopped = w.registry.with(&w.lot, |threads| {
                        threads
                            .get(OWNER)
                            // SAFETY: resumed below.
                            .is_some_and(|core| unsafe { core.status.try_suspend() })
                    });
                    if stopped {
                        w.registry.with(&w.lot, |threads| {
                            if let Some(core) = threads.get(OWNER) {
                                // SAFETY: suspended above.
                                unsafe { core.status.resume(&w.lot) };
                            }
                        });
                    }
                },
                |w| w.drop_by(OTHER),
            ],
            |w| {
                w.attach();
                w.drop_by(OWNER);
                w.detach();
            },
        );
        world.attach();
        world.process(0);
        world.detach();
        assert_eq!(world.freed.load(Relaxed), 1);
    });
}

/// While the owner is attached and the object on its way, another reader gets at it, and the owner merges it by
/// its own last drop first.
#[test]
fn the_queue_and_the_owner_may_both_merge() {
    loom::model(|| {
        let world = World::new(2);
        world.object.publish();
        play(
            &world,
            &[
                |w| w.drop_by(OTHER),
                |w| {
                    // SAFETY: the block stays.
                    if unsafe { w.object.try_retain(w.by(OTHER)) } {
                        w.drop_by(OTHER);
                    }
                },
            ],
            |w| {
                w.attach();
                w.drop_by(OWNER);
                w.poll(0);
                w.detach();
            },
        );
        world.attach();
        world.process(0);
        world.detach();
        assert_eq!(world.freed.load(Relaxed), 1);
    });
}
