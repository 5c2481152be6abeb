//! Stops with real threads.

use super::{Histogram, LateStop, StopTheWorld, StopWatch, Straggler};
use crate::{qsbr::Qsbr, testing::Threads};
use kit_core::{
    backend::world::{Stopped, World},
    sync::{
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
        parking::Finalizing,
    },
    thread::{breaker, core::ThreadCore, status::Status},
};
use std::{
    alloc::System,
    sync::{Barrier, Mutex},
    thread,
    time::Duration,
    vec::Vec,
};

struct Runtime {
    world: StopTheWorld,
    grace: Qsbr,
}

impl Runtime {
    fn new() -> Self {
        Self {
            world: StopTheWorld::new(&Threads, &System),
            grace: Qsbr::new(&System),
        }
    }

    /// Runs `body` on the calling thread, attached.
    fn run(&self, body: impl FnOnce(&ThreadCore)) -> Result<(), Finalizing> {
        let (lot, grace) = (self.world.lot(), self.grace.reserve_raw().unwrap());
        // SAFETY: clock and slot live in `self`; the slot is ours.
        let core = unsafe { ThreadCore::new(Some(grace)) };
        // SAFETY: it stays in this frame until it is unregistered.
        unsafe { self.world.registry().register(&core, lot) }.unwrap();
        // SAFETY: this thread's, just registered.
        let attached = unsafe { core.attach(lot) };
        if attached.is_ok() {
            body(&core);
            if core.status.get() == Status::Attached {
                // SAFETY: this thread's, attached, and done.
                unsafe { core.detach() };
            }
        }
        // SAFETY: registered above, detached, and ours.
        unsafe { self.world.registry().unregister(&core, lot) };
        // SAFETY: reserved above, and offline.
        unsafe { self.grace.release(grace.1.as_ref()) };
        attached
    }

    /// Stops the world, for the thread whose core it is.
    fn stop<'a>(&'a self, core: &'a ThreadCore) -> Stopped<'a> {
        // SAFETY: callers pass their own, attached; there are no objects.
        unsafe { Stopped::stop_as(&self.world, core) }.unwrap()
    }

    /// Leaves the world, does something, and comes back.
    fn outside(&self, core: &ThreadCore, body: impl FnOnce()) {
        // SAFETY: callers pass their own, attached; there are no objects.
        unsafe { core.detach() };
        body();
        // SAFETY: detached above.
        unsafe { core.attach(self.world.lot()) }.unwrap();
    }

    fn safepoint(&self, core: &ThreadCore) -> Result<(), Finalizing> {
        // SAFETY: callers pass their own; there are no objects.
        let polled = unsafe { core.poll() };
        if polled & breaker::STOP != 0 {
            // SAFETY: the same.
            unsafe { self.world.pause(core) }
        } else {
            Ok(())
        }
    }
}

#[test]
fn nobody_runs_while_the_world_is_stopped() {
    let (runtime, inside, done) = (Runtime::new(), AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for number in 0..3 {
            let (runtime, inside, done) = (&runtime, &inside, &done);
            scope.spawn(move || {
                runtime
                    .run(|core| {
                        let mut count = 0_usize;
                        while !done.load(Relaxed) {
                            runtime.safepoint(core).unwrap();
                            inside.fetch_add(1, SeqCst);
                            count += 1;
                            inside.fetch_sub(1, SeqCst);
                            // One of them sleeps a lot, one detaches a lot.
                            if number == 1 && count.is_multiple_of(7) {
                                runtime.outside(core, || {
                                    thread::sleep(Duration::from_micros(200));
                                });
                            } else if number == 2 {
                                runtime.outside(core, || ());
                            }
                        }
                    })
                    .unwrap();
            });
        }
        // Births and deaths.
        scope.spawn(|| {
            while !done.load(Relaxed) {
                runtime
                    .run(|core| {
                        inside.fetch_add(1, SeqCst);
                        inside.fetch_sub(1, SeqCst);
                        runtime.safepoint(core).unwrap();
                    })
                    .unwrap();
            }
        });
        for round in 0..2 {
            let (runtime, inside) = (&runtime, &inside);
            let stop_all = move || {
                runtime
                    .run(|core| {
                        // One stopper is attached, the other outside.
                        let me = (round == 0).then_some(core);
                        let stop_often = || {
                            for _ in 0..300 {
                                let stopped = match me {
                                    Some(me) => runtime.stop(me),
                                    None => Stopped::stop_from_outside(&runtime.world).unwrap(),
                                };
                                for _ in 0..50 {
                                    assert_eq!(inside.load(SeqCst), 0);
                                }
                                stopped.for_each_thread(|thread| {
                                    assert!(
                                        me.is_some_and(|me| core::ptr::eq(me, thread))
                                            || thread.status.get().is_stopped()
                                    );
                                });
                                drop(stopped);
                                if me.is_some() {
                                    runtime.safepoint(core).unwrap();
                                }
                            }
                        };
                        match me {
                            Some(_) => stop_often(),
                            None => runtime.outside(core, stop_often),
                        }
                    })
                    .unwrap();
            };
            if round == 0 {
                let done = &done;
                scope.spawn(move || {
                    stop_all();
                    done.store(true, SeqCst);
                });
            } else {
                scope.spawn(stop_all);
            }
        }
    });
    assert!(runtime.world.registry().is_empty(runtime.world.lot()));
}

#[test]
fn a_tight_loop_of_stops_does_not_starve_the_others() {
    let (runtime, progress) = (Runtime::new(), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            runtime
                .run(|core| {
                    while progress.fetch_add(1, SeqCst) < 100 {
                        runtime.safepoint(core).unwrap();
                    }
                })
                .unwrap();
        });
        runtime
            .run(|core| {
                while progress.load(SeqCst) < 100 {
                    drop(runtime.stop(core));
                }
            })
            .unwrap();
    });
}

#[test]
fn slots_are_reused_smallest_first() {
    let runtime = Runtime::new();
    let (lot, registry) = (runtime.world.lot(), runtime.world.registry());
    // SAFETY: they report nowhere.
    let cores: [ThreadCore; 70] = core::array::from_fn(|_| unsafe { ThreadCore::new(None) });
    for (index, core) in cores.iter().enumerate() {
        // SAFETY: the array outlives the registration.
        let slot = unsafe { registry.register(core, lot) }.unwrap();
        assert_eq!(usize::from(slot), index + 1);
    }
    for index in [40, 3, 17] {
        // SAFETY: registered, and never attached.
        unsafe { registry.unregister(&cores[index], lot) };
    }
    for index in [3, 17, 40] {
        // SAFETY: as above.
        let slot = unsafe { registry.register(&cores[index], lot) }.unwrap();
        assert_eq!(usize::from(slot), index + 1);
    }
    registry.with(lot, |threads| {
        assert!(core::ptr::eq(
            threads.get(18).unwrap(),
            &raw const cores[17]
        ));
        assert!(threads.get(0).is_none() && threads.get(71).is_none());
        assert_eq!(threads.iter().count(), 70);
    });
    for core in &cores {
        // SAFETY: registered, and never attached.
        unsafe { registry.unregister(core, lot) };
    }
    assert!(registry.is_empty(lot));
}

#[test]
fn a_thread_that_was_shut_out_stays_outside() {
    let (runtime, ready) = (Runtime::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut end = Ok(());
            runtime
                .run(|core| {
                    ready.store(true, SeqCst);
                    while end.is_ok() {
                        end = runtime.safepoint(core);
                    }
                })
                .unwrap();
            end
        });
        while !ready.load(SeqCst) {
            thread::yield_now();
        }
        runtime
            .run(|core| runtime.stop(core).shut_out_others())
            .unwrap();
        assert_eq!(other.join().unwrap(), Err(Finalizing));
    });
    assert_eq!(runtime.run(|_| panic!("got in")), Err(Finalizing));
}

#[test]
fn times_are_counted_by_powers_of_two() {
    let mut histogram = Histogram::default();
    assert_eq!(histogram.quantile(500), 0);
    for time in [0, 1, 2, 3, 1000, 1023, 1024, u64::MAX] {
        histogram.add(time);
    }
    let bins = histogram.bins();
    assert_eq!((bins[0], bins[1], bins[9], bins[10]), (2, 2, 2, 1));
    assert_eq!(bins[Histogram::BINS - 1], 1);
    assert_eq!((histogram.count(), histogram.longest()), (8, u64::MAX));
    assert_eq!(histogram.total(), u64::MAX);
    assert_eq!(histogram.quantile(250), 1);
    assert_eq!(histogram.quantile(500), 3);
    assert_eq!(histogram.quantile(750), 1023);
}

#[test]
fn each_stop_is_counted() {
    let runtime = Runtime::new();
    runtime
        .run(|core| {
            for _ in 0..5 {
                drop(runtime.stop(core));
            }
        })
        .unwrap();
    let statistics = runtime.world.statistics();
    assert_eq!(statistics.latency.count(), 5);
    assert_eq!(statistics.pause.count(), 5);
    assert_eq!(statistics.late, 0);
    assert_eq!(runtime.world.waited(), None);
}

/// Lets a thread that is in no hurry go on when it has been told on three times.
struct Tattle {
    told: Mutex<Vec<(u64, usize, Vec<Straggler>)>>,
    hurry: AtomicBool,
}

impl StopWatch for Tattle {
    fn late(&self, stop: &LateStop<'_>) {
        let mut told = self.told.lock().unwrap();
        told.push((stop.waited, stop.running, stop.stragglers.to_vec()));
        if told.len() == 3 {
            self.hurry.store(true, SeqCst);
        }
    }
}

#[test]
fn who_does_not_stop_is_told_on() {
    static WATCH: Tattle = Tattle {
        told: Mutex::new(Vec::new()),
        hurry: AtomicBool::new(false),
    };
    let watch = &WATCH;
    let (runtime, ready) = (Runtime::new(), AtomicUsize::new(0));
    runtime.world.watch(1_000_000, watch);
    let mut waited = None;
    thread::scope(|scope| {
        scope.spawn(|| {
            runtime
                .run(|core| {
                    ready.store(usize::from(core.slot()), SeqCst);
                    // Attached, and at no safepoint.
                    while !watch.hurry.load(SeqCst) {
                        thread::yield_now();
                    }
                    waited = runtime.world.waited();
                    runtime.safepoint(core).unwrap();
                })
                .unwrap();
        });
        while ready.load(SeqCst) == 0 {
            thread::yield_now();
        }
        drop(Stopped::stop_from_outside(&runtime.world).unwrap());
    });
    let told = watch.told.lock().unwrap();
    assert!(told.len() >= 3);
    let mut before = 500_000;
    for (waited, running, stragglers) in told.iter().take(3) {
        assert!(*waited >= before * 2, "each time twice as late");
        before = *waited;
        assert_eq!(*running, 1);
        assert_eq!(usize::from(stragglers[0].slot), ready.load(SeqCst));
        assert!(stragglers[0].asked && stragglers[0].status == Status::Attached);
    }
    assert!(waited.unwrap() >= before, "the thread can tell, too");
    let statistics = runtime.world.statistics();
    assert_eq!(statistics.late, 1);
    assert!(statistics.latency.longest() >= before);
}

#[test]
fn births_and_deaths_in_a_stop() {
    let (runtime, leave, inside) = (Runtime::new(), AtomicBool::new(false), AtomicUsize::new(0));
    let (lot, ready) = (runtime.world.lot(), AtomicUsize::new(0));
    thread::scope(|scope| {
        // One leaves without a safepoint while the stop waits for it, the other is detached and leaves while it lasts.
        for attached in [true, false] {
            let (runtime, leave, ready) = (&runtime, &leave, &ready);
            scope.spawn(move || {
                runtime
                    .run(|core| {
                        if !attached {
                            // SAFETY: this thread's, attached, which goes on to leave.
                            unsafe { core.detach() };
                        }
                        ready.fetch_add(1, SeqCst);
                        while !leave.load(SeqCst)
                            || attached && runtime.world.waited().is_none()
                            || !attached && core.status.get() != Status::Suspended
                        {
                            thread::yield_now();
                        }
                    })
                    .unwrap();
            });
        }
        while ready.load(SeqCst) != 2 {
            thread::yield_now();
        }
        leave.store(true, SeqCst);
        let stopped = Stopped::stop_from_outside(&runtime.world).unwrap();
        while !runtime.world.registry().is_empty(lot) {
            thread::yield_now();
        }
        let (runtime, inside) = (&runtime, &inside);
        scope.spawn(move || {
            runtime
                .run(|_| {
                    inside.store(1, SeqCst);
                })
                .unwrap();
        });
        loop {
            let mut status = None;
            stopped.for_each_thread(|core| status = Some(core.status.get()));
            if status == Some(Status::SuspendedWaiting) {
                break;
            }
            thread::yield_now();
        }
        assert_eq!(inside.load(SeqCst), 0, "born, and kept outside");
        drop(stopped);
    });
    assert_eq!(inside.load(SeqCst), 1);
}

#[test]
fn who_is_stopped_takes_part() {
    let (runtime, done) = (Runtime::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                runtime
                    .run(|core| {
                        while !done.load(Relaxed) {
                            runtime.safepoint(core).unwrap();
                        }
                    })
                    .unwrap();
            });
        }
        while runtime.world.registry().len(runtime.world.lot()) != 2 {
            thread::yield_now();
        }
        let mut together = 0;
        while together < 100 {
            let stopped = Stopped::stop_from_outside(&runtime.world).unwrap();
            // A thread that was stopped outside does not come here, and one that is on its way is not here yet.
            if runtime.world.idle_threads() == 2 {
                for _ in 0..3 {
                    let (barrier, numbers) = (Barrier::new(3), Mutex::new(Vec::new()));
                    let work = |number| {
                        // All three are here at the same time.
                        barrier.wait();
                        numbers.lock().unwrap().push(number);
                    };
                    // SAFETY: stopped.
                    unsafe { runtime.world.run_together(3, &work) };
                    let mut numbers = numbers.into_inner().unwrap();
                    numbers.sort_unstable();
                    assert_eq!(numbers, [0, 1, 2]);
                }
                together += 1;
            }
            drop(stopped);
        }
        done.store(true, Relaxed);
    });
}

#[test]
fn who_comes_and_goes_is_not_waited_for() {
    let (runtime, done) = (Runtime::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    runtime
                        .run(|core| {
                            for _ in 0..20 {
                                runtime.safepoint(core).unwrap();
                            }
                        })
                        .unwrap();
                }
            });
        }
        for _ in 0..300 {
            let stopped = Stopped::stop_from_outside(&runtime.world).unwrap();
            let calls = Mutex::new(Vec::new());
            let work = |number| calls.lock().unwrap().push(number);
            // SAFETY: stopped.
            unsafe { runtime.world.run_together(3, &work) };
            let mut calls = calls.into_inner().unwrap();
            calls.sort_unstable();
            let count = calls.len();
            calls.dedup();
            assert!((1..=3).contains(&count) && calls.len() == count && calls.last() < Some(&3));
            drop(stopped);
        }
        done.store(true, Relaxed);
    });
}
