//! The count by one thread that plays all of them.

use super::*;
use crate::object::Bits;
use crate::refcount::{counter::Tally, deferred::BIAS};
use core::mem::MaybeUninit;

const ME: u16 = 7;
const OTHER: u16 = 8;

static MINE: Tally = Tally::new();
static OTHERS: Tally = Tally::new();

fn me() -> Counter {
    Counter::new(ME, &MINE)
}

fn other() -> Counter {
    Counter::new(OTHER, &OTHERS)
}

fn fresh() -> Header {
    fresh_with(Bits::empty())
}

fn fresh_with(bits: Bits) -> Header {
    let mut block = MaybeUninit::<Header>::zeroed();
    // SAFETY: the block is ours, and large and aligned enough; `init` makes it a valid header.
    unsafe {
        Header::init(block.as_mut_ptr(), 1, me(), bits);
        block.assume_init()
    }
}

fn set_shared(object: &Header, shared: i32) {
    object.count.shared_cell().store(shared, Relaxed);
}

#[test]
fn the_owner_counts_plainly() {
    let object = fresh();
    // SAFETY: the test plays the owner, and drops what it took.
    unsafe {
        object.retain(me());
        assert_eq!(object.count.local(), 2);
        assert_eq!(object.release(me()), Released::Alive);
        assert!(object.is_unique(ME));
        assert_eq!(object.release(me()), Released::Dead);
    }
}

#[test]
fn dropping_the_owners_reference_elsewhere_queues_it() {
    let object = fresh();
    // SAFETY: plays the foreign thread, and gives up the only reference; then the owner.
    unsafe {
        assert_eq!(object.release(other()), Released::Queue);
        assert_eq!(object.merge(-1, me()), Released::Dead);
    }
}

#[test]
fn a_foreign_reference_outlives_the_owners() {
    let object = fresh();
    // SAFETY: plays both threads; each drops what it took.
    unsafe {
        object.retain(other());
        assert_eq!(object.release(me()), Released::Alive);
        assert_eq!(object.count.shared() & FLAGS, MERGED);
        assert!(!object.is_owned_by(ME));
        assert_eq!(object.release(other()), Released::Dead);
    }
}

#[test]
fn the_shared_half_may_be_negative() {
    let object = fresh();
    // SAFETY: plays both threads: the owner takes what the other drops.
    unsafe {
        for _ in 0..3 {
            object.retain(me());
        }
        assert_eq!(object.release(other()), Released::Queue);
        assert_eq!(object.release(other()), Released::Alive);
        assert_eq!(object.release(other()), Released::Alive);
        assert_eq!(object.count.shared(), QUEUED - 2 * ONE);
        assert!(
            object.try_retain(other()),
            "a negative half is not a dead object"
        );
        assert_eq!(object.release(other()), Released::Alive);
        assert_eq!(object.references(), 2, "the owner's, and the queue's");
        assert_eq!(object.merge(-1, me()), Released::Alive);
        assert_eq!(object.count.shared(), ONE | MERGED);
        assert_eq!(object.merge(0, me()), Released::Alive, "merged again");
        assert_eq!(object.release(me()), Released::Dead);
    }
}

#[test]
fn unpublished_and_dead_objects_refuse_foreign_readers() {
    let object = fresh();
    // SAFETY: plays both threads.
    unsafe {
        assert!(!object.try_retain(other()));
        object.publish();
        assert!(object.try_retain(other()));
        assert!(!object.is_unique(ME));
        assert_eq!(object.release(other()), Released::Alive);
        assert_eq!(object.release(me()), Released::Dead);
        assert!(!object.try_retain(other()));
        assert!(!object.try_retain(me()), "not even its last owner");
    }
    let unpublished = fresh();
    // SAFETY: plays the owner.
    unsafe {
        assert_eq!(unpublished.release(me()), Released::Dead);
        assert!(unpublished.is_owned_by(ME));
        assert!(!unpublished.try_retain(me()) && !unpublished.try_retain(other()));
    }
}

#[test]
fn publishing_outlasts_what_other_threads_count() {
    let object = fresh();
    // SAFETY: plays both threads; each drops what it took.
    unsafe {
        object.retain(other());
        object.publish();
        assert_eq!(object.release(other()), Released::Alive);
        assert!(object.try_retain(other()));
        assert_eq!(object.release(other()), Released::Alive);
        assert_eq!(object.release(me()), Released::Dead);
    }
}

#[test]
fn publishing_can_be_taken_back_by_the_owner_alone() {
    let object = fresh();
    assert!(!object.unpublish(ME), "it was not published");
    object.publish();
    assert!(!object.is_unique(ME));
    assert!(!object.unpublish(OTHER));
    // SAFETY: plays both threads; each drops what it took.
    unsafe {
        assert!(object.try_retain(other()));
        assert!(!object.unpublish(ME), "another thread has a reference");
        assert_eq!(object.release(other()), Released::Alive);
        assert!(object.unpublish(ME) && object.is_unique(ME));
        assert!(!object.try_retain(other()));
        assert_eq!(object.release(me()), Released::Dead);
    }
}

#[test]
fn taking_a_reference_under_a_lock_lets_later_readers_do_without() {
    let object = fresh();
    // SAFETY: plays both threads; the owner's reference keeps the object.
    unsafe {
        assert!(!object.try_retain(other()));
        object.retain_published(other());
        assert!(object.try_retain(other()));
        assert_eq!(object.references(), 3);
    }
}

#[test]
fn immortal_objects_ignore_everything() {
    let object = Header::immortal(3);
    // SAFETY: nothing is counted.
    unsafe {
        object.retain(me());
        assert_eq!(object.release(other()), Released::Alive);
        assert!(object.try_retain(other()));
        assert_eq!(object.merge(-1, me()), Released::Alive);
        assert!(object.make_immortal(me()));
        assert!(!object.enable_deferred(me(), 1));
    }
    object.publish();
    assert!(!object.unpublish(ME) && !object.is_unique(ME) && !object.is_owned_by(ME));
    assert_eq!(object.count.local(), IMMORTAL);
    assert_eq!(object.count.shared(), 0);
    assert_eq!(object.references(), i64::from(IMMORTAL));
    assert_eq!(
        object.set_bits(Bits::TRACKED),
        Bits::STATIC | Bits::DEFERRED
    );
    assert_eq!(
        object.clear_bits(Bits::STATIC),
        Bits::STATIC | Bits::DEFERRED
    );
    assert!(object.byte_lock().is_none());
}

#[test]
fn only_who_may_write_the_local_half_makes_an_object_immortal() {
    let object = fresh();
    // SAFETY: plays both threads; each has a reference.
    unsafe {
        object.retain(other());
        assert!(!object.make_immortal(other()), "its owner may be counting");
        assert!(!object.is_immortal());
        assert_eq!(object.release(me()), Released::Alive);
        assert!(object.make_immortal(other()), "merged");
        assert_eq!(object.release(other()), Released::Alive);
    }
    assert!(object.is_immortal() && object.is_deferred());
}

#[test]
fn a_queued_object_that_became_immortal_is_not_merged() {
    let object = fresh_with(Bits::TRACKED);
    // SAFETY: plays both threads; each drops what it took.
    unsafe {
        object.retain(me());
        assert_eq!(object.release(other()), Released::Queue);
        assert!(object.make_immortal(me()));
        assert_eq!(object.merge(-1, me()), Released::Alive);
        assert_eq!(object.release(me()), Released::Alive);
        assert_eq!(object.release(other()), Released::Alive);
    }
    assert!(object.is_immortal() && !object.bits().contains(Bits::TRACKED));
    assert!(!object.is_owned_by(ME), "nobody owns it");
}

#[test]
fn resurrection_ends_in_death_or_escape() {
    let object = fresh();
    // SAFETY: plays the owner.
    unsafe {
        assert_eq!(object.release(me()), Released::Dead);
        for _ in 0..3 {
            object.resurrect(me());
            assert_eq!(object.end_resurrection(me()), Released::Dead);
        }
        object.resurrect(me());
        object.retain(me());
        assert_eq!(object.end_resurrection(me()), Released::Alive);
        assert_eq!(object.release(me()), Released::Dead, "dies again");
        object.resurrect(me());
        object.publish();
        assert!(object.try_retain(other()));
        assert_eq!(object.end_resurrection(me()), Released::Alive);
        assert_eq!(object.release(other()), Released::Dead, "and elsewhere");
        object.resurrect(other());
        assert!(object.is_unique(OTHER) && !object.is_owned_by(ME));
        assert_eq!(object.end_resurrection(other()), Released::Dead);
    }
}

#[test]
fn who_resurrects_may_drop_it_from_another_thread() {
    let object = fresh();
    // SAFETY: plays both threads: the finalizer hands its reference to the other one.
    unsafe {
        assert_eq!(object.release(me()), Released::Dead);
        object.resurrect(me());
        object.retain(me());
        assert_eq!(object.release(other()), Released::Queue);
        assert_eq!(
            object.end_resurrection(me()),
            Released::Alive,
            "the queue's"
        );
        assert_eq!(object.merge(-1, me()), Released::Dead);
    }
}

#[test]
fn too_many_local_references_make_the_object_immortal() {
    let object = fresh();
    object.count.set_local(i32::MAX as u32 - 1);
    // SAFETY: plays both threads; nobody drops more than was taken.
    unsafe {
        object.retain(me());
        assert!(!object.is_immortal() && object.is_owned_by(ME));
        assert!(object.try_retain_own(me()));
        assert!(object.is_immortal() && !object.is_owned_by(ME));
        for _ in 0..3 {
            object.retain(me());
            assert!(object.try_retain(me()) && object.try_retain(other()));
            assert!(!object.try_retain_own(me()));
        }
        for _ in 0..5 {
            assert_eq!(object.release(me()), Released::Alive);
            assert_eq!(object.release(other()), Released::Alive);
        }
    }
    assert!(object.is_immortal());
}

#[test]
fn too_many_foreign_references_pin_the_object() {
    let object = fresh();
    set_shared(&object, PIN_FROM - ONE);
    // SAFETY: plays both threads; the count was set to what this many references would be.
    unsafe {
        object.retain(other());
        assert!(object.is_pinned());
        assert_eq!(object.references(), i64::from(IMMORTAL));
        object.retain(other());
        assert_eq!(
            object.count.shared(),
            PINNED | BIASED,
            "in the middle of the band"
        );
        object.publish();
        for _ in 0..10 {
            assert!(object.try_retain(other()));
            object.retain(other());
            assert_eq!(object.release(other()), Released::Alive);
            assert_eq!(object.count.shared(), PINNED | WEAK);
        }
        assert_eq!(
            object.release(me()),
            Released::Alive,
            "the owner's last reference"
        );
        assert_eq!(object.count.shared(), PINNED | MERGED);
        assert_eq!(object.merge(-1, me()), Released::Alive);
        assert_eq!(object.release(other()), Released::Alive);
        assert!(object.is_pinned());
    }
}

#[test]
fn too_many_foreign_drops_pin_the_object() {
    let object = fresh();
    object.count.set_local(1 << 30);
    set_shared(&object, PIN_BELOW | QUEUED);
    // SAFETY: plays both threads; the counts were set to what this many references would be.
    unsafe {
        assert_eq!(object.release(other()), Released::Alive);
        assert!(!object.is_pinned());
        assert_eq!(object.release(other()), Released::Alive);
        assert_eq!(object.count.shared(), PINNED | QUEUED);
        assert_eq!(object.merge(-1, me()), Released::Alive);
        assert_eq!(object.count.shared(), PINNED | MERGED);
        assert_eq!(object.release(me()), Released::Alive);
    }
}

#[test]
fn a_merge_that_does_not_fit_pins_the_object() {
    for (local, shared, pinned) in [
        (IMMORTAL - 1, QUEUED, true),
        (3 << 27, QUEUED, false),
        ((3 << 27) + 1, QUEUED, true),
        (1 << 28, ((1 << 27) * ONE) | QUEUED, false),
        (1 << 28, (((1 << 27) + 1) * ONE) | QUEUED, true),
    ] {
        let object = fresh();
        object.count.set_local(local);
        set_shared(&object, shared);
        // SAFETY: the counts were set to what this many references would be.
        assert_eq!(unsafe { object.merge(-1, me()) }, Released::Alive);
        assert_eq!(object.is_pinned(), pinned, "{local} {shared}");
        assert_eq!(object.count.shared() & FLAGS, MERGED);
        if !pinned {
            assert_eq!(
                object.references(),
                i64::from(local) + i64::from(shared >> 2) - 1
            );
        }
    }
}

#[test]
fn deferral_is_a_hint_with_conditions() {
    let object = fresh_with(Bits::TRACKED);
    // SAFETY: plays both threads; each drops what it took.
    unsafe {
        assert!(!fresh().enable_deferred(me(), 1), "nobody would free it");
        assert!(object.enable_deferred(me(), 1));
        assert!(!object.enable_deferred(me(), 1), "twice");
        assert_eq!(object.references(), 1);
        assert!(!object.is_unique(ME));
        assert_eq!(object.release(me()), Released::Alive, "not by counts");
        assert_eq!(object.references(), 0);
        assert!(object.try_retain(other()));
        assert_eq!(object.release(other()), Released::Alive);
        object.disable_deferred();
        object.disable_deferred();
        assert_eq!(object.merge(0, me()), Released::Dead);
    }
}

#[test]
fn deferral_asks_for_uniqueness() {
    let object = fresh_with(Bits::TRACKED);
    // SAFETY: plays both threads; each drops what it took.
    unsafe {
        assert!(!object.enable_deferred(other(), 1), "another thread's");
        object.retain(me());
        assert!(
            !object.enable_deferred(me(), 1),
            "there is another reference"
        );
        assert_eq!(object.release(me()), Released::Alive);
        object.retain(other());
        assert!(!object.enable_deferred(me(), 1), "another thread has one");
        assert!(!object.enable_deferred(me(), 2), "another thread has one");
        assert_eq!(object.release(other()), Released::Alive);
        object.publish();
        assert!(!object.enable_deferred(me(), 1), "others may find it");
        assert!(object.unpublish(ME));
        object.retain(me());
        assert!(object.enable_deferred(me(), 2), "both are the caller's");
        assert_eq!(object.references(), 2);
        assert!(!object.make_immortal(other()), "still its owner's");
    }
}

#[test]
fn the_bias_does_not_reach_the_pinned_band() {
    let object = fresh_with(Bits::TRACKED);
    // SAFETY: plays the owner, then the foreign thread.
    unsafe {
        assert!(object.enable_deferred(me(), 1));
        object.count.set_local((1 << 27) - 1);
        assert_eq!(object.merge(0, me()), Released::Alive);
        assert!(!object.is_pinned());
        assert_eq!(object.references(), (1 << 27) - 1);
        assert_eq!(object.count.shared() >> 2, BIAS + (1 << 27) - 1);
        object.retain(other());
        object.retain(other());
        assert!(object.is_pinned());
        object.disable_deferred();
        assert!(object.is_pinned(), "not even the collector frees it");
    }
}

#[test]
fn a_dead_object_can_wait_in_its_header() {
    let object = fresh();
    // SAFETY: plays the owner; the reference of `requeue` is dropped by the merge.
    unsafe {
        assert_eq!(object.release(me()), Released::Dead);
        object.requeue(me());
        assert!(object.try_retain(other()), "alive, as after a resurrection");
        assert_eq!(object.release(me()), Released::Alive);
        assert_eq!(object.merge(-1, me()), Released::Dead);
    }
}

#[cfg(debug_assertions)]
mod misuse {
    use super::*;

    #[test]
    #[should_panic(expected = "more references were dropped than taken")]
    fn the_owner_drops_too_much() {
        let object = fresh();
        // SAFETY: not safe, but the header is ours and nothing is freed: the check comes first.
        unsafe {
            let _ = object.release(me());
            let _ = object.release(me());
        }
    }

    #[test]
    #[should_panic(expected = "more references were dropped than taken")]
    fn others_drop_too_much() {
        let object = fresh();
        // SAFETY: as above.
        unsafe {
            let _ = object.merge(0, me());
            let _ = object.release(other());
            let _ = object.release(other());
        }
    }

    #[test]
    #[should_panic(expected = "more references were dropped than taken")]
    fn a_merge_finds_too_little() {
        let object = fresh();
        // SAFETY: as above.
        unsafe {
            let _ = object.release(other());
            let _ = object.release(other());
            let _ = object.merge(-1, me());
        }
    }

    #[test]
    #[should_panic(expected = "a reference to a dead object was copied")]
    fn a_dead_object_is_retained() {
        let object = fresh();
        // SAFETY: as above.
        unsafe {
            let _ = object.release(me());
            object.retain(me());
        }
    }
}
