//! The heap under one thread, many threads, limits, grace periods and exits.

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

#[test]
fn blocks_are_aligned_disjoint_and_walked_once() {
    let fixture = fixture();
    let local = fixture.local(1);
    let mut random = Random(1);
    let mut blocks = Vec::new();
    for _ in 0..if cfg!(miri) { 300 } else { 20_000 } {
        if random.below(5) < 3 || blocks.is_empty() {
            let (kind, size) = (random.kind(), random.size());
            let block = local.alloc(kind, size).expect("memory");
            assert_eq!(block.as_ptr().addr() % 16, 0);
            if size.is_power_of_two() && size <= CLASS_MAX {
                assert_eq!(block.as_ptr().addr() % size, 0);
            }
            // SAFETY: in use.
            assert!(unsafe { local.usable_size(block) } >= size);
            if kind.is_object() {
                assert_eq!(counts(kind, block), (0, 0));
            }
            paint(kind, block, size);
            blocks.push((kind, block, size));
        } else {
            let (kind, block, size) = blocks.swap_remove(random.below(blocks.len()));
            check(kind, block, size);
            // SAFETY: ours, once.
            unsafe { local.free(block) };
        }
    }
    for kinds in [Kinds::ALL, Kinds::OBJECTS, Kinds::COLLECTED] {
        let expected: BTreeSet<usize> = blocks
            .iter()
            .filter(|(kind, ..)| kinds.contains(*kind))
            .map(|(_, block, _)| block.as_ptr().addr())
            .collect();
        assert_eq!(fixture.live_set(kinds), expected);
    }
    for (kind, block, size) in blocks {
        check(kind, block, size);
        // SAFETY: ours, once.
        unsafe { local.free(block) };
    }
    assert!(fixture.live(Kinds::ALL).is_empty());
}

#[test]
fn recycled_memory_looks_dead_in_a_new_kind_of_page() {
    let fixture = fixture();
    let local = fixture.local(1);
    let round = |kind: HeapKind, size: usize| {
        let blocks: Vec<_> = (0..2 * SLICE / size + 2)
            .map(|_| local.alloc(kind, size).expect("memory"))
            .collect();
        for &block in &blocks {
            if kind.is_object() {
                assert_eq!(counts(kind, block), (0, 0));
            } else {
                // SAFETY: ours.
                unsafe { block.write_bytes(0xff, size) };
            }
        }
        for block in blocks {
            // SAFETY: ours, once.
            unsafe { local.free(block) };
        }
        local.collect(true);
        fixture.grace.pass();
        local.collect(true);
    };
    for size in [32, 48, 1024, CLASS_MAX, 3 * SLICE] {
        round(HeapKind::Buffer, size);
        for kind in [HeapKind::Plain, HeapKind::Prefixed] {
            round(kind, size);
        }
    }
}

#[test]
fn zeroed_blocks_are_zero_behind_the_header() {
    let fixture = fixture();
    let local = fixture.local(1);
    for kind in HeapKind::ALL {
        for size in [40, 300, 9000, 100_000, SEGMENT] {
            for _ in 0..3 {
                let block = local.alloc_sized(kind, size, true).expect("memory");
                let from = if kind.is_object() {
                    kind.header_offset() + 16
                } else {
                    0
                };
                // SAFETY: ours.
                unsafe {
                    let bytes = core::slice::from_raw_parts(block.add(from).as_ptr(), size - from);
                    assert!(bytes.iter().all(|&byte| byte == 0), "{kind:?} {size}");
                    block.add(from).write_bytes(0xee, size - from);
                    local.free(block);
                }
            }
        }
    }
}

#[test]
fn realloc_keeps_what_fits() {
    let fixture = fixture();
    let local = fixture.local(1);
    let mut block = local.alloc(HeapKind::Buffer, 24).expect("memory");
    // SAFETY: ours throughout.
    unsafe {
        block.cast::<u64>().write(42);
        for size in [25, 100, 5000, 80_000, 3_000_000, 6_000_000, 90_000, 32, 8] {
            block = local.realloc_buffer(block, size).expect("memory");
            assert_eq!(block.cast::<u64>().read(), 42);
            assert!(local.usable_size(block) >= size);
        }
        local.free(block);
    }
}

#[test]
fn the_limit_fails_allocations_and_only_those() {
    let fixture = fixture();
    let local = fixture.local(1);
    fixture.heap.set_limit(fixture.heap.bytes() + 20 * SLICE);
    for size in [16, 4000, 60_000, 200_000, 3 << 20] {
        let mut blocks = Vec::new();
        while let Some(block) = local.alloc(HeapKind::Buffer, size) {
            blocks.push(block);
            assert!(fixture.heap.bytes() <= fixture.heap.limit());
            assert!(blocks.len() < 100_000);
        }
        assert!(blocks.len() * size <= 20 * SLICE);
        assert!(
            // Guards and trailers are several times as large as a small block.
            cfg!(feature = "checks") || size > SLICE || blocks.len() * size >= 12 * SLICE,
            "{size}: {}",
            blocks.len()
        );
        for block in blocks {
            // SAFETY: ours, once.
            unsafe { local.free(block) };
        }
    }
    assert_eq!(local.alloc(HeapKind::Buffer, usize::MAX), None);
    assert_eq!(local.alloc(HeapKind::Buffer, isize::MAX as usize), None);
    fixture.heap.set_limit(usize::MAX);
    assert!(local.alloc(HeapKind::Plain, 3 << 20).is_some());
}

#[test]
fn object_pages_change_their_use_only_after_grace() {
    for size in [32, 60_000, 300_000, SEGMENT] {
        let fixture = fixture();
        let local = fixture.local(1);
        let before = fixture.heap.bytes();
        let fill = |kind: HeapKind| {
            let blocks: Vec<_> = (0..3 * SLICE / size + 3)
                .map(|_| local.alloc(kind, size).expect("memory"))
                .collect();
            for &block in &blocks {
                // SAFETY: ours, once.
                unsafe { local.free(block) };
            }
        };
        fill(HeapKind::Collected);
        let full = fixture.heap.bytes();
        assert!(full > before);
        for _ in 0..100 {
            local.collect(true);
        }
        assert_eq!(
            fixture.heap.bytes(),
            full,
            "released before its grace period, size {size}"
        );
        fixture.grace.pass();
        if size <= CLASS_MAX {
            // Used again: what they wait for begins anew.
            fill(HeapKind::Collected);
            local.collect(true);
            assert_eq!(
                fixture.heap.bytes(),
                full,
                "released by an old goal, size {size}"
            );
            fixture.grace.pass();
        }
        local.collect(true);
        assert!(fixture.heap.bytes() < full, "never released, size {size}");

        let before = fixture.heap.bytes();
        fill(HeapKind::Buffer);
        local.collect(true);
        assert_eq!(fixture.heap.bytes(), before, "buffers wait for nobody");
    }
}

#[test]
fn blocks_freed_elsewhere_come_back() {
    let fixture = fixture();
    let local = fixture.local(1);
    let other = fixture.local(2);
    for kind in [HeapKind::Buffer, HeapKind::Plain] {
        let mut peak = 0;
        for round in 0..20 {
            let blocks: Vec<_> = (0..10_000)
                .map(|_| local.alloc(kind, 64).expect("memory"))
                .collect();
            for block in blocks {
                // SAFETY: ours, once; `other` plays another thread.
                unsafe { other.free(block) };
            }
            if round == 1 {
                peak = fixture.heap.bytes();
            }
        }
        assert!(fixture.heap.bytes() <= peak, "freed blocks were not reused");
        assert!(fixture.live(Kinds::of(&[kind])).is_empty());
    }
}

#[test]
fn what_was_freed_elsewhere_is_sent_by_waits_collections_walks_and_exits() {
    let fixture = fixture();
    let local = fixture.local(1);
    for way in 0..4 {
        let block = local.alloc(HeapKind::Plain, 1024).expect("memory");
        let other = fixture.local(2);
        // SAFETY: ours, once; `other` plays another thread. The page has a block in use, or is empty and ours.
        let remote = unsafe {
            other.free(block);
            &PageHead::of(block).as_ref().shared.remote
        };
        assert_eq!(remote.load(Relaxed), 0, "one block is not sent");
        match way {
            0 => other.collect(false),
            1 => assert!(fixture.live(Kinds::ALL).is_empty()),
            2 => other.send(),
            _ => drop(other),
        }
        assert_ne!(remote.load(Relaxed), 0);
        local.collect(false);
        assert_eq!(remote.load(Relaxed), 0, "the owner has it back");
    }
}

#[test]
fn threads_free_each_others_blocks_while_some_exit() {
    let fixture = fixture();
    let threads: usize = 4;
    let rounds = if cfg!(miri) { 2 } else { 6 };
    let steps = if cfg!(miri) { 60 } else { 15_000 };
    for round in 0..rounds {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| mpsc::channel()).unzip();
        let kept: Vec<(HeapKind, usize, usize)> = thread::scope(|scope| {
            let workers: Vec<_> = receivers
                .into_iter()
                .enumerate()
                .map(|(number, inbox)| {
                    let (fixture, outboxes) = (&fixture, senders.clone());
                    scope.spawn(move || {
                        let local = fixture.local(number as u16 + 1);
                        let mut random = Random((round * threads + number) as u64);
                        let mut kept = Vec::new();
                        // Each thread stops at a different time, and so exits while others free into it.
                        for _ in 0..steps * (number + 1) / threads {
                            let (kind, size) = (random.kind(), random.size());
                            let block = local.alloc(kind, size).expect("memory");
                            paint(kind, block, size);
                            match random.below(8) {
                                0 if kept.len() < 100 => {
                                    kept.push((kind, block.as_ptr().expose_provenance(), size))
                                }
                                // SAFETY: ours, once.
                                1..4 => unsafe { local.free(block) },
                                _ => {
                                    let to = &outboxes[random.below(threads)];
                                    if to
                                        .send((kind, block.as_ptr().expose_provenance(), size))
                                        .is_err()
                                    {
                                        // SAFETY: ours, once: nobody took it.
                                        unsafe { local.free(block) };
                                    }
                                }
                            }
                            for (kind, block, size) in inbox.try_iter().take(20) {
                                receive(&local, kind, block, size);
                            }
                            if random.below(1000) == 0 {
                                fixture.grace.pass();
                                local.collect(random.below(2) == 0);
                            }
                        }
                        drop(outboxes);
                        // The rest comes out of the inbox when everyone has stopped sending, or is kept.
                        kept.extend(inbox.try_iter());
                        (kept, inbox)
                    })
                })
                .collect();
            drop(senders);
            let mut all = Vec::new();
            let mut inboxes = Vec::new();
            for worker in workers {
                let (kept, inbox) = worker.join().expect("a worker");
                all.extend(kept);
                inboxes.push(inbox);
            }
            all.extend(inboxes.iter().flatten());
            all
        });
        let expected: BTreeSet<usize> = kept.iter().map(|(_, block, _)| *block).collect();
        assert_eq!(fixture.live_set(Kinds::ALL), expected);
        let local = fixture.local(9);
        for (kind, block, size) in kept {
            receive(&local, kind, block, size);
        }
        assert!(fixture.live(Kinds::ALL).is_empty());
        drop(local);
        fixture.heap.purge();
        fixture.grace.pass();
        // SAFETY: all threads are gone.
        unsafe { fixture.heap.trim() };
        assert!(
            fixture.heap.held() <= 2 * SEGMENT,
            "{}",
            fixture.heap.held()
        );
        assert!(
            fixture.heap.bytes() <= 4 * SLICE,
            "{}",
            fixture.heap.bytes()
        );
    }
}

fn receive(local: &LocalHeap, kind: HeapKind, block: usize, size: usize) {
    let block = NonNull::new(core::ptr::with_exposed_provenance_mut(block)).expect("a block");
    check(kind, block, size);
    // SAFETY: whoever sent it gave it up.
    unsafe { local.free(block) };
}

#[test]
fn one_producer_many_consumers_on_full_pages() {
    let fixture = fixture();
    let local = fixture.local(1);
    thread::scope(|scope| {
        let senders: Vec<_> = (0..3)
            .map(|number| {
                let (sender, inbox) = mpsc::sync_channel::<usize>(64);
                let fixture = &fixture;
                scope.spawn(move || {
                    let mine = fixture.local(number + 2);
                    for block in inbox {
                        receive(&mine, HeapKind::Buffer, block, 16384);
                    }
                });
                sender
            })
            .collect();
        // Medium pages of few blocks are full all the time.
        for i in 0..if cfg!(miri) { 100 } else { 30_000 } {
            let block = local.alloc(HeapKind::Buffer, 16384).expect("memory");
            paint(HeapKind::Buffer, block, 16384);
            senders[i % 3]
                .send(block.as_ptr().expose_provenance())
                .expect("a consumer");
        }
    });
    assert!(fixture.heap.bytes() < 64 << 20, "{}", fixture.heap.bytes());
    assert!(fixture.live(Kinds::ALL).is_empty());
}

#[test]
fn abandoned_pages_are_adopted_by_kind_and_class() {
    let fixture = fixture();
    let first = fixture.local(1);
    let blocks: Vec<_> = (0..3000)
        .map(|_| first.alloc(HeapKind::Collected, 96).expect("memory"))
        .collect();
    for block in blocks.iter().step_by(2) {
        // SAFETY: ours, once.
        unsafe { first.free(*block) };
    }
    drop(first);
    assert_eq!(fixture.live(Kinds::COLLECTED).len(), 1500);
    let bytes = fixture.heap.bytes();
    let second = fixture.local(1);
    let mut pages = BTreeSet::new();
    for _ in 0..1500 {
        let block = second.alloc(HeapKind::Collected, 96).expect("memory");
        // SAFETY: in use.
        pages.insert(unsafe { PageHead::of(block) }.addr());
    }
    assert_eq!(fixture.heap.bytes(), bytes, "the holes were used");
    assert_eq!(fixture.live(Kinds::COLLECTED).len(), 3000);
    let other = second.alloc(HeapKind::Plain, 96).expect("memory");
    // SAFETY: in use.
    assert!(!pages.contains(&unsafe { PageHead::of(other) }.addr()));
    for block in blocks.iter().skip(1).step_by(2) {
        // SAFETY: ours, once.
        unsafe { second.free(*block) };
    }
}

#[test]
fn side_tables_give_each_block_a_word() {
    let fixture = fixture();
    let local = fixture.local(1);
    let mut random = Random(7);
    let blocks: Vec<_> = (0..2000)
        .map(|_| (local.alloc(HeapKind::Collected, random.size())).expect("memory"))
        .collect();
    let other = local.alloc(HeapKind::Plain, 32).expect("memory");
    {
        let mut tables = SideTables::new(fixture.heap.pages());
        // SAFETY: nobody else uses the heap meanwhile.
        unsafe {
            for part in 0..fixture.heap.walk_parts() {
                fixture
                    .heap
                    .for_each_page(part, Kinds::COLLECTED, |page| assert!(tables.attach(page)));
            }
            for (number, &block) in blocks.iter().enumerate() {
                let word = side::of(block);
                assert_eq!(word.read(), 0, "a word of its own");
                assert_eq!(side::of(block.add(31)), word);
                word.write(number as u32 + 1);
            }
            for (number, &block) in blocks.iter().enumerate() {
                assert_eq!(side::of(block).read(), number as u32 + 1);
            }
            assert!(side::of(other).is_null());
        }
    }
    // SAFETY: as above.
    assert!(unsafe { side::of(blocks[0]) }.is_null());
    assert_eq!(fixture.pages.reserved.load(Relaxed), fixture.heap.held());
}

/// Grace periods of one reader, who says when it holds no pointers.
#[derive(Default)]
struct OneReader {
    now: AtomicU64,
    seen: AtomicU64,
}

impl Grace for OneReader {
    fn current_goal(&self) -> u64 {
        self.now.fetch_add(1, SeqCst) + 1
    }

    fn reached(&self, goal: u64) -> bool {
        self.seen.load(SeqCst) >= goal
    }
}

#[test]
fn a_late_reader_only_ever_sees_the_counts_of_an_object() {
    let grace = forever(OneReader::default());
    let pages = forever(TestPages::default());
    let heap = forever(Heap::new(pages, grace));
    let slots: [AtomicPtr<u8>; 64] = core::array::from_fn(|_| AtomicPtr::default());
    let done = AtomicBool::new(false);
    let local_count = |header: NonNull<u8>, count: u32| {
        // SAFETY: the header of an object; its counts are only accessed as atomics.
        unsafe { header.add(8).cast::<AtomicU32>().as_ref() }.store(count, Release);
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                grace.seen.store(grace.now.load(SeqCst), SeqCst);
                for slot in &slots {
                    let Some(header) = NonNull::new(slot.load(SeqCst)) else {
                        continue;
                    };
                    for _ in 0..20 {
                        let (local, shared) = counts(HeapKind::Plain, header);
                        assert!(local <= 1 && shared == 0, "{local:x} {shared:x}");
                    }
                }
            }
            grace.seen.store(u64::MAX, SeqCst);
        });
        // SAFETY: the only heap in this slot; the shared one is leaked.
        let local = unsafe { heap.local(1) }.expect("memory");
        let mut random = Random(11);
        let mut live: Vec<Option<NonNull<u8>>> = std::vec![None; slots.len()];
        for _ in 0..if cfg!(miri) { 100 } else { 100_000 } {
            let at = random.below(slots.len());
            match live[at].take() {
                Some(block) => {
                    let header = slots[at].swap(core::ptr::null_mut(), SeqCst);
                    local_count(NonNull::new(header).expect("published"), 0);
                    // SAFETY: ours, once.
                    unsafe { local.free(block) };
                }
                None => {
                    let kind = HeapKind::ALL[1 + random.below(3)];
                    let size = [32, 48, 4096, 40_000, 100_000][random.below(5)];
                    let block = local.alloc(kind, size).expect("memory");
                    // SAFETY: within the block.
                    let header = unsafe { block.add(kind.header_offset()) };
                    local_count(header, 1);
                    slots[at].store(header.as_ptr(), SeqCst);
                    live[at] = Some(block);
                }
            }
            let size = [32, 48, 4096, 40_000, 100_000][random.below(5)];
            let buffer = local.alloc(HeapKind::Buffer, size).expect("memory");
            // SAFETY: ours, once.
            unsafe {
                buffer.write_bytes(0xff, size);
                local.free(buffer);
            }
            if random.below(50) == 0 {
                local.collect(true);
            }
        }
        done.store(true, Relaxed);
    });
}

#[test]
fn a_dropped_heap_returns_everything() {
    let pages = forever(TestPages::default());
    let heap = Heap::new(pages, &NoReaders);
    // SAFETY: dropped before the heap.
    let local = unsafe { heap.local(1) }.expect("memory");
    let mut random = Random(3);
    for _ in 0..if cfg!(miri) { 50 } else { 3000 } {
        local.alloc(random.kind(), random.size()).expect("memory");
    }
    drop(local);
    assert!(pages.reserved.load(Relaxed) > 0);
    drop(heap);
    assert_eq!(pages.reserved.load(Relaxed), 0);
}

#[test]
fn trimming_leaves_huge_blocks_alone() {
    let fixture = fixture();
    let local = fixture.local(1);
    let sizes = [SEGMENT - SLICE, SEGMENT, 3 * SEGMENT];
    let blocks = sizes.map(|size| local.alloc(HeapKind::Buffer, size).expect("memory"));
    let bytes = fixture.heap.bytes();
    // SAFETY: no other thread uses the heap.
    unsafe { fixture.heap.trim() };
    assert_eq!(fixture.heap.bytes(), bytes);
    for (block, size) in blocks.into_iter().zip(sizes) {
        paint(HeapKind::Buffer, block, size);
        check(HeapKind::Buffer, block, size);
        // SAFETY: ours, once.
        unsafe { local.free(block) };
    }
    // SAFETY: as above.
    unsafe { fixture.heap.trim() };
    assert!(fixture.heap.held() <= SEGMENT);
}

#[test]
fn a_source_without_pages_gives_none() {
    let heap = Heap::new(&kit_core::platform::pages::NoPages, &NoReaders);
    // SAFETY: dropped before the heap.
    assert!(unsafe { heap.local(1) }.is_none());
}
