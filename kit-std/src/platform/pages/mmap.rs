//! Private anonymous mappings.

use core::{
    ffi::c_void,
    ptr::{self, NonNull},
};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

pub(super) fn reserve(size: usize, align: usize) -> Option<NonNull<u8>> {
    let span = map_aligned(size, align)?;
    #[cfg(target_os = "linux")]
    huge::reserved(span, size, align);
    Some(span)
}

fn map_aligned(size: usize, align: usize) -> Option<NonNull<u8>> {
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

pub(super) unsafe fn release(span: NonNull<u8>, size: usize, align: usize) {
    #[cfg(target_os = "linux")]
    huge::released(size, align);
    let _ = align;
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

/// Huge pages for heaps that are large.
///
/// Who walks a large heap misses the processor's table of addresses at each page. Where one more segment makes little difference to
/// what the process holds, it gets its memory at once, in huge pages. What is purged later comes back in small ones, and nothing is put
/// together behind our back: a program that has shrunk stays so.
#[cfg(target_os = "linux")]
mod huge {
    use core::{
        ptr::NonNull,
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
    };
    use rustix::mm::{Advice, madvise};

    /// Bytes in segments: spans of one alignment.
    static HELD: AtomicUsize = AtomicUsize::new(0);

    /// Up to here memory is taken page by page.
    const SMALL: usize = 32 << 20;
    /// A huge page, as most machines have them.
    const HUGE: usize = 2 << 20;

    fn is_segment(size: usize, align: usize) -> bool {
        size == align && size >= HUGE
    }

    pub(super) fn reserved(span: NonNull<u8>, size: usize, align: usize) {
        // Relaxed, here and below: a sum that nothing else depends on.
        if !is_segment(size, align) || HELD.fetch_add(size, Relaxed) < SMALL {
            return;
        }
        // A refusal costs time, nothing else.
        // SAFETY: the span was just mapped, and is nobody else's; what is written there is the zero that it reads as.
        unsafe {
            if madvise(span.as_ptr().cast(), size, Advice::LinuxHugepage).is_ok() {
                for offset in (0..size).step_by(HUGE) {
                    span.add(offset).write_volatile(0);
                }
                let _ = madvise(span.as_ptr().cast(), size, Advice::LinuxNoHugepage);
            }
        }
    }

    pub(super) fn released(size: usize, align: usize) {
        if is_segment(size, align) {
            HELD.fetch_sub(size, Relaxed);
        }
    }
}
