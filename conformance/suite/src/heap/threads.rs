//! Laws that take more than one thread.

use std::{
    panic::resume_unwind,
    sync::mpsc,
    thread::{self, ScopedJoinHandle},
};

use kit_core::backend::heap::{CLASS_MAX, HeapKind, SharedHeap};

use super::{Block, Random, settle};
use crate::{lab::Lab, law::Law};

fn join<T>(worker: ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// A thread frees blocks of another, at the same time as that allocates more; the blocks come back.
pub fn remote_free<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "remote_free",
        advice: "what another thread frees must find its way to the page's owner, also when the owner had set the page aside as full",
    };
    for (kind, size, count) in [
        (HeapKind::Buffer, 64, 4000),
        (HeapKind::Plain, 64, 4000),
        (HeapKind::Prefixed, 700, 1000),
        (HeapKind::Buffer, 16 << 10, 60),
        (HeapKind::Collected, CLASS_MAX * 2, 20),
    ] {
        let lab = Lab::new();
        let heap = make(&lab);
        let (sender, inbox) = mpsc::sync_channel::<Block>(count / 2);
        let (done, freed) = mpsc::channel();
        let (law, heap_ref) = (&law, &heap);
        thread::scope(|scope| {
            let consumer = scope.spawn(move || {
                let local = law.local(heap_ref, 2);
                for (number, block) in inbox.iter().enumerate() {
                    block.check(law);
                    // SAFETY: the sender gave it up.
                    unsafe { block.free(&local) };
                    if (number + 1) % count == 0 {
                        local.collect(true);
                        // The producer has gone if nobody listens.
                        let _ = done.send(());
                    }
                }
            });
            let producer = scope.spawn(move || {
                let local = law.local(heap_ref, 1);
                let mut most = 0;
                for round in 0..12 {
                    for _ in 0..count {
                        if sender.send(law.alloc(&local, kind, size)).is_err() {
                            return;
                        }
                    }
                    if freed.recv().is_err() {
                        return;
                    }
                    settle(&lab, &local);
                    let bytes = heap_ref.bytes();
                    if round < 2 {
                        most = most.max(bytes);
                    }
                    // How far the consumer lags differs from round to round, but not by more than a round.
                    law.demand(bytes <= most + count * size / 2 + (1 << 20), || {
                        format!("{bytes} bytes are in use after round {round}, at first it were {most}: freed blocks of {size} bytes, {kind:?}, are not reused")
                    });
                }
            });
            let produced = producer.join();
            join(consumer);
            produced.unwrap_or_else(|panic| resume_unwind(panic));
        });
        law.demand_live(&heap, [].iter());
    }
}

/// Blocks of a thread that has left are live and walked, can be freed by others, and their places are reused.
pub fn abandonment<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "abandonment",
        advice: "`HeapOps::exit` leaves pages with live blocks to the shared heap, where the walk finds them; whoever needs a page of that kind and size takes one of those first",
    };
    for size in [48, 700, 16 << 10, CLASS_MAX * 2] {
        let count = (1 << 20) / size;
        let lab = Lab::new();
        let heap = make(&lab);
        for round in 0..3 {
            let (law, heap_ref) = (&law, &heap);
            let mut blocks = thread::scope(|scope| {
                join(scope.spawn(move || {
                    let local = law.local(heap_ref, 1);
                    let mut blocks = Vec::new();
                    for _ in 0..count.min(1500) {
                        for kind in HeapKind::ALL {
                            blocks.push(law.alloc(&local, kind, size));
                        }
                    }
                    blocks
                }))
            });
            law.demand_live(&heap, blocks.iter());
            let local = law.local(&heap, 2);
            let full = heap.bytes();
            let gone: Vec<_> = (0..blocks.len() / 8)
                .flat_map(|eighth| [8 * eighth, 8 * eighth + 1, 8 * eighth + 2, 8 * eighth + 3])
                .map(|at| blocks[at])
                .collect();
            for block in &gone {
                block.check(law);
                // SAFETY: its thread has left it to us.
                unsafe { block.free(&local) };
            }
            blocks.retain(|block| !gone.contains(block));
            law.demand_live(&heap, blocks.iter());
            settle(&lab, &local);
            for block in &gone {
                blocks.push(law.alloc(&local, block.kind, block.size));
            }
            let bytes = heap.bytes();
            law.demand(bytes <= full, || {
                format!("round {round}: half of the blocks of a thread that left were freed and allocated again, and bytes in use grew from {full} to {bytes}")
            });
            law.demand_live(&heap, blocks.iter());
            for block in blocks.drain(..) {
                block.check(law);
                // SAFETY: ours, or its thread has left it to us.
                unsafe { block.free(&local) };
            }
            settle(&lab, &local);
            law.demand_live(&heap, blocks.iter());
        }
    }
}

/// Threads allocate, send each other blocks, free them, and leave at different times, while others still free
/// what they allocated. What is left is what a walk sees.
pub fn exits<H: SharedHeap>(make: impl Fn(&Lab) -> H) {
    let law = Law {
        name: "exits",
        advice: "nobody may touch a thread's records after it has left: a free into its pages must have finished, or see that the page has no owner",
    };
    let lab = Lab::new();
    let heap = make(&lab);
    for round in 0..4 {
        let (senders, inboxes): (Vec<_>, Vec<_>) =
            (0..THREADS).map(|_| mpsc::channel::<Block>()).unzip();
        let (law, heap_ref) = (&law, &heap);
        let kept: Vec<Block> = thread::scope(|scope| {
            let workers: Vec<_> = inboxes
                .into_iter()
                .enumerate()
                .map(|(number, inbox)| {
                    let outboxes = senders.clone();
                    scope.spawn(move || {
                        let local = law.local(heap_ref, number as u16 + 1);
                        let mut random = Random((round * THREADS + number) as u64);
                        let mut kept = Vec::new();
                        for _ in 0..2000 * (number + 1) {
                            let (kind, size) = (random.kind(), random.size().min(CLASS_MAX * 4));
                            let block = law.alloc(&local, kind, size);
                            match random.below(8) {
                                0 if kept.len() < 100 => kept.push(block),
                                // SAFETY: ours.
                                0..4 => unsafe { block.free(&local) },
                                _ => {
                                    if let Err(back) = outboxes[random.below(THREADS)].send(block) {
                                        // SAFETY: nobody took it.
                                        unsafe { back.0.free(&local) };
                                    }
                                }
                            }
                            for block in inbox.try_iter().take(10) {
                                block.check(law);
                                // SAFETY: the sender gave it up.
                                unsafe { block.free(&local) };
                            }
                            if random.below(500) == 0 {
                                local.collect(random.below(2) == 0);
                            }
                        }
                        drop(outboxes);
                        (kept, inbox)
                    })
                })
                .collect();
            drop(senders);
            let mut all = Vec::new();
            let mut inboxes = Vec::new();
            let mut panics = Vec::new();
            for worker in workers {
                match worker.join() {
                    Ok((kept, inbox)) => {
                        all.extend(kept);
                        inboxes.push(inbox);
                    }
                    Err(panic) => panics.push(panic),
                }
            }
            if let Some(panic) = panics.pop() {
                resume_unwind(panic);
            }
            all.extend(inboxes.iter().flatten());
            all
        });
        law.demand_live(&heap, kept.iter());
        let local = law.local(&heap, 9);
        for block in kept {
            block.check(law);
            // SAFETY: all threads have left it to us.
            unsafe { block.free(&local) };
        }
        law.demand_live(&heap, [].iter());
        settle(&lab, &local);
    }
}

const THREADS: usize = 4;
