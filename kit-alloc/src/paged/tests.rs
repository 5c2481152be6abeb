//! The heap under one thread, many threads, limits, grace periods and exits: what the tests share.

use core::{
    alloc::Layout,
    ptr::NonNull,
    sync::atomic::{
        AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering::*,
    },
};
use std::{
    alloc,
    boxed::Box,
    collections::BTreeSet,
    sync::{Mutex, mpsc},
    thread,
    vec::Vec,
};

use kit_core::{
    backend::{
        grace::{Grace, NoReaders},
        heap::{CLASS_MAX, HeapKind, Kinds, LocalHeap, SharedHeap},
        page::{PageHead, SEGMENT, SLICE},
        side::{self, SideTables},
    },
    platform::pages::PageSource,
};

use super::Heap;

mod blocks;
mod handed;
mod pages;

/// Spans from the system's allocator, counted.
#[derive(Default)]
struct TestPages {
    reserved: AtomicUsize,
}

// SAFETY: the allocator hands out fresh zeros.
unsafe impl PageSource for TestPages {
    fn reserve(&self, size: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(size, align).ok()?;
        self.reserved.fetch_add(size, Relaxed);
        // SAFETY: spans are not empty.
        NonNull::new(unsafe { alloc::alloc_zeroed(layout) })
    }

    unsafe fn release(&self, span: NonNull<u8>, size: usize, align: usize) {
        self.reserved.fetch_sub(size, Relaxed);
        // SAFETY: the caller's, with the same layout.
        unsafe {
            alloc::dealloc(
                span.as_ptr(),
                Layout::from_size_align_unchecked(size, align),
            )
        }
    }

    fn page_size(&self) -> usize {
        4096
    }
}

/// Grace periods that pass when the test says so.
#[derive(Default)]
struct TestGrace {
    now: AtomicU64,
}

impl Grace for TestGrace {
    fn current_goal(&self) -> u64 {
        self.now.load(SeqCst) + 1
    }

    fn reached(&self, goal: u64) -> bool {
        self.now.load(SeqCst) >= goal
    }
}

impl TestGrace {
    fn pass(&self) {
        self.now.fetch_add(1, SeqCst);
    }
}

struct Fixture {
    heap: &'static Heap,
    pages: &'static TestPages,
    grace: &'static TestGrace,
}

/// Keeps a value for ever, where a leak checker sees it.
fn forever<T: Sync + 'static>(value: T) -> &'static T {
    static KEPT: Mutex<Vec<&dyn Sync>> = Mutex::new(Vec::new());
    let kept: &'static T = Box::leak(Box::new(value));
    KEPT.lock().unwrap().push(kept);
    kept
}

fn fixture() -> Fixture {
    let pages = forever(TestPages::default());
    let grace = forever(TestGrace::default());
    Fixture {
        heap: forever(Heap::new(pages, grace)),
        pages,
        grace,
    }
}

impl Fixture {
    fn local(&self, slot: u16) -> LocalHeap {
        // SAFETY: tests give each living heap its own slot, and the shared heap is leaked.
        unsafe { self.heap.local(slot) }.expect("memory")
    }

    fn live(&self, kinds: Kinds) -> Vec<NonNull<u8>> {
        let mut blocks = Vec::new();
        // SAFETY: tests call this while no thread uses the heap.
        unsafe {
            self.heap
                .for_each_block(kinds, |block, _| blocks.push(block))
        };
        blocks
    }

    fn live_set(&self, kinds: Kinds) -> BTreeSet<usize> {
        let blocks = self.live(kinds);
        let set: BTreeSet<usize> = blocks.iter().map(|block| block.as_ptr().addr()).collect();
        assert_eq!(set.len(), blocks.len(), "a block was visited twice");
        set
    }
}

/// Fills a block so that an overlap with another would show.
fn paint(kind: HeapKind, block: NonNull<u8>, size: usize) {
    let from = if kind.is_object() {
        kind.header_offset() + 16
    } else {
        0
    };
    let color = block.as_ptr().addr() as u64 | 1;
    let mut at = from;
    while at + 8 <= size {
        // SAFETY: within the block, which is ours.
        unsafe { block.add(at).cast::<u64>().write(color) };
        at += if size > 4096 { 1024 } else { 8 };
    }
}

fn check(kind: HeapKind, block: NonNull<u8>, size: usize) {
    let color = block.as_ptr().addr() as u64 | 1;
    let mut at = if kind.is_object() {
        kind.header_offset() + 16
    } else {
        0
    };
    while at + 8 <= size {
        // SAFETY: within the block, which is ours and painted.
        let found = unsafe { block.add(at).cast::<u64>().read() };
        assert_eq!(found, color, "{kind:?} {size} {at}");
        at += if size > 4096 { 1024 } else { 8 };
    }
    if kind.is_object() {
        assert_eq!(counts(kind, block), (0, 0));
    }
}

fn counts(kind: HeapKind, block: NonNull<u8>) -> (u32, i32) {
    // SAFETY: the header of an object block, alive or dead.
    unsafe {
        let header = block.add(kind.header_offset());
        (
            header.add(8).cast::<AtomicU32>().as_ref().load(Relaxed),
            header.add(12).cast::<AtomicI32>().as_ref().load(Relaxed),
        )
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % end
    }

    /// Every kind of page, small ones more often.
    fn size(&mut self) -> usize {
        32 + match self.below(if cfg!(miri) { 100 } else { 1000 }) {
            0 => SEGMENT / 2 + self.below(SEGMENT),
            1..=3 => CLASS_MAX + self.below(SEGMENT / 3),
            4..=20 => self.below(CLASS_MAX - 32),
            21..=200 => self.below(4096),
            _ => self.below(200),
        }
    }

    fn kind(&mut self) -> HeapKind {
        HeapKind::ALL[self.below(4)]
    }
}
