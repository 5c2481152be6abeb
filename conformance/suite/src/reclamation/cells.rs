//! The kit's cells, as a scheme: what a port's threads are tested with.

use std::{alloc::System, fmt, thread};

use kit_core::{
    backend::retire::{RetireLimits, Retired},
    platform::thread::Platform,
};
use kit_gc::rcu::{Domain, Held, Participant, Rcu};

use super::{Party, Scheme};

/// The kit's grace periods, for a host's threads.
pub struct Cells {
    domain: Domain,
    ceiling: usize,
}

impl Cells {
    /// A domain of its own, in which threads wait as this host has it.
    pub fn new(platform: &'static dyn Platform, limits: RetireLimits) -> Self {
        Self {
            domain: Domain::new(&System, platform, limits),
            ceiling: limits.ceiling,
        }
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cells")
            .field("ceiling", &self.ceiling)
            .finish_non_exhaustive()
    }
}

/// A thread, and a cell to replace the value of.
pub struct OfCell<'d> {
    participant: Participant<'d>,
    cell: Rcu<'d, Item>,
}

/// What a cell has: releases what it stands for.
struct Item(Option<Retired>);

// SAFETY: blocks may be released by any thread.
unsafe impl Send for Item {}
// SAFETY: there is nothing to read.
unsafe impl Sync for Item {}

impl Drop for Item {
    fn drop(&mut self) {
        if let Some(item) = self.0.take() {
            // SAFETY: the cell's value was replaced, and nobody reads it any more.
            unsafe { (item.release)(item.block.as_ptr(), item.size, item.context) };
        }
    }
}

impl Scheme for Cells {
    type Party<'s> = OfCell<'s>;

    fn enter(&self) -> OfCell<'_> {
        OfCell {
            participant: self.domain.register().expect("a slot"),
            cell: Rcu::new(&self.domain, Item(None)).expect("a cell"),
        }
    }

    fn ceiling(&self) -> Option<usize> {
        Some(self.ceiling)
    }
}

impl Party for OfCell<'_> {
    fn read(&mut self, body: &mut dyn FnMut()) {
        let reader = self.participant.online();
        let _item = self.cell.read(&reader);
        body();
    }

    unsafe fn retire(&mut self, item: Retired) {
        let mut reader = self.participant.online();
        for mut value in [Item(Some(item)), Item(None)] {
            let weigh = |old: &Item| old.0.map_or(0, |item| item.size);
            while let Err(Held(back)) = self.cell.replace_weighing(&mut reader, value, weigh) {
                value = back;
                thread::yield_now();
            }
        }
    }

    fn help(&mut self) {
        self.participant.online().flush();
    }
}
