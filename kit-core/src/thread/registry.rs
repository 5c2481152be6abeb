//! Every thread of a runtime: numbered slots that never move, and the state of a stop.
//!
//! A slot is the thread's name in object headers, so it is 16 bits wide, and 0 names nobody. The lowest
//! free slot is given out first, which keeps the table short.
//!
//! Everything here is done under one lock whose holders never wait and never attach. It may be taken while
//! the world is stopped: a suspended thread that holds it goes on until it releases it.

use crate::{
    platform::memory::Memory,
    refcount::counter::Tally,
    sync::{
        atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed},
        cell::UnsafeCell,
        mutex::ByteLock,
        parking::{ParkingLot, Unattached},
        segmented::Segmented,
    },
    thread::{core::ThreadCore, status::Status},
};
use core::{fmt, ptr};

/// What a slot holds that is taken and names no thread yet.
const RESERVED: *mut ThreadCore = ptr::dangling_mut();

/// The slot that names no thread.
pub const NO_SLOT: u16 = 0;

/// There is no slot, or no memory for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyThreads;

impl fmt::Display for TooManyThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no slot for another thread")
    }
}

impl core::error::Error for TooManyThreads {}

/// The threads of one runtime.
#[derive(Debug)]
pub struct Registry {
    lock: ByteLock,
    inner: UnsafeCell<Inner>,
    slots: Segmented<AtomicPtr<ThreadCore>>,
    /// How many threads a stop still waits for. Changed under the lock; the stopper sleeps on it.
    waiting_for: AtomicU32,
}

#[derive(Debug)]
struct Inner {
    /// No slot below is free.
    lowest_free: usize,
    /// No slot from here on is taken.
    end: usize,
    live: usize,
    /// A stop is being made, or the world is stopped.
    stop: bool,
    /// Threads that register are shut out.
    closed: bool,
    /// The references that threads that have left made and dropped.
    departed: Tally,
}

// SAFETY: `inner` is touched under `lock` only.
unsafe impl Send for Registry {}
// SAFETY: as above.
unsafe impl Sync for Registry {}

impl Registry {
    /// A registry without threads; the table grows into `memory`.
    pub fn new(memory: &'static Memory) -> Self {
        Self {
            lock: ByteLock::new(),
            inner: UnsafeCell::new(Inner {
                lowest_free: 0,
                end: 0,
                live: 0,
                stop: false,
                closed: false,
                departed: Tally::default(),
            }),
            slots: Segmented::new(memory),
            waiting_for: AtomicU32::new(0),
        }
    }

    /// Runs `body` with the registry to itself. `body` must not wait, attach, or come back here.
    pub fn with<R>(&self, lot: &ParkingLot, body: impl FnOnce(&mut Threads<'_>) -> R) -> R {
        self.lock.lock_short(lot);
        let _unlock = Unlock(self, lot);
        self.inner.with_mut(|inner| {
            // SAFETY: the lock makes this the only access until `_unlock` is dropped.
            let inner = unsafe { &mut *inner };
            body(&mut Threads {
                registry: self,
                inner,
                lot,
            })
        })
    }

    /// Gives `core` a slot. It starts DETACHED, or SUSPENDED if the world is stopped.
    ///
    /// # Errors
    ///
    /// All slots are taken.
    ///
    /// # Safety
    ///
    /// - `core` stays where it is until it is unregistered.
    /// - It is registered nowhere.
    pub unsafe fn register(
        &self,
        core: &ThreadCore,
        lot: &ParkingLot,
    ) -> Result<u16, TooManyThreads> {
        self.with(lot, |threads| {
            let slot = threads.reserve()?;
            threads.add(slot, core);
            Ok(slot)
        })
    }

    /// Takes a slot for a thread whose record is still to be made (its heap needs the slot). The slot
    /// names no thread until [`register_at`](Self::register_at).
    ///
    /// # Errors
    ///
    /// All slots are taken.
    pub fn reserve(&self, lot: &ParkingLot) -> Result<u16, TooManyThreads> {
        self.with(lot, |threads| threads.reserve())
    }

    /// [`register`](Self::register) in a reserved slot.
    ///
    /// # Safety
    ///
    /// - As for [`register`](Self::register), and the record around `core` is complete.
    /// - `slot` was reserved here and not used since.
    pub unsafe fn register_at(&self, slot: u16, core: &ThreadCore, lot: &ParkingLot) {
        self.with(lot, |threads| threads.add(slot, core));
    }

    /// Gives a reserved slot back.
    ///
    /// # Safety
    ///
    /// - `slot` was reserved here and not used since.
    pub unsafe fn cancel(&self, slot: u16, lot: &ParkingLot) {
        self.with(lot, |threads| threads.vacate(usize::from(slot) - 1));
    }

    /// Takes `core` out, and detaches it if it is attached. Its slot is free at once, for the next thread.
    ///
    /// A thread that gives back a heap or anything else that a stopper may look at does so while it is
    /// attached, and leaves by this call.
    ///
    /// # Safety
    ///
    /// - `core` is registered here, and its thread will not attach again.
    /// - Its merge queue is closed ([`MergeTable::close`](super::merge::MergeTable::close)), if there is one.
    pub unsafe fn unregister(&self, core: &ThreadCore, lot: &ParkingLot) {
        self.with(lot, |threads| threads.remove(core));
    }

    /// How many threads there are.
    pub fn len(&self, lot: &ParkingLot) -> usize {
        self.with(lot, |threads| threads.inner.live)
    }

    /// Whether there are none.
    pub fn is_empty(&self, lot: &ParkingLot) -> bool {
        self.len(lot) == 0
    }

    /// The references there are, to mortal objects: made less dropped, by the threads that are here and
    /// those that have left. Exact while nobody else counts. Always zero without the feature `stats`.
    pub fn references(&self, lot: &ParkingLot) -> i64 {
        self.with(lot, |threads| {
            let present: i64 = threads.iter().map(|core| core.tally.get()).sum();
            present + threads.inner.departed.get()
        })
    }

    /// Takes over what a thread counted that did not come in.
    pub fn count_in(&self, tally: &Tally, lot: &ParkingLot) {
        self.with(lot, |threads| tally.fold_into(&threads.inner.departed));
    }

    /// Sleeps until the stop waits for nobody, or until `deadline`, without detaching. For the stopper.
    pub fn wait_for_others(&self, lot: &ParkingLot, deadline: u64) {
        let parked = lot.park(self.key(), &mut Unattached, Some(deadline), &mut || {
            self.waiting_for.load(Relaxed) != 0
        });
        debug_assert!(parked.resumed.is_ok());
    }

    /// How many threads the stop waits for, as of now.
    pub fn waiting_for(&self) -> u32 {
        // Relaxed: who waits for this to become 0 then looks at the threads again, under the lock.
        self.waiting_for.load(Relaxed)
    }

    fn key(&self) -> usize {
        &raw const self.waiting_for as usize
    }
}

/// The registry, locked.
#[derive(Debug)]
pub struct Threads<'a> {
    registry: &'a Registry,
    inner: &'a mut Inner,
    lot: &'a ParkingLot,
}

impl Threads<'_> {
    /// Every registered thread, by slot.
    pub fn iter(&self) -> impl Iterator<Item = &ThreadCore> {
        self.registry
            .slots
            .iter()
            .take(self.inner.end)
            .filter_map(|entry| {
                let core = entry.load(Relaxed);
                if core == RESERVED {
                    return None;
                }
                // SAFETY: registered, so it stays until it is unregistered, for which the lock is needed.
                unsafe { core.as_ref() }
            })
    }

    /// The thread that has `slot`.
    pub fn get(&self, slot: u16) -> Option<&ThreadCore> {
        let entry = self.registry.slots.get(usize::from(slot).checked_sub(1)?)?;
        let core = entry.load(Relaxed);
        if core == RESERVED {
            return None;
        }
        // SAFETY: as in `iter`.
        unsafe { core.as_ref() }
    }

    /// Whether a stop is being made, or the world is stopped.
    pub fn stop_requested(&self) -> bool {
        self.inner.stop
    }

    /// Begins (or ends) a stop: threads born from now on start suspended (or detached).
    pub fn set_stop_requested(&mut self, requested: bool) {
        self.inner.stop = requested;
    }

    /// Shuts out every thread that registers from now on.
    pub fn close(&mut self) {
        self.inner.closed = true;
    }

    /// Sets how many threads the stop waits for.
    pub fn expect(&mut self, count: u32) {
        self.registry.waiting_for.store(count, Relaxed);
    }

    /// One of those is stopped, or gone; the last one wakes the stopper.
    pub fn arrived(&mut self) {
        let seen = self.registry.waiting_for.load(Relaxed);
        if seen == 0 {
            return;
        }
        // Relaxed: under the lock, in which the stopper will see what every arrived thread did.
        if self.registry.waiting_for.fetch_sub(1, Relaxed) == 1 {
            self.lot.unpark_all(self.registry.key(), || ());
        }
    }

    fn reserve(&mut self) -> Result<u16, TooManyThreads> {
        let mut index = self.inner.lowest_free;
        let entry = loop {
            if index >= usize::from(u16::MAX) {
                return Err(TooManyThreads);
            }
            match self.registry.slots.get(index) {
                Some(entry) if entry.load(Relaxed).is_null() => break entry,
                Some(_) => index += 1,
                None if self.registry.slots.grow() => {}
                None => return Err(TooManyThreads),
            }
        };
        entry.store(RESERVED, Relaxed);
        self.inner.lowest_free = index + 1;
        self.inner.end = self.inner.end.max(index + 1);
        self.inner.live += 1;
        Ok((index + 1) as u16)
    }

    fn add(&mut self, slot: u16, core: &ThreadCore) {
        let Some(entry) = self.registry.slots.get(usize::from(slot) - 1) else {
            return;
        };
        debug_assert!(entry.load(Relaxed) == RESERVED);
        // Relaxed: read under the lock.
        entry.store(ptr::from_ref(core).cast_mut(), Relaxed);
        core.slot.store(slot, Relaxed);
        if self.inner.closed {
            core.status.shut_down(self.lot);
        } else if self.inner.stop {
            core.status.begin_suspended();
        }
    }

    fn vacate(&mut self, index: usize) {
        let Some(entry) = self.registry.slots.get(index) else {
            return;
        };
        entry.store(ptr::null_mut(), Relaxed);
        self.inner.lowest_free = self.inner.lowest_free.min(index);
        self.inner.live -= 1;
        let is_free = |entry: &AtomicPtr<ThreadCore>| entry.load(Relaxed).is_null();
        while self.inner.end > 0
            && self
                .registry
                .slots
                .get(self.inner.end - 1)
                .is_some_and(is_free)
        {
            self.inner.end -= 1;
        }
    }

    fn remove(&mut self, core: &ThreadCore) {
        let Some(index) = usize::from(core.slot()).checked_sub(1) else {
            return;
        };
        let Some(entry) = self.registry.slots.get(index) else {
            return;
        };
        debug_assert!(ptr::eq(entry.load(Relaxed), core), "unregistered elsewhere");
        debug_assert!(
            core.merge.is_empty(self),
            "a thread left with counts to merge"
        );
        let running = !core.status.get().is_stopped();
        if core.status.get() == Status::Attached {
            // SAFETY: the thread leaves for good, as the caller of `unregister` says.
            unsafe { core.detach() };
        }
        core.tally.fold_into(&self.inner.departed);
        self.vacate(index);
        core.slot.store(NO_SLOT, Relaxed);
        if self.inner.stop && running {
            self.arrived();
        }
    }
}

struct Unlock<'a>(&'a Registry, &'a ParkingLot);

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        // SAFETY: `with` locked it.
        unsafe { self.0.lock.unlock(self.1) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
