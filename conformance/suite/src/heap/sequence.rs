//! Arbitrary sequences of operations, against a model.

use kit_core::backend::heap::{CLASS_MAX, HeapKind, LocalHeap, SharedHeap};
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};

use super::{Block, HUGE};
use crate::{
    lab::Lab,
    law::{Law, always_the_same},
};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A thread allocates; a thread that has left arrives again.
    Alloc(usize, HeapKind, usize),
    /// Several alike, so that pages become full.
    Many(usize, HeapKind, usize),
    /// A thread frees a block, its own or not.
    Free(usize, usize),
    /// A thread changes the size of a buffer.
    Resize(usize, usize, usize),
    /// A thread frees every second block.
    Thin(usize),
    Collect(usize, bool),
    /// A grace period passes.
    Pass,
    /// A thread leaves.
    Leave(usize),
    Trim,
    Walk,
}

/// Allocations, frees by any thread, and threads that leave, in any order, agree with a model: a list of blocks
/// that keep what was written to them. Threads take turns here; a sequence that fails is made shorter.
pub fn sequences<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "sequences",
        advice: "run the sequence below step by step",
    };
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, always_the_same());
    let result = runner.run(&prop::collection::vec(step(), 1..120), |steps| {
        run(&law, &make, &steps);
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, steps)) => law.broken(&format!("{reason}\nafter {steps:?}")),
        Err(TestError::Abort(reason)) => law.broken(&reason.to_string()),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let thread = 0..THREADS;
    let kind = prop::sample::select(&HeapKind::ALL[..]);
    let size = prop_oneof![
        12 => 1_usize..300,
        4 => 300_usize..9000,
        2 => 9000..CLASS_MAX + 1,
        1 => CLASS_MAX + 1..CLASS_MAX * 6,
        1 => HUGE..HUGE + CLASS_MAX,
    ];
    let small = prop_oneof![4 => 1_usize..300, 1 => 9000_usize..20_000];
    let at = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    prop_oneof![
        8 => (thread.clone(), kind.clone(), size.clone()).prop_map(|(t, k, s)| Step::Alloc(t, k, s)),
        3 => (thread.clone(), kind, small).prop_map(|(t, k, s)| Step::Many(t, k, s)),
        8 => (thread.clone(), at.clone()).prop_map(|(t, at)| Step::Free(t, at)),
        2 => (thread.clone(), at, size).prop_map(|(t, at, s)| Step::Resize(t, at, s)),
        2 => thread.clone().prop_map(Step::Thin),
        2 => (thread.clone(), any::<bool>()).prop_map(|(t, force)| Step::Collect(t, force)),
        1 => Just(Step::Pass),
        1 => thread.prop_map(Step::Leave),
        1 => Just(Step::Trim),
        2 => Just(Step::Walk),
    ]
}

/// The threads that are there.
struct Locals([Option<LocalHeap>; THREADS]);

impl Locals {
    /// A thread's heap; a thread that has left arrives again.
    fn of(&mut self, law: &Law, heap: &impl SharedHeap, thread: usize) -> &LocalHeap {
        self.0[thread].get_or_insert_with(|| law.local(heap, thread as u16 + 1))
    }
}

fn run<H: SharedHeap>(law: &Law, make: &impl Fn(&Lab) -> H, steps: &[Step]) {
    let lab = Lab::new();
    let heap = make(&lab);
    let mut locals = Locals([const { None }; THREADS]);
    let mut blocks: Vec<Block> = Vec::new();
    for &step in steps {
        match step {
            Step::Alloc(thread, kind, size) => {
                let block = law.alloc(locals.of(law, &heap, thread), kind, size);
                block.demand_dead(law, "when it is handed out");
                blocks.push(block);
            }
            Step::Many(thread, kind, size) => {
                for _ in 0..150_000 / (size + 500) {
                    blocks.push(law.alloc(locals.of(law, &heap, thread), kind, size));
                }
            }
            Step::Free(thread, at) => {
                if !blocks.is_empty() {
                    let block = blocks.swap_remove(at % blocks.len());
                    block.check(law);
                    // SAFETY: the model's, once.
                    unsafe { block.free(locals.of(law, &heap, thread)) };
                }
            }
            Step::Resize(thread, at, size) => {
                if !blocks.is_empty() {
                    let at = at % blocks.len();
                    let old = blocks[at];
                    if old.kind == HeapKind::Buffer {
                        // SAFETY: the model's.
                        let start = unsafe {
                            old.start.write_bytes(0x5a, old.size);
                            locals
                                .of(law, &heap, thread)
                                .realloc_buffer(old.start, size)
                        };
                        let Some(start) = start else {
                            law.without_memory("no larger buffer");
                        };
                        let block = Block { start, size, ..old };
                        // SAFETY: the model's, of that size.
                        let kept = unsafe {
                            core::slice::from_raw_parts(start.as_ptr(), size.min(old.size))
                        };
                        law.demand(kept.iter().all(|&byte| byte == 0x5a), || {
                            format!("{old:?} became {block:?} and lost what it held")
                        });
                        block.paint();
                        blocks[at] = block;
                    }
                }
            }
            Step::Thin(thread) => {
                let mut number = 0;
                blocks.retain(|block| {
                    number += 1;
                    if number % 2 == 0 {
                        block.check(law);
                        // SAFETY: the model's, once.
                        unsafe { block.free(locals.of(law, &heap, thread)) };
                    }
                    number % 2 != 0
                });
            }
            Step::Collect(thread, force) => locals.of(law, &heap, thread).collect(force),
            Step::Pass => lab.pass(),
            Step::Leave(thread) => locals.0[thread] = None,
            // SAFETY: all threads are this one.
            Step::Trim => unsafe { heap.trim() },
            Step::Walk => law.demand_live(&heap, blocks.iter()),
        }
    }
    law.demand_live(&heap, blocks.iter());
    for block in blocks {
        block.check(law);
        // SAFETY: the model's, once.
        unsafe { block.free(locals.of(law, &heap, 0)) };
    }
}

const THREADS: usize = 3;
