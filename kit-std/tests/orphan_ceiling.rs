//! What exited threads have left to be freed counts as one thread's: who would leave more waits for the others first.

use kit_core::{
    backend::{heap::HeapKind, retire::RetireLimits},
    thread::Ctx,
};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

mod support;

/// Retires a buffer that passes for one of `size` bytes.
fn retire(ctx: &Ctx, size: usize) {
    let block = ctx.thread().heap.alloc(HeapKind::Buffer, 64).unwrap();
    // SAFETY: ours; its size only counts against the limits.
    unsafe { ctx.thread().retire_block(block, size) };
}

#[test]
fn exited_threads_leave_no_more_than_one_may_have() {
    let runtime = support::runtime();
    let ceiling = RetireLimits::default().ceiling;
    let (ready, is_ready) = mpsc::channel();
    let (company, report) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let body = |ctx: &mut Ctx| {
                ready.send(()).unwrap();
                // The first that comes stops this one, to tell it that it is not alone.
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
        runtime.attach(|_| company.store(true, SeqCst)).unwrap();
        is_ready.recv().unwrap();
        for number in 1..=2 {
            runtime.attach(|ctx| retire(ctx, ceiling / 2)).unwrap();
            assert_eq!(runtime.orphaned(), number * (ceiling / 2));
        }
        let (leaving, leaves) = mpsc::channel();
        let third = scope.spawn(move || {
            let body = |ctx: &mut Ctx| {
                retire(ctx, 1000);
                leaving.send(()).unwrap();
            };
            runtime.attach(body).unwrap();
        });
        leaves.recv().unwrap();
        assert!(!third.is_finished(), "it waits");
        report.store(true, SeqCst);
        third.join().unwrap();
        assert!(runtime.orphaned() <= ceiling);
    });
}
