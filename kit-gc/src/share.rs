//! Work that several threads share: who has too much puts some of it into a hatch, who has none takes it out of there,
//! and all agree when there is no more.
//!
//! ```text
//! a worker's hatch:  EMPTY ──it fills it──▶ FULL ──somebody (or itself) takes──▶ TAKEN ──copied──▶ EMPTY
//! busy:              workers that have something to do, or are about to take something
//! ```
//!
//! A worker puts work only into its own hatch, and looks there before it stops being busy; whoever takes is busy
//! before. So while there is work, somebody is busy, and when nobody is there is none. Workers may come late, or not
//! at all.

use core::mem::MaybeUninit;
use kit_core::sync::{
    atomic::{
        AtomicU32, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
        spin_loop,
    },
    cell::UnsafeCell,
};

/// The most workers there can be.
#[cfg(not(loom))]
pub(crate) const WORKERS: usize = 8;
#[cfg(loom)]
pub(crate) const WORKERS: usize = 2;

/// Items that fit into a hatch.
#[cfg(not(loom))]
pub(crate) const PACKET: usize = 32;
#[cfg(loom)]
pub(crate) const PACKET: usize = 1;

/// What the workers share.
pub(crate) struct Share<T: Copy> {
    busy: AtomicUsize,
    /// Workers that look for something to do.
    hungry: AtomicUsize,
    hatches: [Hatch<T>; WORKERS],
}

struct Hatch<T: Copy> {
    state: AtomicU32,
    packet: UnsafeCell<Packet<T>>,
}

/// Some work.
#[derive(Clone, Copy)]
pub(crate) struct Packet<T: Copy> {
    len: usize,
    items: [MaybeUninit<T>; PACKET],
}

impl<T: Copy> Packet<T> {
    /// As much of what `next` gives as there is room for.
    pub(crate) fn fill(mut next: impl FnMut() -> Option<T>) -> Self {
        let mut packet = Packet {
            len: 0,
            items: [MaybeUninit::uninit(); PACKET],
        };
        while packet.len < PACKET
            && let Some(item) = next()
        {
            packet.items[packet.len].write(item);
            packet.len += 1;
        }
        packet
    }

    /// What is in it.
    pub(crate) fn items(&self) -> impl Iterator<Item = T> {
        // SAFETY: so many were written.
        (self.items[..self.len].iter()).map(|item| unsafe { item.assume_init() })
    }
}

// SAFETY: a packet is touched by its hatch's owner while that is EMPTY, and by who made it TAKEN.
unsafe impl<T: Copy + Send> Sync for Share<T> {}

const EMPTY: u32 = 0;
const FULL: u32 = 1;
const TAKEN: u32 = 2;

impl<T: Copy> Share<T> {
    /// Nobody has come yet.
    pub(crate) fn new() -> Self {
        Self {
            busy: AtomicUsize::new(0),
            hungry: AtomicUsize::new(0),
            hatches: core::array::from_fn(|_| Hatch {
                state: AtomicU32::new(EMPTY),
                packet: UnsafeCell::new(Packet::fill(|| None)),
            }),
        }
    }

    /// A worker comes; it is busy. The one that has work is the first.
    pub(crate) fn join(&self) {
        // Relaxed: the first one's comes before those of others, which it lets in.
        self.busy.fetch_add(1, Relaxed);
    }

    /// Whether somebody has nothing to do.
    #[inline(always)]
    pub(crate) fn is_wanted(&self) -> bool {
        // Relaxed: a hint.
        self.hungry.load(Relaxed) != 0
    }

    /// Lets others have what `packet` makes, unless they have not taken the last one yet.
    pub(crate) fn offer(&self, me: usize, packet: impl FnOnce() -> Packet<T>) {
        let hatch = &self.hatches[me];
        // Acquire, paired with `take_from`: the last packet was copied.
        if hatch.state.load(Acquire) == EMPTY {
            let packet = packet();
            if packet.len != 0 {
                // SAFETY: the hatch is ours while it is empty.
                hatch.packet.with_mut(|place| unsafe { *place = packet });
                // Release, paired with `take_from`: the packet is there.
                hatch.state.store(FULL, Release);
            }
        }
    }

    /// Something to do, for a worker that has nothing. `None`: nobody has anything any more, and what all have
    /// done is done. `pause` lets others run.
    pub(crate) fn take(&self, me: usize, mut pause: impl FnMut()) -> Option<Packet<T>> {
        // We are busy; if others took from our hatch, they were when they did.
        if let Some(packet) = self.take_from(me) {
            return Some(packet);
        }
        // Relaxed: a hint.
        self.hungry.fetch_add(1, Relaxed);
        // Release, paired with the load below: who finds nobody busy sees what we did. It comes after the increment of
        // whoever took from our hatch.
        self.busy.fetch_sub(1, Release);
        let found = loop {
            for other in 0..WORKERS {
                let hatch = &self.hatches[other];
                // Relaxed: whether there is something is decided in `take_from`.
                if hatch.state.load(Relaxed) == FULL {
                    // Relaxed: published with what we take.
                    self.busy.fetch_add(1, Relaxed);
                    if let Some(packet) = self.take_from(other) {
                        self.hungry.fetch_sub(1, Relaxed);
                        return Some(packet);
                    }
                    // Relaxed: what we did was released before, and the release sequence goes on.
                    self.busy.fetch_sub(1, Relaxed);
                }
            }
            // Acquire, paired with the decrements.
            if self.busy.load(Acquire) == 0 {
                break None;
            }
            pause();
            spin_loop();
        };
        self.hungry.fetch_sub(1, Relaxed);
        found
    }

    fn take_from(&self, worker: usize) -> Option<Packet<T>> {
        let hatch = &self.hatches[worker];
        // Acquire, paired with `offer`: the packet is there. Release, paired with the failure of its owner: we are busy.
        (hatch.state)
            .compare_exchange(FULL, TAKEN, AcqRel, Acquire)
            .ok()?;
        // SAFETY: nobody else touches a packet that was taken.
        let packet = hatch.packet.with(|place| unsafe { *place });
        // Release, paired with `offer`: it was copied.
        hatch.state.store(EMPTY, Release);
        Some(packet)
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use loom::thread;
    use std::{sync::Arc, vec, vec::Vec};

    /// Tasks are numbers; each leads to smaller ones. What a task does is seen by those that it leads to.
    struct World {
        share: Share<usize>,
        done: [UnsafeCell<bool>; 4],
        left: AtomicUsize,
    }

    // SAFETY: a cell is written by who has its task; loom checks.
    unsafe impl Sync for World {}
    // SAFETY: as above.
    unsafe impl Send for World {}

    /// What a task leads to.
    fn next(task: usize) -> &'static [usize] {
        match task {
            0 => &[1, 2],
            2 => &[3],
            _ => &[],
        }
    }

    fn work(world: &World, me: usize, mut todo: Vec<usize>) {
        loop {
            while let Some(task) = todo.pop() {
                // SAFETY: each task is done by one worker.
                world.done[task].with_mut(|done| unsafe {
                    assert!(!*done, "done twice");
                    *done = true;
                });
                if task == 3 {
                    // Whoever handed on a task did so after it had done its own.
                    // SAFETY: nobody writes it any more.
                    assert!(world.done[2].with(|done| unsafe { *done }));
                }
                todo.extend(next(task));
                world.left.fetch_sub(1, Relaxed);
                if world.share.is_wanted() {
                    world.share.offer(me, || Packet::fill(|| todo.pop()));
                }
            }
            match world.share.take(me, thread::yield_now) {
                Some(packet) => todo.extend(packet.items()),
                None => break,
            }
        }
        // Everything was done when a worker goes, whoever did it.
        assert_eq!(world.left.load(Relaxed), 0);
    }

    /// Fails with Relaxed in `offer`'s store, in the first decrement of `busy` or the load of it, or with Release in the exchange of `take_from`. That
    /// its increments come before the decrement of an owner who lost a packet takes the Release of that exchange and the Acquire of
    /// its failure; loom, which orders read-modify-writes as it runs them, cannot tell.
    #[test]
    fn work_is_done_once_and_all_of_it() {
        loom::model(|| {
            let world = Arc::new(World {
                share: Share::new(),
                done: core::array::from_fn(|_| UnsafeCell::new(false)),
                left: AtomicUsize::new(4),
            });
            world.share.join();
            let other = {
                let world = Arc::clone(&world);
                thread::spawn(move || {
                    world.share.join();
                    work(&world, 1, vec![]);
                })
            };
            work(&world, 0, vec![0]);
            other.join().unwrap();
        });
    }

    fn sum(share: &Share<usize>, me: usize) -> usize {
        let mut sum = 0;
        while let Some(packet) = share.take(me, thread::yield_now) {
            sum += packet.items().sum::<usize>();
        }
        sum
    }

    /// Fails with Relaxed in `offer`'s load, or in the store of `take_from`.
    #[test]
    fn a_hatch_is_filled_again_when_its_packet_was_copied() {
        loom::model(|| {
            let share = Arc::new(Share::<usize>::new());
            share.join();
            let other = {
                let share = Arc::clone(&share);
                thread::spawn(move || {
                    share.join();
                    sum(&share, 1)
                })
            };
            let mut rest = vec![1, 2];
            // The other one stays for as long as we are busy.
            while !rest.is_empty() {
                share.offer(0, || Packet::fill(|| rest.pop()));
                thread::yield_now();
            }
            let mine = sum(&share, 0);
            assert_eq!(mine + other.join().unwrap(), 3);
        });
    }
}
