//! What a heap uses and may use, in bytes: a hard limit that fails allocations, and an alarm below it.
//!
//! | state  | `alarm`                      | then                                                       |
//! |--------|------------------------------|------------------------------------------------------------|
//! | armed  | bytes that may pass unnoticed | whoever passes them is told: RUNG                          |
//! | rung   | `RUNG`                       | so is whoever takes more; the runtime collects, then arms it again: ARMED |
//!
//! With a soft limit, a part of what lies between it and the hard one is *kept back*, and given out once the
//! language has been refused memory, so that whoever handles that has something to work with. It is kept back again
//! when there is twice as much room.
//!
//! The alarm is armed at the soft limit, or half way to the hard one where that is already behind: while
//! nothing can be freed, there are few collections before allocations fail.
//!
//! Everything here counts and steers, and orders nothing: all accesses are relaxed.

use kit_core::sync::native::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use kit_core::backend::heap::{LocalHeap, Totals};

/// The account of one heap.
#[derive(Debug)]
pub(crate) struct Account {
    bytes: AtomicUsize,
    /// The most that `bytes` was.
    peak: AtomicUsize,
    /// The part of `bytes` that is not the heap's.
    outside: AtomicUsize,
    /// Bytes given back, in all.
    returned: AtomicUsize,
    hard: AtomicUsize,
    soft: AtomicUsize,
    alarm: AtomicUsize,
    /// A limit that the collector moves; whoever passes it is told, once.
    watermark: AtomicUsize,
    /// What was kept back is given out.
    given_out: AtomicBool,
}

/// The alarm has rung. As a number of bytes nobody passes it.
const RUNG: usize = usize::MAX;

impl Account {
    /// Nothing used, and no limit.
    pub(crate) const fn new() -> Self {
        Self {
            bytes: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            outside: AtomicUsize::new(0),
            returned: AtomicUsize::new(0),
            hard: AtomicUsize::new(usize::MAX),
            soft: AtomicUsize::new(NO_ALARM),
            alarm: AtomicUsize::new(NO_ALARM),
            watermark: AtomicUsize::new(NO_ALARM),
            given_out: AtomicBool::new(false),
        }
    }

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// Counts `bytes` as used, unless that would exceed the limit.
    pub(crate) fn charge(&self, bytes: usize) -> bool {
        let limit = self.limit() - self.kept_back();
        let before = self.bytes.fetch_update(Relaxed, Relaxed, |used| {
            used.checked_add(bytes).filter(|&sum| sum <= limit)
        });
        if let Ok(before) = before {
            self.rise(before + bytes);
        }
        before.is_ok()
    }

    /// The language is refused memory: gives out what was kept back, and rings the alarm.
    pub(crate) fn give_out(&self, local: &LocalHeap) {
        if self.kept() != 0 {
            self.given_out.store(true, Relaxed);
            self.alarm.store(RUNG, Relaxed);
            local.press();
        }
    }

    /// What allocations get only after [`give_out`](Self::give_out); 0 without a soft limit.
    fn kept(&self) -> usize {
        self.limit().saturating_sub(self.soft.load(Relaxed)) / 8
    }

    /// What an allocation does not get now.
    fn kept_back(&self) -> usize {
        let kept = self.kept();
        if self.given_out.load(Relaxed) {
            if self.limit().saturating_sub(self.bytes()) < 2 * kept {
                return 0;
            }
            self.given_out.store(false, Relaxed);
        }
        kept
    }

    /// So much is in use now.
    fn rise(&self, bytes: usize) {
        if bytes > self.peak.load(Relaxed) {
            self.peak.fetch_max(bytes, Relaxed);
        }
    }

    /// So much was given back to where it came from.
    pub(crate) fn give_back(&self, bytes: usize) {
        self.returned.fetch_add(bytes, Relaxed);
    }

    /// What was counted.
    pub(crate) fn totals(&self) -> Totals {
        Totals {
            bytes: self.bytes(),
            peak: self.peak.load(Relaxed),
            outside: self.outside.load(Relaxed),
            returned: self.returned.load(Relaxed),
            ..Totals::default()
        }
    }

    /// [`charge`](Self::charge) for memory outside of the heap: tells the thread if the alarm rings.
    pub(crate) fn charge_for(&self, local: &LocalHeap, bytes: usize) -> bool {
        let fits = self.charge(bytes);
        if fits {
            self.outside.fetch_add(bytes, Relaxed);
        }
        if !fits || self.rings() {
            local.press();
        }
        fits
    }

    /// Counts bytes that are there, or (below zero) gone, whatever the limit.
    pub(crate) fn adjust(&self, bytes: isize) {
        self.outside.fetch_add(bytes as usize, Relaxed);
        let before = self.bytes.fetch_add(bytes as usize, Relaxed);
        self.rise(before.wrapping_add(bytes as usize));
    }

    pub(crate) fn uncharge(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Relaxed);
    }

    pub(crate) fn limit(&self) -> usize {
        self.hard.load(Relaxed)
    }

    pub(crate) fn set_limit(&self, bytes: usize) {
        self.hard.store(bytes, Relaxed);
    }

    pub(crate) fn set_soft_limit(&self, bytes: usize) {
        self.soft.store(bytes.min(NO_ALARM), Relaxed);
        self.arm();
    }

    /// Whether the alarm rings, or the watermark is passed, for the caller, who has taken memory, to pass on: of the
    /// watermark once.
    pub(crate) fn rings(&self) -> bool {
        let bytes = self.bytes();
        let alarm = self.alarm.load(Relaxed);
        let passed = bytes > alarm;
        if passed {
            self.alarm.store(RUNG, Relaxed);
        }
        let noted =
            bytes > self.watermark.load(Relaxed) && self.watermark.swap(RUNG, Relaxed) != RUNG;
        passed || alarm == RUNG || noted
    }

    /// Sets the watermark.
    pub(crate) fn set_watermark(&self, bytes: usize) {
        self.watermark.store(bytes.min(NO_ALARM), Relaxed);
    }

    /// Whether the alarm has rung, or the limit is exceeded.
    pub(crate) fn has_rung(&self) -> bool {
        self.alarm.load(Relaxed) == RUNG || self.is_exceeded()
    }

    /// Whether more is in use than the limit allows.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.bytes() > self.limit()
    }

    /// Sets the alarm again.
    pub(crate) fn arm(&self) {
        let (bytes, soft) = (self.bytes(), self.soft.load(Relaxed));
        let half = bytes.saturating_add(self.limit().saturating_sub(bytes) / 2);
        let alarm = if bytes > soft { half } else { soft };
        self.alarm.store(alarm.min(NO_ALARM), Relaxed);
    }
}

/// What nobody passes, and is not [`RUNG`].
const NO_ALARM: usize = usize::MAX - 1;

#[cfg(test)]
mod tests {
    use super::*;
    use kit_core::backend::heap::{NoHeap, SharedHeap};

    #[test]
    fn the_alarm_rings_until_it_is_armed_and_comes_closer_to_the_limit() {
        let account = Account::new();
        assert!(account.charge(1 << 30) && !account.rings());
        account.set_watermark((1 << 30) + 10);
        assert!(account.charge(10) && !account.rings());
        assert!(account.charge(1) && account.rings() && !account.rings());
        assert!(!account.has_rung(), "that is no alarm");
        let account = Account::new();
        account.set_limit(1000);
        account.set_soft_limit(800);
        assert!(account.charge(800) && !account.rings());
        assert!(account.charge(100) && account.rings() && account.rings());
        assert!(account.has_rung());
        account.arm();
        assert!(account.charge(50) && !account.rings());
        assert!(account.charge(10) && account.rings());
        account.arm();
        // 25 are kept back.
        assert!(!account.charge(26) && !account.has_rung());
        // SAFETY: the only heap of its kind.
        account.give_out(&unsafe { NoHeap.local(1) }.expect("a heap"));
        assert!(account.has_rung());
        account.arm();
        // Half of what was left.
        assert!(account.charge(20) && !account.rings());
        assert!(account.charge(10) && account.rings());
        assert!(account.charge(10) && !account.charge(1), "the limit");
        account.uncharge(500);
        account.arm();
        assert!(!account.has_rung() && account.charge(300) && !account.rings());
        assert!(account.charge(140) && account.rings());
        assert!(!account.charge(36), "kept back again");
        assert_eq!(account.totals().peak, 1000);
    }
}
