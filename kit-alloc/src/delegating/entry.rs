//! Entries of listings that have no block: each holds where the next one is.

use core::ptr::{self, NonNull};

use kit_core::backend::listing::Entry;

use super::chain::Node;

/// An entry without a block, in a chain: the next one's address, made odd.
#[derive(Clone, Copy, Debug)]
pub(super) struct Free(pub(super) NonNull<Entry>);

// SAFETY: a chain is used by one thread at a time.
unsafe impl Send for Free {}

impl Free {
    /// # Safety
    ///
    /// - The entry is the caller's, of a listing that stays for as long as it is in a chain.
    pub(super) unsafe fn new(entry: NonNull<Entry>) -> Self {
        Self(entry)
    }
}

impl Node for Free {
    fn next(self) -> Option<Self> {
        // SAFETY: as `new` demands.
        let next = unsafe { self.0.as_ref() }.0.get();
        NonNull::new(next.map_addr(|addr| addr & !1).cast()).map(Self)
    }

    fn set_next(self, next: Option<Self>) {
        let next = next.map_or(ptr::null_mut(), |next| next.0.as_ptr().cast::<u8>());
        // SAFETY: as above.
        unsafe { self.0.as_ref() }
            .0
            .set(next.map_addr(|addr| addr | 1));
    }
}

/// Whether an entry has no block. All have been in a chain.
pub(super) fn is_free(entry: &Entry) -> bool {
    !entry.0.get().addr().is_multiple_of(2)
}
