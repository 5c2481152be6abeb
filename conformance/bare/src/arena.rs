//! Memory without an operating system: a part of `.bss`, handed out from one end. Sixteen mebibytes with a paged heap, more with the languages; on a small machine
//! less than half of one, with a heap that asks an allocator for each block.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
#[cfg(feature = "single")]
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
#[cfg(not(feature = "single"))]
use kit_alloc::paged::Heap;
#[cfg(feature = "single")]
use kit_alloc::{delegating::DelegatingHeap, small::region::Region};
use kit_core::backend::heap::SharedHeap;
use kit_core::platform::pages::PageSource;
use kit_core::sync::native::{AtomicUsize, Ordering::Relaxed};
use kit_gc::qsbr::Qsbr;

const SIZE: usize = if cfg!(feature = "single") {
    112 << 10
} else if cfg!(feature = "python") {
    128 << 20
} else if cfg!(feature = "lisp") {
    64 << 20
} else {
    16 << 20
};

/// The heap of all objects; `None` when the arena is full.
#[cfg(not(feature = "single"))]
pub fn heap(grace: &'static Qsbr) -> Option<&'static dyn SharedHeap> {
    Some(ARENA.keep(Heap::new(&ARENA, grace))?)
}

/// The heap of all objects; `None` when the arena is full.
#[cfg(feature = "single")]
pub fn heap(grace: &'static Qsbr) -> Option<&'static dyn SharedHeap> {
    static mut BYTES: [MaybeUninit<u8>; 96 << 10] = [MaybeUninit::uninit(); 96 << 10];
    // SAFETY: there is one runtime, so this is borrowed once.
    let region = ARENA.keep(Region::new(unsafe { &mut *&raw mut BYTES })?)?;
    Some(ARENA.keep(DelegatingHeap::new(region, grace))?)
}

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
