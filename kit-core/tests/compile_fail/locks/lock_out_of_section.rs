//! A lock taken inside a section leaves it.

use kit_core::{object::Header, thread::Ctx};

fn f(ctx: &mut Ctx, object: &Header) {
    let held = ctx.critical(object, |ctx| ctx.lock(object));
    drop(held);
}

fn main() {}
