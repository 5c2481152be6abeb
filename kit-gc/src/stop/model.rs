//! Stopping the world under loom: one thread with a safepoint, one stopper; and what the one does for the other.

use super::{StopTheWorld, crew::Crew};
use crate::testing::Threads;
use kit_core::{
    backend::world::{Stopped, World},
    platform::memory::NoMemory,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        cell::UnsafeCell,
        parking::ParkingLot,
    },
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
                // SAFETY: this thread's alone.
                unsafe { core.attach(lot) }.unwrap();
                // SAFETY: attached.
                shared.state.with_mut(|state| unsafe { *state += 1 });
                // SAFETY: this thread's, attached.
                if unsafe { core.poll() } & breaker::STOP != 0 {
                    // SAFETY: the same.
                    unsafe { shared.world.pause(core) }.unwrap();
                }
                // SAFETY: attached.
                shared.state.with_mut(|state| unsafe { *state += 1 });
                // SAFETY: this thread's, attached.
                unsafe { core.detach() };
                // SAFETY: registered above, and detached for good.
                unsafe { shared.world.registry().unregister(core, lot) };
            })
        };
        let stopped = Stopped::stop_from_outside(&shared.world).unwrap();
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

/// A thread that stopped by itself sleeps where helpers wait, and is woken there by who starts the world. A thread that merges for those
/// that are outside must not take it for one of them, suspend it and let it go, which wakes it elsewhere.
///
/// Hangs if the thread is SUSPENDED first, and SUSPENDED_WAITING only when it is about to sleep.
#[test]
fn who_stopped_by_itself_is_let_go_by_the_stopper_alone() {
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
        // SAFETY: the runner's, which has not begun.
        unsafe { shared.core.attach(lot) }.unwrap();
        let runner = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                // SAFETY: this thread's, attached.
                if unsafe { shared.core.poll() } & breaker::STOP != 0 {
                    // SAFETY: the same.
                    unsafe { shared.world.pause(&shared.core) }.unwrap();
                }
                let (world, core) = (&shared.world, &shared.core);
                // SAFETY: registered above; it leaves for good.
                unsafe { world.registry().unregister(core, world.lot()) };
            })
        };
        drop(Stopped::stop_from_outside(&shared.world).unwrap());
        shared.world.registry().with(lot, |threads| {
            if let Some(core) = threads.iter().next()
                // SAFETY: under the lock, and resumed below.
                && unsafe { core.status.try_suspend() }
            {
                // SAFETY: suspended above.
                unsafe { core.status.resume(lot) };
            }
        });
        runner.join().unwrap();
    });
}

struct Site {
    lot: ParkingLot,
    crew: Crew,
    /// The stop is over.
    over: AtomicBool,
    /// What is to be done, and what each has done of it.
    told: UnsafeCell<u32>,
    done: [UnsafeCell<u32>; 2],
}

// SAFETY: who may touch the cells is what the model is about; loom checks.
unsafe impl Sync for Site {}
// SAFETY: as above.
unsafe impl Send for Site {}

/// Fails with Relaxed in the store of `run`, in the exchange or the decrement of `work`, or in the load of `Close`.
#[test]
fn what_the_others_do_is_done_when_the_stopper_goes_on() {
    loom::model(|| {
        let site = Arc::new(Site {
            lot: ParkingLot::new(&Threads),
            crew: Crew::new(),
            over: AtomicBool::new(false),
            told: UnsafeCell::new(0),
            done: Default::default(),
        });
        let guest = {
            let site = Arc::clone(&site);
            thread::spawn(move || {
                (site.crew).wait_as_guest(&site.lot, &mut || !site.over.load(Relaxed));
            })
        };
        let mut before = 0;
        for round in 1..=2 {
            // SAFETY: nobody works.
            site.told.with_mut(|told| unsafe { *told = round });
            let work = |number: usize| {
                // SAFETY: nobody tells anything new while somebody works.
                let told = site.told.with(|told| unsafe { *told });
                // SAFETY: each has a number of its own.
                site.done[number].with_mut(|done| unsafe { *done = told });
            };
            // SAFETY: by this thread alone.
            unsafe { site.crew.run(&site.lot, 2, &work) };
            // SAFETY: nobody works.
            let done = (site.done.each_ref()).map(|done| done.with(|done| unsafe { *done }));
            assert_eq!(done[0], round);
            assert!(done[1] == round || done[1] == before);
            before = done[1];
        }
        // Under the lock of those who are about to sleep, or before it.
        site.over.store(true, Relaxed);
        site.crew.dismiss(&site.lot);
        guest.join().unwrap();
    });
}
