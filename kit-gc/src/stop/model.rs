//! Stopping the world under loom: one thread with a safepoint, one stopper.

use super::StopTheWorld;
use crate::testing::Threads;
use kit_core::{
    backend::world::{Stopped, World},
    platform::memory::NoMemory,
    sync::cell::UnsafeCell,
    thread::{breaker, core::ThreadCore},
};
use loom::thread;
use std::sync::Arc;

struct Shared {
    world: StopTheWorld,
    core: ThreadCore,
    /// Belongs to the thread while it is attached, to the stopper while the world is stopped.
    state: UnsafeCell<u32>,
}

// SAFETY: who owns `state` is what the model is about; loom checks.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// Fails with Relaxed in the exchange of `ThreadStatus::change`, in `detach`, or in `resume`. What orders
/// `suspend_self` is the registry's lock.
#[test]
fn the_stopper_is_alone() {
    loom::model(|| {
        let shared = Arc::new(Shared {
            world: StopTheWorld::new(&Threads, &NoMemory),
            // SAFETY: it reports nowhere.
            core: unsafe { ThreadCore::new(None) },
            state: UnsafeCell::new(0),
        });
        let lot = shared.world.lot();
        // SAFETY: in the `Arc` until it is unregistered.
        unsafe { shared.world.registry().register(&shared.core, lot) }.unwrap();
        let runner = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let (lot, core) = (shared.world.lot(), &shared.core);
                core.attach(lot).unwrap();
                // SAFETY: attached.
                shared.state.with_mut(|state| unsafe { *state += 1 });
                if core.poll() & breaker::STOP != 0 {
                    shared.world.pause(core).unwrap();
                }
                // SAFETY: attached.
                shared.state.with_mut(|state| unsafe { *state += 1 });
                core.detach();
                // SAFETY: registered above, and detached for good.
                unsafe { shared.world.registry().unregister(core, lot) };
            })
        };
        let stopped = Stopped::stop(&shared.world, None).unwrap();
        // SAFETY: the world is stopped.
        shared.state.with_mut(|state| unsafe { *state += 10 });
        drop(stopped);
        runner.join().unwrap();
        shared.state.with(|state| {
            // SAFETY: everybody is done.
            assert_eq!(unsafe { *state }, 12);
        });
    });
}
