//! A few words that are read together without writing anything: readers try again if a writer came between.
//!
//! | sequence | meaning |
//! |---|---|
//! | even | the words belong together |
//! | odd | a writer is at it |
//!
//! ```text
//! writer: even → odd │ store the words (Release)        │ odd → next even (Release)
//! reader: even? (Acquire) │ load the words (Acquire) │ still the same?
//! ```
//!
//! No fences. A reader that finds a word of a writer's has acquired from it, so its second look at the
//! sequence finds the writer's odd number or a later one; and a reader that finds the even number afterwards
//! has acquired all the words.

use crate::{
    platform::thread::Platform,
    sync::{
        atomic::{
            AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
        backoff::{Backoff, SpinPolicy},
    },
};

/// `N` words that change together.
#[derive(Debug)]
pub struct SeqLock<const N: usize> {
    sequence: AtomicUsize,
    words: [AtomicUsize; N],
}

impl<const N: usize> Default for SeqLock<N> {
    fn default() -> Self {
        Self::new([0; N])
    }
}

impl<const N: usize> SeqLock<N> {
    /// The words at first.
    pub fn new(words: [usize; N]) -> Self {
        Self {
            sequence: AtomicUsize::new(0),
            words: words.map(AtomicUsize::new),
        }
    }

    /// The words at one moment; `None` if a writer came between.
    #[inline]
    pub fn try_read(&self) -> Option<[usize; N]> {
        // Acquire, paired with the last store in `write`: we find the words it wrote, or later ones.
        let before = self.sequence.load(Acquire);
        if !before.is_multiple_of(2) {
            return None;
        }
        // Acquire, paired with the stores in `write`: having read a word of a later writer, we find its odd
        // number below.
        let words = core::array::from_fn(|index| self.words[index].load(Acquire));
        // Relaxed: the loads before it keep it behind them.
        (self.sequence.load(Relaxed) == before).then_some(words)
    }

    /// The words at one moment. Waits for a writer, who is there for a few instructions.
    #[inline]
    pub fn read(&self, platform: &dyn Platform) -> [usize; N] {
        match self.try_read() {
            Some(words) => words,
            None => self.read_slow(platform),
        }
    }

    #[cold]
    fn read_slow(&self, platform: &dyn Platform) -> [usize; N] {
        let mut backoff = Backoff::new(SpinPolicy::default());
        loop {
            if !backoff.pause(platform) {
                platform.yield_now();
            }
            if let Some(words) = self.try_read() {
                return words;
            }
        }
    }

    /// Changes the words. Writers take turns; `change` must be short, and must not come back here. If it
    /// unwinds, the words stay as they were.
    pub fn write<R>(
        &self,
        platform: &dyn Platform,
        change: impl FnOnce(&mut [usize; N]) -> R,
    ) -> R {
        let mut backoff = Backoff::new(SpinPolicy::default());
        let before = loop {
            let seen = self.sequence.load(Relaxed);
            // Acquire, paired with the last store of the writer before us: we find its words.
            if seen.is_multiple_of(2)
                && self
                    .sequence
                    .compare_exchange(seen, seen.wrapping_add(1), Acquire, Relaxed)
                    .is_ok()
            {
                break seen;
            }
            if !backoff.pause(platform) {
                platform.yield_now();
            }
        };
        let mut done = Done {
            sequence: &self.sequence,
            after: before,
        };
        // Relaxed: nobody else writes now.
        let mut words = core::array::from_fn(|index| self.words[index].load(Relaxed));
        let result = change(&mut words);
        for (word, new) in self.words.iter().zip(words) {
            // Release: whoever finds the word finds the odd number, too.
            word.store(new, Release);
        }
        done.after = before.wrapping_add(2);
        result
    }
}

/// Makes the sequence even again, by going on or, if nothing was written, by going back.
struct Done<'a> {
    sequence: &'a AtomicUsize,
    after: usize,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        // Release, paired with the first load of `try_read`.
        self.sequence.store(self.after, Release);
    }
}
