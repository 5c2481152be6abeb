//! An object's lock goes to another thread.

use kit_core::{object::Header, thread::Ctx};

fn f(ctx: &Ctx, object: &Header) {
    let held = ctx.lock(object);
    std::thread::scope(|scope| {
        scope.spawn(move || drop(held));
    });
}

fn main() {}
