//! What the tests of this crate share.

use core::{mem::MaybeUninit, ops::Deref, ptr::NonNull};
use std::{boxed::Box, vec};

/// A value that a test lends out as if it were there for ever, and frees at its end.
pub struct Lent<T: ?Sized>(NonNull<T>);

// SAFETY: it gives shared access only, and owns the value.
unsafe impl<T: ?Sized + Send + Sync> Sync for Lent<T> {}

impl<T: ?Sized> Lent<T> {
    pub fn new(value: Box<T>) -> Lent<T> {
        Lent(NonNull::from(Box::leak(value)))
    }

    /// The value.
    ///
    /// # Safety
    /// - Whatever keeps the result is dropped before `self`.
    pub unsafe fn lend(&self) -> &'static T {
        // SAFETY: alive until `self` is dropped.
        unsafe { self.0.as_ref() }
    }

    /// The value, to be written.
    ///
    /// # Safety
    /// - As for [`lend`](Self::lend), and nobody else has the value.
    pub unsafe fn lend_mut(&mut self) -> &'static mut T {
        // SAFETY: alive until `self` is dropped, and the caller's alone.
        unsafe { self.0.as_mut() }
    }
}

/// An array with other things in it than zeros.
pub fn array(size: usize) -> Lent<[MaybeUninit<u8>]> {
    Lent::new(vec![MaybeUninit::new(0xa5); size].into_boxed_slice())
}

/// Lends an array to what is declared behind it, and so dropped before it.
pub fn lend(array: &mut Lent<[MaybeUninit<u8>]>) -> &'static mut [MaybeUninit<u8>] {
    // SAFETY: as said, and it is lent once.
    unsafe { array.lend_mut() }
}

impl<T: ?Sized> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: alive until `self` is dropped.
        unsafe { self.0.as_ref() }
    }
}

impl<T: ?Sized> Drop for Lent<T> {
    fn drop(&mut self) {
        // SAFETY: from a box, and nobody has it any more, as those who lent it out have promised.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}
