//! Blocks: where they are, what is in them, what the limit refuses.

use super::*;

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
