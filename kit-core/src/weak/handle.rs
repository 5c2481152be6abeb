//! A weak reference for embedders' own structures.

use super::{WeakNode, WeakTable};
use crate::backend::heap::HeapKind;
use crate::object::{Header, Word};
use crate::thread::Ctx;
use core::ptr::NonNull;

/// A weak reference that lies in no object: a cache's, or a native library's to an object of the language.
///
/// It is given back with [`drop_in`](Self::drop_in), which needs the context; without that, its node stays in the table.
#[must_use]
pub struct Weak {
    table: &'static WeakTable,
    node: NonNull<WeakNode>,
}

// SAFETY: the node may be used by any thread; the table says how.
unsafe impl Send for Weak {}
// SAFETY: as above.
unsafe impl Sync for Weak {}

impl Weak {
    /// A weak reference to `referent`, which the caller holds a reference to. `None` without memory.
    pub fn new(ctx: &Ctx, table: &'static WeakTable, referent: &Header) -> Option<Self> {
        let block = ctx
            .thread()
            .heap
            .alloc(HeapKind::Buffer, size_of::<WeakNode>())?;
        let node = block.cast::<WeakNode>();
        // SAFETY: the block has room for a node and is ours; it is freed in `drop_in`, after the node was unlinked.
        unsafe {
            node.write(WeakNode::alone());
            table.link(ctx, node, referent);
        }
        Some(Self { table, node })
    }

    /// A new reference to the referent; `None` once that is dying.
    #[inline]
    pub fn upgrade(&self, ctx: &Ctx) -> Option<Word> {
        // SAFETY: the node lives as long as the handle.
        unsafe { self.node.as_ref() }.upgrade(ctx)
    }

    /// Gives the weak reference back.
    pub fn drop_in(self, ctx: &Ctx) {
        // SAFETY: allocated in `new`; unlinked, nobody leads to it.
        unsafe {
            self.table.unlink(ctx, self.node.as_ref());
            ctx.thread().heap.free(self.node.cast());
        }
    }
}
