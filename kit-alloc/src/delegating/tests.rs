use core::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::{alloc::System, boxed::Box, collections::BTreeSet, thread, vec::Vec};

use super::*;
use crate::testing::Lent;

/// A clock that the test sets.
#[derive(Default)]
struct Clock {
    now: AtomicU64,
}

impl Grace for Clock {
    fn current_goal(&self) -> u64 {
        self.now.load(SeqCst) + 1
    }
    fn reached(&self, goal: u64) -> bool {
        self.now.load(SeqCst) >= goal
    }
}

/// A heap and its clock, which is declared first so that it goes last.
fn heap() -> (Lent<Clock>, DelegatingHeap) {
    let clock = Lent::new(Box::<Clock>::default());
    // SAFETY: the test drops the heap before the clock.
    let heap = DelegatingHeap::new(&System, unsafe { clock.lend() });
    (clock, heap)
}

fn live(heap: &DelegatingHeap) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let heap: &dyn SharedHeap = heap;
    // SAFETY: nobody uses the heap meanwhile.
    unsafe {
        heap.for_each_block(Kinds::OBJECTS, |block, _| {
            assert!(found.insert(block.as_ptr().addr()), "met twice");
        });
    }
    found
}

#[test]
fn the_walk_meets_live_objects_and_nothing_else() {
    let (clock, heap) = heap();
    // SAFETY: the only heap of its slot, dropped before `heap`.
    let local = unsafe { heap.local(1) }.expect("memory");
    let mut expected = BTreeSet::new();
    let mut buffers = Vec::new();
    for size in [16, 32, 48, 100, 5000, 100_000] {
        for kind in HeapKind::ALL {
            let block = local.alloc_sized(kind, size, true).expect("memory");
            assert_eq!(block.as_ptr().addr() % 16, 0);
            // SAFETY: ours, and at least that large.
            unsafe {
                assert!(local.usable_size(block) >= size);
                assert!((0..size).all(|at| block.add(at).read() == 0));
                if kind.is_object() {
                    let header = block.add(kind.header_offset());
                    assert_eq!(listing::page_of(header).as_ref().heap_kind(), kind);
                    expected.insert(block.as_ptr().addr());
                } else {
                    block.write_bytes(1, size);
                    buffers.push(block);
                }
            }
        }
    }
    assert_eq!(live(&heap), expected);
    for (index, address) in expected.clone().into_iter().enumerate() {
        if index % 2 == 0 {
            expected.remove(&address);
            let block = NonNull::new(ptr::with_exposed_provenance_mut(address)).expect("a block");
            // SAFETY: allocated above, freed once; the counts are zeros.
            unsafe { local.free(block) };
        }
    }
    for block in buffers {
        // SAFETY: allocated above, freed once.
        unsafe { local.free(block) };
    }
    assert_eq!(live(&heap), expected);
    clock.now.store(5, SeqCst);
    local.collect(true);
    assert_eq!(live(&heap), expected);
}

#[test]
fn a_freed_object_stays_readable_until_its_grace_period_has_passed() {
    let (clock, heap) = heap();
    // SAFETY: the only heap of its slot, dropped before `heap`.
    let local = unsafe { heap.local(1) }.expect("memory");
    let before = heap.bytes();
    let blocks: Vec<_> = (0..100)
        .map(|_| local.alloc(HeapKind::Plain, 64).expect("memory"))
        .collect();
    let full = heap.bytes();
    for block in &blocks {
        // SAFETY: allocated above, freed once; the counts are zeros.
        unsafe { local.free(*block) };
    }
    local.collect(true);
    assert_eq!(heap.bytes(), full, "nothing is given back yet");
    for block in &blocks {
        // SAFETY: the grace period has not passed.
        assert_eq!(unsafe { block.cast::<[u32; 4]>().read() }, [0; 4]);
    }
    clock.now.store(1, SeqCst);
    local.collect(true);
    // SAFETY: no thread uses the heap.
    unsafe { heap.trim() };
    assert_eq!(heap.bytes(), before);
}

#[cfg(not(feature = "checks"))]
#[test]
fn an_object_costs_a_few_words_more_than_it_has() {
    let (_clock, heap) = heap();
    // SAFETY: the only heap of its slot, dropped before `heap`.
    let local = unsafe { heap.local(1) }.expect("memory");
    let before = heap.bytes();
    for _ in 0..10_000 {
        local.alloc(HeapKind::Collected, 64).expect("memory");
    }
    let each = (heap.bytes() - before).div_ceil(10_000);
    assert!(each <= 64 + FRONT + 10, "{each}");
}

#[test]
fn entries_of_one_thread_serve_another() {
    let (clock, heap) = heap();
    // SAFETY: each the only heap of its slot, dropped before `heap`.
    let [one, two] = [1, 2].map(|slot| unsafe { heap.local(slot) }.expect("memory"));
    let mut most = 0;
    for round in 0..20 {
        let blocks: Vec<_> = (0..1000)
            .map(|_| one.alloc(HeapKind::Plain, 32).expect("memory"))
            .collect();
        for block in blocks {
            // SAFETY: allocated above, freed once; the counts are zeros.
            unsafe { two.free(block) };
        }
        clock.now.fetch_add(1, SeqCst);
        two.collect(false);
        clock.now.fetch_add(1, SeqCst);
        two.collect(false);
        if round == 0 {
            // Besides what each has at hand.
            most = heap.bytes() + 2 * LISTING;
        }
        assert!(heap.bytes() <= most, "round {round}: {}", heap.bytes());
    }
}

#[test]
#[cfg_attr(
    not(any(debug_assertions, feature = "checks")),
    ignore = "only then it is looked at"
)]
#[should_panic(expected = "it was freed before")]
fn a_second_free_is_noticed_while_the_first_waits() {
    let (_clock, heap) = heap();
    // SAFETY: the only heap of its slot, dropped before `heap`.
    let local = unsafe { heap.local(1) }.expect("memory");
    let block = local.alloc(HeapKind::Plain, 64).expect("memory");
    // SAFETY: allocated above, freed once; the counts are zeros. And not: the block is still there.
    unsafe {
        local.free(block);
        local.free(block);
    }
}

#[test]
fn what_a_thread_leaves_waiting_is_released_by_others() {
    let (clock, heap) = heap();
    // SAFETY: the only heap of its slot, dropped before `heap`.
    let mine = unsafe { heap.local(1) }.expect("memory");
    let before = heap.bytes();
    thread::scope(|scope| {
        for slot in 2..6 {
            let heap = &heap;
            scope.spawn(move || {
                // SAFETY: as above.
                let local = unsafe { heap.local(slot) }.expect("memory");
                let blocks: Vec<_> = (0..1000)
                    .map(|_| local.alloc(HeapKind::Collected, 48).expect("memory"))
                    .collect();
                for block in blocks {
                    // SAFETY: allocated above, freed once; the counts are zeros.
                    unsafe { local.free(block) };
                }
            });
        }
    });
    assert!(live(&heap).is_empty() && heap.bytes() > before + 4000 * 48);
    clock.now.store(1, SeqCst);
    mine.collect(true);
    // SAFETY: no thread uses the heap.
    unsafe { heap.trim() };
    assert_eq!(heap.bytes(), before);
}

#[test]
fn the_limit_fails_allocations_and_freeing_makes_room() {
    let (clock, heap) = heap();
    heap.set_limit(100_000);
    // SAFETY: the only heap of its slot, dropped before `heap`.
    let local = unsafe { heap.local(1) }.expect("memory");
    let mut blocks = Vec::new();
    while let Some(block) = local.alloc(HeapKind::Plain, 1000) {
        blocks.push(block);
    }
    assert!(blocks.len() > 50 && heap.bytes() <= 100_000);
    assert_eq!(local.alloc(HeapKind::Buffer, usize::MAX), None);
    for block in blocks.drain(..10) {
        // SAFETY: allocated above, freed once; the counts are zeros.
        unsafe { local.free(block) };
    }
    assert_eq!(local.alloc(HeapKind::Plain, 1000), None, "still waiting");
    clock.now.store(1, SeqCst);
    assert!(local.alloc(HeapKind::Plain, 1000).is_some());
}
