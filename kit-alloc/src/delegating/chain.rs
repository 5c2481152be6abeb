//! Free entries: a thread has a few at hand, and exchanges the rest with the other threads in batches.
//!
//! ```text
//! thread   active: 0 to BATCH   spare: empty, or a batch
//!             |                    ^  |
//!             +-- full: becomes ---+  +-- a second one becomes full, or the thread leaves
//!                                     v
//! all      a chain behind a lock: whose `active` and `spare` are empty takes a batch
//! ```
//!
//! An entry belongs to no thread, and so none waits for another to give one back: whoever releases an object has its entry.
//! A thread takes the lock at most once in [`BATCH`] operations, whatever these are.

use kit_core::sync::native::AtomicBool;

use crate::{atomic::Atomic, lock::SpinLock};

/// Something that can be in one chain at a time.
pub(super) trait Node: Copy {
    /// What follows, as the last [`set_next`](Self::set_next) said.
    fn next(self) -> Option<Self>;
    fn set_next(self, next: Option<Self>);
}

/// Nodes, the last one added first.
#[derive(Debug)]
pub(super) struct Chain<N> {
    ends: Option<(N, N)>,
    len: usize,
}

impl<N: Node> Chain<N> {
    pub(super) const fn new() -> Self {
        Self { ends: None, len: 0 }
    }

    pub(super) fn push(&mut self, node: N) {
        node.set_next(self.ends.map(|(first, _)| first));
        self.ends = Some((node, self.ends.map_or(node, |(_, last)| last)));
        self.len += 1;
    }

    pub(super) fn pop(&mut self) -> Option<N> {
        let (first, last) = self.ends?;
        self.len -= 1;
        self.ends = match self.len {
            0 => None,
            _ => first.next().map(|next| (next, last)),
        };
        Some(first)
    }

    /// Puts all of `other` in front.
    fn prepend(&mut self, other: Self) {
        let Some((first, last)) = other.ends else {
            return;
        };
        last.set_next(self.ends.map(|(first, _)| first));
        self.ends = Some((first, self.ends.map_or(last, |(_, last)| last)));
        self.len += other.len;
    }

    /// Takes the first ones, a batch at most.
    fn take_batch(&mut self) -> Self {
        if self.len <= BATCH {
            return self.take();
        }
        let mut batch = Self::new();
        while batch.len < BATCH
            && let Some(node) = self.pop()
        {
            batch.push(node);
        }
        batch
    }

    pub(super) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::new())
    }
}

/// What all threads share.
#[derive(Debug)]
pub(super) struct Pool<N, F: Atomic<bool> = AtomicBool>(SpinLock<Chain<N>, F>);

impl<N: Node> Pool<N> {
    pub(super) const fn new() -> Self {
        Self(SpinLock::new(Chain::new()))
    }
}

impl<N: Node, F: Atomic<bool>> Pool<N, F> {
    #[cfg(all(test, loom))]
    pub(super) fn with_flag(flag: F) -> Self {
        Self(SpinLock::with_flag(flag, Chain::new()))
    }

    pub(super) fn give(&self, chain: Chain<N>) {
        if chain.len != 0 {
            self.0.lock().prepend(chain);
        }
    }

    fn take_batch(&self) -> Chain<N> {
        self.0.lock().take_batch()
    }

    pub(super) fn take(&self) -> Chain<N> {
        self.0.lock().take()
    }
}

/// What a thread has at hand.
#[derive(Debug)]
pub(super) struct Magazine<N> {
    active: Chain<N>,
    spare: Chain<N>,
}

impl<N: Node> Magazine<N> {
    pub(super) const fn new() -> Self {
        Self {
            active: Chain::new(),
            spare: Chain::new(),
        }
    }

    /// A free node, from all threads' if there is none at hand.
    pub(super) fn pop<F: Atomic<bool>>(&mut self, pool: &Pool<N, F>) -> Option<N> {
        if self.active.len == 0 {
            self.active = self.spare.take();
            if self.active.len == 0 {
                self.active = pool.take_batch();
            }
        }
        self.active.pop()
    }

    /// A node that is free from now on.
    pub(super) fn push<F: Atomic<bool>>(&mut self, node: N, pool: &Pool<N, F>) {
        if self.active.len >= BATCH {
            pool.give(self.spare.take());
            self.spare = self.active.take();
        }
        self.active.push(node);
    }

    /// Fresh nodes.
    pub(super) fn add(&mut self, nodes: Chain<N>) {
        self.active.prepend(nodes);
    }

    /// The thread leaves.
    pub(super) fn give_all<F: Atomic<bool>>(&mut self, pool: &Pool<N, F>) {
        pool.give(self.active.take());
        pool.give(self.spare.take());
    }

    /// Forgets all nodes: whoever calls this knows them from elsewhere.
    pub(super) fn forget(&mut self) {
        *self = Self::new();
    }
}

/// How many entries threads exchange at a time.
#[cfg(not(loom))]
pub(super) const BATCH: usize = 32;
/// Models have few.
#[cfg(loom)]
pub(super) const BATCH: usize = 1;

#[cfg(all(test, not(loom)))]
mod tests {
    use core::cell::Cell;
    use std::{boxed::Box, collections::BTreeSet, vec::Vec};

    use super::*;

    #[derive(Clone, Copy)]
    struct Number<'a>(usize, &'a [Cell<Option<usize>>]);

    impl Node for Number<'_> {
        fn next(self) -> Option<Self> {
            Some(Number(self.1[self.0].get()?, self.1))
        }

        fn set_next(self, next: Option<Self>) {
            self.1[self.0].set(next.map(|next| next.0));
        }
    }

    #[test]
    fn nodes_are_neither_lost_nor_doubled_and_none_is_hoarded() {
        let links: Box<[Cell<Option<usize>>]> = (0..1000).map(|_| Cell::new(None)).collect();
        let pool = Pool::new();
        let mut chain = Chain::new();
        (0..1000).for_each(|number| chain.push(Number(number, &links)));
        pool.give(chain);
        let (mut one, mut two) = (Magazine::new(), Magazine::new());
        // All go through one and come back through the other.
        for _ in 0..5 {
            let out: Vec<_> = core::iter::from_fn(|| one.pop(&pool)).collect();
            let numbers: BTreeSet<_> = out.iter().map(|node| node.0).collect();
            assert!(out.len() >= 1000 - 2 * BATCH && numbers.len() == out.len());
            out.into_iter().for_each(|node| two.push(node, &pool));
        }
        two.give_all(&pool);
        assert_eq!(core::iter::from_fn(|| one.pop(&pool)).count(), 1000);
    }
}
