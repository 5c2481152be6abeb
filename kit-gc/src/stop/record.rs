//! What stops have cost, and the stop that takes too long.
//!
//! Two times are kept of every stop: from the request until all are stopped, and from there until the world goes on. They are
//! counted by powers of two, in tables of a fixed size: nothing is allocated. The first of them is what a thread without
//! safepoints makes everybody wait for; who that is, a [`StopWatch`] is told while it lasts.

use core::fmt;
use kit_core::{platform::thread::Platform, sync::spin::Spin, thread::status::Status};

/// How many times took how long, by powers of two of nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Histogram {
    bins: [u32; Self::BINS],
    count: u64,
    total: u64,
    longest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            bins: [0; Self::BINS],
            count: 0,
            total: 0,
            longest: 0,
        }
    }
}

impl Histogram {
    /// Bins: the last one begins at nine minutes, and has all that took longer.
    pub const BINS: usize = 40;

    /// Counts a time, in nanoseconds.
    pub fn add(&mut self, time: u64) {
        let bin = time.max(1).ilog2() as usize;
        let bin = &mut self.bins[bin.min(Self::BINS - 1)];
        *bin = bin.saturating_add(1);
        self.count += 1;
        self.total = self.total.saturating_add(time);
        self.longest = self.longest.max(time);
    }

    /// How many times lie in each bin. Bin `n` begins at 2ⁿ nanoseconds, the first at none.
    pub fn bins(&self) -> &[u32; Self::BINS] {
        &self.bins
    }

    /// How many times there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The longest of them; 0 for none.
    pub fn longest(&self) -> u64 {
        self.longest
    }

    /// A time that this share of them does not exceed, in thousandths: the end of a bin, or the longest of all.
    pub fn quantile(&self, share: u32) -> u64 {
        let wanted = (self.count * u64::from(share)).div_ceil(1000);
        let mut seen = 0;
        for (bin, &count) in self.bins.iter().enumerate() {
            seen += u64::from(count);
            if seen >= wanted && seen != 0 {
                return self.longest.min((1 << (bin + 1)) - 1);
            }
        }
        self.longest
    }
}

/// What the stops of a runtime have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StopStatistics {
    /// From the request until all were stopped. The wait for another's stop to end is not in it.
    pub latency: Histogram,
    /// From there until the world went on.
    pub pause: Histogram,
    /// Stops of which the watch was told.
    pub late: u64,
}

/// Threads of which a watch is told by name.
pub const NAMED: usize = 8;

/// A thread that a stop waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Straggler {
    /// The thread's slot.
    pub slot: u16,
    /// Attached, or on its way in.
    pub status: Status,
    /// Whether the request is still up: the thread has come to no safepoint since.
    pub asked: bool,
}

/// A stop that takes longer than the watch allows.
#[derive(Clone, Copy, Debug)]
pub struct LateStop<'a> {
    /// How long it has waited, in nanoseconds.
    pub waited: u64,
    /// For whom; not more than [`NAMED`] of them.
    pub stragglers: &'a [Straggler],
    /// For how many in all.
    pub running: usize,
}

/// Who is told of stops that take long.
pub trait StopWatch: Send + Sync {
    /// A stop has waited for as long as the watch allows, or for twice, four times … as long. Called by the stopping thread,
    /// while some are stopped and others run: it must not wait for any of them, nor use their objects.
    fn late(&self, stop: &LateStop<'_>);
}

/// The sums, and the watch.
#[derive(Default)]
pub(super) struct Record(Spin<Inner>);

#[derive(Default)]
struct Inner {
    statistics: StopStatistics,
    /// When the stop that is being made was requested.
    requested: Option<u64>,
    /// Since when the world is stopped.
    stopped: u64,
    watch: Option<(u64, &'static dyn StopWatch)>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}

impl Record {
    pub(super) fn statistics(&self, platform: &dyn Platform) -> StopStatistics {
        self.0.with(platform, |inner| inner.statistics)
    }

    pub(super) fn set_watch(
        &self,
        platform: &dyn Platform,
        watch: Option<(u64, &'static dyn StopWatch)>,
    ) {
        self.0.with(platform, |inner| inner.watch = watch);
    }

    /// How long the stop that is being made has waited.
    pub(super) fn waited(&self, platform: &dyn Platform) -> Option<u64> {
        let requested = self.0.with(platform, |inner| inner.requested)?;
        Some(platform.now().saturating_sub(requested))
    }

    /// A stop is requested.
    pub(super) fn request(&self, platform: &dyn Platform) -> Waiting {
        let since = platform.now();
        let watch = self.0.with(platform, |inner| {
            inner.requested = Some(since);
            inner.watch
        });
        Waiting {
            since,
            after: watch.map_or(u64::MAX, |(after, _)| after),
            told: false,
            watch: watch.map(|(_, watch)| watch),
        }
    }

    /// All are stopped.
    pub(super) fn stopped(&self, platform: &dyn Platform, waiting: &Waiting) {
        let now = platform.now();
        self.0.with(platform, |inner| {
            inner.requested = None;
            inner.stopped = now;
            let latency = now.saturating_sub(waiting.since);
            inner.statistics.latency.add(latency);
        });
    }

    /// The world goes on.
    pub(super) fn started(&self, platform: &dyn Platform) {
        let now = platform.now();
        self.0.with(platform, |inner| {
            let pause = now.saturating_sub(inner.stopped);
            inner.statistics.pause.add(pause);
        });
    }
}

/// A stop that is being made.
pub(super) struct Waiting {
    since: u64,
    /// When the watch is told next, from the request on.
    after: u64,
    told: bool,
    watch: Option<&'static dyn StopWatch>,
}

impl Waiting {
    /// Tells the watch, if it is time; `look` finds who is still running, and how many they are.
    pub(super) fn check(
        &mut self,
        record: &Record,
        platform: &dyn Platform,
        look: impl FnOnce(&mut dyn FnMut(Straggler)),
    ) {
        let Some(watch) = self.watch else { return };
        let waited = platform.now().saturating_sub(self.since);
        if waited < self.after {
            return;
        }
        let nobody = Straggler {
            slot: 0,
            status: Status::Detached,
            asked: false,
        };
        let mut found = [nobody; NAMED];
        let mut running = 0;
        look(&mut |straggler| {
            if let Some(place) = found.get_mut(running) {
                *place = straggler;
            }
            running += 1;
        });
        if running == 0 {
            return;
        }
        if !core::mem::replace(&mut self.told, true) {
            record.0.with(platform, |inner| inner.statistics.late += 1);
        }
        watch.late(&LateStop {
            waited,
            stragglers: &found[..running.min(NAMED)],
            running,
        });
        self.after = waited.saturating_mul(2).max(1);
    }
}
