//! The registry without threads.

use super::*;
use crate::{platform::memory::NoMemory, testing::Threads as Platform};
use std::{alloc::System, string::ToString, vec::Vec};

#[test]
fn there_are_as_many_threads_as_a_header_can_name_and_then_an_error() {
    let (registry, lot) = (Registry::new(&System), ParkingLot::new(&Platform));
    // SAFETY: they report nowhere.
    let cores: Vec<_> = (0..=u16::MAX)
        .map(|_| unsafe { ThreadCore::new(None) })
        .collect();
    let (last, others) = cores.split_last().unwrap();
    for (index, core) in others.iter().enumerate() {
        // SAFETY: the list outlives the registration.
        let slot = unsafe { registry.register(core, &lot) };
        assert_eq!(slot.map(usize::from), Ok(index + 1));
    }
    assert_eq!(registry.len(&lot), 65_535);
    // SAFETY: as above; nothing comes of it.
    let refused = unsafe { registry.register(last, &lot) };
    assert_eq!(refused, Err(TooManyThreads));
    assert_eq!(TooManyThreads.to_string(), "no slot for another thread");
    assert_eq!(registry.reserve(&lot), Err(TooManyThreads));
    assert_eq!(last.slot(), NO_SLOT);
    // One leaves, and there is room again.
    // SAFETY: registered, and never attached.
    unsafe { registry.unregister(&others[41_000], &lot) };
    // SAFETY: as above.
    let slot = unsafe { registry.register(last, &lot) };
    assert_eq!(slot, Ok(41_001));
    // SAFETY: as above.
    let refused = unsafe { registry.register(&others[41_000], &lot) };
    assert_eq!(refused, Err(TooManyThreads));
    for core in &cores {
        if core.slot() != NO_SLOT {
            // SAFETY: as above.
            unsafe { registry.unregister(core, &lot) };
        }
    }
    assert!(registry.is_empty(&lot));
}

#[test]
fn without_memory_the_table_ends_and_nothing_else() {
    let (registry, lot) = (Registry::new(&NoMemory), ParkingLot::new(&Platform));
    let mut slots = Vec::new();
    while let Ok(slot) = registry.reserve(&lot) {
        slots.push(slot);
    }
    assert!(!slots.is_empty());
    for &slot in &slots {
        // SAFETY: reserved, and used for nothing.
        unsafe { registry.cancel(slot, &lot) };
    }
    assert_eq!(registry.reserve(&lot), Ok(slots[0]));
}
