//! The sum of the tallies under loom, while threads come, count and go.

use crate::platform::memory::Memory;
use crate::sync::parking::ParkingLot;
use crate::testing::Threads;
use crate::thread::core::ThreadCore;
use crate::thread::registry::Registry;
use loom::thread;
use std::sync::Arc;

struct Shared {
    lot: ParkingLot,
    registry: Registry,
    cores: [ThreadCore; 2],
}

// SAFETY: the cores stay in the `Arc` while they are registered.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// Two threads leave while another adds up: it forgets neither, and counts neither twice.
///
/// Fails if `Registry::remove` does not fold the tally, and if it is folded before or after the lock is held.
#[test]
fn a_thread_that_leaves_is_counted_once() {
    static MEMORY: &Memory = &std::alloc::System;
    loom::model(|| {
        let shared = Arc::new(Shared {
            lot: ParkingLot::new(&Threads),
            registry: Registry::new(MEMORY),
            // SAFETY: they report nowhere.
            cores: unsafe { [ThreadCore::new(None), ThreadCore::new(None)] },
        });
        for core in &shared.cores {
            // SAFETY: in the `Arc` until it is unregistered.
            unsafe { shared.registry.register(core, &shared.lot) }.unwrap();
        }
        // More made than dropped, and the other way round.
        shared.cores[0].tally.add(5);
        shared.cores[1].tally.add(-2);
        let leaving = [0, 1].map(|index| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let core: &ThreadCore = &shared.cores[index];
                // SAFETY: registered above, and leaving for good.
                unsafe { shared.registry.unregister(core, &shared.lot) };
            })
        });
        assert_eq!(shared.registry.references(&shared.lot), 3);
        for thread in leaving {
            thread.join().unwrap();
        }
        assert_eq!(shared.registry.references(&shared.lot), 3);
    });
}
