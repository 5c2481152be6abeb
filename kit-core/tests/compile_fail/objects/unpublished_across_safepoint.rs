//! A thread comes to a safepoint while an object that it makes is not complete.

use kit_core::{backend::heap::HeapKind, object::Header, thread::Ctx};

fn f(ctx: &mut Ctx) {
    let object = ctx.uninit::<Header>(1, HeapKind::Collected, size_of::<Header>());
    let _ = ctx.poll();
    drop(object);
}

fn main() {}
