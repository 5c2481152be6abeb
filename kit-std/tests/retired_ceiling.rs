//! A thread that retires more than it may waits for the others at its safepoints, and does nothing else.

use kit_core::{
    backend::{heap::HeapKind, retire::RetireLimits},
    thread::{Ctx, breaker},
};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

mod support;

/// Bytes that the thread holds back.
fn held(ctx: &Ctx) -> usize {
    // SAFETY: nothing retires or releases meanwhile.
    unsafe { &*ctx.thread().retired.get() }.bytes()
}

/// Retires a buffer that passes for one of `size` bytes.
fn retire(ctx: &Ctx, size: usize) {
    let block = ctx.thread().heap.alloc(HeapKind::Buffer, 64).unwrap();
    // SAFETY: ours; its size only counts against the limits.
    unsafe { ctx.thread().retire_block(block, size) };
}

#[test]
fn over_the_ceiling_a_thread_waits_for_the_others() {
    let runtime = support::runtime();
    let ceiling = RetireLimits::default().ceiling;
    let (ready, is_ready) = mpsc::channel();
    let (company, report) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let body = |ctx: &mut Ctx| {
                ready.send(()).unwrap();
                // Until the other is here, too.
                while !company.load(SeqCst) {
                    let _ = ctx.poll();
                    thread::yield_now();
                }
                ready.send(()).unwrap();
                // Attached, and at no safepoint.
                while !report.load(SeqCst) {
                    thread::yield_now();
                }
                let _ = ctx.poll();
            };
            runtime.attach(body).unwrap();
        });
        is_ready.recv().unwrap();
        let body = |ctx: &mut Ctx| {
            company.store(true, SeqCst);
            is_ready.recv().unwrap();
            // A few chunks, below it: nobody waits.
            for _ in 0..300 {
                retire(ctx, 1000);
            }
            let _ = ctx.poll();
            assert_eq!(ctx.thread().core.breaker.peek() & breaker::QSBR, 0);
            assert_eq!(held(ctx), 300_000);
            retire(ctx, ceiling);
            for _ in 0..3 {
                let _ = ctx.poll();
                assert_ne!(ctx.thread().core.breaker.peek() & breaker::QSBR, 0);
                assert_eq!(held(ctx), 300_000 + ceiling);
            }
            report.store(true, SeqCst);
            while ctx.thread().core.breaker.peek() & breaker::QSBR != 0 {
                let _ = ctx.poll();
            }
            assert_eq!(held(ctx), 0);
        };
        runtime.attach(body).unwrap();
    });
}
