//! Grace periods with real threads.

use super::Qsbr;
use crate::testing::Threads;
use core::ptr::{self, NonNull};
use kit_core::{
    backend::{
        grace::Grace,
        grace_slot::{STEP, WINDOW},
        retire::{AfterRetire, OrphanQueue, RetireLimits, RetireQueue, Retired},
    },
    platform::memory::NoMemory,
    sync::atomic::{
        AtomicBool, AtomicPtr, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
    },
};
use std::{alloc::System, boxed::Box, thread, vec::Vec};

#[test]
fn a_goal_waits_for_the_readers_that_are_online() {
    for start in [1, usize::MAX - 4] {
        let grace = Qsbr::starting_at(start, &System);
        let (one, two) = (grace.reserve().unwrap(), grace.reserve().unwrap());
        assert!(!ptr::eq(one, two));
        one.online(grace.clock());
        let goal = grace.advance();
        assert!(!grace.poll(goal));
        // Who comes later, or sleeps, does not matter.
        two.online(grace.clock());
        one.quiescent(grace.clock());
        assert!(grace.poll(goal));
        let goal = grace.advance();
        one.quiescent(grace.clock());
        assert!(!grace.poll(goal));
        two.offline();
        assert!(grace.poll(goal));
        for _ in 0..5 {
            let goal = grace.advance();
            assert!(!grace.poll(goal), "a wrapped goal is reached early");
            one.quiescent(grace.clock());
            assert!(grace.poll(goal), "a wrapped goal is never reached");
        }
        one.offline();
        // SAFETY: ours, and offline.
        unsafe { (grace.release(one), grace.release(two)) };
        assert!(ptr::eq(grace.reserve().unwrap(), one));
    }
}

/// A round of the clock takes centuries, or minutes on 32-bit targets: here it is set.
#[test]
fn the_clock_waits_for_a_reader_that_is_a_window_behind() {
    for start in [1, WINDOW.wrapping_neg() | 1, usize::MAX] {
        let grace = Qsbr::starting_at(start, &System);
        let (slow, quick) = (grace.reserve().unwrap(), grace.reserve().unwrap());
        slow.online(grace.clock());
        let last = start.wrapping_add(WINDOW);
        grace.clock.now.store(last.wrapping_sub(STEP), SeqCst);
        quick.online(grace.clock());
        assert_eq!(grace.advance(), last);
        // From now on everybody gets the same goal, which is not reached, however often one asks.
        let goal = last.wrapping_add(STEP);
        for _ in 0..3 {
            assert_eq!(grace.advance(), goal);
            quick.quiescent(grace.clock());
            assert!(!grace.poll(goal) && !grace.poll(last));
        }
        assert_eq!(grace.clock.now.load(SeqCst), last);
        slow.quiescent(grace.clock());
        assert!(grace.poll(last));
        // Now it is asked about, and there is room: the clock shows it, and who reports then lets it be reached.
        assert!(!grace.poll(goal));
        assert_eq!(grace.clock.now.load(SeqCst), goal);
        quick.quiescent(grace.clock());
        assert!(!grace.poll(goal));
        slow.quiescent(grace.clock());
        assert!(grace.poll(goal));
        assert_eq!(grace.advance(), goal.wrapping_add(STEP));
    }
}

#[test]
fn the_clock_goes_on_by_itself_when_nobody_ever_polled() {
    let grace = Qsbr::starting_at(1, &System);
    grace.clock.now.store(1 + 2 * WINDOW, SeqCst);
    let goal = grace.advance();
    assert_eq!(goal, 1 + 2 * WINDOW + STEP);
    assert!(grace.poll(goal));
}

#[test]
fn after_a_fork_only_the_childs_slot_is_taken() {
    let grace = Qsbr::new(&System);
    let slots: Vec<_> = (0..100).map(|_| grace.reserve().unwrap()).collect();
    for slot in &slots {
        slot.online(grace.clock());
    }
    let goal = grace.advance();
    // SAFETY: nobody else uses the others.
    unsafe { grace.after_fork(Some(slots[70])) };
    assert!(!grace.poll(goal), "its own report is still missing");
    slots[70].quiescent(grace.clock());
    assert!(grace.poll(goal));
    assert!(ptr::eq(grace.reserve().unwrap(), slots[0]));
    let others = core::iter::from_fn(|| grace.reserve()).take(200);
    assert!(others.into_iter().all(|slot| !ptr::eq(slot, slots[70])));
}

#[test]
fn slots_run_out_only_with_memory() {
    let grace = Qsbr::new(&NoMemory);
    assert_eq!(core::iter::from_fn(|| grace.reserve()).count(), 32);
    let grace = Qsbr::new(&System);
    assert_eq!(
        core::iter::from_fn(|| grace.reserve()).take(500).count(),
        500
    );
}

static RELEASED: AtomicUsize = AtomicUsize::new(0);

unsafe fn count(_block: *mut u8, size: usize, context: *mut ()) {
    // SAFETY: every test passes its counter.
    unsafe { (*context.cast::<AtomicUsize>()).fetch_add(size, SeqCst) };
}

fn item(size: usize, counter: &AtomicUsize) -> Retired {
    Retired {
        block: NonNull::dangling(),
        size,
        release: count,
        context: ptr::from_ref(counter).cast_mut().cast(),
    }
}

#[test]
fn items_are_released_once_and_after_their_goal() {
    let (grace, released) = (Qsbr::new(&System), AtomicUsize::new(0));
    let reader = grace.reserve().unwrap();
    reader.online(grace.clock());
    let mut queue = RetireQueue::new(
        &System,
        RetireLimits {
            seal_bytes: 1000,
            ceiling: 500,
        },
    );
    for number in 1..=300 {
        // SAFETY: releasing counts, and touches no block.
        let after = unsafe { queue.retire(&grace, item(1, &released)) }.unwrap();
        let sealed = number % 127 == 0;
        assert_eq!(
            after,
            if sealed {
                AfterRetire::Process
            } else {
                AfterRetire::Go
            }
        );
    }
    // SAFETY: as above.
    let after = unsafe { queue.retire(&grace, item(1000, &released)) }.unwrap();
    assert_eq!(after, AfterRetire::Wait);
    assert_eq!(queue.bytes(), 1300);
    assert!(queue.take_due(&grace).is_none());
    reader.quiescent(grace.clock());
    while let Some(batch) = queue.take_due(&grace) {
        batch.release();
    }
    assert_eq!((released.load(SeqCst), queue.bytes()), (1300, 0));
    // What is not sealed is not due.
    // SAFETY: as above.
    let after = unsafe { queue.retire(&grace, item(7, &released)) }.unwrap();
    assert_eq!(after, AfterRetire::Go);
    assert!(queue.take_due(&grace).is_none());
    queue.seal(&grace);
    reader.offline();
    queue.take_due(&grace).unwrap().release();
    assert_eq!(released.load(SeqCst), 1307);
    assert!(queue.is_empty());
}

#[test]
fn without_memory_a_full_queue_gives_the_item_back() {
    let (grace, released) = (Qsbr::new(&NoMemory), AtomicUsize::new(0));
    let reader = grace.reserve().unwrap();
    reader.online(grace.clock());
    let mut queue = RetireQueue::new(&NoMemory, RetireLimits::default());
    for _ in 0..127 {
        // SAFETY: releasing counts, and touches no block.
        let _ = unsafe { queue.retire(&grace, item(1, &released)) }.unwrap();
    }
    // SAFETY: as above.
    let back = unsafe { queue.retire(&grace, item(5, &released)) }.unwrap_err();
    assert_eq!(back.0.size, 5);
    let waited = queue.wait(&grace, &Threads, || {
        reader.quiescent(grace.clock());
        false
    });
    assert!(waited);
    while let Some(batch) = queue.take_due(&grace) {
        batch.release();
    }
    // SAFETY: as above.
    let _ = unsafe { queue.retire(&grace, back.0) }.unwrap();
    // An exiting thread has its rest released, with or without memory: but it waits for that when it is offline, not before.
    let left = OrphanQueue::new(&NoMemory).adopt(queue, &grace, &Threads);
    let left = left.expect("there was no memory");
    assert_eq!((released.load(SeqCst), left.bytes()), (127, 5));
    reader.offline();
    left.outlast(&grace, &Threads);
    assert_eq!(released.load(SeqCst), 132);
}

#[test]
fn what_an_exited_thread_left_is_released_by_others() {
    let (grace, orphans, released) = (
        Qsbr::new(&System),
        OrphanQueue::new(&System),
        AtomicUsize::new(0),
    );
    let reader = grace.reserve().unwrap();
    reader.online(grace.clock());
    for _ in 0..3 {
        let mut queue = RetireQueue::new(&System, RetireLimits::default());
        for _ in 0..200 {
            // SAFETY: releasing counts, and touches no block.
            let _ = unsafe { queue.retire(&grace, item(1, &released)) }.unwrap();
        }
        assert!(orphans.adopt(queue, &grace, &Threads).is_none());
    }
    assert!(orphans.take_due(&grace, &Threads).is_none());
    reader.quiescent(grace.clock());
    while let Some(batch) = orphans.take_due(&grace, &Threads) {
        batch.release();
    }
    assert_eq!(released.load(SeqCst), 600);
}

/// However many threads have left something that is not due, that is known at one look.
#[test]
fn what_exited_threads_left_is_asked_for_in_order() {
    /// Goals up to a number are reached.
    struct Counting {
        goal: AtomicUsize,
        reached: AtomicUsize,
        asked: AtomicUsize,
    }
    impl Grace for Counting {
        fn current_goal(&self) -> u64 {
            self.goal.fetch_add(1, SeqCst) as u64 + 1
        }

        fn reached(&self, goal: u64) -> bool {
            self.asked.fetch_add(1, SeqCst);
            goal <= self.reached.load(SeqCst) as u64
        }
    }
    let grace = Counting {
        goal: AtomicUsize::new(0),
        reached: AtomicUsize::new(0),
        asked: AtomicUsize::new(0),
    };
    let (orphans, released) = (OrphanQueue::new(&System), AtomicUsize::new(0));
    for _ in 0..100 {
        let mut queue = RetireQueue::new(&System, RetireLimits::default());
        // SAFETY: releasing counts, and touches no block.
        let _ = unsafe { queue.retire(&grace, item(1, &released)) }.unwrap();
        assert!(orphans.adopt(queue, &grace, &Threads).is_none());
    }
    for due in [0, 1, 40, 100] {
        grace.reached.store(due, SeqCst);
        let before = (released.load(SeqCst), grace.asked.load(SeqCst));
        while let Some(batch) = orphans.take_due(&grace, &Threads) {
            batch.release();
        }
        assert_eq!(released.load(SeqCst), due);
        let asked = due - before.0 + usize::from(due < 100);
        assert_eq!(grace.asked.load(SeqCst) - before.1, asked);
    }
    assert_eq!(orphans.bytes(), 0);
}

/// Readers follow a pointer without locks while a writer replaces it.
#[test]
fn no_reader_sees_released_memory() {
    unsafe fn release(block: *mut u8, size: usize, _context: *mut ()) {
        assert_eq!(size, 16);
        // SAFETY: boxed below; no reader has it.
        let mut block = unsafe { Box::from_raw(block.cast::<[AtomicUsize; 2]>()) };
        *block[0].get_mut() = 0xDEAD;
        RELEASED.fetch_add(1, SeqCst);
    }
    const ROUNDS: usize = 30_000;
    let (grace, done) = (
        Qsbr::starting_at(usize::MAX - 2000, &System),
        AtomicBool::new(false),
    );
    let fresh = |value: usize| {
        Box::into_raw(Box::new([
            AtomicUsize::new(value),
            AtomicUsize::new(!value),
        ]))
    };
    let shared = AtomicPtr::new(fresh(0));
    thread::scope(|scope| {
        for number in 0..2 {
            let (grace, done, shared) = (&grace, &done, &shared);
            scope.spawn(move || {
                let slot = grace.reserve().unwrap();
                slot.online(grace.clock());
                let mut rounds = 0_usize;
                while !done.load(Relaxed) {
                    // SAFETY: online, and no report between the load and the last use.
                    let pair = unsafe { &*shared.load(Acquire) };
                    assert_eq!(pair[0].load(Relaxed), !pair[1].load(Relaxed));
                    rounds += 1;
                    if number == 0 && rounds.is_multiple_of(5) {
                        slot.offline();
                        slot.online(grace.clock());
                    } else {
                        slot.quiescent(grace.clock());
                    }
                }
                slot.offline();
            });
        }
        let mut queue = RetireQueue::new(
            &System,
            RetireLimits {
                seal_bytes: 160,
                ceiling: 1600,
            },
        );
        for value in 1..=ROUNDS {
            let old = shared.swap(fresh(value), AcqRel);
            let old = Retired {
                block: NonNull::new(old).unwrap().cast(),
                size: 16,
                release,
                context: ptr::null_mut(),
            };
            // SAFETY: unlinked by the swap.
            match unsafe { queue.retire(&grace, old) }.unwrap() {
                AfterRetire::Go => continue,
                AfterRetire::Process => {}
                AfterRetire::Wait => assert!(queue.wait(&grace, &Threads, || false)),
            }
            while let Some(batch) = queue.take_due(&grace) {
                batch.release();
            }
        }
        done.store(true, SeqCst);
        queue.seal(&grace);
        while !queue.is_empty() {
            if queue.wait(&grace, &Threads, || false) {
                queue.take_due(&grace).unwrap().release();
            }
        }
    });
    assert_eq!(RELEASED.load(SeqCst), ROUNDS);
    assert!(grace.reached(grace.current_goal()));
    // SAFETY: the last one, and nobody is left.
    drop(unsafe { Box::from_raw(shared.into_inner()) });
}
