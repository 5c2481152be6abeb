//! Memory without an operating system: sixteen mebibytes of `.bss`, handed out from one end.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use kit_core::platform::pages::PageSource;

const SIZE: usize = 16 << 20;

/// Gives out spans and never takes them back: spans of pages for the heap, and tables.
pub struct Arena {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: `used` gives each byte to one caller.
unsafe impl Sync for Arena {}

/// The program's memory.
pub static ARENA: Arena = Arena {
    bytes: UnsafeCell::new([0; SIZE]),
    used: AtomicUsize::new(0),
};

impl Arena {
    /// `size` bytes of zeros at a multiple of `align`, a power of two.
    fn take(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let start: *mut u8 = self.bytes.get().cast();
        let place = |used: usize| {
            let skipped = (start.addr() + used).wrapping_neg() & (align - 1);
            let begin = used.checked_add(skipped)?;
            Some((begin, begin.checked_add(size).filter(|&end| end <= SIZE)?))
        };
        // Relaxed: the bytes are zero from the start, so there is nothing to publish.
        let used = self
            .used
            .fetch_update(Relaxed, Relaxed, |used| Some(place(used)?.1))
            .ok()?;
        // SAFETY: `place` keeps the span inside the array.
        NonNull::new(unsafe { start.add(place(used)?.0) })
    }

    /// Moves a value to where it stays for ever; `None` when the arena is full.
    pub fn keep<T>(&'static self, value: T) -> Option<&'static T> {
        let place = self.take(size_of::<T>(), align_of::<T>())?.cast::<T>();
        // SAFETY: fresh, aligned, of the right size.
        unsafe {
            place.write(value);
            Some(place.as_ref())
        }
    }
}

// SAFETY: spans are zeroed, aligned and given out once.
unsafe impl PageSource for Arena {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        self.take(size, align)
    }

    unsafe fn release(&self, _span: NonNull<u8>, _size: usize, _align: usize) {}

    fn page_size(&self) -> usize {
        4096
    }
}

// SAFETY: as above.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout.size(), layout.align())
            .map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
}
