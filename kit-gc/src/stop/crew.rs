//! Work for threads that have nothing else to do while the world is stopped.
//!
//! The one that stopped the world calls [`Crew::run`]. Those that are stopped look here before they sleep, and are woken when there is
//! something; they are the *guests*. Where they are too few, the host lends threads of its own, the *reserve*, which
//! do nothing but wait here.
//!
//! ```text
//!  word:  round ─ seats ─ inside
//!  run:   put the work down ─ round + 1, seats = workers - 1 ─ wake ─ work(0) ─ seats = 0 ─ wait until nobody is inside
//!  who waits:                     a seat taken, one more inside ─ work(n) ─ one less inside
//! ```
//!
//! A seat is taken in one exchange, and only while the work is there: who comes too late finds none, and nobody waits for it. No work is
//! under way when `run` returns, so the world may start. A stopped thread that works does not use its own state, which belongs to the
//! stopper: the number it gets is all that tells it from a thread of the host's.

use super::StopTheWorld;
use core::{mem, ptr};
use kit_core::sync::{
    atomic::{
        AtomicU32, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
    backoff::{Backoff, SpinPolicy},
    cell::UnsafeCell,
    parking::{ParkingLot, Unattached},
};

const INSIDE: u32 = 1;
const SEAT: u32 = 1 << 8;
const ROUND: u32 = 1 << 16;

fn inside(word: u32) -> u32 {
    word % SEAT
}

fn seats(word: u32) -> u32 {
    word % ROUND / SEAT
}

fn round(word: u32) -> u32 {
    word / ROUND
}

/// Who waits for work, and what there is.
#[derive(Debug)]
pub(super) struct Crew {
    word: AtomicU32,
    /// Stopped threads that wait here or work.
    guests: AtomicUsize,
    work: UnsafeCell<Work>,
}

/// A borrow of `run`'s: whoever calls it is inside, for which `run` waits.
#[derive(Clone, Copy, Debug)]
struct Work {
    call: *const (dyn Fn(usize) + Sync),
    seats: u32,
}

// SAFETY: what it leads to is `Sync`, and is there while somebody is inside.
unsafe impl Send for Work {}
// SAFETY: `work` is written while nobody is inside and there are no seats.
unsafe impl Sync for Crew {}

impl Crew {
    pub(super) fn new() -> Self {
        Self {
            word: AtomicU32::new(0),
            guests: AtomicUsize::new(0),
            work: UnsafeCell::new(Work {
                call: ptr::null::<fn(usize)>(),
                seats: 0,
            }),
        }
    }

    /// Calls `work` with 0 on this thread, and with other numbers below `workers` on threads that wait here, each at most once;
    /// returns when all of these calls have.
    ///
    /// # Safety
    ///
    /// - One thread calls this at a time.
    pub(super) unsafe fn run(
        &self,
        lot: &ParkingLot,
        workers: usize,
        work: &(dyn Fn(usize) + Sync),
    ) {
        let seats = workers.clamp(1, MOST) - 1;
        let erased: *const (dyn Fn(usize) + Sync + '_) = work;
        // SAFETY: only the lifetime changes; nobody calls it any more when this function returns.
        let call = unsafe {
            mem::transmute::<
                *const (dyn Fn(usize) + Sync + '_),
                *const (dyn Fn(usize) + Sync + 'static),
            >(erased)
        };
        // SAFETY: nobody is inside, and there is no seat.
        self.work.with_mut(|work| unsafe {
            *work = Work {
                call,
                seats: seats as u32,
            };
        });
        // Relaxed: without seats only this thread changes it.
        let before = self.word.load(Relaxed);
        debug_assert_eq!(before % ROUND, 0);
        let begun = before.wrapping_add(ROUND) + seats as u32 * SEAT;
        // Release, paired with `enter`: the work is there.
        self.word.store(begun, Release);
        // Relaxed: one that comes at this moment looks for itself.
        let guests = self.guests.load(Relaxed).min(seats);
        wake(lot, self.guests_key(), guests);
        wake(lot, self.reserve_key(), seats - guests);
        let _close = Close(self, lot);
        work(0);
    }

    /// Takes a seat, if there is one in a round that is not `seen`, and works.
    fn work(&self, lot: &ParkingLot, seen: &mut Option<u32>) -> bool {
        // Relaxed: decided by the exchange.
        let mut word = self.word.load(Relaxed);
        while self.is_new(word, *seen) {
            // Acquire, paired with `run`: the work is there.
            match self
                .word
                .compare_exchange_weak(word, word - SEAT + INSIDE, Acquire, Relaxed)
            {
                Ok(_) => {
                    *seen = Some(round(word));
                    let bomb = AbortOnUnwind;
                    // SAFETY: nobody writes it while we are inside.
                    let work = self.work.with(|work| unsafe { *work });
                    let number = work.seats - seats(word) + 1;
                    // SAFETY: `run` waits for us.
                    unsafe { (*work.call)(number as usize) };
                    mem::forget(bomb);
                    // Release, paired with `Close`: what we did is done.
                    let left = self.word.fetch_sub(INSIDE, Release) - INSIDE;
                    if inside(left) == 0 && seats(left) == 0 {
                        lot.unpark_all(self.done_key(), || ());
                    }
                    return true;
                }
                Err(now) => word = now,
            }
        }
        false
    }

    fn is_new(&self, word: u32, seen: Option<u32>) -> bool {
        seats(word) != 0 && seen != Some(round(word))
    }

    /// Works whenever there is something, until `stays` says no; who makes it say so wakes those that wait for `key`.
    fn wait(&self, lot: &ParkingLot, key: usize, stays: &mut dyn FnMut() -> bool) {
        let mut seen = None;
        while stays() {
            let mut backoff = Backoff::new(BETWEEN);
            while self.work(lot, &mut seen) {
                // The next phase is not far.
                while stays() && !self.is_new(self.word.load(Relaxed), seen) {
                    if !backoff.pause(lot.platform()) {
                        break;
                    }
                }
                backoff = Backoff::new(BETWEEN);
            }
            let parked = lot.park(key, &mut Unattached, None, &mut || {
                stays() && !self.is_new(self.word.load(Relaxed), seen)
            });
            debug_assert!(parked.resumed.is_ok());
        }
    }

    /// For a thread that is stopped: works until it is not, which `stops` says.
    pub(super) fn wait_as_guest(&self, lot: &ParkingLot, stops: &mut dyn FnMut() -> bool) {
        // Relaxed: a number, of those that can be expected.
        self.guests.fetch_add(1, Relaxed);
        self.wait(lot, self.guests_key(), stops);
        self.guests.fetch_sub(1, Relaxed);
    }

    /// Sends the guests away, who have been let go: after that who is about to sleep sees it.
    pub(super) fn dismiss(&self, lot: &ParkingLot) {
        lot.unpark_all(self.guests_key(), || ());
    }

    // Addresses that nobody else waits for.
    fn guests_key(&self) -> usize {
        &raw const self.guests as usize
    }

    fn reserve_key(&self) -> usize {
        &raw const self.work as usize
    }

    fn done_key(&self) -> usize {
        &raw const self.word as usize
    }
}

/// Ends a round.
struct Close<'a>(&'a Crew, &'a ParkingLot);

impl Drop for Close<'_> {
    fn drop(&mut self) {
        let Close(crew, lot) = *self;
        // Relaxed: only this word decides who is inside; what those have done is for the loads below.
        crew.word.fetch_and(!(ROUND - SEAT), Relaxed);
        let mut backoff = Backoff::new(BETWEEN);
        // Acquire, paired with the decrements in `work`.
        while inside(crew.word.load(Acquire)) != 0 {
            if !backoff.pause(lot.platform()) {
                let parked = lot.park(crew.done_key(), &mut Unattached, None, &mut || {
                    inside(crew.word.load(Relaxed)) != 0
                });
                debug_assert!(parked.resumed.is_ok());
            }
        }
    }
}

/// Nobody is told that a piece of work was left undone.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        // Reached while unwinding only, where a second panic aborts.
        panic!("work of a stopped world unwound");
    }
}

fn wake(lot: &ParkingLot, key: usize, count: usize) {
    let mut found = true;
    for _ in 0..count {
        if found {
            lot.unpark_one(key, |unparking| {
                found = unparking.found;
                false
            });
        }
    }
}

impl StopTheWorld {
    /// Calls `work` with 0 on this thread, and with other numbers below `workers` on threads that are stopped or
    /// [lent](Self::lend_thread), each at most once; returns when all of these calls have. Who comes too late is not waited for.
    ///
    /// # Safety
    ///
    /// - One thread calls this at a time: that which has stopped the world, or the one that collects.
    pub unsafe fn run_together(&self, workers: usize, work: &(dyn Fn(usize) + Sync)) {
        // SAFETY: as the caller says.
        unsafe { self.crew.run(&self.lot, workers, work) };
    }

    /// How many stopped threads wait to take part, for who would lend others.
    pub fn idle_threads(&self) -> usize {
        self.crew.guests.load(Relaxed)
    }

    /// Has the calling thread, which is none of the runtime's, take part in [`run_together`](Self::run_together) from now on.
    pub fn lend_thread(&self) -> ! {
        loop {
            (self.crew).wait(&self.lot, self.crew.reserve_key(), &mut || true);
        }
    }

    /// In the child of a fork, with the world stopped: nobody is left who would take part.
    pub fn forget_crew(&self) {
        // Relaxed: there is one thread.
        self.crew.guests.store(0, Relaxed);
    }
}

/// The most threads that work together.
const MOST: usize = 128;

/// How long a thread waits awake for the next piece of work, or for the others to be done with theirs: tens of microseconds.
const BETWEEN: SpinPolicy = if cfg!(loom) {
    SpinPolicy {
        rounds: 0,
        yields: 0,
    }
} else {
    SpinPolicy {
        rounds: 10,
        yields: 4,
    }
};
