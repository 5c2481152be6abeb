//! Closing consumes the reference.

use kit_core::refcount::stack_ref::StackRef;
use kit_core::thread::Ctx;

fn twice(ctx: &mut Ctx, reference: StackRef) {
    reference.close(ctx);
    reference.close(ctx);
}

fn main() {}
