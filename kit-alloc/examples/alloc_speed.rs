//! How long an allocation and a free take: `cargo run --release -p kit-alloc --example alloc_speed`.

use std::{
    alloc::{Layout, alloc_zeroed, dealloc},
    hint::black_box,
    ptr::NonNull,
    time::Instant,
};

use kit_alloc::paged::Heap;
use kit_core::{
    backend::{
        grace::NoReaders,
        heap::{HeapKind, LocalHeap, SharedHeap},
    },
    platform::pages::PageSource,
};

struct System;

// SAFETY: the system's allocator hands out fresh zeros.
unsafe impl PageSource for System {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        // SAFETY: spans are not empty.
        NonNull::new(unsafe { alloc_zeroed(Layout::from_size_align(size, align).ok()?) })
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        // SAFETY: the caller's, with the same layout.
        unsafe {
            dealloc(
                span.as_ptr(),
                Layout::from_size_align_unchecked(size, align),
            )
        }
    }

    fn page_size(&self) -> usize {
        4096
    }
}

fn main() {
    static HEAP: Heap = Heap::new(&System, &NoReaders);
    // SAFETY: the only heap in this slot, over a static.
    let local = &unsafe { HEAP.local(1) }.expect("memory");
    // SAFETY: as above.
    let other = &unsafe { HEAP.local(2) }.expect("memory");
    println!("ns per allocation and free      16 B     32 B     64 B    256 B");
    row("in turn", |size| pairs(local, size));
    row("in turn, size not known", |size| {
        pairs(local, black_box(size))
    });
    row("1000, then all in order", |size| {
        batch(local, local, size, 1000, false)
    });
    row("1000, then all in reverse", |size| {
        batch(local, local, size, 1000, true)
    });
    row("100000, then all in order", |size| {
        batch(local, local, size, 100_000, false)
    });
    row("100000, freed by another", |size| {
        batch(local, other, size, 100_000, false)
    });
    row("system: in turn", |size| {
        let layout = Layout::from_size_align(size, 16).expect("a layout");
        for _ in 0..N {
            // SAFETY: freed at once, with the same layout.
            unsafe { dealloc(black_box(std::alloc::alloc(layout)), layout) };
        }
    });
    row("system: 1000, then all", |size| {
        let layout = Layout::from_size_align(size, 16).expect("a layout");
        let mut blocks = Vec::with_capacity(1000);
        for _ in 0..N / 1000 {
            // SAFETY: each freed once, with the same layout.
            unsafe {
                blocks.extend((0..1000).map(|_| std::alloc::alloc(layout)));
                blocks.drain(..).for_each(|block| dealloc(block, layout));
            }
        }
    });
}

fn row(name: &str, run: impl Fn(usize)) {
    print!("{name:26}");
    for size in [16, 32, 64, 256] {
        run(size);
        let best = (0..5).map(|_| {
            let start = Instant::now();
            run(size);
            start.elapsed().as_nanos() as f64 / N as f64
        });
        print!(" {:8.2}", best.fold(f64::MAX, f64::min));
    }
    println!();
}

#[inline(never)]
fn pairs(local: &LocalHeap, size: usize) {
    // One block stays, as some object of each size does in any program.
    let keep = local.alloc(HeapKind::Plain, size).expect("memory");
    for _ in 0..N {
        let block = black_box(local.alloc(HeapKind::Plain, size).expect("memory"));
        // SAFETY: ours, once.
        unsafe { local.free(block) };
    }
    // SAFETY: ours, once.
    unsafe { local.free(keep) };
}

#[inline(never)]
fn batch(from: &LocalHeap, to: &LocalHeap, size: usize, count: usize, reverse: bool) {
    let mut blocks = Vec::with_capacity(count);
    for _ in 0..N / count {
        blocks.extend((0..count).map(|_| from.alloc(HeapKind::Plain, size).expect("memory")));
        if reverse {
            blocks.reverse();
        }
        for block in blocks.drain(..) {
            // SAFETY: ours, once.
            unsafe { to.free(block) };
        }
    }
}

const N: usize = 2_000_000;
