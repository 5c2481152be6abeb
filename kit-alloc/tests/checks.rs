//! What the checking build finds, and what it says.

use std::{
    alloc::System,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    sync::Mutex,
    thread,
};

use kit_alloc::{
    paged::{
        Heap,
        checks::{Misuse, Problem},
    },
    source::global::GlobalPages,
};
use kit_core::backend::{
    grace::NoReaders,
    heap::{CLASS_MAX, HeapKind, Kinds, LocalHeap, SharedHeap},
    page::SEGMENT,
};

static PAGES: GlobalPages<System> = GlobalPages(System);

const SIZES: [usize; 12] = [
    0,
    1,
    16,
    40,
    64,
    200,
    256,
    1000,
    16 << 10,
    CLASS_MAX,
    CLASS_MAX * 3,
    SEGMENT,
];

fn heap() -> Heap {
    Heap::new(&PAGES, &NoReaders)
}

fn local(heap: &Heap, slot: u16) -> LocalHeap {
    // SAFETY: tests give each its own slot, and drop it before the heap.
    unsafe { heap.local(slot) }.expect("memory")
}

fn size_of(kind: HeapKind, size: usize) -> usize {
    size.max(if kind.is_object() {
        kind.header_offset() + 16
    } else {
        0
    })
}

/// What the panic says that freeing this ends in.
#[track_caller]
fn refused(local: &LocalHeap, block: NonNull<u8>) -> String {
    // SAFETY: it is not: the heap finds out before it follows the pointer.
    let free = AssertUnwindSafe(|| unsafe { local.free(block) });
    let panic = catch_unwind(free).expect_err("a misuse that was not found");
    *panic.downcast::<String>().expect("a message")
}

#[test]
fn blocks_keep_their_promises_between_guards() {
    let heap = heap();
    let local = local(&heap, 1);
    for kind in HeapKind::ALL {
        for size in SIZES.map(|size| size_of(kind, size)) {
            let block = local.alloc(kind, size).expect("memory");
            let align = if size.is_power_of_two() && size <= CLASS_MAX {
                size.max(16)
            } else {
                16
            };
            assert!(block.as_ptr().addr().is_multiple_of(align), "{size}");
            // SAFETY: ours, of that size, and freed once.
            unsafe {
                assert_eq!(local.usable_size(block), size);
                let from = size_of(kind, 0);
                block.add(from).write_bytes(0x11, size - from);
                local.free(block);
            }
        }
    }
}

#[test]
fn memory_is_filled_but_for_headers() {
    let heap = heap();
    let local = local(&heap, 1);
    for kind in HeapKind::ALL {
        let header = kind.header_offset();
        let block = local.alloc(kind, 100).expect("memory");
        let other = local.alloc(kind, 100).expect("memory");
        // SAFETY: ours; the page of a freed block stays as long as another in it is live.
        unsafe {
            let from = size_of(kind, 0);
            let bytes = core::slice::from_raw_parts(block.as_ptr(), 100);
            assert!(bytes[from..].iter().all(|&byte| byte == 0xcd), "{kind:?}");
            if kind.is_object() {
                assert_eq!(&bytes[header + 8..header + 16], [0; 8], "{kind:?}: counts");
                block.add(header + 12).cast::<u32>().write(3);
            }
            local.free(block);
            let bytes = core::slice::from_raw_parts(block.as_ptr(), 100);
            assert!(
                bytes[from.max(4)..].iter().all(|&byte| byte == 0xdd),
                "{kind:?}"
            );
            if kind.is_object() {
                assert_eq!(
                    &bytes[header + 8..header + 16],
                    [0, 0, 0, 0, 3, 0, 0, 0],
                    "{kind:?}: counts"
                );
            }
            local.free(other);
        }
    }
}

#[test]
fn a_write_behind_a_block_is_found_when_it_is_freed() {
    for kind in [HeapKind::Buffer, HeapKind::Prefixed] {
        for size in SIZES.map(|size| size_of(kind, size)) {
            let heap = heap();
            let local = local(&heap, 7);
            let (block, line) = (local.alloc(kind, size).expect("memory"), line!());
            // SAFETY: it is not: one byte more than was asked for, in the guard.
            unsafe { block.add(size).write(0) };
            let message = refused(&local, block);
            for part in [
                format!(
                    "thread 7 freed {block:p}, behind whose end something was written, at byte {size};"
                ),
                format!("{kind:?}"),
                format!("; thread 7 asked for {size} bytes at {}:{line}:", file!()),
            ] {
                assert!(message.contains(&part), "{part}\n{message}");
            }
        }
    }
}

#[test]
fn a_second_free_is_found_by_any_thread() {
    for size in [40, 1000, CLASS_MAX] {
        let heap = heap();
        let mine = local(&heap, 1);
        let kept = mine.alloc(HeapKind::Plain, size).expect("memory");
        let block = mine.alloc(HeapKind::Plain, size).expect("memory");
        // SAFETY: ours.
        unsafe { mine.free(block) };
        let message = refused(&mine, block);
        assert!(
            message.contains("which was freed before; its page "),
            "{message}"
        );
        assert!(
            message.contains(&format!("thread 1 asked for {size} bytes at ")),
            "{message}"
        );
        let other = local(&heap, 2);
        let message = refused(&other, block);
        assert!(
            message.starts_with(&format!("thread 2 freed {block:p}, which was freed before")),
            "{message}"
        );
        // The heap is as it was: the block is handed out once.
        let [a, b] = [0; 2].map(|_| mine.alloc(HeapKind::Plain, size).expect("memory"));
        assert_ne!(a, b);
        for block in [a, b, kept] {
            // SAFETY: ours.
            unsafe { mine.free(block) };
        }
    }
}

#[test]
fn what_is_no_block_is_not_followed() {
    let (heap, elsewhere) = (heap(), heap());
    let (local, theirs) = (local(&heap, 1), self::local(&elsewhere, 1));
    let block = local.alloc(HeapKind::Buffer, 100).expect("memory");
    let huge = local.alloc(HeapKind::Buffer, 2 * SEGMENT).expect("memory");
    let foreign = theirs.alloc(HeapKind::Buffer, 100).expect("memory");
    let mut on_stack = [0_u64; 8];
    // SAFETY: all inside their blocks, or segments.
    let (inside, inside_huge, header, untouched) = unsafe {
        (
            block.add(16),
            huge.add(4096),
            NonNull::new_unchecked(block.as_ptr().map_addr(|addr| addr & !(SEGMENT - 1))),
            NonNull::new_unchecked(
                block
                    .as_ptr()
                    .map_addr(|addr| addr & !(SEGMENT - 1))
                    .add(SEGMENT / 2),
            ),
        )
    };
    for (pointer, problem) in [
        (foreign, "which is no memory of this heap"),
        (
            NonNull::from_mut(&mut on_stack).cast(),
            "which is no memory of this heap",
        ),
        (NonNull::dangling(), "which is no memory of this heap"),
        (inside, "where no block begins; its page "),
        (inside_huge, "where no block begins; its page "),
        (header, "where no block begins"),
        (untouched, "where no block begins"),
    ] {
        let message = refused(&local, pointer);
        assert!(message.contains(problem), "{problem}: {message}");
    }
    // SAFETY: a place for a block of the page that was not handed out yet.
    let early = unsafe { block.add(144 * 3) };
    let message = refused(&local, early);
    assert!(message.contains("which was never handed out"), "{message}");
    // SAFETY: each by its own heap.
    unsafe {
        local.free(block);
        local.free(huge);
        theirs.free(foreign);
    }
}

#[test]
fn a_write_after_free_is_found_when_the_block_is_handed_out_again() {
    let heap = heap();
    let local = local(&heap, 1);
    let kept = local.alloc(HeapKind::Plain, 100).expect("memory");
    let block = local.alloc(HeapKind::Plain, 100).expect("memory");
    // SAFETY: it is not: the page is there, but the block is free.
    unsafe {
        local.free(block);
        block.add(50).write(1);
    }
    let again = catch_unwind(AssertUnwindSafe(|| local.alloc(HeapKind::Plain, 100)));
    let message = again.expect_err("a misuse that was not found");
    let message = message.downcast::<String>().expect("a message");
    assert!(
        message.starts_with(&format!(
            "thread 1 was given {block:p}, to which something was written after it was freed, at byte 50;"
        )),
        "{message}"
    );
    // SAFETY: ours.
    unsafe { local.free(kept) };
}

#[test]
fn a_hook_is_called_instead_and_the_free_is_not_done() {
    /// The problem, who found it, and what was asked for by whom.
    type Found = (Problem, u16, Option<(usize, u16)>);
    static FOUND: Mutex<Vec<Found>> = Mutex::new(Vec::new());
    let hook = |misuse: &Misuse| {
        let allocated = misuse.known.and_then(|known| known.allocated);
        let asked = allocated.map(|allocated| (allocated.size, allocated.thread));
        FOUND
            .lock()
            .unwrap()
            .push((misuse.problem, misuse.thread, asked));
    };
    let heap = heap();
    heap.on_misuse(hook);
    let local = local(&heap, 3);
    let block = local.alloc(HeapKind::Collected, 80).expect("memory");
    // SAFETY: it is not: a guard is written, mended and a block freed twice.
    unsafe {
        block.add(81).write(1);
        local.free(block);
        block.add(81).write(0xfd);
        local.free(block);
        local.free(block);
        local.free(NonNull::dangling());
    }
    assert_eq!(
        *FOUND.lock().unwrap(),
        [
            (Problem::Overrun(81), 3, Some((80, 3))),
            (Problem::DoubleFree, 3, Some((80, 3))),
            (Problem::Foreign, 3, None),
        ]
    );
}

#[test]
fn of_two_threads_that_free_a_block_one_is_told() {
    static TOLD: Mutex<usize> = Mutex::new(0);
    let heap = heap();
    heap.on_misuse(|misuse| {
        assert_eq!(misuse.problem, Problem::DoubleFree);
        *TOLD.lock().unwrap() += 1;
    });
    let mine = local(&heap, 1);
    let kept = mine.alloc(HeapKind::Plain, 64).expect("memory");
    let blocks: Vec<_> = (0..500)
        .map(|_| {
            mine.alloc(HeapKind::Plain, 64)
                .expect("memory")
                .as_ptr()
                .expose_provenance()
        })
        .collect();
    thread::scope(|scope| {
        for slot in [2, 3] {
            let (heap, blocks) = (&heap, &blocks);
            scope.spawn(move || {
                let local = local(heap, slot);
                for &block in blocks {
                    let block = NonNull::new(core::ptr::with_exposed_provenance_mut(block));
                    // SAFETY: it is not, for one of the two; the page stays, as `kept` is live.
                    unsafe { local.free(block.expect("a block")) };
                }
            });
        }
    });
    assert_eq!(*TOLD.lock().unwrap(), blocks.len());
    let mut live = Vec::new();
    // SAFETY: no thread uses the heap.
    unsafe { heap.for_each_block(Kinds::ALL, |block, _| live.push(block)) };
    assert_eq!(live, [kept]);
}

/// A delegating heap whose grace periods pass when the test says so.
mod delegating {
    use kit_alloc::delegating::DelegatingHeap;
    use kit_core::backend::grace::Grace;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use super::*;

    struct Clock(AtomicU64);

    impl Grace for Clock {
        fn current_goal(&self) -> u64 {
            self.0.load(SeqCst) + 1
        }
        fn reached(&self, goal: u64) -> bool {
            self.0.load(SeqCst) >= goal
        }
    }

    static NEVER: Clock = Clock(AtomicU64::new(0));

    fn with_local(body: impl FnOnce(&LocalHeap)) {
        let heap = DelegatingHeap::new(&System, &NEVER);
        // SAFETY: the only one, dropped before the heap.
        let local = unsafe { heap.local(3) }.expect("memory");
        body(&local);
    }

    #[test]
    fn a_second_free_is_found_and_says_which_block() {
        with_local(|local| {
            for kind in [HeapKind::Plain, HeapKind::Collected, HeapKind::Prefixed] {
                let block = local.alloc(kind, 72).expect("memory");
                let line = line!() - 1;
                // SAFETY: ours; freed once.
                unsafe { local.free(block) };
                let said = refused(local, block);
                let expected = format!(
                    "thread 3 freed {block:p}, 72 bytes, {kind:?}, of thread 3, asked for at {}:{line}:",
                    file!()
                );
                assert!(
                    said.starts_with(&expected) && said.ends_with("it was freed before"),
                    "{said}"
                );
            }
        });
    }

    #[test]
    fn what_is_written_behind_a_block_is_found_when_it_is_freed() {
        with_local(|local| {
            for size in SIZES {
                for kind in HeapKind::ALL {
                    let block = local.alloc(kind, size).expect("memory");
                    let end = size_of(kind, size);
                    // SAFETY: ours; the byte behind is the heap's, but there.
                    unsafe {
                        assert_eq!(local.usable_size(block), end);
                        let kept = block.add(end).replace(1);
                        let said = refused(local, block);
                        let expected = format!("behind its end, at byte {end}");
                        assert!(said.contains(&expected), "{said}");
                        block.add(end).write(kept);
                        local.free(block);
                    }
                }
            }
        });
    }

    #[test]
    fn what_is_written_to_a_dead_object_is_found_when_it_is_released() {
        static CLOCK: Clock = Clock(AtomicU64::new(0));
        let heap = DelegatingHeap::new(&System, &CLOCK);
        // SAFETY: the only one, dropped before the heap.
        let local = unsafe { heap.local(1) }.expect("memory");
        let block = local.alloc(HeapKind::Plain, 100).expect("memory");
        // SAFETY: ours, freed once; and what it is not: written to later.
        unsafe {
            local.free(block);
            block.add(50).write(7);
        }
        local.collect(true);
        CLOCK.0.store(1, SeqCst);
        let collect = AssertUnwindSafe(|| local.collect(true));
        let panic = catch_unwind(collect).expect_err("a misuse that was not found");
        let said = *panic.downcast::<String>().expect("a message");
        assert!(
            said.contains(", 100 bytes, Plain,")
                && said.ends_with("after it was freed, at byte 50"),
            "{said}"
        );
    }
}
