//! A table that is read without a lock, with nothing of the kit but grace periods.
//!
//! Each bucket is a small list that nobody changes: who inserts puts a copy with one more entry in its place. A lookup
//! is one load and a search; it never waits, and never sees half of a change.
//!
//! ```text
//! cargo run --release -p kit-gc --example rcu_table
//! ```
#![forbid(unsafe_code)]

use kit_core::{backend::retire::RetireLimits, platform::thread::SpinPlatform};
use kit_gc::rcu::{Domain, Held, Rcu, Reader};
use std::{
    alloc::System,
    hash::{BuildHasher, Hash, RandomState},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

/// A map from keys to values, with a fixed number of buckets.
struct Table<'d, K, V> {
    hasher: RandomState,
    buckets: Vec<Rcu<'d, Vec<(K, V)>>>,
}

impl<'d, K, V> Table<'d, K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new(domain: &'d Domain, buckets: usize) -> Result<Self, Held<Vec<(K, V)>>> {
        let buckets = (0..buckets).map(|_| Rcu::new(domain, Vec::new()));
        Ok(Self {
            hasher: RandomState::new(),
            buckets: buckets.collect::<Result<_, _>>()?,
        })
    }

    fn bucket(&self, key: &K) -> &Rcu<'d, Vec<(K, V)>> {
        let hash = self.hasher.hash_one(key) as usize;
        &self.buckets[hash % self.buckets.len()]
    }

    /// What belongs to `key` now: good until `reader` reports.
    fn get<'r>(&'r self, reader: &'r Reader<'_, 'd>, key: &K) -> Option<&'r V> {
        let entries = self.bucket(key).read(reader);
        let entry = entries.iter().find(|entry| entry.0 == *key);
        entry.map(|entry| &entry.1)
    }

    /// Sets what belongs to `key` to what `change` makes of it.
    fn update(
        &self,
        reader: &mut Reader<'_, 'd>,
        key: &K,
        change: impl Fn(Option<&V>) -> Option<V>,
    ) {
        let copy = |entries: &Vec<(K, V)>| {
            let mut copy = entries.clone();
            let at = copy.iter().position(|entry| entry.0 == *key);
            let value = change(at.map(|at| &entries[at].1));
            match (at, value) {
                (Some(at), Some(value)) => copy[at].1 = value,
                (Some(at), None) => drop(copy.swap_remove(at)),
                (None, Some(value)) => copy.push((key.clone(), value)),
                (None, None) => {}
            }
            copy
        };
        let weigh = |old: &Vec<_>| old.capacity() * size_of::<(K, V)>();
        // Refused while a reader holds back too much: others get the processor.
        while self.bucket(key).update(reader, copy, weigh).is_err() {
            thread::yield_now();
        }
    }
}

/// Words, each counted by every writer so many times, while readers look on.
fn count_words(words: &[&'static str], writers: usize, times: usize) -> Vec<(&'static str, usize)> {
    static PLATFORM: SpinPlatform = SpinPlatform::new();
    let domain = Domain::new(&System, &PLATFORM, RetireLimits::default());
    let table = Table::new(&domain, 16).expect("memory for a table");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..writers)
            .map(|_| {
                scope.spawn(|| {
                    let mut participant = domain.register().expect("memory for a thread");
                    let mut reader = participant.online();
                    for _ in 0..times {
                        for word in words {
                            table.update(&mut reader, word, |count| {
                                Some(count.map_or(1, |count| count + 1))
                            });
                            reader.quiescent();
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            let mut participant = domain.register().expect("memory for a thread");
            let mut reader = participant.online();
            let mut last = vec![0; words.len()];
            while !done.load(Relaxed) {
                for (word, last) in words.iter().zip(&mut last) {
                    let count = table.get(&reader, word).copied().unwrap_or(0);
                    assert!(count >= *last, "{word} was counted down");
                    *last = count;
                }
                reader.quiescent();
            }
        });
        for worker in workers {
            worker.join().expect("a writer panicked");
        }
        done.store(true, Relaxed);
    });
    let mut participant = domain.register().expect("memory for a thread");
    let mut reader = participant.online();
    let counts = (words.iter())
        .map(|word| (*word, *table.get(&reader, word).unwrap_or(&0)))
        .collect();
    for word in words {
        table.update(&mut reader, word, |_| None);
        assert!(table.get(&reader, word).is_none());
    }
    counts
}

const WORDS: [&str; 8] = [
    "read", "copy", "update", "unlink", "wait", "report", "drop", "again",
];

fn main() {
    for (word, count) in count_words(&WORDS, 3, 1000) {
        println!("{word}: {count}");
    }
}

#[test]
fn every_word_is_counted() {
    for (_, count) in count_words(&WORDS, 2, 200) {
        assert_eq!(count, 400);
    }
}
