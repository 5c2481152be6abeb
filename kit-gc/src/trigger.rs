//! When a collection is due, and of what: all objects, or those that are new.
//!
//! | then | collected is |
//! |---|---|
//! | what is new, or was when it survived, is a quarter of what survived the last full collection | everything |
//! | the heap has grown by a quarter in bytes, and by [`BYTES`] | everything |
//! | what is new is enough for a young collection to be worth it | what is new |
//!
//! Collecting everything only when a quarter of it is new keeps the work within five visits per object ever allocated,
//! however large the heap grows. Young collections are *paced* to add little to that: they visit pages, so besides what is new
//! they visit what else lies there, and the descriptors of all pages; they come only after four times as many objects as all
//! that. Where they
//! find little, as in a program that just grows, they come half as often each time, and not at all after a full one that found
//! little: a full collection will have to do it all again anyway.
//!
//! Objects are counted per thread and told in portions; bytes are what the heap has counted.

use core::cell::Cell;
use kit_core::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A collection of new objects.
    Young,
    /// A collection of all objects.
    Full,
}

/// How a collector goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Whether there are collections of new objects only. Else every one is full.
    pub young: bool,
    /// For how long, in nanoseconds, a young collection should stop the world while it looks for garbage: it takes on no
    /// more pages than it is likely to get through. 0: as long as it takes.
    pub pause: u64,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            young: true,
            pause: 0,
        }
    }
}

/// The counters of one runtime. They steer, and order nothing: all accesses are relaxed.
#[derive(Debug)]
pub struct Trigger {
    enabled: AtomicBool,
    /// New objects that make a collection due at the earliest; 0 turns automatic collections off.
    threshold: AtomicUsize,
    /// Objects that survived the last full collection.
    live: AtomicUsize,
    /// New objects that survived young collections since.
    grown: AtomicUsize,
    /// Objects allocated, less objects freed, since the last collection, as far as threads have said.
    young: AtomicIsize,
    /// New objects that make a young collection due.
    pace: AtomicUsize,
    /// Bytes in use that make a full collection due.
    bytes: AtomicUsize,
    /// [`Configuration`].
    collects_young: AtomicBool,
    pause: AtomicU64,
    /// Nanoseconds for 1024 objects, in young collections so far.
    speed: AtomicU64,
}

impl Default for Trigger {
    fn default() -> Self {
        let Configuration { young, pause } = Configuration::default();
        Self {
            enabled: AtomicBool::new(true),
            threshold: AtomicUsize::new(2000),
            live: AtomicUsize::new(0),
            grown: AtomicUsize::new(0),
            young: AtomicIsize::new(0),
            pace: AtomicUsize::new(0),
            bytes: AtomicUsize::new(BYTES),
            collects_young: AtomicBool::new(young),
            pause: AtomicU64::new(pause),
            speed: AtomicU64::new(SPEED),
        }
    }
}

impl Trigger {
    /// Takes over what a thread counted, if that is much (or in any case, with `all`: for a thread that
    /// exits).
    #[inline]
    pub fn count(&self, allocated: &Cell<i32>, all: bool) {
        let seen = allocated.get();
        if all || seen.unsigned_abs() >= FLUSH {
            allocated.set(0);
            // More may be freed than was allocated since the last collection: old objects. They do not make the
            // next collection later.
            let add = |young: isize| Some((young + seen as isize).max(0));
            let _ = self.young.fetch_update(Relaxed, Relaxed, add);
        }
    }

    /// What is due, with so many bytes in use.
    pub fn due(&self, bytes: usize) -> Option<Due> {
        let (young, threshold) = (self.young(), self.threshold.load(Relaxed));
        if !self.enabled.load(Relaxed) || threshold == 0 {
            return None;
        }
        if bytes > self.bytes.load(Relaxed) {
            return Some(Due::Full);
        }
        if young <= threshold {
            return None;
        }
        if young.saturating_add(self.grown.load(Relaxed)) >= self.live.load(Relaxed) / 4 {
            return Some(Due::Full);
        }
        let paced = self.collects_young.load(Relaxed) && young >= self.pace.load(Relaxed);
        paced.then_some(Due::Young)
    }

    /// New objects since the last collection, about.
    pub fn young(&self) -> usize {
        self.young.load(Relaxed).max(0) as usize
    }

    /// Objects that survived the last full collection, and new ones that survived young ones since.
    pub fn live(&self) -> usize {
        self.live
            .load(Relaxed)
            .saturating_add(self.grown.load(Relaxed))
    }

    /// The bytes in use that make a collection due.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// The threshold for new objects.
    pub fn threshold(&self) -> usize {
        self.threshold.load(Relaxed)
    }

    /// Sets the threshold; 0 turns automatic collections off.
    pub fn set_threshold(&self, objects: usize) {
        self.threshold.store(objects, Relaxed);
    }

    /// Whether collections come by themselves.
    pub fn is_enabled(&self) -> bool {
        self.enabled.load(Relaxed)
    }

    /// Turns automatic collections on or off.
    pub fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Relaxed);
    }

    /// How collections go about it.
    pub fn configuration(&self) -> Configuration {
        Configuration {
            young: self.collects_young.load(Relaxed),
            pause: self.pause.load(Relaxed),
        }
    }

    /// Says how collections go about it, from the next one on.
    pub fn configure(&self, configuration: Configuration) {
        let Configuration { young, pause } = configuration;
        self.collects_young.store(young, Relaxed);
        self.pause.store(pause, Relaxed);
    }

    /// How many objects a young collection may take on.
    pub(crate) fn budget(&self) -> usize {
        match self.pause.load(Relaxed) {
            0 => usize::MAX,
            pause => {
                let objects = pause.saturating_mul(1024) / self.speed.load(Relaxed).max(1);
                usize::try_from(objects).unwrap_or(usize::MAX)
            }
        }
    }

    /// A full collection has found so much garbage and left `live` objects.
    pub(crate) fn after_full(&self, garbage: usize, live: usize) {
        let young = self.young.swap(0, Relaxed).max(0) as usize;
        let grown = self.grown.swap(0, Relaxed);
        self.live.store(live, Relaxed);
        let pace = self.pace.load(Relaxed);
        let pace = if garbage < (young + grown) / 4 {
            // The program grows. No young collection before the next full one says that this is over.
            pace.max(live)
        } else {
            pace.min(live / 16)
        };
        self.pace.store(pace, Relaxed);
    }

    /// After a full collection, and with its garbage gone, so many bytes are in use. Returns how many make the next one due.
    pub(crate) fn after_freeing(&self, bytes: usize) -> usize {
        let due = bytes.saturating_add(BYTES.max(bytes / 4));
        self.bytes.store(due, Relaxed);
        due
    }

    /// A young collection has looked at `visited` objects, in a heap of `pages` pages, in so many nanoseconds, and found `garbage`
    /// among them.
    pub(crate) fn after_young(
        &self,
        visited: usize,
        garbage: usize,
        pages: usize,
        nanoseconds: u64,
    ) {
        let young = self.young.swap(0, Relaxed).max(0) as usize;
        self.grown.fetch_add(young.saturating_sub(garbage), Relaxed);
        let others = visited.saturating_sub(young).saturating_add(pages);
        let pace = if garbage < visited / 4 {
            self.pace.load(Relaxed).max(young).saturating_mul(2)
        } else {
            others.saturating_mul(4)
        };
        self.pace.store(pace, Relaxed);
        if visited >= 1024 {
            let now = nanoseconds / (visited as u64 / 1024);
            let speed = self.speed.load(Relaxed);
            self.speed.store((3 * speed + now) / 4, Relaxed);
        }
    }
}

/// A thread keeps its count to itself up to here.
const FLUSH: u32 = 512;
/// The heap grows by so much before a collection is due for that alone.
pub const BYTES: usize = 64 << 20;
/// What the speed is before it was measured.
const SPEED: u64 = 32 * 1024;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn count(trigger: &Trigger, objects: i32) -> Option<Due> {
        trigger.count(&Cell::new(objects), false);
        trigger.due(0)
    }

    #[test]
    fn a_large_heap_is_collected_in_proportion() {
        let (trigger, cell) = (Trigger::default(), Cell::new(511));
        trigger.configure(Configuration {
            young: false,
            ..Configuration::default()
        });
        trigger.count(&cell, false);
        assert_eq!((cell.get(), trigger.young()), (511, 0));
        cell.set(2001);
        trigger.count(&cell, false);
        assert_eq!((cell.get(), trigger.due(0)), (0, Some(Due::Full)));
        trigger.after_full(100_000, 100_000);
        assert_eq!(count(&trigger, 24_999), None);
        assert_eq!(count(&trigger, -600), None);
        assert_eq!(count(&trigger, 601), Some(Due::Full));
        trigger.set_enabled(false);
        assert_eq!(trigger.due(usize::MAX), None);
    }

    #[test]
    fn freeing_old_objects_does_not_postpone_the_next_collection() {
        let (trigger, cell) = (Trigger::default(), Cell::new(-1_000_000));
        trigger.count(&cell, false);
        assert_eq!((trigger.due(0), trigger.young()), (None, 0));
    }

    #[test]
    fn few_objects_that_hold_much_are_collected_too() {
        let trigger = Trigger::default();
        assert_eq!(trigger.due(BYTES), None);
        assert_eq!(trigger.due(BYTES + 1), Some(Due::Full));
        assert_eq!(trigger.after_freeing(8 * BYTES), 10 * BYTES);
        assert_eq!(trigger.due(10 * BYTES), None);
        assert_eq!(trigger.due(10 * BYTES + 1), Some(Due::Full));
    }

    #[test]
    fn survivors_of_young_collections_make_a_full_one_due() {
        let trigger = Trigger::default();
        trigger.after_full(100_000, 100_000);
        for _ in 0..20 {
            // All of it garbage.
            assert_eq!(count(&trigger, 4000), Some(Due::Young));
            trigger.after_young(4100, 4000, 0, 1);
        }
        assert_eq!(trigger.live(), 100_000);
        let mut survived = 0;
        while count(&trigger, 4000) == Some(Due::Young) {
            trigger.after_young(4100, 1500, 0, 1);
            survived += 2500;
        }
        assert!(survived + 4000 >= 25_000, "{survived}");
    }

    #[test]
    fn a_pause_is_kept_by_taking_on_less() {
        let trigger = Trigger::default();
        assert_eq!(trigger.budget(), usize::MAX);
        trigger.configure(Configuration {
            pause: 1_000_000,
            ..Configuration::default()
        });
        for _ in 0..64 {
            trigger.after_young(10_240, 0, 0, 102_400);
        }
        let budget = trigger.budget();
        assert!((90_000..=100_000).contains(&budget), "{budget}");
    }

    /// A heap of which `keep` of 16 new objects survive, all in all `count`, and what collections of it visit: objects, and pages of
    /// 500 of them.
    fn visits(old: usize, keep: usize, count: usize, per_page: usize) -> usize {
        let trigger = Trigger::default();
        trigger.after_full(old, old);
        let (mut old, mut new, mut visited) = (old, 0, 0);
        for step in 0..count / 512 {
            trigger.count(&Cell::new(512), false);
            new += 512;
            // Half of what does not survive dies by its count.
            if step % 16 >= keep && step % 2 == 0 {
                trigger.count(&Cell::new(-512), false);
                new -= 512;
            }
            match trigger.due(0) {
                None => continue,
                Some(Due::Full) => {
                    visited += old + new;
                    let survivors = new * keep / 16;
                    old += survivors;
                    trigger.after_full(new - survivors, old);
                }
                Some(Due::Young) => {
                    let (seen, survivors) = (new + per_page, new * keep / 16);
                    old += survivors;
                    let pages = old / 500;
                    visited += seen + pages;
                    trigger.after_young(seen, new - survivors, pages, 1);
                }
            }
            new = 0;
        }
        visited
    }

    #[test]
    fn no_object_that_is_allocated_costs_more_than_five_visits() {
        const COUNT: usize = 40_000_000;
        for keep in 0..=16 {
            for (old, per_page) in [(0, 0), (0, 1000), (0, 20_000), (10_000_000, 1000)] {
                let visits = visits(old, keep, COUNT, per_page);
                assert!(
                    visits <= 5 * COUNT,
                    "of {old}; {keep} of 16 survive, {per_page} others: {:.2}",
                    visits as f64 / COUNT as f64
                );
            }
        }
    }
}
