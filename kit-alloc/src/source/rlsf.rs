//! Spans from a static array, by the two-level segregated fit of the crate `rlsf`.

use core::{alloc::Layout, fmt, mem::MaybeUninit, ptr::NonNull};

use kit_core::platform::pages::PageSource;
use rlsf::Tlsf;

use super::PAGE;
use crate::lock::SpinLock;

/// Spans of a static array, whose free parts `rlsf` keeps.
pub struct TlsfPages(SpinLock<Tlsf<'static, u32, u32, LEVELS, 32>>);

/// Lists by size, doubling from 32 bytes: what a span can have.
const LEVELS: usize = if usize::BITS < 64 { 26 } else { 32 };

impl TlsfPages {
    /// A source of what the array has room for.
    pub fn new(bytes: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut tlsf = Tlsf::new();
        tlsf.insert_free_block(bytes);
        Self(SpinLock::new(tlsf))
    }
}

impl fmt::Debug for TlsfPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsfPages").finish_non_exhaustive()
    }
}

// SAFETY: the allocator hands out memory that nobody else has, aligned as the layout says; it is zeroed here.
unsafe impl PageSource for TlsfPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align).ok()?;
        let span = self.0.lock().allocate(layout)?;
        // SAFETY: ours, of that size.
        unsafe { span.write_bytes(0, size) };
        Some(span)
    }

    unsafe fn release(&self, span: NonNull<u8>, _size: usize, align: usize) {
        // SAFETY: allocated by the same allocator with this alignment, and nobody uses the span.
        unsafe { self.0.lock().deallocate(span, align) }
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}
