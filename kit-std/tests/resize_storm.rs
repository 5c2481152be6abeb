//! What waits for the end of a grace period stays below its ceiling while threads replace large buffers all the time, and what
//! a sleeping thread has set aside is freed without it.

use kit_core::{
    backend::{heap::HeapKind, retire::RetireLimits},
    thread::{Ctx, breaker},
};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

mod support;
use support::runtime;

/// Bytes that the thread holds back.
fn held(ctx: &Ctx) -> usize {
    // SAFETY: nothing retires or releases meanwhile.
    unsafe { &*ctx.thread().retired.get() }.bytes()
}

/// Replaces a buffer of `size` bytes.
fn resize(ctx: &Ctx, size: usize) {
    let block = ctx
        .thread()
        .heap
        .alloc(HeapKind::Buffer, size)
        .expect("memory");
    // SAFETY: ours, and known to nobody.
    unsafe { ctx.thread().retire_block(block, size) };
}

#[test]
fn a_storm_of_resizing_stays_below_the_ceiling() {
    let (threads, rounds) = (4, 300);
    let ceiling = RetireLimits::default().ceiling;
    let peak = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let body = |ctx: &mut Ctx| {
                    for round in 0..rounds {
                        // Lists that grow by doubling; the largest buffers have 4 MiB.
                        let size = 4096 << (round % 11);
                        resize(ctx, size);
                        peak.fetch_max(held(ctx), SeqCst);
                        // A thread over its ceiling does nothing else at its safepoints.
                        loop {
                            let _ = ctx.poll();
                            if ctx.thread().core.breaker.peek() & breaker::QSBR == 0 {
                                break;
                            }
                        }
                        assert!(held(ctx) <= ceiling);
                    }
                };
                runtime().attach(body).expect("a slot");
            });
        }
    });
    let peak = peak.into_inner();
    println!("most that one thread held back: {peak} bytes; the ceiling: {ceiling}");
    assert!(peak <= ceiling + (4 << 20), "one buffer may go beyond");
}

#[test]
fn what_a_sleeper_has_retired_is_freed_by_another() {
    let (asleep, is_asleep) = mpsc::channel();
    let (wake, is_woken) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            let body = |ctx: &mut Ctx| {
                for _ in 0..300 {
                    resize(ctx, 1000);
                }
                assert!(held(ctx) >= 40_000);
                runtime().detached(ctx, || {
                    asleep.send(()).expect("somebody waits");
                    is_woken.recv().expect("somebody wakes");
                });
                held(ctx)
            };
            assert_eq!(runtime().attach(body), Ok(0));
        });
        is_asleep.recv().expect("it goes to sleep");
        runtime().attach(|ctx| runtime().trim(ctx)).expect("a slot");
        wake.send(()).expect("it sleeps");
    });
}
