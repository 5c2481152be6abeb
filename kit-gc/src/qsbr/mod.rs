//! Quiescent-state-based reclamation: when is unlinked memory out of every reader's sight?
//!
//! Readers of shared structures take no lock and leave no trace. Instead, every attached thread reports at
//! each safepoint that it holds no unprotected pointer, by copying the [clock](GraceClock) into its
//! [slot](GraceSlot). Whoever unlinks something advances the clock; once no slot is behind the new time, no
//! reader can have what was unlinked.
//!
//! ```text
//!  writer:  unlink x ─ advance: goal = 7 ─────────────────────────── poll(7): all slots ≥ 7? ─ free x
//!  reader:             ── reads x ── safepoint: slot = 7 ── reads, finds no x ──
//! ```
//!
//! | | |
//! |---|---|
//! | `sequence` | the clock: advance, poll |
//! | `participant` | slots: reserve, release |
//! | `kit_core::backend::retire` | queues of what waits to be freed |
//!
//! Advancing and observing are separate, so both sequences may be any distance apart. After FreeBSD's
//! *Global Unbounded Sequences* (Roberson, 2020).
//!
//! There is no "goal of the next advance, whenever it comes": a goal taken without a write orders nothing
//! between the unlink and the advance that would satisfy it, so a reader could report the new sequence and
//! still see the old pointer (`model.rs` shows it). What waits to be freed gets one goal per batch instead.

mod participant;
mod sequence;

#[cfg(all(loom, test))]
mod model;
#[cfg(all(not(loom), test))]
mod tests;

use kit_core::{
    backend::{
        grace::Grace,
        grace_slot::{GraceClock, GraceSlot, Sequence},
    },
    platform::memory::Memory,
    sync::{atomic::AtomicUsize, segmented::Segmented},
};

/// The grace periods of one runtime.
#[derive(Debug)]
pub struct Qsbr {
    clock: GraceClock,
    /// A goal known to be reached; never beyond the clock.
    reached: AtomicUsize,
    slots: Segmented<GraceSlot>,
}

impl Qsbr {
    /// No readers; slots beyond the first few come from `memory`.
    pub fn new(memory: &'static Memory) -> Self {
        Self::starting_at(1, memory)
    }

    /// The same with the clock at `start`, for tests of the wrap.
    pub fn starting_at(start: Sequence, memory: &'static Memory) -> Self {
        assert!(start % 2 == 1, "sequences are odd");
        Self {
            clock: GraceClock {
                now: AtomicUsize::new(start),
            },
            reached: AtomicUsize::new(start),
            slots: Segmented::new(memory),
        }
    }

    /// The clock, for the readers' reports.
    pub fn clock(&self) -> &GraceClock {
        &self.clock
    }
}

impl Grace for Qsbr {
    fn current_goal(&self) -> u64 {
        self.advance() as u64
    }

    fn reached(&self, goal: u64) -> bool {
        // Goals fit: they were made from a `Sequence`.
        self.poll(goal as Sequence)
    }
}
