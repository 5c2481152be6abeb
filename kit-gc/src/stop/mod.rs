//! Stopping the world: one thread of a runtime alone, the others at safepoints or outside.
//!
//! ```text
//!  stopper                                   thread, attached            thread, detached
//!  take the turn (others wait, detached)
//!  stop := true; scan:                       …runs…                      DETACHED ──CAS──▶ SUSPENDED
//!    raise STOP ───────────────────────────▶ safepoint: SUSPENDED_WAITING  (attach would wait)
//!  wait ≤ 1 ms, scan again, until none runs   sleeps, or works for the stopper
//!  ── the world is stopped ──
//!  stop := false; → DETACHED or, woken,       attaches, goes on
//!                   DETACHED_WAITING
//! ```
//!
//! The stopper waits without detaching: it must not come back through an attach that its own stop would
//! block. It scans again every millisecond because a thread that detaches says nothing, which keeps
//! detaching to one store.
//!
//! What all that took is kept ([`StopStatistics`]), and who makes a stop wait too long can be told to a [`StopWatch`]: nobody
//! can be made to stop, but somebody can be named.
//!
//! A thread that waited for one stop to end gets to its next safepoint before another stop can hold it
//! (see the state table in `kit_core::thread::status`).
//!
//! Who is stopped can be put to work meanwhile ([`StopTheWorld::run_together`], `crew.rs`).

mod crew;
mod record;
mod request;
mod safepoint;

#[cfg(all(loom, test))]
mod model;
#[cfg(all(not(loom), test))]
mod tests;

pub use record::{Histogram, LateStop, NAMED, StopStatistics, StopWatch, Straggler};

use kit_core::{
    backend::world::World,
    platform::{memory::Memory, thread::Platform},
    sync::{
        mutex::ByteLock,
        parking::{Finalizing, ParkingLot},
    },
    thread::{core::ThreadCore, registry::Registry},
};

/// The threads of one runtime, where they sleep, and whose turn it is to stop them.
#[derive(Debug)]
pub struct StopTheWorld {
    lot: ParkingLot,
    registry: Registry,
    /// Held from the beginning of a stop to its end.
    turn: ByteLock,
    record: record::Record,
    crew: crew::Crew,
}

impl StopTheWorld {
    /// No threads yet. They will sleep on `platform`; the table of them grows into `memory`.
    pub fn new(platform: &'static dyn Platform, memory: &'static Memory) -> Self {
        Self {
            lot: ParkingLot::new(platform),
            registry: Registry::new(memory),
            turn: ByteLock::new(),
            record: record::Record::default(),
            crew: crew::Crew::new(),
        }
    }

    /// What stops have cost so far.
    pub fn statistics(&self) -> StopStatistics {
        self.record.statistics(self.lot.platform())
    }

    /// Has `watch` told of stops that wait longer than `after` nanoseconds, from the next stop on.
    pub fn watch(&self, after: u64, watch: &'static dyn StopWatch) {
        self.record
            .set_watch(self.lot.platform(), Some((after, watch)));
    }

    /// For how long the stop that is being made has waited for the threads that still run; `None` while none is. For a
    /// thread that comes to a safepoint: has it kept everybody waiting?
    pub fn waited(&self) -> Option<u64> {
        self.record.waited(self.lot.platform())
    }
}

// SAFETY: `request` returns when all others are suspended, or wait at a safepoint to be; none attaches before `restart`.
unsafe impl World for StopTheWorld {
    fn lot(&self) -> &ParkingLot {
        &self.lot
    }

    fn registry(&self) -> &Registry {
        &self.registry
    }

    unsafe fn stop_raw(&self, me: Option<&ThreadCore>) -> Result<(), Finalizing> {
        // SAFETY: the same contract.
        unsafe { self.request(me) }
    }

    unsafe fn start_raw(&self, me: Option<&ThreadCore>) {
        // SAFETY: the same contract; `request` took the turn, and the caller starts the world once.
        unsafe {
            self.restart(me);
            self.turn.unlock(&self.lot);
        }
        if let Some(me) = me {
            // Last: it may wait for a thread that wants to stop the world.
            // SAFETY: the calling thread's own, attached, which stopped the world at a safepoint.
            unsafe { me.renew_sections() };
        }
    }

    unsafe fn pause(&self, me: &ThreadCore) -> Result<(), Finalizing> {
        // SAFETY: the same contract.
        unsafe { self.pause_here(me) }
    }
}
