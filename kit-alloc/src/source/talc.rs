//! Spans from a static array, by the crate `talc`.

use core::{alloc::Layout, fmt, mem::MaybeUninit, ptr::NonNull};

use kit_core::platform::pages::PageSource;
use talc::{DefaultBinning, base::Talc, source::Manual};

use super::PAGE;
use crate::lock::SpinLock;

/// Spans of a static array, whose free parts `talc` keeps.
pub struct TalcPages(SpinLock<Talc<Manual, DefaultBinning>>);

impl TalcPages {
    /// A source of what the array has room for; `None` if that is not even the allocator's own records.
    pub fn new(bytes: &'static mut [MaybeUninit<u8>]) -> Option<Self> {
        let mut talc = Talc::new(Manual);
        // SAFETY: the array is ours for ever, and given to this allocator alone.
        unsafe { talc.claim(bytes.as_mut_ptr().cast(), bytes.len()) }?;
        Some(Self(SpinLock::new(talc)))
    }
}

impl fmt::Debug for TalcPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TalcPages").finish_non_exhaustive()
    }
}

// SAFETY: the allocator hands out memory that nobody else has, aligned as the layout says; it is zeroed here.
unsafe impl PageSource for TalcPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align)
            .ok()
            .filter(|layout| layout.size() != 0)?;
        // SAFETY: the size is not 0.
        let span = unsafe { self.0.lock().allocate(layout) }?;
        // SAFETY: ours, of that size.
        unsafe { span.write_bytes(0, size) };
        Some(span)
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: `reserve` made the same layout, so it is valid, and nobody uses the span.
        unsafe {
            self.0.lock().deallocate(
                span.as_ptr(),
                Layout::from_size_align_unchecked(size, align),
            )
        }
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}
