//! Pages: what they may become, and when; whose they are; what goes back to the source.

use super::*;

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
