//! A lock of no object is held where the thread may stop.

use kit_core::{sync::mutex::ByteLock, thread::Ctx};

fn f(ctx: &mut Ctx, lock: &ByteLock) {
    let held = ctx.lock_outer(lock);
    let _ = ctx.poll();
    drop(held);
}

fn main() {}
