//! Private anonymous mappings.

use core::{
    ffi::c_void,
    ptr::{self, NonNull},
};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

pub(super) fn reserve(size: usize, align: usize) -> Option<NonNull<u8>> {
    let first = map(size)?;
    if first.addr() % align == 0 {
        return NonNull::new(first.cast());
    }
    // Mappings tend to follow each other, so after one cut to fit the next often fits at once.
    // SAFETY: just mapped.
    unsafe { unmap(first, size) };
    let wide = size.checked_add(align)?;
    let start = map(wide)?;
    let before = start.addr().next_multiple_of(align) - start.addr();
    // SAFETY: both ends are parts of the mapping that we keep nothing in.
    unsafe {
        unmap(start, before);
        unmap(start.byte_add(before + size), wide - before - size);
        NonNull::new(start.byte_add(before).cast())
    }
}

pub(super) unsafe fn release(span: NonNull<u8>, size: usize, _align: usize) {
    // SAFETY: a mapping of ours that nobody uses.
    unsafe { unmap(span.as_ptr().cast(), size) };
}

pub(super) unsafe fn purge(part: NonNull<u8>, size: usize) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const ADVICE: Advice = Advice::LinuxDontNeed;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const ADVICE: Advice = Advice::DontNeed;
    // A refusal costs memory, nothing else.
    // SAFETY: pages of ours whose contents are not needed.
    let _ = unsafe { madvise(part.as_ptr().cast(), size, ADVICE) };
}

pub(super) fn page_size() -> usize {
    rustix::param::page_size()
}

fn map(size: usize) -> Option<*mut c_void> {
    // SAFETY: the system chooses where, so nothing is replaced.
    unsafe {
        mmap_anonymous(
            ptr::null_mut(),
            size,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    }
    .ok()
}

unsafe fn unmap(start: *mut c_void, size: usize) {
    if size != 0 {
        // A refusal (the system is short of descriptors for mappings) keeps the memory mapped, unused.
        // SAFETY: as the caller says, part of a mapping of ours that nobody uses.
        let _ = unsafe { munmap(start, size) };
    }
}
