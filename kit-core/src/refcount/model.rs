//! The counts under loom.
//!
//! Loom does not see a free, so freeing is a tracked write to the object's payload. Where an object changes
//! hands outside of its count (a queue, a mailbox), that is relaxed, so that the count alone must order.

use super::biased::{FLAGS, MERGED, ONE, PIN_FROM, Released};
use super::counter::{Counter, Tally};
use super::stack_ref::slot::{self, Taken};
use crate::object::{Bits, Header, Word};
use crate::sync::{
    atomic::{
        AtomicU64, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
};
use loom::thread;
use std::{sync::Arc, vec, vec::Vec};

const OWNER: u16 = 1;
const A: u16 = 2;
const B: u16 = 3;

/// An object, and where it can be found.
struct Shared {
    object: Header,
    /// Which life of the block the payload belongs to.
    payload: UnsafeCell<usize>,
    /// A container that holds the object.
    slot: AtomicU64,
    /// What a model's threads tell each other besides.
    note: AtomicUsize,
    /// 1: the object was handed to the merge queue.
    queued: AtomicUsize,
    /// How often it was freed; not part of the model.
    freed: std::sync::atomic::AtomicUsize,
    tallies: [Tally; 4],
}

// SAFETY: the payload is read with a reference and written when none is left; loom checks.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Shared {
    /// With one reference, the owner's.
    fn new(bits: Bits) -> Shared {
        Shared {
            object: Header::model(1, OWNER, bits),
            payload: UnsafeCell::new(1),
            slot: AtomicU64::new(0),
            note: AtomicUsize::new(0),
            queued: AtomicUsize::new(0),
            freed: std::sync::atomic::AtomicUsize::new(0),
            tallies: Default::default(),
        }
    }

    fn by(&self, slot: u16) -> Counter {
        Counter::new(slot, &self.tallies[usize::from(slot)])
    }

    fn retain(&self, slot: u16) {
        // SAFETY: the model's threads have references when they take more.
        unsafe { self.object.retain(self.by(slot)) };
    }

    /// Uses the object, which is in its `life`.
    fn look(&self, life: usize) {
        // Loom's clock of a thread stands until its first atomic access: what comes before that would count as
        // known to whoever started it.
        self.object.type_id();
        // SAFETY: the caller has a reference.
        self.payload.with(|at| assert_eq!(unsafe { *at }, life));
    }

    /// Uses the object one last time, and drops a reference.
    fn release(&self, slot: u16, life: usize) {
        self.look(life);
        self.release_blindly(slot);
    }

    fn release_blindly(&self, slot: u16) {
        // SAFETY: the caller has a reference to give up.
        let verdict = unsafe { self.object.release(self.by(slot)) };
        self.obey(verdict);
    }

    fn obey(&self, verdict: Released) {
        match verdict {
            Released::Alive => {}
            Released::Dead => self.free(),
            Released::Queue => self.queued.store(1, Relaxed),
        }
    }

    /// What the owner does at a safepoint.
    fn merge(&self) -> bool {
        if self.queued.load(Relaxed) == 0 {
            return false;
        }
        self.queued.store(0, Relaxed);
        // SAFETY: the owner, and the queue's reference.
        let verdict = unsafe { self.object.merge(-1, self.by(OWNER)) };
        self.obey(verdict);
        true
    }

    fn free(&self) {
        self.freed.fetch_add(1, Relaxed);
        // SAFETY: no reference is left.
        self.payload.with_mut(|at| unsafe { *at = 0 });
    }

    /// The block again, as another object of the owner.
    fn recycle(&self, life: usize) {
        self.recycle_by(OWNER, life);
    }

    fn recycle_by(&self, owner: u16, life: usize) {
        let at = &raw const self.object;
        // SAFETY: the block is free, and its header is made of atomics.
        unsafe { Header::init(at.cast_mut(), 2, self.by(owner), Bits::TRACKED) };
        // SAFETY: nobody has found the new object yet.
        self.payload.with_mut(|at| unsafe { *at = life });
    }

    /// The owner puts the object into the container.
    fn store(&self) {
        let word = Word::object(&raw const self.object);
        self.slot.store(word.bits(), Release);
    }

    /// The owner takes the object out of the container.
    fn empty(&self) {
        self.slot.store(0, Release);
    }

    /// What a reader without a lock does: whether it got the object out of the container.
    fn find(&self, by: u16) -> bool {
        // SAFETY: the block is never given back in a model.
        match unsafe { slot::take(&self.slot, self.by(by), || false) } {
            Taken::Got(word) => word.is_object(),
            Taken::Nothing => false,
            Taken::Surplus(_) => {
                self.release_blindly(by);
                false
            }
        }
    }

    fn freed(&self) -> usize {
        self.freed.load(Relaxed)
    }
}

/// Runs `owner` on the owner's thread, and `others` on theirs.
fn play(
    shared: Shared,
    owner: impl FnOnce(&Shared),
    others: &[fn(&Shared)],
    after: impl FnOnce(&Shared),
) {
    let shared = Arc::new(shared);
    shared.store();
    let others: Vec<_> = others
        .iter()
        .map(|&other| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || other(&shared))
        })
        .collect();
    owner(&shared);
    for other in others {
        other.join().unwrap();
    }
    after(&shared);
}

/// The owner and one or two others each drop a reference they had counted: the last of them frees, and
/// every use of the object comes before that.
///
/// Fails with `merge_zero`'s load relaxed, or with either half of its exchange or of `release_shared`'s gone.
#[test]
fn who_drops_last_frees() {
    for (others, published) in [(1, false), (1, true), (2, false)] {
        loom::model(move || {
            let shared = Shared::new(Bits::empty());
            shared.retain(A);
            if others == 2 {
                shared.retain(B);
            }
            if published {
                shared.object.publish();
            }
            let all: [fn(&Shared); 2] = [|s| s.release(A, 1), |s| s.release(B, 1)];
            play(
                shared,
                |s| s.release(OWNER, 1),
                &all[..others],
                |s| assert_eq!(s.freed(), 1),
            );
        });
    }
}

/// One thread drops a reference that the owner had counted, another one of its own: the merge settles both
/// halves, whenever the owner comes to it.
///
/// Fails with either half of `merge`'s exchange gone.
#[test]
fn a_queued_object_is_merged_by_its_owner() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared.retain(OWNER);
        shared.retain(B);
        play(
            shared,
            |s| {
                s.release(OWNER, 1);
                s.merge();
            },
            &[|s| s.release(A, 1), |s| s.release(B, 1)],
            |s| {
                s.merge();
                assert_eq!(s.freed(), 1);
            },
        );
    });
}

/// More is dropped elsewhere than was taken there, so that the shared half turns negative.
#[test]
fn the_halves_add_up_whatever_their_signs() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared.retain(OWNER);
        play(
            shared,
            |s| {
                s.retain(OWNER);
                s.merge();
                s.release(OWNER, 1);
            },
            &[|s| s.release(A, 1), |s| s.release(B, 1)],
            |s| {
                s.merge();
                assert_eq!(s.freed(), 1);
            },
        );
    });
}

/// A reader without a lock against the last drop: it gets a live object, or none.
#[test]
fn a_reader_gets_a_live_object_or_none() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared.object.publish();
        play(
            shared,
            |s| {
                s.empty();
                s.release(OWNER, 1);
            },
            &[
                |s| {
                    if s.find(A) {
                        s.release(A, 1);
                    }
                },
                |s| {
                    // By another way than the slot.
                    // SAFETY: the block stays.
                    if unsafe { s.object.try_retain(s.by(B)) } {
                        s.release(B, 1);
                    }
                },
            ],
            |s| assert_eq!(s.freed(), 1),
        );
    });
}

/// A reader against the drop, and against whatever the block becomes next: `again` makes the new object one
/// whose count a reader can take part in. What the reader takes for the old object is the old object.
fn a_reader_meets_the_next_life(again: fn(&Shared), others: &'static [fn(&Shared)]) {
    loom::model(move || {
        let shared = Shared::new(Bits::empty());
        shared.object.publish();
        let mut all: Vec<fn(&Shared)> = vec![|s| {
            if s.find(A) {
                s.release(A, 1);
            }
        }];
        all.extend(others);
        play(
            shared,
            |s| {
                s.empty();
                s.release(OWNER, 1);
                if s.freed() == 1 {
                    s.recycle(2);
                    again(s);
                }
            },
            &all,
            |_| (),
        );
    });
}

/// Fails with the store of the shared half in `Header::init` relaxed, or with `try_retain` relaxed.
#[test]
fn a_recycled_block_is_noticed_when_published() {
    a_reader_meets_the_next_life(|s| s.object.publish(), &[]);
}

/// Fails with the store of the shared half in `Header::init` relaxed, or with `try_retain` relaxed.
#[test]
fn a_recycled_block_is_noticed_when_counted_elsewhere() {
    a_reader_meets_the_next_life(
        |s| s.queued.store(7, Release),
        &[|s| {
            // Another thread was given the new object.
            if s.queued.load(Acquire) == 7 {
                s.retain(B);
            }
        }],
    );
}

/// Fails with the store of `resurrect` relaxed.
#[test]
fn a_recycled_block_is_noticed_when_resurrected() {
    a_reader_meets_the_next_life(
        |s| {
            // SAFETY: the owner drops its reference, brings the object back and publishes it.
            unsafe {
                if s.object.release(s.by(OWNER)) == Released::Dead {
                    s.object.resurrect(s.by(OWNER));
                    s.object.publish();
                }
            }
        },
        &[],
    );
}

/// Fails with the store of `requeue` relaxed.
#[test]
fn a_recycled_block_is_noticed_when_it_waits_for_memory() {
    a_reader_meets_the_next_life(
        |s| {
            // SAFETY: the owner drops its reference, and leaves the object to the next stop.
            unsafe {
                if s.object.release(s.by(OWNER)) == Released::Dead {
                    s.object.requeue(s.by(OWNER));
                }
            }
        },
        &[],
    );
}

/// A block that became an immortal object, which a reader need not count.
///
/// Fails with the store of `make_immortal` relaxed, or with `try_retain`'s load of the local half.
#[test]
fn a_recycled_block_is_noticed_when_immortal() {
    a_reader_meets_the_next_life(
        |s| {
            // SAFETY: the owner's new object.
            assert!(unsafe { s.object.make_immortal(s.by(OWNER)) });
        },
        &[],
    );
}

/// A block that became a deferred object, which a reader on whose stack it goes does not count.
///
/// Fails with `is_deferred` relaxed, or without the Release of `set_bits`.
#[test]
fn a_recycled_block_is_noticed_when_deferred() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        play(
            shared,
            |s| {
                s.empty();
                s.release(OWNER, 1);
                s.recycle(2);
                // SAFETY: the owner's new object.
                assert!(unsafe { s.object.enable_deferred(s.by(OWNER), 1) });
            },
            &[|s| assert!(!s.find(A), "taken for what was in the slot")],
            |_| (),
        );
    });
}

/// A block that became another object, which its owner stored where the old one was: a reader may get either, whole.
///
/// Fails with `take`'s second load relaxed.
#[test]
fn a_recycled_block_may_come_back_to_its_slot() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared.object.publish();
        play(
            shared,
            |s| {
                s.empty();
                s.release(OWNER, 1);
                if s.freed() == 1 {
                    s.recycle(2);
                    s.object.publish();
                    // What its maker goes on with before it stores the object.
                    // SAFETY: nobody has found the new object yet.
                    s.payload.with_mut(|at| unsafe { *at = 3 });
                    s.store();
                }
            },
            &[|s| {
                if s.find(A) {
                    s.object.type_id();
                    // SAFETY: the reader has a reference.
                    let life = s.payload.with(|at| unsafe { *at });
                    assert!(life == 1 || life == 3);
                    s.release_blindly(A);
                }
            }],
            |_| (),
        );
    });
}

/// A block goes to another thread, which makes an object of it and stores that: its first owner finds it, and does
/// not take it for its own.
///
/// Fails with `take`'s first load relaxed.
#[test]
fn a_recycled_block_is_not_its_first_owners() {
    loom::model(|| {
        play(
            Shared::new(Bits::empty()),
            |s| {
                s.empty();
                s.release(OWNER, 1);
                assert_eq!(s.freed(), 1);
                s.note.store(1, Release);
                if s.find(OWNER) {
                    s.release(OWNER, 2);
                }
            },
            &[|s| {
                if s.note.load(Acquire) == 1 {
                    s.recycle_by(A, 2);
                    s.object.publish();
                    s.store();
                }
            }],
            |s| assert_eq!(s.freed(), 1),
        );
    });
}

/// A finalizer lets the object escape to another thread, uncounted there, while a reader finds it in a slot;
/// all are done at some moment, and then it is dead.
#[test]
fn a_resurrected_object_dies_once_more() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        // SAFETY: dead, and brought back by its owner.
        unsafe {
            assert_eq!(shared.object.release(shared.by(OWNER)), Released::Dead);
            shared.object.resurrect(shared.by(OWNER));
        }
        shared.object.publish();
        // The finalizer stores a reference for A.
        shared.retain(OWNER);
        play(
            shared,
            |s| {
                s.empty();
                s.look(1);
                // SAFETY: ends what the setup began.
                let verdict = unsafe { s.object.end_resurrection(s.by(OWNER)) };
                s.obey(verdict);
                s.merge();
            },
            &[
                |s| s.release(A, 1),
                |s| {
                    if s.find(B) {
                        s.release(B, 1);
                    }
                },
            ],
            |s| {
                s.merge();
                assert_eq!(s.freed(), 1);
            },
        );
    });
}

/// Dead, brought back, dead, brought back: each time a reader may come upon it in the slot where the finalizer
/// put it.
#[test]
fn resurrection_may_be_repeated() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared.object.publish();
        play(
            shared,
            |s| {
                // SAFETY: the owner's reference; then what the verdicts say.
                unsafe {
                    let mut verdict = s.object.release(s.by(OWNER));
                    for _ in 0..2 {
                        if verdict != Released::Dead {
                            break;
                        }
                        s.object.resurrect(s.by(OWNER));
                        s.look(1);
                        s.object.publish();
                        verdict = s.object.end_resurrection(s.by(OWNER));
                    }
                    s.obey(verdict);
                }
            },
            &[|s| {
                // Nobody empties the slot.
                if s.find(A) {
                    s.release(A, 1);
                }
            }],
            |s| assert_eq!(s.freed(), 1),
        );
    });
}

/// An object is made immortal while another thread queues it and a third drops what it had counted.
#[test]
fn an_immortal_object_outlives_the_queue() {
    loom::model(|| {
        let shared = Shared::new(Bits::TRACKED);
        shared.retain(OWNER);
        shared.retain(B);
        play(
            shared,
            |s| {
                s.merge();
                // SAFETY: the owner still has a reference.
                let immortal = unsafe { s.object.make_immortal(s.by(OWNER)) };
                assert!(immortal, "ours, or merged");
                s.merge();
                s.release(OWNER, 1);
            },
            &[|s| s.release(A, 1), |s| s.release(B, 1)],
            |s| {
                s.merge();
                assert!(s.object.is_immortal());
                assert_eq!(s.freed(), 0);
            },
        );
    });
}

/// A thread makes an object immortal as soon as its owner is rid of it: the owner's last store to the local
/// half does not undo that.
///
/// Fails with `make_immortal`'s load of the shared half relaxed, or without the Release in `merge` or
/// `merge_zero`.
#[test]
fn an_object_becomes_immortal_after_its_merge() {
    for queued in [false, true] {
        loom::model(move || {
            let shared = Shared::new(Bits::TRACKED);
            shared.retain(A);
            if queued {
                shared.queued.store(1, Relaxed);
                shared.retain(OWNER);
            }
            play(
                shared,
                |s| {
                    if !s.merge() {
                        s.release(OWNER, 1);
                    }
                },
                &[|s| {
                    // SAFETY: A has a reference.
                    if unsafe { s.object.make_immortal(s.by(A)) } {
                        s.note.store(2, Relaxed);
                    }
                }],
                |s| {
                    assert_eq!(s.object.is_immortal(), s.note.load(Relaxed) == 2);
                    assert_eq!(s.freed(), 0);
                },
            );
        });
    }
}

/// The owner has merged an object by its last drop and comes to merge it once more, for the queue, while another
/// thread makes it immortal: that stays.
#[test]
fn an_object_becomes_immortal_between_two_merges() {
    loom::model(|| {
        let shared = Shared::new(Bits::TRACKED);
        shared.retain(OWNER);
        // Given to A, and dropped: the queue's.
        shared.release_blindly(A);
        // One of them goes to the owner.
        shared.retain(B);
        shared.retain(B);
        play(
            shared,
            |s| {
                s.release(OWNER, 1);
                s.release(OWNER, 1);
                assert!(s.merge());
            },
            &[|s| {
                // SAFETY: B has a reference.
                if unsafe { s.object.make_immortal(s.by(B)) } {
                    s.note.store(2, Relaxed);
                }
            }],
            |s| {
                assert_eq!(s.object.is_immortal(), s.note.load(Relaxed) == 2);
                assert_eq!(s.freed(), 0);
            },
        );
    });
}

/// The owner defers an object while another thread drops it: only after that is the object unique, and the owner may then
/// change it, too.
///
/// Fails with `enable_deferred` relaxed.
#[test]
fn deferral_begins_when_others_are_done() {
    loom::model(|| {
        let shared = Shared::new(Bits::TRACKED);
        shared.retain(A);
        play(
            shared,
            |s| {
                // SAFETY: the owner has a reference.
                if unsafe { s.object.enable_deferred(s.by(OWNER), 1) } {
                    assert!(s.object.is_deferred());
                    s.note.fetch_add(1, Relaxed);
                    // SAFETY: nobody else has a reference, or gets one.
                    s.payload.with_mut(|at| unsafe { *at = 1 });
                }
                // SAFETY: as above.
                assert!(
                    s.note.load(Relaxed) == 0
                        || !unsafe { s.object.enable_deferred(s.by(OWNER), 1) }
                );
            },
            &[|s| {
                // SAFETY: A has a reference.
                assert!(
                    !unsafe { s.object.enable_deferred(s.by(A), 1) },
                    "the owner's"
                );
                s.release(A, 1);
            }],
            |s| {
                s.release(OWNER, 1);
                if s.note.load(Relaxed) == 0 {
                    assert_eq!(s.freed(), 1);
                    return;
                }
                assert_eq!((s.freed(), s.object.references()), (0, 0));
                // SAFETY: nobody else is left, as in a stopped world.
                let verdict = unsafe {
                    s.object.disable_deferred();
                    s.object.merge(0, s.by(OWNER))
                };
                assert_eq!(verdict, Released::Dead);
            },
        );
    });
}

/// The owner changes an object in place that it finds to be its own alone, others having let go of it.
///
/// Fails with `is_unique`'s load relaxed.
#[test]
fn a_unique_object_may_be_changed() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared.retain(A);
        play(
            shared,
            |s| {
                // Loom remembers one access only: it would not try a drop between two loads.
                thread::yield_now();
                if s.object.is_unique(OWNER) {
                    // SAFETY: nobody else has a reference.
                    s.payload.with_mut(|at| unsafe { *at = 2 });
                }
            },
            &[|s| s.release(A, 1)],
            |_| (),
        );
    });
}

/// The same for an object that was published, which the owner takes back first; a reader who comes then goes to
/// its lock, or makes the owner fail.
///
/// Fails with `unpublish` relaxed.
#[test]
fn a_publication_taken_back_makes_unique() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared.object.publish();
        shared.retain(A);
        play(
            shared,
            |s| {
                // What is left of `is_unique`, without its order.
                if s.object.unpublish(OWNER) && s.object.count.local() == 1 {
                    // SAFETY: nobody else has a reference, or gets one.
                    s.payload.with_mut(|at| unsafe { *at = 2 });
                }
            },
            &[
                |s| s.release(A, 1),
                |s| {
                    // It has an address, from before.
                    // SAFETY: the block stays.
                    if unsafe { s.object.try_retain(s.by(B)) } {
                        s.release(B, 1);
                    }
                },
            ],
            |_| (),
        );
    });
}

/// The count overflows on two threads at a time, while the owner counts with plain stores: nothing undoes it.
#[test]
fn a_pinned_object_is_never_freed() {
    loom::model(|| {
        let shared = Shared::new(Bits::empty());
        shared
            .object
            .count
            .shared_cell()
            .store(PIN_FROM - ONE, Relaxed);
        shared.retain(OWNER);
        play(
            shared,
            |s| {
                s.release(OWNER, 1);
                s.release(OWNER, 1);
            },
            &[|s| s.retain(A), |s| s.retain(B)],
            |s| {
                assert!(s.object.is_pinned());
                s.release(A, 1);
                s.release(B, 1);
                assert!(s.object.is_pinned());
                assert_eq!(s.freed(), 0);
                assert_eq!(s.object.count.shared() & FLAGS, MERGED);
            },
        );
    });
}

/// Two threads set flags: neither is lost, and the second sees what the first did before.
///
/// Fails with either half of the exchange in `set_bits` or `clear_bits` gone.
#[test]
fn flags_are_kept_and_order() {
    for clear in [false, true] {
        loom::model(move || {
            let shared = Shared::new(if clear { Bits::USER } else { Bits::empty() });
            shared.note.store(usize::from(clear), Relaxed);
            play(
                shared,
                |s| {
                    // SAFETY: the other thread reads it after the flag.
                    s.payload.with_mut(|at| unsafe { *at = 2 });
                    if s.note.load(Relaxed) == 1 {
                        s.object.clear_bits(Bits::USER);
                    } else {
                        s.object.set_bits(Bits::USER);
                    }
                },
                &[|s| {
                    let clear = s.note.load(Relaxed) == 1;
                    let before = if clear {
                        s.object.clear_bits(Bits::FROZEN)
                    } else {
                        s.object.set_bits(Bits::FROZEN)
                    };
                    if before.contains(Bits::USER) != clear {
                        s.look(2);
                    }
                }],
                |s| {
                    let clear = s.note.load(Relaxed) == 1;
                    assert_eq!(s.object.bits().contains(Bits::USER), !clear);
                    assert_eq!(s.object.bits().contains(Bits::FROZEN), !clear);
                },
            );
        });
    }
}
