//! Where spans of memory come from.

use core::ptr::NonNull;

/// A source of large, aligned spans of zeroed memory. Called on slow paths only, from any thread.
///
/// Sizes and alignments are multiples of [`page_size`](Self::page_size); alignments are powers of two.
/// The caller promises this once, here, for every function.
///
/// # Safety
///
/// An implementation promises that
///
/// - a reserved span is `size` bytes, aligned as asked, readable, writable, and shared with nobody;
/// - a reserved span reads as zeros;
/// - nothing in it changes until it is released or purged by its owner.
pub unsafe trait PageSource: Sync {
    /// A fresh span of zeros, or `None` when there is none. The only function that can fail.
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>>;

    /// Gives a span back. Never fails: a source that cannot take it back keeps it.
    ///
    /// # Safety
    ///
    /// - `span` came from [`reserve`](Self::reserve) of this source with the same `size` and `align`.
    /// - Nobody uses it any more.
    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize);

    /// Says that the contents of `part` are not needed: the host may take the memory behind it back until
    /// it is next written. Afterwards each byte reads as zero or as it was. Never fails: doing nothing
    /// is allowed.
    ///
    /// # Safety
    ///
    /// - `part` is `size` bytes inside a reserved span, on page boundaries.
    /// - Nobody reads or writes it during the call.
    unsafe fn purge(&self, part: NonNull<u8>, size: usize) {
        let _ = (part, size);
    }

    /// The granularity of everything above: a power of two, the same on every call.
    fn page_size(&self) -> usize;
}

/// A source that has nothing: where a port begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPages;

// SAFETY: it never hands out a span.
unsafe impl PageSource for NoPages {
    fn reserve(&self, _size: usize, _align: usize) -> Option<NonNull<u8>> {
        None
    }

    unsafe fn release(&self, _span: NonNull<u8>, _size: usize, _align: usize) {}

    fn page_size(&self) -> usize {
        4096
    }
}
