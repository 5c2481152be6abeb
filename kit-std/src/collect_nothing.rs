//! A runtime without the feature `gc`: what refers to itself stays, and a thread that finds memory short gives back what nobody uses.

use crate::runtime::Runtime;
use kit_core::thread::Ctx;

impl Runtime {
    /// Gives back what the heap has no use for if it has come near its limit. Counts alone find what is garbage.
    pub fn collect_if_due(&self, ctx: &mut Ctx) {
        ctx.thread().allocated.set(0);
        if self.heap.is_pressed() {
            ctx.drain();
            self.trim(ctx);
            self.heap.relieve();
        }
    }
}
