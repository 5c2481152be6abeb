//! What is left of the images of code without the feature `tlbc`: nothing is copied, so there is nothing to choose and nothing to free.

use crate::backend::heap::SharedHeap;
use crate::platform::memory::Memory;
use crate::sync::parking::ParkingLot;

/// How code is to be copied: not at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeOptions {}

/// No images.
#[derive(Debug)]
pub struct CodeSpace(());

impl CodeSpace {
    /// Room for nothing.
    pub fn new(
        _: &'static Memory,
        _: &'static ParkingLot,
        _: &'static dyn SharedHeap,
        _: CodeOptions,
    ) -> CodeSpace {
        CodeSpace(())
    }

    /// Frees nothing.
    ///
    /// # Safety
    /// - The world is stopped.
    pub unsafe fn reclaim(&self) {}
}
