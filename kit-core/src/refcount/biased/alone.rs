//! The count without the feature `threads`: one half, plain.

use super::*;
use crate::object::Bits;
use crate::refcount::counter::Tally;
use core::mem::MaybeUninit;

const ANY: u16 = 1;

fn fresh(by: Counter, bits: Bits) -> Header {
    let mut block = MaybeUninit::<Header>::zeroed();
    // SAFETY: the block is ours, and large and aligned enough; `init` makes it a valid header.
    unsafe {
        Header::init(block.as_mut_ptr(), 1, by, bits);
        block.assume_init()
    }
}

#[test]
fn every_reference_is_in_one_half() {
    let tally = Tally::new();
    let by = Counter::new(ANY, &tally);
    // A slot of its own each time the thread comes back: it owns everything all the same.
    let later = Counter::new(ANY + 1, &tally);
    let object = fresh(by, Bits::empty());
    // SAFETY: one thread; each reference is dropped once.
    unsafe {
        object.publish();
        object.retain(later);
        object.retain_published(by);
        assert!(object.try_retain(later));
        assert_eq!((object.references(), object.count.shared()), (4, 0));
        assert_eq!(object.merge(-1, later), Released::Alive);
        assert_eq!(object.merge(1, later), Released::Alive);
        for _ in 0..3 {
            assert_eq!(object.release(later), Released::Alive);
        }
        assert!(object.is_unique(ANY));
        assert_eq!(object.release(by), Released::Dead);
        assert!(!object.try_retain(by));
        object.resurrect(later);
        assert_eq!(object.end_resurrection(later), Released::Dead);
        object.requeue(by);
        assert_eq!(object.merge(-1, by), Released::Dead);
    }
    assert_eq!(
        (object.count.local(), object.count.shared(), tally.get()),
        (0, 0, 0)
    );
}

#[test]
fn nothing_is_deferred() {
    let tally = Tally::new();
    let by = Counter::new(ANY, &tally);
    let object = fresh(by, Bits::TRACKED);
    // SAFETY: the thread holds the one reference.
    unsafe {
        assert!(!object.enable_deferred(by, 1));
        object.disable_deferred();
        assert_eq!(object.release(by), Released::Dead);
    }
}

#[test]
fn immortal_objects_ignore_everything() {
    let tally = Tally::new();
    let by = Counter::new(ANY, &tally);
    let object = Header::immortal(3);
    // SAFETY: nothing is counted.
    unsafe {
        object.retain(by);
        assert!(object.try_retain(by));
        assert_eq!(object.release(by), Released::Alive);
        assert_eq!(object.merge(-1, by), Released::Alive);
        assert!(object.is_immortal());
        // More are dropped than any program could have taken.
        object.count.set_local(1);
        assert_eq!(object.release(by), Released::Alive);
    }
    assert_eq!((object.count.local(), tally.get()), (IMMORTAL, 0));
}

#[test]
fn too_many_references_make_an_object_immortal() {
    let tally = Tally::new();
    let by = Counter::new(ANY, &tally);
    let object = fresh(by, Bits::empty());
    object.count.set_local(i32::MAX as u32);
    // SAFETY: one thread; more is not taken than is dropped.
    unsafe {
        object.retain(by);
        assert!(object.is_immortal());
        assert_eq!(object.release(by), Released::Alive);
    }
    assert!(object.is_immortal() && !object.is_unique(ANY));
}
