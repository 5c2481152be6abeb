//! Objects that are being made: what the collector must not see yet.
//!
//! ```text
//! Ctx::uninit ──▶ Uninit: a header, and room ──fields are written──▶ publish ──▶ an object, tracked, one reference
//!                    └──────────────── dropped ──▶ the block is free again
//! ```
//!
//! A collector asks tracked objects for their references, at any safepoint of any thread. So an object may be tracked when its
//! fields are written and not before, and whoever makes one must not forget it. An [`Uninit`] borrows the context, so no
//! safepoint comes while it is there; [`publish`](Uninit::publish) takes it away, and is what tracks.
//!
//! An object of a kind that cannot be part of a cycle lies in the plain heap, and is not tracked at all.
//!
//! ```compile_fail,E0502
//! # use kit_core::{backend::heap::HeapKind, object::Header, thread::Ctx};
//! fn make(ctx: &mut Ctx) -> Option<*mut Header> {
//!     let mut object = ctx.uninit::<Header>(1, HeapKind::Collected, size_of::<Header>())?;
//!     ctx.drain(); // Destructors may run, and may come to a safepoint.
//!     Some(object.as_ptr())
//! }
//! ```

use super::{Ctx, Thread};
use crate::{
    backend::heap::{HeapKind, PREFIX},
    object::{Bits, Header},
};
use core::{fmt, marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};

/// What begins with a [`Header`].
///
/// # Safety
///
/// - The type is `repr(C)`, and its first field is a header, or such a type.
pub unsafe trait Object {}

// SAFETY: it is one.
unsafe impl Object for Header {}

/// An object that nobody else knows of: its header is initialised, its fields are whatever was there before.
#[must_use]
pub struct Uninit<'c, T: Object> {
    object: NonNull<T>,
    kind: HeapKind,
    thread: &'c Thread,
    /// The thread's own.
    ctx: PhantomData<&'c Ctx>,
}

impl<T: Object> fmt::Debug for Uninit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Uninit").field(&self.object).finish()
    }
}

impl Ctx {
    /// [Allocates](Self::allocate) an object of `size` bytes in all, which [becomes one](Uninit::publish) when its fields are
    /// written. It may be longer or, where it ends with an array, shorter than a `T`.
    #[inline(always)]
    pub fn uninit<T: Object>(
        &self,
        type_id: u32,
        kind: HeapKind,
        size: usize,
    ) -> Option<Uninit<'_, T>> {
        const { assert!(align_of::<T>() <= 16) };
        let object = self.allocate(type_id, kind, size)?;
        // SAFETY: just allocated, of this kind.
        Some(unsafe { Uninit::from_block(self, object, kind) })
    }
}

impl<'c, T: Object> Uninit<'c, T> {
    /// An object of which there is a block.
    ///
    /// # Safety
    ///
    /// - `object` was just allocated, as this kind, by the thread of `ctx`.
    #[inline(always)]
    pub unsafe fn from_block(ctx: &'c Ctx, object: NonNull<Header>, kind: HeapKind) -> Self {
        Self {
            object: object.cast(),
            kind,
            thread: ctx.thread(),
            ctx: PhantomData,
        }
    }

    /// Where the object is, for writing its fields: no further than there is room.
    #[inline(always)]
    pub fn as_ptr(&mut self) -> *mut T {
        self.object.as_ptr()
    }

    /// The object as it is now, tracked unless it lies in the plain heap. The caller has its one reference.
    ///
    /// # Safety
    ///
    /// - All that the functions of the object's [`Kind`](crate::object::Kind) look at is written.
    #[inline(always)]
    pub unsafe fn publish(self) -> NonNull<Header> {
        let this = ManuallyDrop::new(self);
        let object = this.object.cast::<Header>();
        if !matches!(this.kind, HeapKind::Plain) {
            // SAFETY: initialised, and nobody else knows of it.
            unsafe { object.as_ref().set_bits_private(Bits::TRACKED) };
        }
        object
    }
}

impl<T: Object> Drop for Uninit<'_, T> {
    /// It does not come to be: its block is free again. What was written there is not dropped.
    #[cold]
    fn drop(&mut self) {
        // SAFETY: ours alone, of the running thread's heap. The block of an object with a prefix begins in front of that.
        unsafe {
            let header = self.object.cast::<Header>();
            header.as_ref().write_off(self.thread.counter());
            let prefixed = header.as_ref().bits().contains(Bits::USER);
            if !matches!(self.kind, HeapKind::Plain) {
                (self.thread.allocated).set(self.thread.allocated.get() - 1);
            }
            let block = header.cast::<u8>().sub(if prefixed { PREFIX } else { 0 });
            self.thread.heap.free(block);
        }
    }
}
