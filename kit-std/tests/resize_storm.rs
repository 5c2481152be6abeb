//! What waits for the end of a grace period stays below its ceiling while threads replace large buffers all the time. Alone in its
//! process: nobody else may stop the thread that does not report.

use kit_core::{
    backend::{heap::HeapKind, retire::RetireLimits},
    thread::{Ctx, breaker},
};
use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
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

/// Four threads resize, and a fifth reports only when one of them is over its ceiling, or has finished.
#[test]
fn a_storm_of_resizing_stays_below_the_ceiling() {
    /// Sets a flag, even if a check fails.
    struct Finish<'a>(&'a AtomicBool);
    impl Drop for Finish<'_> {
        fn drop(&mut self) {
            self.0.store(true, SeqCst);
        }
    }
    const THREADS: usize = 4;
    const ROUNDS: usize = 300;
    let ceiling = RetireLimits::default().ceiling;
    let (peak, begin) = (AtomicUsize::new(0), Barrier::new(THREADS + 1));
    let [silent, over, finished] = [const { AtomicBool::new(false) }; 3];
    let storm = |ctx: &mut Ctx| {
        runtime().detached(ctx, || begin.wait());
        let _finish = Finish(&finished);
        while !silent.load(SeqCst) {
            let _ = ctx.poll();
        }
        for round in 0..ROUNDS {
            // Lists that grow by doubling; the largest buffers have 4 MiB.
            resize(ctx, 4096 << (round % 11));
            peak.fetch_max(held(ctx), SeqCst);
            // A thread over its ceiling does nothing else at its safepoints.
            let _ = ctx.poll();
            while ctx.thread().core.breaker.peek() & breaker::QSBR != 0 {
                over.store(true, SeqCst);
                let _ = ctx.poll();
            }
            assert!(held(ctx) <= ceiling);
        }
    };
    thread::scope(|scope| {
        let threads = [(); THREADS].map(|()| scope.spawn(|| runtime().attach(storm).unwrap()));
        let reader = |ctx: &mut Ctx| {
            // Those who come stop the others, to tell them that they are not alone: after this nobody comes.
            runtime().detached(ctx, || begin.wait());
            silent.store(true, SeqCst);
            while threads.iter().any(|thread| !thread.is_finished()) {
                if over.swap(false, SeqCst) || finished.load(SeqCst) {
                    let _ = ctx.poll();
                }
                thread::yield_now();
            }
        };
        runtime().attach(reader).unwrap();
    });
    let peak = peak.into_inner();
    println!("most that one thread held back: {peak} bytes; the ceiling: {ceiling}");
    assert!(peak > ceiling, "nobody had to wait");
    assert!(peak <= ceiling + (4 << 20), "one buffer may go beyond");
}
