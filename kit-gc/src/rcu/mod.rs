//! Values that are read without a lock and replaced as a whole: read, copy, update, with nothing else of the kit.
//!
//! Each thread that takes part [registers](Domain::register). While it is *online* it may read any cell, which is one
//! load; now and then it reports a *quiescent state*, at a moment when it holds nothing that it has read, which is one
//! load and one store. Whoever replaces a cell's value retires the old one; it is dropped when every thread has
//! reported since, or gone offline.
//!
//! ```text
//!  Domain ──register──▶ Participant ──online──▶ Reader ──┬─ &Reader      Rcu::read: a reference that borrows the reader
//!                       (one thread)                     └─ &mut Reader  quiescent, Rcu::replace, Rcu::update, collect
//! ```
//!
//! What was read borrows the [`Reader`]; what reports, or waits, needs it mutably. So a reference cannot be kept across
//! a quiescent state:
//!
//! ```compile_fail,E0502
//! use kit_core::{backend::retire::RetireLimits, platform::thread::SpinPlatform};
//! use kit_gc::rcu::{Domain, Rcu};
//!
//! static PLATFORM: SpinPlatform = SpinPlatform::new();
//! let domain = Domain::new(&std::alloc::System, &PLATFORM, RetireLimits::default());
//! let cell = Rcu::new(&domain, 1).unwrap();
//! let mut participant = domain.register().unwrap();
//! let mut reader = participant.online();
//! let seen = cell.read(&reader);
//! reader.quiescent();
//! println!("{seen}"); // may be freed
//! ```
//!
//! # Bounds
//!
//! A participant holds back [`RetireLimits::ceiling`] bytes at most, and one value more. Over it, replacing waits for a few
//! milliseconds, during which it reports for its own thread, and then is refused: [`Held`] gives the value back, and
//! nothing has changed. A thread that stays online without reporting holds everybody back; one that is offline, nobody.
//! What a thread leaves behind is dropped by the others, when they [`collect`](Domain::collect), or with the domain.
//!
//! Destructors run on any thread, in [`Reader::collect`] and whatever calls it, when nothing is locked: they may register,
//! replace, and panic.
//!
//! `kit-gc/examples/rcu_table.rs` is a table made of such cells.

mod cell;
mod participant;

#[cfg(all(loom, test))]
mod model;
#[cfg(all(not(loom), test))]
mod tests;

pub use cell::{Held, Rcu};
pub use participant::{Participant, Reader};

use crate::qsbr::Qsbr;
use core::fmt;
use kit_core::{
    backend::retire::{OrphanQueue, RetireLimits, RetireQueue},
    platform::{memory::Memory, thread::Platform},
};

/// Threads and the cells that they share.
pub struct Domain {
    /// First: what is dropped with the domain is dropped while all of it is there.
    orphans: OrphanQueue,
    grace: Qsbr,
    memory: &'static Memory,
    platform: &'static dyn Platform,
    limits: RetireLimits,
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domain")
            .field("grace", &self.grace)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Domain {
    /// Nobody takes part yet. Values live in `memory`; who waits does so on `platform`; `limits` are each participant's.
    pub fn new(
        memory: &'static Memory,
        platform: &'static dyn Platform,
        limits: RetireLimits,
    ) -> Self {
        Self {
            orphans: OrphanQueue::new(memory),
            grace: Qsbr::new(memory),
            memory,
            platform,
            limits,
        }
    }

    /// The calling thread takes part from now on, offline at first. `None`: there is no memory for another.
    pub fn register(&self) -> Option<Participant<'_>> {
        Some(Participant::new(self, self.grace.reserve()?))
    }

    /// Drops what threads left behind when they went, if it is due. For a thread that does not take part; others use
    /// [`Reader::collect`].
    pub fn collect(&self) {
        while let Some(batch) = self.orphans.take_due(&self.grace, self.platform) {
            batch.release();
        }
    }

    /// Forks: calls `fork`, which returns whether this is the child. In the child the other participants are gone, and
    /// what they had retired is lost to it; `mine` stays registered.
    ///
    /// # Safety
    ///
    /// - `fork` duplicates the process with the calling thread alone, and returns true in the copy only.
    /// - In the child, nothing that belonged to other threads is used, participants of this domain above all.
    pub unsafe fn fork(&self, mine: Option<&Participant<'_>>, fork: impl FnOnce() -> bool) -> bool {
        let is_child = self.orphans.while_idle(self.platform, fork);
        if is_child {
            // SAFETY: the caller's promise.
            unsafe { self.grace.after_fork(mine.map(Participant::slot)) };
        }
        is_child
    }

    fn queue(&self) -> RetireQueue {
        RetireQueue::new(self.memory, self.limits)
    }
}
