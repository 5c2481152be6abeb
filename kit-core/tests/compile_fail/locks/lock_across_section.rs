//! An object's lock is held where a section begins, which may wait.

use kit_core::{object::Header, thread::Ctx};

fn f(ctx: &mut Ctx, object: &Header, other: &Header) {
    let held = ctx.lock(object);
    ctx.critical(other, |_| ());
    drop(held);
}

fn main() {}
