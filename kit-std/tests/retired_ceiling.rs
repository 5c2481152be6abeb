//! A thread that retires more than it may waits for the others at its safepoints, and does nothing else.

use kit_core::{
    backend::retire::RetireLimits,
    thread::{Ctx, breaker},
};
use std::{
    sync::{atomic::Ordering::SeqCst, mpsc},
    thread,
};

mod silent;
mod support;

use silent::{Silent, retire};

/// Bytes that the thread holds back.
fn held(ctx: &Ctx) -> usize {
    // SAFETY: nothing retires or releases meanwhile.
    unsafe { &*ctx.thread().retired.get() }.bytes()
}

#[test]
fn over_the_ceiling_a_thread_waits_for_the_others() {
    let runtime = support::runtime();
    let ceiling = RetireLimits::default().ceiling;
    let (ready, is_ready) = mpsc::channel();
    let silent = Silent::default();
    thread::scope(|scope| {
        scope.spawn(|| silent.run(ready));
        is_ready.recv().unwrap();
        let body = |ctx: &mut Ctx| {
            silent.company.store(true, SeqCst);
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
            silent.report.store(true, SeqCst);
            while ctx.thread().core.breaker.peek() & breaker::QSBR != 0 {
                let _ = ctx.poll();
            }
            assert_eq!(held(ctx), 0);
        };
        runtime.attach(body).unwrap();
    });
}
