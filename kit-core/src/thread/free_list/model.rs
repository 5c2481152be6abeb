//! A block that goes over a free list under loom, and a reader that comes too late.

use super::FreeList;
use crate::object::{Bits, Header};
use crate::refcount::biased::Released;
use crate::refcount::counter::{Counter, Tally};
use crate::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::sync::cell::UnsafeCell;
use ::core::ptr::NonNull;
use loom::thread;
use std::sync::Arc;

const OWNER: u16 = 1;
const READER: u16 = 2;

/// An object, and where it can be found.
#[repr(C)]
struct Shared {
    object: Header,
    /// The list's link, once the object is dead.
    _link: UnsafeLink,
    /// Which life of the block this is.
    payload: UnsafeCell<usize>,
    /// 1: the object is in this container.
    slot: AtomicUsize,
    queued: AtomicUsize,
    tallies: [Tally; 3],
}

/// Room for a pointer behind the header, written through one to the header.
#[repr(C, align(16))]
struct UnsafeLink(::core::cell::UnsafeCell<usize>);

// SAFETY: the payload is read with a reference and written when none is left, which loom checks; only the
// owner touches the link.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Shared {
    fn by(&self, slot: u16) -> Counter {
        Counter::new(slot, &self.tallies[usize::from(slot)])
    }

    /// Drops a reference; true when it was the last.
    fn release(&self, slot: u16) -> bool {
        // SAFETY: the caller has a reference to give up.
        match unsafe { self.object.release(self.by(slot)) } {
            Released::Alive => false,
            Released::Dead => true,
            Released::Queue => {
                self.queued.store(1, Relaxed);
                false
            }
        }
    }

    /// The object from the slot, if the reader gets it; with `again` it looks twice.
    fn find(&self, again: bool) -> bool {
        if self.slot.load(Acquire) == 0 {
            return false;
        }
        // SAFETY: the block is never given back.
        if !unsafe { self.object.try_retain(self.by(READER)) } {
            return false;
        }
        if again && self.slot.load(Acquire) == 0 {
            self.release(READER);
            return false;
        }
        true
    }
}

/// The owner empties the slot, drops the object, lists it, and makes the next object of it, which `next` makes
/// one that readers can take; the reader sees one life of the block only.
fn a_listed_block_lives_again(again: bool, next: fn(&Shared)) {
    loom::model(move || {
        let shared = Arc::new(Shared {
            object: Header::model(1, OWNER, Bits::empty()),
            _link: UnsafeLink(::core::cell::UnsafeCell::new(0)),
            payload: UnsafeCell::new(1),
            slot: AtomicUsize::new(1),
            queued: AtomicUsize::new(0),
            tallies: Default::default(),
        });
        shared.object.publish();
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                if shared.find(again) {
                    // SAFETY: the reader has a reference.
                    let life = shared.payload.with(|at| unsafe { *at });
                    assert_eq!(life, 1, "an object that was never in the slot");
                    shared.release(READER);
                }
            })
        };
        let list = FreeList::<1>::new();
        let at = Arc::as_ptr(&shared).cast::<Header>().cast_mut();
        shared.slot.store(0, Release);
        if shared.release(OWNER) {
            // SAFETY: nobody has a reference, and a pointer fits behind the header.
            unsafe {
                assert!(list.push(at) && !list.push(at));
                // Another thread's look at the listed block fails, whenever it comes.
                assert!(!(*at).try_retain(shared.by(OWNER)));
            }
            assert_eq!(list.pop(), NonNull::new(at));
            // SAFETY: the block is this thread's again, and nobody has found the new object yet.
            unsafe {
                Header::init(at, 1, shared.by(OWNER), Bits::empty());
                shared.payload.with_mut(|at| *at = 2);
            }
            next(&shared);
        }
        reader.join().unwrap();
    });
}

fn immortal(shared: &Shared) {
    // SAFETY: the owner's new object.
    assert!(unsafe { shared.object.make_immortal(shared.by(OWNER)) });
}

/// Fails with the store of the shared half in `Header::init` relaxed, or with `try_retain`'s exchange relaxed.
#[test]
fn the_next_object_is_noticed_when_published() {
    a_listed_block_lives_again(true, |shared| shared.object.publish());
}

/// Fails with the store of the mark relaxed, or with `try_retain`'s load of the local half.
#[test]
fn the_next_object_is_noticed_when_immortal() {
    a_listed_block_lives_again(true, immortal);
}

/// Why readers look twice at objects that need no count, too.
#[test]
#[should_panic(expected = "never in the slot")]
fn an_immortal_object_is_mistaken_without_a_second_look() {
    a_listed_block_lives_again(false, immortal);
}
