//! A thread that keeps others waiting, and what they wait with.

use crate::support::runtime;
use kit_core::{backend::heap::HeapKind, thread::Ctx};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

/// Retires a buffer that passes for one of `size` bytes.
pub fn retire(ctx: &Ctx, size: usize) {
    let block = ctx.thread().heap.alloc(HeapKind::Buffer, 64).unwrap();
    // SAFETY: ours; its size only counts against the limits.
    unsafe { ctx.thread().retire_block(block, size) };
}

/// A thread that stays attached, and comes to no safepoint, from the second time that it says `ready` until it may `report`.
#[derive(Default)]
pub struct Silent {
    /// Whether another thread has attached, which stops this one to tell it that it is not alone.
    pub company: AtomicBool,
    pub report: AtomicBool,
}

impl Silent {
    pub fn run(&self, ready: mpsc::Sender<()>) {
        let body = |ctx: &mut Ctx| {
            ready.send(()).unwrap();
            while !self.company.load(SeqCst) {
                let _ = ctx.poll();
                thread::yield_now();
            }
            ready.send(()).unwrap();
            while !self.report.load(SeqCst) {
                thread::yield_now();
            }
            let _ = ctx.poll();
        };
        runtime().attach(body).unwrap();
    }
}
