//! Weak references under loom.
//!
//! An object is a header and a value: whoever holds a reference reads the value, and who destroys the object writes it.
//! Loom reports a read and a write that are not in order, which is what a use of a freed object would be.
//!
//! Each model was run with every ordering it is about weakened in turn, and failed; the list is in its doc.

use super::node::Called;
use super::*;
use crate::object::{Bits, Header};
use crate::refcount::biased::Released;
use crate::refcount::counter::Tally;
use crate::sync::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Release},
};
use crate::sync::cell::UnsafeCell;
use crate::testing::Threads;
use core::mem::offset_of;
use core::ptr::{self, NonNull};
use loom::thread;
use std::boxed::Box;
use std::sync::Arc;

const A: u16 = 1;
const B: u16 = 2;
const C: u16 = 3;

/// A referent.
#[repr(C)]
struct Object {
    header: Header,
    value: UnsafeCell<bool>,
}

/// What refers to it weakly.
#[repr(C)]
struct Reference {
    header: Header,
    node: WeakNode,
    /// Written by who destroys it.
    value: UnsafeCell<bool>,
}

struct World {
    table: WeakTable,
    lot: ParkingLot,
    object: Box<Object>,
    references: [Box<Reference>; 2],
    /// What the owner of the object is asked to merge.
    queued: loom::sync::Mutex<bool>,
    /// A shared container's field.
    slot: AtomicPtr<Header>,
}

// SAFETY: what is not atomic is guarded by the counts; loom checks.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

fn counter(slot: u16) -> Counter {
    // Without the feature `stats` nothing looks at it.
    Counter::new(slot, Box::leak(Box::new(Tally::default())))
}

impl World {
    /// An object of thread A with one reference, and two unlinked weak references, of A and B.
    fn new(calls: bool) -> Arc<World> {
        let reference = |owner| {
            Box::new(Reference {
                header: Header::model(1, owner, Bits::empty()),
                node: WeakNode::in_object(offset_of!(Reference, node) as u16, 2, calls),
                value: UnsafeCell::new(true),
            })
        };
        Arc::new(World {
            table: WeakTable::new(|_| false),
            lot: ParkingLot::new(&Threads),
            object: Box::new(Object {
                header: Header::model(1, A, Bits::empty()),
                value: UnsafeCell::new(true),
            }),
            references: [reference(A), reference(B)],
            queued: loom::sync::Mutex::new(false),
            slot: AtomicPtr::new(ptr::null_mut()),
        })
    }

    fn access(&self, slot: u16) -> Access<'_> {
        Access {
            by: counter(slot),
            lot: &self.lot,
            solo: false,
            heap: None,
        }
    }

    fn node(&self, index: usize) -> NonNull<WeakNode> {
        let reference = ptr::from_ref(&*self.references[index]);
        // SAFETY: inside the reference, whose pointer is to all of it.
        unsafe { NonNull::new_unchecked((&raw const (*reference).node).cast_mut()) }
    }

    fn link(&self, slot: u16, index: usize) {
        // SAFETY: the models hold a reference to the object.
        let found = unsafe {
            self.table.link_at(
                &self.access(slot),
                self.node(index),
                &self.object.header,
                false,
            )
        };
        assert!(found.is_none());
    }

    /// Upgrades; what is got is used, and dropped.
    fn upgrade(&self, slot: u16, index: usize) -> bool {
        // SAFETY: the references live as long as the model, and so do the headers; the thread in `slot`.
        match unsafe { self.node(index).as_ref().follow(counter(slot)) } {
            Ok(_) => {
                self.read();
                self.drop_reference(slot);
                true
            }
            Err(other) => {
                if other.is_object() {
                    self.drop_reference(slot);
                }
                false
            }
        }
    }

    /// What a holder of a reference does.
    fn read(&self) {
        // SAFETY: a reference is held; loom checks.
        self.object
            .value
            .with(|value| assert!(unsafe { *value }, "used after it was freed"));
    }

    fn drop_reference(&self, slot: u16) {
        // SAFETY: a reference that the model says the thread has.
        let verdict = unsafe { self.object.header.release(counter(slot)) };
        self.settle(slot, verdict);
    }

    fn settle(&self, slot: u16, verdict: Released) {
        match verdict {
            Released::Alive => {}
            Released::Queue => *self.queued.lock().unwrap() = true,
            Released::Dead => self.destroy(slot),
        }
    }

    /// What the owner does at a safepoint.
    fn merge(&self) {
        if std::mem::take(&mut *self.queued.lock().unwrap()) {
            // SAFETY: the owner, and the queue's reference.
            let verdict = unsafe { self.object.header.merge(-1, counter(A)) };
            self.settle(A, verdict);
        }
    }

    fn destroy(&self, slot: u16) {
        if self.object.header.bits().contains(Bits::WEAKLY_REFERENCED) {
            let mut called = Called::EMPTY;
            // SAFETY: dead.
            unsafe {
                self.table.clear_at(
                    &self.access(slot),
                    &raw const self.object.header,
                    &mut called,
                );
            }
            while let Some(reference) = called.pop() {
                // The callback sees that the object is gone, by any reference.
                assert!(!self.upgrade(slot, 0) && !self.upgrade(slot, 1));
                let index = (reference.as_ptr().cast_const()
                    == &raw const self.references[1].header) as usize;
                self.drop_weak(slot, index);
            }
        }
        // SAFETY: dead; loom checks that nobody uses it.
        self.object.value.with_mut(|value| unsafe {
            assert!(*value, "freed twice");
            *value = false;
        });
    }

    /// Drops a reference to the object around a node. One that a foreign thread queues is left to the end.
    fn drop_weak(&self, slot: u16, index: usize) {
        let reference = &self.references[index];
        // SAFETY: a reference that the model says the thread has.
        if unsafe { reference.header.release(counter(slot)) } == Released::Dead {
            self.table.unlink_at(&self.access(slot), &reference.node);
            // The memory is used for something else; loom checks.
            reference.node.links();
            // SAFETY: dead and unlinked; loom checks.
            reference.value.with_mut(|value| unsafe { *value = false });
        }
    }

    fn unlink(&self, slot: u16, index: usize) {
        // SAFETY: the references live as long as the model.
        self.table
            .unlink_at(&self.access(slot), unsafe { self.node(index).as_ref() });
    }

    /// The freed block becomes another object of the thread's, which others may take references to.
    fn reuse(&self, slot: u16) {
        // SAFETY: freed, and so ours.
        unsafe { self.object.header.resurrect(counter(slot)) };
        self.object.header.publish();
    }

    fn is_freed(&self) -> bool {
        // SAFETY: everybody is done.
        self.object.value.with(|value| unsafe { !*value })
    }
}

fn spawn(world: &Arc<World>, body: impl FnOnce(&World) + 'static) -> thread::JoinHandle<()> {
    let world = Arc::clone(world);
    thread::spawn(move || body(&world))
}

/// The owner drops the last reference while another thread upgrades.
///
/// Fails without the Acquire of `release_shared`, and with Relaxed in `merge_zero`'s exchange.
#[test]
fn the_owner_drops_and_another_upgrades() {
    loom::model(|| {
        let world = World::new(false);
        world.link(A, 0);
        let other = spawn(&world, |world| {
            world.upgrade(B, 0);
        });
        world.drop_reference(A);
        other.join().unwrap();
        world.merge();
        assert!(world.is_freed());
        assert!(!world.upgrade(A, 0) && !world.upgrade(B, 0));
    });
}

/// Another thread drops the last reference, which only the owner can settle, while the owner upgrades, without a lock.
/// Guards no ordering: the queue's lock orders the two.
#[test]
fn another_drops_and_the_owner_upgrades() {
    loom::model(|| {
        let world = World::new(false);
        world.link(A, 0);
        // The owner's reference is handed over.
        let other = spawn(&world, |world| world.drop_reference(B));
        world.upgrade(A, 0);
        world.merge();
        other.join().unwrap();
        world.merge();
        assert!(world.is_freed());
        assert!(!world.upgrade(A, 0));
    });
}

/// Nobody owns the object: two threads drop what there is, and a third upgrades.
///
/// Fails without the Acquire, or without the Release, of `release_shared`.
#[test]
fn merged_two_drop_and_one_upgrades() {
    loom::model(|| {
        let world = World::new(false);
        world.link(A, 0);
        // SAFETY: the owner; the second reference is C's.
        let verdict = unsafe { world.object.header.merge(1, counter(A)) };
        assert_eq!(verdict, Released::Alive);
        let dropping = spawn(&world, |world| world.drop_reference(B));
        let upgrading = spawn(&world, |world| {
            world.upgrade(A, 0);
        });
        world.drop_reference(C);
        dropping.join().unwrap();
        upgrading.join().unwrap();
        assert!(world.is_freed());
        assert!(!world.upgrade(B, 0));
    });
}

/// A callback runs once all references are cleared, while another thread drops one of them: its object is freed once,
/// after the table is done with it.
///
/// Fails with Relaxed in the store of `clear_one`, or in the load of `unlink_at`.
#[test]
fn a_callback_sees_a_dead_object_and_its_reference_may_go() {
    loom::model(|| {
        let world = World::new(true);
        world.link(A, 0);
        world.link(A, 1);
        let other = spawn(&world, |world| world.drop_weak(B, 1));
        world.drop_reference(A);
        other.join().unwrap();
        assert!(world.is_freed());
        world.drop_weak(A, 0);
        // SAFETY: everybody is done.
        let destroyed =
            |index: usize| unsafe { world.references[index].value.with(|value| !*value) };
        assert!(destroyed(0));
        // B's own was destroyed by B, or is in its merge queue: never was it destroyed while it was used.
        let b = &world.references[1].header;
        assert!(destroyed(1) || b.count.shared() & 3 == crate::refcount::biased::QUEUED);
    });
}

/// A reference is made while the owner drops its own: whoever destroys the object finds it in the table.
///
/// Fails if `link_at` does not set WEAKLY_REFERENCED.
#[test]
fn creation_against_death() {
    loom::model(|| {
        let world = World::new(false);
        // SAFETY: B's reference.
        unsafe { world.object.header.retain(counter(B)) };
        let other = spawn(&world, |world| {
            world.link(B, 1);
            world.drop_reference(B);
        });
        world.link(A, 0);
        world.drop_reference(A);
        other.join().unwrap();
        world.merge();
        assert!(world.is_freed());
        assert!(!world.upgrade(A, 0) && !world.upgrade(A, 1));
        // SAFETY: the references live as long as the model.
        unsafe { assert!(world.node(0).as_ref().is_dead() && world.node(1).as_ref().is_dead()) };
    });
}

/// The last weak reference goes while another thread takes a reference that it found in a container: the owner takes
/// the object for unique, or destroys it, only if nobody else has it, and not before they are done with it.
///
/// Fails without the Release of `release_shared`.
#[test]
fn the_end_of_marking_against_a_foreign_try_retain() {
    for destroy in [false, true] {
        loom::model(move || {
            let world = World::new(false);
            world.link(A, 0);
            let header = &world.object.header;
            // SAFETY: the owner, for the container.
            unsafe { header.retain(counter(A)) };
            world.slot.store(ptr::from_ref(header).cast_mut(), Release);
            let other = spawn(&world, |world| {
                let found = world.slot.load(Acquire);
                // SAFETY: the header stays readable during the model.
                if found.is_null() || !unsafe { (*found).try_retain(counter(B)) } {
                    return;
                }
                if world.slot.load(Acquire) == found {
                    world.read();
                }
                world.drop_reference(B);
            });
            world.slot.store(ptr::null_mut(), Release);
            world.drop_reference(A);
            world.unlink(A, 0);
            if destroy {
                world.drop_reference(A);
            } else if header.is_unique(A) {
                // SAFETY: unique; loom checks.
                world
                    .object
                    .value
                    .with_mut(|value| unsafe { *value = true });
            }
            other.join().unwrap();
            world.merge();
            assert_eq!(world.is_freed(), destroy);
        });
    }
}

/// The last weak reference goes while another thread makes one: afterwards the object is marked and published.
///
/// Fails if `link_at` marks or publishes before it holds the lock, or if `unlink_at` takes the flag away after it.
#[test]
fn the_end_of_marking_against_creation() {
    loom::model(|| {
        let world = World::new(false);
        world.link(A, 0);
        // A's reference keeps the object.
        let other = spawn(&world, |world| world.link(B, 1));
        world.unlink(A, 0);
        other.join().unwrap();
        assert!(world.upgrade(B, 1));
        world.drop_reference(A);
        world.merge();
        assert!(world.is_freed());
        // SAFETY: the references live as long as the model.
        assert!(unsafe { world.node(1).as_ref() }.is_dead());
    });
}

/// The last weak reference goes on another thread while the owner destroys the object: the marking ends, or the
/// reference is cleared, and the header is not changed after that, when it may be another object's.
///
/// Fails if `unlink_at` takes the flag away without the lock.
#[test]
fn unlinking_against_death() {
    loom::model(|| {
        let world = World::new(false);
        world.link(A, 0);
        let other = spawn(&world, |world| world.unlink(B, 0));
        world.drop_reference(A);
        assert!(world.is_freed());
        world.reuse(A);
        world.object.header.set_bits(Bits::WEAKLY_REFERENCED);
        let shared = world.object.header.count.shared();
        other.join().unwrap();
        assert_eq!(world.object.header.count.shared(), shared);
        let bits = world.object.header.bits();
        assert!(bits.contains(Bits::WEAKLY_REFERENCED));
    });
}

/// The block of a dead object becomes another object, which others may retain, while a thread follows a weak reference
/// to the first.
/// That `follow` looks again, relaxed, is enough.
#[test]
fn an_upgrade_finds_no_other_object() {
    loom::model(|| {
        let world = World::new(false);
        world.link(A, 0);
        let other = spawn(&world, |world| {
            // Reads the value if it gets anything.
            world.upgrade(B, 0);
        });
        world.drop_reference(A);
        if *world.queued.lock().unwrap() {
            world.merge();
        }
        // The other thread may still hold the object, and free it later.
        if world.object.header.count.shared() == crate::refcount::biased::MERGED {
            world.reuse(A);
        }
        other.join().unwrap();
    });
}
