//! What a sleeping thread has set aside is freed without it.

use kit_core::{backend::heap::HeapKind, thread::Ctx};
use std::{sync::mpsc, thread};

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
