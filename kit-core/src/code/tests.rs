use super::copies::Far;
use super::*;
use crate::backend::heap::NoHeap;
use crate::platform::memory::{Memory, NoMemory};
use crate::sync::parking::ParkingLot;
use crate::testing::Threads;
use std::alloc::System;
use std::boxed::Box;
use std::sync::Mutex;
use std::vec::Vec;

static UNITS: [u32; 4] = [10, 20, 30, 40];
const SIZE: usize = size_of_val(&UNITS);

fn space(options: CodeOptions) -> &'static CodeSpace {
    let lot = Box::leak(Box::new(ParkingLot::new(&Threads)));
    keep(CodeSpace::new(&System, lot, &NoHeap, options))
}

/// Leaks it, for code that refers to it for ever, where a leak check finds it.
fn keep(space: CodeSpace) -> &'static CodeSpace {
    static KEPT: Mutex<Vec<&CodeSpace>> = Mutex::new(Vec::new());
    let space = Box::leak(Box::new(space));
    KEPT.lock().unwrap().push(space);
    space
}

fn copies(space: &'static CodeSpace) -> Box<Copies> {
    // SAFETY: a static.
    Box::new(unsafe { Copies::new(space, &raw const UNITS[..]) })
}

/// What the thread with this index runs.
fn enter(space: &CodeSpace, copies: &Copies, index: u32) -> *mut u32 {
    copies.find(index).unwrap_or_else(|| {
        // SAFETY: the tests have one thread, which has all indices; it reads no old table.
        unsafe {
            let (units, old) = copies.make(index, true, false);
            if !old.is_null() {
                Far::free(space, old);
            }
            units
        }
    })
}

fn indices(copies: &Copies) -> Vec<u32> {
    let mut found = Vec::new();
    copies.for_each(|index, _| found.extend(index));
    found
}

#[test]
fn the_smallest_free_index_comes_first() {
    let indices = Indices::new(&System);
    let first: Vec<_> = (0..5000).map(|_| indices.reserve().unwrap()).collect();
    assert!(first.iter().copied().eq(0..5000));
    // SAFETY: reserved above.
    unsafe {
        indices.release(4321);
        indices.release(70);
        indices.release(3);
    }
    assert!(!indices.is_taken(70));
    let again = [(); 4].map(|()| indices.reserve().unwrap());
    assert_eq!(again, [3, 70, 4321, 5000]);
    assert!(indices.is_taken(70));
}

#[test]
fn without_memory_indices_end_and_may_be_given_back() {
    let indices = Indices::new(&NoMemory);
    let mut count = 0;
    while indices.reserve().is_some() {
        count += 1;
    }
    assert!(count >= 1000);
    // SAFETY: reserved above.
    unsafe { indices.release(5) };
    assert_eq!((indices.reserve(), indices.reserve()), (Some(5), None));
}

#[test]
fn in_a_forked_process_only_its_threads_index_is_taken() {
    let space = space(CodeOptions::default());
    let all = [(); 70].map(|()| space.join());
    assert_eq!(all[69], 69);
    // SAFETY: there is one thread; it keeps 68.
    unsafe { space.hold().inherit(68) };
    assert_eq!([(); 3].map(|()| space.join()), [0, 1, 2]);
    let later: Vec<_> = (3..69).map(|_| space.join()).collect();
    assert_eq!((later[64], later[65]), (67, 69));
}

#[test]
fn each_index_has_an_image_and_the_first_is_not_a_copy() {
    let space = space(CodeOptions::default());
    let copies = copies(space);
    assert_eq!(space.bytes().sum(), 0);
    let main = enter(space, &copies, 0);
    assert_eq!(
        space.bytes(),
        CodeBytes {
            main: SIZE,
            ..CodeBytes::default()
        }
    );
    let mut all: Vec<_> = (0..40).map(|index| enter(space, &copies, index)).collect();
    assert_eq!(all[0], main);
    assert!(space.bytes().copies >= 39 * SIZE);
    for (index, &image) in all.iter().enumerate() {
        // SAFETY: an image of this thread; so is each `pc` below.
        unsafe {
            assert_eq!(core::slice::from_raw_parts(image, 4), UNITS);
            *image.add(1) = index as u32;
            assert_eq!(copies.own(index as u32), Some(image));
            assert!(copies.is_private(image.add(3)));
            assert_eq!(copies.offset(image.add(3)), 3);
            assert_eq!(copies.offset_in(7, image.add(2)), 2);
        }
    }
    assert_eq!(UNITS[1], 20);
    assert!(indices(&copies).into_iter().eq(0..40));
    all.dedup();
    assert_eq!(all.len(), 40);
    let most = space.bytes().copies;
    drop(copies);
    assert_eq!(space.bytes(), CodeBytes::default());
    assert_eq!(space.most_copied(), most);
    space.for_each(|_| panic!("it is gone"));
}

#[test]
fn what_dead_threads_leave_is_taken_over_or_reclaimed() {
    let space = space(CodeOptions::default());
    let copies = copies(space);
    let threads = [(); 12].map(|()| space.join());
    for index in threads {
        enter(space, &copies, index);
    }
    let tenth = enter(space, &copies, 10);
    // SAFETY: the test's own threads, whose images it writes; the world is its own.
    unsafe {
        *tenth = 11;
        space.leave(10);
        assert_eq!(space.join(), 10);
        assert_eq!(enter(space, &copies, 10), tenth);
        assert_eq!(*tenth, 11);
        for index in [0, 5, 10] {
            space.leave(index);
        }
        space.reclaim();
        // The main image stays.
        assert_eq!(indices(&copies), [0, 1, 2, 3, 4, 6, 7, 8, 9, 11]);
        assert_eq!([(); 2].map(|()| space.join()), [0, 5]);
        assert_eq!(*enter(space, &copies, 5), 10);
        for index in (0..10).chain([11]) {
            space.leave(index);
        }
        space.reclaim();
        assert_eq!((indices(&copies), space.bytes().copies), ([0].into(), 0));
    }
}

#[test]
fn beyond_the_limit_threads_run_the_shared_image() {
    let space = space(CodeOptions {
        limit: 2 * SIZE + 4,
        ..CodeOptions::default()
    });
    let copies = copies(space);
    for index in 0..4 {
        assert_eq!(space.join(), index);
        enter(space, &copies, index);
    }
    assert_eq!(space.bytes().copies, 2 * SIZE);
    assert_eq!(indices(&copies), [0, 1, 2]);
    let shared = copies.find(3).unwrap();
    assert!(core::ptr::eq(shared, UNITS.as_ptr()));
    // SAFETY: the test is the only thread, which has all indices.
    unsafe {
        assert_eq!(copies.own(3), None);
        assert!(!copies.is_private(shared.add(1)));
        assert_eq!(copies.offset(shared.add(1)), 1);
        // It is not asked whether there is room for what has to be.
        let (beyond, _) = copies.make(3, true, true);
        assert!(copies.is_private(beyond));
        assert_eq!(copies.own(3), Some(beyond));
        assert_eq!(space.bytes().copies, 3 * SIZE);
        // Somebody leaves: there is room again.
        assert_eq!(space.join(), 4);
        enter(space, &copies, 4);
        assert!(core::ptr::eq(copies.find(4).unwrap(), UNITS.as_ptr()));
        space.leave(1);
        space.leave(2);
        space.reclaim();
        assert_eq!(copies.find(4), None);
        enter(space, &copies, 4);
        assert_eq!(indices(&copies), [0, 3, 4]);
    }
}

#[test]
fn without_private_images_all_run_the_shared_one() {
    let space = space(CodeOptions {
        private: false,
        ..CodeOptions::default()
    });
    assert_eq!((space.join(), space.join()), (NO_INDEX, NO_INDEX));
    let copies = copies(space);
    assert_eq!(copies.find(NO_INDEX), None);
    // SAFETY: the test is the only thread.
    unsafe {
        space.leave(NO_INDEX);
        let shared = copies.make_shared().unwrap();
        *shared = 7;
        assert_eq!(copies.make_shared(), Some(shared));
        assert!(!copies.is_private(shared));
        assert_eq!((copies.offset(shared.add(2)), UNITS[0]), (2, 10));
    }
    assert_eq!(space.bytes().shared, SIZE);
    copies.for_each(|index, _| assert_eq!(index, None));
    drop(copies);
    assert_eq!(space.bytes().shared, 0);
}

#[test]
fn without_memory_code_runs_all_the_same() {
    let lot = Box::leak(Box::new(ParkingLot::new(&Threads)));
    let memory: &'static Memory = &NoMemory;
    let space = keep(CodeSpace::new(memory, lot, &NoHeap, CodeOptions::default()));
    let copies = copies(space);
    for index in [0, 1, 9] {
        assert!(core::ptr::eq(enter(space, &copies, index), UNITS.as_ptr()));
    }
    assert_eq!(space.bytes().sum(), 0);
}
