//! Images of code under loom: indices that pass from thread to thread, and tables that grow under those who read them.
//!
//! Each model was run with the orderings it names weakened in turn, and failed.

use super::copies::Far;
use super::*;
use crate::backend::heap::NoHeap;
use crate::sync::cell::UnsafeCell;
use crate::sync::parking::ParkingLot;
use crate::testing::Yielding;
use loom::thread;
use std::alloc::System;
use std::boxed::Box;
use std::sync::Arc;

static UNITS: [u32; 1] = [7];

struct World {
    space: &'static CodeSpace,
    copies: Copies,
    /// What belongs to an index: its owner writes it plainly.
    things: [UnsafeCell<u32>; 3],
}

// SAFETY: a thing is touched by who has its index; loom checks.
unsafe impl Send for World {}
// SAFETY: as above.
unsafe impl Sync for World {}

fn world() -> Arc<World> {
    let lot = Box::leak(Box::new(ParkingLot::new(&Yielding)));
    let space: &'static CodeSpace = Box::leak(Box::new(CodeSpace::new(
        &System,
        lot,
        &NoHeap,
        CodeOptions::default(),
    )));
    Arc::new(World {
        space,
        // SAFETY: a static.
        copies: unsafe { Copies::new(space, &raw const UNITS[..]) },
        things: [0; 3].map(UnsafeCell::new),
    })
}

impl World {
    fn touch(&self, index: u32) {
        // SAFETY: the caller has the index; loom checks.
        self.things[index as usize].with_mut(|thing| unsafe { *thing += 1 });
    }

    /// Enters the code; the table that is replaced stays to the end, for its readers.
    fn enter(&self, index: u32) -> (*mut u32, *mut Far) {
        // SAFETY: the caller has the index, and the world stays where it is.
        unsafe { self.copies.make(index, true, false) }
    }
}

/// Three threads reserve an index, use what belongs to it, and give it back: nobody has another's, and who gets one finds
/// what its last owner did.
///
/// Fails with Relaxed in the exchange of `Indices::reserve` or in `Indices::release`.
#[test]
fn an_index_has_one_owner_at_a_time() {
    loom::model(|| {
        let world = world();
        let use_one = |world: &World| {
            let index = world.space.indices().reserve().unwrap();
            world.touch(index);
            // SAFETY: reserved above, and not used any more.
            unsafe { world.space.indices().release(index) };
            index
        };
        let others = [0, 1].map(|_| {
            let world = Arc::clone(&world);
            thread::spawn(move || use_one(&world))
        });
        assert!(use_one(&world) < 3);
        for other in others {
            assert!(other.join().unwrap() < 3);
        }
        assert_eq!(world.space.indices().reserve(), Some(0));
    });
}

/// Who finds an index free, in a stopped world, finds what its last owner did: its image may be freed.
///
/// Fails with Relaxed in `Indices::release` or `Indices::is_taken`.
#[test]
fn what_a_free_index_leads_to_is_nobodys() {
    loom::model(|| {
        let world = world();
        let index = world.space.indices().reserve().unwrap();
        let owner = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                world.touch(index);
                // SAFETY: reserved for this thread, and not used any more.
                unsafe { world.space.indices().release(index) };
            })
        };
        if !world.space.indices().is_taken(index) {
            world.touch(index);
        }
        owner.join().unwrap();
    });
}

/// A thread leaves while another joins: if that gets the same index, it finds the image that is there, and none is made twice.
///
/// Fails with Relaxed in the exchange of `Indices::reserve` or in `Indices::release`.
#[test]
fn who_takes_an_index_over_finds_its_image() {
    loom::model(|| {
        let world = world();
        let index = world.space.join();
        let leaver = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let (image, _) = world.enter(index);
                // SAFETY: the image is the thread's; it gives the index back once.
                unsafe {
                    *image = 9;
                    world.space.leave(index);
                }
            })
        };
        let next = world.space.join();
        if next == index {
            let image = world.copies.find(index).expect("an image is there");
            // SAFETY: this thread's image now.
            assert_eq!(unsafe { *image }, 9);
        }
        leaver.join().unwrap();
    });
}

/// Two threads beyond those that the code object has room for enter: the second makes the table longer while the first
/// looks for its image there.
///
/// Fails with Relaxed in the store of `Copies::place` or in the load of `Copies::far`: the first finds the longer table before its
/// entries.
#[test]
fn a_table_that_grows_keeps_what_its_readers_have() {
    loom::model(|| {
        let world = world();
        let [first, second] = [NEAR as u32, NEAR as u32 + 1];
        let image = world.enter(first).0 as usize;
        let reader = {
            let world = Arc::clone(&world);
            // One look: loom remembers only the last access of each thread.
            thread::spawn(move || world.copies.find(first).map(|found| found as usize))
        };
        let (other, old) = world.enter(second);
        assert_eq!(reader.join().unwrap(), Some(image));
        assert_eq!(world.copies.find(second), Some(other));
        assert!(!old.is_null());
        // SAFETY: nobody reads it any more.
        unsafe { Far::free(world.space, old) };
    });
}

/// Two threads enter at once, each beyond the table that is there: neither loses what the other has entered.
///
/// Fails with Relaxed in `ByteLock::try_lock`.
#[test]
fn threads_that_enter_together_are_both_found() {
    loom::model(|| {
        let world = world();
        let enter = |world: &World, index: u32| {
            let (image, old) = world.enter(index);
            assert_eq!(world.copies.find(index), Some(image));
            (image as usize, old as usize)
        };
        let other = {
            let world = Arc::clone(&world);
            thread::spawn(move || enter(&world, NEAR as u32))
        };
        let (mine, old) = enter(&world, NEAR as u32 + 1);
        let (theirs, older) = other.join().unwrap();
        let mut found = 0;
        world.copies.for_each(|index, image| {
            let wanted = if index == Some(NEAR as u32) {
                theirs
            } else {
                mine
            };
            assert_eq!(image as usize, wanted);
            found += 1;
        });
        assert_eq!(found, 2);
        for table in [old, older] {
            if table != 0 {
                // SAFETY: nobody reads it any more.
                unsafe { Far::free(world.space, table as *mut Far) };
            }
        }
    });
}
