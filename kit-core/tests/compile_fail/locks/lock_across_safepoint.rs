//! An object's lock is held where the thread may stop.

use kit_core::{object::Header, thread::Ctx};

fn f(ctx: &mut Ctx, object: &Header) {
    let held = ctx.lock(object);
    let _ = ctx.poll();
    drop(held);
}

fn main() {}
