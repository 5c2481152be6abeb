//! Fields that refer without keeping alive.

use super::context::Ctx;
use super::member::{Member, Place, Visit, Visitor};
use super::type_info::Managed;
use super::value::Local;
use core::marker::PhantomData;
use core::ptr::NonNull;
use kit_core::object::Header;
use kit_core::thread::Ctx as RawCtx;
use kit_core::weak::{WeakNode, WeakTable};

/// A field that refers to an object of type `T` without keeping it alive. It is filled before its own object is
/// finished ([`New::put_weak`](super::New::put_weak)), once and for all.
pub struct Weak<T> {
    node: WeakNode,
    referent: PhantomData<fn() -> T>,
}

impl<T> Weak<T> {
    /// One that refers to nothing.
    pub fn new() -> Weak<T> {
        Weak {
            node: WeakNode::alone(),
            referent: PhantomData,
        }
    }

    /// # Safety
    /// - This lies in an object that nobody else sees yet.
    pub(super) unsafe fn link(&self, ctx: &RawCtx, table: &WeakTable, referent: &Header) {
        table.unlink(ctx, &self.node);
        // SAFETY: unlinked now, and again before the object is freed (`visit`), whose place does not change; the caller of
        // `put_weak` holds the referent.
        unsafe { table.link(ctx, NonNull::from(&self.node), referent) };
    }
}

impl<T> Default for Weak<T> {
    fn default() -> Weak<T> {
        Weak::new()
    }
}

// SAFETY: it owns nothing.
unsafe impl<T: Managed> Member for Weak<T> {
    const REFERS: bool = false;

    fn visit(&self, visitor: &mut Visitor<'_>) {
        if let Visit::Empty(ctx) = &visitor.0 {
            super::language::language(ctx)
                .weak()
                .unlink(ctx, &self.node);
        }
    }
}

impl<'a, T: Managed> Place<'_, 'a, Weak<T>> {
    /// The object, unless it is dying or gone.
    pub fn upgrade(self, ctx: &Ctx<'a>) -> Option<Local<'a, T>> {
        let word = self.member.node.upgrade(ctx.raw())?;
        // SAFETY: a new reference, to the object of this type that the node was linked to.
        Some(unsafe { Local::from_word(word) })
    }
}
