//! Closing a reference may run the language's code: what was loaded has to be in its slot before.

use kit_core::refcount::stack_ref::{Fresh, StackRef};
use kit_core::sync::atomic::AtomicU64;
use kit_core::thread::Ctx;

fn attribute(ctx: &mut Ctx, object: StackRef, value: &AtomicU64, slot: &mut StackRef) {
    // SAFETY: an example that does not compile.
    let Some(found) = (unsafe { Fresh::try_get(ctx, value) }) else {
        return;
    };
    object.close(ctx);
    let _old = found.put(slot);
}

fn main() {}
