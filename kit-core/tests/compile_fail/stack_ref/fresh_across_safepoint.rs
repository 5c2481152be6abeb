//! A reference that is in no slot yet is not seen by the collector, so no safepoint may come first.

use kit_core::object::Word;
use kit_core::refcount::stack_ref::{Fresh, StackRef};
use kit_core::thread::Ctx;

fn load(ctx: &mut Ctx, slot: &mut StackRef, word: Word) -> StackRef {
    // SAFETY: an example that does not compile.
    let fresh = unsafe { Fresh::from_new(ctx, word) };
    let _ = ctx.poll();
    fresh.put(slot)
}

fn main() {}
