//! Grace periods under loom: what is reclaimed is never read.
//!
//! Loom does not see a free, so reclaiming is a tracked write to the cell that the reader reads.

use super::Qsbr;
use core::ptr::NonNull;
use kit_core::{
    backend::grace_slot::{GraceSlot, Sequence, WINDOW},
    platform::memory::NoMemory,
    sync::{
        atomic::{
            AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
        cell::UnsafeCell,
    },
};
use loom::thread;
use std::sync::Arc;

const START: Sequence = usize::MAX - 2;

struct Shared {
    grace: Qsbr,
    /// 1: the block can be reached. 0: it was unlinked.
    link: AtomicUsize,
    block: UnsafeCell<u32>,
}

// SAFETY: the block is read while linked and written when reclaimed; loom checks.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            grace: Qsbr::starting_at(START, &NoMemory),
            link: AtomicUsize::new(1),
            block: UnsafeCell::new(1),
        })
    }

    fn read(&self) {
        if self.link.load(Acquire) == 1 {
            // SAFETY: reached through the link, between two reports.
            self.block.with(|block| assert_eq!(unsafe { *block }, 1));
        }
    }

    fn unlink(&self) -> Sequence {
        self.link.store(0, Release);
        self.grace.advance()
    }

    fn reclaim(&self) {
        // SAFETY: the goal of the unlink is reached.
        self.block.with_mut(|block| unsafe { *block = 0 });
    }
}

/// A reader that attaches, reads, reports, reads, detaches, against a writer that unlinks and polls.
///
/// Fails without the fence of `GraceSlot::online`, without that of `poll`, with Relaxed in `offline`, in
/// `quiescent`'s load or store, in the scan's load of the slot, or in `advance`.
#[test]
fn a_reader_never_sees_what_was_reclaimed() {
    loom::model(|| {
        let shared = Shared::new();
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let slot: &GraceSlot = shared.grace.reserve().unwrap();
                slot.online(shared.grace.clock());
                shared.read();
                slot.quiescent(shared.grace.clock());
                shared.read();
                slot.offline();
            })
        };
        let goal = shared.unlink();
        if shared.grace.poll(goal) {
            shared.reclaim();
        }
        reader.join().unwrap();
        assert!(
            shared.grace.poll(goal),
            "nobody reads, and the goal is not reached"
        );
    });
}

/// A reader that detaches and attaches again before anybody polls: its first session counts, too.
///
/// Fails with Relaxed in `online`'s store, which is what a poll finds.
#[test]
fn a_reader_that_came_back_has_left_its_first_session() {
    loom::model(|| {
        let shared = Shared::new();
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let slot = shared.grace.reserve().unwrap();
                for _ in 0..2 {
                    slot.online(shared.grace.clock());
                    shared.read();
                    slot.offline();
                }
            })
        };
        let goal = shared.unlink();
        if shared.grace.poll(goal) {
            shared.reclaim();
        }
        reader.join().unwrap();
    });
}

/// A third thread polls: the writer trusts what it found.
///
/// Fails with Relaxed in `is_reached`'s load, or in the exchange that publishes.
#[test]
fn what_another_thread_found_may_be_trusted() {
    loom::model(|| {
        let shared = Shared::new();
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let slot = shared.grace.reserve().unwrap();
                slot.online(shared.grace.clock());
                shared.read();
                slot.offline();
            })
        };
        let writer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let goal = shared.unlink();
                // Between the two, so that loom looks for a poll that comes there.
                thread::yield_now();
                if shared.grace.is_reached(goal) {
                    shared.reclaim();
                }
            })
        };
        let _ = shared.grace.poll(START.wrapping_add(2));
        reader.join().unwrap();
        writer.join().unwrap();
    });
}

/// The reader is a window behind, so the goal is one that the clock will show only later.
///
/// Fails with Relaxed in `quiescent`'s load or store, in `offline`, or in the scan's load of the slot.
#[test]
fn a_goal_from_when_there_was_no_room_is_sound() {
    loom::model(|| {
        let shared = Shared::new();
        let slot = NonNull::from(shared.grace.reserve().unwrap());
        // SAFETY: slots live as long as their owner.
        unsafe { slot.as_ref() }.online(shared.grace.clock());
        let crowded = START.wrapping_add(WINDOW);
        shared.grace.clock.now.store(crowded, Relaxed);
        let slot = AtTheReader(slot);
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let slot = slot.get();
                shared.read();
                slot.quiescent(shared.grace.clock());
                shared.read();
                slot.quiescent(shared.grace.clock());
                shared.read();
                slot.offline();
            })
        };
        let goal = shared.unlink();
        for _ in 0..2 {
            if shared.grace.poll(goal) {
                shared.reclaim();
                break;
            }
        }
        reader.join().unwrap();
    });
}

/// A slot on its way to the thread that uses it.
struct AtTheReader(NonNull<GraceSlot>);

// SAFETY: slots are shared; the thread has an `Arc` of their owner.
unsafe impl Send for AtTheReader {}

impl AtTheReader {
    fn get(&self) -> &GraceSlot {
        // SAFETY: as above.
        unsafe { self.0.as_ref() }
    }
}

/// A slot that one reader leaves and the next one takes: the reports of both stay apart. Loom keeps the stores to
/// a word in the order in which it runs them, so a late OFFLINE shows in the assertion of `online`.
///
/// Fails with Relaxed in `reserve` or in `release`.
#[test]
fn a_slot_has_one_reader_at_a_time() {
    loom::model(|| {
        let grace = Arc::new(Qsbr::starting_at(START, &NoMemory));
        let first = {
            let grace = Arc::clone(&grace);
            thread::spawn(move || report_once(&grace))
        };
        report_once(&grace);
        first.join().unwrap();
        // Whoever came second found the first slot free, or left it to the other.
        assert!(grace.reserve().is_some_and(|slot| !slot.is_online()));
    });
}

fn report_once(grace: &Qsbr) {
    let slot = grace.reserve().unwrap();
    slot.online(grace.clock());
    slot.offline();
    // SAFETY: reserved above, offline, and not used again.
    unsafe { grace.release(slot) };
}

/// Why there is no goal without a write. The writer unlinks and takes "current + 2" by a load; another
/// thread advances; the reader reports the new sequence and can still see the old link.
#[test]
#[should_panic(expected = "Causality violation")]
fn a_goal_taken_by_a_load_is_unsound() {
    loom::model(|| {
        let shared = Shared::new();
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let slot = shared.grace.reserve().unwrap();
                slot.online(shared.grace.clock());
                slot.quiescent(shared.grace.clock());
                shared.read();
                slot.offline();
            })
        };
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let _ = shared.grace.advance();
            })
        };
        let slot = shared.grace.reserve().unwrap();
        slot.online(shared.grace.clock());
        shared.link.store(0, Release);
        let goal = shared.grace.clock().now.load(Acquire).wrapping_add(2);
        // The writer reads too, and reports after its unlink.
        slot.quiescent(shared.grace.clock());
        if shared.grace.poll(goal) {
            shared.reclaim();
        }
        slot.offline();
        reader.join().unwrap();
        other.join().unwrap();
    });
}
