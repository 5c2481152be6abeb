//! A table that grows without moving: entries keep their address, readers need no lock.
//!
//! ```text
//! first: [0 … 31]   more[0]: [32 … 95]   more[1]: [96 … 223]   …   each twice as long
//! ```

use crate::{
    platform::memory::Memory,
    sync::atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
};
use core::{alloc::Layout, fmt, ptr};

/// The table. Entries begin as `T::default()` and live as long as the table.
pub struct Segmented<T> {
    memory: &'static Memory,
    more: [AtomicPtr<T>; MORE],
    first: [T; FIRST],
}

// SAFETY: it owns its entries, and lends them shared only.
unsafe impl<T: Send> Send for Segmented<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Segmented<T> {}

impl<T> fmt::Debug for Segmented<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segmented")
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

impl<T: Default> Segmented<T> {
    /// A table of its first segment only; the others will come from `memory`.
    pub fn new(memory: &'static Memory) -> Self {
        Self {
            memory,
            more: core::array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
            first: core::array::from_fn(|_| T::default()),
        }
    }

    /// Adds a segment. False: there is no memory, or the table is as long as it can get.
    pub fn grow(&self) -> bool {
        for (number, segment) in self.more.iter().enumerate() {
            // Relaxed: the exchange below decides.
            if !segment.load(Relaxed).is_null() {
                continue;
            }
            let Some(layout) = layout::<T>(number) else {
                return false;
            };
            // SAFETY: the layout is not empty: neither is `T`, by the assertion in `layout`.
            let block = unsafe { self.memory.alloc(layout) }.cast::<T>();
            if block.is_null() {
                return false;
            }
            for offset in 0..length(number) {
                // SAFETY: in the fresh block.
                unsafe { block.add(offset).write(T::default()) };
            }
            // Release, paired with the loads: the entries are initialised.
            let old = segment.compare_exchange(ptr::null_mut(), block, Release, Relaxed);
            if old.is_err() {
                // SAFETY: nobody saw the block.
                unsafe { destroy(self.memory, block, number) };
            }
            return true;
        }
        false
    }
}

impl<T> Segmented<T> {
    /// How many entries there are now.
    pub fn capacity(&self) -> usize {
        let grown = self
            .more
            .iter()
            // Relaxed: it only counts.
            .take_while(|segment| !segment.load(Relaxed).is_null())
            .count();
        start(grown)
    }

    /// The entry at `index`.
    pub fn get(&self, index: usize) -> Option<&T> {
        if index < FIRST {
            return self.first.get(index);
        }
        let position = index / FIRST + 1;
        let number = position.ilog2() as usize - 1;
        // Acquire, paired with `grow`: the entries are initialised.
        let segment = self.more.get(number)?.load(Acquire);
        if segment.is_null() {
            return None;
        }
        // SAFETY: the segment holds `start(number) .. start(number + 1)`, and is freed with the table.
        Some(unsafe { &*segment.add(index - start(number)) })
    }

    /// Every entry there is now.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let more = self.more.iter().enumerate().map_while(|(number, segment)| {
            // Acquire, as in `get`.
            let segment = segment.load(Acquire);
            if segment.is_null() {
                return None;
            }
            // SAFETY: that many initialised entries, freed with the table.
            Some(unsafe { core::slice::from_raw_parts(segment, length(number)) })
        });
        core::iter::once(&self.first[..]).chain(more).flatten()
    }
}

impl<T> Drop for Segmented<T> {
    fn drop(&mut self) {
        for (number, segment) in self.more.iter().enumerate() {
            // Relaxed: nobody else has the table any more.
            let segment = segment.load(Relaxed);
            if !segment.is_null() {
                // SAFETY: ours, and nobody borrows it any more.
                unsafe { destroy(self.memory, segment, number) };
            }
        }
    }
}

/// # Safety
///
/// - `block` is segment `number`, from `memory`, with all entries initialised and no longer used.
unsafe fn destroy<T>(memory: &Memory, block: *mut T, number: usize) {
    // SAFETY: the caller's promise.
    unsafe { ptr::slice_from_raw_parts_mut(block, length(number)).drop_in_place() };
    if let Some(layout) = layout::<T>(number) {
        // SAFETY: allocated with this layout.
        unsafe { memory.dealloc(block.cast(), layout) };
    }
}

fn layout<T>(number: usize) -> Option<Layout> {
    const { assert!(size_of::<T>() != 0) };
    Layout::array::<T>(length(number)).ok()
}

/// The length of segment `number` of `more`.
fn length(number: usize) -> usize {
    FIRST << (number + 1)
}

/// The index of its first entry.
fn start(number: usize) -> usize {
    FIRST * ((2 << number) - 1)
}

const FIRST: usize = if cfg!(loom) { 2 } else { 32 };
const MORE: usize = if cfg!(loom) { 1 } else { 11 };

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::cell::UnsafeCell;
    use loom::thread;
    use std::{alloc::System, sync::Arc};

    struct Entry(UnsafeCell<u32>);

    impl Default for Entry {
        fn default() -> Self {
            Entry(UnsafeCell::new(7))
        }
    }

    // SAFETY: entries are made by who grows the table, and only read from then on; loom checks.
    unsafe impl Sync for Entry {}
    // SAFETY: as above.
    unsafe impl Send for Entry {}

    fn look(entry: &Entry) {
        // SAFETY: nobody writes.
        entry.0.with(|at| assert_eq!(unsafe { *at }, 7));
    }

    /// Two threads grow the table, a third finds the new entries.
    ///
    /// Fails with the exchange of `grow` relaxed, or the load of `get` or of `iter`.
    #[test]
    fn whoever_finds_an_entry_finds_it_initialised() {
        for by_index in [false, true] {
            loom::model(move || {
                let table = Arc::new(Segmented::<Entry>::new(&System));
                let growers = [0, 1].map(|_| {
                    let table = Arc::clone(&table);
                    thread::spawn(move || {
                        // The second finds the table full, or loses its segment.
                        let _ = table.grow();
                    })
                });
                // Loom remembers one access only: it would not try a growth between two loads.
                thread::yield_now();
                if by_index {
                    table.get(FIRST).map(look);
                } else {
                    table.iter().skip(FIRST).for_each(look);
                }
                for grower in growers {
                    grower.join().unwrap();
                }
                assert_eq!(table.capacity(), start(1));
            });
        }
    }
}
