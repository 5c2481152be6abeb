//! Spans of memory from the operating system.

use core::ptr::NonNull;

use kit_core::platform::pages::PageSource;

#[cfg(all(unix, not(miri)))]
#[path = "pages/mmap.rs"]
mod imp;
#[cfg(not(all(unix, not(miri))))]
#[path = "pages/system.rs"]
mod imp;

/// The operating system's pages: mapped where it lets us, else from Rust's allocator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsPages;

// SAFETY: both implementations hand out fresh spans of zeros, and touch none that is in use.
unsafe impl PageSource for OsPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        imp::reserve(size, align)
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: as the caller says.
        unsafe { imp::release(span, size, align) }
    }

    unsafe fn purge(&self, part: NonNull<u8>, size: usize) {
        // SAFETY: as the caller says.
        unsafe { imp::purge(part, size) }
    }

    fn page_size(&self) -> usize {
        imp::page_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_aligned_zeroed_and_writable_after_a_purge() {
        let (size, align) = (5 << 20, 4 << 20);
        for _ in 0..4 {
            let span = OsPages.reserve(size, align).expect("memory");
            assert_eq!(span.as_ptr().addr() % align, 0);
            // SAFETY: the span is ours until it is released.
            unsafe {
                for at in (0..size).step_by(OsPages.page_size()) {
                    assert_eq!(span.add(at).read(), 0);
                    span.add(at).write(7);
                }
                OsPages.purge(span, 64 << 10);
                assert!(matches!(span.read(), 0 | 7));
                span.write(1);
                OsPages.release(span, size, align);
            }
        }
    }

    #[test]
    fn what_cannot_be_had_is_none() {
        assert_eq!(
            OsPages.reserve(isize::MAX as usize & !0xffff, 4 << 20),
            None
        );
    }
}
