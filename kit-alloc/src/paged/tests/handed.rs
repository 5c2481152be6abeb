//! Blocks that another thread frees than the one that allocated them.

use super::*;

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
